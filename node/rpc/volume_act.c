/* SPDX-License-Identifier: GPL-2.0-only */
/* Volumes made, copied, removed, resized and wiped. All of it runs beside the loop, and is answered
 * when it is on the disk. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/file.h"
#include "lib/work.h"
#include "node/host/volume.h"
#include "node/rpc/handlers.h"
#include "node/rpc/pool.h"
#include "node/rpc/volume_use.h"
#include "node/xml/volume_in.h"

struct job {
	struct server_call *call;
	struct work work;
	struct volume_use use;
	struct volume_use source_use; /* of a copy */
	const char *verb;	      /* for people */
	int (*act)(struct job *job);
	struct rpc_vol record;
	bool returned; /* the record is the answer */
	int folder;
	int fd;
	struct volume_plan plan;
	enum volume_wipe how;
	bool allocate;
	bool erase; /* before it is removed */
	int result;
};

static bool stopping(void *workers)
{
	return workers_stopping(workers);
}

static struct volume_stop stop_of(const struct job *job)
{
	return (struct volume_stop){ stopping, job->call->core->workers };
}

static void run(void *context)
{
	struct job *job = context;

	job->result = job->act(job);
}

static void fail(struct job *job)
{
	struct server_call *call = job->call;

	if (job->result == -EEXIST)
		call_fail(call, RPC_ERR_VOL_EXISTS, RPC_FROM_STORAGE,
		    "storage volume '%s' exists already", job->record.name);
	else if (job->result == -ENOENT)
		volume_fail_missing(call, "name", job->record.name);
	else if (job->result == -ENOSPC)
		call_fail(call, RPC_ERR_SYSTEM, RPC_FROM_STORAGE,
		    "cannot %s volume '%s' of pool '%s': No space left on device: %" PRIu64
		    " MiB are free: remove volumes (vol-delete), or ask for less",
		    job->verb, job->record.name, job->record.pool, file_room(job->folder) >> 20);
	else
		call_fail(call, RPC_ERR_SYSTEM, RPC_FROM_STORAGE,
		    "cannot %s volume '%s' of pool '%s': %s", job->verb, job->record.name,
		    job->record.pool, strerror(-job->result));
}

static void job_free(struct job *job)
{
	volume_use_end(&job->use);
	volume_use_end(&job->source_use);
	if (job->folder >= 0)
		close(job->folder);
	if (job->fd >= 0)
		close(job->fd);
	if (job->plan.source >= 0)
		close(job->plan.source);
	free(job);
}

static void done(void *context)
{
	struct job *job = context;

	if (job->result)
		fail(job);
	else
		call_reply(job->call, job->returned ? &job->record : NULL);
	job_free(job);
}

/* A job on `volume` of `pool`. NULL with the call failed. */
static struct job *job_create(struct server_call *call, const struct conf_pool *pool,
    const struct storage_volume *volume, const char *verb, int (*act)(struct job *job))
{
	struct job *job = calloc(1, sizeof(*job));
	char path[STORAGE_PATH];

	if (!job) {
		call_fail_errno(call, -ENOMEM, NULL);
		return NULL;
	}
	job->call = call;
	job->verb = verb;
	job->act = act;
	job->fd = -1;
	job->plan.source = -1;
	job->work = (struct work){ .run = run, .done = done, .context = job };
	job->folder = storage_open(pool, path);
	job->record = volume_record(call, pool, volume);
	job->record.pool = rpc_memory_string(&call->memory, pool->name);
	if (job->folder < 0 || !job->record.name || !job->record.key || !job->record.pool) {
		call_fail_errno(call, job->folder < 0 ? job->folder : -ENOMEM, NULL);
		job_free(job);
		return NULL;
	}
	if (pool->read_only) {
		call_fail(call, RPC_ERR_OPERATION_INVALID, RPC_FROM_STORAGE,
		    "Requested operation is not valid: storage pool '%s' is read-only", pool->name);
		job_free(job);
		return NULL;
	}
	if (volume_use_begin(call, volume->path, true, &job->use))
		return job;
	job_free(job);
	return NULL;
}

static void job_start(struct job *job)
{
	work_start(job->call->core->workers, &job->work);
}

static int create(struct job *job)
{
	const struct volume_stop stop = stop_of(job);

	return volume_create(job->folder, job->record.name, &job->plan, &stop);
}

/* What a client wants, as the volume that it will be. False with the call failed. */
static bool read_wish(struct server_call *call, const char *xml, const struct conf_pool *pool,
    struct xml_volume_in *ret_wish, struct storage_volume *ret_volume)
{
	char folder[STORAGE_PATH];
	struct buf why = BUF_INIT;
	int error = xml_volume_in(xml, ret_wish, &why);

