/* SPDX-License-Identifier: GPL-2.0-only */
/* Network and socket devices with the kernel's part: what is asked of it, and what comes of it when
 * it refuses; and a network device on a real tap, where there is one to be had. */
#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <sched.h>
#include <sys/socket.h>

#include "tests/unit/kernel_test.h"
#include "tests/unit/virtio_test.h"
#include "vmm/devices/net_spec.h"
#include "vmm/devices/virtio_net.h"
#include "vmm/devices/virtio_vsock.h"

#define BIT(feature) (1ull << (feature))
#define TX 1

struct fixture {
	struct test_machine machine;
	struct test_kernel kernel;
	struct virtio *virtio;
	struct virtio_pci *pci;
	int wire;
	int tap;
	uint16_t packets;
};

static struct fixture *fixture_create(void)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));

	machine_init(&fixture->machine);
	kernel_init(&fixture->kernel);
	fixture->wire = -1;
	return fixture;
}

static struct virtio_net_config net_config(struct fixture *fixture)
{
	struct virtio_net_config config = { .id = "lan",
		.mem = fixture->machine.mem,
		.loop = fixture->machine.loop,
		.mac = { { 0x52, 0x54, 0, 1, 2, 3 } },
		.pairs = 1,
		.link_up = true,
		.ioctls = &fixture->kernel.ioctls };
	int ends[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
	config.taps[0] = ends[0];
	config.vhosts[0] = open("/dev/null", O_RDWR | O_CLOEXEC);
	fixture->tap = ends[0];
	fixture->wire = ends[1];
	return config;
}

static void plug(struct fixture *fixture)
{
	struct virtio_pci_host host = { fixture->machine.bus, &fixture->machine.sink.sink, NULL };

	assert_int_equal(virtio_pci_create(&host, fixture->virtio, 1, &fixture->pci), 0);
}

static void fixture_free(struct fixture *fixture)
{
	struct device *device = fixture->pci ? virtio_pci_device(fixture->pci) : NULL;

	if (device)
		device->ops->free(device);
	if (fixture->wire >= 0)
		close(fixture->wire);
	machine_done(&fixture->machine);
	free(fixture);
}

static struct fixture *with_net(void)
{
	struct fixture *fixture = fixture_create();
	struct virtio_net_config config = net_config(fixture);

