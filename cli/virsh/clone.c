/* SPDX-License-Identifier: GPL-2.0-only */
#include "cli/virsh/clone.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/virsh/markup.h"
#include "cli/virsh/objects.h"
#include "cli/virsh/run.h"
#include "cli/virsh/version.h"
#include "xml/read.h"

#define DISKS 32
#define SHUT_OFF 5 /* libvirt: VIR_DOMAIN_SHUTOFF */
#define INACTIVE_SECURE 3u

struct clone {
	const char *uri;
	const char *original;
	const char *name;
	const char *uuid;
	const char *macs[DISKS];
	const char *files[DISKS];
	unsigned int mac_count;
	unsigned int file_count;
	bool automatic;
	bool preserve;
	bool print;
	bool quiet;
	bool done;
};

/* What stands in a part of the original's XML, in the order of the text. */
struct change {
	size_t begin;
	size_t end;
	struct buf text;
};

/* What becomes of the original's XML, and which disk is copied to which. */
struct plan {
	char name[128];
	struct change changes[3 * DISKS];
	unsigned int count;
	struct {
		char *from;
		char *to;
	} copies[DISKS];
	unsigned int copy_count;
};

enum option_of {
	CONNECT,
	ORIGINAL,
	NAME,
	UUID,
	MAC,
	NEW_FILE,
	AUTO,
	PRESERVE,
	PRINT,
	QUIET,
	NOTHING,
	TAKEN,
	VERSION,
	HELP
};

static const struct row {
	const char *name;
	char letter;
	enum option_of what;
	bool value;
	const char *help;
} rows[] = {
	{ "connect", 0, CONNECT, true, "node to connect to" },
	{ "original", 'o', ORIGINAL, true, "the guest that is copied; it must be off" },
	{ "name", 'n', NAME, true, "name of the new one" },
	{ "auto-clone", 0, AUTO, false, "make up its name and those of its disks" },
	{ "file", 'f', NEW_FILE, true, "path of its next disk" },
	{ "mac", 'm', MAC, true, "MAC address of its next NIC; made up without" },
	{ "uuid", 'u', UUID, true, "its UUID; made up without" },
	{ "preserve-data", 0, PRESERVE, false, "the disks are there: copy nothing" },
	{ "print-xml", 0, PRINT, false, "print the XML, and make nothing" },
	{ "quiet", 'q', QUIET, false, "tell errors only" },
	{ "check", 0, NOTHING, true, "taken" },
	{ "nonsparse", 0, TAKEN, false, "taken" },
	{ "force", 0, TAKEN, false, "taken" },
	{ "debug", 'd', TAKEN, false, "taken" },
	{ "version", 0, VERSION, false, "print the version" },
	{ "help", 'h', HELP, false, "this list" },
};

static void print_help(void)
{
	puts("usage: virt-clone --original GUEST --name NAME --file PATH [OPTION]...\n");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		printf("  %c%c%c --%-14s %s\n", rows[i].letter ? '-' : ' ',
		    rows[i].letter ? rows[i].letter : ' ', rows[i].letter ? ',' : ' ', rows[i].name,
		    rows[i].help);
}

static bool take(struct clone *clone, const struct row *row, const char *value)
{
	switch (row->what) {
	case CONNECT:
		clone->uri = value;
		break;
	case ORIGINAL:
		clone->original = value;
		break;
	case NAME:
		clone->name = value;
		break;
	case UUID:
		clone->uuid = value;
		break;
	case MAC:
	case NEW_FILE:
		if (clone->mac_count == DISKS || clone->file_count == DISKS)
			return shell_error("more than %d disks or NICs", DISKS);
		if (row->what == MAC)
			clone->macs[clone->mac_count++] = value;
		else
			clone->files[clone->file_count++] = value;
		break;
	case AUTO:
		clone->automatic = true;
		break;
	case PRESERVE:
		clone->preserve = true;
		break;
	case PRINT:
		clone->print = true;
		break;
	case QUIET:
		clone->quiet = true;
		break;
	case VERSION:
		puts(VIRSH_VERSION);
		clone->done = true;
		break;
	case HELP:
		print_help();
		clone->done = true;
		break;
	default:
		break;
	}
	return true;
}

static const struct row *row_of(const char *word, const char **ret_value)
{
	size_t length = !strncmp(word, "--", 2) ? strcspn(word + 2, "=") : 0;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (length && strlen(rows[i].name) == length &&
		    !strncmp(rows[i].name, word + 2, length)) {
			*ret_value = word[2 + length] ? word + 3 + length : NULL;
			return &rows[i];
		}
		if (!length && word[0] == '-' && word[1] && word[1] == rows[i].letter) {
			*ret_value = word[2] ? word + 2 : NULL;
			return &rows[i];
		}
	}
	return NULL;
}

