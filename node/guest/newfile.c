/* SPDX-License-Identifier: GPL-2.0-only */
#include "node/guest/newfile.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/file.h"

#define MODE 0600
/* The end of the name that it has on its way to its own. */
#define ASIDE ".part"

/* The folder that a path is in, to be freed; NULL without memory. */
static char *folder_of(const char *path)
{
	size_t length = (size_t)(strrchr(path, '/') - path);

	return strndup(path, length ? length : 1);
}

/* tmpfs of older kernels knows no O_DIRECT; there is no cache to pass by either. */
static int open_either(const char *path, int flags)
{
	int fd = open(path, flags | O_DIRECT | O_CLOEXEC, MODE);

	if (fd < 0 && errno == EINVAL)
		fd = open(path, flags | O_CLOEXEC, MODE);
	return fd < 0 ? -errno : fd;
}

/* Without a name, or, where the file system has no such files (NFS), under another one. */
static int open_aside(const char *folder, const char *aside)
{
	int fd = open_either(folder, O_TMPFILE | O_RDWR);

	if (fd != -EOPNOTSUPP && fd != -EISDIR)
		return fd;
	if (unlink(aside) && errno != ENOENT)
		return -errno;
	return open_either(aside, O_RDWR | O_CREAT | O_EXCL);
}

int newfile_open(const char *path, struct newfile *ret_file, struct buf *why)
{
	struct newfile file = { .fd = -1 };
	struct stat status;
	char *folder = NULL;
	int error = 0;

	if (*path != '/') {
		buf_printf(why, "\"%s\" is no absolute path", path);
		return -EINVAL;
	}
	if (!lstat(path, &status) && !S_ISREG(status.st_mode)) {
		buf_printf(why, "%s is there, and is no regular file", path);
		return -EEXIST;
	}
	folder = folder_of(path);
	file.path = strdup(path);
	if (!folder || !file.path || asprintf(&file.aside, "%s" ASIDE, path) < 0) {
		file.aside = NULL;
		error = -ENOMEM;
	}
	if (!error) {
		file.fd = open_aside(folder, file.aside);
		error = file.fd < 0 ? file.fd : 0;
	}
	if (error) {
		buf_printf(
		    why, "cannot make a file in %s: %s", folder ? folder : path, strerror(-error));
		free(file.path);
		free(file.aside);
	} else {
		*ret_file = file;
	}
	free(folder);
	return error;
}

uint64_t newfile_inode(const struct newfile *file)
{
	struct stat status;

	return fstat(file->fd, &status) ? 0 : status.st_ino;
}

bool newfile_is(const char *path, uint64_t inode)
{
	struct stat status;

	return inode && !lstat(path, &status) && status.st_ino == inode;
}

void newfile_forget(const char *path, uint64_t inode)
{
	char aside[PATH_MAX];

	if ((size_t)snprintf(aside, sizeof(aside), "%s" ASIDE, path) < sizeof(aside) &&
	    newfile_is(aside, inode))
		unlink(aside);
}

uint64_t newfile_taken(const struct newfile *file)
{
	struct stat status;

	return fstat(file->fd, &status) ? 0 : (uint64_t)status.st_blocks * 512;
}

static int give_name(const char *place, const char *path)
{
	return linkat(AT_FDCWD, place, AT_FDCWD, path, AT_SYMLINK_FOLLOW) ? -errno : 0;
}

int newfile_commit(struct newfile *file)
{
	struct stat status;
	char place[64];
	bool moves = true;
	int error = fstat(file->fd, &status) ? -errno : 0;

	/* A name can only be given where there is none; over another it is moved. */
	if (!error && !status.st_nlink) {
		snprintf(place, sizeof(place), "/proc/self/fd/%d", file->fd);
		error = give_name(place, file->path);
		moves = error == -EEXIST;
		if (moves)
			error = unlink(file->aside) && errno != ENOENT
				    ? -errno
				    : give_name(place, file->aside);
	}
	if (!error && moves && rename(file->aside, file->path))
		error = -errno;
	if (error)
		return error;
	free(file->aside);
	file->aside = NULL;
	return file_sync_folder(file->path);
}

void newfile_discard(struct newfile *file)
{
	struct stat status;

	if (!file->path)
		return;
	/* Only what has been called so by this file. */
	if (file->aside && !fstat(file->fd, &status) && status.st_nlink)
		unlink(file->aside);
	close(file->fd);
	free(file->path);
	free(file->aside);
	*file = (struct newfile){ 0 };
}
