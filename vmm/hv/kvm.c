/* SPDX-License-Identifier: GPL-2.0-only */
#include "vmm/hv/kvm.h"

#include <errno.h>
#include <linux/kvm.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "vmm/core/memmap.h"

/* What Berth cannot do without. */
static const struct {
	unsigned int extension;
	const char *name;
} NEEDED[] = {
	{ KVM_CAP_USER_MEMORY, "user memory" },
	{ KVM_CAP_SET_TSS_ADDR, "a place for the task state" },
	{ KVM_CAP_IRQCHIP, "interrupt controllers in the kernel" },
	{ KVM_CAP_IRQ_ROUTING, "routing of interrupts" },
	{ KVM_CAP_IRQFD, "interrupts by descriptor" },
	{ KVM_CAP_IOEVENTFD, "doorbells by descriptor" },
	{ KVM_CAP_IOEVENTFD_ANY_LENGTH, "doorbells of any length" },
	{ KVM_CAP_EXT_CPUID, "CPUID" },
	{ KVM_CAP_MP_STATE, "states of processors" },
	{ KVM_CAP_VCPU_EVENTS, "pending events of processors" },
	{ KVM_CAP_DEBUGREGS, "debug registers" },
	{ KVM_CAP_XSAVE, "extended registers" },
	{ KVM_CAP_XCRS, "extended control registers" },
	{ KVM_CAP_ADJUST_CLOCK, "setting the guest's clock" },
	{ KVM_CAP_GET_TSC_KHZ, "the frequency of the time stamp counter" },
	{ KVM_CAP_IMMEDIATE_EXIT, "leaving a processor at once" },
};

int kvm_call(int fd, unsigned long request, const void *argument)
{
	int result;

	do {
		/* musl declares the request as int. */
		result = ioctl(fd, (__typeof__(_IOC(0, 0, 0, 0)))request, argument);
	} while (result < 0 && errno == EINTR);
	return result < 0 ? -errno : result;
}

/* A number in the place of the pointer. */
static int call_with(int fd, unsigned long request, uintptr_t argument)
{
	return kvm_call(fd, request, (const void *)argument); /* NOLINT */
}

int kvm_extension(const struct kvm *kvm, unsigned int extension)
{
	return call_with(kvm->system, KVM_CHECK_EXTENSION, extension);
}

static int check(struct kvm *kvm, struct why *ret_why)
{
	int version = kvm_call(kvm->system, KVM_GET_API_VERSION, NULL);
	int size = kvm_call(kvm->system, KVM_GET_VCPU_MMAP_SIZE, NULL);

	if (version < 0)
		return why_errno(ret_why, version, "the kvm descriptor is not that of /dev/kvm");
	if (size < 0)
		return why_errno(ret_why, size, "KVM does not say how large a vCPU's page is");
	if (version != KVM_API_VERSION || !size)
		return why(ret_why, -ENOTSUP, "KVM of this kernel speaks version %d, not %d",
		    version, KVM_API_VERSION);
	for (size_t i = 0; i < sizeof(NEEDED) / sizeof(NEEDED[0]); i++)
		if (kvm_extension(kvm, NEEDED[i].extension) <= 0)
			return why(ret_why, -ENOTSUP,
			    "KVM of this kernel lacks %s (capability %u); a newer kernel has it",
			    NEEDED[i].name, NEEDED[i].extension);
	kvm->run_size = (size_t)size;
	size = kvm_extension(kvm, KVM_CAP_XSAVE2);
	kvm->xsave_size = size > 4096 ? (size_t)size : 4096;
	kvm->sregs2 = kvm_extension(kvm, KVM_CAP_SREGS2) > 0;
	kvm->tsc_deadline = kvm_extension(kvm, KVM_CAP_TSC_DEADLINE_TIMER) > 0;
	kvm->tsc_control = kvm_extension(kvm, KVM_CAP_TSC_CONTROL) > 0;
	size = kvm_extension(kvm, KVM_CAP_COALESCED_MMIO);
	if (size > 0 && kvm_extension(kvm, KVM_CAP_COALESCED_PIO) > 0)
		kvm->ring_at = (size_t)size * (size_t)sysconf(_SC_PAGESIZE);
	size = kvm_extension(kvm, KVM_CAP_MAX_VCPUS);
	kvm->vcpus_max = size > 0 ? (unsigned int)size : 4;
	size = kvm_extension(kvm, KVM_CAP_MAX_VCPU_ID);
	kvm->vcpu_id_max = size > 0 ? (unsigned int)size : kvm->vcpus_max;
	return 0;
}

