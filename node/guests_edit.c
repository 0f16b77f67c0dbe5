/* SPDX-License-Identifier: GPL-2.0-only */
#include "node/guests_edit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "conf/states.h"
#include "lib/file.h"
#include "lib/task.h"
#include "lib/uuid.h"
#include "node/guest/identity.h"

#define STORE "/usr/lib/berth/config-store"
#define STORE_SECONDS 30
#define STORE_OUTPUT 4096
/* `berth config apply` bounds each of its steps. */
#define APPLY_SECONDS 360
#define APPLY_OUTPUT 65536
#define PARTS_MAX (256u * 1024)

/* One that waits, or the one that is being stored. All texts are its own. */
struct change {
	struct change *next;
	struct conf_edit *edits;
	size_t count;
	bool has_parts;
	char uuid[UUID_TEXT];
	char *parts;   /* NULL: none from now on */
	char *network; /* to be started or stopped, and nothing else */
	bool active;
	struct driver_done done;
	struct buf text; /* the file's, once it is this one's turn */
	int lock;
};

struct guests_edit {
	struct guests *guests;
	struct loop *loop;
	const struct node_paths *paths;
	int (*reload)(void *context);
	void *context;
	struct change *first; /* the one at work */
	struct change **end;
	struct task *task;
	struct loop_call go_on;
};

static char *copy(const char *text, bool *failed)
{
	char *own = text ? strdup(text) : NULL;

	*failed |= text && !own;
	return own;
}

static void change_free(struct change *change)
{
	for (size_t i = 0; change->edits && i < change->count; i++) {
		/* Adding const to what was given away takes a word in C. */
		free((char *)(uintptr_t)change->edits[i].section);
		free((char *)(uintptr_t)change->edits[i].name);
		free((char *)(uintptr_t)change->edits[i].key);
		free((char *)(uintptr_t)change->edits[i].value);
	}
	free(change->edits);
	free(change->parts);
	free(change->network);
	buf_done(&change->text);
	if (change->lock >= 0)
		close(change->lock);
	free(change);
}

/* NULL without memory. */
static struct change *change_create(
    const struct conf_edit *edits, size_t count, const struct driver_parts *parts)
{
	struct change *change = calloc(1, sizeof(*change));
	bool failed = false;

	if (!change)
		return NULL;
	change->lock = -1;
	change->count = count;
	change->edits = calloc(count + 1, sizeof(*edits));
	failed = !change->edits;
	for (size_t i = 0; change->edits && i < count; i++)
		change->edits[i] = (struct conf_edit){ .verb = edits[i].verb,
			.section = copy(edits[i].section, &failed),
			.name = copy(edits[i].name, &failed),
			.key = copy(edits[i].key, &failed),
			.value = copy(edits[i].value, &failed) };
	if (parts) {
		change->has_parts = true;
		uuid_text(parts->uuid, change->uuid);
		change->parts = copy(parts->text, &failed);
	}
	if (!failed)
		return change;
	change_free(change);
	return NULL;
}

/* The first one's turn is over. */
static void answer(struct guests_edit *edit, int result, const char *message)
{
	struct change *change = edit->first;

	edit->first = change->next;
	if (!edit->first)
		edit->end = &edit->first;
	else
		loop_post(edit->loop, &edit->go_on);
	if (change->lock >= 0)
		close(change->lock);
	change->lock = -1;
	if (change->done.call)
		change->done.call(change->done.context, result, message);
	change_free(change);
}

/* The lock of whoever changes the configuration (docs/run-files.md), or -errno. */
static int lock_change(const struct guests_edit *edit, struct buf *complaint)
{
	char path[NODE_PATH];
	int fd;

	snprintf(path, sizeof(path), "%s/apply.lock", edit->paths->run);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	snprintf(path, sizeof(path), "%s/apply/phase", edit->paths->run);
	if (flock(fd, LOCK_EX | LOCK_NB) < 0 || !access(path, F_OK)) {
		buf_puts(complaint,
		    "another change of the configuration is under way, or waits to be confirmed: berth config");
		close(fd);
		return -EBUSY;
	}
	return fd;
}

static const char *parts_path(
    const struct guests_edit *edit, const char *uuid, char path[NODE_PATH])
{
	snprintf(path, NODE_PATH, "%s/guest-xml%s%s%s", edit->paths->run, uuid ? "/" : "",
	    uuid ? uuid : "", uuid ? ".xml" : "");
	return path;
}

/* What is handed to the programs that make a change. */
static const char *const asides[] = { "conf", "xml", "networks" };

