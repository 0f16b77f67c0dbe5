/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A small memory full of rings, descriptors and tables as the input has them, and a driver that
 * changes it all the time: what comes out lies in that memory, no head is taken twice, and the
 * counts hold.
 */
#include "tests/fuzz/script.h"

#include <string.h>

#include "vmm/virtio/virtq.h"

#define RAM_SIZE 0x10000
#define IMAGE_SIZE 0x400
#define AVAIL 0x100
#define USED 0x200

static void check_chain(struct guest_mem *mem, const struct virtq_chain *chain)
{
	const struct guest_mem_region *region;
	uint64_t total = 0;

	check(guest_mem_regions(mem, &region) == 1);
	check(chain->readable + chain->writable > 0);
	check(chain->readable + chain->writable <= VIRTQ_CHAIN_MAX);
	for (unsigned int i = 0; i < chain->readable + chain->writable; i++) {
		const uint8_t *base = chain->iov[i].iov_base;

		check(base >= region->host && chain->iov[i].iov_len > 0);
		check(chain->iov[i].iov_len <= (size_t)(region->host + region->size - base));
		total += chain->iov[i].iov_len;
	}
	check(total == chain->readable_bytes + chain->writable_bytes);
}

static void step(struct guest_mem *mem, struct virtq *queue, struct script *script)
{
	static struct virtq_chain chain;
	uint8_t bytes[64];
	uint64_t value;
	uint32_t before = queue->in_flight;

	switch (script_take(script, 1) % 8) {
	case 0:
	case 1:
		if (virtq_pop(queue, &chain) != 1) {
			check(queue->in_flight == before);
			break;
		}
		check(queue->in_flight == before + 1);
		check_chain(mem, &chain);
		virtq_chain_read(&chain, script_take(script, 2), bytes, sizeof(bytes));
		virtq_chain_write(&chain, script_take(script, 2), bytes, sizeof(bytes));
		virtq_mark_written(queue, &chain);
		break;
	case 2:
		virtq_push(queue, (uint16_t)script_take(script, 1), 7);
		break;
	case 3:
		virtq_unpop(queue, (uint16_t)script_take(script, 1));
		break;
	case 4:
		virtq_should_signal(queue);
		break;
	case 5:
		virtq_want_notify(queue, script_take(script, 1) & 1);
		break;
	case 6:
		if (virtq_again(queue, (uint16_t)script_take(script, 1), &chain) == 0)
			check_chain(mem, &chain);
		break;
	default:
		value = script_take(script, 8);
		guest_mem_write(mem, script_take(script, 2) % IMAGE_SIZE, &value, 8);
		break;
	}
	check(queue->in_flight <= queue->size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct script script = { data, size };
	struct guest_mem *mem;
	struct virtq queue;
	uint64_t flags = script_take(&script, 1);
	size_t image = script.left < IMAGE_SIZE ? script.left : IMAGE_SIZE;

	check(guest_mem_create(RAM_SIZE, &(struct guest_mem_options){ 0 }, &mem) == 0);
	guest_mem_write(mem, 0, script.data, image);
	script.data += image;
	script.left -= image;
	if (flags & 4)
		check(guest_mem_log_start(mem) == 0);
	check(virtq_start(&queue, mem, (uint16_t)(1u << (flags >> 3 & 3)), 0, AVAIL, USED,
		  flags & 1, flags & 2) == 0);
	while (script.left > 0)
		step(mem, &queue, &script);
	virtq_stop(&queue);
	guest_mem_free(mem);
	return 0;
}
