/* SPDX-License-Identifier: GPL-2.0-only */
/* The machine's state as sections, and a saved machine (machine_file.h) read back. What is read
 * comes from outside: every number is checked against this machine. */
#include "vmm/machine_parts.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "vmm/machine_file.h"

#define PIECE (4ull << 20)
#define STATE_MAX (64u << 20)
#define VERSION 1
#define IDENTITY_VERSION 2

/* What has been read once is of no use in the node's cache. */
static int read_range(const struct blob *file, uint64_t at, uint8_t *to, uint64_t length)
{
	int result = 0;

	while (length && !result) {
		uint64_t piece = length < PIECE ? length : PIECE;

		result = blob_read(file, at, to, piece);
		posix_fadvise(file->fd, (off_t)at, (off_t)piece, POSIX_FADV_DONTNEED);
		at += piece;
		to += piece;
		length -= piece;
	}
	return result;
}

/* Zeros are there already: the machine has just been made. */
static int read_memory(struct machine *machine, const struct blob *file, uint64_t offset)
{
	const struct guest_mem_region *regions;
	size_t count = guest_mem_regions(machine->mem, &regions);
	int result = 0;

	for (size_t i = 0; i < count; i++) {
		uint64_t end = offset + regions[i].size;
		uint64_t at = offset;

		while (at < end && !result) {
			off_t data = lseek(file->fd, (off_t)at, SEEK_DATA);
			off_t hole;

			if (data < 0 && errno == ENXIO)
				return 0;
			hole = data < 0 ? -1 : lseek(file->fd, data, SEEK_HOLE);
			if (hole < 0)
				return -errno;
			at = (uint64_t)data;
			if (at >= end)
				break;
			if ((uint64_t)hole > end)
				hole = (off_t)end;
			result = read_range(
			    file, at, regions[i].host + (at - offset), (uint64_t)hole - at);
			at = (uint64_t)hole;
		}
		offset = end;
	}
	return result;
}

/* What must be the same on both sides. */
static void write_identity(struct machine *machine, struct state_writer *writer)
{
	const struct kvm_cpuid2 *cpuid = cpuid_of(machine->cpuid, 0);

	state_begin(writer, "machine", "", IDENTITY_VERSION);
	state_put(writer, "memory", guest_mem_size(machine->mem));
	state_put(writer, "vcpus", machine->vcpu_count);
	state_put_bytes(writer, "cpuid", cpuid->entries, cpuid->nent * sizeof(cpuid->entries[0]));
	machine_save_devices(machine, writer);
	state_end(writer);
}

/* Frequencies are measured anew at each start of the node, and differ a little: whether they fit is
 * for vcpu_load() to say. */
static bool same_cpuid(const struct kvm_cpuid2 *own, const struct kvm_cpuid_entry2 *saved)
{
	for (uint32_t i = 0; i < own->nent; i++)
		if (own->entries[i].function != CPUID_FREQUENCIES &&
		    memcmp(&own->entries[i], &saved[i], sizeof(saved[i])) != 0)
			return false;
	return true;
}

static int read_identity(struct machine *machine, struct state_reader *reader)
{
	const struct kvm_cpuid2 *cpuid = cpuid_of(machine->cpuid, 0);
	struct kvm_cpuid_entry2 saved[CPUID_LEAVES_MAX];
	size_t size;

	state_enter(reader, "machine", "", IDENTITY_VERSION);
	if (state_get(reader, "memory", UINT64_MAX) != guest_mem_size(machine->mem))
		state_fail(reader, "the state is of a guest with another size of memory");
	if (state_get(reader, "vcpus", UINT64_MAX) != machine->vcpu_count)
		state_fail(reader, "the state is of a guest with another number of vCPUs");
	size = state_get_some(reader, "cpuid", saved, sizeof(saved));
	if (size != cpuid->nent * sizeof(saved[0]) || !same_cpuid(cpuid, saved))
		state_fail(reader, "the state is of a guest that sees another processor; a named "
				   "model is the same on every node");
	machine_load_devices(machine, reader);
	return state_leave(reader);
}