	if (error) {
		call_fail_xml(call, RPC_FROM_STORAGE, error, buf_text(&why));
		buf_done(&why);
		return false;
	}
	memset(ret_volume, 0, sizeof(*ret_volume));
	strcpy(ret_volume->name, ret_wish->name);
	if (!storage_is_name(ret_wish->name) || !storage_path(pool, folder) ||
	    (size_t)snprintf(ret_volume->path, sizeof(ret_volume->path), "%s/%s", folder,
		ret_wish->name) >= sizeof(ret_volume->path)) {
		call_fail(call, RPC_ERR_INVALID_ARG, RPC_FROM_STORAGE,
		    "volume/name: '%s' cannot be the name of a volume: no '/', no '.' at its start, 255 bytes at most",
		    ret_wish->name);
		return false;
	}
	return true;
}

/* NULL with the call failed. */
static struct job *new_volume(struct server_call *call, const struct conf_pool *pool,
    const struct xml_volume_in *wish, const struct storage_volume *volume)
{
	struct job *job = job_create(call, pool, volume, "make", create);

	if (!job)
		return NULL;
	job->returned = true;
	job->plan.capacity = wish->capacity;
	job->plan.allocation = wish->allocation;
	job->plan.mode = wish->mode;
	job->plan.owner = wish->owner;
	job->plan.group = wish->group;
	return job;
}

/* libvirt: virStorageVolCreateFlags. */
enum { CREATE_PREALLOC_METADATA = 1, CREATE_REFLINK = 2, CREATE_VALIDATE = 4 };

static bool check_create_flags(struct server_call *call, uint32_t flags)
{
	if (!call_check_flags(
		call, flags, CREATE_PREALLOC_METADATA | CREATE_REFLINK | CREATE_VALIDATE))
		return false;
	if (!(flags & CREATE_PREALLOC_METADATA))
		return true;
	call_fail(call, RPC_ERR_OPERATION_UNSUPPORTED, RPC_FROM_STORAGE,
	    "Operation not supported: metadata preallocation is not supported for raw volumes");
	return false;
}

static void create_xml(struct server_call *call)
{
	const struct rpc_storage_vol_create_xml_args *args = call->arguments;
	const struct conf_pool *pool;
	struct xml_volume_in wish;
	struct storage_volume volume;
	struct job *job;

	if (!check_create_flags(call, args->flags))
		return;
	pool = volume_pool(call, &args->pool);
	if (!pool || !read_wish(call, args->xml, pool, &wish, &volume))
		return;
	if (!wish.has_capacity) {
		call_fail_xml(call, RPC_FROM_STORAGE, -EINVAL, "missing capacity element");
		return;
	}
	job = new_volume(call, pool, &wish, &volume);
	if (job)
		job_start(job);
}

/* The copy is as large as its source, or larger. */
static void create_xml_from(struct server_call *call)
{
	const struct rpc_storage_vol_create_xml_from_args *args = call->arguments;
	const struct conf_pool *pool;
	const struct conf_pool *source_pool;
	struct xml_volume_in wish;
	struct storage_volume volume;
	struct storage_volume source;
	char path[STORAGE_PATH];
	struct job *job;
	int folder;

	if (!check_create_flags(call, args->flags))
		return;
	pool = volume_pool(call, &args->pool);
	source_pool = pool ? volume_of(call, &args->clonevol, &source) : NULL;
	if (!source_pool || !read_wish(call, args->xml, pool, &wish, &volume))
		return;
	job = new_volume(call, pool, &wish, &volume);
	if (!job)
		return;
	if (!volume_use_begin(call, source.path, false, &job->source_use)) {
		job_free(job);
		return;
	}
	if (job->plan.capacity < source.capacity)
		job->plan.capacity = source.capacity;
	job->plan.reflink = args->flags & CREATE_REFLINK;
	folder = storage_open(source_pool, path);
	job->plan.source = folder < 0 ? folder : volume_open(folder, source.name, O_RDONLY);
	if (folder >= 0)
		close(folder);
	if (job->plan.source < 0) {
		call_fail(call, RPC_ERR_SYSTEM, RPC_FROM_STORAGE, "cannot open volume '%s': %s",
		    source.path, strerror(-job->plan.source));
		job_free(job);
		return;
	}
	job_start(job);
}

static int erase(struct job *job)
{
	const struct volume_stop stop = stop_of(job);

	return volume_wipe(job->fd, job->how, &stop);
}

static int delete (struct job *job)
{
	int error = job->erase ? erase(job) : 0;

	return error ? error : volume_delete(job->folder, job->record.name);
}

static int resize(struct job *job)
{
	return volume_resize(job->fd, job->plan.capacity, job->allocate);
}

/* A job on a volume that is there, and is a file if `writes`. NULL with the call failed. */
static struct job *old_volume(struct server_call *call, const struct conf_pool *pool,
    const struct storage_volume *volume, const char *verb, int (*act)(struct job *job), bool writes)
{
	struct job *job = job_create(call, pool, volume, verb, act);

	if (!job || !writes)
		return job;
	job->fd = volume_open(job->folder, volume->name, O_RDWR);
	if (job->fd >= 0)
		return job;
	call_fail(call, RPC_ERR_SYSTEM, RPC_FROM_STORAGE, "cannot open volume '%s': %s",
	    volume->path, strerror(-job->fd));
	job_free(job);
	return NULL;
}

