/* SPDX-License-Identifier: GPL-2.0-only */
#include "cli/tool.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/proc.h"

#define ARGUMENTS_MAX 24
/* A berth.conf is 1 MiB at most. */
#define OUTPUT_MAX (2u * 1024 * 1024)

static void collect(va_list list, char *arguments[ARGUMENTS_MAX])
{
	const char *argument;
	size_t count = 0;

	/* execvp(3) does not write to them, but its type says so. */
	while (count < ARGUMENTS_MAX - 1 && (argument = va_arg(list, const char *)))
		memcpy(&arguments[count++], &argument, sizeof(argument));
	arguments[count] = NULL;
}

int tool_run(const char *folder, ...)
{
	char *arguments[ARGUMENTS_MAX];
	va_list list;
	int status;
	pid_t pid;

	va_start(list, folder);
	collect(list, arguments);
	va_end(list);
	pid = fork();
	if (pid < 0)
		return -errno;
	if (pid == 0) {
		if (!folder || chdir(folder) == 0)
			execvp(arguments[0], arguments);
		_exit(127);
	}
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int tool_read(struct buf *output, unsigned int seconds, ...)
{
	char *arguments[ARGUMENTS_MAX];
	va_list list;

	va_start(list, seconds);
	collect(list, arguments);
	va_end(list);
	return proc_run(arguments, seconds, OUTPUT_MAX, output);
}

const char *tool_last_line(struct buf *output)
{
	const char *last;

	while (output->length && output->data[output->length - 1] == '\n')
		buf_cut(output, output->length - 1);
	last = strrchr(buf_text(output), '\n');
	return last ? last + 1 : buf_text(output);
}
