/* SPDX-License-Identifier: GPL-2.0-only */
#include "cli/virsh/editor.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/virsh/files.h"
#include "cli/virsh/shell.h"
#include "lib/file.h"

static const char *editor_name(void)
{
	static const char *const variables[] = { "VISUAL", "EDITOR" };

	for (size_t i = 0; i < sizeof(variables) / sizeof(variables[0]); i++) {
		const char *value = getenv(variables[i]);

		if (value && *value)
			return value;
	}
	return "vi";
}

static bool run(const char *path)
{
	struct buf command = BUF_INIT;
	bool well;

	/* The editor's name may be a command with arguments; the path is one of ours. */
	buf_printf(&command, "%s %s", editor_name(), path);
	well = !system(buf_text(&command)) ||
	       shell_error("%s: command exited with non-zero status", buf_text(&command));
	buf_done(&command);
	return well;
}

bool editor_edit(const char *text, struct buf *ret_text)
{
	char path[] = "/tmp/virshXXXXXX.xml";
	int fd = mkstemps(path, 4);
	int result;
	bool well;

	if (fd < 0)
		return shell_error(
		    "%s: failed to create temporary file: %s", path, strerror(errno));
	close(fd);
	result = file_replace(path, text, strlen(text), 0600);
	if (result)
		shell_error("cannot write %s: %s", path, strerror(-result));
	well = !result && run(path) && files_read(path, ret_text);
	unlink(path);
	return well;
}
