/* SPDX-License-Identifier: GPL-2.0-only */
#include "node/guest/guests.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <syslog.h>
#include <unistd.h>

#include "lib/file.h"
#include "node/guest/cgroup.h"
#include "node/guest/guest_log.h"
#include "node/guest/guest_parts.h"
#include "node/guest/guest_status.h"
#include "node/guest/saved.h"

#define SECOND 1000000000ull
#define READY_POLL (SECOND / 5)
#define LOG_POLL (60 * SECOND)

struct guests {
	struct guests_config config;
	struct guest_env env;
	struct guest *first;
	struct config *current;
	struct loop_timer start; /* the next guest that starts with the node */
	struct loop_timer logs;
	struct loop_call sweep;
	bool starting; /* guests that start with the node may */
	void (*left)(void *context);
	void *left_context;
};

static void guest_changed(void *context, struct guest *guest)
{
	struct guests *guests = context;

	guest_status_write(guest);
	if (guests->config.changed)
		guests->config.changed(guests->config.context, guest);
	loop_post(guests->config.loop, &guests->sweep);
}

static void forget_folder(const struct guest *guest)
{
	static const char *const names[] = { "state", "definition", "outcome", "control",
		"berth.conf" };
	char path[NODE_PATH];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		unlink(guest_path(guest, names[i], path));
	rmdir(guest_path(guest, NULL, path));
}

/* Guests that the file has no more go once they are off; the node's end is told. */
static void sweep(void *context)
{
	struct guests *guests = context;
	struct guest **link = &guests->first;
	bool some = false;

	while (*link) {
		struct guest *guest = *link;

		some |= guest_has_process(guest);
		if (guest_has_process(guest) ||
		    (guest->conf && !(guest->transient && guest->state == GUEST_OFF))) {
			link = &guest->next;
			continue;
		}
		*link = guest->next;
		guest_status_remove(guest);
		forget_folder(guest);
		guest_free(guest);
	}
	if (guests->left && !some) {
		void (*left)(void *context) = guests->left;

		guests->left = NULL;
		left(guests->left_context);
	}
}

static void bound_logs(void *context)
{
	struct guests *guests = context;

	for (struct guest *guest = guests->first; guest; guest = guest->next)
		guest_log_bound(guests->config.paths, guest->name, GUEST_LOG_SIZE);
	loop_timer_set(&guests->logs, loop_time(guests->config.loop) + LOG_POLL);
}

struct guest *guests_first(struct guests *guests)
{
	return guests->first;
}

struct config *guests_current(const struct guests *guests)
{
	return guests->current;
}

struct guest *guests_named(struct guests *guests, const char *name)
{
	struct guest *guest = guests->first;

	while (guest && strcmp(guest->name, name))
		guest = guest->next;
	return guest;
}

struct guest *guests_find(struct guests *guests, const uint8_t uuid[16])
{
	struct guest *guest = guests->first;

	while (guest && memcmp(guest->uuid, uuid, sizeof(guest->uuid)))
		guest = guest->next;
	return guest;
}

/* Find a guest, or make one that is off. */
static struct guest *have(struct guests *guests, const char *name, bool *ret_new)
{
	struct guest *guest = guests_named(guests, name);

	*ret_new = !guest;
	if (guest)
		return guest;
	guest = guest_create(&guests->env, name);
	if (!guest)
		return NULL;
	guest->next = guests->first;
	guests->first = guest;
	return guest;
}

/* The order of the file; those that it has no more come last. */
static void sort(struct guests *guests)
{
	struct guest *sorted = NULL;
	struct guest **end = &sorted;

	for (const struct conf_guest *conf = guests->current->conf.model.guests; conf;
	     conf = conf->next)
		for (struct guest **link = &guests->first; *link; link = &(*link)->next)
			if (!strcmp((*link)->name, conf->name)) {
				struct guest *guest = *link;

				*link = guest->next;
				*end = guest;
				end = &guest->next;
				break;
			}
	*end = guests->first;
	guests->first = sorted;
}

