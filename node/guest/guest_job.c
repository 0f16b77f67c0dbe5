/* SPDX-License-Identifier: GPL-2.0-only */
#include "node/guest/guest_job.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "lib/file.h"
#include "lib/num.h"
#include "node/guest/guest_parts.h"
#include "node/guest/newfile.h"
#include "node/guest/saved.h"

struct guest_job {
	struct guest *guest;
	struct driver_job seen;
	uint64_t began;
	struct newfile file;
	struct control *control;
	struct driver_dump dump;
	struct driver_done done;
};

static const char *const words[] = { [DRIVER_JOB_SAVE] = "saved", [DRIVER_JOB_DUMP] = "dumped" };

static void answer(struct driver_done done, int result, const char *message)
{
	if (done.call)
		done.call(done.context, result, message);
}

static void look(struct guest_job *job)
{
	job->seen.elapsed = loop_time(job->guest->env->loop) - job->began;
	job->seen.written = newfile_taken(&job->file);
}

/* The control may be the one that calls: it is not touched any more. */
static void let_go(struct guest_job *job)
{
	struct control *control = job->control;

	job->control = NULL;
	control_free(control);
	newfile_discard(&job->file);
	free(job);
}

static void fail(struct guest_job *job, int result, const char *text)
{
	struct guest *guest = job->guest;
	struct driver_done done = job->done;
	uint64_t room = file_room(job->file.fd) + job->seen.written;
	char message[2 * PERSIST_TEXT];
	size_t length;

	job->seen.end = result == -EINTR ? DRIVER_JOB_GIVEN_UP : DRIVER_JOB_FAILED;
	guest->last_job = job->seen;
	guest->job_ended = true;
	length = (size_t)snprintf(message, sizeof(message), "the guest is not %s to %.256s: %.200s",
	    words[job->seen.kind], job->file.path, result == -EINTR ? "it was given up" : text);
	if (result == -ENOSPC)
		snprintf(message + length, sizeof(message) - length,
		    ": %" PRIu64 " MiB are free there, up to %" PRIu64 " MiB are needed",
		    room >> 20, job->seen.total >> 20);
	let_go(job);
	guest_tell(guest, "%s", message);
	guest_save(guest);
	answer(done, result, message);
}

/* Both are undone by the next daemon, if this one is killed in between. */
static void stop_saved(struct guest_job *job)
{
	struct guest *guest = job->guest;
	struct driver_done done = job->done;
	int error;

	guest->kept.saving = newfile_inode(&job->file);
	snprintf(guest->kept.saving_to, sizeof(guest->kept.saving_to), "%s", job->file.path);
	guest_save(guest);
	error = newfile_commit(&job->file);
	if (error) {
		guest->kept.saving = 0;
		if (guest->control && job->dump.live)
			control_request(guest->control, "resume", -1, NULL, NULL);
		fail(job, error, strerror(-error));
		return;
	}
	guest->job_ended = true;
	guest_tell(guest, "its state is in %s", job->file.path);
	let_go(job);
	if (!guest_wait(guest, true, done))
		answer(done, -ENOMEM, NULL);
	guest_stop(guest, POLICY_WISH_SAVED);
}

static void finish_dump(struct guest_job *job)
{
	struct guest *guest = job->guest;
	struct driver_done done = job->done;
	struct driver_dump dump = job->dump;
	int error = newfile_commit(&job->file);

	if (error) {
		fail(job, error, strerror(-error));
		return;
	}
	guest->job_ended = true;
	guest_tell(guest, "its memory is in %s", job->file.path);
	let_go(job);
	guest_save(guest);
	if (dump.crash) {
		if (!guest_wait(guest, true, done))
			answer(done, -ENOMEM, NULL);
		guest_stop(guest, POLICY_WISH_DUMPED);
	} else if (dump.reset) {
		guest_act(guest, DRIVER_RESET, done);
	} else {
		answer(done, 0, NULL);
	}
}

static void written(void *context, int result, const char *text)
{
	struct guest_job *job = context;
	struct guest *guest = job->guest;

	guest->job = NULL;
	look(job);
	if (result) {
		fail(job, result, text);
		return;
	}
	job->seen.end = DRIVER_JOB_DONE;
	job->seen.processed = job->seen.total;
	guest->last_job = job->seen;
	if (job->seen.kind == DRIVER_JOB_SAVE)
		stop_saved(job);
	else
		finish_dump(job);
}

static void lost(void *context)
{
	/* Its request is answered after this. */
	(void)context;
}

/* Everything but the process's own part. -errno with one line in `why`. */
static int prepare(struct guest *guest, const char *path, struct guest_job *job, struct buf *why)
{
	static const struct control_ops ops = { .lost = lost };
	char control[NODE_PATH];
	int error = newfile_open(path, &job->file, why);

	if (error)
		return error;
	error = control_open(
	    guest->env->loop, guest_path(guest, "control", control), &ops, job, &job->control);
	if (error)
		buf_printf(why, "the guest's process does not answer: %s", strerror(-error));
	return error;
}

