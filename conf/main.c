/* SPDX-License-Identifier: GPL-2.0-only */
/* berthconf: check, print, render, compare and change a berth.conf. Opens the files it is given;
 * only "facts" looks at the machine. berthconf(1). */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conf/changes.h"
#include "conf/edit.h"
#include "conf/facts.h"
#include "conf/load.h"
#include "conf/parse.h"
#include "conf/plan.h"
#include "conf/print.h"
#include "conf/render.h"
#include "conf/schema.h"
#include "conf/states.h"
#include "lib/file.h"

enum { EXIT_OK = 0, EXIT_REFUSED = 1, EXIT_USAGE = 100, EXIT_SYSTEM = 111 };

static int complain(const struct conf *conf, const char *path)
{
	struct buf complaints = BUF_INIT;

	conf_diags_print(&conf->diags, strcmp(path, "-") ? path : "stdin", &complaints);
	fputs(buf_text(&complaints), stdout);
	buf_done(&complaints);
	return conf->diags.count ? EXIT_REFUSED : EXIT_OK;
}

/* Load a file, or with "--default" the built-in configuration; complaints go to stdout. */
static int load(const char *path, struct conf *ret_conf)
{
	struct buf text = BUF_INIT;
	int error = 0;
	int result;

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
	result = complain(ret_conf, path);
	if (result != EXIT_OK)
		conf_done(ret_conf);
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

/* What is kept of a guest beside the file (docs/domain-xml.md). */
static const char *note_parts(void *context, const struct conf_guest *guest)
{
	static char text[128];
	const char *path = context;
	const char *slash = strrchr(path, '/');
	char parts[4096];

	snprintf(text, sizeof(text), "more of its XML is in guest-xml/%s.xml",
	    guest->uuid ? guest->uuid : "");
	snprintf(parts, sizeof(parts), "%.*sguest-xml/%s.xml", slash ? (int)(slash - path) + 1 : 0,
	    path, guest->uuid ? guest->uuid : "");
	return guest->uuid && !access(parts, F_OK) ? text : NULL;
}

static int verb_print(char **arguments)
{
	struct buf text = BUF_INIT;
	struct conf conf;
	int result = load(arguments[0], &conf);

	if (result != EXIT_OK)
		return result;
	conf_print_noted(&conf.model, note_parts, arguments[0], &text);
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

/* Which networks are up, where a file says so; an absent one says nothing. */
static int settle(const char *path, struct conf_model *model)
{
	struct buf list = BUF_INIT;
	int error = path ? file_read(path, CONF_SIZE_MAX, &list) : 0;

	if (error && error != -ENOENT)
		fprintf(stderr, "berthconf: cannot read \"%s\": %s\n", path, strerror(-error));
	else
		conf_states_settle(buf_text(&list), model);
	buf_done(&list);
	return error && error != -ENOENT ? EXIT_SYSTEM : EXIT_OK;
}

/* With and without NETWORKS. */
static int verb_render(char **arguments)
{
	struct conf conf;
	int result = load(arguments[0], &conf);

	if (result != EXIT_OK)
		return result;
	result = settle(arguments[2], &conf.model);
	if (result == EXIT_OK && conf_render(&conf.model, write_rendered, arguments[1]))
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

/* Both files of a comparison, or neither. */
static int load_two(char **paths, struct conf *ret_before, struct conf *ret_after)
{
	int result = load(paths[0], ret_before);

	if (result != EXIT_OK)
		return result;
	result = load(paths[1], ret_after);
	if (result != EXIT_OK)
		conf_done(ret_before);
	return result;
}

static int verb_plan(char **arguments)
{
	struct buf text = BUF_INIT;
	struct conf before;
	struct conf after;
	int result = load_two(arguments, &before, &after);

	if (result != EXIT_OK)
		return result;
	conf_plan(&before.model, &after.model, &text);
	conf_done(&before);
	conf_done(&after);
	return put(&text);
}

static int verb_changes(char **arguments)
{
	struct conf_changes changes = CONF_CHANGES_INIT;
	struct conf before;
	struct conf after;
	int result = load_two(arguments, &before, &after);

	if (result != EXIT_OK)
		return result;
	if (settle(arguments[3], &before.model) ||
	    settle(arguments[3] ? arguments[4] : NULL, &after.model) ||
	    conf_changes(&before.model, &after.model, &changes) ||
	    write_rendered(arguments[2], "links.batch", &changes.links) ||
	    write_rendered(arguments[2], "sysctl", &changes.sysctl) ||
	    write_rendered(arguments[2], "ports", &changes.ports))
		result = EXIT_SYSTEM;
	conf_changes_done(&changes);
	conf_done(&before);
	conf_done(&after);
	return result;
}

static int verb_facts(char **arguments)
{
	struct buf text = BUF_INIT;
	int error = conf_facts_read("/sys", "/dev", &text);

	(void)arguments;
	if (error) {
		fprintf(
		    stderr, "berthconf: cannot read the machine's facts: %s\n", strerror(-error));
		buf_done(&text);
		return EXIT_SYSTEM;
	}
	return put(&text);
}

/* check --facts FACTS FILE */
static int verb_check_facts(char **arguments)
{
	struct buf facts = BUF_INIT;
	struct conf conf;
	int error = file_read(arguments[1], CONF_SIZE_MAX, &facts);
	int result = EXIT_SYSTEM;

	if (error) {
		fprintf(
		    stderr, "berthconf: cannot read \"%s\": %s\n", arguments[1], strerror(-error));
	} else {
		result = load(arguments[2], &conf);
		if (result == EXIT_OK) {
			conf_facts_check(buf_text(&facts), &conf.model, &conf.diags);
			result = complain(&conf, arguments[2]);
			conf_done(&conf);
		}
	}
	buf_done(&facts);
	return result;
}

/* SECTION.KEY or SECTION.NAME.KEY, as git-config(1) has it; a name may hold dots. */
static bool split_key(char *text, struct conf_edit *edit, bool keyed)
{
	char *first = strchr(text, '.');
	char *last = strrchr(text, '.');

	edit->section = text;
	if (keyed && !first)
		return false;
	if (first)
		*first = '\0';
	if (keyed) {
		*last = '\0';
		edit->key = last + 1;
		edit->name = first != last ? first + 1 : NULL;
	} else {
		edit->name = first ? first + 1 : NULL;
	}
	return true;
}

static int tell_edit(int error, const char *path)
{
	switch (error) {
	case -EINVAL:
		fputs(
		    "berthconf: no file can say this: a key is SECTION.KEY or SECTION.NAME.KEY, a value one line\n",
		    stderr);
		return EXIT_USAGE;
	case -ENOENT:
		fputs("berthconf: nothing to remove\n", stderr);
		return EXIT_REFUSED;
	case -EBADF:
		fprintf(stderr, "berthconf: \"%s\" cannot be understood; check it first\n", path);
		return EXIT_REFUSED;
	default:
		fprintf(stderr, "berthconf: cannot change \"%s\": %s\n", path, strerror(-error));
		return EXIT_SYSTEM;
	}
}

/* Change a file at one stroke, if the outcome checks; of stdin the outcome goes to stdout. */
static int change(const char *path, const struct conf_edit *edit)
{
	struct buf text = BUF_INIT;
	struct buf edited = BUF_INIT;
	struct stat before;
	struct conf conf;
	int result = EXIT_OK;
	int error = file_read(path, CONF_SIZE_MAX, &text);

	if (!error)
		error = conf_edit(buf_text(&text), text.length, edit, 1, &edited, &conf);
	if (error == -EBADMSG)
		result = complain(&conf, path);
	else if (error)
		result = tell_edit(error, path);
	if (!error || error == -EBADMSG)
		conf_done(&conf);
	if (!error && !strcmp(path, "-")) {
		result = put(&edited);
	} else if (!error) {
		/* It may hold secrets: nobody gets to read more than before. */
		error = file_replace(path, buf_text(&edited), edited.length,
		    stat(path, &before) ? 0600 : before.st_mode & 0777);
		if (error)
			result = tell_edit(error, path);
	}
	buf_done(&text);
	buf_done(&edited);
	return result;
}

static int verb_set(char **arguments)
{
	struct conf_edit edit = { .verb = CONF_EDIT_SET, .value = arguments[2] };

	return split_key(arguments[1], &edit, true) ? change(arguments[0], &edit)
						    : tell_edit(-EINVAL, arguments[0]);
}

static int verb_add(char **arguments)
{
	struct conf_edit edit = { .verb = CONF_EDIT_ADD, .value = arguments[2] };

	return split_key(arguments[1], &edit, true) ? change(arguments[0], &edit)
						    : tell_edit(-EINVAL, arguments[0]);
}

/* With and without VALUE. */
static int verb_unset(char **arguments)
{
	struct conf_edit edit = { .verb = CONF_EDIT_REMOVE, .value = arguments[2] };

	return split_key(arguments[1], &edit, true) ? change(arguments[0], &edit)
						    : tell_edit(-EINVAL, arguments[0]);
}

static int verb_add_section(char **arguments)
{
	struct conf_edit edit = { .verb = CONF_EDIT_ADD_SECTION };

	split_key(arguments[1], &edit, false);
	return change(arguments[0], &edit);
}

static int verb_remove_section(char **arguments)
{
	struct conf_edit edit = { .verb = CONF_EDIT_REMOVE_SECTION };

	split_key(arguments[1], &edit, false);
	return change(arguments[0], &edit);
}

static const struct {
	const char *name;
	int (*run)(char **arguments);
	int count;
	const char *usage;
} verbs[] = {
	{ "check", verb_check, 1,
	    "check FILE          report every error; nothing when there is none" },
	{ "check", verb_check_facts, 3,
	    "check --facts FACTS FILE  and whether the ports and disks of that machine are the file's" },
	{ "print", verb_print, 1, "print FILE          the same configuration as canonical text" },
	{ "render", verb_render, 2,
	    "render FILE FOLDER [NETWORKS]  write the files that the node's tools read" },
	{ "render", verb_render, 3, NULL },
	{ "plan", verb_plan, 2,
	    "plan OLD NEW        what changes from one file to another, and what it costs" },
	{ "changes", verb_changes, 3,
	    "changes OLD NEW FOLDER [NETWORKS NETWORKS]  write what must go on a running node before NEW can be put over OLD" },
	{ "changes", verb_changes, 5, NULL },
	{ "facts", verb_facts, 0,
	    "facts               this machine's ports and disks with their selectors" },
	{ "set", verb_set, 3, "set FILE KEY VALUE  the key has this value and no other" },
	{ "add", verb_add, 3, "add FILE KEY VALUE  one more of a list" },
	{ "unset", verb_unset, 2, "unset FILE KEY [VALUE]" },
	{ "unset", verb_unset, 3, NULL },
	{ "add-section", verb_add_section, 2, "add-section FILE SECTION" },
	{ "remove-section", verb_remove_section, 2, "remove-section FILE SECTION" },
	{ "schema", verb_schema, 0, "schema              every section and key, tab-separated" },
};

static int usage(void)
{
	fputs("usage: berthconf VERB ...\n", stderr);
	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (verbs[i].usage)
			fprintf(stderr, "  %s\n", verbs[i].usage);
	fputs(
	    "KEY is SECTION.KEY or SECTION.NAME.KEY, as git config has it.\n"
	    "NETWORKS is a file of lines \"NAME up\" or \"NAME down\", of networks that are not as they start.\n"
	    "FILE is a path, - for standard input, or --default for the built-in configuration.\n"
	    "Exit codes: 0 well, 1 the file has errors, 100 usage, 111 the system failed.\n",
	    stderr);
	return EXIT_USAGE;
}

int main(int argc, char **argv)
{
	for (size_t i = 0; argc > 1 && i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (!strcmp(verbs[i].name, argv[1]) && argc - 2 == verbs[i].count &&
		    (verbs[i].run != verb_check_facts || !strcmp(argv[2], "--facts")))
			return verbs[i].run(argv + 2);
	return usage();
}
