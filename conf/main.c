/* SPDX-License-Identifier: GPL-2.0-only */
/* berthconf: check, print and render a berth.conf. Opens the one file it is given, looks at no
 * host. berthconf(1). */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conf/load.h"
#include "conf/parse.h"
#include "conf/plan.h"
#include "conf/print.h"
#include "conf/render.h"
#include "conf/schema.h"
#include "lib/file.h"

enum { EXIT_OK = 0, EXIT_REFUSED = 1, EXIT_USAGE = 100, EXIT_SYSTEM = 111 };

/* Load a file, or with "--default" the built-in configuration; complaints go to stdout. */
static int load(const char *path, struct conf *ret_conf)
{
	struct buf text = BUF_INIT;
	struct buf complaints = BUF_INIT;
	int error = 0;
	int result = EXIT_OK;

	if (strcmp(path, "--default"))
		error = file_read(path, CONF_SIZE_MAX + 1, &text);
	if (error == -EFBIG)
		error = 0;
	if (!error)
		error = conf_load(buf_text(&text), text.length, ret_conf);
	if (error) {
		fprintf(stderr, "berthconf: cannot read \"%s\": %s\n", path, strerror(-error));
		buf_done(&text);
		return EXIT_SYSTEM;
	}
	if (ret_conf->diags.count) {
		conf_diags_print(&ret_conf->diags, strcmp(path, "-") ? path : "stdin", &complaints);
		fputs(buf_text(&complaints), stdout);
		conf_done(ret_conf);
		result = EXIT_REFUSED;
	}
	buf_done(&complaints);
	buf_done(&text);
	return result;
}

static int put(struct buf *text)
{
	int result = EXIT_OK;

	fwrite(buf_text(text), 1, text->length, stdout);
	if (!buf_ok(text) || fflush(stdout) == EOF)
		result = EXIT_SYSTEM;
	buf_done(text);
	return result;
}

static int verb_check(char **arguments)
{
	struct conf conf;
	int result = load(arguments[0], &conf);

	if (result == EXIT_OK)
		conf_done(&conf);
	return result;
}

static int verb_print(char **arguments)
{
	struct buf text = BUF_INIT;
	struct conf conf;
	int result = load(arguments[0], &conf);

	if (result != EXIT_OK)
		return result;
	conf_print(&conf.model, &text);
	conf_done(&conf);
	return put(&text);
}

/* mkdir -p for the folders above `path`. */
static int make_parents(char *path)
{
	for (char *c = path + 1; *c; c++) {
		if (*c != '/')
			continue;
		*c = '\0';
		if (mkdir(path, 0755) < 0 && errno != EEXIST) {
			int error = -errno;

			*c = '/';
			return error;
		}
		*c = '/';
	}
	return 0;
}

static int write_rendered(void *context, const char *path, const struct buf *content)
{
	char target[4096];
	/* Who may log in is nobody else's business. */
	unsigned int mode = !strcmp(path, "node/console-password") ? 0600 : 0644;
	int error;

	if ((size_t)snprintf(target, sizeof(target), "%s/%s", (const char *)context, path) >=
	    sizeof(target))
		return -ENAMETOOLONG;
	error = make_parents(target);
	if (!error)
		error = file_replace(target, buf_text(content), content->length, mode);
	if (error)
		fprintf(stderr, "berthconf: cannot write \"%s\": %s\n", target, strerror(-error));
	return error;
}

static int verb_render(char **arguments)
{
	struct conf conf;
	int result = load(arguments[0], &conf);

	if (result != EXIT_OK)
		return result;
	if (conf_render(&conf.model, write_rendered, arguments[1]))
		result = EXIT_SYSTEM;
	conf_done(&conf);
	return result;
}

static int verb_schema(char **arguments)
{
	struct buf text = BUF_INIT;

	(void)arguments;
	conf_schema_print(&text);
	return put(&text);
}

static int verb_plan(char **arguments)
{
	struct buf text = BUF_INIT;
	struct conf before;
	struct conf after;
	int result = load(arguments[0], &before);

	if (result != EXIT_OK)
		return result;
	result = load(arguments[1], &after);
	if (result != EXIT_OK) {
		conf_done(&before);
		return result;
	}
	conf_plan(&before.model, &after.model, &text);
	conf_done(&before);
	conf_done(&after);
	return put(&text);
}

static const struct {
	const char *name;
	int (*run)(char **arguments);
	int count;
	const char *usage;
} verbs[] = {
	{ "check", verb_check, 1,
	    "check FILE          report every error; nothing when there is none" },
	{ "print", verb_print, 1, "print FILE          the same configuration as canonical text" },
	{ "render", verb_render, 2,
	    "render FILE FOLDER  write the files that the node's tools read" },
	{ "plan", verb_plan, 2,
	    "plan OLD NEW        what changes from one file to another, and what it costs" },
	{ "schema", verb_schema, 0, "schema              every section and key, tab-separated" },
};

static int usage(void)
{
	fputs("usage: berthconf VERB ...\n", stderr);
	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
		fprintf(stderr, "  %s\n", verbs[i].usage);
	fputs("FILE is a path, - for standard input, or --default for the built-in configuration.\n"
	      "Exit codes: 0 well, 1 the file has errors, 100 usage, 111 the system failed.\n",
	    stderr);
	return EXIT_USAGE;
}

int main(int argc, char **argv)
{
	for (size_t i = 0; argc > 1 && i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (!strcmp(verbs[i].name, argv[1]) && argc - 2 == verbs[i].count)
			return verbs[i].run(argv + 2);
	return usage();
}
