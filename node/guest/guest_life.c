/* SPDX-License-Identifier: GPL-2.0-only */
/* Beginnings and ends: from a start to what follows an end, and across daemons. */
#include "node/guest/guest_parts.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <syslog.h>
#include <unistd.h>

#include "conf/parse.h"
#include "lib/file.h"
#include "node/guest/cgroup.h"
#include "node/guest/guest_job.h"
#include "node/guest/guest_log.h"
#include "node/guest/identity.h"
#include "node/guest/tap.h"

#define SECOND 1000000000ull
#define RETRY (2 * SECOND)
/* A process that has not answered for so long after its start is told of. It is left alone: on a
 * node that is short of memory or of processors it may be on its way all the same. */
#define ANSWER_PATIENCE (120 * SECOND)

static void found(void *context, int result, const char *answer);

static void event(void *context, const char *text)
{
	guest_event(context, text);
}

static void lost(void *context)
{
	struct guest *guest = context;

	/* With the process gone, its end comes before that. */
	loop_timer_set(&guest->retry, loop_time(guest->env->loop) + RETRY);
}

static const struct control_ops control_ops = { .event = event, .lost = lost };

const char *guest_path(const struct guest *guest, const char *name, char path[NODE_PATH])
{
	snprintf(path, NODE_PATH, "%s/guests/%s%s%s", guest->env->paths->run, guest->name,
	    name ? "/" : "", name ? name : "");
	return path;
}

bool guest_has_process(const struct guest *guest)
{
	return guest->pidfd >= 0;
}

void guest_tell(struct guest *guest, const char *format, ...)
{
	char line[2 * PERSIST_TEXT];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(line, sizeof(line), format, arguments);
	va_end(arguments);
	syslog(LOG_NOTICE, "guest \"%s\": %s", guest->name, line);
	guest_log_line(guest->env->paths, guest->name, line);
}

void guest_save(struct guest *guest)
{
	struct stat status;
	char path[NODE_PATH];

	guest->kept.transient = guest->transient;
	/* A guest that was never started has no folder. */
	if (!stat(guest_path(guest, NULL, path), &status) || guest->kept.message[0] ||
	    guest->kept.autostarted) {
		mkdir(path, 0700);
		if (persist_write(guest_path(guest, "state", path), &guest->kept))
			syslog(LOG_ERR, "guest \"%s\": cannot write %s", guest->name, path);
	}
	guest->env->changed(guest->env->context, guest);
}

void guest_set_state(struct guest *guest, enum guest_state state)
{
	guest->state = state;
	guest_save(guest);
}

static void set_message(struct guest *guest, const char *text)
{
	snprintf(guest->kept.message, sizeof(guest->kept.message), "%.*s", (int)strcspn(text, "\n"),
	    text);
}

/* How a process of ours ended: the signal, or 0. A process of an earlier daemon's tells nobody. */
static int reap(const struct guest *guest)
{
	siginfo_t info = { 0 };

	if (waitid((idtype_t)P_PIDFD, (id_t)guest->pidfd, &info, WEXITED | WNOHANG) < 0)
		return 0;
	return info.si_code == CLD_KILLED || info.si_code == CLD_DUMPED ? info.si_status : 0;
}

static void let_go(struct guest *guest)
{
	loop_remove(guest->exit);
	guest->exit = NULL;
	if (guest->pidfd >= 0)
		close(guest->pidfd);
	guest->pidfd = -1;
	guest_job_lost(guest);
	control_free(guest->control);
	guest->control = NULL;
	guest_plug_end(guest);
	loop_timer_cancel(&guest->retry);
	loop_timer_cancel(&guest->kill);
	loop_timer_cancel(&guest->shutdown);
	config_release(guest->used);
	guest->used = NULL;
	guest->running = NULL;
	guest_forget_names(guest);
}

static void describe_end(
    struct guest *guest, enum outcome outcome, const char *text, int signal_number)
{
	enum cgroup_short memory = cgroup_read_short(guest->env->paths, guest->name);
	char line[PERSIST_TEXT];

