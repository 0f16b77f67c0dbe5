/* SPDX-License-Identifier: GPL-2.0-only */
#include "cli/update_source.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "cli/exit_codes.h"
#include "cli/tool.h"
#include "lib/file.h"

#define SLOTS "/usr/lib/berth/slots"
#define FETCH_SECONDS "600"
#define SECONDS 60
#define COPY "/tmp/.berth-update"
/* No slot takes more, and /tmp has a quarter of the memory. */
#define COPY_MAX ((uint64_t)256 << 20)
#define COPY_MAX_TEXT "268435456"

static int refuse(const char *name, const char *why)
{
	fprintf(stderr, "berth: \"%s\" is refused: %s. Nothing was changed.\n", name, why);
	return EXIT_NOT_WELL;
}

static bool write_all(int fd, const char *data, size_t length)
{
	while (length) {
		ssize_t done = write(fd, data, length);

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return false;
		data += done;
		length -= (size_t)done;
	}
	return true;
}

static bool copy_stdin(int fd)
{
	static char chunk[65536];
	uint64_t total = 0;

	for (;;) {
		ssize_t got = read(STDIN_FILENO, chunk, sizeof(chunk));

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return got == 0;
		total += (uint64_t)got;
		if (total > COPY_MAX) {
			errno = EFBIG;
			return false;
		}
		if (!write_all(fd, chunk, (size_t)got))
			return false;
	}
}

static int take_stdin(void)
{
	int fd = open(COPY, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	bool good = fd >= 0 && copy_stdin(fd);
	int error = errno;

	if (fd >= 0)
		close(fd);
	return good ? EXIT_WELL : refuse("-", strerror(error));
}

/* Whoever sends the file, its signature says whether it is good: no certificate is asked for. */
static int take_url(const char *url)
{
	int status = tool_run(NULL, "curl", "--silent", "--show-error", "--fail", "--location",
	    "--insecure", "--proto", "=http,https,tftp", "--max-time", FETCH_SECONDS,
	    "--max-filesize", COPY_MAX_TEXT, "--output", COPY, url, (char *)NULL);

	return status == 0 ? EXIT_WELL : refuse(url, "it cannot be fetched (see above)");
}

/* Where the bytes are: the file itself, or a copy in memory. */
static int take(const char *operand, struct update_source *source)
{
	bool is_url = strstr(operand, "://") != NULL;

	snprintf(source->path, sizeof(source->path), "%s", COPY);
	if (!strcmp(operand, "-"))
		return take_stdin();
	if (is_url)
		return take_url(operand);
	if (strlen(operand) >= sizeof(source->path))
		return refuse(operand, strerror(ENAMETOOLONG));
	snprintf(source->path, sizeof(source->path), "%s", operand);
	return EXIT_WELL;
}

static int write_list(const struct update_file *file)
{
	const struct update_manifest *manifest = &file->manifest;
	struct buf text = BUF_INIT;
	int error;

	buf_printf(&text, "%s %s\n", manifest->version, manifest->build);
	for (size_t i = 0; i < manifest->count; i++) {
		const struct update_part *part = &manifest->parts[i];

		buf_printf(
		    &text, "%s %" PRIu64 " %" PRIu64 " ", part->name, file->offsets[i], part->size);
		for (size_t k = 0; k < UPDATE_HASH; k++)
			buf_printf(&text, "%02x", part->sha256[k]);
		buf_puts(&text, "\n");
	}
	error = buf_ok(&text) ? file_replace(UPDATE_LIST, buf_text(&text), text.length, 0600)
			      : -ENOMEM;
	buf_done(&text);
	if (error)
		fprintf(stderr, "berth: cannot write \"%s\": %s\n", UPDATE_LIST, strerror(-error));
	return error ? EXIT_SYSTEM : EXIT_WELL;
}

static int check(const char *operand, struct update_source *source)
{
	struct buf keys = BUF_INIT;
	struct buf why = BUF_INIT;
	struct utsname machine;
	int result = EXIT_WELL;

	uname(&machine);
	if (tool_read(&keys, SECONDS, SLOTS, "keys", (char *)NULL))
		buf_cut(&keys, 0);
	if (!update_file_check(source->path, buf_text(&keys), &source->file, &why))
		result = refuse(operand, buf_text(&why));
	else if (strcmp(source->file.manifest.machine, machine.machine)) {
		buf_printf(&why, "it is for %s, and this machine is %s: get the one for it",
		    source->file.manifest.machine, machine.machine);
		result = refuse(operand, buf_text(&why));
	}
	buf_done(&keys);
	buf_done(&why);
	return result;
}

int update_source_open(const char *operand, struct update_source *ret_source)
{
	int result = take(operand, ret_source);

	if (result == EXIT_WELL)
		result = check(operand, ret_source);
	if (result == EXIT_WELL)
		result = write_list(&ret_source->file);
	return result;
}

void update_source_done(struct update_source *source)
{
	(void)source;
	unlink(COPY);
	unlink(UPDATE_LIST);
}
