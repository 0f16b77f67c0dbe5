/* SPDX-License-Identifier: GPL-2.0-only */
#include "cli/virsh/run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli/virsh/commands.h"

#define WORDS 256

static const struct option *option_named(
    const struct command *command, const char *name, size_t length)
{
	for (const struct option *option = command->options; option && option->name; option++)
		if (strlen(option->name) == length && !strncmp(option->name, name, length))
			return option;
	return NULL;
}

static bool add(struct shell *shell, const struct option *option, const char *value)
{
	if (option->kind != OPTION_REST && shell_argument(shell, option->name))
		return shell_error("option --%s already seen", option->name);
	if (shell->count == SHELL_ARGUMENTS)
		return shell_error("too many arguments");
	shell->arguments[shell->count++] = (struct argument){ option, value };
	return true;
}

/* The first option that may be given by its place and has not been given. */
static const struct option *next_place(const struct shell *shell)
{
	for (const struct option *option = shell->command->options; option && option->name;
	     option++)
		if (option->kind == OPTION_REST ||
		    (option_has_place(option) && !shell_argument(shell, option->name)))
			return option;
	return NULL;
}

/* "--name", "--name=value": how many words it took, 0 with the fault told. */
static int take_option(struct shell *shell, int count, char **words)
{
	const char *name = words[0] + 2;
	size_t length = strcspn(name, "=");
	const struct option *option = option_named(shell->command, name, length);
	const char *value = name[length] ? name + length + 1 : NULL;

	if (!option) {
		shell_error("command '%s' doesn't support option --%.*s", shell->command->name,
		    (int)length, name);
		return 0;
	}
	if (option->kind == OPTION_FLAG) {
		if (value) {
			shell_error("invalid '=' after option --%s", option->name);
			return 0;
		}
		return add(shell, option, NULL) ? 1 : 0;
	}
	if (value)
		return add(shell, option, value) ? 1 : 0;
	if (count < 2) {
		shell_error("expected syntax: --%s <%s>", option->name,
		    option_is_number(option) ? "number" : "string");
		return 0;
	}
	return add(shell, option, words[1]) ? 2 : 0;
}

/* "-readonly": how the first virsh wrote what is "--readonly" now. */
static bool is_old_flag(const struct command *command, const char *word)
{
	const struct option *option = *word == '-' && word[1] && word[1] != '-' && word[2]
					  ? option_named(command, word + 1, strlen(word + 1))
					  : NULL;

	return option && option->kind == OPTION_FLAG;
}

static bool take_words(struct shell *shell, int count, char **words)
{
	bool options = true;

	for (int i = 0; i < count;) {
		const struct option *place;
		int took = 1;

		if (options && !strcmp(words[i], "--")) {
			options = false;
			i++;
			continue;
		}
		if (options && !strncmp(words[i], "--", 2)) {
			took = take_option(shell, count - i, words + i);
			if (!took)
				return false;
		} else if (options && is_old_flag(shell->command, words[i])) {
			if (!add(shell,
				option_named(shell->command, words[i] + 1, strlen(words[i] + 1)),
				NULL))
				return false;
		} else {
			place = next_place(shell);
			if (!place)
				return shell_error("unexpected data '%s'", words[i]);
			if (!add(shell, place, words[i]))
				return false;
		}
		i += took;
	}
	for (const struct option *option = shell->command->options; option && option->name;
	     option++)
		if (option->required && !shell_argument(shell, option->name))
			return shell_error(option->kind == OPTION_NUMBER
					       ? "command '%s' requires --%s option"
					       : "command '%s' requires <%s> option",
			    shell->command->name, option->name);
	return true;
}

/* One command as the shell's, with its arguments. */
static bool parse_one(struct shell *shell, int count, char **words)
{
	shell->count = 0;
	shell->command = command_find(words[0]);
	if (!shell->command)
		return shell_error("unknown command: '%s'", words[0]);
	return take_words(shell, count - 1, words + 1);
}

