/* SPDX-License-Identifier: GPL-2.0-only */
#include "node/rpc/volume_use.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

bool volume_use_begin(
    struct server_call *call, const char *path, bool writes, struct volume_use *use)
{
	struct volume_use **first = &call->core->uses;

	for (const struct volume_use *other = *first; other; other = other->next)
		if ((writes || other->writes) && !strcmp(other->path, path)) {
			call_fail(call, RPC_ERR_OPERATION_INVALID, RPC_FROM_STORAGE,
			    "Requested operation is not valid: volume '%s' is still in use",
			    strrchr(path, '/') + 1);
			return false;
		}
	snprintf(use->path, sizeof(use->path), "%s", path);
	use->writes = writes;
	use->next = *first;
	use->link = first;
	if (use->next)
		use->next->link = &use->next;
	*first = use;
	return true;
}

void volume_use_end(struct volume_use *use)
{
	if (!use->link)
		return;
	*use->link = use->next;
	if (use->next)
		use->next->link = use->link;
	use->link = NULL;
}

struct search {
	struct stat wanted;
	const char *guest;
};

/* By what the paths lead to: one file may be known by several. */
static bool has_it(void *context, const struct driver_guest *guest)
{
	struct search *search = context;
	struct stat status;

	for (const char *const *disk = guest->disks; disk && *disk; disk++)
		if (!stat(*disk, &status) && status.st_dev == search->wanted.st_dev &&
		    status.st_ino == search->wanted.st_ino)
			search->guest = guest->conf->name;
	return !search->guest;
}

bool volume_is_idle(struct server_call *call, const struct storage_volume *volume)
{
	struct search search = { .guest = NULL };
	struct server_core *core = call->core;

	if (stat(volume->path, &search.wanted))
		return true;
	core->ops->guests(core->driver, has_it, &search);
	if (search.guest)
		call_fail(call, RPC_ERR_OPERATION_INVALID, RPC_FROM_STORAGE,
		    "Requested operation is not valid: volume '%s' is in use by guest '%s', which runs",
		    volume->name, search.guest);
	return !search.guest;
}
