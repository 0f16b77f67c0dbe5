/* SPDX-License-Identifier: GPL-2.0-only */
/* The device over virtio-pci with a packet socket in the place of the tap: what it sends and
 * receives itself, and its control queue. */
#include "vmm/devices/virtio_net.h"

#include <sys/socket.h>

#include "tests/unit/virtio_test.h"
#include "vmm/devices/net_spec.h"

#define BIT(feature) (1ull << (feature))
#define RX 0
#define TX 1
#define BUFFER(index) (BUFFERS + 0x1000ull * (index))
#define HEADER_SIZE 12

struct fixture {
	struct test_machine machine;
	struct virtio *virtio;
	struct virtio_pci *pci;
	unsigned int pairs;
	int wire[2]; /* the other ends of the taps */
};

static struct fixture *fixture_create(
    unsigned int pairs, const struct virtio_net_limit *in, const struct virtio_net_limit *out)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));
	struct virtio_pci_host host;
	struct virtio_net_config config = { .id = "lan",
		.mac = { { 0x52, 0x54, 0, 1, 2, 3 } },
		.pairs = pairs,
		.vhosts = { -1, -1 },
		.mtu = 1400,
		.link_up = true };

	machine_init(&fixture->machine);
	host = (struct virtio_pci_host){ fixture->machine.bus, &fixture->machine.sink.sink, NULL };
	fixture->pairs = pairs;
	for (unsigned int i = 0; i < pairs; i++) {
		int ends[2];

		assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
		config.taps[i] = ends[0];
		fixture->wire[i] = ends[1];
	}
	if (in)
		config.in = *in;
	if (out)
		config.out = *out;
	config.mem = fixture->machine.mem;
	config.loop = fixture->machine.loop;
	assert_int_equal(virtio_net_create(&config, &fixture->virtio), 0);
	assert_int_equal(virtio_pci_create(&host, fixture->virtio, 1, &fixture->pci), 0);
	return fixture;
}

static struct fixture *running(uint64_t features)
{
	struct fixture *fixture = fixture_create(1, NULL, NULL);

	drive(&fixture->machine, features, 3);
	return fixture;
}

static void fixture_free(struct fixture *fixture)
{
	struct device *device = virtio_pci_device(fixture->pci);

	device->ops->free(device);
	for (unsigned int i = 0; i < fixture->pairs; i++)
		close(fixture->wire[i]);
	machine_done(&fixture->machine);
	free(fixture);
}

/* Offer a buffer to receive into. */
static void offer_buffer(struct fixture *fixture, unsigned int head, uint32_t length)
{
	put_desc(fixture->machine.mem, RX, head, BUFFER(head), length, WRITE, 0);
	offer_head(fixture->machine.mem, RX, (uint16_t)head);
	drive_notify(&fixture->machine, RX);
}

/* Offer a packet of `length` bytes with its header, which is all zeros but for what the test puts.
 */
static void offer_packet(
    struct fixture *fixture, unsigned int queue, unsigned int head, uint32_t length, uint8_t fill)
{
	for (uint32_t i = 0; i < length; i += 8)
		put_mem(fixture->machine.mem, BUFFER(head) + HEADER_SIZE + i,
		    0x0101010101010101ull * fill, 8);
	put_desc(fixture->machine.mem, queue, head, BUFFER(head), HEADER_SIZE + length, 0, 0);
	offer_head(fixture->machine.mem, queue, (uint16_t)head);
	drive_notify(&fixture->machine, queue);
}

static void put_header(struct fixture *fixture, unsigned int head, uint8_t flags, uint8_t gso,
    uint16_t gso_size, uint16_t csum_start, uint16_t csum_offset)
{
	struct guest_mem *mem = fixture->machine.mem;

	put_mem(mem, BUFFER(head), flags, 1);
	put_mem(mem, BUFFER(head) + 1, gso, 1);
	put_mem(mem, BUFFER(head) + 2, 54, 2);
	put_mem(mem, BUFFER(head) + 4, gso_size, 2);
	put_mem(mem, BUFFER(head) + 6, csum_start, 2);
	put_mem(mem, BUFFER(head) + 8, csum_offset, 2);
	put_mem(mem, BUFFER(head) + 10, 0xffff, 2);
}