	if (guest->kept.wish == POLICY_WISH_CALM)
		snprintf(line, sizeof(line), "resets over and over (%d times)", POLICY_RESETS);
	else if (outcome == OUTCOME_CRASH)
		snprintf(line, sizeof(line), "crashed: %s", text);
	else if (outcome == OUTCOME_FAILED && !guest->kept.came_up)
		snprintf(line, sizeof(line), "%s%s", text,
		    guest->kept.restore & PERSIST_RESTORE_FORGET ? GUEST_BOOT_ANEW : "");
	else if (outcome == OUTCOME_FAILED)
		snprintf(line, sizeof(line), "could not go on: %s", text);
	else if (outcome == OUTCOME_KILLED && memory == CGROUP_SHORT_NODE)
		snprintf(line, sizeof(line),
		    "the node ran out of memory for guests, and ended this one");
	else if (outcome == OUTCOME_KILLED && memory == CGROUP_SHORT_GUEST)
		snprintf(line, sizeof(line),
		    "its process held more memory than its bound, and was ended");
	else if (outcome == OUTCOME_KILLED && signal_number)
		snprintf(line, sizeof(line), "its process was killed by signal %d (%s)",
		    signal_number, strsignal(signal_number));
	else if (outcome == OUTCOME_KILLED)
		snprintf(line, sizeof(line), "its process was killed");
	else
		line[0] = '\0';
	set_message(guest, line);
}

/* What comes after an end, as the section says now. */
static void follow(struct guest *guest, enum outcome outcome)
{
	const struct conf_guest *conf = guest->conf ? guest->conf : guest->running;
	uint64_t now = loop_time(guest->env->loop);
	struct policy_decision decision = policy_decide(conf, outcome,
	    (enum policy_wish)guest->kept.wish, guest->kept.came_up, now - guest->kept.started,
	    &guest->kept.history);

	guest->kept.off = decision.off;
	guest->kept.again = 0;
	if (guest->kept.wish == POLICY_WISH_STOP)
		guest->kept.message[0] = '\0';
	guest->kept.wish = POLICY_WISH_NONE;
	guest->kept.crashed = false;
	guest->kept.restore = 0;
	guest->kept.saving = 0;
	if (decision.restart && guest->conf && !guest->env->closing) {
		guest->kept.again = now + decision.delay;
		loop_timer_set(&guest->again, guest->kept.again);
		guest->state = GUEST_BACKING_OFF;
		guest_tell(guest, "starts again in %u s", (unsigned int)(decision.delay / SECOND));
	} else {
		guest->state = GUEST_OFF;
	}
}

/* Its process is gone. */
static void ended(struct guest *guest)
{
	bool came_up = guest->kept.came_up;
	struct buf line = BUF_INIT;
	struct buf text = BUF_INIT;
	char path[NODE_PATH];
	const char *word;
	enum outcome outcome;
	int signal_number = reap(guest);

	if (!file_read(guest_path(guest, "outcome", path), 65536, &line))
		outcome = outcome_parse(buf_text(&line), &text);
	else
		outcome = OUTCOME_KILLED;
	describe_end(guest, outcome, buf_text(&text), signal_number);
	word = outcome == OUTCOME_KILLED ? "killed" : buf_text(&line);
	guest_tell(guest, "ended: %.*s%s%s", (int)strcspn(word, " \n"), word,
	    guest->kept.message[0] ? ": " : "", guest->kept.message);
	buf_done(&line);
	buf_done(&text);
	follow(guest, outcome);
	guest->kept.pid = 0;
	guest->kept.came_up = false;
	guest->trouble[0] = guest->full_disk[0] = '\0';
	let_go(guest);
	cgroup_remove(guest->env->paths, guest->name);
	guest_save(guest);
	if (!came_up)
		guest_answer(guest, false, -EIO,
		    guest->kept.message[0] ? guest->kept.message : "it ended before it ran");
	guest_answer(guest, true, 0, NULL);
}

