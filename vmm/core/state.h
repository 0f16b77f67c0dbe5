/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The state of a device as named, versioned, bounded fields; what snapshots and migration are made
 * of. It reflects the device, not the structs of this program. What is read comes from outside and
 * is hostile: every field has a bound, a missing or surplus one is an error.
 *
 * Stream: sections; a section is name, instance, version, and fields in the order they were
 * written; a field is name, type and bytes (all lengths little-endian). A section ends with an end
 * mark and the CRC-32 of its bytes.
 */
#ifndef BERTH_VMM_CORE_STATE_H
#define BERTH_VMM_CORE_STATE_H

#include <stddef.h>
#include <stdint.h>

#include "lib/buf.h"

#define STATE_NAME_MAX 31

struct state_writer {
	struct buf *out;
	size_t section; /* where the open one begins */
};

void state_begin(
    struct state_writer *writer, const char *name, const char *instance, uint32_t version);
void state_put(struct state_writer *writer, const char *field, uint64_t value);
void state_put_bytes(
    struct state_writer *writer, const char *field, const void *data, size_t length);
void state_end(struct state_writer *writer);

/* A reader remembers its first error; further calls give zeros. So a device reads all its fields,
 * then asks once. */
struct state_reader {
	const uint8_t *data;
	size_t length;
	size_t at;
	size_t section_end;
	int error; /* 0 or -errno */
	char message[160];
};

void state_open(struct state_reader *reader, const void *data, size_t length);

/* The next section must be this one, of version 1 to `version`. Returns its version; 0 on error. */
uint32_t state_enter(
    struct state_reader *reader, const char *name, const char *instance, uint32_t version);
/* The next field must be this one, and `max` at most. */
uint64_t state_get(struct state_reader *reader, const char *field, uint64_t max);
/* Exactly `length` bytes. */
void state_get_bytes(struct state_reader *reader, const char *field, void *data, size_t length);
/* At most `max` bytes; how many there were. */
size_t state_get_some(struct state_reader *reader, const char *field, void *data, size_t max);
/* For a device: what it read makes no sense. */
void state_fail(struct state_reader *reader, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Nothing may be left of the section. 0 or the first error. */
int state_leave(struct state_reader *reader);

#endif
