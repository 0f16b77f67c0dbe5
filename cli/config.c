/* SPDX-License-Identifier: GPL-2.0-only */
#include "cli/config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/exit_codes.h"
#include "cli/tool.h"
#include "lib/file.h"
#include "lib/num.h"

#define STORE "/usr/lib/berth/config-store"
#define STORE_SECONDS 60
#define FILE_MAX (1024u * 1024)
#define FETCH "/usr/lib/berth/config-fetch"
#define FETCH_SECONDS 60
#define FETCHED "/run/berth/fetch/berth.conf"
#define PUT_FOLDER "tls/"
#define IN_FORCE "/run/berth/berth.conf"
/* Seconds; the usage names them. */
#define WITHIN_MIN 10
#define WITHIN_MAX 86400
#define WITHIN_USUAL 120

int config_source(const char *operand, struct buf *text, const char **ret_name)
{
	int error;

	*ret_name = operand && strcmp(operand, "-") ? operand : "berth.conf";
	if (!operand) {
		error = tool_read(text, STORE_SECONDS, STORE, "asked", (char *)NULL);
		if (!error)
			return EXIT_WELL;
		fprintf(stderr, "berth: cannot read berth.conf on the config partition: %s\n",
		    error > 0 ? tool_last_line(text) : strerror(-error));
		return EXIT_SYSTEM;
	}
	error = file_read(operand, FILE_MAX, text);
	if (error)
		fprintf(stderr, "berth: cannot read \"%s\": %s\n", operand, strerror(-error));
	return error ? EXIT_SYSTEM : EXIT_WELL;
}

/* A file of its own for a text, for the tools that want one: FOLDER/berth.conf. */
static int make_file(const struct buf *text, char *folder)
{
	char path[64];
	int error;

	if (!mkdtemp(folder))
		return -errno;
	snprintf(path, sizeof(path), "%s/berth.conf", folder);
	error = file_replace(path, buf_text(text), text->length, 0600);
	if (error)
		tool_run(NULL, "rm", "-rf", folder, (char *)NULL);
	return error;
}

/* berthconf VERB [IN_FORCE] over a text. */
static int compile(const char *verb, const char *before, const struct buf *text, const char *name)
{
	char folder[] = "/run/berth/config-XXXXXX";
	int error = make_file(text, folder);
	int status;

	if (error) {
		fprintf(stderr, "berth: cannot copy \"%s\": %s\n", name, strerror(-error));
		return EXIT_SYSTEM;
	}
	status = before ? tool_run(folder, "berthconf", verb, before, "berth.conf", (char *)NULL)
			: tool_run(folder, "berthconf", verb, "berth.conf", (char *)NULL);
	tool_run(NULL, "rm", "-rf", folder, (char *)NULL);
	if (status < 0 || status > EXIT_USAGE) {
		fputs("berth: berthconf cannot be run\n", stderr);
		return EXIT_SYSTEM;
	}
	return status;
}

int config_check_text(const struct buf *text, const char *name)
{
	return compile("check", NULL, text, name);
}

static int check(const struct config_options *options)
{
	struct buf text = BUF_INIT;
	const char *name;
	int result = config_source(options->operand, &text, &name);

	if (result == EXIT_WELL)
		result = config_check_text(&text, name);
	buf_done(&text);
	return result;
}

static int plan(const struct config_options *options)
{
	struct buf text = BUF_INIT;
	const char *name;
	int result = config_source(options->operand, &text, &name);

	if (result == EXIT_WELL)
		result = config_check_text(&text, name);
	if (result == EXIT_WELL)
		result = compile("plan", IN_FORCE, &text, name);
	buf_done(&text);
	return result;
}

