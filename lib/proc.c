/* SPDX-License-Identifier: GPL-2.0-only */
#include "lib/proc.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define KILL_MILLISECONDS 1000

static long milliseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000L + now.tv_nsec / 1000000L;
}

static void __attribute__((noreturn)) child(char *const arguments[], int out)
{
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC);

	/* A group of its own, so that what it starts ends with it. */
	setpgid(0, 0);
	if (null < 0 || dup2(null, STDIN_FILENO) < 0 || dup2(out, STDOUT_FILENO) < 0 ||
	    dup2(out, STDERR_FILENO) < 0)
		_exit(126);
	execvp(arguments[0], arguments);
	_exit(127);
}

/* Read until the other end closes or time is up. 0 or -ETIME. */
static int collect(int fd, long deadline, size_t limit, struct buf *output)
{
	char chunk[4096];
	size_t total = 0;

	for (;;) {
		struct pollfd wait = { .fd = fd, .events = POLLIN };
		long left = deadline - milliseconds();
		ssize_t got;

		if (left <= 0)
			return -ETIME;
		if (poll(&wait, 1, (int)left) <= 0)
			continue;
		got = read(fd, chunk, sizeof(chunk));
		if (got == 0)
			return 0;
		if (got < 0)
			continue;
		if ((size_t)got > limit - total)
			got = (ssize_t)(limit - total);
		buf_add(output, chunk, (size_t)got);
		total += (size_t)got;
	}
}

/* Wait until the deadline for `pid` to end. 0, -ETIME or another -errno. */
static int reap(pid_t pid, long deadline, int *ret_status)
{
	const struct timespec moment = { .tv_nsec = 10 * 1000 * 1000 };
	pid_t ended;

	while ((ended = waitpid(pid, ret_status, WNOHANG)) != pid) {
		if (ended < 0 && errno != EINTR)
			return -errno;
		if (milliseconds() >= deadline)
			return -ETIME;
		nanosleep(&moment, NULL);
	}
	return 0;
}

int proc_start(char *const arguments[], pid_t *ret_pid, int *ret_output)
{
	int ends[2];
	int error;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return -errno;
	pid = fork();
	if (pid == 0)
		child(arguments, ends[1]);
	error = pid < 0 ? -errno : 0;
	close(ends[1]);
	if (error) {
		close(ends[0]);
		return error;
	}
	setpgid(pid, pid);
	*ret_pid = pid;
	*ret_output = ends[0];
	return 0;
}

int proc_run(char *const arguments[], unsigned int seconds, size_t limit, struct buf *output)
{
	long deadline = milliseconds() + seconds * 1000L;
	int status = 0;
	pid_t pid;
	int out;
	int error = proc_start(arguments, &pid, &out);

	if (error)
		return error;
	error = collect(out, deadline, limit, output);
	/* It may have closed its output and run on. */
	if (!error)
		error = reap(pid, deadline, &status);
	if (error) {
		kill(-pid, SIGKILL);
		/* One that waits in the kernel for a device that does not answer cannot be killed:
		 * it is left behind. */
		reap(pid, milliseconds() + KILL_MILLISECONDS, &status);
	}
	close(out);
	if (error)
		return error;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
