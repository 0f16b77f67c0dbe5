/* SPDX-License-Identifier: GPL-2.0-only */
/* berth: the node's own command. berth(8). */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/addresses.h"
#include "cli/config.h"
#include "cli/config_worker.h"
#include "cli/console.h"
#include "cli/disk_health.h"
#include "cli/exit_codes.h"
#include "cli/fetch_url.h"
#include "cli/identifier.h"
#include "cli/kexec.h"
#include "cli/node_files.h"
#include "cli/power.h"
#include "cli/report.h"
#include "cli/status.h"
#include "cli/update.h"

static int verb_help(int count, char **arguments);

static int verb_status(int count, char **arguments)
{
	struct buf text = BUF_INIT;
	bool well;

	(void)count;
	(void)arguments;
	well = status_text(addresses_list, &text);
	fputs(buf_text(&text), stdout);
	buf_done(&text);
	return well ? EXIT_WELL : EXIT_NOT_WELL;
}

static int verb_console(int count, char **arguments)
{
	return count == 1 && !strchr(arguments[0], '/') ? console_run(arguments[0]) : EXIT_USAGE;
}

static int verb_disk_health(int count, char **arguments)
{
	return count == 1 && !strchr(arguments[0], '/') ? disk_health_run(arguments[0])
							: EXIT_USAGE;
}

static int verb_report(int count, char **arguments)
{
	(void)count;
	(void)arguments;
	return report_run();
}

static bool is_forced(int count, char **arguments)
{
	return count == 1 && !strcmp(arguments[0], "--force");
}

static int verb_poweroff(int count, char **arguments)
{
	return power_off(is_forced(count, arguments));
}

static int verb_reboot(int count, char **arguments)
{
	if (count == 1 && !strcmp(arguments[0], "--kexec"))
		return power_reboot_kexec();
	return power_reboot(is_forced(count, arguments));
}

static int verb_log(int count, char **arguments)
{
	bool follow = count == 1 && !strcmp(arguments[0], "-f");

	execlp("logread", "logread", follow ? "-f" : (char *)NULL, (char *)NULL);
	fprintf(stderr, "berth: cannot run logread: %s\n", strerror(errno));
	return EXIT_SYSTEM;
}

/* What guests are and do is asked of berthd by virsh, which knows these words as well. */
static int run_virsh(char *command, int count, char **arguments)
{
	static char virsh[] = "virsh";
	char *words[8] = { virsh, command };

	if (count > 5)
		return EXIT_USAGE;
	memcpy(words + 2, arguments, (size_t)count * sizeof(*arguments));
	execvp(virsh, words);
	fprintf(stderr, "berth: cannot run virsh: %s\n", strerror(errno));
	return EXIT_SYSTEM;
}

static int verb_import(int count, char **arguments)
{
	static char command[] = "berth-import";

	return run_virsh(command, count, arguments);
}

static int verb_top(int count, char **arguments)
{
	static char command[] = "berth-top";

	return run_virsh(command, count, arguments);
}

static int verb_version(int count, char **arguments)
{
	char line[NODE_LINE];

	(void)count;
	(void)arguments;
	for (unsigned int i = 1; node_line("/etc/berth-release", i, line); i++)
		puts(line);
	return EXIT_WELL;
}

static int print_identifier(int error, const char *text)
{
	if (error) {
		fprintf(stderr, "berth: no random numbers: %s\n", strerror(-error));
		return EXIT_SYSTEM;
	}
	puts(text);
	return EXIT_WELL;
}

static int verb_mac(int count, char **arguments)
{
	char text[IDENTIFIER_MAC];

	(void)count;
	(void)arguments;
	return print_identifier(identifier_mac(text), text);
}

static int verb_uuid(int count, char **arguments)
{
	char text[IDENTIFIER_UUID];

	(void)count;
	(void)arguments;
	return print_identifier(identifier_uuid(text), text);
}

static int verb_config_worker(int count, char **arguments)
{
	(void)count;
	(void)arguments;
	return config_worker_run();
}

