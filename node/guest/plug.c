/* SPDX-License-Identifier: GPL-2.0-only */
#include "node/guest/plug.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/edit.h"
#include "conf/plug.h"
#include "node/guest/identity.h"

bool plug_set_fill(struct plug_set *set, const struct conf_guest *guest)
{
	*set = (struct plug_set){ 0 };
	for (const struct conf_disk *disk = guest->disks; disk; disk = disk->next) {
		unsigned int at = set->disk_count;

		if (at == RESOURCE_DISKS_MAX)
			return false;
		set->disks[at] = *disk;
		resources_disk_id(disk, at, set->targets[at]);
		set->disk_count++;
	}
	for (const struct conf_nic *nic = guest->nics; nic; nic = nic->next) {
		unsigned int at = set->nic_count;

		if (at == RESOURCE_NICS_MAX)
			return false;
		set->nics[at] = *nic;
		set->nics[at].mac = identity_mac(guest, nic, at);
		set->nic_count++;
	}
	return true;
}

static bool has_target(const struct plug_set *set, const char *target)
{
	for (unsigned int i = 0; i < set->disk_count; i++)
		if (!strcmp(set->targets[i], target))
			return true;
	return false;
}

int plug_set_add_disk(struct plug_set *set, const struct conf_disk *disk, struct buf *why)
{
	char target[RESOURCE_ID];

	if (set->disk_count == RESOURCE_DISKS_MAX) {
		buf_printf(why, "a guest has %d disks at most", RESOURCE_DISKS_MAX);
		return -ENOSPC;
	}
	resources_disk_id(disk, 0, target);
	for (unsigned int i = 1; !disk->target && has_target(set, target); i++)
		resources_disk_id(disk, i, target);
	if (has_target(set, target)) {
		buf_printf(why, "disk %s: the guest has a disk %s already", disk->source, target);
		return -EEXIST;
	}
	set->disks[set->disk_count] = *disk;
	memcpy(set->targets[set->disk_count], target, sizeof(target));
	set->disk_count++;
	return 0;
}

static bool has_address(const struct plug_set *set, const struct netaddr_mac *mac)
{
	for (unsigned int i = 0; i < set->nic_count; i++)
		if (!memcmp(&set->nics[i].mac, mac, sizeof(*mac)))
			return true;
	return false;
}

int plug_set_add_nic(struct plug_set *set, const struct conf_guest *guest,
    const struct conf_nic *nic, struct buf *why)
{
	struct netaddr_mac mac = identity_mac(guest, nic, 0);
	char text[NETADDR_TEXT];

	if (set->nic_count == RESOURCE_NICS_MAX) {
		buf_printf(why, "a guest has %d NICs at most", RESOURCE_NICS_MAX);
		return -ENOSPC;
	}
	for (unsigned int i = 1; !conf_plug_has_mac(nic) && has_address(set, &mac); i++)
		mac = identity_mac(guest, nic, i);
	if (has_address(set, &mac)) {
		buf_printf(why, "nic %s: the guest has a NIC of the address %s already",
		    nic->network, netaddr_mac_text(&mac, text));
		return -EEXIST;
	}
	set->nics[set->nic_count] = *nic;
	set->nics[set->nic_count].mac = mac;
	set->nic_count++;
	return 0;
}

void plug_set_remove(struct plug_set *set, bool is_nic, unsigned int index)
{
	if (is_nic) {
		set->nic_count--;
		memmove(&set->nics[index], &set->nics[index + 1],
		    (set->nic_count - index) * sizeof(set->nics[0]));
		return;
	}
	set->disk_count--;
	memmove(&set->disks[index], &set->disks[index + 1],
	    (set->disk_count - index) * sizeof(set->disks[0]));
	memmove(&set->targets[index], &set->targets[index + 1],
	    (set->disk_count - index) * sizeof(set->targets[0]));
}

/* The lines of `values` as one edit each. */
static void add_edits(struct conf_edit *edits, size_t *count, const char *name, const char *key,
    bool had_some, char *values)
{
	char *rest = NULL;
	char *line = values ? strtok_r(values, "\n", &rest) : NULL;

	if (had_some)
		edits[(*count)++] = (struct conf_edit){ CONF_EDIT_REMOVE, "guest", name, key,
			NULL };
	for (; line; line = strtok_r(NULL, "\n", &rest))
		edits[(*count)++] = (struct conf_edit){ CONF_EDIT_ADD, "guest", name, key, line };
}

static void print_set(const struct plug_set *set, struct buf *disks, struct buf *nics)
{
	struct conf_disk disk;
	struct conf_nic nic;

	for (unsigned int i = 0; i < set->disk_count; i++) {
		disk = set->disks[i];
		disk.next = NULL;
		disk.target = set->targets[i];
		conf_plug_print_disks(&disk, disks);
	}
	for (unsigned int i = 0; i < set->nic_count; i++) {
		nic = set->nics[i];
		nic.next = NULL;
		conf_plug_print_nics(&nic, nics);
	}
}

static int edit(const struct conf_edit *edits, size_t count, const struct config *base,
    struct buf *why, struct config **ret_config)
{
	struct buf text = BUF_INIT;
	struct conf conf = { 0 };
	int error = conf_edit(base->text, base->length, edits, count, &text, &conf);

	if (error == -EBADMSG)
		conf_diags_print(&conf.diags, "berth.conf", why);
	conf_done(&conf);
	if (!error)
		error = config_load(buf_text(&text), text.length, why, ret_config);
	buf_done(&text);
	return error;
}

int plug_set_config(const struct plug_set *set, const struct config *base, const char *name,
    struct buf *why, struct config **ret_config)
{
	const struct conf_guest *before = config_guest(base, name);
	struct conf_edit edits[RESOURCE_DISKS_MAX + RESOURCE_NICS_MAX + 2];
	struct buf disks = BUF_INIT;
	struct buf nics = BUF_INIT;
	struct config *config = NULL;
	struct plug_set whole;
	size_t count = 0;
	int error;

	print_set(set, &disks, &nics);
	if (!buf_ok(&disks) || !buf_ok(&nics) || !before) {
		error = before ? -ENOMEM : -ENOENT;
	} else {
		add_edits(edits, &count, name, "disk", before->disks, disks.data);
		add_edits(edits, &count, name, "nic", before->nics, nics.data);
		error = edit(edits, count, base, why, &config);
	}
	buf_done(&disks);
	buf_done(&nics);
	/* A template's are not the section's to change. */
	if (!error && (!plug_set_fill(&whole, config_guest(config, name)) ||
			  whole.disk_count != set->disk_count || whole.nic_count != set->nic_count))
		error = -ENOENT;
	if (error == -ENOENT)
		buf_puts(why,
		    "its disks and NICs are those of a template: it has others after its next start");
	if (error) {
		config_release(config);
		return error == -ENOENT ? -EOPNOTSUPP : error;
	}
	*ret_config = config;
	return 0;
}
