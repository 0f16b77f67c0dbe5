/* SPDX-License-Identifier: GPL-2.0-only */
#include "vmm/seccomp.h"

#include <linux/kvm.h>
#include <linux/vhost_types.h>
#include <linux/vhost.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>

#include "lib/callfilter.h"

#define VCPU (1u << SECCOMP_VCPU)
#define IO (1u << SECCOMP_IO)
#define MAIN (1u << SECCOMP_MAIN)
#define ANY (VCPU | IO | MAIN)

/* The type of an ioctl's request (ioctl-number.rst): one row a family of descriptors that we hold.
 */
#define IOCTL_TYPE(type) 1, 0xff00, (type) << 8
/* Terminals share the type of taps, but their numbers end below 192. */
#define IOCTL_TUN 1, 0xffc0, 'T' << 8 | 0xc0

static const struct callfilter_row rows[] = {
	{ SYS_ioctl, ANY, IOCTL_TYPE(KVMIO), "KVM: run, state, interrupts, doorbells" },
	{ SYS_ioctl, ANY, IOCTL_TYPE(VHOST_VIRTIO),
	    "vhost: rings are set up when the driver is ready" },
	{ SYS_ioctl, ANY, IOCTL_TUN, "tap: offloads follow the driver's features" },
	{ SYS_read, ANY, CALLFILTER_ALWAYS, "eventfds, timers, taps, consoles" },
	{ SYS_write, ANY, CALLFILTER_ALWAYS, "eventfds, consoles and their logs, the outcome" },
	{ SYS_readv, ANY, CALLFILTER_ALWAYS, "taps" },
	{ SYS_writev, ANY, CALLFILTER_ALWAYS, "taps; the C library's streams" },
	{ SYS_pread64, ANY, CALLFILTER_ALWAYS, "a console's log, when it is cut" },
	{ SYS_pwrite64, ANY, CALLFILTER_ALWAYS, "the outcome; a saved state" },
	{ SYS_preadv2, ANY, CALLFILTER_ALWAYS, "disks without io_uring" },
	{ SYS_pwritev2, ANY, CALLFILTER_ALWAYS, "disks without io_uring, written through" },
	{ SYS_fdatasync, ANY, CALLFILTER_ALWAYS, "a disk's flush without io_uring" },
	{ SYS_fsync, MAIN, CALLFILTER_ALWAYS, "a saved state" },
	{ SYS_fallocate, ANY, CALLFILTER_ALWAYS, "discards of disks; shared memory given back" },
	{ SYS_ftruncate, ANY, CALLFILTER_ALWAYS, "a console's log, the outcome" },
	{ SYS_fstat, ANY, CALLFILTER_ALWAYS, "sizes of disks" },
	{ SYS_lseek, ANY, CALLFILTER_ALWAYS, "sizes of disks, logs" },
	{ SYS_io_uring_setup, MAIN, CALLFILTER_ALWAYS, "a disk that is plugged in" },
	{ SYS_io_uring_register, MAIN, CALLFILTER_ALWAYS, "a disk that is plugged in: its file" },
	{ SYS_io_uring_enter, ANY, CALLFILTER_ALWAYS,
	    "disks; a request may be submitted by any thread" },
	{ SYS_recvmsg, IO | MAIN, CALLFILTER_ALWAYS,
	    "control requests with their descriptors; consoles" },
	{ SYS_recvfrom, IO | MAIN, CALLFILTER_ALWAYS, "consoles" },
	{ SYS_sendto, ANY, CALLFILTER_ALWAYS, "consoles: without SIGPIPE" },
	{ SYS_accept4, MAIN, CALLFILTER_ALWAYS, "control connections" },
	{ SYS_getsockopt, MAIN, CALLFILTER_ALWAYS, "who is at the control socket" },
	{ SYS_close, ANY, CALLFILTER_ALWAYS, "connections, unplugged devices" },
	{ SYS_fcntl, IO | MAIN, CALLFILTER_ALWAYS, "descriptors that came by the control socket" },
	{ SYS_eventfd2, MAIN | VCPU, CALLFILTER_ALWAYS, "queues of a device that is plugged in" },
	{ SYS_epoll_ctl, ANY, CALLFILTER_ALWAYS, "watches come and go with drivers" },
	{ SYS_epoll_wait, IO | MAIN, CALLFILTER_ALWAYS, "the loop" },
	{ SYS_epoll_pwait, IO | MAIN, CALLFILTER_ALWAYS, "the loop" },
	{ SYS_poll, MAIN, CALLFILTER_ALWAYS, "waiting for a control client to take its answer" },
	{ SYS_futex, ANY, CALLFILTER_ALWAYS, "locks" },
	{ SYS_tkill, ANY, CALLFILTER_ALWAYS, "vCPU threads are kicked out of KVM_RUN" },
	{ SYS_getpid, ANY, CALLFILTER_ALWAYS, "of the process that is signalled" },
	{ SYS_gettid, ANY, CALLFILTER_ALWAYS, "of the thread that asks" },
	{ SYS_rt_sigprocmask, ANY, CALLFILTER_ALWAYS, "around a kick" },
	{ SYS_rt_sigreturn, ANY, CALLFILTER_ALWAYS, "after a kick" },
	{ SYS_rt_sigaction, MAIN, CALLFILTER_ALWAYS, "the last signals at the end" },
	{ SYS_sched_setaffinity, MAIN, CALLFILTER_ALWAYS, "pinning, changed while it runs" },
	{ SYS_sched_getaffinity, MAIN, CALLFILTER_ALWAYS, "pinning, asked for" },
	{ SYS_clock_gettime, ANY, CALLFILTER_ALWAYS, "where the vDSO cannot tell" },
	{ SYS_getcpu, VCPU, CALLFILTER_ALWAYS, "where the vDSO cannot tell" },
	{ SYS_gettimeofday, ANY, CALLFILTER_ALWAYS, "where the vDSO cannot tell" },
	{ SYS_clock_nanosleep, ANY, CALLFILTER_ALWAYS, "a moment's patience when draining" },
	{ SYS_mmap, ANY, CALLFILTER_NOT_EXECUTABLE, "the allocator, memory given back" },
	{ SYS_mprotect, ANY, CALLFILTER_NOT_EXECUTABLE, "the allocator" },
	{ SYS_mremap, ANY, CALLFILTER_ALWAYS, "the allocator" },
	{ SYS_munmap, ANY, CALLFILTER_ALWAYS, "the allocator" },
	{ SYS_madvise, ANY, CALLFILTER_ALWAYS, "the balloon, free pages" },
	{ SYS_brk, ANY, CALLFILTER_ALWAYS, "the allocator" },
	{ SYS_restart_syscall, ANY, CALLFILTER_ALWAYS, "the kernel's own, after a stop" },
	{ SYS_exit, ANY, CALLFILTER_ALWAYS, "the end of a thread" },
	{ SYS_exit_group, ANY, CALLFILTER_ALWAYS, "the end" },
};

static const struct callfilter filter = { rows, sizeof(rows) / sizeof(rows[0]) };

bool seccomp_lists(enum seccomp_thread thread, long call)
{
	return callfilter_lists(&filter, thread, call);
}

int seccomp_enter(enum seccomp_thread thread, struct why *ret_why)
{
	int result = callfilter_enter(&filter, thread);

	return result ? why_errno(ret_why, result, "sandbox: seccomp") : 0;
}
