/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kill_at COUNT PID: kills the process right before its COUNTth call that changes something outside
 * of it: a file, a process, a device, a message. Says "ready" once it watches, then "killed before
 * NAME" of the call. At SIGTERM it lets the process go on, and says how many such calls there were.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

static const struct {
	uint64_t call;
	const char *name;
	int flags; /* the argument with O_CREAT, where only that changes something; or -1 */
	int path;  /* the argument with a path, or -1 */
} calls[] = {
	{ SYS_open, "open", 1, 0 },
	{ SYS_openat, "openat", 2, 1 },
	{ SYS_rename, "rename", -1, 0 },
	{ SYS_unlink, "unlink", -1, 0 },
	{ SYS_mkdir, "mkdir", -1, 0 },
	{ SYS_rmdir, "rmdir", -1, 0 },
	{ SYS_linkat, "linkat", -1, 1 },
	{ SYS_bind, "bind", -1, -1 },
	{ SYS_clone3, "clone3", -1, -1 },
	{ SYS_fork, "fork", -1, -1 },
	{ SYS_vfork, "vfork", -1, -1 },
	{ SYS_clone, "clone", -1, -1 },
	{ SYS_ioctl, "ioctl", -1, -1 },
	{ SYS_sendmsg, "sendmsg", -1, -1 },
	{ SYS_pwrite64, "pwrite", -1, -1 },
	{ SYS_ftruncate, "ftruncate", -1, -1 },
	{ SYS_pidfd_send_signal, "pidfd_send_signal", -1, -1 },
};

static unsigned long count;

static void let_go(int number)
{
	char line[64];
	int length = snprintf(line, sizeof(line), "passed %lu\n", count);

	(void)number;
	/* What is traced goes on without its tracer. */
	_exit(write(STDOUT_FILENO, line, (size_t)length) < 0);
}

/* The daemon's heart beats into a file every few seconds, whatever else it does. */
static bool is_beat(pid_t pid, uint64_t address)
{
	char path[64] = "";
	struct iovec to = { path, sizeof(path) - 1 };
	struct iovec from = { (void *)(uintptr_t)address, sizeof(path) - 1 };

	return process_vm_readv(pid, &to, 1, &from, 1, 0) > 0 && strstr(path, "/state/berthd");
}

/* The name of the call that is about to be made, if it changes something. */
static const char *changing(pid_t pid)
{
	struct __ptrace_syscall_info info;
	const uint64_t *arguments = info.entry.args;

	if (ptrace(PTRACE_GET_SYSCALL_INFO, pid, (void *)sizeof(info), &info) <= 0 ||
	    info.op != PTRACE_SYSCALL_INFO_ENTRY)
		return NULL;
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		if (calls[i].call != info.entry.nr)
			continue;
		if ((calls[i].flags >= 0 &&
			!(arguments[calls[i].flags] & (O_CREAT | (O_TMPFILE & ~O_DIRECTORY)))) ||
		    (calls[i].path >= 0 && is_beat(pid, arguments[calls[i].path])))
			return NULL;
		return calls[i].name;
	}
	return NULL;
}

int main(int argc, char **argv)
{
	struct sigaction action = { .sa_handler = let_go };
	unsigned long wanted = argc == 3 ? strtoul(argv[1], NULL, 10) : 0;
	pid_t pid = argc == 3 ? (pid_t)strtol(argv[2], NULL, 10) : 0;
	int status;

	if (!pid || ptrace(PTRACE_SEIZE, pid, NULL, (void *)PTRACE_O_TRACESYSGOOD) ||
	    ptrace(PTRACE_INTERRUPT, pid, NULL, NULL) || waitpid(pid, &status, 0) != pid) {
		perror("kill_at COUNT PID");
		return 100;
	}
	sigaction(SIGTERM, &action, NULL);
	puts("ready");
	fflush(stdout);
	while (!ptrace(PTRACE_SYSCALL, pid, NULL, (void *)0) && waitpid(pid, &status, 0) == pid &&
	       WIFSTOPPED(status)) {
		const char *name = WSTOPSIG(status) == (SIGTRAP | 0x80) ? changing(pid) : NULL;

		if (!name || ++count != wanted)
			continue;
		/* Who asked knows of the end as soon as there is one, and may say SIGTERM. */
		signal(SIGTERM, SIG_IGN);
		kill(pid, SIGKILL);
		printf("killed before %s\n", name);
		return 0;
	}
	puts("gone");
	return 1;
}
