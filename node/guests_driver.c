/* SPDX-License-Identifier: GPL-2.0-only */
#include "node/guests_driver.h"

#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "conf/render.h"
#include "lib/file.h"
#include "node/guest/guest_job.h"
#include "node/guest/guest_parts.h"
#include "node/guest/guest_stats.h"
#include "node/guest/identity.h"
#include "node/guest/saved.h"
#include "node/guests_edit.h"

#define MESSAGES_MAX 4

/* What a view of a guest points to. */
struct view {
	struct view *next;
	struct driver_guest guest;
	const char *messages[MESSAGES_MAX + 1];
	char *text;
	struct netaddr_mac *macs;
	struct config *config; /* of a saved guest */
};

struct guests_driver {
	struct guests *guests;
	struct loop *loop;
	const struct node_paths *paths;
	struct guests_edit *edit;
	struct view *views;
	struct loop_call drop; /* views, once the loop has control again */
	struct guest_stats stats;
};

static void drop_views(void *context)
{
	struct guests_driver *driver = context;

	while (driver->views) {
		struct view *view = driver->views;

		driver->views = view->next;
		free(view->text);
		free(view->macs);
		config_release(view->config);
		free(view);
	}
}

static void view_state(const struct guest *guest, struct driver_guest *view)
{
	static const int offs[] = { DRIVER_OFF_SHUT_DOWN, DRIVER_OFF_DESTROYED, DRIVER_OFF_CRASHED,
		DRIVER_OFF_FAILED, DRIVER_OFF_SAVED };

	switch (guest->state) {
	case GUEST_STARTING:
	case GUEST_RUNNING:
		view->state = DRIVER_RUNNING;
		view->reason = guest->ran ? guest->ran : DRIVER_BOOTED;
		break;
	case GUEST_PAUSED:
		view->state = DRIVER_PAUSED;
		view->reason = guest->pause;
		break;
	case GUEST_SHUTTING_DOWN:
		view->state = DRIVER_SHUTTING_DOWN;
		view->reason = DRIVER_BOOTED;
		break;
	case GUEST_CRASHED:
		view->state = DRIVER_CRASHED;
		view->reason = 1;
		break;
	default:
		view->state = DRIVER_SHUT_OFF;
		/* 0: unknown, of one that never ran. */
		view->reason = guest->kept.id || guest->kept.message[0] ? offs[guest->kept.off] : 0;
	}
}

static void view_messages(const struct guest *guest, struct view *view)
{
	struct buf text = BUF_INIT;
	size_t count = 0;

	guest_messages(guest, &text);
	view->text = text.data;
	for (char *line = view->text; line && *line && count < MESSAGES_MAX;) {
		size_t length = strcspn(line, "\n");

		view->messages[count++] = line;
		if (!line[length])
			break;
		line[length] = '\0';
		line += length + 1;
	}
	if (count)
		view->guest.messages = view->messages;
}

static void view_macs(const struct conf_guest *conf, struct view *view)
{
	unsigned int count = 0;

	for (const struct conf_nic *nic = conf->nics; nic; nic = nic->next)
		count++;
	view->macs = calloc(count + 1, sizeof(*view->macs));
	count = 0;
	for (const struct conf_nic *nic = conf->nics; nic && view->macs; nic = nic->next, count++)
		view->macs[count] = identity_mac(conf, nic, count);
	view->guest.macs = view->macs;
}

static bool is_persistent(const struct guest *guest)
{
	return guest->conf && !guest->transient;
}

