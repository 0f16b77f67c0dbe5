/* SPDX-License-Identifier: GPL-2.0-only */
#include "cli/virsh/files.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "cli/virsh/shell.h"
#include "lib/file.h"

#define XML_MAX (10u * 1024 * 1024)

bool files_read(const char *path, struct buf *ret_text)
{
	int result = file_read(path, XML_MAX, ret_text);

	if (!result)
		return true;
	buf_done(ret_text);
	return shell_error("Failed to open file '%s': %s", path, strerror(-result));
}

bool files_write(int fd, const void *data, size_t length)
{
	while (length) {
		ssize_t written = write(fd, data, length);

		if (written < 0 && errno == EINTR)
			continue;
		if (written <= 0)
			return false;
		data = (const char *)data + written;
		length -= (size_t)written;
	}
	return true;
}
