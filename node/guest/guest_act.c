/* SPDX-License-Identifier: GPL-2.0-only */
/* What a guest is told, and what its process says. */
#include "node/guest/guest_parts.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "lib/num.h"
#include "node/guest/guest_job.h"
#include "node/guest/resources.h"
#include "node/host/volume.h"

#define SECOND 1000000000ull
#define STOP_PATIENCE (5 * SECOND)

struct action {
	bool ends; /* the guest's end is its success as well */
	struct driver_done done;
};

bool guest_wait(struct guest *guest, bool for_end, struct driver_done done)
{
	struct guest_waiter *waiter;
	struct guest_waiter **link;

	if (!done.call)
		return true;
	waiter = calloc(1, sizeof(*waiter));
	if (!waiter)
		return false;
	waiter->for_end = for_end;
	waiter->done = done;
	for (link = &guest->waiters; *link;)
		link = &(*link)->next;
	*link = waiter;
	return true;
}

void guest_answer(struct guest *guest, bool for_end, int result, const char *message)
{
	struct guest_waiter *chosen = NULL;
	struct guest_waiter **end = &chosen;
	struct guest_waiter **link = &guest->waiters;

	/* Taken out first: who is answered may ask for something new. */
	while (*link) {
		struct guest_waiter *waiter = *link;

		if (waiter->for_end != for_end) {
			link = &waiter->next;
			continue;
		}
		*link = waiter->next;
		waiter->next = NULL;
		*end = waiter;
		end = &waiter->next;
	}
	while (chosen) {
		struct guest_waiter *waiter = chosen;

		chosen = waiter->next;
		waiter->done.call(waiter->done.context, result, message);
		free(waiter);
	}
}

static void answer(struct driver_done done, int result, const char *message)
{
	if (done.call)
		done.call(done.context, result, message);
}

/* What its process says, as clients see it. */
struct reason {
	const char *word;
	enum driver_reason reason;
};

static const struct reason pauses[] = { { "io-error", DRIVER_PAUSED_IO_ERROR },
	{ "crash", DRIVER_PAUSED_CRASHED }, { "saving", DRIVER_PAUSED_SAVING },
	{ "dumping", DRIVER_PAUSED_DUMPING }, { 0 } };
static const struct reason runs[] = { { "restored", DRIVER_RESTORED },
	{ "resumed", DRIVER_UNPAUSED }, { "save-canceled", DRIVER_SAVE_CANCELED }, { 0 } };

static enum driver_reason reason_of(
    const struct reason *reasons, const char *word, enum driver_reason usual)
{
	while (reasons->word && strcmp(reasons->word, word))
		reasons++;
	return reasons->word ? reasons->reason : usual;
}

/* The guest is paused, and why. */
static void paused(struct guest *guest, const char *reason)
{
	guest->pause = reason_of(pauses, reason, DRIVER_PAUSED_BY_USER);
	/* The word on which disk it is came before, perhaps to an earlier daemon. */
	if (guest->pause == DRIVER_PAUSED_IO_ERROR && !guest->trouble[0])
		snprintf(guest->trouble, sizeof(guest->trouble),
		    "a disk met an error, and the guest waits: mend it, then resume the guest");
	guest_set_state(guest, GUEST_PAUSED);
}

static void dumped(void *context, int result, const char *text)
{
	struct guest *guest = context;

	if (result == -ECANCELED)
		return;
	(void)text;
	guest_stop(guest, POLICY_WISH_CRASHED);
}

/* Write the memory of a crashed guest to the data volume, then go on as on-crash says. */
static void dump_crashed(struct guest *guest)
{
	const char *data = guest->env->paths->data;
	char path[NODE_PATH];
	const struct driver_dump dump = { .path = path };
	char stamp[32];
	time_t now = time(NULL);
	struct tm parts;

	gmtime_r(&now, &parts);
	strftime(stamp, sizeof(stamp), "%Y%m%dT%H%M%SZ", &parts);
	snprintf(path, sizeof(path), "%s/log", data);
	if (access(path, W_OK)) {
		guest_tell(
		    guest, "its memory is not written: there is no data volume to write it to");
		guest_stop(guest, POLICY_WISH_CRASHED);
		return;
	}
	snprintf(path, sizeof(path), "%s/dump", data);
	mkdir(path, 0700);
	snprintf(path, sizeof(path), "%s/dump/%s-%s.core", data, guest->name, stamp);
	guest_job_dump(guest, &dump, (struct driver_done){ dumped, guest });
}