static const char *aside(const struct node_paths *paths, const char *name, char path[NODE_PATH])
{
	snprintf(path, NODE_PATH, "%s/.berthd.%s", paths->run, name);
	return path;
}

void guests_edit_settle(const struct node_paths *paths)
{
	const struct timespec moment = { .tv_nsec = 50 * 1000 * 1000 };
	unsigned int tries = 20 * STORE_SECONDS;
	char path[NODE_PATH];
	int fd;

	if (access(aside(paths, asides[0], path), F_OK))
		return;
	/* It goes on without the daemon that started it, and holds this. */
	snprintf(path, sizeof(path), "%s/store.lock", paths->run);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	while (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) < 0 && tries--)
		nanosleep(&moment, NULL);
	/* One that has not begun finds nothing to begin with. */
	for (size_t i = 0; i < sizeof(asides) / sizeof(asides[0]); i++)
		unlink(aside(paths, asides[i], path));
	if (fd >= 0)
		close(fd);
}

static int write_parts(const struct guests_edit *edit, const char *uuid, const char *text)
{
	char path[NODE_PATH];

	mkdir(parts_path(edit, NULL, path), 0700);
	return file_replace(parts_path(edit, uuid, path), text, strlen(text), 0600);
}

int guests_edit_lend(struct guests_edit *edit, const struct driver_parts *parts)
{
	char uuid[UUID_TEXT];
	char path[NODE_PATH];

	uuid_text(parts->uuid, uuid);
	if (parts->text)
		return write_parts(edit, uuid, parts->text);
	unlink(parts_path(edit, uuid, path));
	return 0;
}

/* Guests and pools are this daemon's own to act on. What is more goes the way of every other change
 * of the configuration, which takes the node from one to the other, or back. */
static bool is_own(const struct change *change)
{
	for (size_t i = 0; i < change->count; i++)
		if (strcmp(change->edits[i].section, "guest") != 0 &&
		    strcmp(change->edits[i].section, "pool") != 0)
			return false;
	return !change->network;
}

/* The list of networks as they are, and as this change makes one: what the file says of their start
 * must not stop or start them. */
static int write_networks(struct guests_edit *edit, const struct change *change, const char *path)
{
	struct buf before = BUF_INIT;
	struct buf after = BUF_INIT;
	char list[NODE_PATH];
	int error;

	snprintf(list, sizeof(list), "%s/networks", edit->paths->run);
	error = file_read(list, PARTS_MAX, &before);
	for (const struct conf_network *network = guests_current(edit->guests)->conf.model.networks;
	     network; network = network->next) {
		bool up = conf_states_say(buf_text(&before), network->name, network->autostart);

		if (change->network && !strcmp(change->network, network->name))
			up = change->active;
		buf_printf(&after, "%s %s\n", network->name, up ? "up" : "down");
	}
	error = error && error != -ENOENT ? error
		: !buf_ok(&after)	  ? -ENOMEM
				  : file_replace(path, buf_text(&after), after.length, 0600);
	buf_done(&before);
	buf_done(&after);
	return error;
}

/* The line that says why, behind the name of the program; else the last one. */
static void add_reason(const char *output, struct buf *reason)
{
	const char *line = output;

	for (const char *at = output; *at; at += strcspn(at, "\n"), at += *at == '\n')
		if (strncmp(line, "berth: ", 7) != 0 || !strncmp(at, "berth: ", 7))
			line = at;
	if (!strncmp(line, "berth: ", 7))
		line += 7;
	buf_add(reason, line, strcspn(line, "\n"));
}

static void stored(void *context, int result, const struct buf *output)
{
	struct guests_edit *edit = context;
	struct change *change = edit->first;
	char path[NODE_PATH];

	edit->task = NULL;
	for (size_t i = 0; i < sizeof(asides) / sizeof(asides[0]); i++)
		unlink(aside(edit->paths, asides[i], path));
	if (result) {
		struct buf reason = BUF_INIT;

		if (is_own(change))
			buf_puts(&reason, buf_text(output));
		else
			add_reason(buf_text(output), &reason);
		answer(
		    edit, result > 0 ? -EROFS : result, reason.length ? buf_text(&reason) : NULL);
		buf_done(&reason);
		return;
	}
	/* Others may lock it from here on, and clients see the change in what is told of it. */
	if (change->lock >= 0)
		close(change->lock);
	change->lock = -1;
	result = edit->reload(edit->context);
	answer(edit, result, NULL);
}

/* On the config partition first, then in force: what cannot be kept is not done, and what is kept
 * is done even if this daemon dies meanwhile. */