/* Whether nothing that must be said is empty. */
static bool are_said(struct shell *shell)
{
	for (unsigned int i = 0; i < shell->count; i++) {
		const struct option *option = shell->arguments[i].option;

		if (option->required && option->kind == OPTION_TEXT && !*shell->arguments[i].value)
			return shell_error(
			    "Failed to get option '%s': Option argument is empty", option->name);
	}
	return true;
}

/* An empty line, or how long it took; nothing once the user has left. */
static void print_end(const struct shell *shell, const struct timespec *begun)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	if (shell->timing)
		shell_print(
		    "\n(Time: %.3f ms)\n\n", (double)(now.tv_sec - begun->tv_sec) * 1000 +
						 (double)(now.tv_nsec - begun->tv_nsec) / 1000000);
	else if (!shell->quit)
		shell_extra(shell, "\n");
}

bool run_words(struct shell *shell, int count, char **words)
{
	struct timespec begun;
	bool well;

	if (!parse_one(shell, count, words))
		return false;
	if (!shell->command->offline && !shell_connect(shell))
		return false;
	clock_gettime(CLOCK_MONOTONIC, &begun);
	well = are_said(shell) && shell->command->run(shell);
	if (!well)
		shell_report(shell);
	shell_forget_error(shell);
	if (shell->conn)
		conn_release(shell->conn);
	print_end(shell, &begun);
	fflush(stdout);
	return well;
}

/* The commands of a line, one after the other; `what` ends them by failing where `stop` says so. */
static bool each(struct shell *shell, int count, char **words,
    bool (*what)(struct shell *shell, int count, char **words), bool stop)
{
	bool well = true;

	for (int start = 0; start < count && !shell->quit;) {
		int end = start;

		while (end < count && strcmp(words[end], ";") != 0)
			end++;
		if (end > start)
			well = what(shell, end - start, words + start);
		if (stop && !well)
			return false;
		start = end + 1;
	}
	return well;
}

/* Nothing of a line runs that cannot be understood whole. */
static bool run_several(struct shell *shell, int count, char **words)
{
	return each(shell, count, words, parse_one, true) &&
	       each(shell, count, words, run_words, false);
}

/* A line end after a backslash is a blank. */
static const char *skip_blanks(const char *line)
{
	for (;;) {
		line += strspn(line, " \t");
		if (strncmp(line, "\\\n", 2) != 0)
			return line;
		line += 2;
	}
}

/*
 * Words of a line: blanks separate, quotes and backslashes keep together, ";" and line ends
 * separate commands, "#" begins a comment. The words are written to `text`, which has room for the
 * line twice.
 */
static int split(const char *line, char *text, char **words)
{
	int count = 0;

	while (*line) {
		char quote = '\0';

		line = skip_blanks(line);
		if (*line == '#') {
			line += strcspn(line, "\n");
			continue;
		}
		if (!*line)
			break;
		if (count == WORDS) {
			shell_error("too many words");
			return -1;
		}
		words[count++] = text;
		if (*line == ';' || *line == '\n') {
			*text++ = ';';
			*text++ = '\0';
			line++;
			continue;
		}
		for (; *line && (quote || !strchr(" \t;\n", *line)); line++) {
			if (*line == quote) {
				quote = '\0';
			} else if (!quote && (*line == '\'' || *line == '"')) {
				quote = *line;
			} else {
				if (*line == '\\' && quote != '\'' && !*++line) {
					shell_error("dangling \\");
					return -1;
				}
				*text++ = *line;
			}
		}
		*text++ = '\0';
		if (quote == '"') {
			shell_error("missing \"");
			return -1;
		}
	}
	return count;
}

bool run_line(struct shell *shell, const char *line)
{
	char *words[WORDS];
	char *text = malloc(2 * strlen(line) + 2);
	int count = text ? split(line, text, words) : -1;
	bool well = count >= 0 && run_several(shell, count, words);

	/* A command that is asked for and is none has not gone well. */
	well = well && (shell->interactive || line[strspn(line, " \t")]);
	free(text);
	return well;
}
