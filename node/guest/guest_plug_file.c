/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the file wants of a guest that runs: the disks and NICs in which it differs from the file
 * before come, go or change one after the other.
 */
#include "node/guest/guest_parts.h"

#include <stdlib.h>
#include <string.h>

#include "conf/plug.h"
#include "lib/num.h"
#include "node/guest/plug.h"

void guest_plug_end(struct guest *guest)
{
	config_release(guest->wanted);
	config_release(guest->wanted_before);
	guest->wanted = NULL;
	guest->wanted_before = NULL;
	guest->disks_asked = 0;
	guest->nics_asked = 0;
}

/* Whether the file brought the change about, and not a client before it. */
static bool is_of_file(const struct guest *guest, const struct conf_plug *change)
{
	struct conf_plug plugs[CONF_PLUGS_MAX];
	const struct conf_guest *before = config_guest(guest->wanted_before, guest->name);
	unsigned int count;

	/* What goes was in the file, what comes was not. */
	if (!change->disk && !change->nic) {
		count = conf_plugs(guest->running, before, plugs);
		for (unsigned int i = 0; i < count; i++)
			if (plugs[i].is_nic == change->is_nic && plugs[i].gone == change->gone)
				return false;
		return true;
	}
	count = conf_plugs(before, config_guest(guest->wanted, guest->name), plugs);
	for (unsigned int i = 0; i < count; i++)
		if (change->is_nic ? plugs[i].nic == change->nic : plugs[i].disk == change->disk)
			return true;
	return false;
}

/* Its removal has been asked for, and awaits the guest. */
static bool is_leaving(struct guest *guest, const struct conf_plug *change, bool mark)
{
	uint32_t bit = 1u << (unsigned int)change->gone % 32;
	uint32_t *asked = change->is_nic ? &guest->nics_asked : &guest->disks_asked;
	bool was = *asked & bit;

	if (mark)
		*asked |= bit;
	return was;
}

void guest_plug_later(struct guest *guest, const char *why)
{
	guest_tell(guest, "a device of the file is for its next start: %s", why);
	guest_plug_end(guest);
}

/* The next of what the file wants, one after the other: each answer comes back here. */
void guest_plug_go_on(struct guest *guest)
{
	struct conf_plug plugs[CONF_PLUGS_MAX];
	unsigned int count;

	if (!guest->wanted || guest->plugging || !guest->kept.came_up || !guest->control)
		return;
	count = conf_plugs(guest->running, config_guest(guest->wanted, guest->name), plugs);
	for (unsigned int i = 0; i < count; i++) {
		bool goes = !plugs[i].disk && !plugs[i].nic;
		struct buf why = BUF_INIT;
		int error;

		if (!is_of_file(guest, &plugs[i]) ||
		    !conf_plug_is_live(guest->running, &plugs[i]) ||
		    (goes && is_leaving(guest, &plugs[i], true)))
			continue;
		error = guest_plug_change(guest, &plugs[i], &why, (struct driver_done){ 0 });
		/* In the place of one that has not gone yet: then. */
		if (error && !(guest->disks_asked | guest->nics_asked))
			guest_plug_later(guest, why.length ? buf_text(&why) : strerror(-error));
		buf_done(&why);
		return;
	}
	if (!(guest->disks_asked | guest->nics_asked))
		guest_plug_end(guest);
}

void guest_plug_file(struct guest *guest, struct config *before)
{
	struct conf_plug plugs[CONF_PLUGS_MAX];
	struct plug_set *set;
	struct config *after = NULL;
	struct buf why = BUF_INIT;

	if (!conf_plugs(config_guest(before, guest->name), guest->conf, plugs))
		return;
	guest_plug_end(guest);
	guest->wanted = config_hold(guest->filed);
	guest->wanted_before = config_hold(before);
	/* Networks and pools may be new as well: what it runs with is told by the new file, unless
	 * that has for the guest what only a start can bring. */
	set = malloc(sizeof(*set));
	if (set && !guest->plugging && !config_needs_start(guest->running, guest->conf, false) &&
	    plug_set_fill(set, guest->running) &&
	    !plug_set_config(set, guest->filed, guest->name, &why, &after)) {
		if (!guest_plug_write(guest, after))
			guest_plug_use(guest, after);
		config_release(after);
	}
	free(set);
	buf_done(&why);
	guest_plug_go_on(guest);
}

void guest_plug_period(struct guest *guest, uint64_t seconds)
{
	char text[NUM_TEXT];
	const struct conf_edit edit = { CONF_EDIT_SET, "guest", guest->name, "balloon-period",
		num_duration_text(seconds, text) };

	guest_plug(guest, &edit, 1, (struct driver_done){ 0 });
}