static int store(struct guests_edit *edit, struct change *change)
{
	char conf[NODE_PATH];
	char xml[NODE_PATH];
	char program[] = STORE;
	char verb[] = "keep-held"; /* the lock is ours: lock_change() */
	char origin[] = "virsh";
	char none[] = "-";
	char *arguments[] = { program, verb, conf, origin, change->has_parts ? change->uuid : NULL,
		change->parts ? xml : none, NULL };
	int error = file_replace(
	    aside(edit->paths, "conf", conf), buf_text(&change->text), change->text.length, 0600);

	aside(edit->paths, "xml", xml);
	if (!error && change->parts)
		error = file_replace(xml, change->parts, strlen(change->parts), 0600);
	if (!error)
		error = task_start(
		    edit->loop, arguments, STORE_SECONDS, STORE_OUTPUT, stored, edit, &edit->task);
	return error;
}

/* The whole node changes; the client has the answer, so that nothing waits to be confirmed. */
static int apply(struct guests_edit *edit, struct change *change)
{
	char conf[NODE_PATH];
	char networks[NODE_PATH];
	char program[] = "berth";
	char config[] = "config";
	char verb[] = "apply";
	char confirmed[] = "--confirm";
	char origin[] = "--origin";
	char virsh[] = "virsh";
	char states[] = "--networks";
	char *arguments[] = { program, config, verb, confirmed, origin, virsh, states, networks,
		conf, NULL };
	int error = file_replace(
	    aside(edit->paths, "conf", conf), buf_text(&change->text), change->text.length, 0600);

	if (!error)
		error = write_networks(edit, change, aside(edit->paths, "networks", networks));
	if (!error)
		error = task_start(
		    edit->loop, arguments, APPLY_SECONDS, APPLY_OUTPUT, stored, edit, &edit->task);
	return error;
}

/* The text is made of the one in force now, whatever it was when the client asked. */
static void begin(void *context)
{
	struct guests_edit *edit = context;
	struct change *change = edit->first;
	struct buf complaint = BUF_INIT;
	struct conf conf = { 0 };
	int error;

	if (!change || edit->task)
		return;
	error = conf_edit(guests_current(edit->guests)->text, guests_current(edit->guests)->length,
	    change->edits, change->count, &change->text, &conf);
	if (error == -EBADMSG)
		conf_diags_print(&conf.diags, "berth.conf", &complaint);
	conf_done(&conf);
	if (!error && !is_own(change)) {
		error = apply(edit, change);
	} else if (!error) {
		change->lock = lock_change(edit, &complaint);
		error = change->lock < 0 ? change->lock : store(edit, change);
	}
	if (error)
		answer(edit, error, complaint.length ? buf_text(&complaint) : NULL);
	buf_done(&complaint);
}

static void add(struct guests_edit *edit, struct change *change, struct driver_done done)
{
	if (!change) {
		if (done.call)
			done.call(done.context, -ENOMEM, NULL);
		return;
	}
	change->done = done;
	*edit->end = change;
	edit->end = &change->next;
	begin(edit);
}

void guests_edit_add(struct guests_edit *edit, const struct conf_edit *edits, size_t count,
    const struct driver_parts *parts, struct driver_done done)
{
	add(edit, change_create(edits, count, parts), done);
}

void guests_edit_network(
    struct guests_edit *edit, const char *name, bool active, struct driver_done done)
{
	struct change *change = change_create(NULL, 0, NULL);

	if (change) {
		change->network = strdup(name);
		change->active = active;
		if (!change->network) {
			change_free(change);
			change = NULL;
		}
	}
	add(edit, change, done);
}

int guests_edit_parts(const struct guests_edit *edit, const uint8_t uuid[16], struct buf *out)
{
	char text[UUID_TEXT];
	char path[NODE_PATH];

	uuid_text(uuid, text);
	return file_read(parts_path(edit, text, path), PARTS_MAX, out);
}

int guests_edit_create(struct guests *guests, struct loop *loop, const struct node_paths *paths,
    int (*reload)(void *context), void *context, struct guests_edit **ret_edit)
{
	struct guests_edit *edit = calloc(1, sizeof(*edit));

	if (!edit)
		return -ENOMEM;
	*edit = (struct guests_edit){ .guests = guests,
		.loop = loop,
		.paths = paths,
		.reload = reload,
		.context = context,
		.go_on = { .run = begin, .context = edit } };
	edit->end = &edit->first;
	*ret_edit = edit;
	return 0;
}

void guests_edit_free(struct guests_edit *edit)
{
	if (!edit)
		return;
	task_free(edit->task);
	while (edit->first)
		answer(edit, -ECANCELED, "the daemon ends");
	loop_unpost(edit->loop, &edit->go_on);
	free(edit);
}
