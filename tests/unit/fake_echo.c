/* SPDX-License-Identifier: GPL-2.0-only */
#include "tests/unit/fake_echo.h"

static void echo_notify(struct virtio *virtio, unsigned int queue)
{
	struct echo *echo = (struct echo *)virtio;
	struct virtq *ring = &virtio->queues[queue].ring;
	struct virtq_chain chain;
	char bytes[64];
	int result;

	echo->notified++;
	while ((result = virtq_pop(ring, &chain)) == 1) {
		size_t length = virtq_chain_read(&chain, 0, bytes, sizeof(bytes));

		if (echo->holds) {
			echo->held = chain.head;
			echo->in_flight = true;
			return;
		}
		virtq_push(ring, chain.head, (uint32_t)virtq_chain_write(&chain, 0, bytes, length));
	}
	virtq_want_notify(ring, true);
	if (result < 0)
		virtio_break(virtio, "a bad chain");
	virtio_signal(virtio, queue);
}

static int echo_start(struct virtio *virtio)
{
	struct echo *echo = (struct echo *)virtio;

	echo->starts++;
	return echo->start_result;
}

static bool echo_stop(struct virtio *virtio)
{
	struct echo *echo = (struct echo *)virtio;

	echo->stops++;
	return !echo->in_flight;
}

static void echo_reset(struct virtio *virtio)
{
	((struct echo *)virtio)->resets++;
}

static bool echo_pause(struct virtio *virtio)
{
	return !((struct echo *)virtio)->in_flight;
}

static void echo_save(const struct virtio *virtio, struct state_writer *writer)
{
	const struct echo *echo = (const struct echo *)virtio;

	state_put_bytes(writer, "config", echo->config, sizeof(echo->config));
}

static void echo_load(struct virtio *virtio, struct state_reader *reader)
{
	struct echo *echo = (struct echo *)virtio;

	state_get_bytes(reader, "config", echo->config, sizeof(echo->config));
}

static void echo_free(struct virtio *virtio)
{
	virtio_done(virtio);
	free(virtio);
}

static void echo_config_write(
    struct virtio *virtio, uint32_t offset, const void *data, uint32_t length)
{
	struct echo *echo = (struct echo *)virtio;

	assert_true(offset + length <= sizeof(echo->config));
	memcpy(echo->config + offset, data, length);
}

const struct virtio_ops echo_ops = {
	.name = "echo",
	.kind = 42,
	.queue_size = 64,
	.config = offsetof(struct echo, config),
	.config_size = sizeof(((struct echo *)NULL)->config),
	.notify = echo_notify,
	.free = echo_free,
	.config_write = echo_config_write,
	.start = echo_start,
	.stop = echo_stop,
	.reset = echo_reset,
	.pause = echo_pause,
	.save = echo_save,
	.load = echo_load,
};

static int attach(void *context, uint64_t address, unsigned int length, int fd)
{
	struct fixture *fixture = context;

	assert_int_equal(length, 0);
	for (int i = 0; i < BELLS; i++)
		if (!fixture->bells[i]) {
			fixture->bells[i] = address;
			fixture->bell_fds[i] = fd;
			return 0;
		}
	return -ENOSPC;
}

static int detach(void *context, uint64_t address, unsigned int length, int fd)
{
	struct fixture *fixture = context;

	(void)length;
	for (int i = 0; i < BELLS; i++)
		if (fixture->bells[i] == address && fixture->bell_fds[i] == fd) {
			fixture->bells[i] = 0;
			return 0;
		}
	fail_msg("no doorbell at 0x%lx", address);
	return -ENOENT;
}

bool echo_ring_bell(struct fixture *fixture, uint64_t address)
{
	uint64_t one = 1;

	for (int i = 0; i < BELLS; i++)
		if (fixture->bells[i] == address)
			return write(fixture->bell_fds[i], &one, 8) == 8;
	return false;
}

int echo_create(struct fixture *fixture, struct echo **ret_echo, struct virtio_pci **ret_pci)
{
	struct virtio_pci_host host = { fixture->machine.bus, &fixture->machine.sink.sink,
		fixture->doorbell.attach ? &fixture->doorbell : NULL };
	struct echo *echo = calloc(1, sizeof(*echo));
	int result;

	if (!echo)
		return -ENOMEM;
	result = virtio_init(
	    &echo->virtio, &echo_ops, "first", 0x5, 2, fixture->machine.mem, fixture->machine.loop);
	if (result) {
		free(echo);
		return result;
	}
	result = virtio_pci_create(&host, &echo->virtio, -1, ret_pci);
	if (!result)
		*ret_echo = echo;
	return result;
}

int echo_set_up_without_bells(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));

	machine_init(&fixture->machine);
	assert_int_equal(echo_create(fixture, &fixture->echo, &fixture->pci), 0);
	*state = fixture;
	return 0;
}

int echo_set_up(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));

	machine_init(&fixture->machine);
	fixture->doorbell = (struct doorbell){ attach, detach, fixture };
	assert_int_equal(echo_create(fixture, &fixture->echo, &fixture->pci), 0);
	*state = fixture;
	return 0;
}

int echo_tear_down(void **state)
{
	struct fixture *fixture = *state;
	struct device *device = virtio_pci_device(fixture->pci);

	device->ops->free(device);
	for (int i = 0; i < BELLS; i++)
		assert_int_equal(fixture->bells[i], 0);
	machine_done(&fixture->machine);
	free(fixture);
	return 0;
}

void echo_offer(struct fixture *fixture, unsigned int queue, uint16_t head)
{
	struct guest_mem *mem = fixture->machine.mem;

	put_mem(mem, BUFFERS, 0x6f6c6c6568, 5);
	put_desc(mem, queue, head, BUFFERS, 5, NEXT, (head + 1) % QUEUE_SIZE);
	put_desc(mem, queue, (head + 1) % QUEUE_SIZE, BUFFERS + 0x100, 16, WRITE, 0);
	offer_head(mem, queue, head);
}
