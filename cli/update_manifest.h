/* SPDX-License-Identifier: GPL-2.0-only */
/* What an update file says of itself. berth-update(7) has the form. */
#ifndef BERTH_CLI_UPDATE_MANIFEST_H
#define BERTH_CLI_UPDATE_MANIFEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define UPDATE_WORD 72
#define UPDATE_PARTS 8
#define UPDATE_HASH 32

struct update_part {
	char name[UPDATE_WORD];
	uint64_t size;
	uint8_t sha256[UPDATE_HASH];
};

struct update_manifest {
	char version[UPDATE_WORD];
	char build[UPDATE_WORD];
	char machine[UPDATE_WORD];
	struct update_part parts[UPDATE_PARTS];
	size_t count;
};

/* Read a manifest; false, with what is wrong with it in *ret_why, for one that is not understood.
 */
bool update_manifest_parse(
    const char *text, struct update_manifest *ret_manifest, const char **ret_why);

const struct update_part *update_manifest_part(
    const struct update_manifest *manifest, const char *name);

/* Less than, equal to or more than 0, as `a` is older than, the same as, or newer than `b`: by the
 * numbers in them; 1.2.0-rc1 is older than 1.2.0 (Semantic Versioning 2.0.0, 11). */
int update_version_compare(const char *a, const char *b);

#endif
