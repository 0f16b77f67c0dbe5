/* SPDX-License-Identifier: GPL-2.0-only */
#include "node/guest/image.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "conf/facts.h"
#include "lib/file.h"

/* Of conf/schema_guest's table of caches. */
enum { CACHE_NONE, CACHE_WRITETHROUGH, CACHE_WRITEBACK, CACHE_DIRECTSYNC, CACHE_UNSAFE };

static int open_below(int folder, const char *path, int flags, uint64_t resolve)
{
	struct open_how how = { .flags = (uint64_t)(unsigned int)flags, .resolve = resolve };
	long fd = syscall(SYS_openat2, folder, path, &how, sizeof(how));

	return fd < 0 ? -errno : (int)fd;
}

static const char *fault_text(int error)
{
	switch (error) {
	case -EXDEV:
		return "it leads out of its folder, by a link or ..";
	case -ELOOP:
		return "its links lead in a circle, or into /proc";
	case -ENOENT:
		return "there is no such file";
	case -EBUSY:
		return "the node uses it itself: it is mounted, or part of something";
	case -ETXTBSY:
		return "it is being written";
	default:
		return strerror(-error);
	}
}

/* The folders that are made on a data volume when it is mounted. */
static bool has_data_volume(const struct node_paths *paths)
{
	char path[NODE_PATH];

	snprintf(path, sizeof(path), "%s/images", paths->data);
	return !access(path, F_OK);
}

/* A file below a folder, which it cannot leave. */
static int open_in_folder(const struct node_paths *paths, const char *folder, const char *name,
    int flags, const char *what, struct buf *why, int *ret_fd)
{
	int at = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
	int fd = at < 0 ? -errno
			: open_below(at, name, flags, RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS);

	if (at >= 0)
		close(at);
	if (fd >= 0) {
		*ret_fd = fd;
		return 0;
	}
	if (!strncmp(folder, paths->data, strlen(paths->data)) && !has_data_volume(paths))
		buf_printf(
		    why, "%s: the data volume is not there ([node] data names its disk)", what);
	else if (at < 0)
		buf_printf(why, "%s: cannot open the folder %s: %s", what, folder, strerror(-fd));
	else
		buf_printf(why, "%s: cannot open %s/%s: %s", what, folder, name, fault_text(fd));
	return fd;
}

static int open_absolute(
    const char *path, int flags, const char *what, struct buf *why, int *ret_fd)
{
	int fd = open_below(AT_FDCWD, path, flags, RESOLVE_NO_MAGICLINKS);

	if (fd < 0) {
		buf_printf(why, "%s: cannot open %s: %s", what, path, fault_text(fd));
		return fd;
	}
	*ret_fd = fd;
	return 0;
}

int image_open_file(const struct node_paths *paths, const char *what, const char *path,
    struct buf *why, int *ret_fd)
{
	struct stat status;
	char object[2 * NODE_PATH];
	int fd = -1;
	/* A pipe would keep the daemon waiting. */
	int flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
	int error;

	snprintf(object, sizeof(object), "%s %s", what, path);
	if (*path == '/')
		error = open_absolute(path, flags, object, why, &fd);
	else
		error = open_in_folder(paths, paths->data, path, flags, object, why, &fd);
	if (error)
		return error;
	if (fstat(fd, &status) < 0 || !S_ISREG(status.st_mode) || !status.st_size) {
		buf_printf(why, "%s: %s", object,
		    S_ISREG(status.st_mode) ? "the file is empty" : "this is no file");
		close(fd);
		return -EINVAL;
	}
	*ret_fd = fd;
	return 0;
}

/* The device that a selector means. */
static int find_device(
    const struct node_paths *paths, const char *selector, struct buf *why, char **ret_path)
{
	struct buf facts = BUF_INIT;
	char name[NAME_MAX + 1];
	char path[NODE_PATH];
	size_t count;

	conf_facts_read(paths->sys, paths->dev, &facts);
	count = conf_facts_find(buf_text(&facts), "disk", selector, name, sizeof(name));
	buf_done(&facts);
	if (count != 1) {
		buf_printf(why, "disk %s: %s (berthconf facts shows the disks)", selector,
		    count ? "more than one disk of the node has this"
			  : "the node has no such disk");
		return -ENODEV;
	}
	snprintf(path, sizeof(path), "%s/%s", paths->dev, name);
	*ret_path = strdup(path);
	return *ret_path ? 0 : -ENOMEM;
}

