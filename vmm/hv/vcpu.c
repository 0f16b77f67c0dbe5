/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Leaving KVM_RUN without a gap: whoever wants the thread out sets `wanted`, then immediate_exit,
 * then sends the signal. The thread clears immediate_exit before it looks at `wanted`. So either it
 * sees the wish, or immediate_exit is set after it was cleared and KVM_RUN comes back at once
 * (KVM API, 5, immediate_exit).
 */
#include "vmm/hv/vcpu.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "vmm/hv/vcpu_state.h"

#define KICK SIGUSR1
#define STACK_SIZE (128 * 1024)
#define STATE_VERSION 1
#define MSR_KERNEL_GS_BASE 0xc0000102

enum wanted { WANT_RUN, WANT_PARK, WANT_END };

struct vcpu {
	struct kvm *kvm;
	unsigned int index;
	int fd;
	struct kvm_run *run;
	struct vcpu_ops ops;
	struct vcpu_state initial;
	bool has_thread;
	pthread_t thread;
	const cpu_set_t *cpus;
	pthread_mutex_t lock; /* of what follows */
	pthread_cond_t changed;
	enum wanted wanted;
	bool parked;
	bool entered;
	bool nmi; /* wanted; read without the lock */
	int enter_result;
	/* Written by the thread, read by anybody. */
	uint64_t exits;
	int cpu;
};

static void ignore(int number)
{
	(void)number;
}

int vcpu_prepare_kicks(void)
{
	struct sigaction action = { .sa_handler = ignore };

	return sigaction(KICK, &action, NULL) ? -errno : 0;
}

int vcpu_create(struct kvm *kvm, unsigned int index, struct cpuid *cpuid,
    const struct vcpu_ops *ops, struct why *ret_why, struct vcpu **ret_vcpu)
{
	struct vcpu *vcpu = calloc(1, sizeof(*vcpu));
	int result;

	if (!vcpu)
		return why_errno(ret_why, -ENOMEM, "vCPU %u", index);
	vcpu->kvm = kvm;
	vcpu->index = index;
	vcpu->ops = *ops;
	vcpu->cpu = -1;
	vcpu->wanted = WANT_PARK;
	pthread_mutex_init(&vcpu->lock, NULL);
	pthread_cond_init(&vcpu->changed, NULL);
	vcpu->fd = kvm_call(kvm->vm, KVM_CREATE_VCPU,
	    (const void *)(uintptr_t)cpuid_apic_id(cpuid, index)); /* NOLINT */
	result = vcpu->fd < 0 ? vcpu->fd : 0;
	if (!result) {
		vcpu->run = mmap(
		    NULL, kvm->run_size, PROT_READ | PROT_WRITE, MAP_SHARED, vcpu->fd, 0);
		if (vcpu->run == MAP_FAILED)
			result = -errno;
	}
	if (!result)
		result = kvm_call(vcpu->fd, KVM_SET_CPUID2, cpuid_of(cpuid, index));
	if (!result)
		result = vcpu_state_init(kvm, &vcpu->initial);
	if (!result)
		result = vcpu_state_get(kvm, vcpu->fd, &vcpu->initial);
	if (result) {
		vcpu_free(vcpu);
		return why_errno(ret_why, result, "KVM makes no vCPU %u", index);
	}
	*ret_vcpu = vcpu;
	return 0;
}

static void leave_guest_locked(struct vcpu *vcpu)
{
	if (!vcpu->has_thread || vcpu->parked)
		return;
	__atomic_store_n(&vcpu->run->immediate_exit, 1, __ATOMIC_SEQ_CST);
	pthread_kill(vcpu->thread, KICK);
}

static void want(struct vcpu *vcpu, enum wanted wanted)
{
	pthread_mutex_lock(&vcpu->lock);
	vcpu->wanted = wanted;
	if (wanted != WANT_RUN)
		leave_guest_locked(vcpu);
	pthread_cond_broadcast(&vcpu->changed);
	pthread_mutex_unlock(&vcpu->lock);
}

