/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What processor the guest sees: all that the node and KVM can do ("host"), or a named baseline
 * that is the same on every node that has it, so that a guest can move; then single features more
 * or less. And where in the machine each vCPU sits.
 */
#ifndef BERTH_VMM_HV_CPUID_H
#define BERTH_VMM_HV_CPUID_H

#include <linux/kvm.h>
#include <stdbool.h>
#include <stdint.h>

#include "vmm/core/why.h"

#define CPUID_LEAVES_MAX 160

struct cpuid_options {
	const char *model;    /* NULL: host */
	const char *features; /* "+x -y ...", NULL: none */
	unsigned int vcpus;
	unsigned int sockets; /* all three 0: one socket, a core a vCPU */
	unsigned int cores;
	unsigned int threads;
	uint32_t tsc_khz;
	bool tsc_deadline; /* KVM has that timer */
};

struct cpuid;

/* From what KVM says that it supports on this node (KVM API, 4.46). */
int cpuid_create(
    int kvm, const struct cpuid_options *options, struct why *ret_why, struct cpuid **ret_cpuid);
/* The same from a table, for tests. */
int cpuid_build(const struct kvm_cpuid2 *supported, const struct cpuid_options *options,
    struct why *ret_why, struct cpuid **ret_cpuid);
void cpuid_free(struct cpuid *cpuid);

/* The leaf of the TSC's and the APIC's, as hypervisors tell them. */
#define CPUID_FREQUENCIES 0x40000010u

/* The table of one vCPU; valid until the next call. */
struct kvm_cpuid2 *cpuid_of(struct cpuid *cpuid, unsigned int vcpu);
uint32_t cpuid_apic_id(const struct cpuid *cpuid, unsigned int vcpu);

/* The names that are known, one at a time; NULL after the last. */
const char *cpuid_model_name(unsigned int index);
const char *cpuid_feature_name(unsigned int index);

#endif
