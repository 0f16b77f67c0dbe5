/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Disks and NICs that come and go while the guest runs. What it runs with is a configuration of its
 * own then (guest->used), which its folder has before its process is asked: a daemon that finds the
 * process later asks it what it has, and drops what has not come or has gone.
 */
#include "node/guest/guest_parts.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conf/plug.h"
#include "lib/file.h"
#include "node/guest/alias.h"
#include "node/guest/definition.h"
#include "node/guest/plug.h"
#include "node/guest/refusal.h"

/* One request that the process has not answered yet. */
struct plug_job {
	struct guest *guest;
	struct config *after;	     /* what it runs with then; NULL: as before */
	struct resources *resources; /* of one that comes */
	struct driver_done done;
};

static void answer(struct driver_done done, int result, const char *message)
{
	if (done.call)
		done.call(done.context, result, message);
}

int guest_plug_write(struct guest *guest, const struct config *config)
{
	char path[NODE_PATH];

	return file_replace(
	    guest_path(guest, "berth.conf", path), config->text, config->length, 0600);
}

void guest_plug_use(struct guest *guest, struct config *config)
{
	struct config *old = guest->used;

	guest->used = config_hold(config);
	guest->running = config_guest(config, guest->name);
	config_release(old);
}

/* Interface names, for a later daemon. */
static void keep_taps(struct guest *guest)
{
	size_t length = 0;

	guest->kept.taps[0] = '\0';
	for (char **tap = guest->taps; tap && *tap && length < sizeof(guest->kept.taps); tap++)
		length += (size_t)snprintf(guest->kept.taps + length,
		    sizeof(guest->kept.taps) - length, length ? " %s" : "%s", *tap);
}

static void job_free(struct plug_job *job)
{
	config_release(job->after);
	if (job->resources)
		resources_done(job->resources);
	free(job->resources);
	free(job);
}

/* The guest has it: its name on the node goes behind the others of its kind. */
static void came(struct guest *guest, struct plug_job *job)
{
	struct resources *resources = job->resources;
	bool is_nic = resources->nic_count != 0;
	char *name = is_nic ? strdup(resources->nics[0].tap) : resources->disks[0].path;

	if (!is_nic)
		resources->disks[0].path = NULL;
	if (!name || guest_add_name(is_nic ? &guest->taps : &guest->disks, name))
		free(name);
	if (is_nic)
		keep_taps(guest);
	if (is_nic)
		alias_of_nic(resources->nics[0].tap, guest->device_came);
	else
		alias_of_disk(resources->disks[0].id, guest->device_came);
	guest_tell(guest, "%s %s was plugged in", is_nic ? "nic" : "disk",
	    is_nic ? resources->nics[0].id : resources->disks[0].id);
}

/* Without an answer it may have come all the same; which is looked up once the process is found. */
static void answered(void *context, int result, const char *text)
{
	struct plug_job *job = context;
	struct guest *guest = job->guest;
	struct driver_done done = job->done;
	bool is_so = !result || result == -ETIME || result == -EPIPE;

	guest->plugging = NULL;
	if (is_so && job->after)
		guest_plug_use(guest, job->after);
	else if (job->after && guest->used)
		guest_plug_write(guest, guest->used);
	if (is_so && job->resources)
		came(guest, job);
	if (guest_has_process(guest)) {
		if (result)
			guest_plug_later(guest, text);
		guest_save(guest);
		guest_plug_go_on(guest);
	}
	job_free(job);
	answer(done, result, result ? text : NULL);
}

/* Takes over `after` and `resources`; the descriptors go along. */
static int ask(struct guest *guest, const char *text, struct config *after,
    struct resources *resources, struct driver_done done)
{
	struct plug_job *job = calloc(1, sizeof(*job));
	int error = job ? 0 : -ENOMEM;

	if (!error && after)
		error = guest_plug_write(guest, after);
	if (error) {
		config_release(after);
		if (resources)
			resources_done(resources);
		free(resources);
		free(job);
		return error;
	}
	*job = (struct plug_job){
		.guest = guest, .after = after, .resources = resources, .done = done
	};
	guest->plugging = job;
	error = control_request_with(guest->control, text, resources ? resources->fds.fds : NULL,
	    resources ? resources->fds.count : 0, answered, job);
	/* They are the request's now. */
	if (resources)
		resources->fds.count = 0;
	if (error) {
		guest->plugging = NULL;
		guest_plug_write(guest, guest->used);
		job_free(job);
	}
	return error;
}

static int add(struct guest *guest, const struct plug_set *set, bool is_nic, struct buf *why,
    struct driver_done done)
{
	struct resources *resources = calloc(1, sizeof(*resources));
	const struct conf_guest *section;
	struct config *after = NULL;
	struct buf line = BUF_INIT;
	struct buf text = BUF_INIT;
	int error = resources ? plug_set_config(set, guest->used, guest->name, why, &after)
			      : -ENOMEM;

