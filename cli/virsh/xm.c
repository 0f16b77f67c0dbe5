/* SPDX-License-Identifier: GPL-2.0-only */
#include "cli/virsh/xm.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/virsh/run.h"

#define WORDS 64

/*
 * xm's word, and the command of virsh that it is. "-x" among the letters is xm's short option for
 * the long one that follows. A suffix is added to the last word, where xm counts in units of its
 * own.
 */
static const struct xm_word {
	const char *name;
	const char *arguments;
	const char *command; /* NULL: a program, named by `help` no more than that */
	const char *letters;
	const char *suffix;
	const char *help;
} words[] = {
	{ "block-list", "GUEST", "domblklist", "", NULL, "a guest's disks" },
	{ "console", "GUEST", "console", "", NULL, "connect to a guest's console" },
	{ "create", "[-c] [-p] FILE | GUEST", "xm-create", "-c console -p paused", NULL,
	    "start a guest from a file of Xen, or one that is defined" },
	{ "delete", "GUEST", "undefine", "", NULL, "remove a guest's definition" },
	{ "destroy", "GUEST", "destroy", "", NULL, "stop a guest at once" },
	{ "domid", "GUEST", "domid", "", NULL, "a guest's id" },
	{ "domname", "ID", "domname", "", NULL, "a guest's name" },
	{ "dump-core", "[-C] [-L] [-R] GUEST FILE", "dump", "-C crash -L live -R reset", NULL,
	    "write a guest's memory to a file" },
	{ "info", "", "nodeinfo", "", NULL, "what the node is" },
	{ "list", "[--long] [GUEST]", "xm-list", "-l long", NULL, "guests that run" },
	{ "mem-max", "GUEST MIB", "setmaxmem", "", "M", "what a guest's memory may grow to" },
	{ "mem-set", "GUEST MIB", "setmem", "", "M", "a guest's memory" },
	{ "network-list", "GUEST", "domiflist", "", NULL, "a guest's network interfaces" },
	{ "new", "FILE", "berth-import", "", NULL, "define a guest from a file of Xen" },
	{ "pause", "GUEST", "suspend", "", NULL, "pause a guest" },
	{ "reboot", "GUEST", "reboot", "", NULL, "ask a guest to reboot" },
	{ "rename", "GUEST NAME", "domrename", "", NULL, "give a guest another name" },
	{ "reset", "GUEST", "reset", "", NULL, "reset a guest, as its button would" },
	{ "restore", "FILE", "restore", "", NULL, "start a guest from a file of save" },
	{ "resume", "GUEST", "start", "", NULL, "start a guest, from its saved state if any" },
	{ "save", "GUEST FILE", "save", "", NULL, "save a guest to a file, and stop it" },
	{ "sched-credit", "-d GUEST [-w WEIGHT] [-c CAP]", "xm-sched-credit",
	    "-d domain -w weight -c cap", NULL, "a guest's share of processors" },
	{ "shutdown", "GUEST", "shutdown", "", NULL, "ask a guest to shut down" },
	{ "start", "[-c] [-p] GUEST", "start", "-c console -p paused", NULL,
	    "start a guest that is defined" },
	{ "suspend", "GUEST", "managedsave", "", NULL,
	    "save a guest for its next start, and stop it" },
	{ "top", "[-b] [-n TIMES] [-d SECONDS]", "berth-top", "-b batch -n times -d delay", NULL,
	    "what guests use, again and again" },
	{ "unpause", "GUEST", "resume", "", NULL, "let a paused guest go on" },
	{ "vcpu-list", "[GUEST]", "xm-vcpu-list", "", NULL, "virtual processors" },
	{ "vcpu-pin", "GUEST VCPU CPUS", "vcpupin", "", NULL, "where one may run" },
	{ "vcpu-set", "GUEST COUNT", "setvcpus", "", NULL, "how many a guest has" },
	{ "dmesg", "", NULL, "dmesg", NULL, "the kernel's messages" },
	{ "log", "", NULL, "logread", NULL, "the node's log" },
	{ "help", "", "help", "", NULL, "this list" },
};

static void print_help(FILE *stream)
{
	fputs("usage: xm WORD [ARGUMENT]...; what is not here virsh has\n", stream);
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		fprintf(
		    stream, "  %-13s %-30s %s\n", words[i].name, words[i].arguments, words[i].help);
}

static const struct xm_word *word_of(const char *name)
{
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (!strcmp(words[i].name, name))
			return &words[i];
	return NULL;
}

/* The long option of a short one as "--name"; what is none stays. */
static char *lengthen(const struct xm_word *word, char *argument)
{
	const char *at = argument[0] == '-' && argument[1] && !argument[2]
			     ? strstr(word->letters, argument)
			     : NULL;
	char *text = NULL;

	if (!at)
		return strdup(argument);
	at += 3;
	return asprintf(&text, "--%.*s", (int)strcspn(at, " "), at) < 0 ? NULL : text;
}

static int run_program(const char *program, char **argv)
{
	execvp(program, argv);
	shell_error("cannot run %s: %s", program, strerror(errno));
	return EXIT_FAILURE;
}

static int run_as_virsh(
    struct shell *shell, const struct xm_word *word, int count, char **arguments)
{
	char *changed[WORDS] = { strdup(word->command) };
	bool well = changed[0];

	for (int i = 1; well && i < count; i++) {
		changed[i] = lengthen(word, arguments[i]);
		well = changed[i];
	}
	if (well && word->suffix && count > 2) {
		char *last = NULL;

		well = asprintf(&last, "%s%s", changed[count - 1], word->suffix) > 0;
		free(changed[count - 1]);
		changed[count - 1] = well ? last : NULL;
	}
	if (well)
		well = run_words(shell, count, changed);
	else
		shell_error("out of memory");
	for (int i = 0; i < count; i++)
		free(changed[i]);
	return well ? EXIT_SUCCESS : EXIT_FAILURE;
}

int xm_main(struct shell *shell, int argc, char **argv)
{
	const struct xm_word *word = argc > 1 ? word_of(argv[1]) : NULL;

	/* xm says nothing of what went well. */
	shell->quiet = true;
	if (argc - 1 > WORDS)
		return shell_error("too many arguments"), EXIT_FAILURE;
	if (!word) {
		if (argc > 1)
			shell_error("unknown word: '%s'", argv[1]);
		print_help(stderr);
		return EXIT_FAILURE;
	}
	if (!word->command)
		return run_program(word->letters, argv + 1);
	if (!strcmp(word->name, "help")) {
		print_help(stdout);
		return EXIT_SUCCESS;
	}
	return run_as_virsh(shell, word, argc - 1, argv + 1);
}
