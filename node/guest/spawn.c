/* SPDX-License-Identifier: GPL-2.0-only */
#include "node/guest/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define GROW 64
#define OOM_SCORE "500"

/* The struct clone_args of clone3(2), as far as it goes here; musl has no wrapper. */
struct clone_arguments {
	uint64_t flags;
	uint64_t pidfd;
	uint64_t child_tid;
	uint64_t parent_tid;
	uint64_t exit_signal;
	uint64_t stack;
	uint64_t stack_size;
	uint64_t tls;
	uint64_t set_tid;
	uint64_t set_tid_size;
	uint64_t cgroup;
};

#define INTO_CGROUP 0x200000000ull

int spawn_fds_add(struct spawn_fds *list, int fd)
{
	int error = list->count < SPAWN_MAX ? 0 : -E2BIG;

	if (!error && list->count % GROW == 0) {
		int *fds = realloc(list->fds, (list->count + GROW) * sizeof(*fds));

		if (fds)
			list->fds = fds;
		else
			error = -ENOMEM;
	}
	if (error) {
		close(fd);
		return error;
	}
	list->fds[list->count++] = fd;
	return SPAWN_FIRST + (int)list->count - 1;
}

void spawn_fds_done(struct spawn_fds *list)
{
	for (size_t i = 0; i < list->count; i++)
		close(list->fds[i]);
	free(list->fds);
	*list = (struct spawn_fds){ 0 };
}

/* In the new process: only calls that are safe after fork(2). */
static int place_descriptors(const struct spawn_config *config)
{
	int above = SPAWN_FIRST + (int)config->fds->count;
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
	int log = fcntl(config->log, F_DUPFD_CLOEXEC, above);

	/* First out of the way of the numbers that they are to have. */
	for (size_t i = 0; i < config->fds->count; i++) {
		int fd = fcntl(config->fds->fds[i], F_DUPFD_CLOEXEC, above);

		if (fd < 0)
			return -errno;
		config->fds->fds[i] = fd;
	}
	if (null < 0 || log < 0 || dup2(null, STDIN_FILENO) < 0 || dup2(log, STDOUT_FILENO) < 0 ||
	    dup2(log, STDERR_FILENO) < 0)
		return -errno;
	for (size_t i = 0; i < config->fds->count; i++)
		if (dup2(config->fds->fds[i], SPAWN_FIRST + (int)i) < 0)
			return -errno;
	return syscall(SYS_close_range, above, ~0u, 0) < 0 ? -errno : 0;
}

static void tell_failure(const struct spawn_config *config, int error)
{
	char line[256];
	int length = snprintf(
	    line, sizeof(line), "failed cannot run %s: %s\n", config->program, strerror(-error));

	if (pwrite(config->outcome, line, (size_t)length, 0) < 0)
		return;
}

/* Where guests are promised more memory than there is, they end before the node's own services do,
 * and the largest first (proc_pid_oom_score_adj(5)). Without it the kernel chooses as well. */
static void offer_to_end(void)
{
	int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);

	if (fd >= 0) {
		(void)!write(fd, OOM_SCORE, sizeof(OOM_SCORE) - 1);
		close(fd);
	}
}

static void __attribute__((noreturn)) child(const struct spawn_config *config, int gate)
{
	static char *const environment[] = { NULL };
	struct sigaction action = { .sa_handler = SIG_DFL };
	sigset_t none;
	char byte;
	int error;

	setsid();
	/* At the end of the file, the daemon died before it could write down that this is here. */
	if (read(gate, &byte, 1) != 1)
		_exit(0);
	for (int number = 1; number < NSIG; number++)
		sigaction(number, &action, NULL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	offer_to_end();
	error = place_descriptors(config);
	if (!error) {
		execve(config->program, config->arguments, environment);
		error = -errno;
	}
	tell_failure(config, error);
	_exit(1);
}

int spawn(const struct spawn_config *config, struct spawned *ret_spawned)
{
	struct clone_arguments arguments = { .flags = CLONE_PIDFD, .exit_signal = SIGCHLD };
	int gate[2];
	int pidfd = -1;
	long pid;

	if (pipe2(gate, O_CLOEXEC) < 0)
		return -errno;
	arguments.pidfd = (uint64_t)(uintptr_t)&pidfd;
	if (config->isolate)
		arguments.flags |= CLONE_NEWPID;
	if (config->group >= 0) {
		arguments.flags |= INTO_CGROUP;
		arguments.cgroup = (uint64_t)config->group;
	}
	pid = syscall(SYS_clone3, &arguments, sizeof(arguments));
	if (pid == 0) {
		close(gate[1]);
		child(config, gate[0]);
	}
	if (pid < 0) {
		int error = -errno;

		close(gate[0]);
		close(gate[1]);
		return error;
	}
	close(gate[0]);
	*ret_spawned = (struct spawned){ .pid = (pid_t)pid, .pidfd = pidfd, .gate = gate[1] };
	return 0;
}

int spawn_open_gate(struct spawned *spawned)
{
	ssize_t done = write(spawned->gate, "", 1);
	int error = done == 1 ? 0 : -errno;

	close(spawned->gate);
	spawned->gate = -1;
	return error;
}
