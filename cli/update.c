/* SPDX-License-Identifier: GPL-2.0-only */
#include "cli/update.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/exit_codes.h"
#include "cli/node_files.h"
#include "cli/power.h"
#include "cli/tool.h"
#include "cli/update_source.h"
#include "lib/num.h"

#define SLOTS "/usr/lib/berth/slots"
#define INSTALL "/usr/lib/berth/install-disk"
#define RELEASE "/etc/berth-release"
#define CHECK_SECONDS 60
/* Seconds that a version on trial has; the usage names them. */
#define WITHIN_MIN 20
#define WITHIN_MAX 3600
#define WITHIN_USUAL "180s"

struct options {
	const char *operand;
	const char *within;
	const char *serial;
	const char *from;
	bool yes;
	bool later;
	bool firmware;
	bool forget;
};

static const struct option {
	const char *name;
	const char *verbs; /* initials of those that take it: update, rollback, install */
	size_t text;	   /* of the field for its value; 0: it has none */
	size_t flag;
	const char *help;
} option_table[] = {
	{ "--yes", "ur", 0, offsetof(struct options, yes), "ask nothing" },
	{ "--later", "ur", 0, offsetof(struct options, later),
	    "do not reboot: it is booted the next time" },
	{ "--firmware", "u", 0, offsetof(struct options, firmware),
	    "reboot through the firmware, though the kernel could start the new version" },
	{ "--within", "u", offsetof(struct options, within), 0,
	    "DURATION: how long the new version has to be well (" WITHIN_USUAL "; 20s to 1h)" },
	{ "--forget", "u", 0, offsetof(struct options, forget),
	    "no FILE: no longer tell of an update that was left" },
	{ "--serial", "i", offsetof(struct options, serial), 0,
	    "SERIAL: of the disk, when it is not blank" },
	{ "--from", "i", offsetof(struct options, from), 0,
	    "FILE|-|URL: an update file to install instead of what runs" },
};

static int usage(char verb)
{
	const char *line = verb == 'u'	 ? "update FILE|-|URL"
			   : verb == 'r' ? "rollback"
					 : "install DISK";

	fprintf(stderr, "usage: berth %s\n", line);
	for (size_t i = 0; i < sizeof(option_table) / sizeof(option_table[0]); i++)
		if (strchr(option_table[i].verbs, verb))
			fprintf(stderr, "  %-10s %s\n", option_table[i].name, option_table[i].help);
	return EXIT_USAGE;
}

/* How many words the option at `arguments` took; 0 when it is none of the verb's. */
static int read_option(char verb, int count, char **arguments, struct options *options)
{
	for (size_t i = 0; i < sizeof(option_table) / sizeof(option_table[0]); i++) {
		const struct option *option = &option_table[i];
		bool set = true;

		if (strcmp(option->name, arguments[0]) || !strchr(option->verbs, verb))
			continue;
		if (!option->text) {
			memcpy((char *)options + option->flag, &set, sizeof(set));
			return 1;
		}
		if (count < 2)
			return 0;
		memcpy((char *)options + option->text, &arguments[1], sizeof(arguments[1]));
		return 2;
	}
	return 0;
}

static bool read_options(char verb, int count, char **arguments, struct options *options)
{
	while (count > 0) {
		int taken = read_option(verb, count, arguments, options);

		if (!taken && !options->operand && verb != 'r' &&
		    (arguments[0][0] != '-' || !arguments[0][1])) {
			options->operand = arguments[0];
			taken = 1;
		}
		if (!taken)
			return false;
		arguments += taken;
		count -= taken;
	}
	return true;
}

/* Ask whoever is there; nobody is no. */
static bool agreed(const struct options *options, const char *question)
{
	char answer[16];

	if (options->yes)
		return true;
	if (!isatty(STDIN_FILENO)) {
		fprintf(stderr, "berth: %s: say --yes if that is meant. Nothing was changed.\n",
		    question);
		return false;
	}
	printf("%s. Go on? [y/N] ", question);
	fflush(stdout);
	return fgets(answer, sizeof(answer), stdin) && (answer[0] == 'y' || answer[0] == 'Y');
}