void vcpu_free(struct vcpu *vcpu)
{
	if (!vcpu)
		return;
	if (vcpu->has_thread) {
		want(vcpu, WANT_END);
		pthread_join(vcpu->thread, NULL);
	}
	if (vcpu->run && vcpu->run != MAP_FAILED)
		munmap(vcpu->run, vcpu->kvm->run_size);
	if (vcpu->fd >= 0)
		close(vcpu->fd);
	vcpu_state_done(&vcpu->initial);
	pthread_cond_destroy(&vcpu->changed);
	pthread_mutex_destroy(&vcpu->lock);
	free(vcpu);
}

/* The guest cannot go on: park, unless somebody wants the end. */
static void stop(struct vcpu *vcpu, enum vcpu_stop reason, const char *text)
{
	pthread_mutex_lock(&vcpu->lock);
	if (vcpu->wanted == WANT_RUN)
		vcpu->wanted = WANT_PARK;
	pthread_mutex_unlock(&vcpu->lock);
	vcpu->ops.stopped(vcpu->ops.context, vcpu->index, reason, text);
}

static void stop_for_error(struct vcpu *vcpu, const char *what, uint64_t number)
{
	struct kvm_regs regs = { 0 };
	char text[160];

	ioctl(vcpu->fd, KVM_GET_REGS, &regs);
	snprintf(text, sizeof(text), "vCPU %u: KVM: %s %llu at rip 0x%llx", vcpu->index, what,
	    (unsigned long long)number, (unsigned long long)regs.rip);
	stop(vcpu, VCPU_ERROR, text);
}

static void system_event(struct vcpu *vcpu)
{
	switch (vcpu->run->system_event.type) {
	case KVM_SYSTEM_EVENT_SHUTDOWN:
		stop(vcpu, VCPU_POWER_OFF, "");
		break;
	case KVM_SYSTEM_EVENT_RESET:
		stop(vcpu, VCPU_RESET, "");
		break;
	default:
		stop(vcpu, VCPU_CRASH, "the guest reported a crash");
		break;
	}
}

/*
 * Hand out what was postponed. The ring is the machine's, not the vCPU's: what another one left
 * there is handed out too. An entry is done with before it leaves the ring, and the ring has one
 * reader at a time, so a vCPU that finds it empty knows that its own writes have been seen.
 */
static void hand_out(struct vcpu *vcpu)
{
	struct kvm *kvm = vcpu->kvm;
	struct kvm_coalesced_mmio_ring *ring =
	    (struct kvm_coalesced_mmio_ring *)(void *)((char *)vcpu->run + kvm->ring_at);
	uint32_t entries = (uint32_t)((sysconf(_SC_PAGESIZE) - (long)sizeof(*ring)) /
				      (long)sizeof(ring->coalesced_mmio[0]));

	if (!kvm->ring_at || __atomic_load_n(&ring->first, __ATOMIC_ACQUIRE) ==
				 __atomic_load_n(&ring->last, __ATOMIC_ACQUIRE))
		return;
	pthread_mutex_lock(&kvm->ring_lock);
	while (ring->first < entries &&
	       ring->first != __atomic_load_n(&ring->last, __ATOMIC_ACQUIRE)) {
		struct kvm_coalesced_mmio *entry = &ring->coalesced_mmio[ring->first];

		if (entry->pio)
			vcpu->ops.port(vcpu->ops.context, (uint16_t)entry->phys_addr, entry->len,
			    true, entry->data, 1);
		__atomic_store_n(&ring->first, (ring->first + 1) % entries, __ATOMIC_RELEASE);
	}
	pthread_mutex_unlock(&kvm->ring_lock);
}

