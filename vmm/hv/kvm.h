/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * /dev/kvm and one virtual machine of it (Linux, Documentation/virt/kvm/api.rst: "KVM API"). What
 * the kernel must be able to do is checked once, here; nothing else of hv/ looks for it again.
 */
#ifndef BERTH_VMM_HV_KVM_H
#define BERTH_VMM_HV_KVM_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vmm/core/guest_mem.h"
#include "vmm/core/why.h"

struct kvm {
	int system; /* /dev/kvm, owned */
	int vm;
	size_t run_size;   /* of a vCPU's shared page */
	size_t xsave_size; /* of its extended state */
	bool sregs2;
	bool tsc_deadline;
	bool tsc_control;
	unsigned int vcpus_max;
	unsigned int vcpu_id_max; /* first that is too large */
	size_t ring_at; /* of postponed writes, in the mapping of any vCPU; 0: there is none */
	pthread_mutex_t ring_lock;
	struct guest_mem *mem;
};

/* ioctl(2) that gives its result or -errno, and does not know EINTR. */
int kvm_call(int fd, unsigned long request, const void *argument);
int kvm_extension(const struct kvm *kvm, unsigned int extension);

/* Takes `fd` over, on failure too; `mem` must outlive it. */
int kvm_create(int fd, struct guest_mem *mem, struct why *ret_why, struct kvm **ret_kvm);
void kvm_free(struct kvm *kvm);

/* Writes to these ports are postponed (KVM API, 4.116): they are handed out, in their order, before
 * the next access that comes out. For registers that only say what the next access is about. Where
 * KVM cannot do it they come out at once. */
void kvm_postpone_writes(struct kvm *kvm, uint16_t port, unsigned int size);

/* Log the pages that the guest writes; fetching gives, and forgets, one bit a page of `region`. */
int kvm_log_dirty(struct kvm *kvm, bool on);
int kvm_fetch_dirty(struct kvm *kvm, size_t region, uint64_t *bitmap);

/* Of the node's time stamp counter, which is the guest's too; or -errno. */
int kvm_tsc_khz(struct kvm *kvm);

/* The guest's clock (KVM API, 4.29 and 4.30), nanoseconds. */
int kvm_get_clock(struct kvm *kvm, uint64_t *ret_clock);
int kvm_set_clock(struct kvm *kvm, uint64_t clock);

#endif
