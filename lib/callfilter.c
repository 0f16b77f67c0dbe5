/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Rows become a classic BPF program: architecture, a search for the number, then for a row with a
 * condition the low 32 bits of one argument under a mask. It is small enough that a library to
 * write it would be more to read, and more to do at every start of a guest.
 */
#include "lib/callfilter.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* What no bug of ours calls. */
static const long hostile[] = { SYS_execve, SYS_execveat, SYS_ptrace, SYS_process_vm_readv,
	SYS_process_vm_writev, SYS_fork, SYS_vfork, SYS_mount, SYS_umount2, SYS_pivot_root,
	SYS_chroot, SYS_setns, SYS_unshare, SYS_bpf, SYS_init_module, SYS_finit_module,
	SYS_kexec_load, SYS_keyctl, SYS_add_key, SYS_userfaultfd, SYS_perf_event_open, SYS_setuid,
	SYS_setresuid, SYS_capset, SYS_memfd_create, SYS_socket, SYS_connect, SYS_bind,
	SYS_io_uring_setup };

#define HOSTILE (sizeof(hostile) / sizeof(hostile[0]))
#define CALLS_MAX (CALLFILTER_ROWS_MAX + HOSTILE)
/* A head of four; a call at most three of its own and the two of a fork, a row four. */
#define PROGRAM_MAX (4 + 5 * CALLS_MAX + 4 * CALLFILTER_ROWS_MAX)
/* So few calls are compared one after the other. */
#define FEW 3

struct program {
	struct sock_filter code[PROGRAM_MAX];
	unsigned short length;
	const struct callfilter *filter;
	unsigned int kind;
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

static bool speaks_of(const struct callfilter_row *row, unsigned int kind, long call)
{
	return row->call == call && (row->threads & 1u << kind);
}

/* The call is this one: its rows, of which one without a condition is the only one. */
static void judge(struct program *program, long call)
{
	bool listed = false;

	for (size_t i = 0; i < program->filter->count; i++) {
		const struct callfilter_row *row = &program->filter->rows[i];

		if (!speaks_of(row, program->kind, call))
			continue;
		listed = true;
		if (!row->mask) {
			give(program, SECCOMP_RET_ALLOW);
			return;
		}
		load(program, offsetof(struct seccomp_data, args) + 8 * row->argument);
		add(program, BPF_ALU | BPF_AND | BPF_K, row->mask, 0, 0);
		add(program, BPF_JMP | BPF_JEQ | BPF_K, row->value, 0, 1);
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

static void compile(struct program *program)
{
	const struct callfilter *filter = program->filter;

	for (size_t i = 0; i < filter->count; i++)
		if (filter->rows[i].threads & 1u << program->kind)
			put(program, filter->rows[i].call);
	for (size_t i = 0; i < HOSTILE; i++)
		put(program, hostile[i]);
	load(program, offsetof(struct seccomp_data, arch));
	add(program, BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_X86_64, 1, 0);
	give(program, SECCOMP_RET_KILL_PROCESS);
	load(program, offsetof(struct seccomp_data, nr));
	search(program, 0, program->count);
}

bool callfilter_lists(const struct callfilter *filter, unsigned int kind, long call)
{
	for (size_t i = 0; i < filter->count; i++)
		if (speaks_of(&filter->rows[i], kind, call))
			return true;
	return false;
}

int callfilter_enter(const struct callfilter *filter, unsigned int kind)
{
	struct program program = { .filter = filter, .kind = kind };
	struct sock_fprog code = { .filter = program.code };

	if (filter->count > CALLFILTER_ROWS_MAX)
		return -E2BIG;
	compile(&program);
	code.len = program.length;
	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_LOG, &code))
		return -errno;
	return 0;
}