/* From the wire to the guest: a packet of `length` bytes after its header. */
static void arrive(struct fixture *fixture, size_t length, uint8_t fill)
{
	uint8_t packet[HEADER_SIZE + 4096] = { 0 };

	memset(packet + HEADER_SIZE, fill, length);
	assert_int_equal(send(fixture->wire[0], packet, HEADER_SIZE + length, MSG_DONTWAIT),
	    HEADER_SIZE + length);
}

/* On the wire: the length after the header of what was sent, or -1. */
static ssize_t sent(struct fixture *fixture, unsigned int pair, uint8_t *ret_packet)
{
	ssize_t length = recv(fixture->wire[pair], ret_packet, HEADER_SIZE + 65536, MSG_DONTWAIT);

	return length < 0 ? -1 : length - HEADER_SIZE;
}

static bool is_broken(const struct fixture *fixture)
{
	return fixture->virtio->status & VIRTIO_NEEDS_RESET;
}

static uint8_t wire_packet[HEADER_SIZE + 65536];

static void test_sends(void **state)
{
	struct fixture *fixture = running(0);
	struct guest_mem *mem = fixture->machine.mem;

	(void)state;
	offer_packet(fixture, TX, 0, 100, 0x5a);
	assert_int_equal(sent(fixture, 0, wire_packet), 100);
	assert_int_equal(wire_packet[HEADER_SIZE], 0x5a);
	assert_int_equal(wire_packet[HEADER_SIZE + 99], 0x5a);
	assert_int_equal(used_index(mem, TX), 1);
	assert_int_equal(used_length(mem, TX, 0, 0), 0);
	assert_int_equal(sink_taken(&fixture->machine.sink, 1 + TX), 1);
	/* The header apart, and cut anywhere. */
	put_desc(mem, TX, 2, BUFFER(0), 5, NEXT, 3);
	put_desc(mem, TX, 3, BUFFER(0) + 5, 8, NEXT, 4);
	put_desc(mem, TX, 4, BUFFER(0) + 13, 49, 0, 0);
	offer_head(mem, TX, 2);
	drive_notify(&fixture->machine, TX);
	assert_int_equal(sent(fixture, 0, wire_packet), 50);
	assert_int_equal(virtio_net_stats(fixture->virtio)->tx_packets, 2);
	assert_int_equal(virtio_net_stats(fixture->virtio)->tx_bytes, 150);
	fixture_free(fixture);
}

static void test_receives(void **state)
{
	struct fixture *fixture = running(0);
	struct guest_mem *mem = fixture->machine.mem;

	(void)state;
	offer_buffer(fixture, 0, 1526);
	arrive(fixture, 300, 0x77);
	machine_turn(&fixture->machine);
	assert_int_equal(used_index(mem, RX), 1);
	assert_int_equal(used_length(mem, RX, 0, 0), HEADER_SIZE + 300);
	assert_int_equal(get_mem(mem, BUFFER(0) + 10, 2), 1); /* num_buffers */
	assert_int_equal(get_mem(mem, BUFFER(0) + HEADER_SIZE + 299, 1), 0x77);
	assert_int_equal(sink_taken(&fixture->machine.sink, 1 + RX), 1);
	assert_int_equal(virtio_net_stats(fixture->virtio)->rx_bytes, 300);
	fixture_free(fixture);
}

/* MRG_RXBUF: a packet spreads over as many buffers as it needs, and is there as a whole or not. */
static void test_receives_into_several(void **state)
{
	struct fixture *fixture = running(BIT(NET_F_MRG_RXBUF));
	struct guest_mem *mem = fixture->machine.mem;

	(void)state;
	offer_buffer(fixture, 0, 112);
	offer_buffer(fixture, 1, 100);
	arrive(fixture, 250, 0x33);
	machine_turn(&fixture->machine);
	assert_int_equal(used_index(mem, RX), 0);
	offer_buffer(fixture, 2, 100);
	machine_turn(&fixture->machine);
	assert_int_equal(used_index(mem, RX), 3);
	assert_int_equal(used_length(mem, RX, 0, 0), 112);
	assert_int_equal(used_length(mem, RX, 1, 1), 100);
	assert_int_equal(used_length(mem, RX, 2, 2), 50);
	assert_int_equal(get_mem(mem, BUFFER(0) + 10, 2), 3);
	assert_int_equal(get_mem(mem, BUFFER(2) + 49, 1), 0x33);
	assert_int_equal(sink_taken(&fixture->machine.sink, 1 + RX), 1);
	fixture_free(fixture);
}

