/* SPDX-License-Identifier: GPL-2.0-only */
/* Addresses that a node takes its configuration from. */
#include "lib/url.h"

#include <string.h>

#include "tests/unit/unit_test.h"

static void test_what_is_a_url(void **state)
{
	static const struct {
		const char *url;
		const char *says; /* NULL: nothing is wrong */
	} cases[] = {
		{ "http://192.0.2.1/berth.conf", NULL },
		{ "https://[2001:db8::1]:8443/{mac}.conf?s={serial}&u={uuid}", NULL },
		{ "tftp://boot/{hostname}", NULL },
		{ "http://h", NULL },
		{ "http://h/mail@example", NULL },
		{ "", "use http://" },
		{ "HTTP://h/", "use http://" },
		{ "ftp://h/x", "use http://" },
		{ "file:///etc/shadow", "use http://" },
		{ "http://", "is missing" },
		{ "http:///x", "is missing" },
		{ "http://user:secret@h/x", "not taken" },
		{ "http://h/a b", "no URL has" },
		{ "http://h/a\nb", "no URL has" },
		{ "http://h/a\"b", "no URL has" },
		{ "http://h/\xc3\xa4", "no URL has" },
		{ "http://h/{name}", "the variables are" },
		{ "http://h/{mac", "the variables are" },
		{ "http://h/{", "the variables are" },
		{ "http://h/{MAC}", "the variables are" },
	};
	char longest[1200] = "http://h/";

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *problem = url_problem(cases[i].url);

		if (!cases[i].says)
			assert_null(problem);
		else if (!problem || !strstr(problem, cases[i].says))
			fail_msg("%s: %s", cases[i].url, problem ? problem : "nothing");
	}
	memset(longest + 9, 'a', 1000);
	assert_non_null(strstr(url_problem(longest), "1000"));
	assert_true(url_is_https("https://h/"));
	assert_false(url_is_https("http://https://"));
}

static void test_filled_in(void **state)
{
	static const struct {
		const char *url;
		const char *filled; /* NULL: `missing` is */
		const char *missing;
	} cases[] = {
		{ "http://h/x", "http://h/x", NULL },
		{ "http://{hostname}/{mac}{mac}",
		    "http://node-1.example/52-54-00-12-34-5652-54-00-12-34-56", NULL },
		{ "http://h/{serial}?{serial}",
		    "http://h/To%20be%2Fset%3F%25%C3%A4?To%20be%2Fset%3F%25%C3%A4", NULL },
		{ "http://h/{uuid}", NULL, "uuid" },
	};
	static const char *const values[] = { "52-54-00-12-34-56", NULL, "To be/set?%\xc3\xa4",
		"node-1.example" };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct buf text = BUF_INIT;
		const char *missing = NULL;
		bool filled = url_fill(cases[i].url, values, &text, &missing);

		assert_int_equal(filled, !!cases[i].filled);
		if (filled)
			assert_string_equal(buf_text(&text), cases[i].filled);
		else
			assert_string_equal(missing, cases[i].missing);
		buf_done(&text);
	}
}

/* A value must not lead out of the folder that the address names. */
static void test_no_way_up(void **state)
{
	static const char *const bad[] = { "", ".", ".." };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		const char *values[] = { "m", "u", bad[i], "h" };
		struct buf text = BUF_INIT;
		const char *missing = NULL;

		assert_false(url_fill("http://h/{serial}/x", values, &text, &missing));
		assert_string_equal(missing, "serial");
		buf_done(&text);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_a_url),
		cmocka_unit_test(test_filled_in),
		cmocka_unit_test(test_no_way_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
