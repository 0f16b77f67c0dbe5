/* SPDX-License-Identifier: GPL-2.0-only */
#include "node/host/sysfs.h"

#include <dirent.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/file.h"

#define FILE_MAX 65536

const struct host_roots host_roots = { "/sys", "/proc" };

static bool read_line(char line[SYSFS_LINE], const char *path)
{
	struct buf buf = BUF_INIT;
	size_t length = 0;
	const char *at;

	line[0] = '\0';
	if (file_read(path, FILE_MAX, &buf)) {
		buf_done(&buf);
		return false;
	}
	at = buf_text(&buf);
	while (*at == ' ' || *at == '\t')
		at++;
	while (at[length] && at[length] != '\n' && length < SYSFS_LINE - 1) {
		bool is_text = at[length] >= ' ' && at[length] <= '~';

		line[length] = is_text ? at[length] : '?';
		length++;
	}
	while (length && line[length - 1] == ' ')
		length--;
	line[length] = '\0';
	buf_done(&buf);
	return length > 0;
}

bool sysfs_line(char line[SYSFS_LINE], const char *format, ...)
{
	char path[SYSFS_PATH];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(path, sizeof(path), format, arguments);
	va_end(arguments);
	return read_line(line, path);
}

long long sysfs_number(long long otherwise, const char *format, ...)
{
	char path[SYSFS_PATH];
	char line[SYSFS_LINE];
	va_list arguments;
	char *end;
	long long value;

	va_start(arguments, format);
	vsnprintf(path, sizeof(path), format, arguments);
	va_end(arguments);
	if (!read_line(line, path))
		return otherwise;
	value = strtoll(line, &end, 10);
	return end == line ? otherwise : value;
}

bool sysfs_link(char name[SYSFS_LINE], const char *format, ...)
{
	char path[SYSFS_PATH];
	char target[SYSFS_PATH];
	const char *last;
	va_list arguments;
	ssize_t length;

	va_start(arguments, format);
	vsnprintf(path, sizeof(path), format, arguments);
	va_end(arguments);
	name[0] = '\0';
	length = readlink(path, target, sizeof(target) - 1);
	if (length <= 0)
		return false;
	target[length] = '\0';
	last = strrchr(target, '/');
	snprintf(name, SYSFS_LINE, "%.*s", SYSFS_LINE - 1, last ? last + 1 : target);
	return name[0] != '\0';
}

bool sysfs_exists(const char *format, ...)
{
	char path[SYSFS_PATH];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(path, sizeof(path), format, arguments);
	va_end(arguments);
	return !access(path, F_OK);
}

void sysfs_names(const char *folder, bool (*each)(void *context, const char *name), void *context)
{
	struct dirent **entries;
	int count = scandir(folder, &entries, NULL, alphasort);
	bool goes_on = true;

	if (count < 0)
		return;
	for (int i = 0; i < count; i++) {
		if (goes_on && entries[i]->d_name[0] != '.')
			goes_on = each(context, entries[i]->d_name);
		free(entries[i]);
	}
	free(entries);
}
