/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Rows become a classic BPF program: architecture, a search for the number, then for a row with a
 * condition the low 32 bits of one argument under a mask. It is small enough that a library to
 * write it would be more to read, and more to do at every start of a guest.
 */
#include "vmm/seccomp.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/kvm.h>
#include <linux/seccomp.h>
#include <linux/vhost_types.h>
#include <linux/vhost.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define VCPU (1u << SECCOMP_VCPU)
#define IO (1u << SECCOMP_IO)
#define MAIN (1u << SECCOMP_MAIN)
#define ANY (VCPU | IO | MAIN)

/* The type of an ioctl's request (ioctl-number.rst): one row a family of descriptors that we hold.
 */
#define IOCTL_TYPE(type) 1, 0xff00, (type) << 8
/* Terminals share the type of taps, but their numbers end below 192. */
#define IOCTL_TUN 1, 0xffc0, 'T' << 8 | 0xc0

struct rule {
	long call;
	unsigned int threads;
	/* Only where (argument & mask) == value; a mask of 0: always. */
	unsigned int argument;
	uint32_t mask;
	uint32_t value;
	const char *reason;
};

#define ALWAYS 0, 0, 0
/* Never executable memory: what an intruder writes cannot be run. */
#define NOT_EXECUTABLE 2, PROT_EXEC, 0

static const struct rule rules[] = {
	{ SYS_ioctl, ANY, IOCTL_TYPE(KVMIO), "KVM: run, state, interrupts, doorbells" },
	{ SYS_ioctl, ANY, IOCTL_TYPE(VHOST_VIRTIO),
	    "vhost: rings are set up when the driver is ready" },
	{ SYS_ioctl, ANY, IOCTL_TUN, "tap: offloads follow the driver's features" },
	{ SYS_read, ANY, ALWAYS, "eventfds, timers, taps, consoles" },
	{ SYS_write, ANY, ALWAYS, "eventfds, consoles and their logs, the outcome" },
	{ SYS_readv, ANY, ALWAYS, "taps" },
	{ SYS_writev, ANY, ALWAYS, "taps; the C library's streams" },
	{ SYS_pread64, ANY, ALWAYS, "a console's log, when it is cut" },
	{ SYS_pwrite64, ANY, ALWAYS, "the outcome; a saved state" },
	{ SYS_preadv2, ANY, ALWAYS, "disks without io_uring" },
	{ SYS_pwritev2, ANY, ALWAYS, "disks without io_uring, written through" },
	{ SYS_fdatasync, ANY, ALWAYS, "a disk's flush without io_uring" },
	{ SYS_fsync, MAIN, ALWAYS, "a saved state" },
	{ SYS_fallocate, ANY, ALWAYS, "discards of disks; shared memory given back" },
	{ SYS_ftruncate, ANY, ALWAYS, "a console's log, the outcome" },
	{ SYS_fstat, ANY, ALWAYS, "sizes of disks" },
	{ SYS_lseek, ANY, ALWAYS, "sizes of disks, logs" },
	{ SYS_io_uring_setup, MAIN, ALWAYS, "a disk that is plugged in" },
	{ SYS_io_uring_register, MAIN, ALWAYS, "a disk that is plugged in: its file" },
	{ SYS_io_uring_enter, ANY, ALWAYS, "disks; a request may be submitted by any thread" },
	{ SYS_recvmsg, IO | MAIN, ALWAYS, "control requests with their descriptors; consoles" },
	{ SYS_recvfrom, IO | MAIN, ALWAYS, "consoles" },
	{ SYS_sendto, ANY, ALWAYS, "consoles: without SIGPIPE" },
	{ SYS_accept4, MAIN, ALWAYS, "control connections" },
	{ SYS_getsockopt, MAIN, ALWAYS, "who is at the control socket" },
	{ SYS_close, ANY, ALWAYS, "connections, unplugged devices" },
	{ SYS_fcntl, IO | MAIN, ALWAYS, "descriptors that came by the control socket" },
	{ SYS_eventfd2, MAIN | VCPU, ALWAYS, "queues of a device that is plugged in" },
	{ SYS_epoll_ctl, ANY, ALWAYS, "watches come and go with drivers" },
	{ SYS_epoll_wait, IO | MAIN, ALWAYS, "the loop" },
	{ SYS_epoll_pwait, IO | MAIN, ALWAYS, "the loop" },
	{ SYS_poll, MAIN, ALWAYS, "waiting for a control client to take its answer" },
	{ SYS_futex, ANY, ALWAYS, "locks" },
	{ SYS_tkill, ANY, ALWAYS, "vCPU threads are kicked out of KVM_RUN" },
	{ SYS_getpid, ANY, ALWAYS, "of the process that is signalled" },
	{ SYS_gettid, ANY, ALWAYS, "of the thread that asks" },
	{ SYS_rt_sigprocmask, ANY, ALWAYS, "around a kick" },
	{ SYS_rt_sigreturn, ANY, ALWAYS, "after a kick" },
	{ SYS_rt_sigaction, MAIN, ALWAYS, "the last signals at the end" },
	{ SYS_sched_setaffinity, MAIN, ALWAYS, "pinning, changed while it runs" },
	{ SYS_sched_getaffinity, MAIN, ALWAYS, "pinning, asked for" },
	{ SYS_clock_gettime, ANY, ALWAYS, "where the vDSO cannot tell" },
	{ SYS_getcpu, VCPU, ALWAYS, "where the vDSO cannot tell" },
	{ SYS_gettimeofday, ANY, ALWAYS, "where the vDSO cannot tell" },
	{ SYS_clock_nanosleep, ANY, ALWAYS, "a moment's patience when draining" },
	{ SYS_mmap, ANY, NOT_EXECUTABLE, "the allocator, memory given back" },
	{ SYS_mprotect, ANY, NOT_EXECUTABLE, "the allocator" },
	{ SYS_mremap, ANY, ALWAYS, "the allocator" },
	{ SYS_munmap, ANY, ALWAYS, "the allocator" },
	{ SYS_madvise, ANY, ALWAYS, "the balloon, free pages" },
	{ SYS_brk, ANY, ALWAYS, "the allocator" },
	{ SYS_restart_syscall, ANY, ALWAYS, "the kernel's own, after a stop" },
	{ SYS_exit, ANY, ALWAYS, "the end of a thread" },
	{ SYS_exit_group, ANY, ALWAYS, "the end" },
};

