/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * berth-vmm FD: one guest from the definition that FD holds, until it ends. docs/vmm.md has the
 * whole contract.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "lib/num.h"
#include "vmm/control.h"
#include "vmm/definition_parse.h"
#include "vmm/machine.h"
#include "vmm/sandbox.h"

#define DEFINITION_MAX (1 << 20)

struct program {
	struct definition definition;
	struct loop *loop;
	struct machine *machine;
	struct control *control;
	int signals;
	struct loop_watch *signals_watch;
	int outcome;
	bool failed;
};

/* One line, in the place of whatever was there. */
static void write_outcome(const struct program *program, const char *word, const char *text)
{
	char line[512];
	int length = snprintf(
	    line, sizeof(line), "%s%s%s\n", word, text ? " " : "", text ? text : "");

	if (program->outcome < 0)
		return;
	if (length >= (int)sizeof(line))
		length = sizeof(line) - 1;
	if (pwrite(program->outcome, line, (size_t)length, 0) != length ||
	    ftruncate(program->outcome, length))
		fprintf(stderr, "berth-vmm: the outcome cannot be written: %s\n", strerror(errno));
}

static int fail(struct program *program, const struct why *reason)
{
	fprintf(stderr, "berth-vmm: guest \"%s\": %s\n", program->definition.name, reason->text);
	write_outcome(program, "failed", reason->text);
	return 1;
}

static void changed(void *context, enum machine_state state, const char *reason)
{
	static const char *const names[] = { "paused", "running", "shutdown", "crashed" };
	struct program *program = context;

	if (state == MACHINE_SHUTDOWN)
		write_outcome(program, reason, NULL);
	else if (state == MACHINE_CRASHED)
		write_outcome(program, "crash", reason);
	if (program->control)
		control_event(program->control, "event %s %s", names[state], reason);
	if (state == MACHINE_SHUTDOWN || state == MACHINE_CRASHED)
		loop_stop(program->loop);
}

static void happened(void *context, const char *text)
{
	struct program *program = context;

	if (program->control)
		control_event(program->control, "event %s", text);
}

static void signalled(void *context, uint32_t events)
{
	struct program *program = context;
	struct signalfd_siginfo info;

	(void)events;
	if (read(program->signals, &info, sizeof(info)) == (ssize_t)sizeof(info))
		machine_stop(program->machine);
}

static int watch_signals(struct program *program)
{
	sigset_t set;

	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigprocmask(SIG_BLOCK, &set, NULL);
	program->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (program->signals < 0)
		return -errno;
	return loop_add(
	    program->loop, program->signals, EPOLLIN, signalled, program, &program->signals_watch);
}

/* Read whole from the descriptor of the only argument. */
static int read_definition(struct program *program, const char *argument, struct why *ret_why)
{
	uint64_t fd;
	size_t length = 0;
	ssize_t count;
	char *text;
	int result;

	if (!num_parse(argument, 65535, &fd))
		return why(ret_why, -EINVAL, "\"%s\" is no descriptor", argument);
	text = malloc(DEFINITION_MAX);
	if (!text)
		return why_errno(ret_why, -ENOMEM, "the definition");
	do {
		count = read((int)fd, text + length, DEFINITION_MAX - length);
		length += count > 0 ? (size_t)count : 0;
	} while (count > 0 && length < DEFINITION_MAX);
	if (count < 0)
		result = why_errno(ret_why, -errno, "the definition cannot be read");
	else if (count > 0)
		result = why(ret_why, -EFBIG, "the definition is too long");
	else
		result = definition_parse(text, length, &program->definition, ret_why);
	free(text);
	close((int)fd);
	return result;
}

static int run(struct program *program, struct why *ret_why)
{
	const struct definition *definition = &program->definition;
	const struct machine_ops ops = {
		.changed = changed, .event = happened, .context = program
	};
	int result = loop_create(&program->loop);

	if (!result)
		result = watch_signals(program);
	if (result)
		return why_errno(ret_why, result, "the event loop");
	result = machine_create(definition, program->loop, &ops, ret_why, &program->machine);
	if (result)
		return result;
	result = control_listen(
	    program->loop, definition->control, program->machine, &program->control);
	if (result)
		return why_errno(ret_why, result, "the control socket");
	if (!definition->sandbox_off)
		result = sandbox_enter((uid_t)definition->uid, (gid_t)definition->gid, ret_why);
	if (!result)
		result = machine_start(program->machine, ret_why);
	if (result)
		return result;
	result = loop_run(program->loop);
	return result ? why_errno(ret_why, result, "the event loop") : 0;
}

int main(int count, char **arguments)
{
	static struct program program = { .outcome = -1, .signals = -1 };
	struct why reason;

	if (count != 2) {
		fputs("usage: berth-vmm FD (docs/vmm.md); berthd starts it\n", stderr);
		return 2;
	}
	if (read_definition(&program, arguments[1], &reason))
		return fail(&program, &reason);
	program.outcome = program.definition.outcome;
	if (run(&program, &reason))
		return fail(&program, &reason);
	/* The end of the process takes the machine along, faster than piece by piece. */
	control_close(program.control);
	return 0;
}
