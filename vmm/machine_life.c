/* SPDX-License-Identifier: GPL-2.0-only */
/* How a machine begins and ends, what its guest asks for, and what the control socket does to it.
 */
#include "vmm/machine_parts.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "vmm/devices/virtio_balloon.h"
#include "vmm/devices/virtio_console.h"

#define BALLOON_INTERVAL 1000000000 /* nanoseconds */

/* A guest changes its size by a megabyte at a time: the last of each second is told. */
static void tell_balloon(void *context)
{
	struct machine *machine = context;
	const struct machine_device *entry = machine_find(machine, MACHINE_BALLOON, NULL);
	char text[48];

	machine->balloon_told = loop_time(machine->main_loop);
	pthread_mutex_lock(&machine->lock);
	snprintf(text, sizeof(text), "balloon %llu",
	    entry ? (unsigned long long)virtio_balloon_actual(entry->virtio) : 0);
	pthread_mutex_unlock(&machine->lock);
	machine->ops.event(machine->ops.context, text);
}

/* The guest asked for something, or cannot go on. One at a time; the end has precedence. */
static void serve_requests(void *context)
{
	struct machine *machine = context;
	const struct definition *definition = machine->definition;
	struct why reason;
	unsigned int requests;

	pthread_mutex_lock(&machine->lock);
	requests = machine->requests;
	machine->requests = 0;
	pthread_mutex_unlock(&machine->lock);
	if (!requests || (machine->state != MACHINE_RUNNING && machine->state != MACHINE_PAUSED))
		return;
	if (requests & REQUEST_EJECTED)
		machine_collect(machine);
	if (requests & REQUEST_BALLOON)
		loop_timer_set(&machine->balloon, machine->balloon_told + BALLOON_INTERVAL);
	requests &= ~(unsigned int)(REQUEST_EJECTED | REQUEST_BALLOON);
	if (!requests)
		return;
	if (requests & REQUEST_NO_SPACE) {
		char text[DEFINITION_WORD + 16];

		snprintf(text, sizeof(text), "disk %s enospc", machine->full_disk);
		machine->ops.event(machine->ops.context, text);
		machine_pause(machine, "io-error");
		if (requests == REQUEST_NO_SPACE)
			return;
	}
	if (requests & (REQUEST_ERROR | REQUEST_PANIC)) {
		const char *text = requests & REQUEST_ERROR ? machine->error
							    : "the guest's kernel panicked";

		if (definition->on_crash == DEFINITION_RESET && !machine->io_ended) {
			machine_reset(machine, &reason);
			return;
		}
		if (machine->state == MACHINE_RUNNING)
			machine_pause_all(machine);
		if (definition->on_crash == DEFINITION_PAUSE && !machine->io_ended)
			machine_enter_state(machine, MACHINE_PAUSED, "crash");
		else
			machine_enter_state(machine, MACHINE_CRASHED, text);
	} else if (requests & REQUEST_POWER_OFF) {
		machine_pause_all(machine);
		machine_enter_state(machine, MACHINE_SHUTDOWN, "poweroff");
	} else if (definition->on_reboot == DEFINITION_RESET) {
		machine_reset(machine, &reason);
	} else {
		machine_pause_all(machine);
		machine_enter_state(machine, MACHINE_SHUTDOWN, "reboot");
	}
}

static int create_memory(struct machine *machine, struct why *ret_why)
{
	const struct definition *definition = machine->definition;
	const struct guest_mem_options options = { .hugepage_size = definition->hugepages,
		.prealloc = definition->prealloc,
		.lock = definition->lock,
		.shared = definition->shared };
	int result = guest_mem_create(definition->memory, &options, &machine->mem);

	if (result && definition->hugepages)
		return why_errno(ret_why, result,
		    "memory: %llu MiB in huge pages of %llu MiB cannot be had",
		    (unsigned long long)(definition->memory >> 20),
		    (unsigned long long)(definition->hugepages >> 20));
	if (result)
		return why_errno(ret_why, result, "memory: %llu MiB cannot be had",
		    (unsigned long long)(definition->memory >> 20));
	return 0;
}

