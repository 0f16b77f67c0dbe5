/* SPDX-License-Identifier: GPL-2.0-only */
/* Edits of the text: what they do, what they leave alone, and that they commute with parsing. */
#include "tests/unit/unit_test.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "conf/edit.h"
#include "conf/print.h"

static const char base[] = "# head\n"
			   "[node]\n"
			   "\thostname = n1   ; its name\n"
			   "\tntp = 192.0.2.1\n"
			   "\tntp = \"192.0.2.2\" # second\n"
			   "\n"
			   "; between\n"
			   "[network \"default\"]\n"
			   "  address = 192.168.122.1/24\n"
			   "  host = 52:54:00:00:00:01 \\\n"
			   "     192.168.122.10 web\n"
			   "[node] syslog = udp://192.0.2.5\n"
			   "[guest \"a.b\"]\n"
			   "    memory = 1G\n"
			   "    hyperv\n"
			   "    # tail of a.b\n"
			   "\n"
			   "[guest \"c\"]";

/* Apply one edit to `text`; the outcome goes to `out`, its canonical text to `printed`, if not
 * NULL. */
static int edit_text(const char *text, struct conf_edit edit, struct buf *out, struct buf *printed)
{
	struct conf conf;
	int error = conf_edit(text, strlen(text), &edit, 1, out, &conf);

	if (!error && printed)
		conf_print(&conf.model, printed);
	if (!error || error == -EBADMSG)
		conf_done(&conf);
	return error;
}

static void expect(const char *text, struct conf_edit edit, const char *expected)
{
	struct buf out = BUF_INIT;

	assert_int_equal(edit_text(text, edit, &out, NULL), 0);
	assert_string_equal(buf_text(&out), expected);
	buf_done(&out);
}

static void set_replaces_the_value_only(void **state)
{
	(void)state;
	expect("[node]\n\thostname  =\tn1   ; its name\n",
	    (struct conf_edit){ CONF_EDIT_SET, "node", NULL, "hostname", "n2" },
	    "[node]\n\thostname  =\tn2   ; its name\n");
	expect("[node]hostname=n1#x",
	    (struct conf_edit){ CONF_EDIT_SET, "node", NULL, "hostname", "n2" },
	    "[node]hostname= n2#x");
	expect("[guest \"a\"]\n hyperv ; on\n",
	    (struct conf_edit){ CONF_EDIT_SET, "guest", "a", "hyperv", "no" },
	    "[guest \"a\"]\n hyperv = no ; on\n");
}

static void set_takes_a_new_key_in(void **state)
{
	(void)state;
	expect("[node]\n\thostname = n1\n\n# more\n",
	    (struct conf_edit){ CONF_EDIT_SET, "node", NULL, "timezone", "UTC" },
	    "[node]\n\thostname = n1\n\ttimezone = UTC\n\n# more\n");
	expect("[node]", (struct conf_edit){ CONF_EDIT_SET, "node", NULL, "timezone", "UTC" },
	    "[node]\n    timezone = UTC\n");
	expect("", (struct conf_edit){ CONF_EDIT_SET, "guest", "a", "memory", "2G" },
	    "[guest \"a\"]\n    memory = 2G\n");
	expect("# only this\r\n", (struct conf_edit){ CONF_EDIT_SET, "guest", "a", "memory", "2G" },
	    "# only this\r\n\r\n[guest \"a\"]\r\n    memory = 2G\r\n");
}

static void set_makes_one_of_many(void **state)
{
	(void)state;
	expect("[node]\nntp = a.example\n# why\nntp = b.example ; best\n",
	    (struct conf_edit){ CONF_EDIT_SET, "node", NULL, "ntp", "c.example" },
	    "[node]\n# why\nntp = c.example ; best\n");
}

static void add_comes_behind_its_like(void **state)
{
	(void)state;
	expect("[node]\n  ntp = a.example\n  hostname = n\n",
	    (struct conf_edit){ CONF_EDIT_ADD, "node", NULL, "ntp", "b.example" },
	    "[node]\n  ntp = a.example\n  ntp = b.example\n  hostname = n\n");
}

static void remove_takes_whole_lines(void **state)
{
	(void)state;
	expect("[node]\n  ntp = a.example ; x\n  ntp = \\\n  b.example\n  hostname = n\n",
	    (struct conf_edit){ CONF_EDIT_REMOVE, "node", NULL, "ntp", "\"b.example\"" },
	    "[node]\n  ntp = a.example ; x\n  hostname = n\n");
	expect("[node] ntp = a.example\nntp = b.example",
	    (struct conf_edit){ CONF_EDIT_REMOVE, "node", NULL, "ntp", NULL }, "[node] \n");
}

