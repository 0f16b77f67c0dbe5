/* SPDX-License-Identifier: GPL-2.0-only */
/* Text to model, and what the golden cases cannot show. */
#include "tests/unit/unit_test.h"

#include <stdlib.h>
#include <string.h>

#include "conf/load.h"
#include "conf/parse.h"
#include "conf/print.h"
#include "conf/render.h"
#include "conf/schema.h"
#include "conf/types.h"

static void load(const char *text, struct conf *conf)
{
	assert_int_equal(conf_load(text, strlen(text), conf), 0);
}

static void empty_file_is_the_default(void **state)
{
	struct conf conf;

	(void)state;
	load("", &conf);
	assert_int_equal(conf.diags.count, 0);
	assert_string_equal(conf.model.node.hostname, "berth");
	assert_int_equal(conf.model.uplinks->nics->kind, CONF_NIC_ANY);
	assert_true(conf.model.uplinks->dhcp);
	assert_string_equal(conf.model.networks->bridge, "virbr0");
	assert_null(conf.model.networks->next);
	conf_done(&conf);
}

static void node_may_come_in_parts(void **state)
{
	struct conf conf;

	(void)state;
	load("[node]\nntp=a.example\n[node]\nntp=b.example\nhostname=n\n", &conf);
	assert_int_equal(conf.diags.count, 0);
	assert_string_equal(conf.model.node.ntp->next->text, "b.example");
	conf_done(&conf);
}

static void repeated_key_across_parts_is_seen(void **state)
{
	struct conf conf;

	(void)state;
	load("[node]\nhostname=a\n[node]\nhostname=b\n", &conf);
	assert_int_equal(conf.diags.count, 1);
	assert_int_equal(conf.diags.first->pos.line, 4);
	conf_done(&conf);
}

static void forward_finds_its_host(void **state)
{
	char text[NETADDR_TEXT];
	struct conf conf;

	(void)state;
	load("[network \"default\"]\naddress=10.0.0.1/24\nforward = tcp 80 web:8080\n"
	     "host = 52:54:00:00:00:01 10.0.0.9 web\n",
	    &conf);
	assert_int_equal(conf.diags.count, 0);
	assert_string_equal(
	    netaddr_text(&conf.model.networks->forwards->address, text), "10.0.0.9");
	conf_done(&conf);
}

static void file_that_is_too_large(void **state)
{
	char *text = calloc(1, CONF_SIZE_MAX + 2);
	struct conf conf;

	(void)state;
	assert_non_null(text);
	memset(text, '\n', CONF_SIZE_MAX + 1);
	load(text, &conf);
	assert_int_equal(conf.diags.count, 1);
	conf_done(&conf);
	free(text);
}

/* The most that fits into the largest file: the arena is sized for it. */
static void largest_files_fit(void **state)
{
	static const char *const lines[] = { "a=b c d e f g h i\n", "[a]\n", "[node]ntp=a\n",
		"host=1 2 3\n", "x\n" };

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		struct buf text = BUF_INIT;
		struct conf conf;

		buf_puts(&text, "[network \"default\"]\n");
		while (text.length + strlen(lines[i]) < CONF_SIZE_MAX / 8)
			buf_puts(&text, lines[i]);
		load(buf_text(&text), &conf);
		conf_done(&conf);
		buf_done(&text);
	}
}

static void many_errors_are_counted(void **state)
{
	struct buf text = BUF_INIT;
	struct buf printed = BUF_INIT;
	struct conf conf;

	(void)state;
	buf_puts(&text, "[node]\n");
	for (int i = 0; i < 500; i++)
		buf_puts(&text, "nonsense = 1\n");
	load(buf_text(&text), &conf);
	assert_int_equal(conf.diags.count, 500);
	conf_diags_print(&conf.diags, "f", &printed);
	assert_non_null(strstr(buf_text(&printed), "f: and 300 more errors\n"));
	conf_done(&conf);
	buf_done(&text);
	buf_done(&printed);
}

/* No message carries bytes that a terminal would act on, whatever the file holds. */
static void messages_are_clean(void **state)
{
	struct buf printed = BUF_INIT;
	struct conf conf;

	(void)state;
	load("[node]\nhostname = \x1b[31mred\x07\n", &conf);
	conf_diags_print(&conf.diags, "f", &printed);
	for (const char *c = buf_text(&printed); *c; c++)
		assert_true((unsigned char)*c >= 0x20 || *c == '\n');
	conf_done(&conf);
	buf_done(&printed);
}