	assert_int_equal(virtio_net_create(&config, &fixture->virtio), 0);
	plug(fixture);
	return fixture;
}

/* Whether a packet of the guest's comes out at the wire by this process. */
static bool moves_here(struct fixture *fixture)
{
	uint8_t packet[200];
	uint16_t head = fixture->packets % QUEUE_SIZE;

	fixture->packets++;
	put_desc(fixture->machine.mem, TX, head, BUFFERS, 112, 0, 0);
	offer_head(fixture->machine.mem, TX, head);
	drive_notify(&fixture->machine, TX);
	machine_turn(&fixture->machine);
	return recv(fixture->wire, packet, sizeof(packet), MSG_DONTWAIT) == 112;
}

static void test_net_is_served_by_the_kernel(void **state)
{
	struct fixture *fixture = with_net();
	struct test_kernel *kernel = &fixture->kernel;
	struct device *device = virtio_pci_device(fixture->pci);

	(void)state;
	assert_true(virtio_net_uses_vhost(fixture->virtio));
	assert_int_equal(kernel->rings, 0);
	drive(&fixture->machine, BIT(NET_F_MRG_RXBUF) | BIT(VIRTIO_F_EVENT_IDX), 3);
	assert_int_equal(kernel->rings, 2);
	assert_int_equal(kernel->memory, RAM_SIZE);
	assert_int_equal(kernel->backends[0], fixture->tap);
	assert_int_equal(kernel->backends[1], fixture->tap);
	assert_int_equal(kernel->set_features,
	    BIT(NET_F_MRG_RXBUF) | BIT(VIRTIO_F_EVENT_IDX) | BIT(VIRTIO_F_VERSION_1));
	assert_false(moves_here(fixture));
	/* Stopped and found again where the rings say. */
	assert_true(device->ops->pause(device));
	assert_int_equal(kernel->backends[0], -1);
	assert_int_equal(kernel->backends[1], -1);
	assert_int_equal(kernel->bases, 2);
	put_mem(fixture->machine.mem, ring_used(TX) + 2, 1, 2);
	device->ops->resume(device);
	assert_int_equal(kernel->backends[1], fixture->tap);
	/* No cable, no packets. */
	virtio_net_set_link(fixture->virtio, false);
	assert_int_equal(kernel->backends[0], -1);
	virtio_net_set_link(fixture->virtio, true);
	assert_int_equal(kernel->backends[0], fixture->tap);
	mmio_put(&fixture->machine, COMMON + 20, 1, 0);
	assert_int_equal(kernel->backends[0], -1);
	assert_int_equal(mmio_get(&fixture->machine, COMMON + 20, 1), 0);
	fixture_free(fixture);
}

/* Each call to the kernel fails once, at the start or later: then packets move here, or the device
 * needs a reset and works after it. Only the tap itself cannot be done without. */
static void test_net_when_the_kernel_refuses(void **state)
{
	bool failed = true;

	(void)state;
	for (unsigned int at = 1; failed; at++) {
		struct fixture *fixture = fixture_create();
		struct virtio_net_config config = net_config(fixture);
		struct device *device;
		int result;

		fixture->kernel.fail_at = at;
		result = virtio_net_create(&config, &fixture->virtio);
		if (result) {
			assert_int_equal(result, -EIO);
			fixture_free(fixture);
			continue;
		}
		plug(fixture);
		device = virtio_pci_device(fixture->pci);
		drive(&fixture->machine, 0, 3);
		if (fixture->kernel.backends[0] < 0)
			assert_true(moves_here(fixture));
		assert_true(device->ops->pause(device));
		device->ops->resume(device);
		virtio_net_set_link(fixture->virtio, false);
		virtio_net_set_link(fixture->virtio, true);
		failed = fixture->kernel.calls >= at;
		fixture->kernel.fail_at = 0;
		drive(&fixture->machine, 0, 3);
		fixture->packets = 0;
		assert_int_equal(moves_here(fixture), !virtio_net_uses_vhost(fixture->virtio));
		fixture_free(fixture);
	}
}

static void test_net_with_an_old_kernel(void **state)
{
	struct fixture *fixture = fixture_create();
	struct virtio_net_config config = net_config(fixture);

	(void)state;
	fixture->kernel.features = BIT(VIRTIO_F_VERSION_1);
	assert_int_equal(virtio_net_create(&config, &fixture->virtio), 0);
	plug(fixture);
	assert_false(virtio_net_uses_vhost(fixture->virtio));
	drive(&fixture->machine, 0, 3);
	assert_true(moves_here(fixture));
	fixture_free(fixture);
}

/* The kernel knows no limits. */
static void test_net_with_limits(void **state)
{
	const struct virtio_net_limit limit = { .average = 1000000 };
	struct fixture *fixture = fixture_create();
	struct virtio_net_config config = net_config(fixture);

	(void)state;
	config.in = limit;
	assert_int_equal(virtio_net_create(&config, &fixture->virtio), 0);
	plug(fixture);
	assert_false(virtio_net_uses_vhost(fixture->virtio));
	assert_int_equal(virtio_net_set_limits(fixture->virtio, &limit, &limit), 0);
	fixture_free(fixture);
	fixture = with_net();
	assert_int_equal(virtio_net_set_limits(fixture->virtio, &limit, &limit), -EOPNOTSUPP);
	fixture_free(fixture);
}

static void test_net_without_a_tap(void **state)
{
	struct fixture *fixture = fixture_create();
	struct virtio_net_config config = net_config(fixture);

	(void)state;
	close(config.taps[0]);
	config.taps[0] = -1;
	assert_int_equal(virtio_net_create(&config, &fixture->virtio), -EBADF);
	config = net_config(fixture);
	config.pairs = 0;
	close(config.taps[0]);
	close(config.vhosts[0]);
	assert_int_equal(virtio_net_create(&config, &fixture->virtio), -EINVAL);
	fixture_free(fixture);
}

/* What the tap takes is offered, and it gives what the guest takes. */
static void test_net_offloads(void **state)
{
	const uint64_t guest = BIT(NET_F_GUEST_CSUM) | BIT(NET_F_GUEST_TSO4) |
			       BIT(NET_F_GUEST_TSO6) | BIT(NET_F_GUEST_ECN) | BIT(NET_F_GUEST_UFO);
	const uint64_t host = BIT(NET_F_CSUM) | BIT(NET_F_HOST_TSO4) | BIT(NET_F_HOST_TSO6) |
			      BIT(NET_F_HOST_ECN) | BIT(NET_F_HOST_UFO);
	const uint64_t uso = BIT(NET_F_GUEST_USO4) | BIT(NET_F_GUEST_USO6) | BIT(NET_F_HOST_USO);
	struct fixture *fixture = fixture_create();
	struct virtio_net_config config = net_config(fixture);
	uint64_t value = BIT(NET_F_GUEST_CSUM);

	(void)state;
	fixture->kernel.is_tap = true;
	fixture->kernel.refused = 0x60; /* as kernels before 6.2 */
	assert_int_equal(virtio_net_create(&config, &fixture->virtio), 0);
	plug(fixture);
	assert_true((fixture->virtio->offered & (guest | host)) == (guest | host));
	assert_true((fixture->virtio->offered & uso) == 0);
	assert_int_equal(fixture->kernel.carrier, 1);
	drive(&fixture->machine,
	    BIT(NET_F_GUEST_CSUM) | BIT(NET_F_GUEST_TSO4) | BIT(NET_F_CTRL_VQ) |
		BIT(NET_F_CTRL_GUEST_OFFLOADS),
	    3);
	assert_int_equal(fixture->kernel.offloads, 3);
	/* Changed by a command: only what was negotiated. */
	put_mem(fixture->machine.mem, BUFFERS, NET_CTRL_GUEST_OFFLOADS, 2);
	put_mem(fixture->machine.mem, BUFFERS + 2, value, 8);
	put_desc(fixture->machine.mem, 2, 0, BUFFERS, 10, NEXT, 1);
	put_desc(fixture->machine.mem, 2, 1, BUFFERS + 16, 1, WRITE, 0);
	offer_head(fixture->machine.mem, 2, 0);
	drive_notify(&fixture->machine, 2);
	assert_int_equal(get_mem(fixture->machine.mem, BUFFERS + 16, 1), 0);
	assert_int_equal(fixture->kernel.offloads, 1);
	put_mem(fixture->machine.mem, BUFFERS + 2, BIT(NET_F_GUEST_UFO), 8);
	offer_head(fixture->machine.mem, 2, 0);
	drive_notify(&fixture->machine, 2);
	assert_int_equal(get_mem(fixture->machine.mem, BUFFERS + 16, 1), 1);
	virtio_net_set_link(fixture->virtio, false);
	assert_int_equal(fixture->kernel.carrier, 0);
	mmio_put(&fixture->machine, COMMON + 20, 1, 0);
	assert_int_equal(fixture->kernel.offloads, 0);
	fixture_free(fixture);
}

/* A tap of this machine in a network of its own, and what the guest sends seen on its interface. */
static void test_net_on_a_real_tap(void **state)
{
	struct fixture *fixture = fixture_create();
	struct virtio_net_config config = { .id = "lan",
		.mem = fixture->machine.mem,
		.loop = fixture->machine.loop,
		.pairs = 1,
		.vhosts = { -1 },
		.link_up = true };
	struct ifreq request = { .ifr_name = "berth-test",
		.ifr_flags = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR };
	struct sockaddr_ll all = { .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL) };
	uint8_t packet[2000] = { 0 };
	int watcher;

