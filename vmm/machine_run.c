/* SPDX-License-Identifier: GPL-2.0-only */
/* Threads, and what is done to all parts at once. */
#include "vmm/machine_parts.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>

#include "vmm/devices/pm.h"
#include "vmm/seccomp.h"

#define IO_STACK (256 * 1024)

static void port_exit(
    void *context, uint16_t port, unsigned int size, bool write, void *data, uint32_t count)
{
	struct machine *machine = context;
	uint8_t *at = data;

	pthread_mutex_lock(&machine->lock);
	for (uint32_t i = 0; i < count; i++, at += size) {
		uint64_t value = 0;

		if (write) {
			memcpy(&value, at, size);
			iobus_write(machine->ports, port, size, value);
		} else {
			iobus_read(machine->ports, port, size, &value);
			memcpy(at, &value, size);
		}
	}
	pthread_mutex_unlock(&machine->lock);
}

static void memory_exit(void *context, uint64_t address, unsigned int size, bool write, void *data)
{
	struct machine *machine = context;
	uint64_t value = 0;

	pthread_mutex_lock(&machine->lock);
	if (write) {
		memcpy(&value, data, size);
		iobus_write(machine->memory, address, size, value);
	} else {
		iobus_read(machine->memory, address, size, &value);
		memcpy(data, &value, size);
	}
	pthread_mutex_unlock(&machine->lock);
}

static void vcpu_stopped(void *context, unsigned int vcpu, enum vcpu_stop reason, const char *text)
{
	static const unsigned int requests[] = {
		[VCPU_TRIPLE_FAULT] = REQUEST_RESET,
		[VCPU_POWER_OFF] = REQUEST_POWER_OFF,
		[VCPU_RESET] = REQUEST_RESET,
		[VCPU_CRASH] = REQUEST_PANIC,
		[VCPU_ERROR] = REQUEST_ERROR,
	};
	struct machine *machine = context;

	(void)vcpu;
	pthread_mutex_lock(&machine->lock);
	if (reason == VCPU_ERROR && !(machine->requests & REQUEST_ERROR))
		snprintf(machine->error, sizeof(machine->error), "%s", text);
	machine_ask(machine, requests[reason]);
	pthread_mutex_unlock(&machine->lock);
}

static int enter_vcpu(void *context)
{
	const struct machine *machine = context;
	struct why reason;

	return machine->definition->sandbox_off ? 0 : seccomp_enter(SECCOMP_VCPU, &reason);
}

struct vcpu_ops machine_vcpu_ops(struct machine *machine)
{
	return (struct vcpu_ops){ .port = port_exit,
		.memory = memory_exit,
		.stopped = vcpu_stopped,
		.enter = enter_vcpu,
		.context = machine };
}

static void *io_main(void *argument)
{
	struct machine *machine = argument;
	struct why reason;
	int result = 0;

	prctl(PR_SET_NAME, "io");
	if (!machine->definition->sandbox_off)
		result = seccomp_enter(SECCOMP_IO, &reason);
	if (!result) {
		result = loop_run(machine->io_loop);
		if (result)
			why_errno(&reason, result, "the I/O thread");
	}
	if (result) {
		pthread_mutex_lock(&machine->lock);
		machine->io_ended = true;
		snprintf(machine->error, sizeof(machine->error), "%.150s", reason.text);
		machine_ask(machine, REQUEST_ERROR);
		pthread_mutex_unlock(&machine->lock);
	}
	return NULL;
}

static int start_io(struct machine *machine)
{
	pthread_attr_t attributes;
	int result;

	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, IO_STACK);
	result = pthread_create(&machine->io_thread, &attributes, io_main, machine);
	pthread_attr_destroy(&attributes);
	if (!result)
		machine->has_io_thread = true;
	return -result;
}

