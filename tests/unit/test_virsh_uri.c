/* SPDX-License-Identifier: GPL-2.0-only */
#include "tests/unit/unit_test.h"

#include <string.h>

#include "cli/virsh/uri.h"

static void names_of_this_machine(void **state)
{
	struct uri uri;

	(void)state;
	assert_true(uri_parse("qemu:///system", &uri));
	assert_int_equal(uri.how, URI_UNIX);
	assert_string_equal(uri.name, "qemu:///system");
	assert_true(uri_parse("test+unix:///default?socket=/a%20b&x=y", &uri));
	assert_int_equal(uri.how, URI_UNIX);
	assert_string_equal(uri.name, "test:///default");
	assert_string_equal(uri.socket, "/a b");
}

static void names_of_others(void **state)
{
	struct uri uri;

	(void)state;
	assert_true(uri_parse("qemu+ssh://root@node1:2222/system?keyfile=/k", &uri));
	assert_int_equal(uri.how, URI_SSH);
	assert_string_equal(uri.name, "qemu:///system");
	assert_string_equal(uri.user, "root");
	assert_string_equal(uri.host, "node1");
	assert_string_equal(uri.port, "2222");
	assert_string_equal(uri.key, "/k");
	assert_true(uri_parse("qemu+ssh://[2001:db8::1]:22/system", &uri));
	assert_string_equal(uri.host, "2001:db8::1");
	assert_string_equal(uri.port, "22");
	assert_true(uri_parse("qemu://node1/system", &uri));
	assert_int_equal(uri.how, URI_OTHER);
}

/* Nothing that ssh would take for an option. */
static void what_is_refused(void **state)
{
	struct uri uri;

	(void)state;
	assert_false(uri_parse("", &uri));
	assert_false(uri_parse("node1", &uri));
	assert_false(uri_parse("://x", &uri));
	assert_false(uri_parse("qemu+ssh://-oProxyCommand=id/system", &uri));
	assert_false(uri_parse("qemu+ssh://-x@node/system", &uri));
	assert_false(uri_parse("qemu+ssh://node:22x/system", &uri));
	assert_false(uri_parse("qemu+ssh://[::1/system", &uri));
	assert_false(uri_parse("qemu:///system?socket=%00", &uri));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_of_this_machine),
		cmocka_unit_test(names_of_others),
		cmocka_unit_test(what_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