static bool parse(struct clone *clone, int argc, char **argv)
{
	for (int i = 1; i < argc && !clone->done; i++) {
		const char *value = NULL;
		const struct row *row = row_of(argv[i], &value);

		if (!row || (value && !row->value))
			return shell_error("unrecognized arguments: %s", argv[i]);
		if (row->value && !value) {
			if (++i == argc)
				return shell_error(
				    "argument --%s: expected one argument", row->name);
			value = argv[i];
		}
		if (!take(clone, row, value))
			return false;
	}
	if (clone->done)
		return true;
	if (!clone->original)
		return shell_error(
		    "An original machine name is required, use '--original src_name' and try again.");
	if (!clone->name && !clone->automatic)
		return shell_error(
		    "A name is required for the new virtual machine, use '--name new_vm_name' to specify one.");
	return true;
}

static struct change *change(struct plan *plan, const struct xml_element *element)
{
	struct change *made = &plan->changes[plan->count];

	if (plan->count == sizeof(plan->changes) / sizeof(plan->changes[0]))
		return NULL;
	plan->count++;
	*made = (struct change){ .begin = element->begin, .end = element->end };
	return made;
}

static bool out_of_memory(void)
{
	return shell_error("out of memory, or a guest with too many devices");
}

/* "web.img" is "web-clone.img" by itself. */
static char *new_path(const struct clone *clone, unsigned int disk, const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *dot = strrchr(path, '.');
	char *text = NULL;

	if (disk < clone->file_count)
		return strdup(clone->files[disk]);
	if (!dot || (slash && dot < slash))
		dot = path + strlen(path);
	return asprintf(&text, "%.*s-clone%s", (int)(dot - path), path, dot) < 0 ? NULL : text;
}

/* One disk: what can be written is copied, anything else is shared. */
static bool plan_disk(const struct clone *clone, struct plan *plan, const struct xml_element *disk)
{
	const struct xml_element *source = xml_tree_find(disk, "source");
	const char *path = xml_tree_attribute(disk, "source", "file");
	const char *device = xml_tree_attribute(disk, "", "device");
	struct change *made;

	if (!path || (device && strcmp(device, "disk") != 0) || xml_tree_find(disk, "readonly") ||
	    xml_tree_find(disk, "shareable"))
		return true;
	if (plan->copy_count >= clone->file_count && !clone->automatic)
		return shell_error("A disk path must be specified to clone '%s'.", path);
	made = change(plan, source);
	if (!made || plan->copy_count == DISKS)
		return out_of_memory();
	plan->copies[plan->copy_count].from = strdup(path);
	plan->copies[plan->copy_count].to = new_path(clone, plan->copy_count, path);
	if (!plan->copies[plan->copy_count].from || !plan->copies[plan->copy_count].to)
		return out_of_memory();
	buf_puts(&made->text, "<source");
	markup_attribute(&made->text, "file", plan->copies[plan->copy_count++].to);
	buf_puts(&made->text, "/>");
	return true;
}

static bool plan_devices(
    const struct clone *clone, struct plan *plan, const struct xml_element *devices)
{
	unsigned int nics = 0;

	for (const struct xml_element *one = devices ? devices->children : NULL; one;
	     one = one->next) {
		const struct xml_element *mac = xml_tree_find(one, "mac");

		if (!strcmp(one->name, "disk") && !plan_disk(clone, plan, one))
			return false;
		if (!strcmp(one->name, "interface") && mac) {
			struct change *made = change(plan, mac);

			if (!made)
				return out_of_memory();
			if (nics < clone->mac_count) {
				buf_puts(&made->text, "<mac");
				markup_attribute(&made->text, "address", clone->macs[nics++]);
				buf_puts(&made->text, "/>");
			}
		}
	}
	return true;
}

/* All changes; elements of a document come in the order of its text. */
static bool plan_all(const struct clone *clone, struct plan *plan, const struct xml_element *root)
{
	for (const struct xml_element *one = root->children; one; one = one->next) {
		struct change *made = NULL;

		if (!strcmp(one->name, "devices")) {
			if (!plan_devices(clone, plan, one))
				return false;
			continue;
		}
		if (strcmp(one->name, "name") != 0 && strcmp(one->name, "uuid") != 0 &&
		    strcmp(one->name, "title") != 0)
			continue;
		made = change(plan, one);
		if (!made)
			return out_of_memory();
		if (!strcmp(one->name, "name"))
			markup_text(&made->text, 0, "name", plan->name);
		else if (!strcmp(one->name, "uuid") && clone->uuid)
			markup_text(&made->text, 0, "uuid", clone->uuid);
	}
	return true;
}

static void write(const struct plan *plan, const char *xml, struct buf *out)
{
	size_t at = 0;

	for (unsigned int i = 0; i < plan->count; i++) {
		buf_add(out, xml + at, plan->changes[i].begin - at);
		buf_add(out, buf_text(&plan->changes[i].text), plan->changes[i].text.length);
		at = plan->changes[i].end;
	}
	buf_puts(out, xml + at);
}

