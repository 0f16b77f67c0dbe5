/* SPDX-License-Identifier: GPL-2.0-only */
#include "rpc/memory.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHUNK 4096

struct rpc_memory_chunk {
	struct rpc_memory_chunk *next;
	char *free;
};

void rpc_memory_init(struct rpc_memory *memory, size_t limit)
{
	*memory = (struct rpc_memory){ .limit = limit };
}

void rpc_memory_done(struct rpc_memory *memory)
{
	while (memory->chunks) {
		struct rpc_memory_chunk *chunk = memory->chunks;

		memory->chunks = chunk->next;
		free(chunk);
	}
	rpc_memory_init(memory, memory->limit);
}

void *rpc_memory_alloc(struct rpc_memory *memory, size_t size)
{
	struct rpc_memory_chunk *chunk;
	void *block;

	if (size > memory->limit)
		return NULL;
	size = (size + 7) & ~(size_t)7;
	if (size > memory->limit - memory->used)
		return NULL;
	if (!memory->chunks || size > memory->left) {
		size_t room = size > CHUNK ? size : CHUNK;

		chunk = calloc(1, sizeof(*chunk) + room);
		if (!chunk)
			return NULL;
		chunk->next = memory->chunks;
		chunk->free = (char *)(chunk + 1);
		memory->chunks = chunk;
		memory->left = room;
	}
	block = memory->chunks->free;
	memory->chunks->free += size;
	memory->left -= size;
	memory->used += size;
	return block;
}

char *rpc_memory_copy(struct rpc_memory *memory, const char *data, size_t length)
{
	char *copy = length < memory->limit ? rpc_memory_alloc(memory, length + 1) : NULL;

	if (copy && length)
		memcpy(copy, data, length);
	return copy;
}

char *rpc_memory_string(struct rpc_memory *memory, const char *text)
{
	return rpc_memory_copy(memory, text, strlen(text));
}

char *rpc_memory_printf(struct rpc_memory *memory, const char *format, ...)
{
	va_list arguments;
	char *text;
	int length;

	va_start(arguments, format);
	length = vsnprintf(NULL, 0, format, arguments);
	va_end(arguments);
	if (length < 0 || (size_t)length >= memory->limit)
		return NULL;
	text = rpc_memory_alloc(memory, (size_t)length + 1);
	if (!text)
		return NULL;
	va_start(arguments, format);
	vsnprintf(text, (size_t)length + 1, format, arguments);
	va_end(arguments);
	return text;
}