static void sections_come_and_go(void **state)
{
	(void)state;
	expect("# a\n[guest \"x\"]\n memory = 1G\n# b\n vcpus = 1\n# of y\n[guest \"y\"]\n",
	    (struct conf_edit){ CONF_EDIT_REMOVE_SECTION, "guest", "x", NULL, NULL },
	    "# a\n# of y\n[guest \"y\"]\n");
	expect("[guest \"y\"]",
	    (struct conf_edit){ CONF_EDIT_ADD_SECTION, "guest", "z", NULL, NULL },
	    "[guest \"y\"]\n\n[guest \"z\"]\n");
	expect("[guest \"y\"]",
	    (struct conf_edit){ CONF_EDIT_ADD_SECTION, "guest", "y", NULL, NULL }, "[guest \"y\"]");
	expect("[guest \"x\"][guest \"y\"]\n",
	    (struct conf_edit){ CONF_EDIT_REMOVE_SECTION, "guest", "x", NULL, NULL },
	    "[guest \"y\"]\n");
}

static void what_cannot_be_is_refused(void **state)
{
	static const struct {
		struct conf_edit edit;
		int error;
	} cases[] = {
		{ { CONF_EDIT_SET, "node", NULL, "hostname", "a b" }, -EBADMSG },
		{ { CONF_EDIT_SET, "node", NULL, "hostname", "a\nntp = b" }, -EINVAL },
		{ { CONF_EDIT_SET, "node", NULL, "hostname", "a # b" }, -EINVAL },
		{ { CONF_EDIT_SET, "node", NULL, "hostname", "a \\" }, -EINVAL },
		{ { CONF_EDIT_SET, "node", NULL, "hostname", "\"a" }, -EINVAL },
		{ { CONF_EDIT_SET, "node", NULL, "hostname", "" }, -EINVAL },
		{ { CONF_EDIT_SET, "node", NULL, "hostname", NULL }, -EINVAL },
		{ { CONF_EDIT_SET, "node", NULL, "host name", "a" }, -EINVAL },
		{ { CONF_EDIT_SET, "node", NULL, "color", "a" }, -EBADMSG },
		{ { CONF_EDIT_SET, "no]de", NULL, "hostname", "a" }, -EINVAL },
		{ { CONF_EDIT_SET, "guest", "a\nb", "memory", "1G" }, -EINVAL },
		{ { CONF_EDIT_ADD, "node", NULL, "hostname", "a" }, -EBADMSG },
		{ { CONF_EDIT_REMOVE, "node", NULL, "timezone", NULL }, -ENOENT },
		{ { CONF_EDIT_REMOVE, "node", NULL, "ntp", "192.0.2.9" }, -ENOENT },
		{ { CONF_EDIT_REMOVE_SECTION, "guest", "gone", NULL, NULL }, -ENOENT },
	};
	struct buf out = BUF_INIT;

	(void)state;
	buf_puts(&out, "untouched");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(edit_text(base, cases[i].edit, &out, NULL), cases[i].error);
	assert_int_equal(
	    edit_text("[node\n", (struct conf_edit){ CONF_EDIT_SET, "node", NULL, "hostname", "a" },
		&out, NULL),
	    -EBADF);
	assert_string_equal(buf_text(&out), "untouched");
	buf_done(&out);
}

/* Two edits that are wrong one by one and right together. */
static void edits_are_checked_as_a_whole(void **state)
{
	const struct conf_edit edits[] = {
		{ CONF_EDIT_SET, "guest", "a", "nic", "new" },
		{ CONF_EDIT_SET, "network", "new", "address", "10.0.0.1/24" },
	};
	struct buf out = BUF_INIT;
	struct conf conf;

	(void)state;
	assert_int_equal(conf_edit("", 0, edits, 1, &out, &conf), -EBADMSG);
	conf_done(&conf);
	assert_int_equal(conf_edit("", 0, edits, 2, &out, &conf), 0);
	conf_done(&conf);
	buf_done(&out);
}

static uint32_t seed = 20261124;

static uint32_t roll(uint32_t sides)
{
	seed = seed * 1664525u + 1013904223u;
	return (seed >> 8) % sides;
}

static struct conf_edit random_edit(void)
{
	static const struct {
		const char *section, *name, *key, *values[3];
	} kinds[] = {
		{ "node", NULL, "hostname", { "n1", "n2", "berth" } },
		{ "node", NULL, "ntp", { "192.0.2.1", "192.0.2.2", "\"t.example\"" } },
		{ "node", NULL, "timezone", { "UTC", "Europe/Berlin", "CET-1" } },
		{ "network", "default", "lease", { "1h", "60m", "2d" } },
		{ "network", "default", "record",
		    { "a.example 192.0.2.1", "b.example 192.0.2.2", "a.example 192.0.2.3" } },
		{ "guest", "a.b", "memory", { "1G", "1024M", "2G" } },
		{ "guest", "a.b", "hyperv", { "yes", "no", "on" } },
		{ "guest", "c", "description", { "one  two", "\"a # b\"", "x\\\"y" } },
		{ "guest", "d", "nic", { "default", "default model=e1000", "nowhere" } },
	};
	size_t k = roll(sizeof(kinds) / sizeof(kinds[0]));
	struct conf_edit edit = { .section = kinds[k].section,
		.name = kinds[k].name,
		.key = kinds[k].key,
		.value = kinds[k].values[roll(3)] };