/* The value of KEY=VALUE, line `number` of the release file. */
static void release_value(unsigned int number, char line[NODE_LINE])
{
	const char *value;

	node_line(RELEASE, number, line);
	value = strchr(line, '=');
	memmove(line, value ? value + 1 : "?", strlen(value ? value + 1 : "?") + 1);
}

/* An older version, and what runs already, are asked about. */
static bool is_wanted(const struct options *options, const struct update_manifest *manifest)
{
	char version[NODE_LINE];
	char build[NODE_LINE];
	char question[3 * NODE_LINE];

	release_value(1, version);
	release_value(2, build);
	printf("This node runs %s (build %.12s); the file has %s (build %.12s).\n", version, build,
	    manifest->version, manifest->build);
	snprintf(question, sizeof(question), "%s is older than %s", manifest->version, version);
	if (update_version_compare(manifest->version, version) < 0)
		return agreed(options, question);
	if (!strcmp(manifest->build, build))
		return agreed(options, "this very build runs already");
	return true;
}

/* Run a script; its last line of output says why it failed. */
static int run_slots(const char *what, const char *verb, const char *first, const char *second)
{
	int status = tool_run(NULL, SLOTS, verb, first, second, (char *)NULL);

	if (status == 0)
		return EXIT_WELL;
	fprintf(stderr, "berth: %s (see above)\n", what);
	return EXIT_NOT_WELL;
}

static int reboot_now(const struct options *options)
{
	if (!options->later)
		return power_reboot(false);
	puts("It is booted the next time: berth reboot");
	return EXIT_WELL;
}

int update_run(int count, char **arguments)
{
	struct options options = { .within = WITHIN_USUAL };
	struct update_source source = { 0 };
	char within[NUM_TEXT];
	uint64_t seconds;
	int result;

	if (!read_options('u', count, arguments, &options) || !options.operand == !options.forget)
		return usage('u');
	if (options.forget)
		return run_slots("it cannot be forgotten", "forget", NULL, NULL);
	if (!num_parse_duration(options.within, WITHIN_MAX, &seconds) || seconds < WITHIN_MIN)
		return usage('u');
	snprintf(within, sizeof(within), "%u", (unsigned int)seconds);
	/* Whether this node can be updated at all, before anything is fetched. */
	result = run_slots("this node cannot be updated", "ready", NULL, NULL);
	if (result == EXIT_WELL)
		result = update_source_open(options.operand, &source);
	if (result == EXIT_WELL && !is_wanted(&options, &source.file.manifest))
		result = EXIT_NOT_WELL;
	if (result == EXIT_WELL)
		result = run_slots("the update was not taken: the node boots what it booted before",
		    "write", source.path, within);
	update_source_done(&source);
	if (result != EXIT_WELL)
		return result;
	return options.later || options.firmware ? reboot_now(&options) : power_reboot_kexec();
}

int rollback_run(int count, char **arguments)
{
	struct options options = { 0 };
	int result;

	if (!read_options('r', count, arguments, &options))
		return usage('r');
	result = run_slots("there is no way back", "other", NULL, NULL);
	if (result != EXIT_WELL)
		return result;
	if (!agreed(&options, "The node boots that from now on, and reboots"))
		return EXIT_NOT_WELL;
	result = run_slots("nothing was changed", "rollback", NULL, NULL);
	return result == EXIT_WELL ? reboot_now(&options) : result;
}

int install_run(int count, char **arguments)
{
	struct options options = { .serial = "" };
	struct update_source source = { 0 };
	int result = EXIT_WELL;
	int status;

	if (!read_options('i', count, arguments, &options) || !options.operand)
		return usage('i');
	if (options.from)
		result = update_source_open(options.from, &source);
	if (result == EXIT_WELL) {
		status = tool_run(NULL, INSTALL, options.operand, options.serial,
		    options.from ? source.path : "", (char *)NULL);
		result = status == 0 ? EXIT_WELL : EXIT_NOT_WELL;
	}
	update_source_done(&source);
	return result;
}
