/* SPDX-License-Identifier: GPL-2.0-only */
/* Records nest, but only as rpc/procedures.txt nests them, which has no circles: the recursion here
 * is bounded by the tables, not by what comes in. */
#include "rpc/codec.h"

#include <errno.h>
#include <string.h>

#include "rpc/xdr.h"

static size_t size_of(const struct rpc_field *field)
{
	switch ((enum rpc_kind)field->kind) {
	case RPC_KIND_I32:
	case RPC_KIND_U32:
		return 4;
	case RPC_KIND_I64:
	case RPC_KIND_U64:
	case RPC_KIND_DOUBLE:
		return 8;
	case RPC_KIND_STRING:
		return sizeof(char *);
	case RPC_KIND_CHAR:
	case RPC_KIND_OPAQUE:
		return 1;
	case RPC_KIND_UUID:
		return 16;
	case RPC_KIND_PARAM:
		return sizeof(struct rpc_param);
	case RPC_KIND_RECORD:
		return rpc_layout(field->record)->size;
	}
	return 0;
}

/* Bytes on the wire that one of them takes at least. */
static size_t least_of(const struct rpc_field *field)
{
	switch ((enum rpc_kind)field->kind) {
	case RPC_KIND_OPAQUE:
		return 1;
	case RPC_KIND_PARAM:
		return 12;
	case RPC_KIND_RECORD:
		return rpc_layout(field->record)->least;
	case RPC_KIND_STRING:
	case RPC_KIND_CHAR:
		return 4;
	default:
		return size_of(field);
	}
}

static int encode_record(enum rpc_type type, const void *record, struct buf *out);

static int encode_string(const char *text, struct buf *out)
{
	size_t length = strlen(text);

	if (length > RPC_STRING_MAX)
		return -EMSGSIZE;
	xdr_write_opaque(out, text, length);
	return 0;
}

static int encode_param(const struct rpc_param *param, struct buf *out)
{
	uint64_t bits;
	int result = encode_string(param->field, out);

	if (result)
		return result;
	xdr_write_u32(out, (uint32_t)param->type);
	switch (param->type) {
	case RPC_PARAM_INT:
	case RPC_PARAM_UINT:
	case RPC_PARAM_BOOLEAN:
		xdr_write_u32(out, param->value.u);
		return 0;
	case RPC_PARAM_LLONG:
	case RPC_PARAM_ULLONG:
	case RPC_PARAM_DOUBLE:
		memcpy(&bits, &param->value, sizeof(bits));
		xdr_write_u64(out, bits);
		return 0;
	case RPC_PARAM_STRING:
		return encode_string(param->value.s, out);
	default:
		return -EMSGSIZE;
	}
}

static int encode_one(const struct rpc_field *field, const void *at, struct buf *out)
{
	uint64_t wide;
	uint32_t word;
	const char *text;

	switch ((enum rpc_kind)field->kind) {
	case RPC_KIND_I32:
	case RPC_KIND_U32:
		memcpy(&word, at, sizeof(word));
		xdr_write_u32(out, word);
		return 0;
	case RPC_KIND_I64:
	case RPC_KIND_U64:
	case RPC_KIND_DOUBLE:
		memcpy(&wide, at, sizeof(wide));
		xdr_write_u64(out, wide);
		return 0;
	case RPC_KIND_STRING:
		memcpy(&text, at, sizeof(text));
		return encode_string(text ? text : "", out);
	case RPC_KIND_CHAR:
		xdr_write_u32(out, (uint32_t)(int32_t) * (const signed char *)at);
		return 0;
	case RPC_KIND_UUID:
		xdr_write_fixed(out, at, 16);
		return 0;
	case RPC_KIND_PARAM:
		return encode_param(at, out);
	case RPC_KIND_RECORD:
		return encode_record(field->record, at, out);
	case RPC_KIND_OPAQUE:
		break;
	}
	return -EMSGSIZE;
}

