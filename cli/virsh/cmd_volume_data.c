/* SPDX-License-Identifier: GPL-2.0-only */
/* A volume's content to and from files, with their holes when it is asked for. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/virsh/commands.h"
#include "cli/virsh/files.h"
#include "cli/virsh/objects.h"

#define SPARSE 1u /* libvirt: VIR_STORAGE_VOL_UPLOAD_SPARSE_STREAM, and the same of downloads */
#define BLOCK 262144

static const struct option data_options[] = {
	VOLUME,
	{ "file", OPTION_TEXT, true, "file on this side" },
	VOLUME_POOL,
	{ "offset", OPTION_NUMBER, false, "where in the volume it begins" },
	{ "length", OPTION_NUMBER, false, "how many bytes; all without" },
	{ "sparse", OPTION_FLAG, false, "holes stay holes" },
	{ 0 },
};

/* What both ways need; procedures of both have the same arguments. */
static bool prepare(struct shell *shell, struct rpc_storage_vol_upload_args *ret_args)
{
	int64_t offset = 0;
	int64_t length = 0;
	bool good = true;

	shell_number(shell, "offset", &offset, &good);
	if (good && offset < 0)
		good = shell_error(
		    "Numeric value '%s' for <offset> option is malformed or out of range",
		    shell_text(shell, "offset"));
	if (good)
		shell_number(shell, "length", &length, &good);
	*ret_args = (struct rpc_storage_vol_upload_args){ .offset = (uint64_t)offset,
		.length = (uint64_t)length,
		.flags = shell_flag(shell, "sparse") ? SPARSE : 0 };
	return good && object_volume(shell, "pool", &ret_args->vol);
}

static bool told(struct shell *shell, const char *what, const char *file)
{
	shell_error("cannot %s %s: %s", what, file, strerror(errno));
	conn_stream_abort(shell->conn);
	return false;
}

/* How many bytes of data the file has from `at` on; a hole of `*ret_hole` bytes comes first. */
static bool next_data(int fd, off_t at, off_t size, off_t *ret_hole, off_t *ret_data)
{
	off_t data = lseek(fd, at, SEEK_DATA);
	off_t hole;

	if (data < 0 && errno != ENXIO)
		return false;
	if (data < 0)
		data = size; /* none is left */
	hole = data < size ? lseek(fd, data, SEEK_HOLE) : size;
	if (hole < 0)
		return false;
	*ret_hole = data - at;
	*ret_data = hole - data;
	return lseek(fd, data, SEEK_SET) == data;
}

/* Send up to `left` bytes as they come; `*ret_sent` of them. */
static bool send_data(struct shell *shell, int fd, const char *file, off_t left, off_t *ret_sent)
{
	static char block[BLOCK];

	*ret_sent = 0;
	while (left) {
		ssize_t got = read(fd, block, left < BLOCK ? (size_t)left : BLOCK);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return told(shell, "read", file);
		if (!got)
			return true;
		if (conn_stream_check(shell->conn) ||
		    conn_stream_send(shell->conn, block, (size_t)got))
			return shell_error(
			    "cannot send data to volume %s", shell_text(shell, "vol"));
		left -= got;
		*ret_sent += got;
	}
	return true;
}

/* A file that cannot tell its holes (a pipe, a device) is data to its end. */
static bool send_file(struct shell *shell, int fd, const char *file, bool sparse)
{
	struct stat status;
	off_t at = 0;
	off_t sent;

	if (!sparse || fstat(fd, &status) || !S_ISREG(status.st_mode))
		return send_data(shell, fd, file, INT64_MAX, &sent);
	while (at < status.st_size) {
		off_t hole;
		off_t data;

		if (!next_data(fd, at, status.st_size, &hole, &data))
			return told(shell, "read", file);
		if (hole && conn_stream_send_hole(shell->conn, hole))
			return shell_error(
			    "cannot send data to volume %s", shell_text(shell, "vol"));
		if (!send_data(shell, fd, file, data, &sent))
			return false;
		if (sent < data)
			return true; /* it was cut meanwhile */
		at += hole + data;
	}
	return true;
}

static bool finish(struct shell *shell)
{
	return !conn_stream_finish(shell->conn) ||
	       shell_error("cannot close volume %s", shell_text(shell, "vol"));
}

static bool cmd_upload(struct shell *shell)
{
	struct rpc_storage_vol_upload_args args;
	const char *file = shell_text(shell, "file");
	bool well;
	int fd;

	if (!prepare(shell, &args))
		return false;
	fd = open(file, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return shell_error("cannot read %s", file);
	if (conn_stream_open(shell->conn, RPC_STORAGE_VOL_UPLOAD, &args, NULL))
		well = shell_error("cannot upload to volume %s", shell_text(shell, "vol"));
	else
		well = send_file(shell, fd, file, args.flags & SPARSE) && finish(shell);
	close(fd);
	return well;
}

/* A hole at the end has to be there as well. */
static bool skip(int fd, off_t length)
{
	off_t at = lseek(fd, length, SEEK_CUR);

	return at >= 0 && !ftruncate(fd, at);
}

static bool receive_file(struct shell *shell, int fd, const char *file)
{
	for (;;) {
		const uint8_t *data;
		size_t length;
		int result = conn_stream_receive(shell->conn, -1, &data, &length);

		if (result < 0)
			return shell_error(
			    "cannot receive data from volume %s", shell_text(shell, "vol"));
		if (result && data && !length)
			return true;
		if (result && data && !files_write(fd, data, length))
			return told(shell, "write", file);
		if (result && !data && !skip(fd, (off_t)length))
			return told(shell, "write", file);
		conn_release(shell->conn);
	}
}

/* Open it for writing; `*ret_made` tells whether it was not there before. */
static int create_file(const char *file, bool *ret_made)
{
	int fd = open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);

	*ret_made = fd >= 0;
	if (fd < 0 && errno == EEXIST)
		fd = open(file, O_WRONLY | O_TRUNC | O_CLOEXEC);
	return fd;
}

static bool cmd_download(struct shell *shell)
{
	struct rpc_storage_vol_upload_args args;
	const char *file = shell_text(shell, "file");
	bool made;
	bool well;
	int fd;

	if (!prepare(shell, &args))
		return false;
	fd = create_file(file, &made);
	if (fd < 0)
		return shell_error("cannot create %s", file);
	if (conn_stream_open(shell->conn, RPC_STORAGE_VOL_DOWNLOAD, &args, NULL))
		well = shell_error("cannot download from volume %s", shell_text(shell, "vol"));
	else
		well = receive_file(shell, fd, file) && finish(shell);
	if (close(fd) && well)
		well = shell_error("cannot close file %s", file);
	if (!well && made)
		unlink(file);
	return well;
}

const struct command volume_data_commands[] = {
	{ "vol-download", cmd_download, data_options,
	    .help = "write a volume's content to a file" },
	{ "vol-upload", cmd_upload, data_options, .help = "write a file's content to a volume" },
	{ 0 },
};