/* libvirt: VIR_STORAGE_VOL_DELETE_ZEROED. */
static void delete_volume(struct server_call *call)
{
	const struct rpc_storage_vol_delete_args *args = call->arguments;
	const struct conf_pool *pool;
	struct storage_volume volume;
	struct job *job;

	if (!call_check_flags(call, args->flags, 1))
		return;
	pool = volume_of(call, &args->vol, &volume);
	if (!pool || !volume_is_idle(call, &volume))
		return;
	job = old_volume(call, pool, &volume, "delete", delete, args->flags & 1);
	if (!job)
		return;
	job->erase = args->flags & 1;
	job_start(job);
}

static void wipe_pattern(struct server_call *call)
{
	const struct rpc_storage_vol_wipe_pattern_args *args = call->arguments;
	const struct conf_pool *pool;
	struct storage_volume volume;
	struct job *job;

	if (!call_check_flags(call, args->flags, 0))
		return;
	if (args->algorithm != VOLUME_WIPE_ZERO && args->algorithm != VOLUME_WIPE_RANDOM &&
	    args->algorithm != VOLUME_WIPE_TRIM) {
		call_fail(call, RPC_ERR_OPERATION_UNSUPPORTED, RPC_FROM_STORAGE,
		    "Operation not supported: volumes are wiped by zero, random or trim");
		return;
	}
	pool = volume_of(call, &args->vol, &volume);
	if (!pool || !volume_is_idle(call, &volume))
		return;
	job = old_volume(call, pool, &volume, "wipe", erase, true);
	if (!job)
		return;
	job->how = (enum volume_wipe)args->algorithm;
	job_start(job);
}

static void wipe(struct server_call *call)
{
	const struct rpc_storage_vol_wipe_args *args = call->arguments;
	struct rpc_storage_vol_wipe_pattern_args zero = { args->vol, VOLUME_WIPE_ZERO,
		args->flags };

	call->arguments = &zero;
	wipe_pattern(call);
}

/* libvirt: virStorageVolResizeFlags. */
enum { RESIZE_ALLOCATE = 1, RESIZE_DELTA = 2, RESIZE_SHRINK = 4 };

/* The size that is asked for. False with the call failed. */
static bool new_size(struct server_call *call, const struct storage_volume *volume,
    uint64_t capacity, uint32_t flags, uint64_t *ret_bytes)
{
	uint64_t bytes = capacity;

	if (flags & RESIZE_DELTA && flags & RESIZE_SHRINK)
		bytes = volume->capacity > capacity ? volume->capacity - capacity : 0;
	else if (flags & RESIZE_DELTA && __builtin_add_overflow(volume->capacity, capacity, &bytes))
		bytes = UINT64_MAX;
	if (bytes > INT64_MAX) {
		call_fail(call, RPC_ERR_INVALID_ARG, RPC_FROM_STORAGE,
		    "invalid argument: capacity is out of range");
		return false;
	}
	if (bytes < volume->capacity && !(flags & RESIZE_SHRINK)) {
		call_fail(call, RPC_ERR_INVALID_ARG, RPC_FROM_STORAGE,
		    "invalid argument: Can't shrink capacity below current capacity unless shrink flag explicitly specified");
		return false;
	}
	*ret_bytes = bytes;
	return true;
}

static void resize_volume(struct server_call *call)
{
	const struct rpc_storage_vol_resize_args *args = call->arguments;
	const struct conf_pool *pool;
	struct storage_volume volume;
	uint64_t bytes;
	struct job *job;

	if (!call_check_flags(call, args->flags, 7))
		return;
	pool = volume_of(call, &args->vol, &volume);
	if (!pool || !new_size(call, &volume, args->capacity, args->flags, &bytes))
		return;
	if (volume.qcow2 || volume.type != STORAGE_FILE) {
		call_fail(call, RPC_ERR_OPERATION_UNSUPPORTED, RPC_FROM_STORAGE,
		    "Operation not supported: only files of format raw are resized");
		return;
	}
	if (bytes < volume.capacity && !volume_is_idle(call, &volume))
		return;
	job = old_volume(call, pool, &volume, "resize", resize, true);
	if (!job)
		return;
	job->plan.capacity = bytes;
	job->allocate = args->flags & RESIZE_ALLOCATE;
	job_start(job);
}

const struct rpc_handler rpc_volume_act_handlers[] = {
	{ RPC_STORAGE_VOL_CREATE_XML, create_xml },
	{ RPC_STORAGE_VOL_CREATE_XML_FROM, create_xml_from },
	{ RPC_STORAGE_VOL_DELETE, delete_volume },
	{ RPC_STORAGE_VOL_WIPE, wipe },
	{ RPC_STORAGE_VOL_WIPE_PATTERN, wipe_pattern },
	{ RPC_STORAGE_VOL_RESIZE, resize_volume },
	{ 0 },
};