int machine_start(struct machine *machine, struct why *ret_why)
{
	const struct definition *definition = machine->definition;
	struct timespec now;
	int result = 0;

	/* These first: a thread begins where the one that starts it may run. */
	for (unsigned int i = 0; i < machine->vcpu_count && !result; i++) {
		result = vcpu_start(machine->vcpus[i],
		    definition->vcpu_pinned[i] ? &definition->vcpu_cpus[i] : NULL);
		if (result)
			why_errno(ret_why, result, "thread of vCPU %u", i);
	}
	if (!result && definition->emulator_pinned &&
	    sched_setaffinity(0, sizeof(definition->emulator_cpus), &definition->emulator_cpus))
		result = why_errno(ret_why, -errno, "pin emulator");
	if (!result) {
		result = start_io(machine);
		if (result)
			why_errno(ret_why, result, "the I/O thread");
	}
	if (!result && !definition->sandbox_off)
		result = seccomp_enter(SECCOMP_MAIN, ret_why);
	if (result)
		return result;
	clock_gettime(CLOCK_MONOTONIC, &now);
	machine->started = (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
	if (definition->paused) {
		machine_enter_state(machine, MACHINE_PAUSED, "user");
		return 0;
	}
	machine_resume_all(machine);
	machine_enter_state(machine, MACHINE_RUNNING, machine->loaded ? "restored" : "booted");
	machine->loaded = false;
	return 0;
}

void machine_enter_state(struct machine *machine, enum machine_state state, const char *reason)
{
	machine->state = state;
	snprintf(machine->reason, sizeof(machine->reason), "%s", reason);
	machine->ops.changed(machine->ops.context, state, machine->reason);
}

/* What is in flight comes back on the I/O thread, which needs the lock for it; here without one. */
static void pause_device(struct machine *machine, struct device *device)
{
	const struct timespec moment = { .tv_nsec = 200000 };

	while (!device->ops->pause(device)) {
		bool elsewhere = machine->has_io_thread && !machine->io_ended;

		pthread_mutex_unlock(&machine->lock);
		if (elsewhere)
			nanosleep(&moment, NULL);
		else
			loop_step(machine->io_loop, 1);
		pthread_mutex_lock(&machine->lock);
	}
}

void machine_pause_all(struct machine *machine)
{
	for (unsigned int i = 0; i < machine->vcpu_count; i++)
		vcpu_kick(machine->vcpus[i]);
	for (unsigned int i = 0; i < machine->vcpu_count; i++)
		vcpu_wait(machine->vcpus[i]);
	pthread_mutex_lock(&machine->lock);
	for (unsigned int i = 0; i < machine->device_count; i++)
		pause_device(machine, machine->devices[i].device);
	pthread_mutex_unlock(&machine->lock);
	machine_collect(machine);
}

void machine_resume_all(struct machine *machine)
{
	pthread_mutex_lock(&machine->lock);
	for (unsigned int i = 0; i < machine->device_count; i++)
		machine->devices[i].device->ops->resume(machine->devices[i].device);
	pthread_mutex_unlock(&machine->lock);
	for (unsigned int i = 0; i < machine->vcpu_count; i++)
		vcpu_resume(machine->vcpus[i]);
}

int machine_pause(struct machine *machine, const char *reason)
{
	if (machine->state != MACHINE_RUNNING)
		return machine->state == MACHINE_PAUSED ? 0 : -EBUSY;
	machine_pause_all(machine);
	machine_enter_state(machine, MACHINE_PAUSED, reason);
	return 0;
}

void machine_resume_with(struct machine *machine, const char *reason)
{
	for (unsigned int i = 0; i < machine->vcpu_count; i++)
		vcpu_was_paused(machine->vcpus[i]);
	machine->loaded = false;
	machine_resume_all(machine);
	machine_enter_state(machine, MACHINE_RUNNING, reason);
}

int machine_resume(struct machine *machine)
{
	if (machine->state != MACHINE_PAUSED)
		return machine->state == MACHINE_RUNNING ? 0 : -EBUSY;
	if (machine_stands_for_job(machine))
		return -EBUSY;
	machine_resume_with(machine, machine->loaded ? "restored" : "resumed");
	return 0;
}

/* Everything as after power-on, standing still. */
static int reset_all(struct machine *machine, struct why *ret_why)
{
	const struct definition *definition = machine->definition;
	int result;

	machine_eject_asked(machine);
	pthread_mutex_lock(&machine->lock);
	machine->requests = 0;
	for (unsigned int i = 0; i < machine->device_count; i++)
		machine->devices[i].device->ops->reset(machine->devices[i].device);
	pthread_mutex_unlock(&machine->lock);
	result = irqchip_reset(machine->irqchip);
	if (result)
		return why_errno(ret_why, result, "reset: the interrupt controllers");
	for (unsigned int i = 0; i < machine->vcpu_count; i++) {
		result = vcpu_reset(machine->vcpus[i]);
		if (result)
			return why_errno(ret_why, result, "reset: vCPU %u", i);
	}
	/* What the last system left behind is nobody's; the node gets its pages back. */
	if (!definition->prealloc && !definition->lock && !definition->hugepages)
		guest_mem_discard(machine->mem, 0, UINT64_MAX);
	return machine_boot(machine, ret_why);
}

int machine_reset(struct machine *machine, struct why *ret_why)
{
	bool paused = machine->state == MACHINE_PAUSED;
	int result;

	if ((machine->state != MACHINE_RUNNING && !paused) || machine_stands_for_job(machine))
		return why_errno(ret_why, -EBUSY, "reset");
	if (!paused)
		machine_pause_all(machine);
	result = reset_all(machine, ret_why);
	if (result) {
		machine_enter_state(machine, MACHINE_CRASHED, ret_why->text);
		return result;
	}
	machine->resets++;
	machine->loaded = false;
	if (paused)
		return 0;
	machine_resume_all(machine);
	machine_enter_state(machine, MACHINE_RUNNING, "reset");
	return 0;
}

int machine_power_button(struct machine *machine)
{
	if (machine->state != MACHINE_RUNNING)
		return -EBUSY;
	pthread_mutex_lock(&machine->lock);
	pm_power_button(machine->pm);
	pthread_mutex_unlock(&machine->lock);
	return 0;
}

int machine_nmi(struct machine *machine)
{
	if (machine->state != MACHINE_RUNNING)
		return -EBUSY;
	vcpu_nmi(machine->vcpus[0]);
	return 0;
}

void machine_stop(struct machine *machine)
{
	machine_cancel_job(machine);
	if (machine->state == MACHINE_RUNNING)
		machine_pause_all(machine);
	machine_enter_state(machine, MACHINE_SHUTDOWN, "stopped");
}
