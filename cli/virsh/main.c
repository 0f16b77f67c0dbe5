/* SPDX-License-Identifier: GPL-2.0-only */
/* virsh: a node's guests from the command line. virsh(1). Called as virt-ssh-helper it is the other
 * end of such a connection. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/virsh/clone.h"
#include "cli/virsh/commands.h"
#include "cli/virsh/install.h"
#include "cli/virsh/line.h"
#include "cli/virsh/relay.h"
#include "cli/virsh/run.h"
#include "cli/virsh/version.h"
#include "cli/virsh/xm.h"
#include "lib/num.h"

#define USUAL_URI "qemu:///system"
#define USUAL_ESCAPE 0x1d /* Ctrl+] */

static void usage(FILE *stream)
{
	fputs("usage: virsh [OPTION]... [COMMAND...]\n"
	      "       virsh [OPTION]... COMMAND-LINE\n\n"
	      "    -c | --connect=URI      node to connect to; " USUAL_URI " without\n"
	      "    -r | --readonly         read only\n"
	      "    -q | --quiet            less text\n"
	      "    -e | --escape CHAR      what leaves a console; ^] without\n"
	      "    -d | --debug=NUMBER     0 to 4; nothing more is told with any of them\n"
	      "    -k | --keepalive-interval=NUMBER\n"
	      "    -K | --keepalive-count=NUMBER\n"
	      "                            taken: the node asks whether this side lives\n"
	      "    -l | --log=FILE         write errors to a file as well\n"
	      "    -t | --timing           tell how long each command took\n"
	      "    -v                      version\n"
	      "    -V                      version, and what this is\n"
	      "         --version[=TYPE]   the same: short or long\n"
	      "    -h | --help             this help, and the commands\n\n"
	      "Without a command it is an interactive terminal.\n\n",
	    stream);
}

static void print_version(const char *how)
{
	if (how && !strcmp(how, "long")) {
		puts(
		    "Virsh command line tool of Berth, with the commands of libvirt " VIRSH_VERSION);
		puts("Transports: unix ssh");
	} else {
		puts(VIRSH_VERSION);
	}
}

static const char *completion(const char *begin, unsigned int index)
{
	for (const struct command_group *group = command_groups; group->title; group++)
		for (const struct command *command = command_first(group); command;
		     command = command_next(group, command))
			if (!command->hidden && !strncmp(command->name, begin, strlen(begin)) &&
			    !index--)
				return command->name;
	return NULL;
}

static int interactive(struct shell *shell)
{
	const char *line;
	bool terminal = isatty(STDIN_FILENO);

	shell->interactive = true;
	if (!shell_connect(shell))
		return EXIT_FAILURE;
	shell_extra(shell, "Welcome to virsh, the virtualization interactive terminal.\n\n"
			   "Type:  'help' for help with commands\n"
			   "       'quit' to quit\n\n");
	while (!shell->quit) {
		const char *prompt = shell->read_only ? "virsh > " : "virsh # ";

		if (!terminal)
			shell_print("%s", prompt);
		line = line_read(prompt, completion);
		if (!line)
			break;
		if (!terminal)
			shell_print("%s\n", line);
		run_line(shell, line);
	}
	shell_print("\n");
	return EXIT_SUCCESS;
}

/* "^]", or one character. */
static bool parse_escape(const char *text, char *ret_escape)
{
	if (text[0] == '^' && text[1] && !text[2])
		*ret_escape = (char)(text[1] & 0x1f);
	else if (text[0] && !text[1])
		*ret_escape = text[0];
	else
		return false;
	return true;
}

static void take_environment(struct shell *shell)
{
	static const char *const names[] = { "VIRSH_DEFAULT_CONNECT_URI", "LIBVIRT_DEFAULT_URI" };

	snprintf(shell->uri, sizeof(shell->uri), USUAL_URI);
	for (size_t i = 0; i < 2; i++) {
		const char *value = getenv(names[i]);

		if (value && *value) {
			snprintf(shell->uri, sizeof(shell->uri), "%s", value);
			return;
		}
	}
}

/* The value of -d, -k or -K. */
static bool take_number(char letter, const char *value)
{
	uint64_t number;

	if (!num_parse(value, INT32_MAX, &number))
		return shell_error(letter == 'd' ? "option -%c takes a numeric argument"
						 : "Invalid value for option -%c",
		    letter);
	if (letter == 'd' && number > 4)
		shell_error("ignoring debug level %s out of range [0-4]", value);
	return true;
}