static int check(const struct guest *guest, struct buf *why)
{
	if (!guest_has_process(guest) || !guest->running || !guest->control)
		buf_puts(why, "the guest does not run");
	else if (guest->job)
		buf_printf(why, "the guest is being %s already", words[guest->job->seen.kind]);
	else
		return 0;
	return -EBUSY;
}

/* Done, or `job` released and answered. */
static void begin(struct guest *guest, struct guest_job *job, const char *path, const char *request,
    const struct saved *saved)
{
	struct driver_done done = job->done;
	struct buf why = BUF_INIT;
	int error = prepare(guest, path, job, &why);
	int fd = -1;

	if (!error && saved) {
		error = saved_write(job->file.fd, saved);
		if (error)
			buf_printf(&why, "cannot write to %s: %s", path, strerror(-error));
	}
	if (!error) {
		fd = fcntl(job->file.fd, F_DUPFD_CLOEXEC, 0);
		error = fd < 0 ? -errno : control_wait(job->control, request, fd, written, job);
	}
	if (error) {
		if (!why.length)
			buf_puts(&why, strerror(-error));
		let_go(job);
		answer(done, error, buf_text(&why));
	} else {
		job->guest = guest;
		job->began = loop_time(guest->env->loop);
		job->seen.total = guest->running->memory_max ? guest->running->memory_max
							     : guest->running->memory;
		guest->job = job;
		guest_tell(guest, "is being %s to %s", words[job->seen.kind], path);
	}
	buf_done(&why);
}

static struct guest_job *create(
    struct guest *guest, enum driver_job_kind kind, struct driver_done done)
{
	struct buf why = BUF_INIT;
	struct guest_job *job = NULL;
	int error = check(guest, &why);

	if (!error) {
		job = calloc(1, sizeof(*job));
		error = job ? 0 : -ENOMEM;
	}
	if (job)
		*job = (struct guest_job){ .guest = guest, .seen = { .kind = kind }, .done = done };
	else
		answer(done, error, why.length ? buf_text(&why) : NULL);
	buf_done(&why);
	return job;
}

void guest_job_save(struct guest *guest, const struct driver_save *save, bool stands,
    bool with_node, struct driver_done done)
{
	struct guest_job *job = create(guest, DRIVER_JOB_SAVE, done);
	struct saved saved = { 0 };
	char request[64];

	if (!job)
		return;
	if (saved_init(guest->running, guest->uuid, &saved)) {
		free(job);
		answer(done, -ENOMEM, NULL);
		return;
	}
	/* Of one that is saved: whether it ran. */
	job->dump.live = !stands;
	saved.stands = save->go == DRIVER_AS_IT_WAS ? stands : save->go == DRIVER_STANDS;
	saved.with_node = with_node;
	saved.when = (uint64_t)time(NULL);
	snprintf(request, sizeof(request), "save offset=%u", SAVED_HEAD);
	begin(guest, job, save->path, request, &saved);
	saved_done(&saved);
}

void guest_job_dump(struct guest *guest, const struct driver_dump *dump, struct driver_done done)
{
	struct guest_job *job = create(guest, DRIVER_JOB_DUMP, done);

	if (!job)
		return;
	job->dump = *dump;
	job->dump.path = NULL;
	begin(guest, job, dump->path, dump->live ? "memory-dump live" : "memory-dump", NULL);
}

void guest_job_give_up(struct guest *guest, struct driver_done done)
{
	if (!guest->job || !guest->control)
		answer(done, -EBUSY, "the guest has no job");
	else if (control_request(guest->control, "job-cancel", -1, done.call, done.context))
		answer(done, -ENOMEM, NULL);
}

int guest_job_read(const struct guest *guest, bool ended, struct driver_job *ret_job)
{
	if (ended && guest->last_job.kind) {
		*ret_job = guest->last_job;
		return 0;
	}
	if (ended || !guest->job)
		return -ENODATA;
	look(guest->job);
	*ret_job = guest->job->seen;
	return 0;
}

void guest_job_event(struct guest *guest, const char *text)
{
	char digits[NUM_TEXT];
	size_t length;

	text += strcspn(text, " ");
	text += *text == ' ';
	length = strcspn(text, " ");
	snprintf(digits, sizeof(digits), "%.*s", (int)length, text);
	if (guest->job)
		num_parse(digits, guest->job->seen.total, &guest->job->seen.processed);
}

void guest_job_lost(struct guest *guest)
{
	struct control *control;

	if (!guest->job)
		return;
	control = guest->job->control;
	guest->job->control = NULL;
	control_free(control);
}

void guest_job_recall(struct guest *guest, const char *reason)
{
	if (guest->job)
		return;
	newfile_forget(guest->kept.saving_to, guest->kept.saving);
	if (guest->kept.saving && newfile_is(guest->kept.saving_to, guest->kept.saving)) {
		guest_stop(guest, POLICY_WISH_SAVED);
	} else if (guest->kept.saving || !strcmp(reason, "saving") || !strcmp(reason, "dumping")) {
		guest->kept.saving = 0;
		if (strcmp(reason, "user"))
			control_request(guest->control, "resume", -1, NULL, NULL);
		guest_save(guest);
	}
}
