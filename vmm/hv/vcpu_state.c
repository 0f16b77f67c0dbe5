/* SPDX-License-Identifier: GPL-2.0-only */
#include "vmm/hv/vcpu_state.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define MSR_TSC 0x10
#define MSR_TSC_DEADLINE 0x6e0
#define MSR_KVM_FIRST 0x4b564d00
#define MSR_KVM_LAST 0x4b564d08

int vcpu_state_init(const struct kvm *kvm, struct vcpu_state *state)
{
	memset(state, 0, sizeof(*state));
	state->msrs = calloc(1, sizeof(*state->msrs));
	state->xsave = calloc(1, kvm->xsave_size);
	return state->msrs && state->xsave ? 0 : -ENOMEM;
}

void vcpu_state_done(struct vcpu_state *state)
{
	free(state->msrs);
	free(state->xsave);
	state->msrs = NULL;
	state->xsave = NULL;
}

/* Which MSRs there are: those that KVM lists, and its own, of which older kernels list only some.
 */
static int list_msrs(const struct kvm *kvm, struct vcpu_msrs *msrs)
{
	struct {
		uint32_t count;
		uint32_t indices[VCPU_MSRS_MAX];
	} list = { .count = VCPU_MSRS_MAX - (MSR_KVM_LAST - MSR_KVM_FIRST + 1) };
	int result = kvm_call(kvm->system, KVM_GET_MSR_INDEX_LIST, &list);

	if (result)
		return result;
	msrs->count = 0;
	for (uint32_t i = 0; i < list.count; i++)
		if (list.indices[i] < MSR_KVM_FIRST || list.indices[i] > MSR_KVM_LAST)
			msrs->entries[msrs->count++].index = list.indices[i];
	for (uint32_t index = MSR_KVM_FIRST; index <= MSR_KVM_LAST; index++)
		msrs->entries[msrs->count++].index = index;
	return 0;
}

/* KVM stops at the first that this guest does not have: drop it and go on behind. */
static int get_msrs(const struct kvm *kvm, int vcpu, struct vcpu_msrs *msrs)
{
	struct vcpu_msrs *part = calloc(1, sizeof(*part));
	uint32_t at = 0;
	int result = part ? list_msrs(kvm, msrs) : -ENOMEM;

	while (!result && at < msrs->count) {
		int done;

		part->count = msrs->count - at;
		memcpy(part->entries, &msrs->entries[at], part->count * sizeof(part->entries[0]));
		done = kvm_call(vcpu, KVM_GET_MSRS, part);
		if (done < 0) {
			result = done;
			break;
		}
		memcpy(&msrs->entries[at], part->entries, (size_t)done * sizeof(part->entries[0]));
		at += (uint32_t)done;
		if (at < msrs->count) {
			msrs->count--;
			memmove(&msrs->entries[at], &msrs->entries[at + 1],
			    (msrs->count - at) * sizeof(msrs->entries[0]));
		}
	}
	free(part);
	return result;
}

/* What cannot be set although it could be read is constant (of the kind of IA32_ARCH_CAPABILITIES):
 * passed over. The deadline comes last, it is relative to the TSC and needs the APIC. */
static int set_msrs(int vcpu, const struct vcpu_msrs *msrs)
{
	struct vcpu_msrs *part = calloc(1, sizeof(*part));
	int result = 0;

	if (!part)
		return -ENOMEM;
	for (int last = 0; last < 2 && !result; last++) {
		uint32_t at = 0;
		uint32_t count = 0;

		for (uint32_t i = 0; i < msrs->count; i++)
			if ((msrs->entries[i].index == MSR_TSC_DEADLINE) == last)
				part->entries[count++] = msrs->entries[i];
		while (at < count) {
			int done;

			part->count = count - at;
			done = kvm_call(vcpu, KVM_SET_MSRS, part);
			if (done < 0) {
				result = done;
				break;
			}
			at += (uint32_t)done + 1;
			if (at < count)
				memmove(part->entries, &part->entries[done + 1],
				    (count - at) * sizeof(part->entries[0]));
		}
	}
	free(part);
	return result;
}

int vcpu_state_get(const struct kvm *kvm, int vcpu, struct vcpu_state *state)
{
	int result = kvm_call(vcpu, KVM_GET_MP_STATE, &state->mp_state);

	if (!result)
		result = kvm_call(vcpu, KVM_GET_REGS, &state->regs);
	if (!result)
		result = kvm->sregs2 ? kvm_call(vcpu, KVM_GET_SREGS2, &state->sregs2)
				     : kvm_call(vcpu, KVM_GET_SREGS, &state->sregs);
	if (!result)
		result = kvm_call(
		    vcpu, kvm->xsave_size > 4096 ? KVM_GET_XSAVE2 : KVM_GET_XSAVE, state->xsave);
	if (!result)
		result = kvm_call(vcpu, KVM_GET_XCRS, &state->xcrs);
	if (!result)
		result = kvm_call(vcpu, KVM_GET_DEBUGREGS, &state->debugregs);
	if (!result)
		result = kvm_call(vcpu, KVM_GET_LAPIC, &state->lapic);
	if (!result)
		result = get_msrs(kvm, vcpu, state->msrs);
	if (!result)
		result = kvm_call(vcpu, KVM_GET_VCPU_EVENTS, &state->events);
	if (!result) {
		int khz = kvm_call(vcpu, KVM_GET_TSC_KHZ, NULL);

		state->tsc_khz = khz > 0 ? (uint32_t)khz : 0;
	}
	return result;
}

/* The counter's speed must be the one that the guest knows; a quarter of a promille is less than
 * the drift that it corrects by itself. */
