/* SPDX-License-Identifier: GPL-2.0-only */
/* The small virtio devices: console, entropy source, balloon. */
#include "tests/fuzz/rig.h"

#include <fcntl.h>
#include <sys/socket.h>

#include "vmm/backend/chardev.h"
#include "vmm/devices/virtio_balloon.h"
#include "vmm/devices/virtio_console.h"
#include "vmm/devices/virtio_rng.h"

struct small {
	struct rig rig; /* first */
	struct chardev *chardev;
	unsigned int kind;
	int terminal;
};

static void outside(struct rig *rig, struct script *script)
{
	struct small *small = (struct small *)rig;
	char bytes[64] = { 0 };

	if (send(small->terminal, bytes, sizeof(bytes), MSG_DONTWAIT) > 0)
		machine_turn(&rig->machine);
	while (recv(small->terminal, bytes, sizeof(bytes), MSG_DONTWAIT) > 0)
		continue;
	if (small->kind == 2)
		virtio_balloon_set_target(rig->virtio, script_take(script, 3));
}

static void build(struct small *small, unsigned int kind)
{
	struct rig *rig = &small->rig;
	struct test_machine *machine = &rig->machine;
	int pair[2];
	int result;

	small->kind = kind;
	rig->outside = outside;
	machine_init(machine);
	check(chardev_create(machine->loop, -1, 0, &small->chardev) == 0);
	check(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
	check(chardev_attach(small->chardev, pair[0], 0) == 0);
	small->terminal = pair[1];
	if (kind == 0)
		result = virtio_console_create(&(struct virtio_console_config){ "c", machine->mem,
						   machine->loop, small->chardev },
		    &rig->virtio);
	else if (kind == 1)
		result = virtio_rng_create(&(struct virtio_rng_config){ "r", machine->mem,
					       machine->loop, open("/dev/zero", O_RDONLY), 0 },
		    &rig->virtio);
	else
		result = virtio_balloon_create(
		    &(struct virtio_balloon_config){ "b", machine->mem, machine->loop, 1 },
		    &rig->virtio);
	check(result == 0);
	rig_plug(rig);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct script script = { data, size };
	struct small small = { 0 };

	build(&small, script_take(&script, 1) % 3);
	rig_steps(&small.rig, &script);
	small.rig.device->ops->free(small.rig.device);
	chardev_free(small.chardev);
	close(small.terminal);
	machine_done(&small.rig.machine);
	return 0;
}