static void handle_exit(struct vcpu *vcpu)
{
	struct kvm_run *run = vcpu->run;

	hand_out(vcpu);
	switch (run->exit_reason) {
	case KVM_EXIT_IO:
		vcpu->ops.port(vcpu->ops.context, run->io.port, run->io.size,
		    run->io.direction == KVM_EXIT_IO_OUT, (uint8_t *)run + run->io.data_offset,
		    run->io.count);
		break;
	case KVM_EXIT_MMIO:
		vcpu->ops.memory(vcpu->ops.context, run->mmio.phys_addr, run->mmio.len,
		    run->mmio.is_write, run->mmio.data);
		break;
	case KVM_EXIT_SHUTDOWN:
		stop(vcpu, VCPU_TRIPLE_FAULT, "");
		break;
	case KVM_EXIT_SYSTEM_EVENT:
		system_event(vcpu);
		break;
	case KVM_EXIT_INTERNAL_ERROR:
		stop_for_error(vcpu, "internal error", run->internal.suberror);
		break;
	case KVM_EXIT_FAIL_ENTRY:
		stop_for_error(
		    vcpu, "entry refused,", run->fail_entry.hardware_entry_failure_reason);
		break;
	case KVM_EXIT_INTR:
		break;
	default:
		stop_for_error(vcpu, "unknown exit", run->exit_reason);
		break;
	}
}

/* Until something else than running is wanted. */
static void run_guest(struct vcpu *vcpu)
{
	for (;;) {
		__atomic_store_n(&vcpu->run->immediate_exit, 0, __ATOMIC_SEQ_CST);
		if (__atomic_load_n(&vcpu->wanted, __ATOMIC_SEQ_CST) != WANT_RUN)
			return;
		if (__atomic_exchange_n(&vcpu->nmi, false, __ATOMIC_SEQ_CST))
			kvm_call(vcpu->fd, KVM_NMI, NULL);
		if (ioctl(vcpu->fd, KVM_RUN, NULL) < 0) {
			if (errno == EINTR || errno == EAGAIN)
				continue;
			if (errno == EFAULT)
				stop_for_error(vcpu, "memory is gone, error", EFAULT);
			else
				stop_for_error(vcpu, "error", (uint64_t)errno);
			continue;
		}
		__atomic_store_n(&vcpu->exits, vcpu->exits + 1, __ATOMIC_RELAXED);
		__atomic_store_n(&vcpu->cpu, sched_getcpu(), __ATOMIC_RELAXED);
		handle_exit(vcpu);
	}
}

/* An exit for a device is finished by the next KVM_RUN: without it a register read would be missing
 * in what is saved (KVM API, 5, "KVM_EXIT_MMIO"). */
static void finish_exit(struct vcpu *vcpu)
{
	__atomic_store_n(&vcpu->run->immediate_exit, 1, __ATOMIC_SEQ_CST);
	while (ioctl(vcpu->fd, KVM_RUN, NULL) == 0)
		handle_exit(vcpu);
	hand_out(vcpu);
	__atomic_store_n(&vcpu->cpu, sched_getcpu(), __ATOMIC_RELAXED);
}

static void *thread_main(void *argument)
{
	struct vcpu *vcpu = argument;
	char name[16];
	int result = 0;

	snprintf(name, sizeof(name), "vcpu%u", vcpu->index);
	prctl(PR_SET_NAME, name);
	if (vcpu->cpus && sched_setaffinity(0, sizeof(*vcpu->cpus), vcpu->cpus))
		result = -errno;
	if (!result)
		result = vcpu->ops.enter(vcpu->ops.context);
	pthread_mutex_lock(&vcpu->lock);
	vcpu->enter_result = result;
	vcpu->entered = true;
	for (;;) {
		vcpu->parked = true;
		pthread_cond_broadcast(&vcpu->changed);
		while (vcpu->wanted == WANT_PARK)
			pthread_cond_wait(&vcpu->changed, &vcpu->lock);
		if (vcpu->wanted == WANT_END)
			break;
		vcpu->parked = false;
		pthread_mutex_unlock(&vcpu->lock);
		run_guest(vcpu);
		finish_exit(vcpu);
		pthread_mutex_lock(&vcpu->lock);
	}
	pthread_mutex_unlock(&vcpu->lock);
	return NULL;
}

