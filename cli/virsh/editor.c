/* SPDX-License-Identifier: GPL-2.0-only */
#include "cli/virsh/editor.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "cli/virsh/files.h"
#include "lib/file.h"

static const char *editor_name(void)
{
	static const char *const variables[] = { "VISUAL", "EDITOR" };

	for (size_t i = 0; i < sizeof(variables) / sizeof(variables[0]); i++) {
		const char *value = getenv(variables[i]);

		if (value && *value)
			return value;
	}
	return "vi";
}

static bool run(const char *path)
{
	struct buf command = BUF_INIT;
	bool well;

	/* The editor's name may be a command with arguments; the path is one of ours. */
	buf_printf(&command, "%s %s", editor_name(), path);
	well = !system(buf_text(&command)) ||
	       shell_error("%s: command exited with non-zero status", buf_text(&command));
	buf_done(&command);
	return well;
}

bool editor_edit(const char *text, struct buf *ret_text)
{
	char path[] = "/tmp/virshXXXXXX.xml";
	int fd = mkstemps(path, 4);
	int result;
	bool well;

	if (fd < 0)
		return shell_error(
		    "%s: failed to create temporary file: %s", path, strerror(errno));
	close(fd);
	result = file_replace(path, text, strlen(text), 0600);
	if (result)
		shell_error("cannot write %s: %s", path, strerror(-result));
	well = !result && run(path) && files_read(path, ret_text);
	unlink(path);
	return well;
}

/* One of these characters, typed; EOF at the end of input. */
static int read_answer(const char *question, const char *answers, const char *help)
{
	struct termios before;
	struct termios raw;
	int answer;

	if (tcgetattr(STDIN_FILENO, &before))
		return EOF;
	raw = before;
	raw.c_lflag &= (tcflag_t) ~(ICANON | ECHO);
	tcsetattr(STDIN_FILENO, TCSADRAIN, &raw);
	do {
		unsigned char key;

		shell_print("\r%s", question);
		fflush(stdout);
		answer = read(STDIN_FILENO, &key, 1) == 1 ? tolower(key) : EOF;
		if (answer == '?')
			shell_print("\n%s", help);
	} while (answer != EOF && !strchr(answers, answer));
	tcsetattr(STDIN_FILENO, TCSADRAIN, &before);
	shell_print("\n");
	return answer;
}

/* What is to become of what was not taken, for the reason `why`; EOF where nobody can be asked. */
static int ask(struct shell *shell, const char *why, bool relaxes)
{
	char question[128];
	const char *help = relaxes ? "y - yes, start editor again\nn - no, throw away my changes\n"
				     "i - turn off validation and try to redefine again\n"
				     "f - force, try to redefine again\n? - print this help\n"
				   : "y - yes, start editor again\nn - no, throw away my changes\n"
				     "f - force, try to redefine again\n? - print this help\n";

	if (!isatty(STDIN_FILENO)) {
		if (!shell->conn->error.code)
			shell_error("%s", why);
		return EOF;
	}
	shell_report(shell);
	snprintf(question, sizeof(question), "%s Try again? %s: ", why,
	    relaxes ? "[y,n,i,f,?]" : "[y,n,f,?]");
	return read_answer(question, relaxes ? "ynif" : "ynf", help);
}

/* Write `text` as long as the user wants that. 'y': it is to be edited on; 'n': it is thrown away;
 * 0: it is written. */
static int write_asking(
    struct shell *shell, const struct editor_job *job, const char **before, const char *text)
{
	bool relaxed = false;

	for (;;) {
		const char *now = job->read(shell, job->context);
		const char *why = "Failed.";
		int answer;

		if (now && !job->moves && strcmp(now, *before) != 0)
			why = "The XML configuration was changed by another user.";
		else if (now && job->write(shell, job->context, text, relaxed))
			return 0;
		answer = ask(shell, why, job->relaxes && !relaxed);
		if (answer == 'i')
			relaxed = true;
		else if (answer != 'f')
			return answer == 'y' ? 'y' : 'n';
		else if (now)
			*before = now;
	}
}

enum editor_outcome editor_change(struct shell *shell, const struct editor_job *job)
{
	enum editor_outcome outcome = EDITOR_FAILED;
	const char *before = job->read(shell, job->context);
	struct buf text = BUF_INIT;
	int answer = 'y';

	if (!before)
		return EDITOR_FAILED;
	buf_puts(&text, before);
	while (answer == 'y') {
		struct buf after = BUF_INIT;
		bool well = editor_edit(buf_text(&text), &after);

		buf_done(&text);
		text = after;
		if (!well)
			break;
		outcome = EDITOR_SAME;
		if (!strcmp(buf_text(&text), before))
			break;
		answer = write_asking(shell, job, &before, buf_text(&text));
		outcome = answer ? EDITOR_FAILED : EDITOR_CHANGED;
	}
	buf_done(&text);
	return outcome;
}
