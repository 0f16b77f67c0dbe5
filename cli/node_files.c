/* SPDX-License-Identifier: GPL-2.0-only */
#include "cli/node_files.h"

#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/file.h"

#define FILE_LIMIT 65536

static const char *node_root = "";

void node_set_root(const char *root)
{
	node_root = root;
}

bool node_path(const char *path, char *target, size_t size)
{
	return (size_t)snprintf(target, size, "%s%s", node_root, path) < size;
}

void node_clean(char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < 0x20 || *text == 0x7f)
			*text = '?';
}

bool node_exists(const char *path)
{
	char full[PATH_MAX];

	return node_path(path, full, sizeof(full)) && access(full, F_OK) == 0;
}

static bool read_below(const char *path, struct buf *buf)
{
	char full[PATH_MAX];

	return node_path(path, full, sizeof(full)) && file_read(full, FILE_LIMIT, buf) == 0;
}

bool node_line(const char *path, unsigned int number, char line[NODE_LINE])
{
	struct buf buf = BUF_INIT;
	const char *at;
	bool found = false;

	line[0] = '\0';
	if (read_below(path, &buf)) {
		at = buf_text(&buf);
		while (number > 1 && at) {
			at = strchr(at, '\n');
			at = at ? at + 1 : NULL;
			number--;
		}
		if (at && *at) {
			snprintf(line, NODE_LINE, "%.*s", (int)strcspn(at, "\n"), at);
			node_clean(line);
			found = true;
		}
	}
	buf_done(&buf);
	return found;
}

unsigned int node_line_count(const char *path)
{
	struct buf buf = BUF_INIT;
	unsigned int count = 0;

	if (read_below(path, &buf))
		for (const char *at = buf_text(&buf); (at = strchr(at, '\n')); at++)
			count++;
	buf_done(&buf);
	return count;
}

static int is_visible(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

void node_each_name(const char *path, void (*each)(const char *name, void *context), void *context)
{
	char full[PATH_MAX];
	struct dirent **entries;
	int count;

	if (!node_path(path, full, sizeof(full)))
		return;
	count = scandir(full, &entries, is_visible, alphasort);
	if (count < 0)
		return;
	for (int i = 0; i < count; i++) {
		each(entries[i]->d_name, context);
		free(entries[i]);
	}
	free(entries);
}
