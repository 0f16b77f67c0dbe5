/* SPDX-License-Identifier: GPL-2.0-only */
#include "node/xml/pool.h"

#include "xml/write.h"

static void bytes(struct xml *xml, const char *element, uint64_t value)
{
	xml_begin(xml, element);
	xml_attribute(xml, "unit", "bytes");
	xml_end_text_format(xml, "%llu", (unsigned long long)value);
}

static void source(struct xml *xml, const struct conf_pool *pool)
{
	xml_begin(xml, "source");
	if (pool->host) {
		xml_begin(xml, "host");
		xml_attribute(xml, "name", pool->host);
		if (pool->port)
			xml_attribute_format(xml, "port", "%llu", (unsigned long long)pool->port);
		xml_end(xml);
	}
	if (pool->type == CONF_POOL_NFS && pool->path)
		xml_empty(xml, "dir", "path", pool->path);
	if (pool->type == CONF_POOL_ISCSI && pool->target)
		xml_empty(xml, "device", "path", pool->target);
	if (pool->type == CONF_POOL_FS && pool->device) {
		xml_begin(xml, "device");
		xml_attribute_format(xml, "path", "/dev/disk/%s", pool->device);
		xml_end(xml);
	}
	if (pool->type == CONF_POOL_LVM && pool->group)
		xml_text(xml, "name", pool->group);
	xml_end(xml);
}

void xml_pool(const struct conf_pool *pool, const char *uuid, const struct storage_sizes *sizes,
    struct buf *out)
{
	static const char *const types[] = { "dir", "fs", "netfs", "logical", "iscsi", "dir" };
	struct xml xml = { .out = out };
	char path[STORAGE_PATH];

	xml_begin(&xml, "pool");
	xml_attribute(&xml, "type", types[pool->type]);
	xml_text(&xml, "name", pool->name);
	xml_text(&xml, "uuid", uuid);
	bytes(&xml, "capacity", sizes ? sizes->capacity : 0);
	bytes(&xml, "allocation", sizes ? sizes->allocation : 0);
	bytes(&xml, "available", sizes ? sizes->available : 0);
	source(&xml, pool);
	/* The schema wants a path; of types that are not run yet it is where they are to be. */
	xml_begin(&xml, "target");
	if (storage_path(pool, path))
		xml_text(&xml, "path", path);
	else if (pool->type == CONF_POOL_LVM)
		xml_text_format(&xml, "path", "/dev/%s", pool->group);
	else
		xml_text_format(&xml, "path", "/run/berth/pool/%s", pool->name);
	xml_end(&xml);
	xml_end(&xml);
}

void xml_volume(const struct storage_volume *volume, struct buf *out)
{
	static const char *const types[] = { "file", "block", "dir" };
	struct xml xml = { .out = out };

	xml_begin(&xml, "volume");
	xml_attribute(&xml, "type", types[volume->type]);
	xml_text(&xml, "name", volume->name);
	xml_text(&xml, "key", volume->path);
	bytes(&xml, "capacity", volume->capacity);
	bytes(&xml, "allocation", volume->allocation);
	xml_begin(&xml, "target");
	xml_text(&xml, "path", volume->path);
	xml_empty(&xml, "format", "type",
	    volume->type == STORAGE_FOLDER ? "dir"
	    : volume->qcow2		   ? "qcow2"
					   : "raw");
	xml_begin(&xml, "permissions");
	xml_text_format(&xml, "mode", "0%o", volume->mode);
	xml_text_format(&xml, "owner", "%u", volume->owner);
	xml_text_format(&xml, "group", "%u", volume->group);
	xml_end(&xml);
	xml_end(&xml);
	xml_end(&xml);
}
