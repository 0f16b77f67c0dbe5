/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The bytes of XDR (RFC 4506): big-endian numbers, opaque data and strings padded with zeros to
 * four bytes. Reading goes through a bounded object that remembers the first fault: past it
 * everything reads as zero, and the caller asks once at the end.
 */
#ifndef BERTH_RPC_XDR_H
#define BERTH_RPC_XDR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/buf.h"

struct xdr_in {
	const uint8_t *data;
	size_t left;
	bool bad;
};

uint32_t xdr_read_u32(struct xdr_in *in);
uint64_t xdr_read_u64(struct xdr_in *in);

/* `length` bytes and their padding, in place; NULL when they are not there. */
const uint8_t *xdr_read_fixed(struct xdr_in *in, size_t length);

void xdr_write_u32(struct buf *out, uint32_t value);
void xdr_write_u64(struct buf *out, uint64_t value);
void xdr_write_fixed(struct buf *out, const void *data, size_t length);

/* A length and so many bytes. */
void xdr_write_opaque(struct buf *out, const void *data, size_t length);

#endif
