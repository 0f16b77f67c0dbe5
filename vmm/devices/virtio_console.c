/* SPDX-License-Identifier: GPL-2.0-only */
#include "vmm/devices/virtio_console.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>

#include "vmm/backend/chardev.h"

#define QUEUE_SIZE 64
#define RECEIVE 0
#define TRANSMIT 1
#define F_SIZE 0 /* 5.3.3 */
#define F_EMERGENCY_WRITE 2
/* Of one chain: more is not what a console is for, and would hold the machine up. */
#define OUTPUT_MAX CHARDEV_RING

struct console_config { /* 5.3.4, little-endian as the machine is */
	uint16_t columns;
	uint16_t rows;
	uint32_t ports;
	uint32_t emergency_write;
};

struct console {
	struct virtio virtio; /* first */
	struct chardev *chardev;
	struct console_config config;
};

static void transmit(struct console *console)
{
	struct virtq *ring = &console->virtio.queues[TRANSMIT].ring;
	struct virtq_chain chain;
	unsigned int count = 0;
	int result = 0;

	virtq_want_notify(ring, false);
	do {
		while (count < QUEUE_SIZE && (result = virtq_pop(ring, &chain)) == 1) {
			uint64_t left = OUTPUT_MAX;

			for (unsigned int i = 0; i < chain.readable && left > 0; i++) {
				size_t length = chain.iov[i].iov_len;

				length = length < left ? length : (size_t)left;
				chardev_output(console->chardev, chain.iov[i].iov_base, length);
				left -= length;
			}
			virtq_push(ring, chain.head, 0);
			count++;
		}
	} while (result == 0 && count < QUEUE_SIZE && virtq_want_notify(ring, true));
	virtio_signal(&console->virtio, TRANSMIT);
	if (result < 0)
		virtio_break(&console->virtio, "a chain of the transmit queue is malformed");
	else if (count == QUEUE_SIZE)
		virtio_again(&console->virtio, TRANSMIT);
}

/* Into buffers of the receive queue; where there are none left the driver is to say when there are.
 */
static size_t console_input(void *context, const uint8_t *data, size_t length)
{
	struct console *console = context;
	struct virtq *ring = &console->virtio.queues[RECEIVE].ring;
	struct virtq_chain chain;
	size_t taken = 0;

	if (!virtio_is_live(&console->virtio))
		return 0;
	while (taken < length) {
		int result = virtq_pop(ring, &chain);
		size_t part;

		if (result == 0 && virtq_want_notify(ring, true))
			continue;
		if (result == 0)
			break;
		if (result < 0 || chain.writable_bytes == 0) {
			virtio_break(&console->virtio, "a chain of the receive queue is malformed");
			break;
		}
		part = virtq_chain_write(&chain, 0, data + taken, length - taken);
		virtq_push(ring, chain.head, (uint32_t)part);
		taken += part;
	}
	virtio_signal(&console->virtio, RECEIVE);
	return taken;
}

static void console_notify(struct virtio *virtio, unsigned int queue)
{
	struct console *console = (struct console *)virtio;

	if (queue == TRANSMIT)
		transmit(console);
	else
		chardev_want_input(console->chardev);
}

/* A byte without any queue, from a kernel that is not far enough, or too far gone, for one. */
static void console_config_write(
    struct virtio *virtio, uint32_t offset, const void *data, uint32_t length)
{
	struct console *console = (struct console *)virtio;

	if (offset == offsetof(struct console_config, emergency_write) && length > 0)
		chardev_output(console->chardev, data, 1);
}

/* The guest may end here: its last words are not to wait for a timer. */
static bool console_pause(struct virtio *virtio)
{
	chardev_flush(((struct console *)virtio)->chardev);
	return true;
}

static void console_save(const struct virtio *virtio, struct state_writer *writer)
{
	const struct console *console = (const struct console *)virtio;

	state_put(writer, "columns", console->config.columns);
	state_put(writer, "rows", console->config.rows);
}

static void console_load(struct virtio *virtio, struct state_reader *reader)
{
	struct console *console = (struct console *)virtio;

	console->config.columns = (uint16_t)state_get(reader, "columns", UINT16_MAX);
	console->config.rows = (uint16_t)state_get(reader, "rows", UINT16_MAX);
}

static void console_free(struct virtio *virtio)
{
	struct console *console = (struct console *)virtio;

	chardev_set_guest(console->chardev, NULL);
	virtio_done(virtio);
	free(console);
}

static const struct virtio_ops console_ops = {
	.name = "virtio-console",
	.kind = VIRTIO_ID_CONSOLE,
	.queue_size = QUEUE_SIZE,
	.config = offsetof(struct console, config),
	.config_size = sizeof(struct console_config),
	.notify = console_notify,
	.free = console_free,
	.config_write = console_config_write,
	.pause = console_pause,
	.save = console_save,
	.load = console_load,
};

void virtio_console_resize(struct virtio *virtio, uint16_t columns, uint16_t rows)
{
	struct console *console = (struct console *)virtio;

	if (console->config.columns == columns && console->config.rows == rows)
		return;
	console->config.columns = columns;
	console->config.rows = rows;
	virtio_config_changed(virtio);
}

int virtio_console_create(const struct virtio_console_config *config, struct virtio **ret_virtio)
{
	struct console *console = calloc(1, sizeof(*console));
	struct chardev_guest guest = { console_input, console };
	int result;

	if (!console)
		return -ENOMEM;
	console->chardev = config->chardev;
	console->config.ports = 1;
	result = virtio_init(&console->virtio, &console_ops, config->id,
	    1u << F_SIZE | 1u << F_EMERGENCY_WRITE, 2, config->mem, config->loop);
	if (result) {
		free(console);
		return result;
	}
	chardev_set_guest(config->chardev, &guest);
	*ret_virtio = &console->virtio;
	return 0;
}