	if (!error) {
		section = config_guest(after, guest->name);
		if (refusal_of(section, why))
			error = -EOPNOTSUPP;
		else
			error = resources_open_last(
			    guest->env->paths, &after->conf.model, section, is_nic, why, resources);
	}
	if (error) {
		config_release(after);
		free(resources);
		return error;
	}
	if (is_nic)
		definition_write_nic(&resources->nics[0], &line);
	else
		definition_write_disk(&resources->disks[0], &line);
	/* "disk id=…" becomes "disk-add id=…". */
	buf_printf(&text, "%s-add %s", is_nic ? "nic" : "disk",
	    buf_text(&line) + strcspn(buf_text(&line), " ") + 1);
	if (buf_ok(&line) && buf_ok(&text)) {
		error = ask(guest, buf_text(&text), after, resources, done);
	} else {
		config_release(after);
		resources_done(resources);
		free(resources);
		error = -ENOMEM;
	}
	buf_done(&line);
	buf_done(&text);
	return error;
}

static void id_of(const struct plug_set *set, bool is_nic, unsigned int index, char id[RESOURCE_ID])
{
	if (is_nic)
		resources_nic_id(&set->nics[index].mac, id);
	else
		memcpy(id, set->targets[index], RESOURCE_ID);
}

static int ask_to_go(struct guest *guest, const struct plug_set *set, bool is_nic,
    unsigned int index, struct driver_done done)
{
	char id[RESOURCE_ID];
	char text[64];

	id_of(set, is_nic, index, id);
	snprintf(text, sizeof(text), "%s-remove %s", is_nic ? "nic" : "disk", id);
	return ask(guest, text, NULL, NULL, done);
}

static bool same_limits(const struct conf_nic *before, const struct conf_nic *after)
{
	struct buf old = BUF_INIT;
	struct buf new = BUF_INIT;
	bool same;

	definition_write_nic_limits(before, &old);
	definition_write_nic_limits(after, &new);
	same = !strcmp(buf_text(&old), buf_text(&new));
	buf_done(&old);
	buf_done(&new);
	return same;
}

/* Limits and link of one that stays; the last request carries the answer. */
static int tune(struct guest *guest, struct plug_set *set, const struct conf_plug *change,
    struct buf *why, struct driver_done done)
{
	unsigned int index = (unsigned int)change->gone;
	struct config *after = NULL;
	struct buf text = BUF_INIT;
	char id[RESOURCE_ID];
	char link[64];
	int error;

	id_of(set, change->is_nic, index, id);
	if (change->is_nic) {
		struct netaddr_mac mac = set->nics[index].mac;

		set->nics[index] = *change->nic;
		set->nics[index].mac = mac;
		snprintf(
		    link, sizeof(link), "nic-link %s %s", id, change->nic->link ? "up" : "down");
		buf_printf(&text, "nic-limit %s", id);
		definition_write_nic_limits(change->nic, &text);
	} else {
		set->disks[index] = *change->disk;
		buf_printf(&text, "disk-limit %s", id);
		definition_write_disk_limits(change->disk, &text);
	}
	error = plug_set_config(set, guest->used, guest->name, why, &after);
	if (!error && change->is_nic) {
		const struct conf_nic *before = guest->running->nics;

		for (unsigned int i = 0; i < index; i++)
			before = before->next;
		/* vhost knows no limits, so that they are told only where they change. */
		if (before->link != change->nic->link)
			error = control_request(guest->control, link, -1, NULL, NULL);
		if (!error && same_limits(before, change->nic)) {
			buf_cut(&text, 0);
			buf_puts(&text, link);
		}
	}
	if (!error && !buf_ok(&text))
		error = -ENOMEM;
	if (!error)
		error = ask(guest, buf_text(&text), after, NULL, done);
	else
		config_release(after);
	buf_done(&text);
	return error;
}

int guest_plug_change(
    struct guest *guest, const struct conf_plug *change, struct buf *why, struct driver_done done)
{
	struct plug_set *set = malloc(sizeof(*set));
	bool comes = change->disk || change->nic;
	int error = set && plug_set_fill(set, guest->running) ? 0 : -ENOMEM;

	if (!error && change->gone >= 0 && comes) {
		error = tune(guest, set, change, why, done);
	} else if (!error && change->gone >= 0) {
		error = ask_to_go(guest, set, change->is_nic, (unsigned int)change->gone, done);
	} else if (!error) {
		error = change->is_nic ? plug_set_add_nic(set, guest->running, change->nic, why)
				       : plug_set_add_disk(set, change->disk, why);
		if (!error)
			error = add(guest, set, change->is_nic, why, done);
	}
	free(set);
	return error;
}

/* How often the guest is asked about its memory; `text` is what it runs with then. */
static int set_period(struct guest *guest, const struct buf *text, uint64_t seconds,
    struct buf *why, struct driver_done done)
{
	struct config *after;
	char request[64];
	int error = config_load(buf_text(text), text->length, why, &after);

	if (error)
		return error;
	snprintf(request, sizeof(request), "balloon-period %" PRIu64, seconds);
	return ask(guest, request, after, NULL, done);
}