	(void)state;
	config.taps[0] = -1;
	if (!unshare(CLONE_NEWNET))
		config.taps[0] = open("/dev/net/tun", O_RDWR | O_CLOEXEC);
	if (config.taps[0] < 0 || ioctl(config.taps[0], TUNSETIFF, &request)) {
		close(config.taps[0]);
		fixture_free(fixture);
		skip();
	}
	watcher = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, htons(ETH_P_ALL));
	request.ifr_flags = IFF_UP;
	assert_int_equal(ioctl(watcher, SIOCSIFFLAGS, &request), 0);
	assert_int_equal(ioctl(watcher, SIOCGIFINDEX, &request), 0);
	all.sll_ifindex = request.ifr_ifindex;
	assert_int_equal(bind(watcher, (struct sockaddr *)&all, sizeof(all)), 0);
	assert_int_equal(virtio_net_create(&config, &fixture->virtio), 0);
	plug(fixture);
	assert_true(fixture->virtio->offered & BIT(NET_F_HOST_TSO4));
	drive(&fixture->machine, BIT(NET_F_CSUM) | BIT(NET_F_GUEST_CSUM) | BIT(NET_F_MRG_RXBUF), 3);
	put_mem(fixture->machine.mem, BUFFERS + 12 + 12, 0xb588, 2); /* a local experiment's type */
	put_desc(fixture->machine.mem, TX, 0, BUFFERS, 12 + 60, 0, 0);
	offer_head(fixture->machine.mem, TX, 0);
	drive_notify(&fixture->machine, TX);
	do
		assert_true(recv(watcher, packet, sizeof(packet), 0) > 0);
	while (packet[12] != 0x88 || packet[13] != 0xb5);
	/* And back. */
	put_desc(fixture->machine.mem, 0, 0, BUFFERS + 0x1000, 2000, WRITE, 0);
	offer_head(fixture->machine.mem, 0, 0);
	drive_notify(&fixture->machine, 0);
	packet[20] = 0x5a;
	assert_int_equal(send(watcher, packet, 60, 0), 60);
	for (int i = 0; i < 100 && !used_index(fixture->machine.mem, 0); i++)
		machine_turn(&fixture->machine);
	assert_int_equal(used_index(fixture->machine.mem, 0), 1);
	close(watcher);
	fixture_free(fixture);
}