/* Kept after a crash. */
static void crashed(struct guest *guest)
{
	const struct conf_guest *conf = guest->conf ? guest->conf : guest->running;

	if (guest->kept.crashed)
		return;
	guest->kept.crashed = true;
	snprintf(guest->kept.message, sizeof(guest->kept.message), "crashed");
	guest_tell(guest, "crashed");
	guest_set_state(guest, GUEST_CRASHED);
	if (!conf || conf->on_crash == POLICY_CRASH_PRESERVE)
		return;
	if (conf->on_crash == POLICY_CRASH_DUMP_DESTROY ||
	    conf->on_crash == POLICY_CRASH_DUMP_RESTART)
		dump_crashed(guest);
	else
		guest_stop(guest, POLICY_WISH_CRASHED);
}

static void was_reset(struct guest *guest)
{
	guest->kept.crashed = false;
	if (guest->kept.wish == POLICY_WISH_REBOOT)
		guest->kept.wish = POLICY_WISH_NONE;
	guest->rebooted = true;
	guest_tell(guest, "was reset");
	if (!policy_reset(&guest->kept.history, loop_time(guest->env->loop)))
		return;
	guest_tell(guest, "resets over and over, and is stopped for a while");
	guest_stop(guest, POLICY_WISH_CALM);
}

static void changed_state(struct guest *guest, const char *state, const char *reason)
{
	if (!strcmp(state, "running")) {
		guest->trouble[0] = guest->full_disk[0] = '\0';
		if (!strcmp(reason, "reset"))
			was_reset(guest);
		guest->kept.crashed = false;
		guest->ran = reason_of(runs, reason, DRIVER_BOOTED);
		if (guest->state != GUEST_SHUTTING_DOWN)
			guest_set_state(guest, GUEST_RUNNING);
	} else if (!strcmp(state, "paused") && !strcmp(reason, "crash")) {
		crashed(guest);
	} else if (!strcmp(state, "paused") && guest->state != GUEST_SHUTTING_DOWN) {
		paused(guest, reason);
	}
	/* Of "shutdown" and "crashed" the end of the process and its outcome tell. */
}

static void device_event(struct guest *guest, bool is_nic, const char *text)
{
	char id[RESOURCE_ID];
	size_t length = strcspn(text, " ");
	const char *what = text + length + (text[length] == ' ');

	snprintf(id, sizeof(id), "%.*s", (int)length, text);
	if (!strcmp(what, "removed")) {
		guest_unplugged(guest, is_nic, id);
		return;
	}
	if (!strncmp(what, "enospc", 6)) {
		snprintf(guest->full_disk, sizeof(guest->full_disk), "%s", id);
		guest->full_told = false;
		snprintf(guest->trouble, sizeof(guest->trouble),
		    "disk %s: no space is left where its image is: the guest waits; make room, then resume it",
		    id);
	} else {
		snprintf(guest->trouble, sizeof(guest->trouble), "disk %s: %.64s", id, what);
	}
	guest_tell(guest, "%s", guest->trouble);
	guest_save(guest);
}

static void balloon_event(struct guest *guest, const char *text)
{
	if (num_parse(text, UINT64_MAX, &guest->memory))
		guest->env->changed(guest->env->context, guest);
}

void guest_event(struct guest *guest, const char *text)
{
	char state[16];
	size_t length = strcspn(text, " ");
	const char *rest = text + length + (text[length] == ' ');

	snprintf(state, sizeof(state), "%.*s", (int)length, text);
	if (!strcmp(state, "disk") || !strcmp(state, "nic"))
		device_event(guest, !strcmp(state, "nic"), rest);
	else if (!strcmp(state, "job"))
		guest_job_event(guest, rest);
	else if (!strcmp(state, "balloon"))
		balloon_event(guest, rest);
	else
		changed_state(guest, state, rest);
}

