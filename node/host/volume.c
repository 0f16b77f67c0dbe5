/* SPDX-License-Identifier: GPL-2.0-only */
#include "node/host/volume.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/fs.h>
#include <linux/openat2.h>

#include "lib/file.h"

#define CHUNK (4u * 1024 * 1024)

int volume_open(int folder, const char *name, int flags)
{
	struct open_how how = { .flags = (unsigned int)(flags | O_CLOEXEC | O_NOFOLLOW |
							O_NONBLOCK),
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS };
	struct stat status;
	int fd = (int)syscall(SYS_openat2, folder, name, &how, sizeof(how));

	if (fd < 0)
		return -errno;
	if (!fstat(fd, &status) && (S_ISREG(status.st_mode) || S_ISBLK(status.st_mode)))
		return fd;
	close(fd);
	return -EINVAL;
}

static bool stopped(const struct volume_stop *stop)
{
	return stop->call && stop->call(stop->context);
}

/* A copy that is made. */
struct copy {
	int from;
	int to;
	const struct volume_stop *stop;
	uint64_t bytes; /* of data */
};

/* One run of data, to the same place of the other file. */
static int copy_run(struct copy *copy, off_t at, off_t end)
{
	char *chunk = NULL;
	int error = 0;

	while (at < end && !error) {
		size_t wanted = end - at < CHUNK ? (size_t)(end - at) : CHUNK;
		off_t in = at;
		off_t out = at;
		ssize_t got = chunk ? -1
				    : copy_file_range(copy->from, &in, copy->to, &out, wanted, 0);

		if (got < 0 && (chunk || errno == EXDEV || errno == EINVAL || errno == EOPNOTSUPP ||
				   errno == ENOSYS)) {
			if (!chunk)
				chunk = malloc(CHUNK);
			got = chunk ? pread(copy->from, chunk, wanted, at) : -1;
			if (got > 0)
				got = pwrite(copy->to, chunk, (size_t)got, at);
		}
		if (got < 0 && errno != EINTR)
			error = -errno;
		else if (got == 0)
			break; /* the source has been cut off */
		else if (got > 0)
			at += got;
		if (!error && stopped(copy->stop))
			error = -ECANCELED;
	}
	free(chunk);
	return error;
}

static int count_run(struct copy *copy, off_t at, off_t end)
{
	copy->bytes += (uint64_t)(end - at);
	return 0;
}

/* All runs of data; what is a hole stays one. */
static int each_run(struct copy *copy, int (*run)(struct copy *copy, off_t at, off_t end))
{
	struct stat status;
	off_t at = 0;
	off_t size;
	int error = 0;

	if (fstat(copy->from, &status))
		return -errno;
	size = S_ISBLK(status.st_mode) ? lseek(copy->from, 0, SEEK_END) : status.st_size;
	while (at < size && !error) {
		off_t data = S_ISBLK(status.st_mode) ? at : lseek(copy->from, at, SEEK_DATA);
		off_t end;

		if (data < 0)
			return errno == ENXIO ? 0 : -errno;
		end = S_ISBLK(status.st_mode) ? size : lseek(copy->from, data, SEEK_HOLE);
		if (end < 0)
			return -errno;
		error = run(copy, data, end);
		at = end;
	}
	return error;
}

/* What there is no room for is not begun: guests need what is left. */
static int check_room(int fd, uint64_t bytes)
{
	struct stat status;

	if (fstat(fd, &status))
		return -errno;
	return bytes > file_room(fd) + (uint64_t)status.st_blocks * 512 ? -ENOSPC : 0;
}

static int set_aside(int fd, uint64_t bytes)
{
	int error = check_room(fd, bytes);

	return error ? error : -posix_fallocate(fd, 0, (off_t)bytes);
}

static int copy_data(int from, int to, const struct volume_stop *stop)
{
	struct copy copy = { .from = from, .to = to, .stop = stop };
	int error = each_run(&copy, count_run);

	if (!error)
		error = check_room(to, copy.bytes);
	return error ? error : each_run(&copy, copy_run);
}