static int set_slot(struct kvm *kvm, size_t index, unsigned int flags)
{
	const struct guest_mem_region *regions;

	guest_mem_regions(kvm->mem, &regions);
	return kvm_call(kvm->vm, KVM_SET_USER_MEMORY_REGION,
	    &(struct kvm_userspace_memory_region){
		.slot = (uint32_t)index,
		.flags = flags,
		.guest_phys_addr = regions[index].gpa,
		.memory_size = regions[index].size,
		.userspace_addr = (uintptr_t)regions[index].host,
	    });
}

static int set_up(struct kvm *kvm, struct why *ret_why)
{
	const struct guest_mem_region *regions;
	size_t count = guest_mem_regions(kvm->mem, &regions);
	uint64_t identity = MEMMAP_KVM_IDENTITY_MAP;
	int result = kvm_call(kvm->system, KVM_CREATE_VM, NULL);

	if (result < 0)
		return why_errno(ret_why, result, "KVM makes no virtual machine");
	kvm->vm = result;
	result = kvm_call(kvm->vm, KVM_SET_IDENTITY_MAP_ADDR, &identity);
	if (!result)
		result = call_with(kvm->vm, KVM_SET_TSS_ADDR, MEMMAP_KVM_TSS);
	if (result)
		return why_errno(ret_why, result, "KVM does not take the place of its task state");
	for (size_t i = 0; i < count; i++) {
		result = set_slot(kvm, i, 0);
		if (result)
			return why_errno(ret_why, result, "KVM does not take the guest's memory");
	}
	return 0;
}

int kvm_create(int fd, struct guest_mem *mem, struct why *ret_why, struct kvm **ret_kvm)
{
	struct kvm *kvm = calloc(1, sizeof(*kvm));
	int result;

	if (!kvm) {
		close(fd);
		return why_errno(ret_why, -ENOMEM, "KVM");
	}
	*kvm = (struct kvm){ .system = fd, .vm = -1, .mem = mem };
	pthread_mutex_init(&kvm->ring_lock, NULL);
	result = check(kvm, ret_why);
	if (!result)
		result = set_up(kvm, ret_why);
	if (result) {
		kvm_free(kvm);
		return result;
	}
	*ret_kvm = kvm;
	return 0;
}

void kvm_free(struct kvm *kvm)
{
	if (!kvm)
		return;
	if (kvm->vm >= 0)
		close(kvm->vm);
	close(kvm->system);
	pthread_mutex_destroy(&kvm->ring_lock);
	free(kvm);
}

void kvm_postpone_writes(struct kvm *kvm, uint16_t port, unsigned int size)
{
	if (kvm->ring_at)
		kvm_call(kvm->vm, KVM_REGISTER_COALESCED_MMIO,
		    &(struct kvm_coalesced_mmio_zone){ .addr = port, .size = size, .pio = 1 });
}

int kvm_log_dirty(struct kvm *kvm, bool on)
{
	const struct guest_mem_region *regions;
	size_t count = guest_mem_regions(kvm->mem, &regions);
	int result = 0;

	for (size_t i = 0; i < count && !result; i++)
		result = set_slot(kvm, i, on ? KVM_MEM_LOG_DIRTY_PAGES : 0);
	return result;
}

int kvm_fetch_dirty(struct kvm *kvm, size_t region, uint64_t *bitmap)
{
	return kvm_call(kvm->vm, KVM_GET_DIRTY_LOG,
	    &(struct kvm_dirty_log){ .slot = (uint32_t)region, .dirty_bitmap = bitmap });
}

int kvm_tsc_khz(struct kvm *kvm)
{
	/* Newer kernels have it of the machine, all have it of a vCPU. */
	return kvm_call(kvm->vm, KVM_GET_TSC_KHZ, NULL);
}

int kvm_get_clock(struct kvm *kvm, uint64_t *ret_clock)
{
	struct kvm_clock_data clock = { 0 };
	int result = kvm_call(kvm->vm, KVM_GET_CLOCK, &clock);

	if (result < 0)
		return result;
	*ret_clock = clock.clock;
	return 0;
}

int kvm_set_clock(struct kvm *kvm, uint64_t clock)
{
	return kvm_call(kvm->vm, KVM_SET_CLOCK, &(struct kvm_clock_data){ .clock = clock });
}
