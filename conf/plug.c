/* SPDX-License-Identifier: GPL-2.0-only */
#include "conf/plug.h"

#include <string.h>

#include "conf/schema.h"

static const struct conf_key *key_named(const char *name)
{
	const struct conf_key *key = conf_guest_keys;

	while (strcmp(key->name, name))
		key++;
	return key;
}

/* Values as the file has them, one a line. */
void conf_plug_print_disks(const struct conf_disk *disks, struct buf *buf)
{
	/* Adding const to what is only read takes a word in C. */
	const struct conf_guest guest = { .disks = (struct conf_disk *)(uintptr_t)disks };

	conf_value_print(key_named("disk"), &guest, buf);
}

void conf_plug_print_nics(const struct conf_nic *nics, struct buf *buf)
{
	const struct conf_guest guest = { .nics = (struct conf_nic *)(uintptr_t)nics };

	conf_value_print(key_named("nic"), &guest, buf);
}

static bool same_text(struct buf *one, struct buf *other)
{
	bool same = buf_ok(one) && buf_ok(other) && !strcmp(buf_text(one), buf_text(other));

	buf_done(one);
	buf_done(other);
	return same;
}

static bool same_disk(const struct conf_disk *before, const struct conf_disk *after)
{
	struct conf_disk old = *before;
	struct conf_disk new = *after;
	struct buf one = BUF_INIT;
	struct buf other = BUF_INIT;

	old.next = NULL;
	new.next = NULL;
	if (!new.target)
		new.target = old.target;
	conf_plug_print_disks(&old, &one);
	conf_plug_print_disks(&new, &other);
	return same_text(&one, &other);
}

bool conf_plug_has_mac(const struct conf_nic *nic)
{
	static const struct netaddr_mac none = { { 0 } };

	return memcmp(&nic->mac, &none, sizeof(none)) != 0;
}

static bool same_nic(const struct conf_nic *before, const struct conf_nic *after)
{
	struct conf_nic old = *before;
	struct conf_nic new = *after;
	struct buf one = BUF_INIT;
	struct buf other = BUF_INIT;

	old.next = NULL;
	new.next = NULL;
	if (!conf_plug_has_mac(&new))
		new.mac = old.mac;
	conf_plug_print_nics(&old, &one);
	conf_plug_print_nics(&new, &other);
	return same_text(&one, &other);
}

static bool is_tuning_disk(const struct conf_disk *before, const struct conf_disk *after)
{
	struct conf_disk tuned = *before;

	tuned.read_rate = after->read_rate;
	tuned.write_rate = after->write_rate;
	tuned.read_iops = after->read_iops;
	tuned.write_iops = after->write_iops;
	return same_disk(&tuned, after);
}

static bool is_limited(const struct conf_nic *nic)
{
	return nic->in || nic->out || nic->in_packets || nic->out_packets;
}

static bool is_tuning_nic(const struct conf_nic *before, const struct conf_nic *after)
{
	struct conf_nic tuned = *before;

	/* What vhost moves knows no limits; one that has some is not moved by it. */
	if (!is_limited(before) && is_limited(after))
		return false;
	tuned.link = after->link;
	tuned.in = after->in;
	tuned.in_peak = after->in_peak;
	tuned.in_burst = after->in_burst;
	tuned.out = after->out;
	tuned.out_peak = after->out_peak;
	tuned.out_burst = after->out_burst;
	tuned.in_packets = after->in_packets;
	tuned.out_packets = after->out_packets;
	return same_nic(&tuned, after);
}

struct matching {
	struct conf_plug *changes;
	unsigned int count;
};

static void note(struct matching *matching, struct conf_plug change)
{
	if (matching->count < CONF_PLUGS_MAX)
		matching->changes[matching->count++] = change;
}

/* One that is gone by a change with nothing in its place yet, or NULL. */
static struct conf_plug *gone_disk(
    struct matching *matching, const struct conf_guest *before, const struct conf_disk *disk)
{
	for (unsigned int i = 0; i < matching->count; i++) {
		struct conf_plug *change = &matching->changes[i];
		const struct conf_disk *old = before->disks;

		if (change->is_nic || change->disk)
			continue;
		for (int at = 0; at < change->gone; at++)
			old = old->next;
		if (!strcmp(old->source, disk->source))
			return change;
	}
	return NULL;
}

