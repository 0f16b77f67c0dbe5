/* SPDX-License-Identifier: GPL-2.0-only */
/* The devices at ports: any access at any time, keys at the terminal, resets, states moved. */
#include "tests/fuzz/script.h"

#include <sys/socket.h>
#include <unistd.h>

#include "lib/buf.h"
#include "lib/loop.h"
#include "vmm/backend/chardev.h"
#include "vmm/core/memmap.h"
#include "vmm/devices/pm.h"
#include "vmm/devices/pvpanic.h"
#include "vmm/devices/rtc.h"
#include "vmm/devices/serial.h"

#define DEVICES 4

struct machine {
	struct iobus *ports;
	struct loop *loop;
	struct chardev *chardev;
	struct device *devices[DEVICES];
	uint64_t now;
	int64_t wall;
	int terminal;
};

static int64_t wall(void *context)
{
	return ((struct machine *)context)->wall;
}

static void ignore(void *context)
{
	(void)context;
}

static void ignore_event(void *context, unsigned int event)
{
	(void)context;
	(void)event;
}

static void build(struct machine *machine)
{
	struct serial_config serial = { .id = "com1", .base = MEMMAP_PORT_COM1 };
	struct rtc_config rtc = { .wall = wall, .context = machine };
	struct pm_config pm = { .power_off = ignore, .reset = ignore };
	struct pvpanic_config pvpanic = { .event = ignore_event };
	int pair[2];

	*machine = (struct machine){ .now = 1 };
	check(iobus_create(&machine->ports) == 0 && loop_create(&machine->loop) == 0);
	loop_set_clock(machine->loop, &machine->now);
	check(chardev_create(machine->loop, -1, 0, &machine->chardev) == 0);
	check(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
	check(chardev_attach(machine->chardev, pair[0], 0) == 0);
	machine->terminal = pair[1];
	serial.ports = rtc.ports = pm.ports = pvpanic.ports = machine->ports;
	serial.chardev = machine->chardev;
	rtc.loop = machine->loop;
	check(serial_create(&serial, &machine->devices[0]) == 0);
	check(rtc_create(&rtc, &machine->devices[1]) == 0);
	check(pm_create(&pm, &machine->devices[2]) == 0);
	check(pvpanic_create(&pvpanic, &machine->devices[3]) == 0);
}

/* Saved, loaded, saved: the same both times. */
static void move(struct device *device)
{
	struct buf first = BUF_INIT;
	struct buf second = BUF_INIT;
	struct state_writer writer = { .out = &first };
	struct state_reader reader;

	check(device->ops->pause(device));
	device->ops->save(device, &writer);
	device->ops->reset(device);
	state_open(&reader, buf_text(&first), first.length);
	check(device->ops->load(device, &reader) == 0);
	writer = (struct state_writer){ .out = &second };
	device->ops->save(device, &writer);
	check(first.length == second.length);
	device->ops->resume(device);
	buf_done(&first);
	buf_done(&second);
}

static void step(struct machine *machine, struct script *script)
{
	static const uint16_t places[] = { MEMMAP_PORT_COM1, MEMMAP_PORT_RTC, MEMMAP_PORT_PM,
		MEMMAP_PORT_PVPANIC };
	uint64_t op = script_take(script, 1);
	uint64_t port = places[op >> 3 & 3] + script_take(script, 1) % 17;
	unsigned int size = 1u << (op >> 5 & 3);
	uint64_t value;
	char bytes[16] = "some keys typed";

	switch (op & 7) {
	case 0:
	case 1:
	case 2:
		iobus_write(machine->ports, port, size, script_take(script, size));
		break;
	case 3:
	case 4:
		iobus_read(machine->ports, port, size, &value);
		break;
	case 5:
		value = script_take(script, 5);
		machine->now += value;
		machine->wall += (int64_t)value;
		check(loop_step(machine->loop, 0) == 0);
		break;
	case 6:
		check(send(machine->terminal, bytes, op >> 4, MSG_DONTWAIT) >= 0);
		check(loop_step(machine->loop, 0) == 0);
		while (recv(machine->terminal, bytes, sizeof(bytes), MSG_DONTWAIT) > 0)
			continue;
		break;
	default:
		if (op & 0x80)
			move(machine->devices[op >> 3 & 3]);
		else
			machine->devices[op >> 3 & 3]->ops->reset(machine->devices[op >> 3 & 3]);
		break;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct script script = { data, size };
	struct machine machine;

	build(&machine);
	for (unsigned int i = 0; i < 500 && script.left > 0; i++)
		step(&machine, &script);
	for (unsigned int i = 0; i < DEVICES; i++)
		machine.devices[i]->ops->free(machine.devices[i]);
	chardev_free(machine.chardev);
	close(machine.terminal);
	loop_free(machine.loop);
	iobus_free(machine.ports);
	return 0;
}