/* No buffer: packets wait, one here and the others in the tap, in order; none is lost. */
static void test_waits_for_buffers(void **state)
{
	struct fixture *fixture = running(0);
	struct guest_mem *mem = fixture->machine.mem;

	(void)state;
	for (uint8_t i = 1; i <= 3; i++)
		arrive(fixture, 60, i);
	machine_turn(&fixture->machine);
	for (unsigned int i = 0; i < 3; i++) {
		offer_buffer(fixture, i, 1526);
		machine_turn(&fixture->machine);
		assert_int_equal(used_index(mem, RX), i + 1);
		assert_int_equal(get_mem(mem, BUFFER(i) + HEADER_SIZE, 1), i + 1);
	}
	fixture_free(fixture);
}

static void test_drops_what_does_not_fit(void **state)
{
	struct fixture *fixture = running(0);
	struct guest_mem *mem = fixture->machine.mem;

	(void)state;
	offer_buffer(fixture, 0, 100);
	arrive(fixture, 89, 1);
	arrive(fixture, 88, 2);
	machine_turn(&fixture->machine);
	assert_int_equal(used_index(mem, RX), 1);
	assert_int_equal(get_mem(mem, BUFFER(0) + HEADER_SIZE, 1), 2);
	assert_int_equal(virtio_net_stats(fixture->virtio)->rx_drops, 1);
	/* Shorter than any Ethernet frame. */
	arrive(fixture, 13, 3);
	machine_turn(&fixture->machine);
	assert_int_equal(virtio_net_stats(fixture->virtio)->rx_drops, 2);
	fixture_free(fixture);
}

static void test_no_place_for_a_header(void **state)
{
	struct fixture *fixture = running(0);

	(void)state;
	offer_buffer(fixture, 0, 11);
	arrive(fixture, 60, 1);
	machine_turn(&fixture->machine);
	assert_true(is_broken(fixture));
	/* After a reset it works again, and what waited is gone. */
	drive(&fixture->machine, 0, 3);
	arrive(fixture, 61, 2);
	offer_buffer(fixture, 0, 1526);
	machine_turn(&fixture->machine);
	assert_int_equal(used_length(fixture->machine.mem, RX, 0, 0), HEADER_SIZE + 61);
	fixture_free(fixture);
}