/* The file as its server has it now, then as any other that is applied. */
static int pull(const struct config_options *options)
{
	struct buf said = BUF_INIT;
	struct buf text = BUF_INIT;
	int error = tool_read(&said, FETCH_SECONDS, FETCH, "1", (char *)NULL);
	int result = EXIT_SYSTEM;

	if (error)
		fprintf(stderr, "berth: cannot fetch the configuration: %s\n",
		    error > 0 ? tool_last_line(&said) : strerror(-error));
	else if ((error = file_read(FETCHED, FILE_MAX, &text)))
		fprintf(stderr, "berth: cannot read \"%s\": %s\n", FETCHED, strerror(-error));
	else
		result = config_apply_text(options, &text, "berth.conf", "pull");
	buf_done(&said);
	buf_done(&text);
	return result;
}

/* A plain name in the folder of the files that berth.conf names. What ends as the last two is
 * written aside there, and cleared away after a power cut. */
static bool may_be_put(const char *name)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789._-";
	const char *ending = strrchr(name, '.');

	if (strncmp(name, PUT_FOLDER, strlen(PUT_FOLDER)) != 0)
		return false;
	name += strlen(PUT_FOLDER);
	if (!*name || *name == '.' || strlen(name) > 64 || name[strspn(name, plain)])
		return false;
	return !ending || (ending[1] && strcmp(ending, ".new") != 0 && strcmp(ending, ".two") != 0);
}

/* A file that berth.conf names, from stdin. */
static int put(const struct config_options *options)
{
	const char *name = options->operand ? options->operand : "";
	char folder[] = "/run/berth/config-XXXXXX";
	char path[64];
	struct buf data = BUF_INIT;
	struct buf said = BUF_INIT;
	int error;

	if (!may_be_put(name)) {
		fprintf(stderr,
		    "berth config put: \"%s\": a name in " PUT_FOLDER
		    " of letters, digits, \".\", \"_\" and \"-\"; its content is standard input\n",
		    name);
		return EXIT_USAGE;
	}
	error = file_read("-", FILE_MAX, &data);
	if (!error && !data.length)
		error = -ENODATA;
	if (!error)
		error = make_file(&data, folder);
	if (!error) {
		snprintf(path, sizeof(path), "%s/berth.conf", folder);
		error = tool_read(&said, STORE_SECONDS, STORE, "put", path, name, (char *)NULL);
		tool_run(NULL, "rm", "-rf", folder, (char *)NULL);
	}
	if (error)
		fprintf(stderr, "berth: \"%s\" is not kept: %s\n", name,
		    error > 0 ? tool_last_line(&said) : strerror(-error));
	else
		fputs(buf_text(&said), stdout);
	buf_done(&data);
	buf_done(&said);
	return error ? EXIT_SYSTEM : EXIT_WELL;
}

static int log_generations(const struct config_options *options)
{
	const char *verb = options->diff ? "diff" : options->operand ? "show" : "list";
	int status = options->operand ? tool_run(NULL, STORE, verb, options->operand, (char *)NULL)
				      : tool_run(NULL, STORE, verb, (char *)NULL);

	if (status < 0)
		fprintf(stderr, "berth: cannot run \"%s\": %s\n", STORE, strerror(-status));
	return status == 0 ? EXIT_WELL : EXIT_SYSTEM;
}

static const struct verb {
	const char *name;
	const char *options; /* letters of those it takes, as in `option_table` */
	const char *operand; /* NULL: none */
	int (*run)(const struct config_options *options);
	const char *usage;
} verbs[] = {
	{ "check", "", "FILE", check,
	    "check [FILE]         every error of a file; nothing when there is none" },
	{ "plan", "", "FILE", plan,
	    "plan [FILE]          what would change on this node, and what each change costs" },
	{ "apply", "wcon", "FILE", config_apply,
	    "apply [FILE]         change what differs; it goes back by itself unless confirmed" },
	{ "confirm", "", NULL, config_confirm, "confirm              keep what was applied" },
	{ "revert", "wco", "NUMBER", config_revert,
	    "revert [NUMBER]      go back: from what is not confirmed, or to a generation" },
	{ "pull", "wco", NULL, pull,
	    "pull                 fetch it from where it comes from, then apply" },
	{ "edit", "wco", "FILE", config_edit, "edit [FILE]          change it in vi, then apply" },
	{ "put", "", "NAME", put,
	    "put NAME             keep a file that berth.conf names, tls/node.pem say, from standard input" },
	{ "log", "d", "NUMBER", log_generations,
	    "log [NUMBER]         the generations that are kept; or the text of one" },
};

