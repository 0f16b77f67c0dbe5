/* SPDX-License-Identifier: GPL-2.0-only */
/* Pools: what each type needs and what it has no use for. */
#include "conf/check.h"

#include <string.h>

#include "conf/schema.h"
#include "lib/map.h"

/* For each type, in the order of enum conf_pool_type: keys that must be said, and keys that may be.
 */
static const struct {
	const char *needed;
	const char *taken;
} pool_rules[] = {
	[CONF_POOL_DIR] = { "path", "" },
	[CONF_POOL_FS] = { "device", "format erase" },
	[CONF_POOL_NFS] = { "host path", "port" },
	[CONF_POOL_LVM] = { "group", "" },
	[CONF_POOL_ISCSI] = { "host target", "port initiator chap-user chap-secret" },
	[CONF_POOL_OFF] = { "", "" },
};

static const char *const pool_type_names[] = { "dir", "fs", "nfs", "lvm", "iscsi", "off" };

static bool holds(const char *words, const char *word)
{
	size_t length = strlen(word);

	for (; *words; words += strcspn(words, " "), words += *words == ' ')
		if (!strncmp(words, word, length) && (!words[length] || words[length] == ' '))
			return true;
	return false;
}

static void check_keys(const struct conf_pool *pool, struct conf_diags *diags)
{
	static const char *const keys[] = { "path", "device", "format", "erase", "host", "port",
		"group", "target", "initiator", "chap-user", "chap-secret" };

	if (!pool->pos.line)
		return;
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		bool said = conf_schema_says(pool, keys[i]);
		bool needed = holds(pool_rules[pool->type].needed, keys[i]);

		if (needed && !said)
			conf_diag_add(diags, pool->pos, "a pool of type %s needs \"%s\"",
			    pool_type_names[pool->type], keys[i]);
		if (said && !needed && !holds(pool_rules[pool->type].taken, keys[i]))
			conf_diag_add(diags, conf_schema_where(pool, keys[i]),
			    "a pool of type %s has no \"%s\"", pool_type_names[pool->type],
			    keys[i]);
	}
}

void conf_check_pools(const struct conf_model *model, struct conf_diags *diags)
{
	struct map devices = { .arena = diags->arena };
	struct map uuids = { .arena = diags->arena };

	for (const struct conf_pool *pool = model->pools; pool; pool = pool->next) {
		const struct conf_pool *other;

		check_keys(pool, diags);
		/* A partition's UUID or a slot could be another disk's tomorrow. */
		if (pool->erase && (!pool->device || (strncmp(pool->device, "serial:", 7) &&
							 strncmp(pool->device, "wwn:", 4))))
			conf_diag_add(diags, conf_schema_where(pool, "erase"),
			    "a disk is erased only when device = serial:... or wwn:... names it");
		if (pool->erase && !pool->format)
			conf_diag_add(diags, conf_schema_where(pool, "erase"),
			    "erase needs format = ext4 or xfs");
		if (!pool->chap_user != !pool->chap_secret)
			conf_diag_add(diags,
			    conf_schema_where(pool, pool->chap_user ? "chap-user" : "chap-secret"),
			    "chap-user and chap-secret go together");
		other = pool->uuid ? map_add(&uuids, pool->uuid, pool) : NULL;
		if (other)
			conf_diag_add(diags, conf_schema_where(pool, "uuid"),
			    "pool \"%s\" has this UUID already", other->name);
		other = pool->device ? map_add(&devices, pool->device, pool) : NULL;
		if (other)
			conf_diag_add(diags, conf_schema_where(pool, "device"),
			    "pool \"%s\" is on this disk already", other->name);
		if (pool->device && model->node.data.disk &&
		    !strcmp(pool->device, model->node.data.disk))
			conf_diag_add(diags, conf_schema_where(pool, "device"),
			    "the data volume is on this disk already");
	}
}