int vcpu_start(struct vcpu *vcpu, const cpu_set_t *cpus)
{
	pthread_attr_t attributes;
	int result;

	vcpu->cpus = cpus;
	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, STACK_SIZE);
	result = pthread_create(&vcpu->thread, &attributes, thread_main, vcpu);
	pthread_attr_destroy(&attributes);
	if (result)
		return -result;
	pthread_mutex_lock(&vcpu->lock);
	vcpu->has_thread = true;
	while (!vcpu->entered)
		pthread_cond_wait(&vcpu->changed, &vcpu->lock);
	result = vcpu->enter_result;
	pthread_mutex_unlock(&vcpu->lock);
	return result;
}

int vcpu_pin(struct vcpu *vcpu, const cpu_set_t *cpus)
{
	return -pthread_setaffinity_np(vcpu->thread, sizeof(*cpus), cpus);
}

void vcpu_resume(struct vcpu *vcpu)
{
	want(vcpu, WANT_RUN);
}

void vcpu_kick(struct vcpu *vcpu)
{
	want(vcpu, WANT_PARK);
}

void vcpu_wait(struct vcpu *vcpu)
{
	if (!vcpu->has_thread)
		return;
	pthread_mutex_lock(&vcpu->lock);
	while (!vcpu->parked)
		pthread_cond_wait(&vcpu->changed, &vcpu->lock);
	pthread_mutex_unlock(&vcpu->lock);
}

int vcpu_reset(struct vcpu *vcpu)
{
	struct why reason;

	return vcpu_state_set(vcpu->kvm, vcpu->fd, &vcpu->initial, &reason);
}

static struct kvm_segment flat(uint16_t selector, uint8_t type, bool long_mode)
{
	return (struct kvm_segment){
		.limit = 0xffffffff,
		.selector = selector,
		.type = type,
		.present = 1,
		.s = 1,
		.g = 1,
		.db = !long_mode,
		.l = long_mode,
	};
}

int vcpu_set_boot(struct vcpu *vcpu, const struct boot_cpu *boot)
{
	struct kvm_regs regs = {
		.rip = boot->rip, .rsp = boot->rsp, .rbx = boot->rbx, .rsi = boot->rsi, .rflags = 2
	};
	struct kvm_sregs sregs = { 0 };
	struct kvm_segment data = flat(boot->data_selector, 3, false);
	int result = kvm_call(vcpu->fd, KVM_GET_SREGS, &sregs);

	if (result)
		return result;
	sregs.cs = flat(boot->code_selector, 11, boot->long_mode);
	sregs.ds = sregs.es = sregs.fs = sregs.gs = sregs.ss = data;
	sregs.tr = (struct kvm_segment){
		.limit = 0x67, .selector = boot->task_selector, .type = 11, .present = 1
	};
	sregs.gdt = (struct kvm_dtable){ .base = boot->gdt, .limit = boot->gdt_limit };
	sregs.idt = (struct kvm_dtable){ 0 };
	sregs.cr0 = 0x11; /* PE, ET */
	if (boot->long_mode) {
		sregs.cr0 |= 0x80000000; /* PG */
		sregs.cr3 = boot->cr3;
		sregs.cr4 = 0x20;   /* PAE */
		sregs.efer = 0x500; /* LME, LMA */
	}
	result = kvm_call(vcpu->fd, KVM_SET_SREGS, &sregs);
	return result ? result : kvm_call(vcpu->fd, KVM_SET_REGS, &regs);
}

