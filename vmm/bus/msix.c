/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Each vector has a route with its eventfd. While a vector is masked its route delivers nothing and
 * the eventfd counts: that is the pending bit, for what the kernel signals as well. Unmasking takes
 * the count and signals once.
 */
#include "vmm/bus/msix.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CAPABILITY_ID 0x11
#define CAPABILITY_SIZE 12
#define CONTROL_ENABLE 0x80 /* of the high byte of message control */
#define CONTROL_MASK_ALL 0x40
#define ENTRY_SIZE 16
#define ENTRY_WORDS 4
#define VECTOR_MASKED 1

struct vector {
	struct msi_route route;
	uint32_t words[ENTRY_WORDS]; /* address, upper address, data, control */
	bool is_open;
	bool is_live;		    /* the route delivers */
	struct msi_message message; /* that it delivers */
};

struct msix {
	struct pci_device *pci;
	const struct msi_sink *sink;
	unsigned int capability;
	unsigned int count;
	struct vector vectors[MSIX_VECTORS_MAX];
};

static uint8_t control(const struct msix *msix)
{
	return msix->pci->config[msix->capability + 3];
}

static void signal_vector(const struct vector *vector)
{
	uint64_t one = 1;

	/* It can only fail with the counter full, and then it is signalled anyway. */
	if (write(vector->route.fd, &one, sizeof(one)) < 0)
		return;
}

/* Whether something was signalled and not delivered; taken away with it. */
static bool take_pending(const struct vector *vector)
{
	uint64_t count;

	return read(vector->route.fd, &count, sizeof(count)) == (ssize_t)sizeof(count);
}

/* The same, left as it is; by the calls that a vCPU's thread may make. */
static bool is_pending(const struct vector *vector)
{
	if (vector->is_live || !take_pending(vector))
		return false;
	signal_vector(vector);
	return true;
}

static void update(struct msix *msix, struct vector *vector)
{
	bool wanted = control(msix) & CONTROL_ENABLE && !(control(msix) & CONTROL_MASK_ALL) &&
		      !(vector->words[3] & VECTOR_MASKED);
	struct msi_message message = { (uint64_t)vector->words[1] << 32 | vector->words[0],
		vector->words[2] };
	bool was_live = vector->is_live;
	bool was_pending;

	if (wanted == was_live && (!wanted || (message.address == vector->message.address &&
						  message.data == vector->message.data)))
		return;
	if (!wanted) {
		msix->sink->set(msix->sink->context, &vector->route, NULL);
		vector->is_live = false;
		return;
	}
	was_pending = !was_live && take_pending(vector);
	vector->message = message;
	/* A message that cannot be delivered is the guest's mistake; it gets nothing. */
	vector->is_live = msix->sink->set(msix->sink->context, &vector->route, &vector->message) ==
			  0;
	if (was_pending)
		signal_vector(vector);
}

static void update_all(struct msix *msix)
{
	for (unsigned int i = 0; i < msix->count; i++)
		update(msix, &msix->vectors[i]);
}

static void clear_table(struct msix *msix)
{
	for (unsigned int i = 0; i < msix->count; i++) {
		memset(msix->vectors[i].words, 0, sizeof(msix->vectors[i].words));
		msix->vectors[i].words[3] = VECTOR_MASKED;
	}
}

static void put32(uint8_t *bytes, uint32_t value)
{
	for (unsigned int i = 0; i < 4; i++)
		bytes[i] = (uint8_t)(value >> (8 * i));
}

int msix_create(struct pci_device *pci, const struct msi_sink *sink, unsigned int vectors,
    unsigned int bar, uint32_t table, uint32_t pending, struct msix **ret_msix)
{
	struct msix *msix;
	int result = 0;

	if (vectors == 0 || vectors > MSIX_VECTORS_MAX || table % 8 || pending % 8)
		return -EINVAL;
	msix = calloc(1, sizeof(*msix));
	if (!msix)
		return -ENOMEM;
	msix->pci = pci;
	msix->sink = sink;
	msix->count = vectors;
	clear_table(msix);
	msix->capability = pci_add_capability(pci, CAPABILITY_ID, CAPABILITY_SIZE);
	if (!msix->capability)
		result = -ENOSPC;
	for (unsigned int i = 0; i < vectors && !result; i++) {
		result = sink->open(sink->context, &msix->vectors[i].route);
		msix->vectors[i].is_open = !result;
	}
	if (result) {
		msix_free(msix);
		return result;
	}
	pci->config[msix->capability + 2] = (uint8_t)(vectors - 1);
	pci->writable[msix->capability + 3] = CONTROL_ENABLE | CONTROL_MASK_ALL;
	put32(pci->config + msix->capability + 4, table | bar);
	put32(pci->config + msix->capability + 8, pending | bar);
	*ret_msix = msix;
	return 0;
}

