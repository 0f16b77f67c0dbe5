/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Domain XML to sections and back. tests/golden/domains/NAME.xml becomes what NAME.out holds: the
 * section, what is kept beside it, and the XML that comes of both; or a refusal. With
 * BERTH_GOLDEN_UPDATE set, what comes now is recorded: read the difference.
 */
#include "tests/unit/unit_test.h"

#include <errno.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/print.h"
#include "conf/schema.h"
#include "conf/section.h"
#include "lib/file.h"
#include "node/guest/identity.h"
#include "node/xen/domain.h"
#include "node/xml/define.h"
#include "node/xml/domain.h"
#include "node/xml/flags.h"
#include "node/xml/table_print.h"

#define FILE_MAX (1 << 20)

static const char usual_around[] =
    "[uplink \"eth\"]\nnic = mac:52:54:00:00:00:01\naddress = none\n"
    "[network \"lan\"]\nmode = bridge\nuplink = eth\nbridge = br-lan\n";

static const char *read_text(const char *path, struct buf *buf)
{
	buf_cut(buf, 0);
	assert_int_equal(file_read(path, FILE_MAX, buf), 0);
	return buf_text(buf);
}

static void compare(const char *path, const struct buf *got)
{
	struct buf expected = BUF_INIT;

	if (getenv("BERTH_GOLDEN_UPDATE"))
		assert_int_equal(file_replace(path, buf_text(got), got->length, 0644), 0);
	assert_string_equal(read_text(path, &expected), buf_text(got));
	buf_done(&expected);
}

static void dump(const struct conf_model *model, const struct conf_guest *guest, const char *parts,
    struct buf *out)
{
	struct driver_guest seen = { .conf = guest, .id = -1 };

	identity_uuid(guest, seen.uuid);
	xml_domain(model, &seen, parts, XML_SECURE | XML_INACTIVE, out);
}

static const struct conf_guest *guest_of(const struct conf *conf, const char *name)
{
	const struct conf_guest *guest = conf->model.guests;

	while (guest && strcmp(guest->name, name) != 0)
		guest = guest->next;
	return guest;
}

/* The XML of a guest as a definition of the same guest: nothing is to be changed. */
static void changes_nothing(
    const struct conf *conf, const struct conf_guest *guest, const char *parts)
{
	struct xml_definition definition;
	struct buf again = BUF_INIT;
	struct buf xml = BUF_INIT;

	dump(&conf->model, guest, parts, &xml);
	if (!xml_definition_read(&definition, buf_text(&xml)) ||
	    !xml_definition_convert(&definition, buf_text(&xml), &conf->model, guest))
		fail_msg("%s\n%s", buf_text(&definition.why), buf_text(&xml));
	for (size_t i = 0; i < definition.edit_count; i++)
		fail_msg("%s: %d %s = %s\n%s", guest->name, (int)definition.edits[i].verb,
		    definition.edits[i].key, definition.edits[i].value, buf_text(&xml));
	/* What is kept may lie in another order, and comes out the same. */
	dump(&conf->model, guest, buf_text(&definition.parts), &again);
	assert_string_equal(buf_text(&again), buf_text(&xml));
	xml_definition_done(&definition);
	buf_done(&again);
	buf_done(&xml);
}

static void define(const char *around, const char *text, struct buf *out)
{
	struct xml_definition definition;
	struct buf file = BUF_INIT;
	struct conf empty;
	struct conf conf;
	int error;

	assert_int_equal(conf_load(around, strlen(around), &empty), 0);
	assert_int_equal(empty.diags.count, 0);
	if (!xml_definition_read(&definition, text) ||
	    !xml_definition_convert(&definition, text, &empty.model, NULL)) {
		buf_printf(
		    out, "refused, code %d: %s\n", definition.code, buf_text(&definition.why));
		xml_definition_done(&definition);
		conf_done(&empty);
		return;
	}
	error = conf_edit(
	    around, strlen(around), definition.edits, definition.edit_count, &file, &conf);
	if (error) {
		buf_printf(out, "refused by the file:\n");
		conf_diags_print(&conf.diags, "berth.conf", out);
	} else {
		const struct conf_guest *guest = guest_of(&conf, definition.name);
		const char *section = strstr(buf_text(&file), "[guest");

		buf_printf(out, "==== section\n%s==== kept\n%s==== XML\n", section,
		    buf_text(&definition.parts));
		dump(&conf.model, guest, buf_text(&definition.parts), out);
		changes_nothing(&conf, guest, buf_text(&definition.parts));
	}
	conf_done(&conf);
	buf_done(&file);
	xml_definition_done(&definition);
	conf_done(&empty);
}

