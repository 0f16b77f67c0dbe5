/* SPDX-License-Identifier: GPL-2.0-only */
#include "lib/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Room for `more` bytes and a NUL. */
static bool grow(struct buf *buf, size_t more)
{
	size_t wanted;
	size_t capacity;
	char *data;

	if (buf->failed || __builtin_add_overflow(buf->length, more, &wanted) ||
	    __builtin_add_overflow(wanted, 1, &wanted)) {
		buf->failed = true;
		return false;
	}
	if (wanted <= buf->capacity)
		return true;
	capacity = buf->capacity ? buf->capacity : 256;
	while (capacity < wanted && !__builtin_mul_overflow(capacity, 2, &capacity))
		continue;
	data = capacity >= wanted ? realloc(buf->data, capacity) : NULL;
	if (!data) {
		buf->failed = true;
		return false;
	}
	buf->data = data;
	buf->capacity = capacity;
	return true;
}

void buf_add(struct buf *buf, const char *data, size_t length)
{
	if (!grow(buf, length))
		return;
	memcpy(buf->data + buf->length, data, length);
	buf->length += length;
	buf->data[buf->length] = '\0';
}

void buf_puts(struct buf *buf, const char *text)
{
	buf_add(buf, text, strlen(text));
}

void buf_printf(struct buf *buf, const char *format, ...)
{
	va_list arguments;
	int length;

	va_start(arguments, format);
	length = vsnprintf(NULL, 0, format, arguments);
	va_end(arguments);
	if (length < 0 || !grow(buf, (size_t)length)) {
		buf->failed = true;
		return;
	}
	va_start(arguments, format);
	vsnprintf(buf->data + buf->length, (size_t)length + 1, format, arguments);
	va_end(arguments);
	buf->length += (size_t)length;
}

void buf_cut(struct buf *buf, size_t length)
{
	if (length < buf->length) {
		buf->length = length;
		buf->data[length] = '\0';
	}
}

bool buf_ok(const struct buf *buf)
{
	return !buf->failed;
}

const char *buf_text(const struct buf *buf)
{
	return buf->data ? buf->data : "";
}

void buf_done(struct buf *buf)
{
	free(buf->data);
	*buf = (struct buf)BUF_INIT;
}