int machine_write_parts(struct machine *machine, struct state_writer *writer)
{
	uint64_t clock;
	int result = kvm_get_clock(machine->kvm, &clock);

	write_identity(machine, writer);
	if (!result)
		result = irqchip_save(machine->irqchip, writer);
	for (unsigned int i = 0; i < machine->vcpu_count && !result; i++)
		result = vcpu_save(machine->vcpus[i], writer);
	if (result)
		return result;
	pthread_mutex_lock(&machine->lock);
	for (unsigned int i = 0; i < machine->device_count; i++) {
		struct device *device = machine->devices[i].device;

		if (device->ops->save)
			device->ops->save(device, writer);
	}
	pthread_mutex_unlock(&machine->lock);
	state_begin(writer, "clock", "", VERSION);
	state_put(writer, "nanoseconds", clock);
	state_end(writer);
	return buf_ok(writer->out) ? 0 : -ENOMEM;
}

/* Of a part that is refused for no fault of the bytes. */
static int took(struct state_reader *reader, int result, const char *part)
{
	if (result)
		state_fail(reader, "%s does not take its saved state: %s", part, strerror(-result));
	return result;
}

static int read_parts(struct machine *machine, struct state_reader *reader)
{
	uint64_t clock;
	int result = read_identity(machine, reader);

	if (!result)
		result = took(
		    reader, irqchip_load(machine->irqchip, reader), "KVM's interrupt controller");
	for (unsigned int i = 0; i < machine->vcpu_count && !result; i++)
		result = took(reader, vcpu_load(machine->vcpus[i], reader), "a vCPU");
	pthread_mutex_lock(&machine->lock);
	for (unsigned int i = 0; i < machine->device_count && !result; i++) {
		struct device *device = machine->devices[i].device;

		if (device->ops->load)
			result = took(reader, device->ops->load(device, reader), device->ops->name);
	}
	pthread_mutex_unlock(&machine->lock);
	if (result)
		return result;
	state_enter(reader, "clock", "", VERSION);
	clock = state_get(reader, "nanoseconds", UINT64_MAX);
	result = state_leave(reader);
	return result ? result : took(reader, kvm_set_clock(machine->kvm, clock), "KVM's clock");
}

static int check_head(const struct machine *machine, const struct blob *file,
    const struct machine_file_head *head, uint64_t base)
{
	uint64_t end;

	if (memcmp(head->magic, MACHINE_FILE_MAGIC, sizeof(head->magic)) != 0 ||
	    head->memory_size != guest_mem_size(machine->mem) || head->state_length > STATE_MAX ||
	    head->memory_offset < MACHINE_FILE_PAGE + head->state_length ||
	    __builtin_add_overflow(head->memory_offset, head->memory_size, &end) ||
	    __builtin_add_overflow(end, base, &end) || end > file->size)
		return -EINVAL;
	return 0;
}

int machine_load(struct machine *machine, int fd, uint64_t base, struct why *ret_why)
{
	struct state_reader reader;
	struct machine_file_head head;
	struct blob file;
	void *state;
	int result = blob_open(fd, &file);

	if (!result)
		result = blob_read(&file, base, &head, sizeof(head));
	if (!result)
		result = check_head(machine, &file, &head, base);
	if (result)
		return why(ret_why, result,
		    "load: this is no whole state of a guest with that much memory");
	state = mmap(NULL, head.state_length + 1, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (state == MAP_FAILED)
		return why_errno(ret_why, -ENOMEM, "load");
	result = blob_read(&file, base + MACHINE_FILE_PAGE, state, head.state_length);
	if (!result)
		result = read_memory(machine, &file, base + head.memory_offset);
	if (result) {
		munmap(state, head.state_length + 1);
		return why_errno(ret_why, result, "load: the state cannot be read");
	}
	machine_pause_all(machine);
	state_open(&reader, state, head.state_length);
	result = read_parts(machine, &reader);
	munmap(state, head.state_length + 1);
	if (result)
		return why(ret_why, result, "load: %s", reader.message);
	return 0;
}