/* A UUID that was made up is another each time. */
static void blank_uuid(const char *text, struct buf *out)
{
	char *at;

	if (strstr(text, "<uuid>"))
		return;
	while ((at = strstr(out->data ? out->data : "", "uuid = ")))
		memcpy(at, "UUID = ********-****-****-****-************", 43);
	if ((at = strstr(out->data ? out->data : "", "<uuid>")))
		memcpy(at + 6, "********-****-****-****-************", 36);
}

static void domains(void **state)
{
	struct buf text = BUF_INIT;
	glob_t found;

	(void)state;
	assert_int_equal(glob("tests/golden/domains/*.xml", 0, NULL, &found), 0);
	assert_true(found.gl_pathc > 25);
	for (size_t i = 0; i < found.gl_pathc; i++) {
		struct buf out = BUF_INIT;
		char path[256];

		define(usual_around, read_text(found.gl_pathv[i], &text), &out);
		blank_uuid(buf_text(&text), &out);
		snprintf(path, sizeof(path), "%.*s.out", (int)strlen(found.gl_pathv[i]) - 4,
		    found.gl_pathv[i]);
		compare(path, &out);
		buf_done(&out);
	}
	globfree(&found);
	buf_done(&text);
}

/* Files of Xen's xm: the XML that they become, and what is defined of it. */
static void files_of_xen(void **state)
{
	static const char around[] =
	    "[uplink \"eth\"]\nnic = mac:52:54:00:00:00:01\naddress = none\n"
	    "[network \"xen0\"]\nmode = bridge\nuplink = eth\nbridge = xenbr0\n"
	    "[network \"xen1\"]\nmode = isolated\naddress = 10.1.1.1/24\nbridge = xenbr1\n"
	    "[network \"default\"]\nmode = nat\naddress = 192.168.122.1/24\n";
	struct buf text = BUF_INIT;
	glob_t found;

	(void)state;
	assert_int_equal(glob("tests/golden/xen/*.cfg", 0, NULL, &found), 0);
	assert_true(found.gl_pathc > 8);
	for (size_t i = 0; i < found.gl_pathc; i++) {
		struct buf xml = BUF_INIT;
		struct buf why = BUF_INIT;
		struct buf out = BUF_INIT;
		char path[256];

		if (xen_domain(read_text(found.gl_pathv[i], &text), &xml, &why) == 0) {
			buf_printf(&out, "==== of the file\n%s", buf_text(&xml));
			define(around, buf_text(&xml), &out);
			blank_uuid(buf_text(&xml), &out);
		} else {
			buf_printf(&out, "refused: %s\n", buf_text(&why));
			assert_int_equal(xml.length, 0);
		}
		snprintf(path, sizeof(path), "%.*s.out", (int)strlen(found.gl_pathv[i]) - 4,
		    found.gl_pathv[i]);
		compare(path, &out);
		buf_done(&xml);
		buf_done(&why);
		buf_done(&out);
	}
	globfree(&found);
	buf_done(&text);
}