/* NULL without memory, or for a guest about which nothing is known. */
static const struct driver_guest *look_at(struct guests_driver *driver, const struct guest *guest)
{
	const struct conf_guest *conf = guest->running ? guest->running : guest->conf;
	struct view *view = conf ? calloc(1, sizeof(*view)) : NULL;

	if (!view)
		return NULL;
	view->next = driver->views;
	driver->views = view;
	loop_post(driver->loop, &driver->drop);
	view->guest = (struct driver_guest){ .conf = conf,
		.id = guest_has_process(guest) ? guest->kept.id : -1,
		.persistent = is_persistent(guest),
		.autostart = is_persistent(guest) && guest->conf->autostart.on,
		.changed = guest->running && is_persistent(guest) &&
			   config_needs_start(guest->running, guest->conf, true) };
	memcpy(view->guest.uuid, guest->uuid, sizeof(guest->uuid));
	view->guest.saved = guest->conf && guest_is_saved(guest);
	if (guest_has_process(guest)) {
		/* Adding const to what is pointed to twice takes a word in C. */
		view->guest.taps = (const char *const *)guest->taps;
		view->guest.disks = (const char *const *)guest->disks;
	}
	if (*guest->full_disk)
		view->guest.full_disk = guest->full_disk;
	view_state(guest, &view->guest);
	view_messages(guest, view);
	view_macs(conf, view);
	return &view->guest;
}

static const struct conf_model *model(void *context)
{
	struct guests_driver *driver = context;

	return &guests_current(driver->guests)->conf.model;
}

static void each_guest(void *context, bool (*each)(void *context, const struct driver_guest *guest),
    void *each_context)
{
	struct guests_driver *driver = context;

	for (const struct guest *guest = guests_first(driver->guests); guest; guest = guest->next) {
		const struct driver_guest *view = look_at(driver, guest);

		if (view && !each(each_context, view))
			return;
	}
}

static int stats(void *context, const uint8_t uuid[16], struct driver_stats *ret_stats)
{
	struct guests_driver *driver = context;
	struct guest *guest = guests_find(driver->guests, uuid);

	if (!guest)
		return -ENOENT;
	if (!guest_has_process(guest) || !guest->running)
		return -EBUSY;
	return guest_stats_read(guest, &driver->stats, ret_stats);
}

static int devices(void *context, const uint8_t uuid[16], struct buf *ret_text)
{
	struct guests_driver *driver = context;
	struct guest *guest = guests_find(driver->guests, uuid);

	return guest ? guest_stats_devices(guest, ret_text) : -ENOENT;
}

static void act(
    void *context, const uint8_t uuid[16], enum driver_verb verb, struct driver_done done)
{
	struct guests_driver *driver = context;
	struct guest *guest = guests_find(driver->guests, uuid);

	if (guest)
		guest_act(guest, verb, done);
	else if (done.call)
		done.call(done.context, -ENOENT, "there is no such guest");
}

static void save(
    void *context, const uint8_t uuid[16], const struct driver_save *save, struct driver_done done)
{
	struct guests_driver *driver = context;
	struct guest *guest = guests_find(driver->guests, uuid);

	if (guest)
		guest_save_state(guest, save, guest->state == GUEST_PAUSED, false, done);
	else
		done.call(done.context, -ENOENT, "there is no such guest");
}

static void restore(void *context, const char *path, enum driver_go go, struct driver_done done)
{
	struct guests_driver *driver = context;

	guests_restore(driver->guests, path, go, done);
}

static void dump(
    void *context, const uint8_t uuid[16], const struct driver_dump *dump, struct driver_done done)
{
	struct guests_driver *driver = context;
	struct guest *guest = guests_find(driver->guests, uuid);

	if (guest)
		guest_job_dump(guest, dump, done);
	else
		done.call(done.context, -ENOENT, "there is no such guest");
}

/* Where a saved guest is: a client's file, or that of a guest's next start. */
static int saved_place(
    struct guests_driver *driver, const uint8_t uuid[16], const char *path, char place[NODE_PATH])
{
	struct guest *guest = path ? NULL : guests_find(driver->guests, uuid);

	if (!path && !guest)
		return -ENOENT;
	if (guest)
		guest_saved_path(guest, place);
	else
		snprintf(place, NODE_PATH, "%s", path);
	return 0;
}

static int look_at_saved(void *context, const uint8_t uuid[16], const char *path,
    struct driver_saved *ret_saved, struct buf *complaint)
{
	struct guests_driver *driver = context;
	const struct config *current = guests_current(driver->guests);
	struct view *view = calloc(1, sizeof(*view));
	struct saved saved = { 0 };
	char place[NODE_PATH];
	int error = view ? saved_place(driver, uuid, path, place) : -ENOMEM;

