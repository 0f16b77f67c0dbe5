/* SPDX-License-Identifier: GPL-2.0-only */
#include "rpc/xdr.h"

static size_t padding(size_t length)
{
	return (4 - length % 4) % 4;
}

const uint8_t *xdr_read_fixed(struct xdr_in *in, size_t length)
{
	const uint8_t *data = in->data;

	if (in->bad || length > in->left || padding(length) > in->left - length) {
		in->bad = true;
		return NULL;
	}
	in->data += length + padding(length);
	in->left -= length + padding(length);
	return data;
}

uint32_t xdr_read_u32(struct xdr_in *in)
{
	const uint8_t *data = xdr_read_fixed(in, 4);

	if (!data)
		return 0;
	return (uint32_t)data[0] << 24 | (uint32_t)data[1] << 16 | (uint32_t)data[2] << 8 | data[3];
}

uint64_t xdr_read_u64(struct xdr_in *in)
{
	uint64_t high = xdr_read_u32(in);

	return high << 32 | xdr_read_u32(in);
}

void xdr_write_u32(struct buf *out, uint32_t value)
{
	const char data[4] = { (char)(value >> 24), (char)(value >> 16), (char)(value >> 8),
		(char)value };

	buf_add(out, data, 4);
}

void xdr_write_u64(struct buf *out, uint64_t value)
{
	xdr_write_u32(out, (uint32_t)(value >> 32));
	xdr_write_u32(out, (uint32_t)value);
}

void xdr_write_fixed(struct buf *out, const void *data, size_t length)
{
	if (length)
		buf_add(out, data, length);
	buf_add(out, "\0\0\0", padding(length));
}

void xdr_write_opaque(struct buf *out, const void *data, size_t length)
{
	xdr_write_u32(out, (uint32_t)length);
	xdr_write_fixed(out, data, length);
}