void guest_status(struct guest *guest, const char *answer_text)
{
	char state[16] = "";
	char reason[PERSIST_TEXT] = "";
	const struct conf_guest *conf = guest->running;

	control_value(answer_text, "state", state, sizeof(state));
	control_value(answer_text, "reason", reason, sizeof(reason));
	guest->kept.crashed = false;
	guest->ran = reason_of(runs, reason, DRIVER_BOOTED);
	/* A reset that an earlier daemon heard of is not one more. */
	if (guest->kept.restore && strcmp(state, "running") != 0) {
		guest_restore_found(guest);
	} else if (!strcmp(state, "paused")) {
		changed_state(guest, state, reason);
		guest_job_recall(guest, reason);
	} else {
		/* It has gone on, and the daemon that told it to was killed before it wrote that
		 * down. */
		guest->kept.restore = 0;
		guest_set_state(guest, GUEST_RUNNING);
	}
	if (conf && conf->memory_max > conf->memory)
		guest_set_memory(guest, conf->memory, (struct driver_done){ 0 });
	if (guest->env->closing)
		guest_leave(guest);
}

static void done_request(void *context, int result, const char *text)
{
	struct action *action = context;
	struct driver_done done = action->done;

	if (action->ends && (result == -ECANCELED || result == -EPIPE))
		result = 0;
	free(action);
	answer(done, result, result ? text : NULL);
}

static void request(struct guest *guest, const char *text, int fd, struct driver_done done)
{
	struct action *action = calloc(1, sizeof(*action));

	if (action && guest->control) {
		*action = (struct action){ .ends = !strcmp(text, "power-button"), .done = done };
		if (!control_request(guest->control, text, fd, done_request, action))
			return;
		fd = -1;
	}
	if (fd >= 0)
		close(fd);
	free(action);
	answer(done, -EAGAIN, "the guest's process does not answer yet");
}

void guest_stop(struct guest *guest, enum policy_wish wish)
{
	if (!guest_has_process(guest))
		return;
	guest->kept.wish = wish;
	guest_save(guest);
	if (guest->control)
		control_request(guest->control, "stop", -1, NULL, NULL);
	loop_timer_set(&guest->kill, loop_time(guest->env->loop) + STOP_PATIENCE);
}

static void destroy(struct guest *guest, struct driver_done done)
{
	if (guest->state == GUEST_BACKING_OFF) {
		loop_timer_cancel(&guest->again);
		guest->kept.again = 0;
		guest->kept.off = POLICY_OFF_DESTROYED;
		guest->kept.message[0] = '\0';
		guest_set_state(guest, GUEST_OFF);
		answer(done, 0, NULL);
	} else if (!guest_has_process(guest)) {
		answer(done, -EBUSY, "the guest does not run");
	} else if (guest_wait(guest, true, done)) {
		guest_stop(guest, POLICY_WISH_STOP);
	} else {
		answer(done, -ENOMEM, NULL);
	}
}

static void start(struct guest *guest, enum driver_verb verb, struct driver_done done)
{
	bool stands = verb == DRIVER_START_PAUSED || verb == DRIVER_START_FRESH_PAUSED;
	bool fresh = verb == DRIVER_START_FRESH || verb == DRIVER_START_FRESH_PAUSED;
	char path[NODE_PATH];

	if (guest_has_process(guest))
		answer(done, -EBUSY, "the guest runs already");
	else if (!guest->conf)
		answer(done, -ENOENT, "the guest is not in berth.conf");
	else if (guest->env->closing)
		answer(done, -EBUSY, "the node is going down");
	else if (!fresh && guest_is_saved(guest))
		guest_start_saved(guest, stands, done);
	else if (fresh && unlink(guest_saved_path(guest, path)) && errno != ENOENT)
		answer(done, -errno, "its saved state cannot be removed");
	else
		guest_start(guest, stands, NULL, done);
}

