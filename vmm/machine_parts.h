/* SPDX-License-Identifier: GPL-2.0-only */
/* What a machine is made of; for the files of machine only. */
#ifndef BERTH_VMM_MACHINE_PARTS_H
#define BERTH_VMM_MACHINE_PARTS_H

#include <pthread.h>

#include "vmm/backend/chardev.h"
#include "vmm/bus/device.h"
#include "vmm/bus/pci.h"
#include "vmm/firmware/blob.h"
#include "vmm/hv/cpuid.h"
#include "vmm/hv/irqchip.h"
#include "vmm/hv/kvm.h"
#include "vmm/hv/vcpu.h"
#include "vmm/machine.h"
#include "vmm/machine_job_parts.h"
#include "vmm/virtio/virtio_pci.h"

#define MACHINE_DEVICES_MAX 80

enum machine_kind {
	MACHINE_FIXED, /* of every machine */
	MACHINE_SERIAL,
	MACHINE_DISK,
	MACHINE_NIC,
	MACHINE_CONSOLE,
	MACHINE_RNG,
	MACHINE_BALLOON,
	MACHINE_VSOCK,
};

/* What a guest asked for, on whichever thread; done on the main one. */
enum machine_request {
	REQUEST_POWER_OFF = 1,
	REQUEST_RESET = 2,
	REQUEST_PANIC = 4,
	REQUEST_ERROR = 8,     /* a vCPU cannot go on: error */
	REQUEST_NO_SPACE = 16, /* a disk met ENOSPC: full_disk */
	REQUEST_EJECTED = 32,  /* a device has left the bus */
	REQUEST_BALLOON = 64,  /* the guest has given memory away, or taken it back */
};

struct machine_device {
	enum machine_kind kind;
	char id[DEFINITION_WORD];
	struct device *device;
	struct virtio_pci *pci;	 /* NULL: it is not on that bus */
	struct virtio *virtio;	 /* likewise */
	struct chardev *chardev; /* of consoles */
	bool asked;		 /* the guest is to give it back */
	bool ejected;		 /* off the bus; only the machine still has it */
};

struct machine {
	const struct definition *definition;
	struct loop *main_loop;
	struct machine_ops ops;

	/* Under the lock once there are threads. */
	pthread_mutex_t lock;
	struct loop *io_loop;
	struct iobus *ports;
	struct iobus *memory;
	struct pci_bus *pci;
	struct device *pm;
	struct device *hotplug;
	unsigned int device_count;
	/* In the order of creation. Flags of one change under the lock; the list itself is the main
	 * thread's, which holds the lock to change it. */
	struct machine_device devices[MACHINE_DEVICES_MAX];
	unsigned int requests;
	char error[160];
	char full_disk[DEFINITION_WORD];

	struct guest_mem *mem;
	struct kvm *kvm;
	struct irqchip *irqchip;
	struct cpuid *cpuid;
	unsigned int vcpu_count;
	struct vcpu *vcpus[DEFINITION_VCPUS_MAX];
	struct virtio_pci_host host;

	struct blob kernel;
	struct blob initrd;
	bool has_initrd;
	int64_t clock_offset; /* of the RTC, nanoseconds */

	enum machine_state state;
	char reason[WHY_TEXT];
	unsigned int resets;
	uint64_t started; /* CLOCK_MONOTONIC */
	struct loop_call requested;
	struct loop_timer draining; /* what was ejected and is not quiet yet */
	struct loop_timer balloon;  /* tells of its size, */
	uint64_t balloon_told;	    /* as it did last */
	pthread_t io_thread;
	bool has_io_thread;
	bool io_ended; /* under the lock: the thread cannot go on; nothing is served any more */
	bool loaded;   /* and has not run since */
	struct machine_job job;
};

/* machine_parts.c: the table of what the guest sees. */
int machine_create_parts(struct machine *machine, struct why *ret_why);
int machine_create_disk(
    struct machine *machine, const struct definition_disk *disk, struct why *ret_why);
int machine_create_nic(
    struct machine *machine, const struct definition_nic *nic, struct why *ret_why);
/* Ask the main thread, from any, with the lock held. */
void machine_ask(struct machine *machine, unsigned int request);
struct machine_device *machine_find(
    struct machine *machine, enum machine_kind kind, const char *id);

/* machine_plug.c: a slot is given back by the guest, with the lock held; all that it was asked for
 * goes at once, at a reset; what is off the bus and quiet is freed. */
const char *machine_kind_name(enum machine_kind kind);
void machine_ejected(void *context, unsigned int slot);
void machine_eject_asked(struct machine *machine);
void machine_collect(void *context);
/* Which devices there are and in which slots, as fields of the open section. */
void machine_save_devices(struct machine *machine, struct state_writer *writer);
void machine_load_devices(struct machine *machine, struct state_reader *reader);

/* machine_boot.c: memory and first processor as at power-on. */
int machine_boot(struct machine *machine, struct why *ret_why);

/* machine_run.c: threads, and all devices at once. */
struct vcpu_ops machine_vcpu_ops(struct machine *machine);
void machine_pause_all(struct machine *machine);
void machine_resume_all(struct machine *machine);
void machine_enter_state(struct machine *machine, enum machine_state state, const char *reason);
void machine_resume_with(struct machine *machine, const char *reason);

/* machine_state.c */
int machine_write_parts(struct machine *machine, struct state_writer *writer);

#endif
