/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What takes long: the machine's state, or its memory alone, into a file. It is done slice by slice
 * on the main thread, so that requests are answered between two slices, and one of them may end it.
 * Buffers, places and lengths suit a descriptor with O_DIRECT.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "vmm/core_file.h"
#include "vmm/machine_file.h"
#include "vmm/machine_parts.h"

/* What one slice looks at. */
#define SLICE (4ull << 20)
#define TELL_EVERY 100000000ull

static const char *const names[] = { [MACHINE_JOB_SAVE] = "save", [MACHINE_JOB_DUMP] = "dump" };

static int write_all(int fd, const void *data, uint64_t length, uint64_t offset)
{
	const uint8_t *at = data;

	while (length) {
		ssize_t count = pwrite(fd, at, length, (off_t)offset);

		if (count < 0 && errno == EINTR)
			continue;
		if (count <= 0)
			return count < 0 ? -errno : -EIO;
		at += count;
		offset += (uint64_t)count;
		length -= (uint64_t)count;
	}
	return 0;
}

/* By words: most of a guest's memory is looked at in vain. */
static bool is_zero(const uint8_t *data)
{
	const uint64_t *words = (const uint64_t *)(const void *)data;

	for (size_t i = 0; i < MACHINE_FILE_CHUNK / sizeof(*words); i += 8)
		if (words[i] | words[i + 1] | words[i + 2] | words[i + 3] | words[i + 4] |
		    words[i + 5] | words[i + 6] | words[i + 7])
			return false;
	return true;
}

static uint64_t round_up(uint64_t value, uint64_t unit)
{
	return (value + unit - 1) / unit * unit;
}

/* The guest goes on, if it stands still for the job's sake. */
static void go_on(struct machine *machine, const char *reason)
{
	if (machine->job.paused && machine->state == MACHINE_PAUSED)
		machine_resume_with(machine, reason);
}

static void finish(struct machine *machine, int result)
{
	struct machine_job job = machine->job;
	struct why reason = { 0 };

	loop_timer_cancel(&machine->job.next);
	if (result)
		why_errno(&reason, result, "%s", names[job.kind]);
	if (result && job.kind == MACHINE_JOB_SAVE)
		go_on(machine, "save-canceled");
	else if (job.kind == MACHINE_JOB_DUMP)
		go_on(machine, "resumed");
	free(job.head);
	close(job.fd);
	machine->job = (struct machine_job){ 0 };
	job.done.call(job.done.context, result, result ? reason.text : NULL);
}

static void tell(struct machine *machine)
{
	struct machine_job *job = &machine->job;
	uint64_t now = loop_time(machine->main_loop);
	char text[96];

	if (now < job->told + TELL_EVERY)
		return;
	job->told = now;
	snprintf(text, sizeof(text), "job %s %" PRIu64 " %" PRIu64, names[job->kind],
	    job->processed, guest_mem_size(machine->mem));
	machine->ops.event(machine->ops.context, text);
}

/* Write what is not zero of [at, at + length) of a region, neighbours in one go. */
static int write_slice(const struct machine_job *job, const uint8_t *at, uint64_t length)
{
	uint64_t from = 0;
	int result = 0;

	while (from < length && !result) {
		uint64_t end = from;

		while (end < length && !is_zero(at + end))
			end += MACHINE_FILE_CHUNK;
		if (end > from)
			result = write_all(job->fd, at + from, end - from, job->at + from);
		from = end + MACHINE_FILE_CHUNK;
	}
	return result;
}

static void step(void *context)
{
	struct machine *machine = context;
	struct machine_job *job = &machine->job;
	const struct guest_mem_region *regions;
	size_t count = guest_mem_regions(machine->mem, &regions);
	int result = 0;

	if (job->region < count) {
		const struct guest_mem_region *region = &regions[job->region];
		uint64_t left = region->size - job->within;
		uint64_t length = left < SLICE ? left : SLICE;

		result = write_slice(job, region->host + job->within, length);
		job->within += length;
		job->at += length;
		job->processed += length;
		if (job->within == region->size) {
			job->region++;
			job->within = 0;
		}
		tell(machine);
	} else {
		/* The head last: without it the file is nothing. */
		if (fsync(job->fd))
			result = -errno;
		if (!result)
			result = write_all(job->fd, job->head, job->head_length, job->head_at);
		if (!result && fsync(job->fd))
			result = -errno;
		finish(machine, result);
		return;
	}
	if (result)
		finish(machine, result);
	else
		loop_timer_set(&job->next, loop_time(machine->main_loop) + 1);
}

/* The file's size is known, and what was in it before must not show through the holes. */
static int size_file(int fd, uint64_t from, uint64_t to)
{
	return ftruncate(fd, (off_t)from) || ftruncate(fd, (off_t)to) ? -errno : 0;
}