static int encode_many(
    const struct rpc_field *field, uint32_t count, const char *items, struct buf *out)
{
	int result = 0;

	if (count > field->limit)
		return -EMSGSIZE;
	if (field->kind == RPC_KIND_OPAQUE) {
		xdr_write_opaque(out, items, count);
		return 0;
	}
	if (field->shape == RPC_SHAPE_COUNTED)
		xdr_write_u32(out, count);
	for (uint32_t i = 0; i < count && !result; i++)
		result = encode_one(field, items + i * size_of(field), out);
	return result;
}

static int encode_field(const struct rpc_field *field, const char *record, struct buf *out)
{
	const char *at = record + field->offset;
	const void *target;
	uint32_t count;

	if (field->kind == RPC_KIND_OPAQUE || field->shape == RPC_SHAPE_COUNTED) {
		memcpy(&target, at, sizeof(target));
		memcpy(&count, at - RPC_COUNT, sizeof(count));
		return encode_many(field, count, target, out);
	}
	if (field->shape == RPC_SHAPE_FIXED)
		return encode_many(field, field->limit, at, out);
	if (field->shape == RPC_SHAPE_ONE)
		return encode_one(field, at, out);
	memcpy(&target, at, sizeof(target));
	xdr_write_u32(out, target != NULL);
	if (!target)
		return 0;
	/* Of an optional string the pointer is the string itself. */
	return encode_one(field, field->kind == RPC_KIND_STRING ? at : target, out);
}

static int encode_record(enum rpc_type type, const void *record, struct buf *out)
{
	const struct rpc_layout *layout = rpc_layout(type);
	const struct rpc_field *field = rpc_fields(layout);
	int result = 0;

	for (unsigned int i = 0; i < layout->count && !result; i++)
		result = encode_field(&field[i], record, out);
	return result;
}

int rpc_encode(enum rpc_type type, const void *record, struct buf *out)
{
	int result = encode_record(type, record, out);

	return result ? result : buf_ok(out) ? 0 : -ENOMEM;
}

static int decode_record(
    enum rpc_type type, struct xdr_in *in, struct rpc_memory *memory, void *ret_record);

static int decode_string(struct xdr_in *in, struct rpc_memory *memory, const char **ret_text)
{
	uint32_t length = xdr_read_u32(in);
	const uint8_t *data = length <= RPC_STRING_MAX ? xdr_read_fixed(in, length) : NULL;

	if (!data || memchr(data, '\0', length))
		return -EBADMSG;
	*ret_text = length ? rpc_memory_copy(memory, (const char *)data, length) : "";
	return *ret_text ? 0 : -ENOMEM;
}

static int decode_param(struct xdr_in *in, struct rpc_memory *memory, struct rpc_param *ret_param)
{
	uint64_t bits;
	int result = decode_string(in, memory, &ret_param->field);

	if (result)
		return result;
	ret_param->type = (int32_t)xdr_read_u32(in);
	switch (ret_param->type) {
	case RPC_PARAM_INT:
	case RPC_PARAM_UINT:
	case RPC_PARAM_BOOLEAN:
		ret_param->value.u = xdr_read_u32(in);
		return in->bad ? -EBADMSG : 0;
	case RPC_PARAM_LLONG:
	case RPC_PARAM_ULLONG:
	case RPC_PARAM_DOUBLE:
		bits = xdr_read_u64(in);
		memcpy(&ret_param->value, &bits, sizeof(bits));
		return in->bad ? -EBADMSG : 0;
	case RPC_PARAM_STRING:
		return decode_string(in, memory, &ret_param->value.s);
	default:
		return -EBADMSG;
	}
}