static struct conf_plug *gone_nic(
    struct matching *matching, const struct conf_guest *before, const struct conf_nic *nic)
{
	for (unsigned int i = 0; i < matching->count; i++) {
		struct conf_plug *change = &matching->changes[i];
		const struct conf_nic *old = before->nics;

		if (!change->is_nic || change->nic)
			continue;
		for (int at = 0; at < change->gone; at++)
			old = old->next;
		if (conf_plug_has_mac(nic) ? !memcmp(&old->mac, &nic->mac, sizeof(nic->mac))
					   : !strcmp(old->network, nic->network))
			return change;
	}
	return NULL;
}

static void match_disks(
    struct matching *matching, const struct conf_guest *before, const struct conf_guest *after)
{
	const struct conf_disk *taken[CONF_PLUG_DEVICES] = { NULL };
	unsigned int count = 0;

	for (const struct conf_disk *disk = before->disks; disk && count < CONF_PLUG_DEVICES;
	     disk = disk->next, count++) {
		const struct conf_disk *found = NULL;

		for (const struct conf_disk *at = after->disks; at && !found; at = at->next) {
			bool used = false;

			for (unsigned int i = 0; i < count; i++)
				used |= taken[i] == at;
			if (!used && same_disk(disk, at))
				found = at;
		}
		taken[count] = found;
		if (!found)
			note(matching, (struct conf_plug){ .gone = (int)count });
	}
	for (const struct conf_disk *disk = after->disks; disk; disk = disk->next) {
		struct conf_plug *change;
		bool used = false;

		for (unsigned int i = 0; i < count; i++)
			used |= taken[i] == disk;
		if (used)
			continue;
		change = gone_disk(matching, before, disk);
		if (change)
			change->disk = disk;
		else
			note(matching, (struct conf_plug){ .gone = -1, .disk = disk });
	}
}

static void match_nics(
    struct matching *matching, const struct conf_guest *before, const struct conf_guest *after)
{
	const struct conf_nic *taken[CONF_PLUG_DEVICES] = { NULL };
	unsigned int count = 0;

	for (const struct conf_nic *nic = before->nics; nic && count < CONF_PLUG_DEVICES;
	     nic = nic->next, count++) {
		const struct conf_nic *found = NULL;

		for (const struct conf_nic *at = after->nics; at && !found; at = at->next) {
			bool used = false;

			for (unsigned int i = 0; i < count; i++)
				used |= taken[i] == at;
			if (!used && same_nic(nic, at))
				found = at;
		}
		taken[count] = found;
		if (!found)
			note(matching, (struct conf_plug){ .is_nic = true, .gone = (int)count });
	}
	for (const struct conf_nic *nic = after->nics; nic; nic = nic->next) {
		struct conf_plug *change;
		bool used = false;

		for (unsigned int i = 0; i < count; i++)
			used |= taken[i] == nic;
		if (used)
			continue;
		change = gone_nic(matching, before, nic);
		if (change)
			change->nic = nic;
		else
			note(
			    matching, (struct conf_plug){ .is_nic = true, .gone = -1, .nic = nic });
	}
}

unsigned int conf_plugs(const struct conf_guest *before, const struct conf_guest *after,
    struct conf_plug changes[CONF_PLUGS_MAX])
{
	struct matching matching = { .changes = changes };

	match_disks(&matching, before, after);
	match_nics(&matching, before, after);
	return matching.count;
}

bool conf_plug_is_live(const struct conf_guest *before, const struct conf_plug *plug)
{
	const struct conf_disk *disk = before->disks;
	const struct conf_nic *nic = before->nics;

	if (plug->gone < 0 || (!plug->disk && !plug->nic))
		return true;
	for (int i = 0; i < plug->gone; i++) {
		if (plug->is_nic)
			nic = nic->next;
		else
			disk = disk->next;
	}
	return plug->is_nic ? is_tuning_nic(nic, plug->nic) : is_tuning_disk(disk, plug->disk);
}
