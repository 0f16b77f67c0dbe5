/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The guest's machine: processors, memory, devices and the three kinds of threads (docs/vmm.md).
 * Everything here is called on the main thread, without the machine's lock.
 */
#ifndef BERTH_VMM_MACHINE_H
#define BERTH_VMM_MACHINE_H

#include "lib/buf.h"
#include "lib/loop.h"
#include "vmm/core/why.h"
#include "vmm/definition.h"

enum machine_state { MACHINE_PAUSED, MACHINE_RUNNING, MACHINE_SHUTDOWN, MACHINE_CRASHED };

/* Told on the main thread, outside any other call. */
struct machine_ops {
	/* `reason` as docs/vmm.md lists them. After SHUTDOWN or CRASHED the machine stands still.
	 */
	void (*changed)(void *context, enum machine_state state, const char *reason);
	/* Something happened to a device: "disk ID enospc". */
	void (*event)(void *context, const char *text);
	void *context;
};

struct machine;

/* All of it, with no thread but the caller's; what a descriptor opens is opened here. The
 * definition must live as long as the machine, its descriptors are the machine's from now on. */
int machine_create(const struct definition *definition, struct loop *main_loop,
    const struct machine_ops *ops, struct why *ret_why, struct machine **ret_machine);
/* Threads, each fenced in by its list of system calls, then the guest unless it is to be paused. */
int machine_start(struct machine *machine, struct why *ret_why);
/* Ends the threads first. Takes NULL and what is half built. */
void machine_free(struct machine *machine);

enum machine_state machine_state(const struct machine *machine);
const char *machine_reason(const struct machine *machine);

/* 0, or -EBUSY when the state does not allow it. */
int machine_pause(struct machine *machine, const char *reason);
int machine_resume(struct machine *machine);
int machine_reset(struct machine *machine, struct why *ret_why);
int machine_power_button(struct machine *machine);
int machine_nmi(struct machine *machine);
/* Stands still for good. */
void machine_stop(struct machine *machine);

/* How a job tells its end: once, on the main thread. `text`: what failed and why; NULL on success.
 */
struct machine_done {
	void (*call)(void *context, int result, const char *text);
	void *context;
};

/*
 * Jobs; one at a time. 0: the descriptor is the job's, and `done` is called later; else there is no
 * job. How far one is, "job KIND PROCESSED TOTAL" tells as an event.
 *
 * Save: state and memory to a file, from `base` on. The machine stands still for it and
 * afterwards; when it fails, or is cancelled, the machine goes on as before.
 * Dump: its memory as an ELF core file of physical addresses, for crash(8) and the like. The
 * machine stands still meanwhile, unless `live`.
 */
int machine_save(
    struct machine *machine, int fd, uint64_t base, struct machine_done done, struct why *ret_why);
int machine_dump(
    struct machine *machine, int fd, bool live, struct machine_done done, struct why *ret_why);
/* Its `done` gets -ECANCELED. */
void machine_cancel_job(struct machine *machine);

/* A saved machine into one as it was created. */
int machine_load(struct machine *machine, int fd, uint64_t base, struct why *ret_why);

/* Numbers as lines of `key=value`. */
void machine_status(struct machine *machine, struct buf *out);
void machine_stats(struct machine *machine, struct buf *out);

/* -ENOENT: there is no such object; -EBUSY, -EOPNOTSUPP, -ERANGE. Descriptors are taken over. */
int machine_disk_resized(struct machine *machine, const char *id);
int machine_limit_disk(struct machine *machine, const struct definition_disk *disk);
int machine_set_link(struct machine *machine, const char *id, bool up);
int machine_limit_nic(struct machine *machine, const struct definition_nic *nic);

/* The guest is told of the device. -EEXIST: of that name there is one; -ENOSPC: no slot is free. */
int machine_add_disk(
    struct machine *machine, const struct definition_disk *disk, struct why *ret_why);
int machine_add_nic(struct machine *machine, const struct definition_nic *nic, struct why *ret_why);
/* The guest is asked to give it back; it has gone with the event "disk ID removed". To be asked
 * once more is no error. */
int machine_remove_disk(struct machine *machine, const char *id);
int machine_remove_nic(struct machine *machine, const char *id);
/* Disks and network devices and where they are, as lines of `key=value`. */
void machine_devices(struct machine *machine, struct buf *out);

int machine_set_balloon(struct machine *machine, uint64_t bytes);
int machine_set_balloon_period(struct machine *machine, unsigned int seconds);
/* Where a vCPU's thread may run from now on, or with -1 the other threads. -ENOENT: there is no
 * such vCPU; -EINVAL: none of these processors is the guest's. */
int machine_pin(struct machine *machine, int vcpu, const cpu_set_t *cpus);
int machine_console(struct machine *machine, const char *id, int fd, bool force);
int machine_console_size(
    struct machine *machine, const char *id, unsigned int columns, unsigned int rows);

#endif
