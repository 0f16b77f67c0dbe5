/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Interrupts are not gated by OUT2 as on a PC's card: the pin is the device's own, and there are
 * guests that never set it.
 */
#include "vmm/devices/serial.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "vmm/backend/chardev.h"

#define PORTS 8
#define FIFO_SIZE 16

enum serial_register { DATA, IER, IIR_FCR, LCR, MCR, LSR, MSR, SCRATCH };

#define IER_RECEIVED 0x01
#define IER_SENT 0x02
#define IER_LINE 0x04
#define IER_MODEM 0x08
#define IIR_NONE 0x01
#define IIR_MODEM 0x00
#define IIR_SENT 0x02
#define IIR_RECEIVED 0x04
#define IIR_LINE 0x06
#define IIR_TIMEOUT 0x0c
#define IIR_FIFO 0xc0
#define FCR_ENABLE 0x01
#define FCR_CLEAR_RECEIVER 0x02
#define FCR_KEPT 0xc9
#define LCR_DIVISOR 0x80
#define MCR_DTR 0x01
#define MCR_RTS 0x02
#define MCR_OUT1 0x04
#define MCR_OUT2 0x08
#define MCR_LOOP 0x10
#define MCR_KEPT 0x1f
#define LSR_DATA 0x01
#define LSR_OVERRUN 0x02
#define LSR_SENT 0x60 /* holding register and transmitter are empty */
#define MSR_CTS_CHANGED 0x01
#define MSR_DSR_CHANGED 0x02
#define MSR_RI_ENDED 0x04
#define MSR_DCD_CHANGED 0x08
#define MSR_CTS 0x10
#define MSR_DSR 0x20
#define MSR_RI 0x40
#define MSR_DCD 0x80

struct serial {
	struct device device; /* first */
	struct serial_config config;
	uint8_t ier;
	uint8_t fcr;
	uint8_t lcr;
	uint8_t mcr;
	uint8_t msr;
	uint8_t scratch;
	uint16_t divisor;
	bool overrun;
	bool sent; /* the transmitter's interrupt is pending */
	bool level;
	uint8_t count; /* received and not read */
	uint8_t fifo[FIFO_SIZE];
};

static bool has_fifo(const struct serial *serial)
{
	return serial->fcr & FCR_ENABLE;
}

static unsigned int capacity(const struct serial *serial)
{
	return has_fifo(serial) ? FIFO_SIZE : 1;
}

static unsigned int trigger(const struct serial *serial)
{
	static const uint8_t levels[] = { 1, 4, 8, 14 };

	return has_fifo(serial) ? levels[serial->fcr >> 6] : 1;
}

/* What IIR says: the pending source of the highest priority. Below the trigger level it is a
 * timeout, at once: on this wire nothing more is on its way. */
static uint8_t source(const struct serial *serial)
{
	if (serial->ier & IER_LINE && serial->overrun)
		return IIR_LINE;
	if (serial->ier & IER_RECEIVED && serial->count > 0)
		return serial->count >= trigger(serial) ? IIR_RECEIVED : IIR_TIMEOUT;
	if (serial->ier & IER_SENT && serial->sent)
		return IIR_SENT;
	if (serial->ier & IER_MODEM && serial->msr & 0x0f)
		return IIR_MODEM;
	return IIR_NONE;
}

static void update_line(struct serial *serial)
{
	bool level = source(serial) != IIR_NONE;

	if (level == serial->level)
		return;
	serial->level = level;
	irq_line_set(&serial->config.irq, level);
}

/* The modem's lines as they are now; looped back they are the guest's own outputs. */
static uint8_t modem_lines(const struct serial *serial)
{
	uint8_t lines = 0;

	if (!(serial->mcr & MCR_LOOP))
		return serial->config.chardev ? MSR_CTS | MSR_DSR | MSR_DCD : 0;
	lines |= serial->mcr & MCR_RTS ? MSR_CTS : 0;
	lines |= serial->mcr & MCR_DTR ? MSR_DSR : 0;
	lines |= serial->mcr & MCR_OUT1 ? MSR_RI : 0;
	lines |= serial->mcr & MCR_OUT2 ? MSR_DCD : 0;
	return lines;
}

static void update_modem(struct serial *serial)
{
	uint8_t lines = modem_lines(serial);
	uint8_t changed = (uint8_t)((serial->msr ^ lines) & 0xf0);

	if (changed & MSR_CTS)
		serial->msr |= MSR_CTS_CHANGED;
	if (changed & MSR_DSR)
		serial->msr |= MSR_DSR_CHANGED;
	if (changed & MSR_RI && !(lines & MSR_RI))
		serial->msr |= MSR_RI_ENDED;
	if (changed & MSR_DCD)
		serial->msr |= MSR_DCD_CHANGED;
	serial->msr = (uint8_t)((serial->msr & 0x0f) | lines);
}