void guest_act(struct guest *guest, enum driver_verb verb, struct driver_done done)
{
	if (verb == DRIVER_START || verb == DRIVER_START_PAUSED || verb == DRIVER_START_FRESH ||
	    verb == DRIVER_START_FRESH_PAUSED) {
		start(guest, verb, done);
		return;
	}
	if (verb == DRIVER_DESTROY) {
		destroy(guest, done);
		return;
	}
	if (!guest_has_process(guest)) {
		answer(done, -EBUSY, "the guest does not run");
		return;
	}
	switch (verb) {
	case DRIVER_REBOOT:
		guest->kept.wish = POLICY_WISH_REBOOT;
		guest_save(guest);
		request(guest, "power-button", -1, done);
		return;
	case DRIVER_SHUTDOWN:
		if (guest->kept.wish == POLICY_WISH_REBOOT)
			guest->kept.wish = POLICY_WISH_NONE;
		guest_save(guest);
		request(guest, "power-button", -1, done);
		return;
	case DRIVER_RESET:
		request(guest, "reset", -1, done);
		return;
	case DRIVER_SUSPEND:
		request(guest, "pause", -1, done);
		return;
	case DRIVER_NMI:
		request(guest, "nmi", -1, done);
		return;
	case DRIVER_RESUME:
		request(guest, "resume", -1, done);
		return;
	default:
		answer(done, -EOPNOTSUPP, "this cannot be done with this guest");
	}
}

void guest_set_memory(struct guest *guest, uint64_t bytes, struct driver_done done)
{
	char text[64];

	if (!guest_has_process(guest)) {
		answer(done, -EBUSY, "the guest does not run");
		return;
	}
	snprintf(text, sizeof(text), "balloon %" PRIu64, bytes);
	request(guest, text, -1, done);
}

static void told_of_pin(void *context, int result, const char *text)
{
	(void)context;
	if (result)
		syslog(LOG_WARNING, "a running guest is not pinned anew: %s",
		    text ? text : strerror(-result));
}

static const char *pin_of(const struct conf_guest *conf, uint64_t vcpu)
{
	for (const struct conf_pin *pin = conf->pins; pin; pin = pin->next)
		if (pin->vcpu == vcpu)
			return pin->cpus;
	return NULL;
}

/* `who` is on the list `new` from now on, if that is another one. */
static void set_pin(struct guest *guest, const char *who, const char *old, const char *new)
{
	struct buf text = BUF_INIT;

	if (!strcmp(old ? old : "", new ? new : ""))
		return;
	buf_printf(&text, "pin %s %s", who, new ? new : "all");
	request(guest, buf_text(&text), -1, (struct driver_done){ told_of_pin, NULL });
	buf_done(&text);
}

void guest_set_pins(
    struct guest *guest, const struct conf_guest *before, const struct conf_guest *conf)
{
	char vcpu[NUM_TEXT];

	for (uint64_t i = 0; i < guest->running->vcpus; i++) {
		snprintf(vcpu, sizeof(vcpu), "%" PRIu64, i);
		set_pin(guest, vcpu, pin_of(before, i), pin_of(conf, i));
	}
	set_pin(guest, "emulator", before->emulator_cpus, conf->emulator_cpus);
}

/* As it was made: what had no holes gets none. */
static int grow(const char *path, uint64_t bytes, const char **ret_why)
{
	int fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	struct stat status;
	int error = fd < 0 || fstat(fd, &status) ? -errno : 0;

	*ret_why = NULL;
	if (!error && S_ISREG(status.st_mode)) {
		uint64_t size = (uint64_t)status.st_size;

		if (bytes < size) {
			error = -EINVAL;
			*ret_why = "the disk would shrink, and lose what is at its end";
		} else if (bytes > size) {
			error = volume_resize(fd, bytes, (uint64_t)status.st_blocks * 512 >= size);
		}
	}
	if (fd >= 0)
		close(fd);
	return error;
}

void guest_resize_disk(
    struct guest *guest, unsigned int index, uint64_t bytes, struct driver_done done)
{
	const struct conf_disk *conf = guest->running ? guest->running->disks : NULL;
	const char *why;
	char text[64];
	char id[RESOURCE_ID];
	int error;