void msix_free(struct msix *msix)
{
	if (!msix)
		return;
	for (unsigned int i = 0; i < msix->count; i++)
		if (msix->vectors[i].is_open)
			msix->sink->close(msix->sink->context, &msix->vectors[i].route);
	free(msix);
}

/* The words of an access: 4 or 8 bytes, aligned (6.8.2). */
static uint32_t *find_words(struct msix *msix, uint64_t offset, unsigned int size)
{
	if ((size != 4 && size != 8) || offset % size ||
	    offset / ENTRY_SIZE >= (uint64_t)msix->count)
		return NULL;
	return &msix->vectors[offset / ENTRY_SIZE].words[offset % ENTRY_SIZE / 4];
}

uint64_t msix_table_read(struct msix *msix, uint64_t offset, unsigned int size)
{
	const uint32_t *words = find_words(msix, offset, size);

	if (!words)
		return 0;
	return size == 8 ? (uint64_t)words[1] << 32 | words[0] : words[0];
}

void msix_table_write(struct msix *msix, uint64_t offset, unsigned int size, uint64_t value)
{
	uint32_t *words = find_words(msix, offset, size);
	struct vector *vector;

	if (!words)
		return;
	words[0] = (uint32_t)value;
	if (size == 8)
		words[1] = (uint32_t)(value >> 32);
	vector = &msix->vectors[offset / ENTRY_SIZE];
	vector->words[0] &= ~(uint32_t)3;
	vector->words[3] &= VECTOR_MASKED;
	update(msix, vector);
}

static uint64_t pending_bits(const struct msix *msix)
{
	uint64_t bits = 0;

	for (unsigned int i = 0; i < msix->count; i++)
		if (is_pending(&msix->vectors[i]))
			bits |= (uint64_t)1 << i;
	return bits;
}

uint64_t msix_pending_read(struct msix *msix, uint64_t offset, unsigned int size)
{
	if (offset + size > 8)
		return 0;
	return pending_bits(msix) >> (8 * offset);
}

void msix_config_written(struct msix *msix)
{
	update_all(msix);
}

bool msix_is_enabled(const struct msix *msix)
{
	return control(msix) & CONTROL_ENABLE;
}

void msix_raise(struct msix *msix, unsigned int vector)
{
	if (vector < msix->count)
		signal_vector(&msix->vectors[vector]);
}

int msix_fd(struct msix *msix, unsigned int vector)
{
	return vector < msix->count ? msix->vectors[vector].route.fd : -1;
}

/* After pci_reset(): it is disabled, so nothing delivers. */
void msix_reset(struct msix *msix)
{
	clear_table(msix);
	update_all(msix);
	for (unsigned int i = 0; i < msix->count; i++)
		take_pending(&msix->vectors[i]);
}

void msix_save(struct msix *msix, struct state_writer *writer)
{
	uint32_t words[MSIX_VECTORS_MAX * ENTRY_WORDS];

	for (unsigned int i = 0; i < msix->count; i++)
		memcpy(words + (size_t)i * ENTRY_WORDS, msix->vectors[i].words, ENTRY_SIZE);
	state_put_bytes(writer, "msix-table", words, (size_t)msix->count * ENTRY_SIZE);
	state_put(writer, "msix-pending", pending_bits(msix));
}

/* After pci_load(), which brings enable and mask bits. */
void msix_load(struct msix *msix, struct state_reader *reader)
{
	uint32_t words[MSIX_VECTORS_MAX * ENTRY_WORDS];
	uint64_t pending;

	state_get_bytes(reader, "msix-table", words, (size_t)msix->count * ENTRY_SIZE);
	pending = state_get(reader, "msix-pending", UINT64_MAX);
	if (reader->error)
		return;
	for (unsigned int i = 0; i < msix->count; i++) {
		struct vector *vector = &msix->vectors[i];

		memcpy(vector->words, words + (size_t)i * ENTRY_WORDS, ENTRY_SIZE);
		vector->words[0] &= ~(uint32_t)3;
		vector->words[3] &= VECTOR_MASKED;
		update(msix, vector);
		if (pending >> i & 1)
			signal_vector(vector);
	}
}
