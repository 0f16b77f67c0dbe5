/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Saved guests: where they are, and how one runs again. A state for the next start is used once:
 * its process gets it and stands still, then the file is removed, and only then does the guest run,
 * so that no file ever holds the memory of a guest whose disks have gone on.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/file.h"
#include "node/guest/guest_job.h"
#include "node/guest/guest_parts.h"
#include "node/guest/saved.h"

const char *guest_saved_path(const struct guest *guest, char path[NODE_PATH])
{
	snprintf(path, NODE_PATH, "%s/save/%s.save", guest->env->paths->data, guest->name);
	return path;
}

bool guest_is_saved(const struct guest *guest)
{
	struct stat status;
	char path[NODE_PATH];

	return !lstat(guest_saved_path(guest, path), &status) && S_ISREG(status.st_mode);
}

int guest_forget_saved(struct guest *guest)
{
	char path[NODE_PATH];

	if (unlink(guest_saved_path(guest, path)))
		return errno == ENOENT ? -ENODATA : -errno;
	return file_sync_folder(path);
}

/* What a client's file holds must be this guest, or it would get another's memory. */
static int check_owner(
    const struct guest *guest, const char *path, const struct saved *saved, struct buf *why)
{
	if (!strcmp(saved->name, guest->name) &&
	    !memcmp(saved->uuid, guest->uuid, sizeof(saved->uuid)))
		return 0;
	buf_printf(why, "%s is of another guest, \"%s\"", path, saved->name);
	return -EEXIST;
}

static void start_from(struct guest *guest, struct config *current, const char *path,
    enum driver_go go, unsigned int restore, struct driver_done done)
{
	struct guest_source source = { .fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC) };
	struct saved saved = { 0 };
	struct buf why = BUF_INIT;
	int error = source.fd < 0 ? -errno : 0;

	if (error)
		buf_printf(&why, "cannot open %s: %s", path, strerror(-error));
	else
		error = saved_read(source.fd, path, &saved, &why);
	if (!error)
		error = check_owner(guest, path, &saved, &why);
	if (!error)
		error = saved_config(&saved, current->text, current->length, &why, &source.config);
	if (!error) {
		bool stands = go == DRIVER_AS_IT_WAS ? saved.stands : go == DRIVER_STANDS;

		/* One that no file has is what its state says, as long as it runs. */
		if (!guest->conf) {
			guest->transient = true;
			guest_set_conf(
			    guest, source.config, config_guest(source.config, guest->name), false);
		}
		source.restore = PERSIST_RESTORE | restore | (stands ? 0 : PERSIST_RESTORE_GO);
		guest->restored = true;
		guest_start(guest, true, &source, done);
	} else {
		if (restore & PERSIST_RESTORE_FORGET)
			buf_puts(&why, GUEST_BOOT_ANEW);
		guest_not_started(guest, error == -ENOENT ? -EIO : error, buf_text(&why), done);
	}
	config_release(source.config);
	saved_done(&saved);
	if (source.fd >= 0)
		close(source.fd);
	buf_done(&why);
}

void guest_start_saved(struct guest *guest, bool paused, struct driver_done done)
{
	char path[NODE_PATH];

	start_from(guest, guest->filed, guest_saved_path(guest, path),
	    paused ? DRIVER_STANDS : DRIVER_AS_IT_WAS, PERSIST_RESTORE_FORGET, done);
}

void guest_restore(struct guest *guest, struct config *current, const char *path, enum driver_go go,
    struct driver_done done)
{
	if (guest_has_process(guest)) {
		if (done.call)
			done.call(done.context, -EBUSY, "the guest runs already");
	} else if (guest->env->closing) {
		if (done.call)
			done.call(done.context, -EBUSY, "the node is going down");
	} else {
		start_from(guest, current, path, go, 0, done);
	}
}

static void runs(void *context, int result, const char *text)
{
	struct guest *guest = context;

	if (!guest_has_process(guest))
		return;
	if (result) {
		guest_tell(guest, "it has its saved state, and does not go on: %s", text);
		guest_answer(guest, false, result, text);
		return;
	}
	guest->kept.restore = 0;
	guest_save(guest);
	guest_answer(guest, false, 0, NULL);
}

void guest_restore_found(struct guest *guest)
{
	unsigned int restore = guest->kept.restore;
	int error = restore & PERSIST_RESTORE_FORGET ? guest_forget_saved(guest) : 0;

	if (error && error != -ENODATA) {
		guest_tell(guest, "its saved state cannot be removed, so it may not run: %s",
		    strerror(-error));
		guest_answer(guest, false, error, "the saved state cannot be removed");
		guest_stop(guest, POLICY_WISH_STOP);
	} else if (restore & PERSIST_RESTORE_GO) {
		/* Its event comes before the answer. */
		if (control_request(guest->control, "resume", -1, runs, guest))
			guest_stop(guest, POLICY_WISH_STOP);
	} else {
		guest->kept.restore = 0;
		guest->pause = DRIVER_PAUSED_BY_USER;
		guest_set_state(guest, GUEST_PAUSED);
		guest_answer(guest, false, 0, NULL);
	}
}

/* The folder for states, on a data volume that is there. */
static int make_folder(const struct guest *guest)
{
	char path[NODE_PATH];

	snprintf(path, sizeof(path), "%s/log", guest->env->paths->data);
	if (access(path, W_OK))
		return -errno;
	snprintf(path, sizeof(path), "%s/save", guest->env->paths->data);
	return mkdir(path, 0700) && errno != EEXIST ? -errno : 0;
}

void guest_save_state(struct guest *guest, const struct driver_save *save, bool stands,
    bool with_node, struct driver_done done)
{
	struct driver_save managed = *save;
	char path[NODE_PATH];
	int error = 0;

	if (!save->path) {
		managed.path = guest_saved_path(guest, path);
		if (!guest->conf || guest->transient)
			error = -EBUSY;
		else
			error = make_folder(guest);
	}
	if (!error)
		guest_job_save(guest, &managed, stands, with_node, done);
	else if (done.call)
		done.call(done.context, error,
		    error == -EBUSY ? "cannot do managed save for transient domain"
				    : "there is no data volume to save the guest on");
}
