/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One piece of work at a time: it has the file, and what it reads into or writes from, for itself.
 * A stream that ends while its work runs is kept until that is done.
 */
#include "node/server/stream_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "node/server/stream.h"

/* With so many bytes waiting to be written the client waits as well. */
#define QUEUE_FULL (1024u * 1024)

struct piece {
	struct piece *next;
	uint64_t hole; /* or data: */
	size_t length;
	uint8_t data[];
};

struct file_stream {
	struct server_stream stream;
	struct stream_file_config config;
	struct work work;
	bool working;
	bool gone;     /* no stream any more; only the work is left */
	bool finished; /* by the client */
	bool full;     /* the client waits */
	uint64_t at;   /* in the file */
	int result;
	/* Download. */
	uint8_t *chunk;
	size_t got;
	uint64_t hole;
	bool told_end;
	/* Upload. */
	struct piece *queue;
	struct piece **queue_end;
	size_t queued;
	struct piece *writing;
	bool syncing;
};

static struct file_stream *of(struct server_stream *stream)
{
	return (struct file_stream *)stream;
}

static void drop(struct piece *piece)
{
	while (piece) {
		struct piece *next = piece->next;

		free(piece);
		piece = next;
	}
}

static void release(struct file_stream *file)
{
	close(file->config.fd);
	file->config.over(file->config.context);
	drop(file->queue);
	drop(file->writing);
	free(file->chunk);
	free(file);
}

/* The bytes of the file that are not asked for any more are its end. */
static uint64_t left(const struct file_stream *file, uint64_t most)
{
	uint64_t room = file->config.to > file->at ? file->config.to - file->at : 0;

	return room < most ? room : most;
}

/* How long the hole is that the file has at `at`; 0 when there is none. */
static uint64_t hole_at(const struct file_stream *file)
{
	off_t data = lseek(file->config.fd, (off_t)file->at, SEEK_DATA);
	struct stat status;

	if (data >= 0)
		return left(file, (uint64_t)data - file->at);
	/* Nothing but a hole to the end. */
	if (errno != ENXIO || fstat(file->config.fd, &status) ||
	    (uint64_t)status.st_size <= file->at)
		return 0;
	return left(file, (uint64_t)status.st_size - file->at);
}

/* Of data, no further than where a hole begins, which is to be told. */
static size_t data_at(const struct file_stream *file)
{
	size_t wanted = (size_t)left(file, RPC_STREAM_DATA_MAX);
	off_t hole = file->config.sparse && !file->config.device
			 ? lseek(file->config.fd, (off_t)file->at, SEEK_HOLE)
			 : -1;

	return hole > (off_t)file->at && (uint64_t)hole - file->at < wanted
		   ? (size_t)((uint64_t)hole - file->at)
		   : wanted;
}

static void read_piece(struct file_stream *file)
{
	ssize_t got;

	file->got = 0;
	file->hole = file->config.sparse && !file->config.device ? hole_at(file) : 0;
	if (file->hole)
		return;
	do {
		got = pread(file->config.fd, file->chunk, data_at(file), (off_t)file->at);
	} while (got < 0 && errno == EINTR);
	file->result = got < 0 ? -errno : 0;
	file->got = got > 0 ? (size_t)got : 0;
}

static int write_data(struct file_stream *file, const uint8_t *data, size_t length)
{
	while (length) {
		ssize_t put = pwrite(file->config.fd, data, length, (off_t)file->at);

		if (put < 0 && errno == EINTR)
			continue;
		if (put <= 0)
			return put < 0 ? -errno : -ENOSPC;
		data += put;
		length -= (size_t)put;
		file->at += (size_t)put;
	}
	return 0;
}

/* What was there before must read as zeros; the file may have to grow. */
static int write_hole(struct file_stream *file, uint64_t length)
{
	static uint8_t zeros[4096];
	uint64_t end = file->at + length;
	struct stat status;
	int error = 0;

	if (fstat(file->config.fd, &status))
		return -errno;
	if (!file->config.device && (uint64_t)status.st_size < end &&
	    ftruncate(file->config.fd, (off_t)end))
		return -errno;
	if (file->at < (uint64_t)status.st_size || file->config.device) {
		if (fallocate(file->config.fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
			(off_t)file->at, (off_t)length) &&
		    errno == EOPNOTSUPP) {
			while (file->at < end && !error && !workers_stopping(file->config.workers))
				error = write_data(file, zeros,
				    end - file->at < sizeof(zeros) ? (size_t)(end - file->at)
								   : sizeof(zeros));
			return error;
		}
	}
	file->at = end;
	return 0;
}

static void write_pieces(struct file_stream *file)
{
	for (const struct piece *piece = file->writing; piece && !file->result;
	     piece = piece->next) {
		uint64_t length = piece->hole ? piece->hole : piece->length;

		if (left(file, length) < length)
			file->result = -EFBIG;
		else
			file->result = piece->hole ? write_hole(file, piece->hole)
						   : write_data(file, piece->data, piece->length);
	}
	if (file->syncing && !file->result && fdatasync(file->config.fd))
		file->result = -errno;
}

static void run(void *context)
{
	struct file_stream *file = context;

	if (file->config.upload)
		write_pieces(file);
	else
		read_piece(file);
}