static void clear_receiver(struct serial *serial)
{
	serial->count = 0;
}

static void receive(struct serial *serial, uint8_t byte)
{
	if (serial->count == capacity(serial)) {
		serial->overrun = true;
		/* Without a FIFO the newer byte stays (8.4, bit 1). */
		if (!has_fifo(serial))
			serial->fifo[0] = byte;
		return;
	}
	serial->fifo[serial->count++] = byte;
}

/* The chardev's input: as much as there is room for, while the guest is ready to receive. */
static size_t serial_input(void *context, const uint8_t *data, size_t length)
{
	struct serial *serial = context;
	size_t room = capacity(serial) - serial->count;

	if (serial->mcr & MCR_LOOP || !(serial->mcr & MCR_RTS))
		return 0;
	if (length > room)
		length = room;
	memcpy(serial->fifo + serial->count, data, length);
	serial->count = (uint8_t)(serial->count + length);
	update_line(serial);
	return length;
}

static void want_input(struct serial *serial)
{
	if (serial->config.chardev && serial->count < capacity(serial))
		chardev_want_input(serial->config.chardev);
}

static uint8_t read_data(struct serial *serial)
{
	uint8_t byte;

	if (serial->count == 0)
		return 0;
	byte = serial->fifo[0];
	serial->count--;
	memmove(serial->fifo, serial->fifo + 1, serial->count);
	/* Refilled when empty, so that a FIFO's worth comes with each interrupt. */
	if (serial->count == 0)
		want_input(serial);
	return byte;
}

static uint8_t read_register(struct serial *serial, enum serial_register which)
{
	uint8_t value;

	switch (which) {
	case DATA:
		return serial->lcr & LCR_DIVISOR ? (uint8_t)serial->divisor : read_data(serial);
	case IER:
		return serial->lcr & LCR_DIVISOR ? (uint8_t)(serial->divisor >> 8) : serial->ier;
	case IIR_FCR:
		value = source(serial);
		if (value == IIR_SENT)
			serial->sent = false;
		return has_fifo(serial) ? value | IIR_FIFO : value;
	case LCR:
		return serial->lcr;
	case MCR:
		return serial->mcr;
	case LSR:
		value = LSR_SENT;
		value |= serial->count > 0 ? LSR_DATA : 0;
		value |= serial->overrun ? LSR_OVERRUN : 0;
		serial->overrun = false;
		return value;
	case MSR:
		value = serial->msr;
		serial->msr &= 0xf0;
		return value;
	case SCRATCH:
		return serial->scratch;
	}
	return 0;
}

static void write_data(struct serial *serial, uint8_t value)
{
	if (serial->mcr & MCR_LOOP)
		receive(serial, value);
	else if (serial->config.chardev)
		chardev_output(serial->config.chardev, &value, 1);
	serial->sent = true;
}

static void write_fcr(struct serial *serial, uint8_t value)
{
	if ((value ^ serial->fcr) & FCR_ENABLE || value & FCR_CLEAR_RECEIVER)
		clear_receiver(serial);
	serial->fcr = value & FCR_ENABLE ? value & FCR_KEPT : 0;
	want_input(serial);
}

static void write_mcr(struct serial *serial, uint8_t value)
{
	serial->mcr = value & MCR_KEPT;
	update_modem(serial);
	if (serial->mcr & MCR_RTS)
		want_input(serial);
}

static void write_register(struct serial *serial, enum serial_register which, uint8_t value)
{
	switch (which) {
	case DATA:
		if (serial->lcr & LCR_DIVISOR)
			serial->divisor = (uint16_t)((serial->divisor & 0xff00) | value);
		else
			write_data(serial, value);
		break;
	case IER:
		if (serial->lcr & LCR_DIVISOR) {
			serial->divisor = (uint16_t)((serial->divisor & 0x00ff) | value << 8);
			break;
		}
		/* Asking for it while the transmitter is empty is an interrupt at once. */
		if (value & IER_SENT && !(serial->ier & IER_SENT))
			serial->sent = true;
		serial->ier = value & 0x0f;
		break;
	case IIR_FCR:
		write_fcr(serial, value);
		break;
	case LCR:
		serial->lcr = value;
		break;
	case MCR:
		write_mcr(serial, value);
		break;
	case LSR: /* for factory tests; nothing to write */
	case MSR:
		break;
	case SCRATCH:
		serial->scratch = value;
		break;
	}
}

