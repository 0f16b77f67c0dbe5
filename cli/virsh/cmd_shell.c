/* SPDX-License-Identifier: GPL-2.0-only */
/* virsh itself: help, and what an interactive terminal needs. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/virsh/commands.h"
#include "cli/virsh/markup.h"

static const struct option help_options[] = {
	{ "command", OPTION_TEXT, false, "a command, or a group's keyword" },
	{ 0 },
};

static void print_group(const struct command_group *group)
{
	shell_print(" %s (help keyword '%s'):\n", group->title, group->keyword);
	for (const struct command *command = command_first(group); command;
	     command = command_next(group, command))
		if (!command->hidden)
			shell_print("    %-30s %s\n", command->name, command->help);
	shell_print("\n");
}

static const char *sort_of(const struct option *option)
{
	return option_is_number(option) ? "number" : "string";
}

/* [--name], <name>, [--name <string>] and so on; of words that are left "--name" may be left out
 * where others were given by their place. */
static void print_syntax(const struct command *command)
{
	bool place = false;

	shell_print("  SYNOPSIS\n    %s", command->name);
	for (const struct option *option = command->options; option && option->name; option++) {
		const char *open = option->required ? "{" : "[";
		const char *shut = option->required ? "}" : "]";

		if (option->kind == OPTION_FLAG)
			shell_print(" [--%s]", option->name);
		else if (option->kind == OPTION_REST && place)
			shell_print(" %s[--%s] <string>%s...", open, option->name, shut);
		else if (option->kind == OPTION_REST)
			shell_print(option->required ? " <%s>..." : " [<%s>]...", option->name);
		else if (option->required && option_has_place(option))
			shell_print(" <%s>", option->name);
		else
			shell_print(option->required ? " --%s <%s>" : " [--%s <%s>]", option->name,
			    sort_of(option));
		place = place || option_has_place(option);
	}
	shell_print("\n");
}

static void print_command(const struct command *command)
{
	bool place = false;
	char text[64];

	shell_print("  NAME\n    %s - %s\n\n", command->name, command->help);
	print_syntax(command);
	shell_print("\n");
	if (!command->options || !command->options->name)
		return;
	shell_print("  OPTIONS\n");
	for (const struct option *option = command->options; option->name; option++) {
		if (option->kind == OPTION_FLAG)
			snprintf(text, sizeof(text), "--%s", option->name);
		else if (option->kind == OPTION_REST && !place)
			snprintf(text, sizeof(text), "<%s>", option->name);
		else if ((option->required && option_has_place(option)) ||
			 option->kind == OPTION_REST)
			snprintf(text, sizeof(text), "[--%s] <%s>", option->name, sort_of(option));
		else
			snprintf(text, sizeof(text), "--%s <%s>", option->name, sort_of(option));
		place = place || option_has_place(option);
		shell_print("    %-15s  %s\n", text, option->help);
	}
	shell_print("\n");
}

static bool cmd_help(struct shell *shell)
{
	const char *name = shell_text(shell, "command");
	const struct command *command;

	if (!name) {
		shell_print("Grouped commands:\n\n");
		for (const struct command_group *group = command_groups; group->title; group++)
			print_group(group);
		return true;
	}
	for (const struct command_group *group = command_groups; group->title; group++)
		if (!strcmp(group->keyword, name) || !strcmp(group->title, name)) {
			print_group(group);
			return true;
		}
	command = command_find(name);
	if (!command)
		return shell_error("command or command group '%s' doesn't exist", name);
	print_command(command);
	return true;
}

static bool cmd_quit(struct shell *shell)
{
	shell->quit = true;
	return true;
}

static const struct option connect_options[] = {
	{ "name", OPTION_TEXT, false, "URI; the usual one without" },
	{ "readonly", OPTION_FLAG, false, "read only" },
	{ 0 },
};