/* One option before the command; `value` is its argument. -1 to go on, else the exit code. */
static int take_option(struct shell *shell, char letter, const char *value)
{
	switch (letter) {
	case 'c':
		/* Scripts pass an empty one for the usual. */
		if (*value)
			snprintf(shell->uri, sizeof(shell->uri), "%s", value);
		return -1;
	case 'r':
		shell->read_only = true;
		return -1;
	case 'q':
		shell->quiet = true;
		return -1;
	case 'e':
		if (parse_escape(value, &shell->escape))
			return -1;
		shell_error("Invalid string '%s' for escape sequence", value);
		return EXIT_FAILURE;
	case 'v':
		print_version(value);
		return EXIT_SUCCESS;
	case 'V':
		print_version("long");
		return EXIT_SUCCESS;
	case 'h':
		usage(stdout);
		command_find("help")->run(shell);
		return EXIT_SUCCESS;
	case 't':
		shell->timing = true;
		return -1;
	case 'l':
		return shell_log(value) ? -1 : EXIT_FAILURE;
	case 'd':
	case 'k':
	case 'K':
		return take_number(letter, value) ? -1 : EXIT_FAILURE;
	default:
		usage(stderr);
		return EXIT_FAILURE;
	}
}

/* virsh's own struct option is of commands; getopt's has this name too, so options are told apart
 * here: "-c URI", "-cURI", "--connect URI", "--connect=URI". */
static const struct global {
	const char *name;
	char letter;
	bool value;
} globals[] = {
	{ "connect", 'c', true },
	{ "readonly", 'r', false },
	{ "quiet", 'q', false },
	{ "escape", 'e', true },
	{ "debug", 'd', true },
	{ "log", 'l', true },
	{ "keepalive-interval", 'k', true },
	{ "keepalive-count", 'K', true },
	{ "timing", 't', false },
	{ "version", 'v', false },
	{ "", 'V', false },
	{ "help", 'h', false },
};

/* The option that `word` is, and its value when that is in the same word. */
static const struct global *global_of(const char *word, const char **ret_value)
{
	size_t length = strcspn(word + 2, "=");

	*ret_value = NULL;
	for (size_t i = 0; i < sizeof(globals) / sizeof(globals[0]); i++) {
		const struct global *global = &globals[i];

		if (word[1] == '-' && strlen(global->name) == length &&
		    !strncmp(global->name, word + 2, length)) {
			*ret_value = word[2 + length] ? word + 3 + length : NULL;
			return global;
		}
		if (word[1] != '-' && word[1] == global->letter) {
			*ret_value = word[2] ? word + 2 : NULL;
			return global;
		}
	}
	return NULL;
}

/* Everything before the command; `*ret_first` is where that begins. -1 to go on. */
static int take_options(struct shell *shell, int argc, char **argv, int *ret_first)
{
	int i = 1;

	for (; i < argc && argv[i][0] == '-' && argv[i][1]; i++) {
		const char *value;
		const struct global *global;
		const char *rest;
		int code;

		if (!strcmp(argv[i], "--")) {
			i++;
			break;
		}
		global = global_of(argv[i], &value);
		if (!global) {
			shell_error("unsupported option '%s'. See --help.", argv[i]);
			return EXIT_FAILURE;
		}
		if (global->value && !value) {
			if (++i == argc) {
				shell_error("option '-%c'/'--%s' requires an argument",
				    global->letter, global->name);
				return EXIT_FAILURE;
			}
			value = argv[i];
		}
		code = take_option(shell, global->letter, value);
		/* "-rq": letters without values may be in one word. */
		while (code < 0 && !global->value && argv[i][1] != '-' && value) {
			char word[3] = { '-', *value++, '\0' };

			global = global_of(word, &rest);
			if (!global || global->value) {
				shell_error("unsupported option '%s'. See --help.", argv[i]);
				return EXIT_FAILURE;
			}
			code = take_option(shell, global->letter, NULL);
			value = *value ? value : NULL;
		}
		if (code >= 0)
			return code;
	}
	*ret_first = i;
	return -1;
}

/* What else it is, by the name that it is called by. */
static const struct {
	const char *name;
	int (*run)(struct shell *shell, int argc, char **argv);
} programs[] = {
	{ "virt-clone", clone_main },
	{ "virt-install", install_main },
	{ "xm", xm_main },
};

int main(int argc, char **argv)
{
	struct shell shell = { .escape = USUAL_ESCAPE };
	const char *name = strrchr(argv[0], '/');
	int first = argc;
	int code;

	signal(SIGPIPE, SIG_IGN);
	if (!strcmp(name ? name + 1 : argv[0], "virt-ssh-helper"))
		return relay_main(argc, argv);
	if (!strcmp(name ? name + 1 : argv[0], "nc"))
		return relay_netcat(argc, argv);
	take_environment(&shell);
	for (size_t i = 0; i < sizeof(programs) / sizeof(programs[0]); i++)
		if (!strcmp(name ? name + 1 : argv[0], programs[i].name)) {
			code = programs[i].run(&shell, argc, argv);
			shell_disconnect(&shell);
			return code;
		}
	code = take_options(&shell, argc, argv, &first);
	if (code >= 0)
		return code;
	if (first == argc)
		code = interactive(&shell);
	else if (first + 1 == argc)
		code = run_line(&shell, argv[first]) ? EXIT_SUCCESS : EXIT_FAILURE;
	else
		code = run_words(&shell, argc - first, argv + first) ? EXIT_SUCCESS : EXIT_FAILURE;
	shell_disconnect(&shell);
	return code;
}
