/* SPDX-License-Identifier: GPL-2.0-only */
/* Saved guests of the fake driver: real files, with a head as berthd writes it and no memory. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "node/guest/newfile.h"
#include "node/guest/saved.h"
#include "tests/unit/fake_driver.h"

#define PAGE 4096u

static void place(const struct fake_driver *fake, const struct fake_guest *guest, char path[512])
{
	snprintf(path, 512, "%s/%s.save", fake->store, guest->conf->name);
}

bool fake_saved_is(const struct fake_driver *fake, const struct fake_guest *guest)
{
	char path[512];

	if (!fake->store)
		return false;
	place(fake, guest, path);
	return !access(path, F_OK);
}

int fake_saved_forget(void *driver, const uint8_t uuid[16])
{
	struct fake_driver *fake = driver;
	char path[512];

	if (!fake->store)
		return -ENODATA;
	place(fake, fake_driver_of(fake, uuid), path);
	return unlink(path) ? -ENODATA : 0;
}

static void restored(struct fake_driver *fake, struct fake_guest *guest, bool stands)
{
	guest->id = ++fake->last_id;
	guest->state = stands ? DRIVER_PAUSED : DRIVER_RUNNING;
	guest->reason = stands ? DRIVER_PAUSED_BY_USER : DRIVER_RESTORED;
	fake_driver_tell(fake, guest, SERVER_GUEST_STARTED, 2);
	fake_driver_tell(
	    fake, guest, stands ? SERVER_GUEST_SUSPENDED : SERVER_GUEST_RESUMED, stands ? 4 : 2);
}

void fake_saved_start(struct fake_driver *fake, struct fake_guest *guest, bool stands)
{
	struct saved saved = { 0 };
	struct buf why = BUF_INIT;
	char path[512];

	place(fake, guest, path);
	if (!saved_look(path, &saved, &why)) {
		fake_saved_forget(fake, guest->uuid);
		restored(fake, guest, stands || saved.stands);
	}
	saved_done(&saved);
	buf_done(&why);
}

/* A page of `text`, at `at`. */
static int put(int fd, const char *text, size_t length, off_t at)
{
	char *page = aligned_alloc(PAGE, PAGE);
	int error = page ? 0 : -ENOMEM;

	if (!error) {
		memset(page, 0, PAGE);
		memcpy(page, text, length);
		error = pwrite(fd, page, PAGE, at) == PAGE ? 0 : -EIO;
	}
	free(page);
	return error;
}

static void note_job(
    struct fake_driver *fake, struct fake_guest *guest, enum driver_job_kind kind, int error)
{
	struct driver_guest one = fake_driver_seen(fake, guest);

	guest->job = (struct driver_job){ .kind = kind,
		.end = error ? DRIVER_JOB_FAILED : DRIVER_JOB_DONE,
		.elapsed = 1234567890,
		.processed = guest->conf->memory,
		.total = guest->conf->memory };
	if (fake->server)
		server_guest_job(fake->server, &one, &guest->job);
}

void fake_saved_save(
    void *driver, const uint8_t uuid[16], const struct driver_save *save, struct driver_done done)
{
	/* A state of no length and no memory, which begins where the head ends. */
	static const char state[40] = "berth-vm-state 1";
	struct fake_driver *fake = driver;
	struct fake_guest *guest = fake_driver_of(fake, uuid);
	bool stands = guest->state == DRIVER_PAUSED;
	struct saved saved = { 0 };
	struct newfile file = { 0 };
	struct buf why = BUF_INIT;
	char path[512];
	int error;

	if (save->path)
		snprintf(path, sizeof(path), "%s", save->path);
	else
		place(fake, guest, path);
	error = newfile_open(path, &file, &why);
	if (!error)
		error = saved_init(guest->conf, guest->uuid, &saved);
	saved.stands = save->go == DRIVER_AS_IT_WAS ? stands : save->go == DRIVER_STANDS;
	if (!error)
		error = saved_write(file.fd, &saved);
	if (!error)
		error = put(file.fd, state, sizeof(state), SAVED_HEAD);
	if (!error)
		error = newfile_commit(&file);
	newfile_discard(&file);
	saved_done(&saved);
	note_job(fake, guest, DRIVER_JOB_SAVE, error);
	if (!error && !stands)
		fake_driver_tell(fake, guest, SERVER_GUEST_SUSPENDED, 0);
	if (!error)
		fake_driver_stop(fake, guest, DRIVER_OFF_SAVED, 4);
	done.call(done.context, error, error ? buf_text(&why) : NULL);
	buf_done(&why);
}

