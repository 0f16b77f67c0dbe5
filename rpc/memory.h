/* SPDX-License-Identifier: GPL-2.0-only */
/* What one message needs in memory: many small things that are freed together, within a limit that
 * the sender of the message cannot raise. */
#ifndef BERTH_RPC_MEMORY_H
#define BERTH_RPC_MEMORY_H

#include <stddef.h>

struct rpc_memory_chunk;

struct rpc_memory {
	struct rpc_memory_chunk *chunks;
	size_t left; /* of the newest chunk */
	size_t limit;
	size_t used;
};

void rpc_memory_init(struct rpc_memory *memory, size_t limit);
void rpc_memory_done(struct rpc_memory *memory);

/* Zeroed memory, aligned for any field of a record; NULL past the limit or without memory. */
void *rpc_memory_alloc(struct rpc_memory *memory, size_t size);

/* Copies, with a NUL behind; NULL as above. */
char *rpc_memory_copy(struct rpc_memory *memory, const char *data, size_t length);
char *rpc_memory_string(struct rpc_memory *memory, const char *text);
char *rpc_memory_printf(struct rpc_memory *memory, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
