/* SPDX-License-Identifier: GPL-2.0-only */
/* virsh itself: help, and what an interactive terminal needs. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/virsh/commands.h"

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

/* [--name], <name>, [--name <string>] and so on. */
static void print_syntax(const struct command *command)
{
	shell_print("  SYNOPSIS\n    %s", command->name);
	for (const struct option *option = command->options; option && option->name; option++)
		switch (option->kind) {
		case OPTION_FLAG:
			shell_print(" [--%s]", option->name);
			break;
		case OPTION_TEXT:
		case OPTION_NUMBER:
			shell_print(option->required ? " <%s>" : " [<%s>]", option->name);
			break;
		case OPTION_NAMED:
			shell_print(" [--%s <string>]", option->name);
			break;
		case OPTION_REST:
			shell_print(" [<%s>]...", option->name);
			break;
		}
	shell_print("\n");
}

static void print_command(const struct command *command)
{
	static const char *const forms[] = { "", "--%s", "[--%s] <string>", "[--%s] <number>",
		"--%s <string>", "[--%s] <string>" };
	char text[64];

	shell_print("  NAME\n    %s - %s\n\n", command->name, command->help);
	print_syntax(command);
	shell_print("\n");
	if (!command->options || !command->options->name)
		return;
	shell_print("  OPTIONS\n");
	for (const struct option *option = command->options; option->name; option++) {
		const char *form = forms[option->kind];
		const char *at = strstr(form, "%s");

		snprintf(
		    text, sizeof(text), "%.*s%s%s", (int)(at - form), form, option->name, at + 2);
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
	{ "string", OPTION_REST, false, "words" },
	{ 0 },
};

static bool cmd_echo(struct shell *shell)
{
	bool first = true;

	for (unsigned int i = 0; i < shell->count; i++) {
		if (shell->arguments[i].option->kind != OPTION_REST)
			continue;
		shell_print("%s%s", first ? "" : " ", shell->arguments[i].value);
		first = false;
	}
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
	return !chdir(folder ? folder : "/") || shell_error("cd: %s: no such folder", folder);
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