	if (!error)
		error = saved_look(place, &saved, complaint);
	if (!error)
		error = saved_config(
		    &saved, current->text, current->length, complaint, &view->config);
	if (error) {
		free(view);
		saved_done(&saved);
		return error;
	}
	view->next = driver->views;
	driver->views = view;
	loop_post(driver->loop, &driver->drop);
	view->guest = (struct driver_guest){ .conf = config_guest(view->config, saved.name),
		.id = -1,
		.state = DRIVER_SHUT_OFF,
		.reason = DRIVER_OFF_SAVED };
	memcpy(view->guest.uuid, saved.uuid, sizeof(saved.uuid));
	view_macs(view->guest.conf, view);
	*ret_saved = (struct driver_saved){
		.guest = view->guest, .model = &view->config->conf.model, .stands = saved.stands
	};
	saved_done(&saved);
	return 0;
}

static int change_saved(void *context, const uint8_t uuid[16], const char *path, enum driver_go go,
    struct buf *complaint)
{
	char place[NODE_PATH];
	int error = saved_place(context, uuid, path, place);

	return error ? error : saved_change(place, go, complaint);
}

static int forget_saved(void *context, const uint8_t uuid[16])
{
	struct guests_driver *driver = context;
	struct guest *guest = guests_find(driver->guests, uuid);
	int error = guest ? guest_forget_saved(guest) : -ENOENT;

	if (!error)
		guest_save(guest);
	return error;
}

static int job(void *context, const uint8_t uuid[16], bool ended, struct driver_job *ret_job)
{
	struct guests_driver *driver = context;
	struct guest *guest = guests_find(driver->guests, uuid);

	return guest ? guest_job_read(guest, ended, ret_job) : -ENOENT;
}

static void give_up_job(void *context, const uint8_t uuid[16], struct driver_done done)
{
	struct guests_driver *driver = context;
	struct guest *guest = guests_find(driver->guests, uuid);

	if (guest)
		guest_job_give_up(guest, done);
	else
		done.call(done.context, -ENOENT, "there is no such guest");
}

static int open_console(
    void *context, const uint8_t uuid[16], const char *device, int *ret_descriptor)
{
	struct guests_driver *driver = context;
	struct guest *guest = guests_find(driver->guests, uuid);

	return guest ? guest_open_console(guest, device, ret_descriptor) : -ENOENT;
}

static void set_memory(
    void *context, const uint8_t uuid[16], uint64_t bytes, struct driver_done done)
{
	struct guests_driver *driver = context;
	struct guest *guest = guests_find(driver->guests, uuid);

	if (guest)
		guest_set_memory(guest, bytes, done);
	else if (done.call)
		done.call(done.context, -ENOENT, "there is no such guest");
}

static void resize_disk(void *context, const uint8_t uuid[16], unsigned int index, uint64_t bytes,
    struct driver_done done)
{
	struct guests_driver *driver = context;
	struct guest *guest = guests_find(driver->guests, uuid);

	if (guest)
		guest_resize_disk(guest, index, bytes, done);
	else
		done.call(done.context, -ENOENT, "there is no such guest");
}

static void plug(void *context, const uint8_t uuid[16], const struct conf_edit *edits, size_t count,
    struct driver_done done)
{
	struct guests_driver *driver = context;
	struct guest *guest = guests_find(driver->guests, uuid);

	if (guest)
		guest_plug(guest, edits, count, done);
	else if (done.call)
		done.call(done.context, -ENOENT, "there is no such guest");
}

static void edit(void *context, const struct conf_edit *edits, size_t count,
    const struct driver_parts *kept, struct driver_done done)
{
	struct guests_driver *driver = context;

	guests_edit_add(driver->edit, edits, count, kept, done);
}