	for (unsigned int i = 0; conf && guest->disks && guest->disks[i] && i < index; i++)
		conf = conf->next;
	if (!guest_has_process(guest) || !conf || !guest->disks || !guest->disks[index]) {
		answer(done, -ENOENT, "the guest runs with no such disk");
		return;
	}
	error = grow(guest->disks[index], bytes, &why);
	if (error) {
		answer(done, error, why);
		return;
	}
	resources_disk_id(conf, index, id);
	snprintf(text, sizeof(text), "disk-resize %s", id);
	request(guest, text, -1, done);
}

int guest_open_console(struct guest *guest, const char *id, int *ret_socket)
{
	struct resource_console consoles[RESOURCE_CONSOLES_MAX];
	unsigned int count;
	char text[256];
	int ends[2];

	if (!guest_has_process(guest) || !guest->running || !guest->control)
		return -EBUSY;
	count = resources_consoles(guest->running, consoles);
	if (!id && count)
		id = consoles[0].id;
	for (unsigned int i = 0; id && i < count; i++) {
		if (strcmp(consoles[i].id, id))
			continue;
		if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) < 0)
			return -errno;
		snprintf(text, sizeof(text), "console %s", consoles[i].id);
		request(guest, text, ends[1], (struct driver_done){ 0 });
		*ret_socket = ends[0];
		return 0;
	}
	return -ENOENT;
}

/* It may be told again, when its process answers only later. */
static void shut_down_with_node(struct guest *guest)
{
	if (guest->state == GUEST_PAUSED)
		request(guest, "resume", -1, (struct driver_done){ 0 });
	request(guest, "power-button", -1, (struct driver_done){ 0 });
	guest->kept.wish = POLICY_WISH_NONE;
	guest_set_state(guest, GUEST_SHUTTING_DOWN);
}

static void saved_with_node(void *context, int result, const char *message)
{
	struct guest *guest = context;

	(void)message;
	if (!result || !guest_has_process(guest) || result == -ECANCELED)
		return;
	guest_tell(guest, "it shuts down with the node instead");
	shut_down_with_node(guest);
}

/* A third of its time is kept for the case that it cannot be saved. */
static void save_with_node(struct guest *guest, uint64_t now, uint64_t time)
{
	const struct driver_save save = { .go = DRIVER_AS_IT_WAS };
	bool stands = guest->state == GUEST_PAUSED;

	guest->shutdown_rest = time / 3;
	loop_timer_set(&guest->shutdown, now + time - guest->shutdown_rest);
	guest_set_state(guest, GUEST_SHUTTING_DOWN);
	guest_save_state(
	    guest, &save, stands, true, (struct driver_done){ saved_with_node, guest });
}

/* What neither the section nor the node says is a shutdown. */
static enum conf_leave leave_action(const struct guest *guest, const struct conf_guest *conf)
{
	if (!guest->filed || !conf || conf->node_shutdown.action == CONF_LEAVE_AS_NODE)
		return guest->filed && guest->filed->conf.model.node.guests == CONF_NODE_SUSPEND
			   ? CONF_LEAVE_SAVE
			   : CONF_LEAVE_SHUTDOWN;
	return (enum conf_leave)conf->node_shutdown.action;
}

void guest_leave(struct guest *guest)
{
	const struct conf_guest *conf = guest->conf ? guest->conf : guest->running;
	uint64_t seconds = conf && conf->node_shutdown.timeout ? conf->node_shutdown.timeout : 60;
	uint64_t now = loop_time(guest->env->loop);
	enum conf_leave action = leave_action(guest, conf);

	if (guest->state == GUEST_BACKING_OFF) {
		loop_timer_cancel(&guest->again);
		guest_set_state(guest, GUEST_OFF);
		return;
	}
	if (!guest_has_process(guest) || guest->state == GUEST_SHUTTING_DOWN)
		return;
	if (guest->state == GUEST_CRASHED || action == CONF_LEAVE_DESTROY) {
		guest_stop(guest, POLICY_WISH_STOP);
		return;
	}
	if (!guest->shutdown.deadline)
		loop_timer_set(&guest->shutdown, now + seconds * SECOND);
	/* Until its process has answered it hears nothing: guest_status() comes back here. */
	if (guest->state == GUEST_STARTING)
		return;
	if (action == CONF_LEAVE_SAVE)
		save_with_node(guest, now, seconds * SECOND);
	else
		shut_down_with_node(guest);
}