static int usage(void)
{
	fputs("usage: berth config VERB\n", stderr);
	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
		fprintf(stderr, "  %s\n", verbs[i].usage);
	fputs(
	    "FILE is a path or - for standard input; without one it is berth.conf on the config "
	    "partition.\n"
	    "apply, pull, revert, edit: --within DURATION to confirm in (120s; 10s to 1d), --confirm for none, "
	    "--origin WORD for the log.\n"
	    "log NUMBER --diff: what it changed.\n"
	    "Exit codes: 0 well, 1 refused or undone, 100 usage, 111 the system failed.\n",
	    stderr);
	return EXIT_USAGE;
}

static bool read_within(const char *text, unsigned int *ret_seconds)
{
	uint64_t seconds;

	if (!num_parse_duration(text, WITHIN_MAX, &seconds) || seconds < WITHIN_MIN) {
		fprintf(stderr,
		    "berth config: --within %s: a duration from 10s to 1d, with its unit\n", text);
		return false;
	}
	*ret_seconds = (unsigned int)seconds;
	return true;
}

/* A mark becomes part of a file's name on FAT. */
static bool is_mark(const char *text)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789.@-";

	return *text && strlen(text) <= 40 && !text[strspn(text, allowed)];
}

/* One option at `arguments`; how many words it took, 0 when it is none that the verb has,
 * -1 when its value will not do, which is told. */
static int read_option(
    const struct verb *verb, int count, char **arguments, struct config_options *options)
{
	const char *word = arguments[0];

	if (strchr(verb->options, 'c') && (!strcmp(word, "--confirm") || !strcmp(word, "--yes"))) {
		options->confirmed = true;
		return 1;
	}
	if (strchr(verb->options, 'd') && !strcmp(word, "--diff")) {
		options->diff = true;
		return 1;
	}
	if (count < 2)
		return 0;
	if (strchr(verb->options, 'n') && !strcmp(word, "--networks")) {
		options->networks = arguments[1];
		return 2;
	}
	if (strchr(verb->options, 'w') && !strcmp(word, "--within"))
		return read_within(arguments[1], &options->within) ? 2 : -1;
	if (strchr(verb->options, 'o') && !strcmp(word, "--origin")) {
		options->origin = arguments[1];
		if (is_mark(arguments[1]))
			return 2;
		fprintf(stderr,
		    "berth config: --origin %s: 40 letters, digits, \".\", \"@\" and \"-\" at most\n",
		    arguments[1]);
		return -1;
	}
	return 0;
}

static bool read_options(
    const struct verb *verb, int count, char **arguments, struct config_options *ret_options)
{
	struct config_options options = { .within = WITHIN_USUAL };

	while (count > 0) {
		int taken = read_option(verb, count, arguments, &options);

		if (!taken && verb->operand && !options.operand &&
		    (arguments[0][0] != '-' || !arguments[0][1])) {
			options.operand = arguments[0];
			taken = 1;
		}
		if (taken < 0)
			return false;
		if (!taken) {
			fprintf(stderr, "berth config %s: \"%s\" cannot stand here\n", verb->name,
			    arguments[0]);
			return false;
		}
		arguments += taken;
		count -= taken;
	}
	*ret_options = options;
	return !options.diff || options.operand;
}

int config_run(int count, char **arguments)
{
	struct config_options options;

	for (size_t i = 0; count > 0 && i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (!strcmp(verbs[i].name, arguments[0]) &&
		    read_options(&verbs[i], count - 1, arguments + 1, &options))
			return verbs[i].run(&options);
	return usage();
}
