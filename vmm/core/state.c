/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A section: length and bytes of name and of instance, version (32 bits), fields, a zero byte,
 * CRC-32 of all of it. A field: length and bytes of its name, a type, and eight bytes or a length
 * (32 bits) and as many bytes. state_enter() walks the whole section once, so that whoever reads
 * fields is within bounds that hold.
 */
#include "vmm/core/state.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define TYPE_NUMBER 'n'
#define TYPE_BYTES 'b'

/* ISO 3309, as zlib and Ethernet have it; four bits at a time. */
static uint32_t crc32(const uint8_t *data, size_t length)
{
	static const uint32_t table[16] = { 0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac,
		0x76dc4190, 0x6b6b51f4, 0x4db26158, 0x5005713c, 0xedb88320, 0xf00f9344, 0xd6d6a3e8,
		0xcb61b38c, 0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c };
	uint32_t crc = 0xffffffff;

	for (size_t i = 0; i < length; i++) {
		crc = table[(crc ^ data[i]) & 15] ^ (crc >> 4);
		crc = table[(crc ^ (data[i] >> 4)) & 15] ^ (crc >> 4);
	}
	return ~crc;
}

static void put_number(struct state_writer *writer, uint64_t value, size_t bytes)
{
	char out[8];

	for (size_t i = 0; i < bytes; i++)
		out[i] = (char)(value >> (8 * i));
	buf_add(writer->out, out, bytes);
}

static void put_name(struct state_writer *writer, const char *name)
{
	size_t length = strnlen(name, STATE_NAME_MAX);

	put_number(writer, length, 1);
	buf_add(writer->out, name, length);
}

void state_begin(
    struct state_writer *writer, const char *name, const char *instance, uint32_t version)
{
	writer->section = writer->out->length;
	put_name(writer, name);
	put_name(writer, instance);
	put_number(writer, version, 4);
}

void state_put(struct state_writer *writer, const char *field, uint64_t value)
{
	put_name(writer, field);
	put_number(writer, TYPE_NUMBER, 1);
	put_number(writer, value, 8);
}

void state_put_bytes(
    struct state_writer *writer, const char *field, const void *data, size_t length)
{
	put_name(writer, field);
	put_number(writer, TYPE_BYTES, 1);
	put_number(writer, length, 4);
	buf_add(writer->out, data, length);
	if (length > UINT32_MAX)
		writer->out->failed = true;
}

void state_end(struct state_writer *writer)
{
	const uint8_t *start;

	put_number(writer, 0, 1);
	if (!buf_ok(writer->out))
		return;
	start = (const uint8_t *)buf_text(writer->out) + writer->section;
	put_number(writer, crc32(start, writer->out->length - writer->section), 4);
}

void state_open(struct state_reader *reader, const void *data, size_t length)
{
	*reader = (struct state_reader){ .data = data, .length = length };
}

void state_fail(struct state_reader *reader, const char *format, ...)
{
	va_list arguments;

	if (reader->error)
		return;
	reader->error = -EINVAL;
	va_start(arguments, format);
	vsnprintf(reader->message, sizeof(reader->message), format, arguments);
	va_end(arguments);
}

static uint64_t number_at(const struct state_reader *reader, size_t at, size_t bytes)
{
	uint64_t value = 0;

	for (size_t i = 0; i < bytes; i++)
		value |= (uint64_t)reader->data[at + i] << (8 * i);
	return value;
}

/* Step over `bytes` at *at, which must be there. */
static bool skip(const struct state_reader *reader, size_t *at, size_t bytes)
{
	if (reader->length - *at < bytes)
		return false;
	*at += bytes;
	return true;
}

/* Step over a name of at least `least` bytes. */
static bool skip_name(const struct state_reader *reader, size_t *at, size_t least)
{
	size_t length = reader->length > *at ? reader->data[*at] : 0;

	return skip(reader, at, 1) && length >= least && length <= STATE_NAME_MAX &&
	       skip(reader, at, length);
}

static bool skip_field(const struct state_reader *reader, size_t *at)
{
	size_t type;

	if (!skip_name(reader, at, 1))
		return false;
	type = *at;
	if (!skip(reader, at, 1))
		return false;
	if (reader->data[type] == TYPE_NUMBER)
		return skip(reader, at, 8);
	return reader->data[type] == TYPE_BYTES && skip(reader, at, 4) &&
	       skip(reader, at, number_at(reader, type + 1, 4));
}

