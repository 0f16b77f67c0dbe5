/* SPDX-License-Identifier: GPL-2.0-only */
#include "node/guest/guest_log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "lib/buf.h"
#include "lib/file.h"

/* The boot step makes /data/log on a data volume that is mounted; without one the folder is not
 * there. */
static void path_of(
    const struct node_paths *paths, const char *name, const char *end, char path[NODE_PATH])
{
	struct stat status;

	snprintf(path, NODE_PATH, "%s/log", paths->data);
	if (!stat(path, &status) && S_ISDIR(status.st_mode)) {
		snprintf(path, NODE_PATH, "%s/log/%s.log%s", paths->data, name, end);
		return;
	}
	snprintf(path, NODE_PATH, "%s/log", paths->run);
	mkdir(path, 0700);
	snprintf(path, NODE_PATH, "%s/log/%s.log%s", paths->run, name, end);
}

int guest_log_open(const struct node_paths *paths, const char *name, uint64_t size)
{
	char path[NODE_PATH];
	char older[NODE_PATH];
	struct stat status;
	int fd;

	path_of(paths, name, "", path);
	path_of(paths, name, ".1", older);
	if (!stat(path, &status) && (uint64_t)status.st_size >= size / 2)
		rename(path, older);
	fd = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
	return fd < 0 ? -errno : fd;
}

void guest_log_bound(const struct node_paths *paths, const char *name, uint64_t size)
{
	struct buf text = BUF_INIT;
	char path[NODE_PATH];
	char older[NODE_PATH];
	struct stat status;

	path_of(paths, name, "", path);
	if (stat(path, &status) || (uint64_t)status.st_size < size / 2)
		return;
	/* Who writes it holds it open, to append: it is emptied, not renamed. What is larger than
	 * the bound was written between two looks, and is not worth keeping whole. */
	path_of(paths, name, ".1", older);
	if (!file_read(path, size, &text))
		file_replace(older, buf_text(&text), text.length, 0600);
	buf_done(&text);
	if (truncate(path, 0) < 0)
		return;
}

void guest_log_line(const struct node_paths *paths, const char *name, const char *line)
{
	int fd = guest_log_open(paths, name, GUEST_LOG_SIZE);
	time_t now = time(NULL);
	struct tm parts;
	char stamp[32];

	if (fd < 0)
		return;
	gmtime_r(&now, &parts);
	strftime(stamp, sizeof(stamp), "%Y-%m-%dT%H:%M:%SZ", &parts);
	dprintf(fd, "%s %s\n", stamp, line);
	close(fd);
}