/* The head's page and the state behind it, in one buffer. */
static int begin_save(struct machine *machine, uint64_t base)
{
	struct machine_job *job = &machine->job;
	struct machine_file_head head = { .magic = MACHINE_FILE_MAGIC,
		.memory_size = guest_mem_size(machine->mem) };
	struct buf state = BUF_INIT;
	struct state_writer writer = { .out = &state };
	int result = machine_write_parts(machine, &writer);

	head.state_length = state.length;
	head.memory_offset = round_up(MACHINE_FILE_PAGE + state.length, MACHINE_FILE_CHUNK);
	job->head_length = MACHINE_FILE_PAGE;
	job->head_at = base;
	job->at = base + head.memory_offset;
	if (!result) {
		job->head = aligned_alloc(MACHINE_FILE_PAGE, head.memory_offset);
		result = job->head ? 0 : -ENOMEM;
	}
	if (!result) {
		memset(job->head, 0, head.memory_offset);
		memcpy(job->head, &head, sizeof(head));
		memcpy(job->head + MACHINE_FILE_PAGE, buf_text(&state), state.length);
		result = size_file(job->fd, base, job->at + head.memory_size);
	}
	if (!result)
		result = write_all(job->fd, job->head + MACHINE_FILE_PAGE,
		    head.memory_offset - MACHINE_FILE_PAGE, base + MACHINE_FILE_PAGE);
	buf_done(&state);
	return result;
}

static int begin_dump(struct machine *machine)
{
	struct machine_job *job = &machine->job;
	struct vcpu_registers *cpus = calloc(machine->vcpu_count, sizeof(*cpus));
	const struct guest_mem_region *regions;
	size_t count = guest_mem_regions(machine->mem, &regions);
	int result = cpus ? 0 : -ENOMEM;

	for (unsigned int i = 0; i < machine->vcpu_count && !result; i++)
		result = vcpu_get_registers(machine->vcpus[i], &cpus[i]);
	if (!result)
		result = core_file_head(cpus, machine->vcpu_count, regions, count,
		    MACHINE_FILE_CHUNK, &job->head, &job->head_length);
	free(cpus);
	job->at = job->head_length;
	return result ? result : size_file(job->fd, 0, job->at + guest_mem_size(machine->mem));
}

static int begin(struct machine *machine, enum machine_job_kind kind, int fd,
    struct machine_done done, struct why *ret_why)
{
	if (machine->job.kind)
		return why(ret_why, -EBUSY, "a %s is under way", names[machine->job.kind]);
	if (machine->state != MACHINE_RUNNING && machine->state != MACHINE_PAUSED)
		return why(ret_why, -EBUSY, "%s: the guest has ended", names[kind]);
	machine->job = (struct machine_job){ .kind = kind, .fd = fd, .done = done };
	loop_timer_init(&machine->job.next, machine->main_loop, step, machine);
	return 0;
}

/* What could not even begin is as if it had not been asked for; the descriptor stays its owner's.
 */
static int give_up(struct machine *machine, int result, struct why *ret_why)
{
	const char *name = names[machine->job.kind];

	go_on(machine, machine->job.kind == MACHINE_JOB_SAVE ? "save-canceled" : "resumed");
	free(machine->job.head);
	machine->job = (struct machine_job){ 0 };
	return why_errno(ret_why, result, "%s", name);
}

int machine_save(
    struct machine *machine, int fd, uint64_t base, struct machine_done done, struct why *ret_why)
{
	int result = begin(machine, MACHINE_JOB_SAVE, fd, done, ret_why);

	if (result)
		return result;
	machine->job.paused = machine->state == MACHINE_RUNNING;
	machine_pause(machine, "saving");
	result = begin_save(machine, base);
	if (result)
		return give_up(machine, result, ret_why);
	loop_timer_set(&machine->job.next, loop_time(machine->main_loop));
	return 0;
}

int machine_dump(
    struct machine *machine, int fd, bool live, struct machine_done done, struct why *ret_why)
{
	bool running = machine->state == MACHINE_RUNNING;
	int result = begin(machine, MACHINE_JOB_DUMP, fd, done, ret_why);

	if (result)
		return result;
	/* For its registers it stands still in any case. */
	if (running && live)
		machine_pause_all(machine);
	machine->job.paused = running && !live;
	if (machine->job.paused)
		machine_pause(machine, "dumping");
	result = begin_dump(machine);
	if (running && live)
		machine_resume_all(machine);
	if (result)
		return give_up(machine, result, ret_why);
	loop_timer_set(&machine->job.next, loop_time(machine->main_loop));
	return 0;
}

void machine_cancel_job(struct machine *machine)
{
	if (machine->job.kind)
		finish(machine, -ECANCELED);
}

bool machine_stands_for_job(const struct machine *machine)
{
	return machine->job.kind == MACHINE_JOB_SAVE || machine->job.paused;
}

void machine_job_status(const struct machine *machine, struct buf *out)
{
	if (machine->job.kind)
		buf_printf(out, "job=%s\njob-processed=%" PRIu64 "\njob-total=%" PRIu64 "\n",
		    names[machine->job.kind], machine->job.processed, guest_mem_size(machine->mem));
}