static int set_tsc_speed(const struct kvm *kvm, int vcpu, uint32_t khz, struct why *ret_why)
{
	int now = kvm_call(vcpu, KVM_GET_TSC_KHZ, NULL);
	int64_t difference = (int64_t)khz - now;
	int result = -ENOTSUP;

	if (!khz || now <= 0 || (difference < 0 ? -difference : difference) <= khz / 4000)
		return 0;
	if (kvm->tsc_control)
		result = kvm_call(vcpu, KVM_SET_TSC_KHZ, (const void *)(uintptr_t)khz); /* NOLINT */
	if (!result)
		return 0;
	return why(ret_why, result,
	    "its time stamp counter runs at %u kHz; this processor's, at %d kHz, cannot be made to: it goes on on a node of that speed only",
	    khz, now);
}

/* One part of the state; what it is called in a message. */
static int set_part(
    int vcpu, unsigned long request, const void *part, const char *name, struct why *ret_why)
{
	int result = kvm_call(vcpu, request, part);

	return result ? why_errno(ret_why, result, "KVM does not take its %s", name) : 0;
}

int vcpu_state_set(
    const struct kvm *kvm, int vcpu, const struct vcpu_state *state, struct why *ret_why)
{
	struct kvm_vcpu_events events = state->events;
	/* Extended control registers say which of the extended state is there. */
	const struct {
		unsigned long request;
		const void *part;
		const char *name;
	} parts[] = {
		{ KVM_SET_MP_STATE, &state->mp_state, "run state" },
		{ KVM_SET_REGS, &state->regs, "general registers" },
		{ kvm->sregs2 ? KVM_SET_SREGS2 : KVM_SET_SREGS,
		    kvm->sregs2 ? (const void *)&state->sregs2 : &state->sregs,
		    "segment and control registers" },
		{ KVM_SET_XCRS, &state->xcrs, "extended control registers" },
		{ KVM_SET_XSAVE, state->xsave, "vector registers" },
		{ KVM_SET_DEBUGREGS, &state->debugregs, "debug registers" },
		{ KVM_SET_LAPIC, &state->lapic, "local interrupt controller" },
	};
	int result = set_tsc_speed(kvm, vcpu, state->tsc_khz, ret_why);

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]) && !result; i++)
		result = set_part(vcpu, parts[i].request, parts[i].part, parts[i].name, ret_why);
	if (!result) {
		result = set_msrs(vcpu, state->msrs);
		if (result)
			return why_errno(
			    ret_why, result, "KVM does not take its model specific registers");
	}
	events.flags |= KVM_VCPUEVENT_VALID_NMI_PENDING | KVM_VCPUEVENT_VALID_SIPI_VECTOR;
	if (!result)
		result = set_part(vcpu, KVM_SET_VCPU_EVENTS, &events, "pending events", ret_why);
	return result;
}

void vcpu_state_write(
    const struct kvm *kvm, const struct vcpu_state *state, struct state_writer *writer)
{
	state_put(writer, "mp-state", state->mp_state.mp_state);
	state_put(writer, "tsc-khz", state->tsc_khz);
	state_put_bytes(writer, "regs", &state->regs, sizeof(state->regs));
	state_put(writer, "sregs-form", kvm->sregs2 ? 2 : 1);
	if (kvm->sregs2)
		state_put_bytes(writer, "sregs", &state->sregs2, sizeof(state->sregs2));
	else
		state_put_bytes(writer, "sregs", &state->sregs, sizeof(state->sregs));
	state_put_bytes(writer, "xcrs", &state->xcrs, sizeof(state->xcrs));
	state_put_bytes(writer, "xsave", state->xsave, kvm->xsave_size);
	state_put_bytes(writer, "debugregs", &state->debugregs, sizeof(state->debugregs));
	state_put_bytes(writer, "lapic", &state->lapic, sizeof(state->lapic));
	state_put_bytes(writer, "msrs", state->msrs->entries,
	    state->msrs->count * sizeof(state->msrs->entries[0]));
	state_put_bytes(writer, "events", &state->events, sizeof(state->events));
}

void vcpu_state_read(const struct kvm *kvm, struct vcpu_state *state, struct state_reader *reader)
{
	size_t size;

	state->mp_state.mp_state = (uint32_t)state_get(reader, "mp-state", UINT32_MAX);
	state->tsc_khz = (uint32_t)state_get(reader, "tsc-khz", UINT32_MAX);
	state_get_bytes(reader, "regs", &state->regs, sizeof(state->regs));
	if (state_get(reader, "sregs-form", 2) != (kvm->sregs2 ? 2 : 1))
		state_fail(reader, "the form of segment registers is another kernel's");
	if (kvm->sregs2)
		state_get_bytes(reader, "sregs", &state->sregs2, sizeof(state->sregs2));
	else
		state_get_bytes(reader, "sregs", &state->sregs, sizeof(state->sregs));
	state_get_bytes(reader, "xcrs", &state->xcrs, sizeof(state->xcrs));
	state_get_bytes(reader, "xsave", state->xsave, kvm->xsave_size);
	state_get_bytes(reader, "debugregs", &state->debugregs, sizeof(state->debugregs));
	state_get_bytes(reader, "lapic", &state->lapic, sizeof(state->lapic));
	size = state_get_some(reader, "msrs", state->msrs->entries, sizeof(state->msrs->entries));
	if (size % sizeof(state->msrs->entries[0]))
		state_fail(reader, "MSRs of %zu bytes", size);
	state->msrs->count = (uint32_t)(size / sizeof(state->msrs->entries[0]));
	state_get_bytes(reader, "events", &state->events, sizeof(state->events));
}
