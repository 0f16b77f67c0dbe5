/* SPDX-License-Identifier: GPL-2.0-only */
/* How the tables that rpc/generate.py makes of rpc/procedures.txt look. Only rpc/codec walks them.
 */
#ifndef BERTH_RPC_LAYOUT_H
#define BERTH_RPC_LAYOUT_H

#include <stddef.h>
#include <stdint.h>

enum rpc_kind {
	RPC_KIND_I32,
	RPC_KIND_U32,
	RPC_KIND_I64,
	RPC_KIND_U64,
	RPC_KIND_DOUBLE,
	RPC_KIND_STRING,
	RPC_KIND_CHAR,
	RPC_KIND_UUID,
	RPC_KIND_OPAQUE,
	RPC_KIND_PARAM,
	RPC_KIND_RECORD,
};

enum rpc_shape {
	RPC_SHAPE_ONE,
	RPC_SHAPE_OPTIONAL, /* a pointer, NULL when absent */
	RPC_SHAPE_COUNTED,  /* a pointer, and RPC_COUNT bytes before it a count of 32 bits */
	RPC_SHAPE_FIXED,    /* `limit` of them in place */
};

#define RPC_COUNT 8

/* Records that begin alike share these rows; those that are all alike are one type. */
struct rpc_field {
	uint8_t kind : 5;
	uint8_t shape : 3;
	uint8_t record; /* enum rpc_type of a record; those of no procedure come first */
	uint16_t offset;
	uint32_t limit;
};

struct rpc_layout {
	uint16_t size;
	uint16_t first; /* index of its first field */
	uint16_t count;
	uint16_t least; /* bytes on the wire */
};

/* Kinds of procedures. */
enum { RPC_KNOWN = 1, RPC_WRITES = 2, RPC_STREAMS = 4, RPC_EVENT = 8 };

struct rpc_signature {
	uint32_t arguments : 12; /* enum rpc_type */
	uint32_t returned : 12;
	uint32_t flags : 8;
};

#endif
