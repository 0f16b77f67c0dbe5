/* SPDX-License-Identifier: GPL-2.0-only */
#include "lib/task.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/proc.h"

#define SECOND 1000000000ull
#define CHUNK 4096

struct task {
	struct loop *loop;
	pid_t pid;
	int pidfd;
	int out;
	struct loop_watch *end;
	struct loop_watch *reading;
	struct loop_timer patience;
	struct buf output;
	size_t limit;
	bool late;
	task_ended ended;
	void *context;
};

static void release(struct task *task)
{
	loop_remove(task->end);
	loop_remove(task->reading);
	loop_timer_cancel(&task->patience);
	if (task->pidfd >= 0)
		close(task->pidfd);
	close(task->out);
	buf_done(&task->output);
	free(task);
}

/* What is there to read; false when there is no more, now or ever. */
static bool take(struct task *task)
{
	char chunk[CHUNK];
	ssize_t got = read(task->out, chunk, sizeof(chunk));

	if (got > 0) {
		size_t room = task->limit - task->output.length;

		buf_add(&task->output, chunk, (size_t)got < room ? (size_t)got : room);
	}
	return got > 0;
}

static void readable(void *context, uint32_t events)
{
	struct task *task = context;

	(void)events;
	if (take(task) || errno == EAGAIN)
		return;
	loop_remove(task->reading);
	task->reading = NULL;
}

static void exited(void *context, uint32_t events)
{
	struct task *task = context;
	task_ended ended = task->ended;
	void *ended_context = task->context;
	struct buf output;
	int status = 0;
	int result;

	(void)events;
	if (waitpid(task->pid, &status, WNOHANG) != task->pid)
		return;
	while (take(task))
		;
	/* What it started ends with it. */
	kill(-task->pid, SIGKILL);
	result = task->late	     ? -ETIME
		 : WIFEXITED(status) ? WEXITSTATUS(status)
				     : 128 + WTERMSIG(status);
	output = task->output;
	task->output = (struct buf)BUF_INIT;
	release(task);
	ended(ended_context, result, &output);
	buf_done(&output);
}

static void impatient(void *context)
{
	struct task *task = context;

	task->late = true;
	kill(-task->pid, SIGKILL);
}

int task_start(struct loop *loop, char *const arguments[], unsigned int seconds, size_t limit,
    task_ended ended, void *context, struct task **ret_task)
{
	struct task *task = calloc(1, sizeof(*task));
	int error;

	if (!task)
		return -ENOMEM;
	*task = (struct task){ .loop = loop, .limit = limit, .ended = ended, .context = context };
	loop_timer_init(&task->patience, loop, impatient, task);
	error = proc_start(arguments, &task->pid, &task->out);
	if (error) {
		free(task);
		return error;
	}
	task->pidfd = (int)syscall(SYS_pidfd_open, task->pid, 0);
	error = task->pidfd < 0 || fcntl(task->out, F_SETFL, O_NONBLOCK) < 0 ? -errno : 0;
	if (!error)
		error = loop_add(loop, task->pidfd, EPOLLIN, exited, task, &task->end);
	if (!error)
		error = loop_add(loop, task->out, EPOLLIN, readable, task, &task->reading);
	if (error) {
		task_free(task);
		return error;
	}
	loop_timer_set(&task->patience, loop_time(loop) + seconds * SECOND);
	*ret_task = task;
	return 0;
}

void task_free(struct task *task)
{
	if (!task)
		return;
	kill(-task->pid, SIGKILL);
	waitpid(task->pid, NULL, 0);
	release(task);
}
