/* SPDX-License-Identifier: GPL-2.0-only */
#include "node/host/storage.h"

#include <dirent.h>
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <linux/fs.h>

#include "conf/render.h"

/* Folders of the data volume that clients look for by another path, which leads there as well
 * (rootfs, boot.d/10-mounts): they make pools of their own where none has it. */
static const struct {
	const char *folder;
	const char *path;
} known[] = {
	{ "images", "/var/lib/libvirt/images" },
	{ "boot", "/var/lib/libvirt/boot" },
};

const char *storage_known(const char *path)
{
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (!strcmp(path, known[i].path))
			return known[i].folder;
	return NULL;
}

bool storage_path(const struct conf_pool *pool, char path[STORAGE_PATH])
{
	bool absolute = pool->path && *pool->path == '/';
	int length;

	if (pool->type != CONF_POOL_DIR || !pool->path)
		return false;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (!strcmp(pool->path, known[i].folder)) {
			strcpy(path, known[i].path);
			return true;
		}
	length = snprintf(
	    path, STORAGE_PATH, "%s%s", absolute ? "" : CONF_DATA_FOLDER "/", pool->path);
	return length > 0 && length < STORAGE_PATH;
}

int storage_sizes(const struct conf_pool *pool, struct storage_sizes *ret_sizes)
{
	char path[STORAGE_PATH];
	struct statvfs status;

	if (!storage_path(pool, path))
		return -EOPNOTSUPP;
	if (statvfs(path, &status))
		return -errno;
	ret_sizes->capacity = (uint64_t)status.f_blocks * status.f_frsize;
	ret_sizes->available = (uint64_t)status.f_bavail * status.f_frsize;
	ret_sizes->allocation = ret_sizes->capacity - (uint64_t)status.f_bfree * status.f_frsize;
	return 0;
}

/* The virtual size is at byte 24 of a qcow2 header (QEMU: docs/interop/qcow2). */
static void look_inside(int fd, struct storage_volume *volume)
{
	uint8_t head[32];
	uint64_t size;

	if (pread(fd, head, sizeof(head), 0) != (ssize_t)sizeof(head) ||
	    memcmp(head, "QFI\xfb", 4) != 0)
		return;
	volume->qcow2 = true;
	memcpy(&size, head + 24, sizeof(size));
	volume->capacity = be64toh(size);
}

bool storage_is_name(const char *name)
{
	for (const char *c = name; *c; c++)
		if ((unsigned char)*c < ' ' || *c == '/')
			return false;
	return *name && *name != '.' &&
	       strlen(name) < sizeof(((struct storage_volume *)NULL)->name);
}

static int examine(
    int folder, const char *path, const char *name, struct storage_volume *ret_volume)
{
	struct stat status;
	int fd;

	memset(ret_volume, 0, sizeof(*ret_volume));
	if (fstatat(folder, name, &status, 0))
		return -errno;
	if ((size_t)snprintf(ret_volume->path, sizeof(ret_volume->path), "%s/%s", path, name) >=
	    sizeof(ret_volume->path))
		return -ENAMETOOLONG;
	snprintf(ret_volume->name, sizeof(ret_volume->name), "%s", name);
	ret_volume->mode = status.st_mode & 07777;
	ret_volume->owner = status.st_uid;
	ret_volume->group = status.st_gid;
	ret_volume->capacity = (uint64_t)status.st_size;
	ret_volume->allocation = (uint64_t)status.st_blocks * 512;
	if (S_ISDIR(status.st_mode)) {
		ret_volume->type = STORAGE_FOLDER;
		return 0;
	}
	if (!S_ISREG(status.st_mode) && !S_ISBLK(status.st_mode))
		return -ENOENT;
	fd = openat(folder, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return 0;
	if (S_ISBLK(status.st_mode)) {
		ret_volume->type = STORAGE_BLOCK;
		if (!ioctl(fd, BLKGETSIZE64, &ret_volume->capacity))
			ret_volume->allocation = ret_volume->capacity;
	}
	look_inside(fd, ret_volume);
	close(fd);
	return 0;
}

int storage_open(const struct conf_pool *pool, char path[STORAGE_PATH])
{
	int fd;

	if (!storage_path(pool, path))
		return -EOPNOTSUPP;
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

int storage_volume(
    const struct conf_pool *pool, const char *name, struct storage_volume *ret_volume)
{
	char path[STORAGE_PATH];
	int folder;
	int result;

	if (!storage_is_name(name))
		return -ENOENT;
	folder = storage_open(pool, path);
	if (folder < 0)
		return folder;
	result = examine(folder, path, name, ret_volume);
	close(folder);
	return result;
}

int storage_volumes(const struct conf_pool *pool,
    bool (*each)(void *context, const struct storage_volume *volume), void *context)
{
	char path[STORAGE_PATH];
	int folder = storage_open(pool, path);
	DIR *stream;
	struct dirent *entry;

	if (folder < 0)
		return folder;
	stream = fdopendir(folder);
	if (!stream) {
		int result = -errno;

		close(folder);
		return result;
	}
	while ((entry = readdir(stream))) {
		struct storage_volume volume;

		if (storage_is_name(entry->d_name) &&
		    !examine(folder, path, entry->d_name, &volume) && !each(context, &volume))
			break;
	}
	closedir(stream);
	return 0;
}