static void exited(void *context, uint32_t events)
{
	(void)events;
	ended(context);
}

/* For a saved one as a slow disk reads its memory, 16 MiB a second. */
static uint64_t patience(const struct guest *guest)
{
	const struct conf_guest *conf = guest->running;
	uint64_t memory = conf ? (conf->memory_max ? conf->memory_max : conf->memory) : 0;

	return ANSWER_PATIENCE + (guest->kept.restore ? memory / (16u << 20) * SECOND : 0);
}

static void find_control(struct guest *guest)
{
	uint64_t over = guest->kept.started + patience(guest) + 1;
	uint64_t now = loop_time(guest->env->loop);
	char path[NODE_PATH];
	int error = 0;

	control_free(guest->control);
	guest->control = NULL;
	error = control_open(guest->env->loop, guest_path(guest, "control", path), &control_ops,
	    guest, &guest->control);
	/* One that reads its memory from a file does not answer before it has. */
	if (!error && guest->kept.restore && !guest->kept.came_up) {
		error = control_wait(guest->control, "status", -1, found, guest);
		loop_timer_set(&guest->retry, now < over ? over : now + ANSWER_PATIENCE);
	} else if (!error) {
		error = control_request(guest->control, "status", -1, found, guest);
	}
	if (error)
		loop_timer_set(&guest->retry, now + RETRY);
}

/* The first answer of its process: it runs. */
static void found(void *context, int result, const char *answer)
{
	struct guest *guest = context;

	if (!guest_has_process(guest) || result == -ECANCELED)
		return;
	if (result) {
		loop_timer_set(&guest->retry, loop_time(guest->env->loop) + RETRY);
		return;
	}
	loop_timer_cancel(&guest->retry);
	if (!guest->kept.came_up) {
		guest->trouble[0] = guest->full_disk[0] = '\0';
		guest_tell(guest, "runs, with id %d", guest->kept.id);
	}
	guest->kept.came_up = true;
	guest_status(guest, answer);
	guest_plug_found(guest);
	if (!guest->kept.restore)
		guest_answer(guest, false, 0, NULL);
}

static void tell_of_silence(struct guest *guest)
{
	uint64_t silent = loop_time(guest->env->loop) - guest->kept.started;

	if (guest->kept.came_up || guest->trouble[0] || silent <= patience(guest))
		return;
	snprintf(guest->trouble, sizeof(guest->trouble),
	    "its process has not answered for %u s since its start: the node is short of memory or of processors",
	    (unsigned int)(silent / SECOND));
	guest_tell(guest, "%s", guest->trouble);
	guest_save(guest);
	guest_answer(guest, false, -ETIME, guest->trouble);
}

static void retry(void *context)
{
	struct guest *guest = context;

	if (!guest_has_process(guest))
		return;
	tell_of_silence(guest);
	find_control(guest);
}

static int watch_process(struct guest *guest)
{
	int error = loop_add(guest->env->loop, guest->pidfd, EPOLLIN, exited, guest, &guest->exit);

	if (!error)
		find_control(guest);
	return error;
}

void guest_not_started(struct guest *guest, int error, const char *text, struct driver_done done)
{
	guest->kept.pid = 0;
	guest->kept.restore = 0;
	guest->kept.off = POLICY_OFF_FAILED;
	set_message(guest, text);
	guest_tell(guest, "does not start: %s", guest->kept.message);
	guest_set_state(guest, GUEST_OFF);
	if (done.call)
		done.call(done.context, error, guest->kept.message);
}

void guest_start(
    struct guest *guest, bool paused, const struct guest_source *source, struct driver_done done)
{
	struct buf why = BUF_INIT;
	int error;