/* Headers that the driver has not negotiated, or that point beyond the packet, reach no tap. */
static void test_headers_are_vetted(void **state)
{
	static const struct {
		uint64_t features;
		uint8_t flags, gso;
		uint16_t gso_size, start, offset;
		bool passes;
	} cases[] = {
		{ 0, 0, 0, 0, 0, 0, true },
		{ 0, 0, 0, 0, 0xffff, 0xffff, true }, /* nobody looks */
		{ 0, 1, 0, 0, 34, 6, false },
		{ BIT(NET_F_CSUM), 1, 0, 0, 34, 6, true },
		{ BIT(NET_F_CSUM), 1, 0, 0, 98, 0, true },
		{ BIT(NET_F_CSUM), 1, 0, 0, 99, 0, false },
		{ BIT(NET_F_CSUM), 1, 0, 0, 0xffff, 0xffff, false },
		{ BIT(NET_F_CSUM), 1, NET_GSO_TCPV4, 1000, 34, 16, false },
		{ BIT(NET_F_CSUM) | BIT(NET_F_HOST_TSO4), 1, NET_GSO_TCPV4, 1000, 34, 16, true },
		{ BIT(NET_F_CSUM) | BIT(NET_F_HOST_TSO4), 0, NET_GSO_TCPV4, 1000, 34, 16, false },
		{ BIT(NET_F_CSUM) | BIT(NET_F_HOST_TSO4), 1, NET_GSO_TCPV4, 0, 34, 16, false },
		{ BIT(NET_F_CSUM) | BIT(NET_F_HOST_TSO4), 1, NET_GSO_TCPV6, 1000, 34, 16, false },
		{ BIT(NET_F_CSUM) | BIT(NET_F_HOST_TSO4), 1, NET_GSO_TCPV4 | NET_GSO_ECN, 1000, 34,
		    16, false },
		{ BIT(NET_F_CSUM) | BIT(NET_F_HOST_TSO4), 1, 2, 1000, 34, 16, false },
		{ BIT(NET_F_CSUM) | BIT(NET_F_HOST_TSO4), 1, 0x7f, 1000, 34, 16, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct fixture *fixture = fixture_create(1, NULL, NULL);

		/* A socket offers none of these: as if it did. */
		fixture->virtio->offered |= cases[i].features;
		drive(&fixture->machine, cases[i].features, 3);
		put_header(fixture, 0, cases[i].flags, cases[i].gso, cases[i].gso_size,
		    cases[i].start, cases[i].offset);
		offer_packet(fixture, TX, 0, 100, 1);
		assert_int_equal(sent(fixture, 0, wire_packet), cases[i].passes ? 100 : -1);
		assert_int_equal(used_index(fixture->machine.mem, TX), 1);
		assert_int_equal(
		    virtio_net_stats(fixture->virtio)->tx_drops, cases[i].passes ? 0 : 1);
		assert_false(is_broken(fixture));
		/* num_buffers is no business of the sender. */
		if (cases[i].passes)
			assert_int_equal(wire_packet[10] | wire_packet[11], 0);
		fixture_free(fixture);
	}
}

static void test_lengths_are_vetted(void **state)
{
	struct fixture *fixture = running(0);
	struct guest_mem *mem = fixture->machine.mem;

	(void)state;
	offer_packet(fixture, TX, 0, 13, 1);
	put_desc(mem, TX, 1, BUFFER(0), 3, 0, 0); /* less than a header */
	offer_head(mem, TX, 1);
	put_desc(mem, TX, 2, BUFFER(0), 0x20000, 0, 0); /* more than any packet */
	offer_head(mem, TX, 2);
	put_desc(mem, TX, 3, BUFFER(0), 100, WRITE, 0); /* nothing to read */
	offer_head(mem, TX, 3);
	drive_notify(&fixture->machine, TX);
	assert_int_equal(sent(fixture, 0, wire_packet), -1);
	assert_int_equal(used_index(mem, TX), 4);
	assert_int_equal(virtio_net_stats(fixture->virtio)->tx_drops, 4);
	offer_packet(fixture, TX, 4, 14, 1);
	assert_int_equal(sent(fixture, 0, wire_packet), 14);
	assert_false(is_broken(fixture));
	fixture_free(fixture);
}

static void test_broken_chains(void **state)
{
	struct fixture *fixture = running(0);

	(void)state;
	put_desc(fixture->machine.mem, TX, 0, 1ull << 40, 100, 0, 0);
	offer_head(fixture->machine.mem, TX, 0);
	drive_notify(&fixture->machine, TX);
	assert_true(is_broken(fixture));
	drive(&fixture->machine, 0, 3);
	put_desc(fixture->machine.mem, RX, 0, BUFFER(0), 100, WRITE | NEXT, 0);
	offer_head(fixture->machine.mem, RX, 0);
	drive_notify(&fixture->machine, RX);
	arrive(fixture, 60, 1);
	machine_turn(&fixture->machine);
	assert_true(is_broken(fixture));
	fixture_free(fixture);
}

/* The tap takes no more: the packet stays in the ring and goes when there is room. */
static void test_waits_for_the_tap(void **state)
{
	struct fixture *fixture = running(0);
	struct guest_mem *mem = fixture->machine.mem;
	unsigned int count = 0;
	unsigned int received = 0;

	(void)state;
	while (count < 5000) {
		offer_packet(fixture, TX, count % QUEUE_SIZE, 1000, (uint8_t)count);
		count++;
		if (used_index(mem, TX) != (uint16_t)count)
			break;
	}
	assert_true(count < 5000);
	while (received < count) {
		if (sent(fixture, 0, wire_packet) < 0) {
			machine_turn(&fixture->machine);
			assert_int_equal(used_index(mem, TX), count);
			continue;
		}
		assert_int_equal(wire_packet[HEADER_SIZE], (uint8_t)received);
		received++;
	}
	assert_int_equal(virtio_net_stats(fixture->virtio)->tx_packets, count);
	assert_int_equal(virtio_net_stats(fixture->virtio)->tx_drops, 0);
	fixture_free(fixture);
}

static void test_link(void **state)
{
	struct fixture *fixture = running(BIT(NET_F_STATUS));
	struct guest_mem *mem = fixture->machine.mem;

	(void)state;
	assert_int_equal(mmio_get(&fixture->machine, CONFIG + 6, 2), 1);
	virtio_net_set_link(fixture->virtio, false);
	virtio_net_set_link(fixture->virtio, false);
	assert_int_equal(sink_taken(&fixture->machine.sink, 0), 1);
	assert_int_equal(mmio_get(&fixture->machine, CONFIG + 6, 2), 0);
	offer_buffer(fixture, 0, 1526);
	arrive(fixture, 60, 1);
	machine_turn(&fixture->machine);
	offer_packet(fixture, TX, 0, 60, 1);
	assert_int_equal(used_index(mem, RX), 0);
	assert_int_equal(used_index(mem, TX), 1);
	assert_int_equal(sent(fixture, 0, wire_packet), -1);
	virtio_net_set_link(fixture->virtio, true);
	arrive(fixture, 61, 1);
	machine_turn(&fixture->machine);
	assert_int_equal(used_length(mem, RX, 0, 0), HEADER_SIZE + 61);
	assert_int_equal(virtio_net_stats(fixture->virtio)->rx_drops, 1);
	fixture_free(fixture);
}

/* 1000 bytes a second, a burst of 1000: one packet at once, the next in its time. */
static void test_limits(void **state)
{
	const struct virtio_net_limit limit = { .average = 1000, .burst = 1000 };
	const struct virtio_net_limit none = { 0 };
	struct fixture *fixture = fixture_create(1, &limit, &limit);
	struct guest_mem *mem = fixture->machine.mem;

	(void)state;
	drive(&fixture->machine, 0, 3);
	offer_packet(fixture, TX, 0, 1500, 1);
	offer_packet(fixture, TX, 1, 1500, 1);
	machine_turn(&fixture->machine);
	assert_int_equal(used_index(mem, TX), 1);
	/* 500 are owed. */
	fixture->machine.now += 480000000;
	machine_turn(&fixture->machine);
	assert_int_equal(used_index(mem, TX), 1);
	fixture->machine.now += 20000000;
	machine_turn(&fixture->machine);
	assert_int_equal(used_index(mem, TX), 2);
	for (unsigned int i = 0; i < 3; i++) {
		offer_buffer(fixture, i, 4000);
		arrive(fixture, 1500, 1);
	}
	machine_turn(&fixture->machine);
	assert_int_equal(used_index(mem, RX), 1);
	fixture->machine.now += 600000000;
	machine_turn(&fixture->machine);
	assert_int_equal(used_index(mem, RX), 2);
	/* Without a limit at once. */
	assert_int_equal(virtio_net_set_limits(fixture->virtio, &none, &none), 0);
	machine_turn(&fixture->machine);
	assert_int_equal(used_index(mem, RX), 3);
	fixture_free(fixture);
}

/* Ten packets a second with a burst of one, whatever their size. */
static void test_packet_limits(void **state)
{
	const struct virtio_net_limit limit = { .packets = 10 };
	struct fixture *fixture = fixture_create(1, &limit, &limit);
	struct guest_mem *mem = fixture->machine.mem;

	(void)state;
	drive(&fixture->machine, 0, 3);
	for (unsigned int i = 0; i < 3; i++) {
		offer_packet(fixture, TX, i, i ? 60 : 1500, 1);
		offer_buffer(fixture, i, 4000);
		arrive(fixture, i ? 60 : 1500, 1);
	}
	machine_turn(&fixture->machine);
	assert_int_equal(used_index(mem, TX), 1);
	assert_int_equal(used_index(mem, RX), 1);
	fixture->machine.now += 60000000;
	machine_turn(&fixture->machine);
	assert_int_equal(used_index(mem, TX), 1);
	fixture->machine.now += 30000000;
	machine_turn(&fixture->machine);
	assert_int_equal(used_index(mem, TX), 2);
	assert_int_equal(used_index(mem, RX), 2);
	fixture->machine.now += 100000000;
	machine_turn(&fixture->machine);
	assert_int_equal(used_index(mem, TX), 3);
	assert_int_equal(used_index(mem, RX), 3);
	fixture_free(fixture);
}

/* A command of `length` bytes on control queue `queue`; what was answered. */
static uint8_t command(struct fixture *fixture, unsigned int queue, uint8_t class, uint8_t which,
    const void *data, size_t length)
{
	struct guest_mem *mem = fixture->machine.mem;

	put_mem(mem, BUFFER(8), class, 1);
	put_mem(mem, BUFFER(8) + 1, which, 1);
	assert_int_equal(length ? guest_mem_write(mem, BUFFER(8) + 2, data, length) : 0, 0);
	put_mem(mem, BUFFER(9), 0xee, 1);
	put_desc(mem, queue, 0, BUFFER(8), (uint32_t)length + 2, NEXT, 1);
	put_desc(mem, queue, 1, BUFFER(9), 1, WRITE, 0);
	offer_head(mem, queue, 0);
	drive_notify(&fixture->machine, queue);
	assert_int_equal(sink_taken(&fixture->machine.sink, queue + 1), 1);
	return (uint8_t)get_mem(mem, BUFFER(9), 1);
}

static void test_control(void **state)
{
	static const uint8_t mac[] = { 0x52, 0x54, 0, 9, 9, 9 };
	static const uint8_t multicast[] = { 1, 0, 0x5e, 0, 0, 1 };
	static const uint8_t table[] = { 1, 0, 0, 0, 2, 0, 0, 0, 0, 1, 0, 0, 0, 0 };
	static const uint8_t long_table[] = { 0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0, 0, 1, 0, 0, 0,
		0 };
	const uint64_t features = BIT(NET_F_CTRL_VQ) | BIT(NET_F_CTRL_RX) |
				  BIT(NET_F_CTRL_RX_EXTRA) | BIT(NET_F_CTRL_VLAN) |
				  BIT(NET_F_CTRL_MAC_ADDR);
	struct fixture *fixture = running(features);

	(void)state;
	for (uint8_t mode = 0; mode < 6; mode++)
		assert_int_equal(command(fixture, 2, NET_CTRL_RX, mode, "\1", 1), 0);
	assert_int_equal(command(fixture, 2, NET_CTRL_RX, 6, "\1", 1), 1);
	assert_int_equal(command(fixture, 2, NET_CTRL_RX, 0, "", 0), 1);
	assert_int_equal(command(fixture, 2, NET_CTRL_VLAN, NET_VLAN_ADD, "\5\0", 2), 0);
	assert_int_equal(command(fixture, 2, NET_CTRL_VLAN, NET_VLAN_DEL, "\5\0", 2), 0);
	assert_int_equal(command(fixture, 2, NET_CTRL_VLAN, NET_VLAN_ADD, "\0\x10", 2), 1);
	assert_int_equal(command(fixture, 2, NET_CTRL_MAC, NET_MAC_TABLE_SET, table, 14), 0);
	assert_int_equal(command(fixture, 2, NET_CTRL_MAC, NET_MAC_TABLE_SET, table, 13), 1);
	assert_int_equal(command(fixture, 2, NET_CTRL_MAC, NET_MAC_TABLE_SET, long_table, 14), 1);
	assert_int_equal(command(fixture, 2, NET_CTRL_MAC, NET_MAC_ADDR_SET, multicast, 6), 1);
	assert_int_equal(command(fixture, 2, NET_CTRL_MAC, NET_MAC_ADDR_SET, mac, 6), 0);
	assert_int_equal(mmio_get(&fixture->machine, CONFIG + 5, 1), 9);
	/* Not negotiated, or never heard of. */
	assert_int_equal(command(fixture, 2, NET_CTRL_MQ, 0, "\1\0", 2), 1);
	assert_int_equal(command(fixture, 2, NET_CTRL_ANNOUNCE, 0, "", 0), 1);
	assert_int_equal(command(fixture, 2, NET_CTRL_GUEST_OFFLOADS, 0, "\0\0\0\0\0\0\0", 8), 1);
	assert_int_equal(command(fixture, 2, 77, 0, "", 0), 1);
	assert_false(is_broken(fixture));
	/* A reset brings the own address back. */
	mmio_put(&fixture->machine, COMMON + 20, 1, 0);
	assert_int_equal(mmio_get(&fixture->machine, CONFIG + 5, 1), 3);
	assert_int_equal(mmio_get(&fixture->machine, CONFIG + 10, 2), 1400);
	fixture_free(fixture);
}

static void test_control_without_an_answer(void **state)
{
	struct fixture *fixture = running(BIT(NET_F_CTRL_VQ));

	(void)state;
	put_desc(fixture->machine.mem, 2, 0, BUFFER(8), 2, 0, 0);
	offer_head(fixture->machine.mem, 2, 0);
	drive_notify(&fixture->machine, 2);
	assert_true(is_broken(fixture));
	fixture_free(fixture);
}

static void test_two_pairs(void **state)
{
	const uint64_t features = BIT(NET_F_CTRL_VQ) | BIT(NET_F_MQ);
	struct fixture *fixture = fixture_create(2, NULL, NULL);

	(void)state;
	assert_int_equal(mmio_get(&fixture->machine, CONFIG + 8, 2), 2);
	drive(&fixture->machine, features, 5);
	/* Only the first runs until the driver says so. */
	offer_packet(fixture, 3, 0, 100, 1);
	machine_turn(&fixture->machine);
	assert_int_equal(sent(fixture, 1, wire_packet), -1);
	assert_int_equal(command(fixture, 4, NET_CTRL_MQ, 0, "\0\0", 2), 1);
	assert_int_equal(command(fixture, 4, NET_CTRL_MQ, 0, "\3\0", 2), 1);
	assert_int_equal(command(fixture, 4, NET_CTRL_MQ, 0, "\2\0", 2), 0);
	drive_notify(&fixture->machine, 3);
	assert_int_equal(sent(fixture, 1, wire_packet), 100);
	assert_int_equal(command(fixture, 4, NET_CTRL_MQ, 0, "\1\0", 2), 0);
	offer_packet(fixture, 3, 1, 100, 1);
	assert_int_equal(sent(fixture, 1, wire_packet), -1);
	/* Without MQ the third queue controls. */
	drive(&fixture->machine, BIT(NET_F_CTRL_VQ) | BIT(NET_F_CTRL_RX), 3);
	assert_int_equal(command(fixture, 2, NET_CTRL_RX, 0, "\1", 1), 0);
	fixture_free(fixture);
}

static void test_announces(void **state)
{
	struct fixture *fixture = running(
	    BIT(NET_F_CTRL_VQ) | BIT(NET_F_GUEST_ANNOUNCE) | BIT(NET_F_STATUS));

	(void)state;
	virtio_net_announce(fixture->virtio);
	assert_int_equal(sink_taken(&fixture->machine.sink, 0), 1);
	assert_int_equal(mmio_get(&fixture->machine, CONFIG + 6, 2), 3);
	assert_int_equal(command(fixture, 2, NET_CTRL_ANNOUNCE, NET_ANNOUNCE_ACK, "", 0), 0);
	assert_int_equal(mmio_get(&fixture->machine, CONFIG + 6, 2), 1);
	fixture_free(fixture);
}

static void test_pause(void **state)
{
	struct fixture *fixture = running(0);
	struct device *device = virtio_pci_device(fixture->pci);
	struct guest_mem *mem = fixture->machine.mem;

	(void)state;
	offer_buffer(fixture, 0, 1526);
	assert_true(device->ops->pause(device));
	arrive(fixture, 60, 1);
	offer_packet(fixture, TX, 0, 60, 1);
	machine_turn(&fixture->machine);
	assert_int_equal(used_index(mem, RX), 0);
	assert_int_equal(used_index(mem, TX), 0);
	device->ops->resume(device);
	machine_turn(&fixture->machine);
	assert_int_equal(used_index(mem, RX), 1);
	assert_int_equal(used_index(mem, TX), 1);
	fixture_free(fixture);
}

static void test_state(void **state)
{
	const uint64_t features = BIT(NET_F_CTRL_VQ) | BIT(NET_F_MQ) | BIT(NET_F_CTRL_MAC_ADDR);
	static const uint8_t mac[] = { 0x52, 0x54, 0, 9, 9, 9 };
	struct fixture *fixture = fixture_create(2, NULL, NULL);
	struct fixture *other = fixture_create(2, NULL, NULL);
	struct device *device = virtio_pci_device(fixture->pci);
	struct device *loaded = virtio_pci_device(other->pci);

	(void)state;
	drive(&fixture->machine, features, 5);
	assert_int_equal(command(fixture, 4, NET_CTRL_MQ, 0, "\2\0", 2), 0);
	assert_int_equal(command(fixture, 4, NET_CTRL_MAC, NET_MAC_ADDR_SET, mac, 6), 0);
	assert_true(device->ops->pause(device));
	loaded->ops->pause(loaded);
	test_round_trip(device, loaded);
	loaded->ops->resume(loaded);
	assert_int_equal(mmio_get(&other->machine, CONFIG + 5, 1), 9);
	/* The second pair goes on running there. */
	offer_packet(other, 3, 0, 100, 1);
	machine_turn(&other->machine);
	assert_int_equal(sent(other, 1, wire_packet), 100);
	test_cut_states(loaded);
	fixture_free(other);
	fixture_free(fixture);
}

/* Descriptors, rings and notifications at random: nothing but a need for a reset may come of it. */
static void test_noise(void **state)
{
	struct fixture *fixture = fixture_create(2, NULL, NULL);
	struct guest_mem *mem = fixture->machine.mem;
	uint32_t seed = 0x2545f491;

	(void)state;
	for (int round = 0; round < 300; round++) {
		uint32_t choice = test_random(&seed);

		drive(&fixture->machine,
		    choice & 1 ? BIT(NET_F_MRG_RXBUF) | BIT(NET_F_CTRL_VQ) | BIT(NET_F_MQ) : 0, 5);
		for (int i = 0; i < 40; i++) {
			unsigned int queue = test_random(&seed) % 5;
			uint64_t at = BUFFERS + test_random(&seed) % 0x10000;

			if (test_random(&seed) % 16 == 0)
				at = (uint64_t)test_random(&seed) << 20;
			put_desc(mem, queue, test_random(&seed) % QUEUE_SIZE, at,
			    test_random(&seed) % 3000, (uint16_t)(test_random(&seed) % 4),
			    (uint16_t)(test_random(&seed) % (QUEUE_SIZE + 1)));
			put_mem(mem, BUFFERS + test_random(&seed) % 0x10000, test_random(&seed), 4);
			offer_head(mem, queue, (uint16_t)(test_random(&seed) % QUEUE_SIZE));
			/* Which may be full. */
			send(fixture->wire[0], wire_packet, test_random(&seed) % 4000,
			    MSG_DONTWAIT | MSG_NOSIGNAL);
			drive_notify(&fixture->machine, queue);
			machine_turn(&fixture->machine);
			while (sent(fixture, queue % 2, wire_packet) >= 0)
				;
		}
	}
	drive(&fixture->machine, 0, 3);
	offer_packet(fixture, TX, 0, 100, 1);
	assert_int_equal(sent(fixture, 0, wire_packet), 100);
	fixture_free(fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sends),
		cmocka_unit_test(test_receives),
		cmocka_unit_test(test_receives_into_several),
		cmocka_unit_test(test_waits_for_buffers),
		cmocka_unit_test(test_drops_what_does_not_fit),
		cmocka_unit_test(test_no_place_for_a_header),
		cmocka_unit_test(test_headers_are_vetted),
		cmocka_unit_test(test_lengths_are_vetted),
		cmocka_unit_test(test_broken_chains),
		cmocka_unit_test(test_waits_for_the_tap),
		cmocka_unit_test(test_link),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_packet_limits),
		cmocka_unit_test(test_control),
		cmocka_unit_test(test_control_without_an_answer),
		cmocka_unit_test(test_two_pairs),
		cmocka_unit_test(test_announces),
		cmocka_unit_test(test_pause),
		cmocka_unit_test(test_state),
		cmocka_unit_test(test_noise),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