/* What an example needs around it, so that the file as a whole checks. */
static const struct {
	const char *section;
	const char *key; /* NULL: any */
	const char *text;
} surroundings[] = {
	{ "node", "tls-allow", "tls = tls/n.pem key=tls/n.key ca=tls/ca.pem\n" },
	{ "uplink", "gateway", "nic=pci:0000:08:00.0\naddress=192.0.2.12/24\n" },
	{ "uplink", "bond", "nic=pci:0000:08:00.0\nnic=pci:0000:08:00.1\n" },
	{ "uplink", "vlan", "" },
	{ "uplink", "nic", "" },
	{ "uplink", NULL, "nic=pci:0000:08:00.0\n" },
	{ "network", "uplink", "mode=bridge\n" },
	{ "network", "address", "" },
	{ "network", "forward",
	    "address=192.168.100.1/24\nhost = 52:54:00:11:22:44 192.168.100.11 web\n" },
	{ "network", "dhcp6", "address=192.168.100.1/24\nipv6=2001:db8:1::1/64\n" },
	{ "network", "forward-delay", "address=192.168.100.1/24\nstp=yes\n" },
	{ "network", NULL, "address=192.168.100.1/24\n" },
	{ "pool", "type", "host=192.0.2.30\npath=/export\n" },
	{ "pool", "device", "type=fs\n" },
	{ "pool", "format", "type=fs\ndevice=serial:X\n" },
	{ "pool", "erase", "type=fs\ndevice=serial:X\nformat=ext4\n" },
	{ "pool", "host", "type=nfs\npath=/export\n" },
	{ "pool", "port", "type=iscsi\nhost=192.0.2.30\ntarget=iqn.x\n" },
	{ "pool", "group", "type=lvm\n" },
	{ "pool", "target", "type=iscsi\nhost=192.0.2.30\n" },
	{ "pool", "initiator", "type=iscsi\nhost=192.0.2.30\ntarget=iqn.x\n" },
	{ "pool", "chap-user", "type=iscsi\nhost=192.0.2.30\ntarget=iqn.x\nchap-secret=x\n" },
	{ "pool", "chap-secret", "type=iscsi\nhost=192.0.2.30\ntarget=iqn.x\nchap-user=x\n" },
	{ "pool", "path", "" },
	{ "pool", NULL, "path=images\n" },
	{ "guest", "memory", "memory-max=4G\n" },
	{ "guest", "topology", "vcpus=2\n" },
	{ "guest", "cell", "vcpus=2\n" },
	{ "guest", "secure-boot", "firmware=uefi\n" },
	{ "guest", "initrd", "kernel=k\n" },
	{ "guest", "cmdline", "kernel=k\n" },
	{ "guest", NULL, "" },
};

static const char *surrounding(const char *section, const char *key)
{
	for (size_t i = 0; i < sizeof(surroundings) / sizeof(surroundings[0]); i++)
		if (!strcmp(surroundings[i].section, section) &&
		    (!surroundings[i].key || !strcmp(surroundings[i].key, key)))
			return surroundings[i].text;
	return "";
}

static void check_example(const struct conf_section_type *type, const struct conf_key *key)
{
	struct buf text = BUF_INIT;
	struct buf printed = BUF_INIT;
	struct conf conf;

	buf_puts(&text, "[uplink \"lan\"]\nnic=pci:0000:07:00.0\naddress=203.0.113.11/24\n"
			"[template \"small\"]\nmemory=512M\n");
	if (type->naming == CONF_UNNAMED)
		buf_printf(&text, "[%s]\n", type->name);
	else
		buf_printf(&text, "[%s \"x\"]\n", type->name);
	buf_puts(&text, surrounding(type->name, key->name));
	buf_printf(&text, "%s = %s\n", key->name, key->example);
	load(buf_text(&text), &conf);
	conf_diags_print(&conf.diags, key->name, &printed);
	assert_string_equal(buf_text(&printed), "");
	conf_print(&conf.model, &printed);
	/* Said, so printed: unless it is the default, which no example is but of cpu. */
	if (strcmp(key->name, "use") && strcmp(key->name, "cpu"))
		assert_non_null(
		    strstr(buf_text(&printed), arena_printf(conf.arena, "    %s = ", key->name)));
	conf_done(&conf);
	buf_done(&text);
	buf_done(&printed);
}

/* Every key's example in the table is accepted where the key may stand. */
static void examples_of_the_table_are_good(void **state)
{
	(void)state;
	for (const struct conf_section_type *type = conf_section_types; type->name; type++)
		for (const struct conf_key *key = type->keys; key->name; key++)
			check_example(type, key);
}

/* What the printer relies on: a number that may be 0 has a default, each key has a default or words
 * about it, and nothing is left out. */
static void table_is_whole(void **state)
{
	(void)state;
	for (const struct conf_section_type *type = conf_section_types; type->name; type++) {
		for (const struct conf_key *key = type->keys; key->name; key++) {
			assert_non_null(key->type);
			assert_non_null(key->help);
			assert_non_null(key->example);
			assert_true(!key->initial != !key->fallback);
			if (key->max && !key->min &&
			    (key->type == &conf_type_number || key->type == &conf_type_duration))
				assert_non_null(key->initial);
			if (key->type == &conf_type_record)
				assert_true(key->record_size != 0);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(empty_file_is_the_default),
		cmocka_unit_test(node_may_come_in_parts),
		cmocka_unit_test(repeated_key_across_parts_is_seen),
		cmocka_unit_test(forward_finds_its_host),
		cmocka_unit_test(file_that_is_too_large),
		cmocka_unit_test(largest_files_fit),
		cmocka_unit_test(many_errors_are_counted),
		cmocka_unit_test(messages_are_clean),
		cmocka_unit_test(examples_of_the_table_are_good),
		cmocka_unit_test(table_is_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
