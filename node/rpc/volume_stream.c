/* SPDX-License-Identifier: GPL-2.0-only */
/* Volumes to and from clients. An upload that breaks off leaves what came. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "node/host/volume.h"
#include "node/rpc/handlers.h"
#include "node/rpc/volume_use.h"
#include "node/server/stream_file.h"

/* libvirt: VIR_STORAGE_VOL_UPLOAD_SPARSE_STREAM, and the same of downloads. */
#define SPARSE 1u

static void over(void *context)
{
	struct volume_use *use = context;

	volume_use_end(use);
	free(use);
}

static bool fits(struct server_call *call, uint64_t offset, uint64_t length)
{
	uint64_t end;

	if (!__builtin_add_overflow(offset, length, &end) && end <= INT64_MAX)
		return true;
	call_fail(call, RPC_ERR_INVALID_ARG, RPC_FROM_STORAGE,
	    "invalid argument: offset and length are out of range");
	return false;
}

static void transfer(struct server_call *call, const struct rpc_vol *record, bool upload,
    uint64_t offset, uint64_t length, uint32_t flags)
{
	struct storage_volume volume;
	const struct conf_pool *pool;
	struct stream_file_config config = { .workers = call->core->workers,
		.upload = upload,
		.sparse = flags & SPARSE,
		.from = offset,
		.to = length ? offset + length : UINT64_MAX,
		.over = over };
	struct volume_use *use;
	char path[STORAGE_PATH];
	int folder;
	int result;

	if (!call_check_flags(call, flags, SPARSE) || !fits(call, offset, length))
		return;
	pool = volume_of(call, record, &volume);
	if (!pool || (upload && !volume_is_idle(call, &volume)))
		return;
	if (upload && pool->read_only) {
		call_fail(call, RPC_ERR_OPERATION_INVALID, RPC_FROM_STORAGE,
		    "Requested operation is not valid: storage pool '%s' is read-only", pool->name);
		return;
	}
	use = calloc(1, sizeof(*use));
	if (!use) {
		call_fail_errno(call, -ENOMEM, NULL);
		return;
	}
	if (!volume_use_begin(call, volume.path, upload, use)) {
		free(use);
		return;
	}
	config.context = use;
	config.name = strrchr(use->path, '/') + 1;
	config.device = volume.type == STORAGE_BLOCK;
	folder = storage_open(pool, path);
	config.fd = folder < 0 ? folder
			       : volume_open(folder, volume.name, upload ? O_RDWR : O_RDONLY);
	if (folder >= 0)
		close(folder);
	result = config.fd < 0	 ? config.fd
		 : !call->client ? -ECANCELED
				 : stream_file_create(call->client, &call->header, &config);
	if (!result) {
		call_reply(call, NULL);
		return;
	}
	if (config.fd >= 0)
		close(config.fd);
	over(use);
	call_fail(call, RPC_ERR_SYSTEM, RPC_FROM_STORAGE, "cannot open volume '%s': %s",
	    volume.path,
	    result == -EBUSY ? "too many open streams on this connection" : strerror(-result));
}

static void upload_volume(struct server_call *call)
{
	const struct rpc_storage_vol_upload_args *args = call->arguments;

	transfer(call, &args->vol, true, args->offset, args->length, args->flags);
}

static void download_volume(struct server_call *call)
{
	const struct rpc_storage_vol_download_args *args = call->arguments;

	transfer(call, &args->vol, false, args->offset, args->length, args->flags);
}

const struct rpc_handler rpc_volume_stream_handlers[] = {
	{ RPC_STORAGE_VOL_UPLOAD, upload_volume },
	{ RPC_STORAGE_VOL_DOWNLOAD, download_volume },
	{ 0 },
};
