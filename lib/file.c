/* SPDX-License-Identifier: GPL-2.0-only */
#include "lib/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

int file_read(const char *path, size_t limit, struct buf *buf)
{
	char chunk[4096];
	ssize_t got;
	size_t total = 0;
	int error = 0;
	int fd = strcmp(path, "-") ? open(path, O_RDONLY | O_CLOEXEC)
				   : fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0);

	if (fd < 0)
		return -errno;
	while (!error && (got = read(fd, chunk, sizeof(chunk))) != 0) {
		if (got < 0) {
			if (errno != EINTR)
				error = -errno;
			continue;
		}
		total += (size_t)got;
		if (total > limit)
			error = -EFBIG;
		else
			buf_add(buf, chunk, (size_t)got);
	}
	close(fd);
	if (!error && !buf_ok(buf))
		error = -ENOMEM;
	return error;
}

static int write_all(int fd, const char *data, size_t length)
{
	while (length) {
		ssize_t done = write(fd, data, length);

		if (done < 0) {
			if (errno == EINTR)
				continue;
			return -errno;
		}
		data += done;
		length -= (size_t)done;
	}
	return fsync(fd) < 0 ? -errno : 0;
}

int file_sync_folder(const char *path)
{
	char folder[PATH_MAX];
	const char *slash = strrchr(path, '/');
	int error = 0;
	int fd;

	if (!slash)
		snprintf(folder, sizeof(folder), ".");
	else
		snprintf(
		    folder, sizeof(folder), "%.*s", slash == path ? 1 : (int)(slash - path), path);
	fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (fsync(fd) < 0)
		error = -errno;
	close(fd);
	return error;
}

uint64_t file_room(int fd)
{
	struct statvfs room;

	return fstatvfs(fd, &room) ? 0 : (uint64_t)room.f_bavail * room.f_frsize;
}

int file_replace(const char *path, const char *data, size_t length, unsigned int mode)
{
	char aside[PATH_MAX];
	int error;
	int fd;

	if ((size_t)snprintf(aside, sizeof(aside), "%s.new", path) >= sizeof(aside))
		return -ENAMETOOLONG;
	fd = open(aside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
	if (fd < 0)
		return -errno;
	error = write_all(fd, data, length);
	if (close(fd) < 0 && !error)
		error = -errno;
	if (!error && rename(aside, path) < 0)
		error = -errno;
	if (error)
		unlink(aside);
	return error ? error : file_sync_folder(path);
}
