/* SPDX-License-Identifier: GPL-2.0-only */
/* The block device on a file of its own, with requests that are right but for what the input
 * says. */
#include "tests/fuzz/rig.h"

#include <sys/mman.h>
#include <sys/stat.h>

#include "vmm/backend/blk_raw.h"
#include "vmm/devices/virtio_blk.h"

#define SECTORS 64
#define STATUS (BUFFERS + 0xfff0)

/* The guest cannot make the file longer. */
static int disk = -1;

static void offer_request(struct rig *rig, struct script *script)
{
	struct guest_mem *mem = rig->machine.mem;
	uint64_t shape = script_take(script, 1);
	uint16_t head = (uint16_t)(3 * (shape & 3));
	uint64_t sector = script_take(script, shape & 0x20 ? 8 : 1);
	uint16_t direction = shape & 4 ? WRITE : 0;

	put_mem(mem, BUFFERS, script_take(script, 1) & 15, 8);
	put_mem(mem, BUFFERS + 8, sector, 8);
	put_desc(mem, 0, head, BUFFERS, 16, NEXT, (uint16_t)(head + 1));
	put_desc(mem, 0, head + 1, BUFFERS + 16 * script_take(script, 1),
	    (uint32_t)(512 * script_take(script, 1) + (shape & 0x40 ? 16 : 0)), NEXT | direction,
	    (uint16_t)(head + 2));
	put_desc(mem, 0, head + 2, STATUS, 1, WRITE, 0);
	offer_head(mem, 0, head);
	rig_write(rig, NOTIFY, 2, 0);
}

static void outside(struct rig *rig, struct script *script)
{
	static const off_t sizes[] = { SECTORS * 512, 0, 5000, SECTORS * 512 };
	uint64_t what = script_take(script, 1);

	if (what & 0xc0) {
		offer_request(rig, script);
	} else {
		check(ftruncate(disk, sizes[what & 3]) == 0);
		virtio_blk_resized(rig->virtio);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct script script = { data, size };
	struct rig rig = { .outside = outside };
	struct blk_raw_options options = { .synchronous = true, .discard = true };
	struct virtio_blk_config config = { .id = "d", .serial = "S", .queues = 2 };
	uint64_t choice = script_take(&script, 1);
	struct stat file;

	if (disk < 0)
		disk = memfd_create("disk", MFD_CLOEXEC);
	check(ftruncate(disk, SECTORS * 512) == 0);
	machine_init(&rig.machine);
	options.read_only = choice & 1;
	config.write_through = choice & 2;
	config.limits.reads = choice & 4 ? 100 : 0;
	config.mem = rig.machine.mem;
	config.loop = rig.machine.loop;
	check(blk_raw_create(rig.machine.loop, dup(disk), &options, &config.blk) == 0);
	check(virtio_blk_create(&config, &rig.virtio) == 0);
	rig_plug(&rig);
	rig_steps(&rig, &script);
	machine_turn(&rig.machine);
	rig.device->ops->free(rig.device);
	machine_done(&rig.machine);
	check(fstat(disk, &file) == 0 && file.st_size <= SECTORS * 512);
	return 0;
}