/* The file's content, before it has a name. */
static int fill(int fd, const struct volume_plan *plan, const struct volume_stop *stop)
{
	uint64_t allocation = plan->allocation;
	bool shared = false;
	int error = 0;

	if (allocation > plan->capacity)
		allocation = plan->capacity;
	/* A copy has holes where its source has, unless it is wanted without any. */
	if (plan->source >= 0 && (plan->reflink || allocation < plan->capacity)) {
		shared = !ioctl(fd, FICLONE, plan->source);
		if (plan->reflink && !shared)
			return -errno;
		allocation = 0;
	}
	if (ftruncate(fd, (off_t)plan->capacity))
		return -errno;
	if (allocation)
		error = set_aside(fd, allocation);
	if (error)
		return error;
	if (plan->source >= 0 && !shared)
		error = copy_data(plan->source, fd, stop);
	if (!error && fchmod(fd, plan->mode))
		error = -errno;
	if (!error && (plan->owner >= 0 || plan->group >= 0) &&
	    fchown(fd, (uid_t)plan->owner, (gid_t)plan->group))
		error = -errno;
	if (!error && fsync(fd))
		error = -errno;
	return error;
}

int volume_create(
    int folder, const char *name, const struct volume_plan *plan, const struct volume_stop *stop)
{
	char path[64];
	int fd = openat(folder, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	int error;

	if (fd < 0)
		return -errno;
	error = fill(fd, plan, stop);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (!error && linkat(AT_FDCWD, path, folder, name, AT_SYMLINK_FOLLOW))
		error = -errno;
	if (!error && fsync(folder))
		error = -errno;
	close(fd);
	return error;
}

int volume_delete(int folder, const char *name)
{
	if (unlinkat(folder, name, 0) && (errno != EISDIR || unlinkat(folder, name, AT_REMOVEDIR)))
		return -errno;
	return fsync(folder) ? -errno : 0;
}

int volume_resize(int fd, uint64_t capacity, bool allocate)
{
	int error = allocate && capacity ? set_aside(fd, capacity) : 0;

	if (!error && ftruncate(fd, (off_t)capacity))
		error = -errno;
	return !error && fsync(fd) ? -errno : error;
}

/* Over one run of what holds data. */
static int overwrite(int fd, off_t at, off_t end, bool random, const struct volume_stop *stop)
{
	char *chunk = calloc(1, CHUNK);
	int error = chunk ? 0 : -ENOMEM;

	while (at < end && !error) {
		size_t length = end - at < CHUNK ? (size_t)(end - at) : CHUNK;
		ssize_t put;

		for (size_t i = 0; random && i < length; i += 256)
			if (getrandom(chunk + i, length - i < 256 ? length - i : 256, 0) < 0)
				error = -errno;
		put = error ? 0 : pwrite(fd, chunk, length, at);
		if (put < 0 && errno != EINTR)
			error = -errno;
		else if (put > 0)
			at += put;
		if (!error && stopped(stop))
			error = -ECANCELED;
	}
	free(chunk);
	return error;
}

int volume_wipe(int fd, enum volume_wipe how, const struct volume_stop *stop)
{
	off_t size = lseek(fd, 0, SEEK_END);
	off_t at = 0;
	int error = size < 0 ? -errno : 0;

	if (!error && size && how == VOLUME_WIPE_TRIM) {
		if (fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, size))
			error = -errno;
		at = size;
	}
	/* A hole has nothing to wipe. */
	while (at < size && !error) {
		off_t data = lseek(fd, at, SEEK_DATA);
		off_t end = data < 0 ? -1 : lseek(fd, data, SEEK_HOLE);

		if (data < 0 && errno == ENXIO)
			break;
		if (data < 0 || end < 0) {
			data = at; /* a device */
			end = size;
		}
		error = overwrite(fd, data, end, how == VOLUME_WIPE_RANDOM, stop);
		at = end;
	}
	return !error && fsync(fd) ? -errno : error;
}
