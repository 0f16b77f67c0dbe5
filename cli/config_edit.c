/* SPDX-License-Identifier: GPL-2.0-only */
/* Changing the file in an editor, on a copy: nothing is lost, whichever way it goes. */
#include "cli/config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/exit_codes.h"
#include "cli/tool.h"
#include "lib/file.h"

#define FILE_MAX (1024u * 1024)
#define KEPT_ASIDE "/run/berth/edited.conf"

enum answer { ANSWER_EDIT, ANSWER_DROP, ANSWER_KEEP };

static bool is_same(const struct buf *one, const struct buf *other)
{
	return one->length == other->length && !memcmp(buf_text(one), buf_text(other), one->length);
}

/* An end of input, as when the line is lost, keeps what was written. */
static enum answer ask(void)
{
	char line[64];

	for (;;) {
		fputs("e: edit again, d: drop it, k: keep the copy aside [e/d/k] ", stdout);
		fflush(stdout);
		if (!fgets(line, sizeof(line), stdin))
			return ANSWER_KEEP;
		switch (line[0]) {
		case 'e':
			return ANSWER_EDIT;
		case 'd':
			return ANSWER_DROP;
		case 'k':
			return ANSWER_KEEP;
		default:
			break;
		}
	}
}

static int keep_aside(const struct buf *text)
{
	int error = file_replace(KEPT_ASIDE, buf_text(text), text->length, 0600);

	if (error) {
		fprintf(stderr, "berth: cannot write \"%s\": %s\n", KEPT_ASIDE, strerror(-error));
		return EXIT_SYSTEM;
	}
	printf("Kept until the next boot. To go on with it: berth config edit %s\n", KEPT_ASIDE);
	return EXIT_NOT_WELL;
}

/* One that is named may be a program that asks nobody. */
static bool is_editor_named(void)
{
	const char *visual = getenv("VISUAL"), *editor = getenv("EDITOR");

	return (visual && *visual) || (editor && *editor);
}

/* One turn in the editor, whose name may be a command with arguments, into `text`. */
static int run_editor(const char *path, struct buf *text)
{
	int status = tool_run(
	    NULL, "sh", "-c", "${VISUAL:-${EDITOR:-vi}} \"$1\"", "sh", path, (char *)NULL);
	int error;

	if (status) {
		fprintf(stderr, "berth: the editor ended with %d; nothing is changed\n", status);
		return EXIT_SYSTEM;
	}
	error = file_read(path, FILE_MAX, text);
	if (error)
		fprintf(stderr, "berth: cannot read the edited copy: %s\n", strerror(-error));
	return error ? EXIT_SYSTEM : EXIT_WELL;
}

/* Turns in the editor until there is something to apply, or nothing is wanted. */
static int edit_copy(
    const struct config_options *options, const char *path, const struct buf *before)
{
	for (;;) {
		struct buf text = BUF_INIT;
		int result = run_editor(path, &text);
		bool again = false;

		if (result == EXIT_WELL && !options->operand && is_same(before, &text)) {
			puts("Nothing was changed.");
		} else if (result == EXIT_WELL) {
			result = config_apply_text(options, &text, "berth.conf", "edit");
			if (result != EXIT_WELL) {
				enum answer answer = ask();

				again = answer == ANSWER_EDIT;
				if (answer == ANSWER_KEEP)
					result = keep_aside(&text);
			}
		}
		buf_done(&text);
		if (!again)
			return result;
	}
}

int config_edit(const struct config_options *options)
{
	char folder[] = "/run/berth/edit-XXXXXX";
	struct buf before = BUF_INIT;
	char path[64];
	const char *name;
	int error = 0;
	int result;

	/* Without one, the desk's terminal keeps the keys until Enter, and vi is of no use. */
	if (!is_editor_named() && !isatty(STDIN_FILENO)) {
		fputs(
		    "berth: vi needs a terminal; from the desk: ssh -t root@NODE berth config edit\n",
		    stderr);
		return EXIT_USAGE;
	}
	result = config_source(options->operand, &before, &name);
	if (result == EXIT_WELL && !mkdtemp(folder))
		error = -errno;
	snprintf(path, sizeof(path), "%s/berth.conf", folder);
	if (result == EXIT_WELL && !error)
		error = file_replace(path, buf_text(&before), before.length, 0600);
	if (error) {
		fprintf(stderr, "berth: cannot copy \"%s\": %s\n", name, strerror(-error));
		result = EXIT_SYSTEM;
	}
	if (result == EXIT_WELL)
		result = edit_copy(options, path, &before);
	tool_run(NULL, "rm", "-rf", folder, (char *)NULL);
	buf_done(&before);
	return result;
}