	loop_timer_cancel(&guest->again);
	guest->kept.again = 0;
	guest->kept.message[0] = '\0';
	guest->kept.wish = POLICY_WISH_NONE;
	guest->kept.crashed = false;
	guest->kept.came_up = false;
	guest->trouble[0] = guest->full_disk[0] = '\0';
	guest->state = GUEST_STARTING;
	guest->kept.restore = source ? source->restore : 0;
	guest->kept.saving = 0;
	guest->used = config_hold(source ? source->config : guest->filed);
	guest->running = config_guest(guest->used, guest->name);
	error = guest_launch(guest, paused, source, &why);
	if (!error) {
		/* Before the event loop can find it dead. */
		guest_wait(guest, false, done);
		error = watch_process(guest);
		if (error)
			guest_stop(guest, POLICY_WISH_STOP);
		guest_save(guest);
		buf_done(&why);
		return;
	}
	let_go(guest);
	cgroup_remove(guest->env->paths, guest->name);
	guest_not_started(guest, error, buf_text(&why), done);
	buf_done(&why);
}

static void again(void *context)
{
	struct guest *guest = context;

	if (guest->state != GUEST_BACKING_OFF)
		return;
	if (!guest->conf || guest->env->closing)
		guest_set_state(guest, GUEST_OFF);
	else
		guest_start(guest, false, NULL, (struct driver_done){ 0 });
}

static void kill_now(void *context)
{
	struct guest *guest = context;

	if (!guest_has_process(guest))
		return;
	/* The group has all of it; without one the first process takes the others with it. */
	if (cgroup_kill(guest->env->paths, guest->name))
		syscall(SYS_pidfd_send_signal, guest->pidfd, SIGKILL, NULL, 0);
}

static void shutdown_over(void *context)
{
	struct guest *guest = context;

	if (guest->shutdown_rest) {
		loop_timer_set(
		    &guest->shutdown, loop_time(guest->env->loop) + guest->shutdown_rest);
		guest->shutdown_rest = 0;
		guest_job_give_up(guest, (struct driver_done){ 0 });
		return;
	}
	guest_tell(guest, "did not shut down in its time, and is stopped");
	guest_stop(guest, POLICY_WISH_STOP);
}

struct guest *guest_create(struct guest_env *env, const char *name)
{
	const struct conf_guest nameless = { .name = name };
	struct guest *guest = calloc(1, sizeof(*guest));

	if (!guest)
		return NULL;
	guest->env = env;
	guest->pidfd = -1;
	guest->name = strdup(name);
	if (!guest->name) {
		free(guest);
		return NULL;
	}
	identity_uuid(&nameless, guest->uuid);
	loop_timer_init(&guest->again, env->loop, again, guest);
	loop_timer_init(&guest->retry, env->loop, retry, guest);
	loop_timer_init(&guest->kill, env->loop, kill_now, guest);
	loop_timer_init(&guest->shutdown, env->loop, shutdown_over, guest);
	return guest;
}

void guest_free(struct guest *guest)
{
	if (!guest)
		return;
	let_go(guest);
	guest_answer(guest, false, -ECANCELED, "the daemon ends");
	guest_answer(guest, true, -ECANCELED, "the daemon ends");
	loop_timer_cancel(&guest->again);
	config_release(guest->filed);
	free(guest->name);
	free(guest);
}

/* Networks may have been stopped and started. */
static void rejoin(const struct guest *guest, const struct config *config)
{
	char **tap = guest->taps;

	for (const struct conf_nic *nic = guest->running->nics; nic && tap && *tap;
	     nic = nic->next, tap++)
		for (const struct conf_network *network = config->conf.model.networks; network;
		     network = network->next)
			if (!strcmp(network->name, nic->network))
				tap_rejoin(*tap, network->bridge);
}

void guest_set_conf(
    struct guest *guest, struct config *config, const struct conf_guest *conf, bool live)
{
	const struct conf_guest *before = guest->conf;
	struct config *old = guest->filed;
	struct buf why = BUF_INIT;