void fake_saved_restore(void *driver, const char *path, enum driver_go go, struct driver_done done)
{
	struct fake_driver *fake = driver;
	struct fake_guest *guest = NULL;
	struct saved saved = { 0 };
	struct buf why = BUF_INIT;
	int error = saved_look(path, &saved, &why);

	if (!error) {
		guest = fake_driver_of(fake, saved.uuid);
		error = !guest ? -ENOENT : guest->id >= 0 ? -EBUSY : 0;
	}
	if (error == -EBUSY)
		buf_puts(&why, "the guest runs already");
	if (!error)
		restored(fake, guest, go == DRIVER_AS_IT_WAS ? saved.stands : go == DRIVER_STANDS);
	done.call(done.context, error, error ? buf_text(&why) : NULL);
	saved_done(&saved);
	buf_done(&why);
}

void fake_saved_dump(
    void *driver, const uint8_t uuid[16], const struct driver_dump *dump, struct driver_done done)
{
	struct fake_driver *fake = driver;
	struct fake_guest *guest = fake_driver_of(fake, uuid);
	struct newfile file = { 0 };
	struct buf why = BUF_INIT;
	int error = newfile_open(dump->path, &file, &why);

	if (!error)
		error = put(file.fd, "\177ELF", 4, 0);
	if (!error)
		error = newfile_commit(&file);
	newfile_discard(&file);
	note_job(fake, guest, DRIVER_JOB_DUMP, error);
	if (!error && dump->crash)
		fake_driver_stop(fake, guest, DRIVER_OFF_CRASHED, 2);
	done.call(done.context, error, error ? buf_text(&why) : NULL);
	buf_done(&why);
}

static const char *path_of(
    struct fake_driver *fake, const uint8_t uuid[16], const char *path, char room[512])
{
	if (!path)
		place(fake, fake_driver_of(fake, uuid), room);
	return path ? path : room;
}

int fake_saved_look(void *driver, const uint8_t uuid[16], const char *path,
    struct driver_saved *ret_saved, struct buf *complaint)
{
	struct fake_driver *fake = driver;
	struct saved saved = { 0 };
	struct config *config = NULL;
	char room[512];
	int error = saved_look(path_of(fake, uuid, path, room), &saved, complaint);

	if (!error)
		error = saved_config(
		    &saved, buf_text(&fake->file), fake->file.length, complaint, &config);
	if (!error) {
		config_release(fake->looked);
		fake->looked = config;
		*ret_saved = (struct driver_saved){ .model = &config->conf.model,
			.stands = saved.stands,
			.guest = { .conf = config_guest(config, saved.name),
			    .id = -1,
			    .macs = fake_driver_find(fake, saved.name)->macs } };
		memcpy(ret_saved->guest.uuid, saved.uuid, 16);
	}
	saved_done(&saved);
	return error;
}

int fake_saved_change(void *driver, const uint8_t uuid[16], const char *path, enum driver_go go,
    struct buf *complaint)
{
	char room[512];

	return saved_change(path_of(driver, uuid, path, room), go, complaint);
}

int fake_saved_job(void *driver, const uint8_t uuid[16], bool ended, struct driver_job *ret_job)
{
	const struct fake_guest *guest = fake_driver_of(driver, uuid);

	if (!ended || !guest->job.kind)
		return -ENODATA;
	*ret_job = guest->job;
	return 0;
}

void fake_saved_give_up(void *driver, const uint8_t uuid[16], struct driver_done done)
{
	(void)driver;
	(void)uuid;
	done.call(done.context, -EBUSY, "the guest has no job");
}