static bool cmd_connect(struct shell *shell)
{
	const char *name = shell_text(shell, "name");

	shell_disconnect(shell);
	if (name)
		snprintf(shell->uri, sizeof(shell->uri), "%s", name);
	shell->read_only = shell_flag(shell, "readonly");
	return shell_connect(shell);
}

static const struct option echo_options[] = {
	{ "shell", OPTION_FLAG, false, "quoted for a shell" },
	{ "xml", OPTION_FLAG, false, "escaped for XML" },
	{ "split", OPTION_FLAG, false, "words with commas between them, each a word" },
	{ "err", OPTION_FLAG, false, "to where errors go" },
	{ "string", OPTION_REST, false, "words" },
	{ 0 },
};

/* As a shell takes it for one word. */
static void add_shell_word(struct buf *text, const char *word)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789_@%+=:,./-";

	if (*word && word[strspn(word, plain)] == '\0') {
		buf_puts(text, word);
		return;
	}
	buf_puts(text, "'");
	for (; *word; word++)
		if (*word == '\'')
			buf_puts(text, "'\\''");
		else
			buf_add(text, word, 1);
	buf_puts(text, "'");
}

/* Its parts on a line each; a comma in one is two of them. */
static void add_parts(struct buf *text, const char *word)
{
	for (; *word; word++)
		if (*word != ',')
			buf_add(text, word, 1);
		else if (word[1] == ',')
			buf_add(text, word++, 1);
		else
			buf_puts(text, "\n");
	buf_puts(text, "\n");
}

static bool cmd_echo(struct shell *shell)
{
	static const struct {
		const char *option;
		void (*add)(struct buf *text, const char *word);
	} ways[] = { { "shell", add_shell_word }, { "xml", markup_escape },
		{ "split", add_parts } };
	void (*way)(struct buf * text, const char *word) = buf_puts;
	const char *asked = NULL;
	struct buf text = BUF_INIT;

	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		if (!shell_flag(shell, ways[i].option))
			continue;
		if (asked)
			return shell_error(
			    "Options --%s and --%s are mutually exclusive", asked, ways[i].option);
		asked = ways[i].option;
		way = ways[i].add;
	}
	for (unsigned int i = 0, words = 0; i < shell->count; i++) {
		if (shell->arguments[i].option->kind != OPTION_REST)
			continue;
		if (words++)
			buf_puts(&text, " ");
		way(&text, shell->arguments[i].value);
	}
	if (shell_flag(shell, "err"))
		shell_error("%s", buf_text(&text));
	else
		shell_print("%s", buf_text(&text));
	buf_done(&text);
	return true;
}

static bool cmd_pwd(struct shell *shell)
{
	char path[4096];

	(void)shell;
	if (!getcwd(path, sizeof(path)))
		return shell_error("pwd: cannot get current directory");
	shell_print("%s\n", path);
	return true;
}

static const struct option cd_options[] = {
	{ "dir", OPTION_TEXT, false, "folder; / without" },
	{ 0 },
};

static bool cmd_cd(struct shell *shell)
{
	const char *folder = shell_text(shell, "dir");

	if (!shell->interactive)
		return shell_error("cd: command valid only in interactive mode");
	return !chdir(folder ? folder : "/") || shell_error("cd: %s: %s", strerror(errno), folder);
}

const struct command shell_commands[] = {
	{ "cd", cmd_cd, cd_options, .help = "change the folder", .offline = true },
	{ "connect", cmd_connect, connect_options, .help = "connect to a node", .offline = true },
	{ "echo", cmd_echo, echo_options, .help = "print words", .offline = true },
	{ "exit", cmd_quit, NULL, .help = "leave this terminal", .offline = true },
	{ "help", cmd_help, help_options, .help = "this help", .offline = true },
	{ "pwd", cmd_pwd, NULL, .help = "print the folder", .offline = true },
	{ "quit", cmd_quit, NULL, .help = "leave this terminal", .offline = true },
	{ 0 },
};
