/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A stream to or from a file, read and written beside the loop, a piece at a time. A disk that is
 * slower than the client has the client wait; a client that is slower has the file wait. Nothing
 * piles up, and no other client notices.
 */
#ifndef BERTH_NODE_SERVER_STREAM_FILE_H
#define BERTH_NODE_SERVER_STREAM_FILE_H

#include "lib/work.h"
#include "node/server/client.h"

struct stream_file_config {
	struct workers *workers;
	int fd;
	bool upload;	  /* from the client to the file */
	bool sparse;	  /* holes are told as such */
	bool device;	  /* which has no holes, and does not grow */
	const char *name; /* for people; outlives the stream */
	uint64_t from;	  /* where in the file */
	uint64_t to;	  /* and where no more; UINT64_MAX: its end */
	/* The stream is over, well or not. */
	void (*over)(void *context);
	void *context;
};

/* Join the stream of `header`, a call's; the descriptor is taken over on success. To be called
 * before the call is answered. 0, -EBUSY with too many streams, or another -errno. */
int stream_file_create(struct client *client, const struct rpc_header *header,
    const struct stream_file_config *config);

#endif