static const struct verb {
	const char *name;
	/* The one argument it may have, or the ones it may have one of; "" for none; a capital word
	 * must be given; "..." for what it looks at itself. */
	const char *option;
	int (*run)(int count, char **arguments);
	const char *help;
} verbs[] = {
	{ "status", "", verb_status, "how the node is; exit code 1 when something is not well" },
	{ "config", "...", config_run,
	    "look at the configuration and change it: berth config tells how" },
	{ "update", "...", update_run,
	    "another version into the other slot, tried once, kept if it is well" },
	{ "rollback", "...", rollback_run, "boot the other slot from now on" },
	{ "install", "...", install_run, "this node onto an internal disk" },
	{ "report", "", verb_report, "everything that a bug report needs, without secrets" },
	{ "log", "-f", verb_log, "the log; -f goes on as it grows" },
	{ "poweroff", "--force", verb_poweroff,
	    "stop everything and switch off; --force: at once" },
	{ "reboot", "--force|--kexec", verb_reboot,
	    "stop everything and start anew; --force: at once; --kexec: without the firmware" },
	{ "console", "TTY", verb_console,
	    "the status screen on a physical console (run by runsv)" },
	{ "disk-health", "DISK", verb_disk_health,
	    "what a disk says of its own health (run by hardware)" },
	{ "config-worker", "", verb_config_worker, "applies a change (run by runsv)" },
	{ "fetch-url", "...", fetch_url_run, "fills in an address (run by config-fetch)" },
	{ "top", "...", verb_top,
	    "what guests use, again and again: --batch, --times N, --delay SECONDS" },
	{ "import", "FILE", verb_import, "define a guest from a configuration file of Xen" },
	{ "kexec", "...", kexec_run, "loads a kernel, starts it (run by slots and shutdown)" },
	{ "mac", "", verb_mac, "a new MAC address for a guest's NIC" },
	{ "uuid", "", verb_uuid, "a new UUID for a guest" },
	{ "version", "", verb_version, "version and build" },
	{ "help", "", verb_help, "this list" },
};

static void print_verbs(FILE *stream)
{
	fputs("usage: berth [--root FOLDER] VERB\n", stream);
	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
		fprintf(
		    stream, "  %-13s %-15s %s\n", verbs[i].name, verbs[i].option, verbs[i].help);
	fputs("Exit codes: 0 well, 1 something is not well, 100 usage, 111 the system failed.\n",
	    stream);
}

static int verb_help(int count, char **arguments)
{
	(void)count;
	(void)arguments;
	print_verbs(stdout);
	return EXIT_WELL;
}

/* Whether a word is one of "A|B". */
static bool is_one_of(const char *word, const char *choice)
{
	size_t length = strlen(word);

	for (;; choice += strcspn(choice, "|") + 1) {
		if (length && strcspn(choice, "|") == length && !strncmp(choice, word, length))
			return true;
		if (!choice[strcspn(choice, "|")])
			return false;
	}
}

/* Whether a verb may be called with these arguments. */
static bool accepts(const struct verb *verb, int count, char **arguments)
{
	bool required = verb->option[0] >= 'A' && verb->option[0] <= 'Z';

	if (!strcmp(verb->option, "..."))
		return true;
	if (required)
		return count == 1;
	return count == 0 || (count == 1 && is_one_of(arguments[0], verb->option));
}

int main(int argc, char **argv)
{
	argv++;
	argc--;
	if (argc >= 2 && !strcmp(argv[0], "--root")) {
		node_set_root(argv[1]);
		argv += 2;
		argc -= 2;
	}
	for (size_t i = 0; argc > 0 && i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (!strcmp(verbs[i].name, argv[0]) && accepts(&verbs[i], argc - 1, argv + 1))
			return verbs[i].run(argc - 1, argv + 1);
	if (argc > 0)
		fprintf(stderr, "berth: \"%s\" is no verb, or not with these arguments\n", argv[0]);
	print_verbs(stderr);
	return EXIT_USAGE;
}