/* What no bug of ours calls. */
static const long hostile[] = { SYS_execve, SYS_execveat, SYS_ptrace, SYS_process_vm_readv,
	SYS_process_vm_writev, SYS_fork, SYS_vfork, SYS_mount, SYS_umount2, SYS_pivot_root,
	SYS_chroot, SYS_setns, SYS_unshare, SYS_bpf, SYS_init_module, SYS_finit_module,
	SYS_kexec_load, SYS_keyctl, SYS_add_key, SYS_userfaultfd, SYS_perf_event_open, SYS_setuid,
	SYS_setresuid, SYS_capset, SYS_memfd_create, SYS_socket, SYS_connect, SYS_bind,
	SYS_io_uring_setup };

#define RULES (sizeof(rules) / sizeof(rules[0]))
#define HOSTILE (sizeof(hostile) / sizeof(hostile[0]))
#define CALLS_MAX (RULES + HOSTILE)
/* A head of four; a call at most three of its own and the two of a fork, a row four. */
#define PROGRAM_MAX (4 + 5 * CALLS_MAX + 4 * RULES)
/* So few calls are compared one after the other. */
#define FEW 3

struct program {
	struct sock_filter code[PROGRAM_MAX];
	unsigned short length;
	enum seccomp_thread thread;
	size_t count;
	long calls[CALLS_MAX]; /* that end otherwise than with EPERM; in order, each once */
};

static void add(struct program *program, uint16_t code, uint32_t operand, uint8_t yes, uint8_t no)
{
	program->code[program->length++] = (struct sock_filter){ code, yes, no, operand };
}

