/* SPDX-License-Identifier: GPL-2.0-only */
/* All registers of a vCPU, in KVM's own structs, which are stable: for reset, save and load. */
#ifndef BERTH_VMM_HV_VCPU_STATE_H
#define BERTH_VMM_HV_VCPU_STATE_H

#include <linux/kvm.h>
#include <stdint.h>

#include "vmm/core/state.h"
#include "vmm/core/why.h"
#include "vmm/hv/kvm.h"

#define VCPU_MSRS_MAX 512

struct vcpu_msrs {
	uint32_t count;
	uint32_t pad;
	struct kvm_msr_entry entries[VCPU_MSRS_MAX];
};

struct vcpu_state {
	struct kvm_mp_state mp_state;
	struct kvm_regs regs;
	struct kvm_sregs sregs; /* or the newer form */
	struct kvm_sregs2 sregs2;
	struct kvm_xcrs xcrs;
	struct kvm_debugregs debugregs;
	struct kvm_lapic_state lapic;
	struct kvm_vcpu_events events;
	uint32_t tsc_khz;
	struct vcpu_msrs *msrs; /* owned */
	void *xsave;		/* owned, kvm->xsave_size bytes */
};

int vcpu_state_init(const struct kvm *kvm, struct vcpu_state *state);
void vcpu_state_done(struct vcpu_state *state);

/* CPUID must be set before: KVM refuses MSRs of features that the guest does not have. */
int vcpu_state_get(const struct kvm *kvm, int vcpu, struct vcpu_state *state);
int vcpu_state_set(
    const struct kvm *kvm, int vcpu, const struct vcpu_state *state, struct why *ret_why);

void vcpu_state_write(
    const struct kvm *kvm, const struct vcpu_state *state, struct state_writer *writer);
void vcpu_state_read(const struct kvm *kvm, struct vcpu_state *state, struct state_reader *reader);

#endif