static void take_config(struct guests *guests, struct config *config, bool fresh, bool live)
{
	struct config *old = guests->current;
	bool is_new;

	guests->current = config_hold(config);
	for (const struct conf_guest *conf = config->conf.model.guests; conf; conf = conf->next) {
		struct guest *guest = have(guests, conf->name, &is_new);

		if (!guest) {
			syslog(LOG_ERR, "guest \"%s\": no memory", conf->name);
			continue;
		}
		/* To be started with the node from now on: with its next start. */
		if (guest->conf && !guest->conf->autostart.on && conf->autostart.on)
			guest->kept.autostarted = true;
		guest->transient = false;
		guest_set_conf(guest, config, conf, live);
		if (!fresh && !is_new && guest->kept.off == POLICY_OFF_FAILED &&
		    guest->state == GUEST_OFF)
			guest->kept.autostarted = false;
	}
	for (struct guest *guest = guests->first; guest; guest = guest->next)
		if (guest->conf && !guest->transient && !config_guest(config, guest->name))
			guest_set_conf(guest, NULL, NULL, false);
	sort(guests);
	config_release(old);
}

/* Guests whose folders an earlier daemon left. */
static void adopt(struct guests *guests)
{
	char path[NODE_PATH];
	struct dirent *entry;
	DIR *folder;
	bool is_new;

	snprintf(path, sizeof(path), "%s/guests", guests->config.paths->run);
	folder = opendir(path);
	while (folder && (entry = readdir(folder)))
		if (entry->d_name[0] != '.')
			have(guests, entry->d_name, &is_new);
	if (folder)
		closedir(folder);
	for (struct guest *guest = guests->first; guest; guest = guest->next) {
		struct stat status;

		if (stat(guest_path(guest, "state", path), &status)) {
			cgroup_remove(guests->config.paths, guest->name);
			guest_changed(guests, guest);
			continue;
		}
		guest_adopt(guest, guests->current);
		/* A start that was cut off has left it, and no process in it. */
		if (!guest_has_process(guest))
			cgroup_remove(guests->config.paths, guest->name);
		if (guest->kept.id > guests->env.last_id)
			guests->env.last_id = guest->kept.id;
	}
}

static bool exists(const struct guests *guests, const char *name)
{
	char path[NODE_PATH];

	snprintf(path, sizeof(path), "%s/%s", guests->config.paths->run, name);
	return !access(path, F_OK);
}

/* The boot steps are through, and the data volume is there, or will not be. */
static bool is_ready(const struct guests *guests)
{
	static const char *const busy[] = { "waiting", "checking", "formatting" };
	struct buf text = BUF_INIT;
	char path[NODE_PATH];
	bool ready = exists(guests, "state/ready");

	snprintf(path, sizeof(path), "%s/state/data", guests->config.paths->run);
	if (ready && !file_read(path, 4096, &text))
		for (size_t i = 0; i < sizeof(busy) / sizeof(busy[0]); i++)
			ready &= strncmp(buf_text(&text), busy[i], strlen(busy[i])) != 0;
	buf_done(&text);
	return ready;
}

/* Those that the node saved when it went down go on with it, whatever else starts. */
static void find_saved(struct guests *guests)
{
	for (struct guest *guest = guests->first; guest; guest = guest->next) {
		struct saved saved = { 0 };
		struct buf why = BUF_INIT;
		char path[NODE_PATH];

		if (guest_is_saved(guest) &&
		    !saved_look(guest_saved_path(guest, path), &saved, &why))
			guest->resumes = saved.with_node;
		saved_done(&saved);
		buf_done(&why);
	}
}

/* Of those that start with the node and have not had their turn: the one of the lowest order, the
 * first of the file among equals. */
static struct guest *next_in_order(struct guests *guests)
{
	struct guest *best = NULL;

	for (struct guest *guest = guests->first; guest; guest = guest->next) {
		if (!guest->conf || guest->kept.autostarted ||
		    (!guest->conf->autostart.on && !guest->resumes))
			continue;
		if (!best || guest->conf->autostart.order < best->conf->autostart.order)
			best = guest;
	}
	return best;
}

static void start_next(void *context)
{
	struct guests *guests = context;
	uint64_t now = loop_time(guests->config.loop);
	struct guest *guest;

	if (guests->env.closing)
		return;
	if (!guests->starting && !is_ready(guests)) {
		loop_timer_set(&guests->start, now + READY_POLL);
		return;
	}
	if (!guests->starting)
		find_saved(guests);
	guests->starting = true;
	guest = next_in_order(guests);
	if (!guest)
		return;
	guest->kept.autostarted = true;
	if (guest->state == GUEST_OFF)
		guest_act(guest, DRIVER_START, (struct driver_done){ 0 });
	loop_timer_set(&guests->start, now + guest->conf->autostart.delay * SECOND);
}