	guest->filed = conf ? config_hold(config) : NULL;
	guest->conf = conf;
	guest->redefined |= before && conf && config_differs(before, conf);
	/* A running one keeps the UUID that it was started with. */
	if (conf && !guest_has_process(guest))
		identity_uuid(conf, guest->uuid);
	if (guest->running && conf && before && config_differs_live(before, conf)) {
		if (cgroup_apply(guest->env->paths, conf, &why))
			syslog(LOG_WARNING, "%s", buf_text(&why));
		guest_set_pins(guest, before, conf);
		if (before->memory != conf->memory &&
		    !config_needs_start(guest->running, conf, false))
			guest_set_memory(guest, conf->memory, (struct driver_done){ 0 });
	}
	if (guest->running && config)
		rejoin(guest, config);
	if (live && guest->running && conf && before) {
		guest_plug_file(guest, old);
		if (before->balloon_period != conf->balloon_period)
			guest_plug_period(guest, conf->balloon_period);
	}
	if (!conf && guest->state == GUEST_BACKING_OFF) {
		loop_timer_cancel(&guest->again);
		guest->kept.again = 0;
		guest->state = GUEST_OFF;
	}
	buf_done(&why);
	config_release(old);
}

/* The configuration that a process was started with, as its folder has it. */
static void recall_config(struct guest *guest, struct config *current)
{
	struct buf text = BUF_INIT;
	struct buf complaint = BUF_INIT;
	char path[NODE_PATH];

	if (!file_read(guest_path(guest, "berth.conf", path), CONF_SIZE_MAX, &text)) {
		if (text.length == current->length &&
		    !memcmp(buf_text(&text), current->text, text.length))
			guest->used = config_hold(current);
		else
			config_load(buf_text(&text), text.length, &complaint, &guest->used);
	}
	if (guest->used)
		guest->running = config_guest(guest->used, guest->name);
	if (guest->running) {
		identity_uuid(guest->running, guest->uuid);
		guest_recall_names(guest);
	}
	buf_done(&text);
	buf_done(&complaint);
}

/* Whether the process that was written down is there, and no other of its number. */
static bool find_process(struct guest *guest)
{
	if (!guest->kept.pid)
		return false;
	guest->pidfd = (int)syscall(SYS_pidfd_open, guest->kept.pid, 0);
	if (guest->pidfd >= 0 &&
	    persist_born(guest->env->paths->proc, guest->kept.pid) == guest->kept.born)
		return true;
	if (guest->pidfd >= 0)
		close(guest->pidfd);
	guest->pidfd = -1;
	return false;
}

void guest_adopt(struct guest *guest, struct config *current)
{
	char path[NODE_PATH];
	bool had_process;

	persist_read(guest_path(guest, "state", path), &guest->kept);
	had_process = guest->kept.pid != 0;
	if (had_process)
		recall_config(guest, current);
	if (had_process && !guest->running) {
		guest_tell(guest, "what it was started with is lost");
		guest->running = guest->conf;
	}
	/* As it was started, so it is until it ends. */
	if (guest->kept.transient && !guest->conf && guest->running) {
		guest->transient = true;
		guest->conf = guest->running;
		guest->filed = config_hold(guest->used);
	}
	if (find_process(guest)) {
		guest->state = GUEST_STARTING;
		if (watch_process(guest))
			guest_tell(guest, "its process cannot be watched");
	} else if (had_process && guest->running) {
		ended(guest);
	} else if (guest->kept.again && guest->conf) {
		guest->state = GUEST_BACKING_OFF;
		loop_timer_set(&guest->again, guest->kept.again);
	}
	guest_save(guest);
}

void guest_messages(const struct guest *guest, struct buf *buf)
{
	if (guest->kept.message[0])
		buf_printf(buf, "%s\n", guest->kept.message);
	if (guest->trouble[0])
		buf_printf(buf, "%s\n", guest->trouble);
	if (guest->running && !guest->conf)
		buf_puts(buf, "it is not in berth.conf any more: it runs until it is stopped\n");
}
