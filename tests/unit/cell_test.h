/* SPDX-License-Identifier: GPL-2.0-only */
/* Probes of a cell: each runs in a process of its own that has entered the real one, and tells by
 * its exit status how a call ended: its errno, 0, or killed. */
#ifndef BERTH_TESTS_CELL_TEST_H
#define BERTH_TESTS_CELL_TEST_H

#include <errno.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/unit_test.h"

#define KILLED 200
#define NOT_ENTERED 201
#define UID 123456

static inline int result_of(long call)
{
	return call < 0 ? errno : 0;
}

/* The end of the child. Not by _exit(): the address sanitizer does more there than the filter lets
 * it. */
static inline void leave(int status)
{
	syscall(SYS_exit_group, status);
}

static inline int ending(pid_t child)
{
	int status;

	assert_int_equal(waitpid(child, &status, 0), child);
	if (WIFSIGNALED(status)) {
		assert_int_equal(WTERMSIG(status), SIGSYS);
		return KILLED;
	}
	return WEXITSTATUS(status);
}

static inline int probe_execve(void)
{
	char *const arguments[] = { NULL };

	return result_of(execve("/bin/true", arguments, arguments));
}

static inline int probe_fork(void)
{
	return result_of(syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0));
}

static inline int probe_ptrace(void)
{
	return result_of(ptrace(PTRACE_TRACEME, 0, NULL, NULL));
}

static inline int probe_kill(void)
{
	return result_of(kill(getppid(), 0));
}

static inline int probe_user(void)
{
	return result_of(setresuid(0, 0, 0));
}

static inline int probe_socket(void)
{
	return result_of(socket(AF_INET, SOCK_STREAM, 0));
}

static inline int probe_executable(void)
{
	void *page = mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return page == MAP_FAILED ? errno : 0;
}

#endif