static struct fixture *with_vsock(void)
{
	struct fixture *fixture = fixture_create();
	struct virtio_vsock_config config = { .id = "vsock",
		.mem = fixture->machine.mem,
		.loop = fixture->machine.loop,
		.vhost = open("/dev/null", O_RDWR | O_CLOEXEC),
		.cid = 0x1234567,
		.ioctls = &fixture->kernel.ioctls };

	assert_int_equal(virtio_vsock_create(&config, &fixture->virtio), 0);
	plug(fixture);
	return fixture;
}

static void test_vsock(void **state)
{
	struct fixture *fixture = with_vsock();
	struct device *device = virtio_pci_device(fixture->pci);

	(void)state;
	assert_int_equal(fixture->kernel.cid, 0x1234567);
	assert_int_equal(mmio_get(&fixture->machine, CONFIG, 4), 0x1234567);
	assert_int_equal(mmio_get(&fixture->machine, CONFIG + 4, 4), 0);
	drive(&fixture->machine, 0, 3);
	assert_int_equal(fixture->kernel.running, 1);
	assert_int_equal(fixture->kernel.rings, 2);
	assert_true(device->ops->pause(device));
	assert_int_equal(fixture->kernel.running, 0);
	device->ops->resume(device);
	assert_int_equal(fixture->kernel.running, 1);
	/* Events are of loads only. */
	put_desc(fixture->machine.mem, 2, 0, BUFFERS, 8, WRITE, 0);
	offer_head(fixture->machine.mem, 2, 0);
	drive_notify(&fixture->machine, 2);
	assert_int_equal(used_index(fixture->machine.mem, 2), 0);
	mmio_put(&fixture->machine, COMMON + 20, 1, 0);
	assert_int_equal(fixture->kernel.running, 0);
	fixture_free(fixture);
}

