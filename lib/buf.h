/* SPDX-License-Identifier: GPL-2.0-only */
/* A text that grows. A failed allocation is remembered, not reported at each call: ask buf_ok()
 * once at the end. */
#ifndef BERTH_LIB_BUF_H
#define BERTH_LIB_BUF_H

#include <stdbool.h>
#include <stddef.h>

struct buf {
	char *data; /* NUL-terminated once anything was added, else NULL */
	size_t length;
	size_t capacity;
	bool failed;
};

#define BUF_INIT                                                                                   \
	{                                                                                          \
		0                                                                                  \
	}

void buf_add(struct buf *buf, const char *data, size_t length);
void buf_puts(struct buf *buf, const char *text);
void buf_printf(struct buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Forget what was added past `length`. */
void buf_cut(struct buf *buf, size_t length);
bool buf_ok(const struct buf *buf);

/* The text so far, never NULL; owned by the buf. */
const char *buf_text(const struct buf *buf);
void buf_done(struct buf *buf);

#endif