static void create(void *context, const struct conf_edit *edits, size_t count, const char *name,
    const struct driver_parts *kept, bool paused, struct driver_done done)
{
	struct guests_driver *driver = context;
	const struct config *current = guests_current(driver->guests);
	struct buf complaint = BUF_INIT;
	struct buf text = BUF_INIT;
	struct config *config = NULL;
	struct conf conf = { 0 };
	int error = conf_edit(current->text, current->length, edits, count, &text, &conf);

	if (error == -EBADMSG)
		conf_diags_print(&conf.diags, "berth.conf", &complaint);
	conf_done(&conf);
	if (!error)
		error = config_load(buf_text(&text), text.length, &complaint, &config);
	if (!error)
		error = guests_edit_lend(driver->edit, kept);
	if (!error)
		error = guests_start_as(driver->guests, config, name, paused, done);
	config_release(config);
	if (error && done.call)
		done.call(done.context, error, complaint.length ? buf_text(&complaint) : NULL);
	buf_done(&complaint);
	buf_done(&text);
}

static void network_set_active(
    void *context, const char *name, bool active, struct driver_done done)
{
	struct guests_driver *driver = context;

	guests_edit_network(driver->edit, name, active, done);
}

static int parts(void *context, const uint8_t uuid[16], struct buf *out)
{
	const struct guests_driver *driver = context;

	return guests_edit_parts(driver->edit, uuid, out);
}

static const char *file(void *context, size_t *ret_length)
{
	const struct guests_driver *driver = context;
	const struct config *current = guests_current(driver->guests);

	*ret_length = current->length;
	return current->text;
}

static bool network_active(void *context, const struct conf_network *network)
{
	(void)context;
	return network->bridge && if_nametoindex(network->bridge) != 0;
}

/* What clients made of a pool since the node started: a file for each, "up" or "down". */
static const char *pool_state_path(
    const struct guests_driver *driver, const char *name, char path[NODE_PATH])
{
	snprintf(
	    path, NODE_PATH, "%s/pools%s%s", driver->paths->run, name ? "/" : "", name ? name : "");
	return path;
}

static int pool_set_active(void *context, const char *name, bool active)
{
	const struct guests_driver *driver = context;
	char path[NODE_PATH];

	if (mkdir(pool_state_path(driver, NULL, path), 0755) < 0 && errno != EEXIST)
		return -errno;
	return file_replace(
	    pool_state_path(driver, name, path), active ? "up\n" : "down\n", active ? 3 : 5, 0644);
}

/* Where no client said so, the file does. */
static bool pool_is_up(const struct guests_driver *driver, const struct conf_pool *pool)
{
	struct buf state = BUF_INIT;
	char path[NODE_PATH];
	bool up = pool->autostart;

	if (!file_read(pool_state_path(driver, pool->name, path), 16, &state))
		up = !strcmp(buf_text(&state), "up\n");
	buf_done(&state);
	return up;
}

static bool pool_active(void *context, const struct conf_pool *pool)
{
	const struct guests_driver *driver = context;
	struct stat status;
	char path[NODE_PATH];

	if (pool->type != CONF_POOL_DIR || !pool->path || !pool_is_up(driver, pool))
		return false;
	snprintf(path, sizeof(path), "%s%s%s", *pool->path == '/' ? "" : driver->paths->data,
	    *pool->path == '/' ? "" : "/", pool->path);
	return !stat(path, &status) && S_ISDIR(status.st_mode);
}

const struct driver_ops guests_driver_ops = {
	.model = model,
	.guests = each_guest,
	.stats = stats,
	.devices = devices,
	.act = act,
	.save = save,
	.restore = restore,
	.dump = dump,
	.look_at_saved = look_at_saved,
	.change_saved = change_saved,
	.forget_saved = forget_saved,
	.job = job,
	.give_up_job = give_up_job,
	.open_console = open_console,
	.set_memory = set_memory,
	.resize_disk = resize_disk,
	.plug = plug,
	.edit = edit,
	.create = create,
	.network_set_active = network_set_active,
	.parts = parts,
	.file = file,
	.network_active = network_active,
	.pool_active = pool_active,
	.pool_set_active = pool_set_active,
	.pool_root = CONF_DATA_FOLDER "/",
};

/* Whether clients take a guest in this state for one that is there. */
static bool is_active(enum guest_state state)
{
	return state != GUEST_OFF && state != GUEST_BACKING_OFF && state != GUEST_STARTING;
}

