/* SPDX-License-Identifier: GPL-2.0-only */
#include "tests/unit/unit_test.h"

#include <string.h>

#include "conf/parse.h"

#define ARENA (1024 * 1024)

static struct arena *arena;
static struct conf_diags diags;

static int make_arena(void **state)
{
	(void)state;
	arena = arena_create(ARENA);
	diags = (struct conf_diags){ .arena = arena };
	return arena ? 0 : -1;
}

static int free_arena(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

static struct conf_section *parse(const char *text)
{
	return conf_parse(text, strlen(text), &diags);
}

/* The one complaint about `text`, as "LINE:COL: message". */
static void assert_complaint(const char *text, const char *wanted)
{
	struct buf buf = BUF_INIT;

	parse(text);
	assert_int_equal(diags.count, 1);
	conf_diags_print(&diags, "f", &buf);
	assert_string_equal(buf_text(&buf), wanted);
	buf_done(&buf);
}

static void sections_and_keys(void **state)
{
	struct conf_section *section = parse(
	    "# c\n[node]\n\thostname = a ; c\n[Network \"x y\"] MODE=nat\n flag\n");

	(void)state;
	assert_int_equal(diags.count, 0);
	assert_string_equal(section->type, "node");
	assert_false(section->has_name);
	assert_string_equal(section->first->key, "hostname");
	assert_int_equal(section->first->word_count, 1);
	assert_string_equal(section->first->words[0].text, "a");
	assert_int_equal(section->first->words[0].pos.line, 3);
	assert_int_equal(section->first->words[0].pos.column, 13);
	section = section->next;
	assert_string_equal(section->type, "network");
	assert_string_equal(section->name, "x y");
	assert_string_equal(section->first->key, "mode");
	assert_string_equal(section->first->next->key, "flag");
	assert_int_equal(section->first->next->word_count, 0);
	assert_null(section->next);
}

static void words_and_quotes(void **state)
{
	struct conf_section *section = parse(
	    "[a]\nk = one \"two # 2\" th\"re\"e \"\" \\\n  five\\\"\n");
	struct conf_entry *entry = section->first;

	(void)state;
	assert_int_equal(diags.count, 0);
	assert_int_equal(entry->word_count, 5);
	assert_string_equal(entry->words[1].text, "two # 2");
	assert_string_equal(entry->words[2].text, "three");
	assert_string_equal(entry->words[3].text, "");
	assert_string_equal(entry->words[4].text, "five\"");
	assert_int_equal(entry->words[4].pos.line, 3);
	assert_int_equal(entry->words[4].pos.column, 3);
}

static void line_ends_of_another_system(void **state)
{
	struct conf_section *section = parse("\xef\xbb\xbf[a]\r\nk = v\r\nl = w");

	(void)state;
	assert_int_equal(diags.count, 0);
	assert_string_equal(section->first->words[0].text, "v");
	assert_string_equal(section->first->next->words[0].text, "w");
}

static void columns_count_characters(void **state)
{
	(void)state;
	assert_complaint("[a]\nk = \"\xc3\xa4\xc3\xb6\" \\x\n",
	    "f:2:10: a backslash stands before \\, \", n, t or the line's end only\n");
}

static void open_quotes(void **state)
{
	(void)state;
	assert_complaint("[a]\nk = \"v\nl = w\n", "f:2:5: these quotes are not closed\n");
}

static void open_section_name(void **state)
{
	(void)state;
	assert_complaint(
	    "[a \"b]\nk = v\n", "f:1:4: the quotes of this section's name are not closed\n");
}

static void open_header(void **state)
{
	(void)state;
	assert_complaint(
	    "[a\nk = v\n", "f:1:3: \"]\" is missing at the end of the section's header\n");
}

static void key_before_any_section(void **state)
{
	(void)state;
	assert_complaint(
	    "k = v\nl = w\n", "f:1:1: \"k\" stands before any section; begin with [node]\n");
}

static void missing_equals(void **state)
{
	(void)state;
	assert_complaint("[a]\nkey value\n", "f:2:5: \"=\" is missing after \"key\"\n");
}

static void nul_byte(void **state)
{
	static const char text[] = "[a]\nk = \0v\n";
	struct buf buf = BUF_INIT;

	(void)state;
	assert_null(conf_parse(text, sizeof(text) - 1, &diags));
	conf_diags_print(&diags, "f", &buf);
	assert_string_equal(
	    buf_text(&buf), "f:2:5: a NUL byte: this is not a text file, or it was damaged\n");
	buf_done(&buf);
}

/* Each line once made the parser reserve room for all that follow. */
static void many_backslashes_need_little_room(void **state)
{
	struct buf buf = BUF_INIT;

	(void)state;
	buf_puts(&buf, "[a]\n");
	for (int i = 0; i < 2000; i++)
		buf_puts(&buf, "k=v #\\\n");
	parse(buf_text(&buf));
	assert_int_equal(diags.count, 0);
	buf_done(&buf);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, make_arena, free_arena)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(sections_and_keys),
		TEST(words_and_quotes),
		TEST(line_ends_of_another_system),
		TEST(columns_count_characters),
		TEST(open_quotes),
		TEST(open_section_name),
		TEST(open_header),
		TEST(key_before_any_section),
		TEST(missing_equals),
		TEST(nul_byte),
		TEST(many_backslashes_need_little_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