void guests_autostart(struct guests *guests)
{
	loop_timer_set(&guests->start, loop_time(guests->config.loop));
}

void guests_reload(struct guests *guests, struct config *config, bool live)
{
	take_config(guests, config, false, live);
	for (struct guest *guest = guests->first; guest; guest = guest->next)
		guest_save(guest);
	if (guests->starting)
		guests_autostart(guests);
}

int guests_start_as(struct guests *guests, struct config *config, const char *name, bool paused,
    struct driver_done done)
{
	const struct conf_guest *conf = config_guest(config, name);
	bool is_new;
	struct guest *guest = conf ? have(guests, name, &is_new) : NULL;
	const struct conf_guest *own;
	struct config *filed;

	if (!guest)
		return conf ? -ENOMEM : -ENOENT;
	if (guest->state != GUEST_OFF || guests->env.closing)
		return -EBUSY;
	own = guest->transient ? NULL : guest->conf;
	filed = own ? config_hold(guest->filed) : NULL;
	guest->transient = true;
	guest_set_conf(guest, config, conf, false);
	guest_start(guest, paused, NULL, done);
	if (own) {
		guest->transient = false;
		guest_set_conf(guest, filed, own, false);
		config_release(filed);
	}
	guest_save(guest);
	return 0;
}

void guests_restore(
    struct guests *guests, const char *path, enum driver_go go, struct driver_done done)
{
	struct saved saved = { 0 };
	struct buf why = BUF_INIT;
	struct guest *guest = NULL;
	bool is_new = false;
	int error = saved_look(path, &saved, &why);

	if (!error) {
		guest = guests_find(guests, saved.uuid);
		/* A guest of the same name and another UUID is refused as another guest. */
		if (!guest)
			guest = have(guests, saved.name, &is_new);
		error = guest ? 0 : -ENOMEM;
	}
	if (guest && is_new)
		memcpy(guest->uuid, saved.uuid, sizeof(guest->uuid));
	if (!error)
		guest_restore(guest, guests->current, path, go, done);
	else if (done.call)
		done.call(done.context, error, buf_text(&why));
	saved_done(&saved);
	buf_done(&why);
}

void guests_leave(struct guests *guests, void (*done)(void *context), void *context)
{
	guests->left = done;
	guests->left_context = context;
	loop_post(guests->config.loop, &guests->sweep);
	if (guests->env.closing)
		return;
	guests->env.closing = true;
	loop_timer_cancel(&guests->start);
	for (struct guest *guest = guests->first; guest; guest = guest->next)
		guest_leave(guest);
}

int guests_create(
    const struct guests_config *config, struct config *current, struct guests **ret_guests)
{
	struct guests *guests = calloc(1, sizeof(*guests));
	int error;

	if (!guests)
		return -ENOMEM;
	guests->config = *config;
	guests->env = (struct guest_env){ .loop = config->loop,
		.paths = config->paths,
		.sandbox_off = config->sandbox_off,
		.changed = guest_changed,
		.context = guests };
	guests->sweep = (struct loop_call){ .run = sweep, .context = guests };
	loop_timer_init(&guests->start, config->loop, start_next, guests);
	loop_timer_init(&guests->logs, config->loop, bound_logs, guests);
	error = cgroup_init(config->paths);
	if (error)
		syslog(LOG_ERR, "no control groups for guests in %s: %s", config->paths->cgroup,
		    strerror(-error));
	take_config(guests, current, true, false);
	adopt(guests);
	sort(guests);
	bound_logs(guests);
	*ret_guests = guests;
	return 0;
}

void guests_free(struct guests *guests)
{
	if (!guests)
		return;
	while (guests->first) {
		struct guest *guest = guests->first;

		guests->first = guest->next;
		guest_free(guest);
	}
	loop_timer_cancel(&guests->start);
	loop_timer_cancel(&guests->logs);
	loop_unpost(guests->config.loop, &guests->sweep);
	config_release(guests->current);
	free(guests);
}
