/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Records to XDR and back, by the tables of rpc/procs. What comes from the wire is hostile: every
 * count is checked against its limit and against the bytes that are left before anything is
 * allocated, strings hold no NUL, and nothing may be left over.
 */
#ifndef BERTH_RPC_CODEC_H
#define BERTH_RPC_CODEC_H

#include "lib/buf.h"
#include "rpc/memory.h"
#include "rpc/procs.h"

#define RPC_STRING_MAX 4194304

/* Memory that a message of so many bytes can need once it is decoded. */
#define RPC_DECODED(length) ((size_t)(length)*4 + 4096)

/* Append a record. 0; -EMSGSIZE when the record is larger than the protocol allows, or -ENOMEM;
 * then `out` is to be thrown away. `record` may be NULL with RPC_TYPE_NONE. */
int rpc_encode(enum rpc_type type, const void *record, struct buf *out);

/* 0, -EBADMSG, or -ENOMEM. The record points into `memory`; strings that are not optional are never
 * NULL. */
int rpc_decode(enum rpc_type type, const uint8_t *data, size_t length, struct rpc_memory *memory,
    void *ret_record);

#endif