static int create_cpus(struct machine *machine, struct why *ret_why)
{
	const struct definition *definition = machine->definition;
	struct vcpu_ops ops = machine_vcpu_ops(machine);
	struct cpuid_options options = { .model = definition->cpu,
		.features = definition->cpu_features,
		.vcpus = (unsigned int)definition->vcpus_max,
		.sockets = (unsigned int)definition->sockets,
		.cores = (unsigned int)definition->cores,
		.threads = (unsigned int)definition->threads,
		.tsc_deadline = machine->kvm->tsc_deadline };
	int khz = kvm_tsc_khz(machine->kvm);
	int result;

	options.tsc_khz = khz > 0 ? (uint32_t)khz : 0;
	result = cpuid_create(machine->kvm->system, &options, ret_why, &machine->cpuid);
	if (result)
		return result;
	if (definition->vcpus > machine->kvm->vcpus_max)
		return why(ret_why, -EINVAL, "%llu vCPUs; KVM of this node makes %u at most",
		    (unsigned long long)definition->vcpus, machine->kvm->vcpus_max);
	result = vcpu_prepare_kicks();
	if (result)
		return why_errno(ret_why, result, "the signal that stops vCPUs");
	while (!result && machine->vcpu_count < definition->vcpus) {
		result = vcpu_create(machine->kvm, machine->vcpu_count, machine->cpuid, &ops,
		    ret_why, &machine->vcpus[machine->vcpu_count]);
		if (!result)
			machine->vcpu_count++;
	}
	return result;
}

static int open_images(struct machine *machine, struct why *ret_why)
{
	const struct definition *definition = machine->definition;
	int result = 0;

	machine->kernel = (struct blob){ .fd = -1 };
	if (definition->kernel >= 0)
		result = blob_open(definition->kernel, &machine->kernel);
	if (result)
		return why_errno(ret_why, result, "the kernel's descriptor");
	machine->has_initrd = definition->initrd >= 0;
	if (machine->has_initrd)
		result = blob_open(definition->initrd, &machine->initrd);
	return result ? why_errno(ret_why, result, "the initrd's descriptor") : 0;
}

static int build(struct machine *machine, struct why *ret_why)
{
	int result = loop_create(&machine->io_loop);

	if (!result)
		result = iobus_create(&machine->ports);
	if (!result)
		result = iobus_create(&machine->memory);
	if (result)
		return why_errno(ret_why, result, "the machine");
	loop_set_lock(machine->io_loop, &machine->lock);
	result = open_images(machine, ret_why);
	if (!result)
		result = create_memory(machine, ret_why);
	if (!result)
		result = kvm_create(machine->definition->kvm, machine->mem, ret_why, &machine->kvm);
	if (!result)
		result = irqchip_create(machine->kvm, ret_why, &machine->irqchip);
	if (!result)
		result = create_cpus(machine, ret_why);
	if (!result)
		result = machine_create_parts(machine, ret_why);
	return result;
}

int machine_create(const struct definition *definition, struct loop *main_loop,
    const struct machine_ops *ops, struct why *ret_why, struct machine **ret_machine)
{
	struct machine *machine = calloc(1, sizeof(*machine));
	int result;

	if (!machine)
		return why_errno(ret_why, -ENOMEM, "the machine");
	machine->definition = definition;
	machine->main_loop = main_loop;
	machine->ops = *ops;
	machine->requested = (struct loop_call){ .run = serve_requests, .context = machine };
	loop_timer_init(&machine->draining, main_loop, machine_collect, machine);
	loop_timer_init(&machine->balloon, main_loop, tell_balloon, machine);
	pthread_mutex_init(&machine->lock, NULL);
	result = build(machine, ret_why);
	if (!result && definition->load >= 0)
		result = machine_load(machine, definition->load, definition->load_offset, ret_why);
	else if (!result)
		result = machine_boot(machine, ret_why);
	machine->loaded = definition->load >= 0;
	if (result) {
		machine_free(machine);
		return result;
	}
	*ret_machine = machine;
	return 0;
}