/* Wider accesses are that many registers, one after the other. */
static uint64_t port_read(void *context, uint64_t offset, unsigned int size)
{
	uint64_t value = 0;

	for (unsigned int i = 0; i < size; i++)
		value |= (uint64_t)read_register(context, (enum serial_register)(offset + i))
			 << (8 * i);
	update_line(context);
	return value;
}

static void port_write(void *context, uint64_t offset, unsigned int size, uint64_t value)
{
	for (unsigned int i = 0; i < size; i++)
		write_register(
		    context, (enum serial_register)(offset + i), (uint8_t)(value >> (8 * i)));
	update_line(context);
}

static const struct io_ops port_ops = { port_read, port_write };

static void serial_reset(struct device *device)
{
	struct serial *serial = (struct serial *)device;

	serial->ier = 0;
	serial->fcr = 0;
	serial->lcr = 0;
	serial->mcr = 0;
	serial->scratch = 0;
	serial->divisor = 12; /* 9600 bits a second, as firmware leaves it */
	serial->overrun = false;
	serial->sent = false;
	serial->count = 0;
	serial->msr = modem_lines(serial);
	update_line(serial);
}

/* The guest may end here: its last words are not to wait for a timer. */
static bool serial_pause(struct device *device)
{
	struct serial *serial = (struct serial *)device;

	if (serial->config.chardev)
		chardev_flush(serial->config.chardev);
	return true;
}

static void serial_resume(struct device *device)
{
	want_input((struct serial *)device);
}

static void serial_save(struct device *device, struct state_writer *writer)
{
	const struct serial *serial = (const struct serial *)device;

	state_begin(writer, device->ops->name, device->id, 1);
	state_put(writer, "ier", serial->ier);
	state_put(writer, "fcr", serial->fcr);
	state_put(writer, "lcr", serial->lcr);
	state_put(writer, "mcr", serial->mcr);
	state_put(writer, "msr", serial->msr);
	state_put(writer, "scratch", serial->scratch);
	state_put(writer, "divisor", serial->divisor);
	state_put(writer, "overrun", serial->overrun);
	state_put(writer, "sent", serial->sent);
	state_put_bytes(writer, "received", serial->fifo, serial->count);
	state_end(writer);
}

static int serial_load(struct device *device, struct state_reader *reader)
{
	struct serial *serial = (struct serial *)device;
	int result;

	state_enter(reader, device->ops->name, device->id, 1);
	serial->ier = (uint8_t)state_get(reader, "ier", 0x0f);
	serial->fcr = (uint8_t)state_get(reader, "fcr", 0xff) & FCR_KEPT;
	serial->lcr = (uint8_t)state_get(reader, "lcr", 0xff);
	serial->mcr = (uint8_t)state_get(reader, "mcr", MCR_KEPT);
	serial->msr = (uint8_t)state_get(reader, "msr", 0xff);
	serial->scratch = (uint8_t)state_get(reader, "scratch", 0xff);
	serial->divisor = (uint16_t)state_get(reader, "divisor", 0xffff);
	serial->overrun = state_get(reader, "overrun", 1);
	serial->sent = state_get(reader, "sent", 1);
	serial->count = (uint8_t)state_get_some(reader, "received", serial->fifo, FIFO_SIZE);
	if (serial->count > capacity(serial))
		state_fail(reader, "a UART without FIFO received %u bytes", serial->count);
	result = state_leave(reader);
	if (result) {
		serial_reset(device);
		return result;
	}
	/* The cable may differ here. */
	update_modem(serial);
	update_line(serial);
	return 0;
}

static void serial_free(struct device *device)
{
	struct serial *serial = (struct serial *)device;

	if (serial->config.chardev)
		chardev_set_guest(serial->config.chardev, NULL);
	iobus_remove(serial->config.ports, serial->config.base);
	free(serial);
}

static const struct device_ops serial_ops = {
	.name = "serial",
	.reset = serial_reset,
	.pause = serial_pause,
	.resume = serial_resume,
	.save = serial_save,
	.load = serial_load,
	.free = serial_free,
};

int serial_create(const struct serial_config *config, struct device **ret_device)
{
	struct serial *serial = calloc(1, sizeof(*serial));
	struct chardev_guest guest = { serial_input, serial };
	int result;

	if (!serial)
		return -ENOMEM;
	serial->device.ops = &serial_ops;
	strncat(serial->device.id, config->id, DEVICE_ID_MAX);
	serial->config = *config;
	result = iobus_add(config->ports, config->base, PORTS, &port_ops, serial);
	if (result) {
		free(serial);
		return result;
	}
	serial_reset(&serial->device);
	if (config->chardev)
		chardev_set_guest(config->chardev, &guest);
	*ret_device = &serial->device;
	return 0;
}