/* After a load the guest is told, as soon as it gives a buffer. */
static void test_vsock_state(void **state)
{
	struct fixture *fixture = with_vsock();
	struct fixture *other = with_vsock();
	struct device *device = virtio_pci_device(fixture->pci);
	struct device *loaded = virtio_pci_device(other->pci);
	struct buf saved;

	(void)state;
	drive(&fixture->machine, 0, 3);
	assert_true(device->ops->pause(device));
	test_save(device, &saved);
	loaded->ops->pause(loaded);
	assert_int_equal(test_load(loaded, &saved), 0);
	buf_done(&saved);
	loaded->ops->resume(loaded);
	assert_int_equal(other->kernel.running, 1);
	put_mem(other->machine.mem, BUFFERS, UINT64_MAX, 8);
	put_desc(other->machine.mem, 2, 0, BUFFERS, 8, WRITE, 0);
	offer_head(other->machine.mem, 2, 0);
	drive_notify(&other->machine, 2);
	assert_int_equal(used_index(other->machine.mem, 2), 1);
	assert_int_equal(used_length(other->machine.mem, 2, 0, 0), 4);
	assert_int_equal(get_mem(other->machine.mem, BUFFERS, 4), 0);
	test_cut_states(loaded);
	fixture_free(other);
	fixture_free(fixture);
}

static void test_vsock_when_the_kernel_refuses(void **state)
{
	bool failed = true;

	(void)state;
	for (unsigned int at = 1; failed; at++) {
		struct fixture *fixture = fixture_create();
		struct virtio_vsock_config config = { .id = "vsock",
			.mem = fixture->machine.mem,
			.loop = fixture->machine.loop,
			.vhost = open("/dev/null", O_RDWR | O_CLOEXEC),
			.cid = 3,
			.ioctls = &fixture->kernel.ioctls };

		fixture->kernel.fail_at = at;
		if (virtio_vsock_create(&config, &fixture->virtio)) {
			fixture_free(fixture);
			continue;
		}
		plug(fixture);
		assert_int_equal(drive_features(&fixture->machine, BIT(VIRTIO_F_VERSION_1)), 11);
		drive_vectors(&fixture->machine, 4);
		for (unsigned int i = 0; i < 3; i++)
			drive_queue(&fixture->machine, i);
		mmio_put(&fixture->machine, COMMON + 20, 1, 15);
		failed = fixture->kernel.calls >= at;
		assert_int_equal(
		    mmio_get(&fixture->machine, COMMON + 20, 1), failed ? 15 | 64 : 15);
		fixture->kernel.fail_at = 0;
		drive(&fixture->machine, 0, 3);
		assert_int_equal(fixture->kernel.running, 1);
		fixture_free(fixture);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_net_is_served_by_the_kernel),
		cmocka_unit_test(test_net_when_the_kernel_refuses),
		cmocka_unit_test(test_net_with_an_old_kernel),
		cmocka_unit_test(test_net_with_limits),
		cmocka_unit_test(test_net_without_a_tap),
		cmocka_unit_test(test_net_offloads),
		cmocka_unit_test(test_net_on_a_real_tap),
		cmocka_unit_test(test_vsock),
		cmocka_unit_test(test_vsock_state),
		cmocka_unit_test(test_vsock_when_the_kernel_refuses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
