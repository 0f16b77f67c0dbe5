/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A virtual processor and its thread. A thread is born parked, runs the guest between
 * vcpu_resume() and vcpu_pause(), and parks by itself when its guest cannot go on; then `stopped`
 * of its owner is told. Nobody who holds the machine's lock may wait for a vCPU: it may be waiting
 * for the lock.
 */
#ifndef BERTH_VMM_HV_VCPU_H
#define BERTH_VMM_HV_VCPU_H

#include <sched.h>
#include <stdbool.h>
#include <stdint.h>

#include "vmm/core/boot_cpu.h"
#include "vmm/core/state.h"
#include "vmm/hv/cpuid.h"
#include "vmm/hv/kvm.h"

enum vcpu_stop {
	VCPU_TRIPLE_FAULT, /* a real processor would reset the machine */
	VCPU_POWER_OFF,
	VCPU_RESET,
	VCPU_CRASH, /* the guest told so */
	VCPU_ERROR, /* KVM cannot go on */
};

/* Called on the vCPU's thread, with no lock held. */
struct vcpu_ops {
	void (*port)(void *context, uint16_t port, unsigned int size, bool write, void *data,
	    uint32_t count);
	void (*memory)(void *context, uint64_t address, unsigned int size, bool write, void *data);
	void (*stopped)(void *context, unsigned int vcpu, enum vcpu_stop why, const char *text);
	/* First thing on the thread, to fence it in. 0 or -errno, which vcpu_start() gives. */
	int (*enter)(void *context);
	void *context;
};

/* For people. */
struct vcpu_registers {
	struct kvm_regs regs;
	struct kvm_sregs sregs;
	uint64_t kernel_gs_base; /* 0 where it has none */
};

struct vcpu;

int vcpu_create(struct kvm *kvm, unsigned int index, struct cpuid *cpuid,
    const struct vcpu_ops *ops, struct why *ret_why, struct vcpu **ret_vcpu);
/* Ends the thread. Takes NULL. */
void vcpu_free(struct vcpu *vcpu);

/* Start the thread, parked. `cpus`: where it may run, or NULL. Once in the program's life, before
 * the first, vcpu_prepare_kicks(). */
int vcpu_prepare_kicks(void);
int vcpu_start(struct vcpu *vcpu, const cpu_set_t *cpus);
/* Where the thread may run from now on. 0 or -errno; -EINVAL: none of these is the program's. */
int vcpu_pin(struct vcpu *vcpu, const cpu_set_t *cpus);
void vcpu_resume(struct vcpu *vcpu);
/* Ask the thread to leave the guest and park; wait until it has. */
void vcpu_kick(struct vcpu *vcpu);
void vcpu_wait(struct vcpu *vcpu);

/* The rest is for a parked one (or one without a thread). Reset: as after power-on, when it waits
 * for INIT unless it is the first. */
int vcpu_reset(struct vcpu *vcpu);
int vcpu_set_boot(struct vcpu *vcpu, const struct boot_cpu *boot);
/* Real mode at 0:`ip`, for small programs. */
int vcpu_set_real(struct vcpu *vcpu, uint16_t ip);
int vcpu_save(struct vcpu *vcpu, struct state_writer *writer);
int vcpu_load(struct vcpu *vcpu, struct state_reader *reader);
int vcpu_get_registers(const struct vcpu *vcpu, struct vcpu_registers *ret_registers);
/* Tell the guest's watchdogs that it stood still (KVM API, 4.70). */
void vcpu_was_paused(struct vcpu *vcpu);

struct vcpu_stats {
	uint64_t time;	/* nanoseconds of its thread */
	uint64_t exits; /* to this program */
	int cpu;	/* where the thread was when it last came out; -1: not known */
};

void vcpu_get_stats(const struct vcpu *vcpu, struct vcpu_stats *ret_stats);
/* A non-maskable interrupt, as soon as it runs. */
void vcpu_nmi(struct vcpu *vcpu);

#endif
