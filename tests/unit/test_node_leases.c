/* SPDX-License-Identifier: GPL-2.0-only */
#include "tests/unit/unit_test.h"

#include <stdio.h>
#include <string.h>

#include "node/host/leases.h"

static char seen[1024];

static bool note(void *context, const struct lease *lease)
{
	int *left = context;
	size_t used = strlen(seen);

	snprintf(seen + used, sizeof(seen) - used, "%lld %s %s %s %s %s\n", (long long)lease->end,
	    lease->ipv6 ? "6" : "4", lease->mac ? lease->mac : "-", lease->address,
	    lease->name ? lease->name : "-", lease->client ? lease->client : "-");
	return --*left > 0;
}

/* As dnsmasq 2.90 writes them. */
static void lines_of_dnsmasq(void **state)
{
	char text[] = "1764087000 52:54:00:11:22:33 192.168.122.10 web 01:52:54:00:11:22:33\n"
		      "0 52:54:00:aa:bb:cc 192.168.122.77 * *\n"
		      "duid 00:01:00:01:2f:1b:aa:bb\n"
		      "1764087001 1122867 fd00::1234 db 00:01:00:01\n";
	int left = 10;

	(void)state;
	seen[0] = '\0';
	leases_parse(text, note, &left);
	assert_string_equal(seen,
	    "1764087000 4 52:54:00:11:22:33 192.168.122.10 web 01:52:54:00:11:22:33\n"
	    "0 4 52:54:00:aa:bb:cc 192.168.122.77 - -\n"
	    "1764087001 6 - fd00::1234 db 00:01:00:01\n");
}

static void what_is_no_lease(void **state)
{
	char text[] = "\nhalf a\n1 2\n   \n5 m 10.0.0.1";
	int left = 1;

	(void)state;
	seen[0] = '\0';
	leases_parse(text, note, &left);
	assert_int_equal(left, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_of_dnsmasq),
		cmocka_unit_test(what_is_no_lease),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