/* What is no such file (-EINVAL), and what the node has not (-EBADMSG), each with its line. */
static void files_of_xen_refused(void **state)
{
	static const struct {
		const char *text;
		int error;
		const char *why;
	} cases[] = {
		{ "import os", -EINVAL, "line 1: what is not NAME = VALUE is not understood" },
		{ "\nname == 'a'", -EINVAL, "line 2: what is not NAME = VALUE is not understood" },
		{ "name = 'a\nvcpus = 1\n", -EINVAL, "line 1: a text has no closing quote" },
		{ "name = \xc0", -EINVAL,
		    "line 1: a value is a text in quotes, a number, or a list of those in []" },
		{ "name = 'a' + 'b'", -EINVAL, "line 1: there is more behind the value" },
		{ "disk = ['a'\n'b']", -EINVAL, "line 2: \",\" or \"]\" is missing in a list" },
		{ "disk = [", -EINVAL,
		    "line 1: a value is a text in quotes, a number, or a list of those in []" },
		{ "vcpus = 1\n", -EBADMSG, "line 1: name: the file names no guest" },
		{ "name = None\n", -EBADMSG, "line 1: name: the file names no guest" },
		{ "nam = 'a'", -EBADMSG, "line 1: nam: there is no such parameter" },
		{ "name = 'a'\nmemory = 'lots'", -EBADMSG,
		    "line 2: memory: \"lots\" is no number" },
		{ "name = ['a']", -EBADMSG, "line 1: name: one value is expected, not a list" },
		{ "name = 'a'\nacpi = 'perhaps'", -EBADMSG,
		    "line 2: acpi: \"perhaps\" is neither yes nor no" },
		{ "name = 'a'\nioports = ['02f8-02ff']", -EBADMSG,
		    "line 2: ioports: ports and interrupts are not passed to guests, PCI devices are" },
		{ "name = 'a'\nsdl = 1", -EBADMSG,
		    "line 2: sdl: the node has no screen to show guests on; use vnc" },
		{ "name = 'a'\nboot = 'x'", -EBADMSG,
		    "line 2: boot: \"x\" is not among a, c, d and n" },
		{ "name = 'a'\non_crash = 'rename-restart'", -EBADMSG,
		    "line 2: on_crash: \"rename-restart\" is neither destroy, restart nor preserve" },
		{ "name = 'a'\ndisk = ['phy:sda,xvda']", -EBADMSG,
		    "line 2: disk: \"phy:sda,xvda\" is not DEVICE,TARGET,MODE" },
		{ "name = 'a'\ndisk = ['vmdk:/a,xvda,w']", -EBADMSG,
		    "line 2: disk: \"vmdk:/a,xvda,w\": \"vmdk:/a\" is no absolute path, or opened in a way that there is not" },
		{ "name = 'a'\nvif = ['rate=fast']", -EBADMSG,
		    "line 2: vif: \"fast\" is no rate like 10MB/s or 250KB/s@50ms" },
		{ "name = 'a'\nvif = ['backend=b']", -EBADMSG,
		    "line 2: vif: \"backend=b\" is not understood, or there is no such thing here" },
		{ "name = 'a'\nvfb = ['type=sdl']", -EBADMSG,
		    "line 2: vfb: \"type=sdl\": the node has no screen to show guests on; use type=vnc" },
		{ "name = 'a'\nusbdevice = 'host:1.2'", -EBADMSG,
		    "line 2: usbdevice: \"host:1.2\" is neither tablet, mouse nor keyboard" },
		{ "name = 'a'\npci = ['c0:02.1a']", -EBADMSG,
		    "line 2: pci: \"c0:02.1a\" is not BUS:DEVICE.FUNCTION" },
		{ "name = 'a'\nserial = '/dev/ttyS0'", -EBADMSG,
		    "line 2: serial: \"/dev/ttyS0\": a serial port is a pty, read by virsh console" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct buf xml = BUF_INIT;
		struct buf why = BUF_INIT;

		assert_int_equal(xen_domain(cases[i].text, &xml, &why), cases[i].error);
		assert_string_equal(buf_text(&why), cases[i].why);
		assert_int_equal(xml.length, 0);
		buf_done(&xml);
		buf_done(&why);
	}
}

/* Every guest of the configuration compiler's own cases. */
static void sections(void **state)
{
	struct buf text = BUF_INIT;
	glob_t found;

	(void)state;
	assert_int_equal(glob("tests/golden/good/*.conf", 0, NULL, &found), 0);
	for (size_t i = 0; i < found.gl_pathc; i++) {
		struct conf conf;

		read_text(found.gl_pathv[i], &text);
		assert_int_equal(conf_load(buf_text(&text), text.length, &conf), 0);
		for (const struct conf_guest *guest = conf.model.guests; guest; guest = guest->next)
			changes_nothing(&conf, guest, "");
		conf_done(&conf);
	}
	globfree(&found);
	buf_done(&text);
}

static void edit_one(const char *before, const char *after, const char *expected)
{
	struct conf_edit *edits;
	struct buf text = BUF_INIT;
	struct buf why = BUF_INIT;
	struct conf old;
	struct conf new;
	struct conf got;
	size_t count;

	assert_int_equal(conf_load(before, strlen(before), &old), 0);
	assert_int_equal(conf_load(after, strlen(after), &new), 0);
	if (!expected) {
		assert_int_not_equal(conf_section_edits(new.arena, old.model.guests,
					 new.model.guests, &edits, &count, &why),
		    0);
		assert_non_null(strstr(buf_text(&why), "template"));
	} else {
		assert_int_equal(conf_section_edits(new.arena, old.model.guests, new.model.guests,
				     &edits, &count, &why),
		    0);
		assert_int_equal(conf_edit(before, strlen(before), edits, count, &text, &got), 0);
		assert_string_equal(buf_text(&text), expected);
		conf_done(&got);
	}
	buf_done(&text);
	buf_done(&why);
	conf_done(&old);
	conf_done(&new);
}

static void lines_that_say_it_stay(void **state)
{
	(void)state;
	edit_one("[guest \"a\"]\n memory = 1024M ; enough\n nic = default\n # end\n",
	    "[guest \"a\"]\nmemory = 1G\nnic = default\nnic = default mtu=1400\n",
	    "[guest \"a\"]\n memory = 1024M ; enough\n nic = default\n nic = default mtu=1400\n # end\n");
	edit_one("[guest \"a\"]\n title = x ; why\n vcpus = 2\n", "[guest \"a\"]\nvcpus = 3\n",
	    "[guest \"a\"]\n vcpus = 3\n");
	edit_one("[guest \"a\"]\n nic = default ; 1\n nic = default mtu=1400 ; 2\n",
	    "[guest \"a\"]\nnic = default mtu=1400\n",
	    "[guest \"a\"]\n nic = default mtu=1400 ; 2\n");
	edit_one("[guest \"a\"]\n nic = default\n nic = default\n",
	    "[guest \"a\"]\nnic = default\n", "[guest \"a\"]\n    nic = default\n");
	edit_one("[template \"t\"]\nvcpus = 4\n[guest \"a\"]\nuse = t\n", "[guest \"a\"]\n",
	    "[template \"t\"]\nvcpus = 4\n[guest \"a\"]\nuse = t\nvcpus = 1\n");
	edit_one(
	    "[template \"t\"]\nnic = default\n[guest \"a\"]\nuse = t\n", "[guest \"a\"]\n", NULL);
}

/* Parts of a disk that is gone do not turn up at another. */
static void parts_of_what_is_gone(void **state)
{
	static const char parts[] = "<domain>\n  <devices>\n"
				    "    <disk of='vdb'><alias name='ua-b'/></disk>\n"
				    "    <disk of='vda'><alias name='ua-a'/></disk>\n"
				    "  </devices>\n</domain>\n";
	static const char file[] = "[guest \"a\"]\ndisk = default/a.img\n";
	struct buf xml = BUF_INIT;
	struct conf conf;

	(void)state;
	assert_int_equal(conf_load(file, strlen(file), &conf), 0);
	dump(&conf.model, conf.model.guests, parts, &xml);
	assert_non_null(strstr(buf_text(&xml), "ua-a"));
	assert_null(strstr(buf_text(&xml), "ua-b"));
	buf_cut(&xml, 0);
	dump(&conf.model, conf.model.guests, "this is no XML", &xml);
	assert_non_null(strstr(buf_text(&xml), "</domain>"));
	buf_done(&xml);
	conf_done(&conf);
}

static void the_table_is_documented(void **state)
{
	static const char path[] = "docs/domain-xml.md";
	struct buf page = BUF_INIT;
	struct buf table = BUF_INIT;
	const char *begin;

	(void)state;
	xml_table_print(&table);
	begin = strstr(read_text(path, &page), "| Element or attribute |");
	assert_non_null(begin);
	if (getenv("BERTH_GOLDEN_UPDATE")) {
		buf_cut(&page, (size_t)(begin - buf_text(&page)));
		buf_puts(&page, buf_text(&table));
		assert_int_equal(file_replace(path, buf_text(&page), page.length, 0644), 0);
		begin = strstr(buf_text(&page), "| Element or attribute |");
	}
	assert_string_equal(begin, buf_text(&table));
	buf_done(&page);
	buf_done(&table);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(domains),
		cmocka_unit_test(files_of_xen),
		cmocka_unit_test(files_of_xen_refused),
		cmocka_unit_test(sections),
		cmocka_unit_test(lines_that_say_it_stay),
		cmocka_unit_test(parts_of_what_is_gone),
		cmocka_unit_test(the_table_is_documented),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
