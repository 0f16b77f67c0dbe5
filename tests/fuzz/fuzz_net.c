/* SPDX-License-Identifier: GPL-2.0-only */
/* The network device of two pairs on packet sockets: packets both ways, commands on its control
 * queue. What it lets out has a header that its offers allow. */
#include "tests/fuzz/rig.h"

#include <sys/socket.h>

#include "vmm/devices/net_spec.h"
#include "vmm/devices/virtio_net.h"

#define HEADER_SIZE 12
#define PAIRS 2

struct net {
	struct rig rig; /* first */
	int wires[PAIRS];
};

static uint8_t packet[HEADER_SIZE + 70000];

static void drain(struct net *net)
{
	for (unsigned int i = 0; i < PAIRS; i++) {
		ssize_t length;

		while ((length = recv(net->wires[i], packet, sizeof(packet), MSG_DONTWAIT)) > 0) {
			check(length >= HEADER_SIZE + 14);
			check(packet[0] == 0 || packet[0] == NET_NEEDS_CSUM);
			check(packet[1] == 0 || packet[0] == NET_NEEDS_CSUM);
		}
	}
}

static void offer(struct rig *rig, struct script *script, uint64_t shape)
{
	struct guest_mem *mem = rig->machine.mem;
	unsigned int queue = (unsigned int)(shape >> 2) % rig->virtio->queue_count;
	uint16_t head = (uint16_t)(2 * (shape >> 5));
	bool is_control = queue == 4;
	uint64_t first = script_take(script, 8);

	put_mem(mem, BUFFERS, first, 8);
	put_mem(mem, BUFFERS + 8, script_take(script, 4), 4);
	put_desc(mem, queue, head, BUFFERS, (uint32_t)script_take(script, 2),
	    is_control ? NEXT : (queue & 1 ? 0 : WRITE), (uint16_t)(head + 1));
	put_desc(mem, queue, head + 1, BUFFERS + 0x8000, 1, WRITE, 0);
	offer_head(mem, queue, head);
	rig_write(rig, NOTIFY + 4 * queue, 2, queue);
}

static void outside(struct rig *rig, struct script *script)
{
	struct net *net = (struct net *)rig;
	uint64_t what = script_take(script, 1);
	size_t length;

	switch (what & 3) {
	case 0:
		length = script_take(script, 2) % sizeof(packet);
		memset(packet, 0, sizeof(packet));
		if (send(net->wires[what >> 7], packet, length, MSG_DONTWAIT | MSG_NOSIGNAL) > 0)
			machine_turn(&rig->machine);
		break;
	case 1:
		virtio_net_set_link(rig->virtio, what & 4);
		break;
	case 2:
		virtio_net_announce(rig->virtio);
		break;
	default:
		offer(rig, script, what);
		break;
	}
	drain(net);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct script script = { data, size };
	struct net net = { .rig = { .outside = outside } };
	struct rig *rig = &net.rig;
	struct virtio_net_config config = {
		.id = "n", .pairs = PAIRS, .vhosts = { -1, -1 }, .link_up = true
	};
	uint64_t choice = script_take(&script, 1);

	machine_init(&rig->machine);
	config.mem = rig->machine.mem;
	config.loop = rig->machine.loop;
	config.in.average = choice & 1 ? 10000 : 0;
	config.out.average = choice & 2 ? 10000 : 0;
	for (unsigned int i = 0; i < PAIRS; i++) {
		int ends[2];

		check(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends) == 0);
		config.taps[i] = ends[0];
		net.wires[i] = ends[1];
	}
	check(virtio_net_create(&config, &rig->virtio) == 0);
	/* A socket offers none of these: as if it did. */
	rig->virtio->offered |= choice & 4 ? 1ull << NET_F_CSUM | 1ull << NET_F_HOST_TSO4 : 0;
	rig_plug(rig);
	rig_steps(rig, &script);
	drain(&net);
	rig->device->ops->free(rig->device);
	for (unsigned int i = 0; i < PAIRS; i++)
		close(net.wires[i]);
	machine_done(&rig->machine);
	return 0;
}
