/* SPDX-License-Identifier: GPL-2.0-only */
#include "tests/unit/unit_test.h"

#include <string.h>

#include "lib/netaddr.h"

static struct netaddr prefix(const char *text)
{
	struct netaddr address;

	assert_true(netaddr_parse_prefix(text, &address));
	return address;
}

static struct netaddr host(const char *text)
{
	struct netaddr address;

	assert_true(netaddr_parse(text, &address));
	return address;
}

static void text_and_back(void **state)
{
	static const char *const good[] = { "192.0.2.10/24", "0.0.0.0/0", "2001:db8::1/64",
		"255.255.255.255/32" };
	char text[NETADDR_TEXT];

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		struct netaddr address = prefix(good[i]);

		assert_string_equal(netaddr_prefix_text(&address, text), good[i]);
	}
}

static void what_is_no_prefix(void **state)
{
	static const char *const bad[] = { "192.0.2.10", "192.0.2.10/", "192.0.2.10/33",
		"192.0.2/24", "::1/129", "/24", "192.0.2.10/2 4", "192.0.2.256/24",
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/1" };
	struct netaddr address;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(netaddr_parse_prefix(bad[i], &address));
}

static void networks(void **state)
{
	struct netaddr address = prefix("192.168.122.77/22");
	struct netaddr base = netaddr_network(&address);
	struct netaddr last = netaddr_broadcast(&address);
	char text[NETADDR_TEXT];

	(void)state;
	assert_string_equal(netaddr_text(&base, text), "192.168.120.0");
	assert_string_equal(netaddr_text(&last, text), "192.168.123.255");
}

static void containment(void **state)
{
	struct netaddr network = prefix("10.1.0.1/16");
	struct netaddr inside = host("10.1.255.254");
	struct netaddr outside = host("10.2.0.1");
	struct netaddr other_family = host("::1");
	struct netaddr small = prefix("10.1.7.1/24");
	struct netaddr beside = prefix("10.2.0.0/24");

	(void)state;
	assert_true(netaddr_contains(&network, &inside));
	assert_false(netaddr_contains(&network, &outside));
	assert_false(netaddr_contains(&network, &other_family));
	assert_true(netaddr_overlap(&network, &small));
	assert_true(netaddr_overlap(&small, &network));
	assert_false(netaddr_overlap(&network, &beside));
}

static void mac_addresses(void **state)
{
	static const char *const bad[] = { "", "52:54:00:11:22", "52:54:00:11:22:3g",
		"52-54-00-11-22-33", "52:54:00:11:22:33:44", "5254:00:11:22:333" };
	struct netaddr_mac mac;
	char text[NETADDR_TEXT];

	(void)state;
	assert_true(netaddr_parse_mac("52:54:00:AA:bb:Cc", &mac));
	assert_string_equal(netaddr_mac_text(&mac, text), "52:54:00:aa:bb:cc");
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(netaddr_parse_mac(bad[i], &mac));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_and_back),
		cmocka_unit_test(what_is_no_prefix),
		cmocka_unit_test(networks),
		cmocka_unit_test(containment),
		cmocka_unit_test(mac_addresses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