	edit.verb = (enum conf_edit_verb)roll(CONF_EDIT_REMOVE_SECTION + 1);
	if (edit.verb == CONF_EDIT_REMOVE_SECTION && roll(4))
		edit.verb = CONF_EDIT_SET;
	if (edit.verb == CONF_EDIT_REMOVE && roll(2))
		edit.value = NULL;
	return edit;
}

/* Every line of `before` that does not name the key is in `after`, in the same order. */
static void assert_lines_kept(const char *before, const char *after, const char *key)
{
	for (const char *line = before; *line;) {
		size_t length = strcspn(line, "\n");
		bool inside = false;

		/* The continued host of the base text is never edited. */
		for (const char *c = line; c + strlen(key) <= line + length; c++)
			inside = inside || !strncmp(c, key, strlen(key));
		if (!inside) {
			while (*after &&
			       (strcspn(after, "\n") != length || strncmp(after, line, length)))
				after += strcspn(after, "\n") +
					 (after[strcspn(after, "\n")] == '\n');
			assert_int_equal(strncmp(after, line, length), 0);
			after += length + (after[length] == '\n');
		}
		line += length + (line[length] == '\n');
	}
}

static void canonical(const char *text, struct buf *printed)
{
	struct conf conf;

	assert_int_equal(conf_load(text, strlen(text), &conf), 0);
	assert_int_equal(conf.diags.count, 0);
	conf_print(&conf.model, printed);
	conf_done(&conf);
}

/*
 * Editing the text and editing its canonical form give the same model; other lines stay. A section
 * that is there for its name alone, and a default that is not printed, cannot be removed from the
 * canonical form.
 */
static void edits_commute_with_parsing(void **state)
{
	struct buf text = BUF_INIT;

	(void)state;
	buf_puts(&text, base);
	for (int i = 0; i < 1500; i++) {
		struct conf_edit edit = random_edit();
		struct buf plain = BUF_INIT;
		struct buf out = BUF_INIT;
		struct buf printed = BUF_INIT;
		struct buf out2 = BUF_INIT;
		struct buf printed2 = BUF_INIT;
		int error = edit_text(buf_text(&text), edit, &out, &printed);
		int error2;

		canonical(buf_text(&text), &plain);
		error2 = edit_text(buf_text(&plain), edit, &out2, &printed2);
		if (!error && error2 == -ENOENT) {
			assert_string_equal(buf_text(&printed), buf_text(&plain));
		} else if (error != error2) {
			/* A key with its default stands in the one text only: adding it again is
			 * wrong there. */
			assert_int_equal(error, -EBADMSG);
			assert_int_equal(edit.verb, CONF_EDIT_ADD);
		} else if (!error) {
			assert_string_equal(buf_text(&printed), buf_text(&printed2));
		}
		if (!error && edit.verb <= CONF_EDIT_REMOVE)
			assert_lines_kept(buf_text(&text), buf_text(&out), edit.key);
		if (!error && edit.verb != CONF_EDIT_REMOVE_SECTION) {
			buf_cut(&text, 0);
			buf_puts(&text, buf_text(&out));
		}
		buf_done(&plain);
		buf_done(&out);
		buf_done(&printed);
		buf_done(&out2);
		buf_done(&printed2);
	}
	buf_done(&text);
}

/* The same with the line ends of another system: not one of them changes. */
static void line_ends_stay(void **state)
{
	struct buf text = BUF_INIT;
	struct buf out = BUF_INIT;

	(void)state;
	for (const char *c = base; *c; c++) {
		if (*c == '\n')
			buf_puts(&text, "\r");
		buf_add(&text, c, 1);
	}
	for (int i = 0; i < 300; i++) {
		struct conf_edit edit = random_edit();

		if (edit_text(buf_text(&text), edit, &out, NULL))
			continue;
		for (const char *c = buf_text(&out); *c; c++)
			if (*c == '\n')
				assert_true(c > out.data && c[-1] == '\r');
	}
	buf_done(&text);
	buf_done(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(set_replaces_the_value_only),
		cmocka_unit_test(set_takes_a_new_key_in),
		cmocka_unit_test(set_makes_one_of_many),
		cmocka_unit_test(add_comes_behind_its_like),
		cmocka_unit_test(remove_takes_whole_lines),
		cmocka_unit_test(sections_come_and_go),
		cmocka_unit_test(what_cannot_be_is_refused),
		cmocka_unit_test(edits_are_checked_as_a_whole),
		cmocka_unit_test(edits_commute_with_parsing),
		cmocka_unit_test(line_ends_stay),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
