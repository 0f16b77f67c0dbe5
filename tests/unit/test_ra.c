/* SPDX-License-Identifier: GPL-2.0-only */
/* Name servers out of router advertisements: what is taken, for how long, and what is refused. */
#include "tests/unit/unit_test.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "ra/advert.h"
#include "ra/servers.h"

/* A header, an MTU option, and two servers for 300 s: fd00::53 and fe80::1. */
static const uint8_t whole[] = { 134, 0, 0, 0, 64, 0, 0x07, 0x08, 0, 0, 0, 0, 0, 0, 0, 0,
	/* MTU */ 5, 1, 0, 0, 0, 0, 0x05, 0xdc,
	/* RDNSS */ 25, 5, 0, 0, 0, 0, 0x01, 0x2c, 0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	0x53, 0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1 };
#define LIFETIME_AT 28
#define FIRST_AT 32

static void assert_printed(const struct servers *servers, const char *wanted)
{
	struct buf text = BUF_INIT;

	servers_print(servers, "lan", &text);
	assert_string_equal(buf_text(&text), wanted);
	buf_done(&text);
}

static struct advert parsed(const uint8_t *data, size_t length)
{
	struct advert advert;

	assert_int_equal(advert_parse(data, length, &advert), 0);
	return advert;
}

static void servers_of_an_advertisement(void **state)
{
	struct servers servers = { 0 };
	struct advert advert = parsed(whole, sizeof(whole));

	(void)state;
	assert_int_equal(advert.count, 2);
	assert_int_equal(advert.servers[0].lifetime, 300);
	assert_true(servers_learn(&servers, &advert, 1000));
	assert_printed(&servers, "dns=fd00::53 fe80::1%lan\n");
	/* Told again, they hold longer; nothing else changes. */
	assert_false(servers_learn(&servers, &advert, 1200));
	assert_true(servers_next(&servers) == 1500);
	assert_false(servers_expire(&servers, 1499));
	assert_true(servers_expire(&servers, 1500));
	assert_printed(&servers, "");
	assert_true(isinf(servers_next(&servers)));
}

static void a_lifetime_of_nothing_and_one_for_ever(void **state)
{
	struct servers servers = { 0 };
	uint8_t message[sizeof(whole)];
	struct advert advert;

	(void)state;
	memcpy(message, whole, sizeof(message));
	memset(message + LIFETIME_AT, 0xff, 4);
	advert = parsed(message, sizeof(message));
	assert_true(servers_learn(&servers, &advert, 1000));
	assert_false(servers_expire(&servers, 1e12));
	memset(message + LIFETIME_AT, 0, 4);
	advert = parsed(message, sizeof(message));
	assert_true(servers_learn(&servers, &advert, 1001));
	assert_printed(&servers, "");
	assert_false(servers_learn(&servers, &advert, 1002));
}

static void addresses_that_nobody_can_ask(void **state)
{
	uint8_t message[sizeof(whole)];

	(void)state;
	memcpy(message, whole, sizeof(message));
	memset(message + FIRST_AT, 0, 16);
	assert_int_equal(parsed(message, sizeof(message)).count, 1);
	message[FIRST_AT + 15] = 1;
	assert_int_equal(parsed(message, sizeof(message)).count, 1);
	message[FIRST_AT] = 0xff;
	assert_int_equal(parsed(message, sizeof(message)).count, 1);
	message[FIRST_AT] = 0x20;
	assert_int_equal(parsed(message, sizeof(message)).count, 2);
}

static void a_table_that_is_full(void **state)
{
	struct servers servers = { 0 };
	struct advert advert = { 0 };

	(void)state;
	for (unsigned int i = 0; i < 3 * ADVERT_SERVERS; i++) {
		advert.count = 1;
		advert.servers[0].lifetime = 10;
		advert.servers[0].address[0] = 0x20;
		advert.servers[0].address[15] = (uint8_t)i;
		assert_int_equal(servers_learn(&servers, &advert, 0), i < ADVERT_SERVERS);
	}
	assert_int_equal(servers.count, ADVERT_SERVERS);
}

static void messages_that_are_none(void **state)
{
	struct advert advert;
	uint8_t message[sizeof(whole)];

	(void)state;
	/* Cut anywhere but between two options. */
	for (size_t length = 0; length < sizeof(whole); length++) {
		uint8_t *copy = malloc(length + 1);
		bool whole_options = length == 16 || length == 24;

		assert_non_null(copy);
		memcpy(copy, whole, length);
		assert_int_equal(advert_parse(copy, length, &advert), whole_options ? 0 : -EBADMSG);
		free(copy);
	}
	memcpy(message, whole, sizeof(message));
	message[17] = 0;
	assert_int_equal(advert_parse(message, sizeof(message), &advert), -EBADMSG);
	memcpy(message, whole, sizeof(message));
	message[0] = 133;
	assert_int_equal(advert_parse(message, sizeof(message), &advert), -EBADMSG);
}

/* Whatever comes, no more than there is room for, and no byte beyond the message. */
static void noise(void **state)
{
	unsigned int taken = 0;

	(void)state;
	srand(8106);
	for (unsigned int i = 0; i < 20000; i++) {
		size_t length = (size_t)rand() % 400;
		uint8_t *message = malloc(length + 1);
		struct advert advert = { 0 };

		assert_non_null(message);
		for (size_t at = 0; at < length; at++)
			message[at] = (uint8_t)rand();
		for (size_t at = 16; at + 1 < length; at += 8 * (size_t)message[at + 1]) {
			message[at] = rand() % 2 ? 25 : message[at];
			message[at + 1] = (uint8_t)(1 + rand() % 12);
		}
		if (length > 16)
			memcpy(message, whole, 16);
		if (!advert_parse(message, length, &advert))
			taken += advert.count;
		assert_true(advert.count <= ADVERT_SERVERS);
		free(message);
	}
	assert_true(taken > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(servers_of_an_advertisement),
		cmocka_unit_test(a_lifetime_of_nothing_and_one_for_ever),
		cmocka_unit_test(addresses_that_nobody_can_ask),
		cmocka_unit_test(a_table_that_is_full),
		cmocka_unit_test(messages_that_are_none),
		cmocka_unit_test(noise),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