static void begin(struct file_stream *file)
{
	file->working = true;
	work_start(file->config.workers, &file->work);
}

static void read_on(struct file_stream *file)
{
	if (!file->working && !file->told_end &&
	    client_pending(file->stream.client) < STREAM_CLIENT_ROOM)
		begin(file);
}

static void send_piece(struct file_stream *file)
{
	if (file->hole)
		stream_send_hole(&file->stream, file->hole);
	else
		stream_send(&file->stream, file->chunk, file->got);
	/* An empty packet is the end. */
	file->told_end = !file->hole && !file->got;
	file->at += file->hole ? file->hole : file->got;
	read_on(file);
}

static void set_full(struct file_stream *file, bool full)
{
	if (file->full == full)
		return;
	file->full = full;
	if (full)
		file->stream.client->full++;
	else
		file->stream.client->full--;
	client_update(file->stream.client);
}

/* Write what waits, and at the end see that it is on the disk. */
static void write_on(struct file_stream *file)
{
	if (file->working || (!file->queue && !file->finished))
		return;
	file->writing = file->queue;
	file->queue = NULL;
	file->queue_end = &file->queue;
	file->queued = 0;
	file->syncing = file->finished;
	set_full(file, false);
	begin(file);
}

static void written(struct file_stream *file)
{
	drop(file->writing);
	file->writing = NULL;
	if (file->syncing)
		stream_end(&file->stream);
	else
		write_on(file);
}

static void done(void *context)
{
	struct file_stream *file = context;
	char why[512];

	file->working = false;
	if (file->gone) {
		release(file);
		return;
	}
	if (file->result == -EFBIG)
		stream_break(
		    &file->stream, RPC_ERR_INVALID_ARG, "more data came than was to be written");
	else if (file->result) {
		snprintf(why, sizeof(why), "cannot %s volume '%s': %s%s",
		    file->config.upload ? "write" : "read", file->config.name,
		    strerror(-file->result),
		    file->result == -ENOSPC ? ": what came is in it; make room, and send it again"
					    : "");
		stream_break(&file->stream, RPC_ERR_SYSTEM, why);
	} else if (file->config.upload) {
		written(file);
	} else {
		send_piece(file);
	}
}

static void queue(struct file_stream *file, struct piece *piece)
{
	piece->next = NULL;
	*file->queue_end = piece;
	file->queue_end = &piece->next;
	file->queued += sizeof(*piece) + piece->length;
	write_on(file);
	if (file->queued > QUEUE_FULL)
		set_full(file, true);
}

static struct piece *piece_for(struct file_stream *file, size_t length)
{
	struct piece *piece;

	if (!file->config.upload || file->finished) {
		stream_break(&file->stream, RPC_ERR_INTERNAL, "no data is expected on this stream");
		return NULL;
	}
	piece = malloc(sizeof(*piece) + length);
	if (piece)
		*piece = (struct piece){ .length = length };
	else
		stream_break(&file->stream, RPC_ERR_NO_MEMORY, "out of memory");
	return piece;
}

static void take_data(struct server_stream *base, const uint8_t *data, size_t length)
{
	struct piece *piece = length ? piece_for(of(base), length) : NULL;

	if (!piece)
		return;
	memcpy(piece->data, data, length);
	queue(of(base), piece);
}

static void take_hole(struct server_stream *base, uint64_t length)
{
	struct file_stream *file = of(base);
	struct piece *piece;

	if (!file->config.sparse || length > INT64_MAX / 2) {
		stream_break(base, RPC_ERR_INTERNAL, "this stream has no such holes");
		return;
	}
	piece = length ? piece_for(file, 0) : NULL;
	if (!piece)
		return;
	piece->hole = length;
	queue(file, piece);
}

static void finish(struct server_stream *base)
{
	struct file_stream *file = of(base);

	if (!file->config.upload) {
		stream_end(base);
		return;
	}
	file->finished = true;
	write_on(file);
}

static void resume(struct server_stream *base)
{
	if (!of(base)->config.upload)
		read_on(of(base));
}

static void let_go(struct server_stream *base)
{
	struct file_stream *file = of(base);

	set_full(file, false);
	file->gone = true;
	if (!file->working)
		release(file);
}

static const struct stream_ops ops = { take_data, take_hole, finish, resume, let_go };

int stream_file_create(
    struct client *client, const struct rpc_header *header, const struct stream_file_config *config)
{
	struct file_stream *file = calloc(1, sizeof(*file));
	int result = file ? 0 : -ENOMEM;

	if (file && !config->upload) {
		file->chunk = malloc(RPC_STREAM_DATA_MAX);
		result = file->chunk ? 0 : -ENOMEM;
	}
	if (!result)
		result = stream_add(client, header, &ops, &file->stream);
	if (result) {
		if (file)
			free(file->chunk);
		free(file);
		return result;
	}
	file->config = *config;
	file->at = config->from;
	file->queue_end = &file->queue;
	file->work = (struct work){ .run = run, .done = done, .context = file };
	/* Its first packet comes behind the answer to the call: work is told of by the loop. */
	if (!config->upload)
		begin(file);
	return 0;
}