static int check_edits(
    const struct guest *guest, const struct conf_edit *edits, size_t count, struct buf *why)
{
	if (!guest_has_process(guest) || !guest->running) {
		buf_puts(why, "the guest does not run");
		return -EBUSY;
	}
	if (!guest->control || !guest->kept.came_up || guest->plugging) {
		buf_puts(why, guest->plugging ? "another device of the guest is on its way"
					      : "the guest's process does not answer yet");
		return -EAGAIN;
	}
	for (size_t i = 0; i < count; i++)
		if (!edits[i].name || strcmp(edits[i].name, guest->name) || !edits[i].key ||
		    (strcmp(edits[i].key, "disk") && strcmp(edits[i].key, "nic") &&
			strcmp(edits[i].key, "balloon-period"))) {
			buf_puts(why, "only disks and NICs come and go while a guest runs");
			return -EOPNOTSUPP;
		}
	return 0;
}

/* One device that `section` has otherwise than what the guest runs with. */
static int plug_device(
    struct guest *guest, const struct conf_guest *section, struct buf *why, struct driver_done done)
{
	struct conf_plug changes[CONF_PLUGS_MAX];

	if (conf_plugs(guest->running, section, changes) != 1) {
		buf_puts(why, "one device at a time comes, goes or changes");
		return -EINVAL;
	}
	if (!conf_plug_is_live(guest->running, &changes[0])) {
		buf_puts(why,
		    "of a device that the guest has, limits and link can be changed: for the rest it has to go and come again");
		return -EOPNOTSUPP;
	}
	return guest_plug_change(guest, &changes[0], why, done);
}

static int plug(struct guest *guest, const struct conf_edit *edits, size_t count, struct buf *why,
    struct driver_done done)
{
	const struct conf_guest *section;
	struct buf text = BUF_INIT;
	struct conf conf = { 0 };
	int error = check_edits(guest, edits, count, why);

	if (error)
		return error;
	error = conf_edit(guest->used->text, guest->used->length, edits, count, &text, &conf);
	if (error == -EBADMSG)
		conf_diags_print(&conf.diags, "berth.conf", why);
	if (!error) {
		for (section = conf.model.guests; strcmp(section->name, guest->name);)
			section = section->next;
		if (section->balloon_period != guest->running->balloon_period)
			error = set_period(guest, &text, section->balloon_period, why, done);
		else
			error = plug_device(guest, section, why, done);
	}
	buf_done(&text);
	conf_done(&conf);
	return error;
}

void guest_plug(
    struct guest *guest, const struct conf_edit *edits, size_t count, struct driver_done done)
{
	struct buf why = BUF_INIT;
	int error = plug(guest, edits, count, &why, done);

	if (error)
		answer(done, error, why.length ? buf_text(&why) : NULL);
	buf_done(&why);
}

void guest_unplugged(struct guest *guest, bool is_nic, const char *id)
{
	struct plug_set *set = malloc(sizeof(*set));
	struct config *after = NULL;
	struct buf why = BUF_INIT;
	char name[RESOURCE_ID];
	unsigned int index = 0;

	if (!set || !guest->running || !plug_set_fill(set, guest->running)) {
		free(set);
		return;
	}
	for (; index < (is_nic ? set->nic_count : set->disk_count); index++) {
		id_of(set, is_nic, index, name);
		if (!strcmp(name, id))
			break;
	}
	if (index < (is_nic ? set->nic_count : set->disk_count)) {
		plug_set_remove(set, is_nic, index);
		if (plug_set_config(set, guest->used, guest->name, &why, &after)) {
			guest_tell(guest, "%s %s has gone, but is listed: %s",
			    is_nic ? "nic" : "disk", id, buf_text(&why));
		} else {
			guest_plug_write(guest, after);
			guest_plug_use(guest, after);
			config_release(after);
			if (is_nic)
				alias_of_nic(guest->taps[index], guest->device_gone);
			else
				alias_of_disk(id, guest->device_gone);
			guest_remove_name(is_nic ? guest->taps : guest->disks, index);
			keep_taps(guest);
			/* Numbers behind it are others now; who is asked twice does not mind. */
			guest->disks_asked = 0;
			guest->nics_asked = 0;
			guest_tell(guest, "%s %s was taken out", is_nic ? "nic" : "disk", id);
			guest_save(guest);
		}
	}
	buf_done(&why);
	free(set);
	guest_plug_go_on(guest);
}

static void listed(void *context, int result, const char *text)
{
	struct guest *guest = context;
	struct plug_set *set;

	if (result)
		return;
	set = malloc(sizeof(*set));
	if (set && guest->running && plug_set_fill(set, guest->running))
		for (unsigned int i = 0; i < set->disk_count + set->nic_count; i++) {
			bool is_nic = i >= set->disk_count;
			char id[RESOURCE_ID];
			char key[64];
			char value[16];

			id_of(set, is_nic, is_nic ? i - set->disk_count : i, id);
			snprintf(key, sizeof(key), "%s.%s.slot", is_nic ? "nic" : "disk", id);
			if (!control_value(text, key, value, sizeof(value)))
				guest_unplugged(guest, is_nic, id);
		}
	free(set);
}

void guest_plug_found(struct guest *guest)
{
	control_request(guest->control, "devices", -1, listed, guest);
}