/* Where the zero byte of the section is that has its fields from `at` on; 0: it is broken. */
static size_t find_end(const struct state_reader *reader, size_t at)
{
	while (at < reader->length && reader->data[at] != 0)
		if (!skip_field(reader, &at))
			return 0;
	if (reader->length - at < 5 ||
	    number_at(reader, at + 1, 4) != crc32(reader->data + reader->at, at + 1 - reader->at))
		return 0;
	return at;
}

static bool is_name(const struct state_reader *reader, size_t at, const char *name)
{
	size_t length = strnlen(name, STATE_NAME_MAX);

	return reader->data[at] == length && memcmp(reader->data + at + 1, name, length) == 0;
}

uint32_t state_enter(
    struct state_reader *reader, const char *name, const char *instance, uint32_t version)
{
	size_t second;
	size_t after;
	size_t end;
	uint32_t found;

	if (reader->error)
		return 0;
	after = reader->at;
	if (!skip_name(reader, &after, 1)) {
		state_fail(reader, "saved state ends before section \"%s\"", name);
		return 0;
	}
	second = after;
	if (!skip_name(reader, &after, 0) || !skip(reader, &after, 4) ||
	    !(end = find_end(reader, after))) {
		state_fail(reader, "section \"%s\" of the saved state is damaged", name);
		return 0;
	}
	if (!is_name(reader, reader->at, name) || !is_name(reader, second, instance)) {
		state_fail(reader,
		    "saved state has section \"%.*s\" of \"%.*s\", not \"%s\" of \"%s\"",
		    (int)reader->data[reader->at], (const char *)reader->data + reader->at + 1,
		    (int)reader->data[second], (const char *)reader->data + second + 1, name,
		    instance);
		return 0;
	}
	found = (uint32_t)number_at(reader, after - 4, 4);
	if (found == 0 || found > version) {
		state_fail(reader,
		    "section \"%s\" of the saved state has version %u; known: 1 to %u", name, found,
		    version);
		return 0;
	}
	reader->at = after;
	reader->section_end = end;
	return found;
}

/* To behind the type of the next field, if it is this one. */
static bool enter_field(struct state_reader *reader, const char *field, uint8_t type)
{
	size_t at = reader->at;

	if (reader->error)
		return false;
	if (at >= reader->section_end || !is_name(reader, at, field) ||
	    reader->data[at + 1 + reader->data[at]] != type) {
		state_fail(reader, "saved state lacks \"%s\"", field);
		return false;
	}
	reader->at = at + 2 + reader->data[at];
	return true;
}

uint64_t state_get(struct state_reader *reader, const char *field, uint64_t max)
{
	uint64_t value;

	if (!enter_field(reader, field, TYPE_NUMBER))
		return 0;
	value = number_at(reader, reader->at, 8);
	reader->at += 8;
	if (value > max) {
		state_fail(reader, "\"%s\" of the saved state is %llu, over %llu", field,
		    (unsigned long long)value, (unsigned long long)max);
		return 0;
	}
	return value;
}

void state_get_bytes(struct state_reader *reader, const char *field, void *data, size_t length)
{
	size_t found = state_get_some(reader, field, data, length);

	if (found != length) {
		state_fail(reader, "\"%s\" of the saved state has %zu bytes, not %zu", field, found,
		    length);
		memset(data, 0, length);
	}
}

size_t state_get_some(struct state_reader *reader, const char *field, void *data, size_t max)
{
	size_t length;

	if (!enter_field(reader, field, TYPE_BYTES)) {
		memset(data, 0, max);
		return 0;
	}
	length = (size_t)number_at(reader, reader->at, 4);
	if (length > max) {
		state_fail(reader, "\"%s\" of the saved state has %zu bytes, over %zu", field,
		    length, max);
		memset(data, 0, max);
		return 0;
	}
	memcpy(data, reader->data + reader->at + 4, length);
	reader->at += 4 + length;
	return length;
}

int state_leave(struct state_reader *reader)
{
	if (!reader->error && reader->at != reader->section_end)
		state_fail(reader, "saved state has \"%.*s\", which is not known here",
		    (int)reader->data[reader->at], (const char *)reader->data + reader->at + 1);
	if (reader->error)
		return reader->error;
	reader->at = reader->section_end + 5;
	return 0;
}