/* A copy stays in its original's folder, and so in its pool. */
static bool copy(struct shell *shell, char *from, char *to)
{
	const char *a = strrchr(from, '/');
	char *b = strrchr(to, '/');
	char command[] = "vol-clone";
	char *words[] = { command, from, b ? b + 1 : to };

	if (!a || !b || a - from != b - to || strncmp(from, to, (size_t)(a - from)) != 0)
		return shell_error(
		    "%s is not in the folder of %s: copies stay in the pool", to, from);
	return run_words(shell, 3, words);
}

static bool define(
    struct shell *shell, const struct clone *clone, struct plan *plan, const char *xml)
{
	struct rpc_domain_define_xml_args args = { xml };
	struct rpc_domain_define_xml_ret ret;
	unsigned int copied = 0;

	while (!clone->preserve && copied < plan->copy_count &&
	       copy(shell, plan->copies[copied].from, plan->copies[copied].to))
		copied++;
	if (!clone->preserve && copied < plan->copy_count)
		return false;
	if (!shell_call(shell, RPC_DOMAIN_DEFINE_XML, &args, &ret))
		return false;
	if (!clone->quiet)
		shell_print("\nClone '%s' created successfully.\n", plan->name);
	return true;
}

static bool is_free(struct shell *shell, const char *name)
{
	struct rpc_domain_lookup_by_name_args args = { name };
	struct rpc_domain_lookup_by_name_ret ret;
	bool taken = shell_call(shell, RPC_DOMAIN_LOOKUP_BY_NAME, &args, &ret);

	shell_forget_error(shell);
	return !taken;
}

/* The new name: the one that is given, or the first of NAME-clone, NAME-clone1 that is free. */
static bool choose_name(struct shell *shell, const struct clone *clone, struct plan *plan)
{
	if (clone->name) {
		snprintf(plan->name, sizeof(plan->name), "%s", clone->name);
		return is_free(shell, plan->name) ||
		       shell_error("Invalid name for new guest: Guest name '%s' is already in use.",
			   plan->name);
	}
	for (unsigned int i = 0; i < 1000; i++) {
		int length = snprintf(plan->name, sizeof(plan->name), "%s-clone", clone->original);

		if (i && length > 0 && (size_t)length < sizeof(plan->name))
			snprintf(plan->name + length, sizeof(plan->name) - (size_t)length, "%u", i);
		if (is_free(shell, plan->name))
			return true;
	}
	return shell_error("no name is free for a clone of %s", clone->original);
}

static bool run(struct shell *shell, const struct clone *clone, struct plan *plan)
{
	struct rpc_domain_get_state_args state = { .flags = 0 };
	struct rpc_domain_get_state_ret is;
	const char *answer;
	char *xml = NULL;
	struct xml_element *root = NULL;
	struct buf text = BUF_INIT;
	bool well = false;

	shell->quiet = true;
	if (!shell_connect(shell) ||
	    !object_find(shell, &object_domains, clone->original, BY_ANY, &state.dom) ||
	    !shell_call(shell, RPC_DOMAIN_GET_STATE, &state, &is))
		return false;
	if (is.state != SHUT_OFF)
		return shell_error("Domain with devices to clone must be shutoff.");
	if (!choose_name(shell, clone, plan))
		return false;
	answer = object_xml(shell, &object_domains, &state.dom, INACTIVE_SECURE);
	xml = answer ? strdup(answer) : NULL;
	root = xml ? xml_tree_read(xml, strlen(xml)) : NULL;
	if (root && plan_all(clone, plan, root)) {
		write(plan, xml, &text);
		if (clone->print)
			well = fputs(buf_text(&text), stdout) >= 0;
		else
			well = buf_ok(&text) && define(shell, clone, plan, buf_text(&text));
	}
	xml_tree_free(root);
	free(xml);
	buf_done(&text);
	return well;
}

int clone_main(struct shell *shell, int argc, char **argv)
{
	struct clone clone = { .uri = NULL };
	struct plan plan = { .count = 0 };
	bool well = parse(&clone, argc, argv);

	if (well && !clone.done) {
		if (clone.uri)
			snprintf(shell->uri, sizeof(shell->uri), "%s", clone.uri);
		well = run(shell, &clone, &plan);
		if (!well)
			shell_report(shell);
	}
	for (unsigned int i = 0; i < plan.count; i++)
		buf_done(&plan.changes[i].text);
	for (unsigned int i = 0; i < plan.copy_count; i++) {
		free(plan.copies[i].from);
		free(plan.copies[i].to);
	}
	return well ? EXIT_SUCCESS : EXIT_FAILURE;
}