static int decode_one(
    const struct rpc_field *field, struct xdr_in *in, struct rpc_memory *memory, void *at)
{
	const uint8_t *data;
	const char *text;
	uint64_t wide;
	uint32_t word;
	int result = 0;

	switch ((enum rpc_kind)field->kind) {
	case RPC_KIND_I32:
	case RPC_KIND_U32:
		word = xdr_read_u32(in);
		memcpy(at, &word, sizeof(word));
		break;
	case RPC_KIND_I64:
	case RPC_KIND_U64:
	case RPC_KIND_DOUBLE:
		wide = xdr_read_u64(in);
		memcpy(at, &wide, sizeof(wide));
		break;
	case RPC_KIND_STRING:
		result = decode_string(in, memory, &text);
		if (!result)
			memcpy(at, &text, sizeof(text));
		return result;
	case RPC_KIND_CHAR:
		*(char *)at = (char)xdr_read_u32(in);
		break;
	case RPC_KIND_UUID:
		data = xdr_read_fixed(in, 16);
		if (data)
			memcpy(at, data, 16);
		break;
	case RPC_KIND_PARAM:
		return decode_param(in, memory, at);
	case RPC_KIND_RECORD:
		return decode_record(field->record, in, memory, at);
	case RPC_KIND_OPAQUE:
		return -EBADMSG;
	}
	return in->bad ? -EBADMSG : 0;
}

/* A count, and so many items: the count is believed only as far as the bytes reach. */
static int decode_counted(
    const struct rpc_field *field, struct xdr_in *in, struct rpc_memory *memory, char *record)
{
	uint32_t count = xdr_read_u32(in);
	const uint8_t *data;
	char *items;
	int result = 0;

	if (in->bad || count > field->limit || count > in->left / least_of(field))
		return -EBADMSG;
	memcpy(record + field->offset - RPC_COUNT, &count, sizeof(count));
	if (field->kind == RPC_KIND_OPAQUE) {
		data = xdr_read_fixed(in, count);
		if (!data)
			return -EBADMSG;
		items = rpc_memory_copy(memory, (const char *)data, count);
	} else {
		items = rpc_memory_alloc(memory, count * size_of(field));
	}
	if (!items)
		return -ENOMEM;
	memcpy(record + field->offset, &items, sizeof(items));
	if (field->kind != RPC_KIND_OPAQUE)
		for (uint32_t i = 0; i < count && !result; i++)
			result = decode_one(field, in, memory, items + i * size_of(field));
	return result;
}

static int decode_field(
    const struct rpc_field *field, struct xdr_in *in, struct rpc_memory *memory, char *record)
{
	char *at = record + field->offset;
	void *target;
	int result = 0;

	if (field->kind == RPC_KIND_OPAQUE || field->shape == RPC_SHAPE_COUNTED)
		return decode_counted(field, in, memory, record);
	if (field->shape == RPC_SHAPE_FIXED) {
		for (uint32_t i = 0; i < field->limit && !result; i++)
			result = decode_one(field, in, memory, at + i * size_of(field));
		return result;
	}
	if (field->shape == RPC_SHAPE_ONE)
		return decode_one(field, in, memory, at);
	/* Any value but 0 says that it is there: go-libvirt writes 01 00 00 00. */
	if (!xdr_read_u32(in))
		return in->bad ? -EBADMSG : 0;
	if (field->kind == RPC_KIND_STRING)
		return decode_one(field, in, memory, at);
	target = rpc_memory_alloc(memory, size_of(field));
	if (!target)
		return -ENOMEM;
	memcpy(at, &target, sizeof(target));
	return decode_one(field, in, memory, target);
}

static int decode_record(
    enum rpc_type type, struct xdr_in *in, struct rpc_memory *memory, void *ret_record)
{
	const struct rpc_layout *layout = rpc_layout(type);
	const struct rpc_field *field = rpc_fields(layout);
	int result = 0;

	memset(ret_record, 0, layout->size);
	for (unsigned int i = 0; i < layout->count && !result; i++)
		result = decode_field(&field[i], in, memory, ret_record);
	return result;
}

int rpc_decode(enum rpc_type type, const uint8_t *data, size_t length, struct rpc_memory *memory,
    void *ret_record)
{
	struct xdr_in in = { .data = data, .left = length };
	int result = type == RPC_TYPE_NONE ? 0 : decode_record(type, &in, memory, ret_record);

	return result ? result : in.left ? -EBADMSG : 0;
}