int vcpu_set_real(struct vcpu *vcpu, uint16_t ip)
{
	struct kvm_regs regs = { .rip = ip, .rflags = 2 };
	struct kvm_sregs sregs = { 0 };
	int result = kvm_call(vcpu->fd, KVM_GET_SREGS, &sregs);

	if (result)
		return result;
	sregs.cs.base = 0;
	sregs.cs.selector = 0;
	result = kvm_call(vcpu->fd, KVM_SET_SREGS, &sregs);
	return result ? result : kvm_call(vcpu->fd, KVM_SET_REGS, &regs);
}

int vcpu_save(struct vcpu *vcpu, struct state_writer *writer)
{
	struct vcpu_state state;
	char instance[16];
	int result = vcpu_state_init(vcpu->kvm, &state);

	if (!result)
		result = vcpu_state_get(vcpu->kvm, vcpu->fd, &state);
	if (!result) {
		snprintf(instance, sizeof(instance), "%u", vcpu->index);
		state_begin(writer, "vcpu", instance, STATE_VERSION);
		vcpu_state_write(vcpu->kvm, &state, writer);
		state_end(writer);
	}
	vcpu_state_done(&state);
	return result;
}

int vcpu_load(struct vcpu *vcpu, struct state_reader *reader)
{
	struct vcpu_state state;
	struct why reason;
	char instance[16];
	int result = vcpu_state_init(vcpu->kvm, &state);

	if (!result) {
		snprintf(instance, sizeof(instance), "%u", vcpu->index);
		state_enter(reader, "vcpu", instance, STATE_VERSION);
		vcpu_state_read(vcpu->kvm, &state, reader);
		result = state_leave(reader);
	}
	if (!result) {
		result = vcpu_state_set(vcpu->kvm, vcpu->fd, &state, &reason);
		if (result)
			state_fail(reader, "vCPU %u: %s", vcpu->index, reason.text);
	}
	vcpu_state_done(&state);
	return result;
}

int vcpu_get_registers(const struct vcpu *vcpu, struct vcpu_registers *ret_registers)
{
	/* struct kvm_msrs, with one. */
	struct {
		uint32_t count;
		uint32_t pad;
		struct kvm_msr_entry entry;
	} msrs = { .count = 1, .entry.index = MSR_KERNEL_GS_BASE };
	struct vcpu_registers registers = { 0 };
	int result = kvm_call(vcpu->fd, KVM_GET_REGS, &registers.regs);

	if (!result)
		result = kvm_call(vcpu->fd, KVM_GET_SREGS, &registers.sregs);
	if (!result)
		result = kvm_call(vcpu->fd, KVM_GET_MSRS, &msrs);
	if (result < 0)
		return result;
	registers.kernel_gs_base = msrs.entry.data;
	*ret_registers = registers;
	return 0;
}

void vcpu_was_paused(struct vcpu *vcpu)
{
	/* Fails where the guest has no such clock; nothing is lost then. */
	kvm_call(vcpu->fd, KVM_KVMCLOCK_CTRL, NULL);
}

void vcpu_get_stats(const struct vcpu *vcpu, struct vcpu_stats *ret_stats)
{
	struct timespec used = { 0 };
	clockid_t clock;

	*ret_stats = (struct vcpu_stats){ .exits = __atomic_load_n(&vcpu->exits, __ATOMIC_RELAXED),
		.cpu = vcpu->cpu };
	if (vcpu->has_thread && pthread_getcpuclockid(vcpu->thread, &clock) == 0 &&
	    clock_gettime(clock, &used) == 0)
		ret_stats->time = (uint64_t)used.tv_sec * 1000000000 + (uint64_t)used.tv_nsec;
}

/* By its own thread: KVM keeps everybody else waiting as long as the guest runs or sleeps. */
void vcpu_nmi(struct vcpu *vcpu)
{
	pthread_mutex_lock(&vcpu->lock);
	__atomic_store_n(&vcpu->nmi, true, __ATOMIC_SEQ_CST);
	leave_guest_locked(vcpu);
	pthread_mutex_unlock(&vcpu->lock);
}