static void tell_state(
    const struct guest *guest, const struct driver_guest *view, struct server *server)
{
	static const int stops[] = { 0, 1, 2, 5, 4 };
	/* libvirt: VIR_DOMAIN_EVENT_STARTED_RESTORED, _SUSPENDED_RESTORED, _RESUMED_FROM_SNAPSHOT.
	 */
	const bool anew = !is_active(guest->told) && is_active(guest->state);
	const bool restored = anew && guest->restored;

	if (anew)
		server_guest_event(server, view, SERVER_GUEST_STARTED, restored ? 2 : 0);
	if (is_active(guest->told) && !is_active(guest->state))
		server_guest_event(server, view, SERVER_GUEST_STOPPED, stops[guest->kept.off]);
	else if (guest->state == GUEST_PAUSED && guest->told != GUEST_PAUSED)
		server_guest_event(server, view, SERVER_GUEST_SUSPENDED,
		    restored				     ? 4
		    : guest->pause == DRIVER_PAUSED_IO_ERROR ? 2
							     : 0);
	else if (guest->state == GUEST_RUNNING && (guest->told == GUEST_PAUSED || restored))
		server_guest_event(server, view, SERVER_GUEST_RESUMED, restored ? 2 : 0);
	else if (guest->state == GUEST_CRASHED && guest->told != GUEST_CRASHED)
		server_guest_event(server, view, SERVER_GUEST_CRASHED, 0);
}

void guests_driver_begin(struct guest *guest)
{
	/* One that an earlier daemon started runs, though it has not answered this one yet. */
	guest->told = guest->state == GUEST_STARTING ? GUEST_RUNNING : guest->state;
	guest->told_conf = is_persistent(guest);
}

void guests_driver_tell(struct guests_driver *driver, struct server *server, struct guest *guest)
{
	const struct driver_guest *view = look_at(driver, guest);
	char alias[ALIAS_MAX];

	if (view && is_persistent(guest) && !guest->told_conf)
		server_guest_event(server, view, SERVER_GUEST_DEFINED, 0);
	else if (view && is_persistent(guest) && guest->redefined)
		server_guest_event(server, view, SERVER_GUEST_DEFINED, 1);
	if (view && guest->told != guest->state)
		tell_state(guest, view, server);
	if (view && guest->job_ended)
		server_guest_job(server, view, &guest->last_job);
	if (view && *guest->device_came)
		server_guest_device(server, view, guest->device_came, true);
	if (view && *guest->device_gone)
		server_guest_device(server, view, guest->device_gone, false);
	if (view && guest->rebooted)
		server_guest_rebooted(server, view);
	if (view && *guest->full_disk && !guest->full_told)
		server_guest_no_space(server, view, alias_of_disk(guest->full_disk, alias));
	if (view && guest->memory)
		server_guest_memory(server, view, guest->memory);
	if (view && !is_persistent(guest) && guest->told_conf)
		server_guest_event(server, view, SERVER_GUEST_UNDEFINED, 0);
	guest->job_ended = false;
	*guest->device_came = *guest->device_gone = '\0';
	guest->rebooted = false;
	guest->memory = 0;
	guest->full_told = true;
	guest->redefined = false;
	if (guest->state != GUEST_STARTING)
		guest->restored = false;
	/* Starting is not yet a state to tell of. */
	if (guest->state != GUEST_STARTING)
		guest->told = guest->state;
	guest->told_conf = is_persistent(guest);
}

int guests_driver_create(struct guests *guests, struct loop *loop, const struct node_paths *paths,
    int (*reload)(void *context), void *context, struct guests_driver **ret_driver)
{
	struct guests_driver *driver = calloc(1, sizeof(*driver));
	int error;

	if (!driver)
		return -ENOMEM;
	error = guests_edit_create(guests, loop, paths, reload, context, &driver->edit);
	if (error) {
		free(driver);
		return error;
	}
	driver->guests = guests;
	driver->loop = loop;
	driver->paths = paths;
	driver->drop = (struct loop_call){ .run = drop_views, .context = driver };
	*ret_driver = driver;
	return 0;
}

void guests_driver_free(struct guests_driver *driver)
{
	if (!driver)
		return;
	loop_unpost(driver->loop, &driver->drop);
	drop_views(driver);
	guests_edit_free(driver->edit);
	guest_stats_done(&driver->stats);
	free(driver);
}