void machine_free(struct machine *machine)
{
	if (!machine)
		return;
	machine_cancel_job(machine);
	for (unsigned int i = 0; i < machine->vcpu_count; i++)
		vcpu_kick(machine->vcpus[i]);
	for (unsigned int i = 0; i < machine->vcpu_count; i++)
		vcpu_free(machine->vcpus[i]);
	if (machine->has_io_thread) {
		loop_stop(machine->io_loop);
		pthread_join(machine->io_thread, NULL);
	}
	loop_unpost(machine->main_loop, &machine->requested);
	loop_timer_cancel(&machine->draining);
	loop_timer_cancel(&machine->balloon);
	while (machine->device_count) {
		struct machine_device *entry = &machine->devices[--machine->device_count];

		entry->device->ops->free(entry->device);
		chardev_free(entry->chardev);
	}
	iobus_free(machine->memory);
	iobus_free(machine->ports);
	irqchip_free(machine->irqchip);
	cpuid_free(machine->cpuid);
	kvm_free(machine->kvm);
	guest_mem_free(machine->mem);
	loop_free(machine->io_loop);
	pthread_mutex_destroy(&machine->lock);
	free(machine);
}

enum machine_state machine_state(const struct machine *machine)
{
	return machine->state;
}

const char *machine_reason(const struct machine *machine)
{
	return machine->reason;
}

static const char *state_name(enum machine_state state)
{
	static const char *const names[] = { "paused", "running", "shutdown", "crashed" };

	return names[state];
}

void machine_status(struct machine *machine, struct buf *out)
{
	const struct definition *definition = machine->definition;
	const struct machine_device *balloon = machine_find(machine, MACHINE_BALLOON, NULL);
	uint64_t now = loop_time(machine->main_loop);

	buf_printf(out, "state=%s\nreason=%s\nvcpus=%u\nmemory=%llu\n", state_name(machine->state),
	    machine->reason, machine->vcpu_count, (unsigned long long)definition->memory);
	pthread_mutex_lock(&machine->lock);
	buf_printf(out, "balloon=%llu\n",
	    (unsigned long long)(balloon ? virtio_balloon_actual(balloon->virtio)
					 : definition->memory));
	pthread_mutex_unlock(&machine->lock);
	buf_printf(out, "uptime-ns=%llu\nresets=%u\n",
	    (unsigned long long)(now > machine->started ? now - machine->started : 0),
	    machine->resets);
	machine_job_status(machine, out);
}

int machine_set_balloon(struct machine *machine, uint64_t bytes)
{
	const struct machine_device *balloon = machine_find(machine, MACHINE_BALLOON, NULL);
	int result;

	if (!balloon)
		return -ENOENT;
	pthread_mutex_lock(&machine->lock);
	result = virtio_balloon_set_target(balloon->virtio, bytes);
	pthread_mutex_unlock(&machine->lock);
	return result;
}

int machine_set_balloon_period(struct machine *machine, unsigned int seconds)
{
	const struct machine_device *balloon = machine_find(machine, MACHINE_BALLOON, NULL);

	if (!balloon)
		return -ENOENT;
	pthread_mutex_lock(&machine->lock);
	virtio_balloon_stats_period(balloon->virtio, seconds);
	pthread_mutex_unlock(&machine->lock);
	return 0;
}

static struct machine_device *find_console(struct machine *machine, const char *id)
{
	struct machine_device *entry = machine_find(machine, MACHINE_SERIAL, id);

	return entry ? entry : machine_find(machine, MACHINE_CONSOLE, id);
}

int machine_console(struct machine *machine, const char *id, int fd, bool force)
{
	struct machine_device *entry = find_console(machine, id);
	int result;

	if (!entry) {
		close(fd);
		return -ENOENT;
	}
	pthread_mutex_lock(&machine->lock);
	result = chardev_attach(entry->chardev, fd, force);
	pthread_mutex_unlock(&machine->lock);
	return result;
}

int machine_console_size(
    struct machine *machine, const char *id, unsigned int columns, unsigned int rows)
{
	struct machine_device *entry = find_console(machine, id);

	if (!entry)
		return -ENOENT;
	if (!entry->virtio)
		return -ENOTSUP;
	pthread_mutex_lock(&machine->lock);
	virtio_console_resize(entry->virtio, (uint16_t)columns, (uint16_t)rows);
	pthread_mutex_unlock(&machine->lock);
	return 0;
}
