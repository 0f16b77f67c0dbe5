/* SPDX-License-Identifier: GPL-2.0-only */
/* Names of the features that a definition may add or take away; as Linux prints them, with "-". */
#ifndef BERTH_VMM_HV_CPUID_FEATURES_H
#define BERTH_VMM_HV_CPUID_FEATURES_H

#include <stddef.h>
#include <stdint.h>

#define CPUID_NEVER 0	/* in no baseline */
#define CPUID_ALWAYS -1 /* in every baseline if the node has it: needed by KVM, or a mitigation */

struct cpuid_feature {
	const char *name;
	uint32_t leaf;
	uint32_t index;
	uint8_t word; /* EAX, EBX, ECX, EDX */
	uint8_t bit;
	int8_t level; /* of x86-64-v1 to v4 that it belongs to */
};

/* NULL: none. */
const struct cpuid_feature *cpuid_feature_find(const char *name, size_t length);
const struct cpuid_feature *cpuid_feature_at(unsigned int index);

#endif