static int pool_folder(const struct node_paths *paths, const struct conf_model *model,
    const struct conf_disk *disk, struct buf *why, char folder[NODE_PATH])
{
	size_t length = strcspn(disk->source, "/");
	const struct conf_pool *pool;

	for (pool = model->pools; pool; pool = pool->next)
		if (strlen(pool->name) == length && !strncmp(pool->name, disk->source, length))
			break;
	if (!pool || pool->type != CONF_POOL_DIR || !pool->path) {
		buf_printf(why,
		    "disk %s: pool \"%.*s\" is not of type dir: others are not there yet",
		    disk->source, (int)length, disk->source);
		return -EOPNOTSUPP;
	}
	if (*pool->path == '/')
		snprintf(folder, NODE_PATH, "%s", pool->path);
	else
		snprintf(folder, NODE_PATH, "%s/%s", paths->data, pool->path);
	return 0;
}

static int open_flags(const struct conf_disk *disk, bool device)
{
	int flags = O_CLOEXEC | O_NONBLOCK | O_NOCTTY | (disk->read_only ? O_RDONLY : O_RDWR);

	if (disk->cache == CACHE_NONE || disk->cache == CACHE_DIRECTSYNC)
		flags |= O_DIRECT;
	if (disk->cache == CACHE_WRITETHROUGH || disk->cache == CACHE_DIRECTSYNC)
		flags |= O_DSYNC;
	/* The kernel refuses a device that it has mounted itself. */
	if (device && !disk->read_only && !disk->shareable)
		flags |= O_EXCL;
	return flags;
}

static int open_source(const struct node_paths *paths, const struct conf_model *model,
    const struct conf_disk *disk, bool direct, struct buf *why, int *ret_fd, char **ret_path)
{
	char folder[NODE_PATH];
	char path[2 * NODE_PATH];
	char what[NODE_PATH];
	bool device = !strchr(disk->source, '/');
	int flags = open_flags(disk, device) & (direct ? ~0 : ~O_DIRECT);
	int error;

	snprintf(what, sizeof(what), "disk %s", disk->source);
	if (device) {
		error = find_device(paths, disk->source, why, ret_path);
		return error ? error : open_absolute(*ret_path, flags, what, why, ret_fd);
	}
	if (*disk->source == '/') {
		*ret_path = strdup(disk->source);
		return *ret_path ? open_absolute(disk->source, flags, what, why, ret_fd) : -ENOMEM;
	}
	error = pool_folder(paths, model, disk, why, folder);
	if (error)
		return error;
	snprintf(path, sizeof(path), "%s%s", folder, strchr(disk->source, '/'));
	*ret_path = strdup(path);
	if (!*ret_path)
		return -ENOMEM;
	return open_in_folder(
	    paths, folder, strchr(disk->source, '/') + 1, flags, what, why, ret_fd);
}

static int check_kind(const struct conf_disk *disk, int fd, struct buf *why)
{
	struct stat status;

	if (fstat(fd, &status) < 0 || (!S_ISREG(status.st_mode) && !S_ISBLK(status.st_mode))) {
		buf_printf(why, "disk %s: this is neither a file nor a disk", disk->source);
		return -EINVAL;
	}
	if (S_ISREG(status.st_mode) && !status.st_size) {
		buf_printf(why, "disk %s: an empty file is no disk image", disk->source);
		return -EINVAL;
	}
	return 0;
}

/* The lock is of the open file, which the guest's process inherits: it outlives the daemon, and
 * ends with the guest (fcntl(2), "Open file description locks"). */
static int lock_disk(const struct conf_disk *disk, int fd, struct buf *why)
{
	struct flock lock = { .l_whence = SEEK_SET };

	lock.l_type = disk->read_only || disk->shareable ? F_RDLCK : F_WRLCK;
	if (fcntl(fd, F_OFD_SETLK, &lock) < 0) {
		int error = -errno;

		buf_printf(why, "disk %s: %s", disk->source,
		    error == -EAGAIN || error == -EACCES
			? "a running guest has it: stop that one, or say shareable in both"
			: strerror(-error));
		return error;
	}
	return 0;
}

int image_open_disk(const struct node_paths *paths, const struct conf_model *model,
    const struct conf_disk *disk, struct buf *why, int *ret_fd, char **ret_path)
{
	size_t before = why->length;
	char *path = NULL;
	int fd = -1;
	int error = open_source(paths, model, disk, true, why, &fd, &path);

	/* File systems without direct I/O, such as tmpfs, refuse it so. */
	if (error == -EINVAL) {
		buf_cut(why, before);
		free(path);
		path = NULL;
		error = open_source(paths, model, disk, false, why, &fd, &path);
	}
	if (!error)
		error = check_kind(disk, fd, why);
	if (!error)
		error = lock_disk(disk, fd, why);
	if (error) {
		if (fd >= 0)
			close(fd);
		free(path);
		return error;
	}
	*ret_fd = fd;
	*ret_path = path;
	return 0;
}