static void give(struct program *program, uint32_t verdict)
{
	add(program, BPF_RET | BPF_K, verdict, 0, 0);
}

static void load(struct program *program, size_t offset)
{
	add(program, BPF_LD | BPF_W | BPF_ABS, (uint32_t)offset, 0, 0);
}

static bool speaks_of(const struct program *program, const struct rule *rule, long call)
{
	return rule->call == call && (rule->threads & 1u << program->thread);
}

/* The call is this one: its rows, of which one without a condition is the only one. */
static void judge(struct program *program, long call)
{
	bool listed = false;

	for (size_t i = 0; i < RULES; i++) {
		const struct rule *rule = &rules[i];

		if (!speaks_of(program, rule, call))
			continue;
		listed = true;
		if (!rule->mask) {
			give(program, SECCOMP_RET_ALLOW);
			return;
		}
		load(program, offsetof(struct seccomp_data, args) + 8 * rule->argument);
		add(program, BPF_ALU | BPF_AND | BPF_K, rule->mask, 0, 0);
		add(program, BPF_JMP | BPF_JEQ | BPF_K, rule->value, 0, 1);
		give(program, SECCOMP_RET_ALLOW);
	}
	give(program, listed ? SECCOMP_RET_ERRNO | EPERM : SECCOMP_RET_KILL_PROCESS);
}

/* The kernel runs the program once for each number there is when it is installed, so it forks in
 * the middle instead of asking for one after the other. The accumulator holds the number. */
static void search(struct program *program, size_t from, size_t to)
{
	size_t middle = from + (to - from) / 2;
	unsigned short fork;

	if (to - from > FEW) {
		add(program, BPF_JMP | BPF_JGE | BPF_K, (uint32_t)program->calls[middle], 0, 1);
		fork = program->length;
		add(program, BPF_JMP | BPF_JA, 0, 0, 0);
		search(program, from, middle);
		program->code[fork].k = program->length - fork - 1u;
		search(program, middle, to);
		return;
	}
	for (size_t i = from; i < to; i++) {
		fork = program->length;
		add(program, BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)program->calls[i], 0, 0);
		judge(program, program->calls[i]);
		program->code[fork].jf = (uint8_t)(program->length - fork - 1);
	}
	give(program, SECCOMP_RET_ERRNO | EPERM);
}

/* In its place, once. */
static void put(struct program *program, long call)
{
	size_t at = program->count;

	while (at > 0 && program->calls[at - 1] > call)
		at--;
	if (at > 0 && program->calls[at - 1] == call)
		return;
	memmove(&program->calls[at + 1], &program->calls[at],
	    (program->count - at) * sizeof(program->calls[0]));
	program->calls[at] = call;
	program->count++;
}

static void compile(struct program *program, enum seccomp_thread thread)
{
	program->thread = thread;
	program->length = 0;
	program->count = 0;
	for (size_t i = 0; i < RULES; i++)
		if (rules[i].threads & 1u << thread)
			put(program, rules[i].call);
	for (size_t i = 0; i < HOSTILE; i++)
		put(program, hostile[i]);
	load(program, offsetof(struct seccomp_data, arch));
	add(program, BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_X86_64, 1, 0);
	give(program, SECCOMP_RET_KILL_PROCESS);
	load(program, offsetof(struct seccomp_data, nr));
	search(program, 0, program->count);
}

bool seccomp_lists(enum seccomp_thread thread, long call)
{
	for (size_t i = 0; i < RULES; i++)
		if (rules[i].call == call && (rules[i].threads & 1u << thread))
			return true;
	return false;
}

int seccomp_enter(enum seccomp_thread thread, struct why *ret_why)
{
	struct program program;
	struct sock_fprog filter = { .filter = program.code };

	compile(&program, thread);
	filter.len = program.length;
	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_LOG, &filter))
		return why_errno(ret_why, -errno, "sandbox: seccomp");
	return 0;
}
