/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One region of memory for many small things that are freed together.
 *
 * The whole region is reserved at once and filled lazily by the kernel, so that creating it is the
 * only call that can fail. Its size is the caller's bound on what one input can need; going past it
 * is a fault of the program, not of the input, and aborts.
 */
#ifndef BERTH_LIB_ARENA_H
#define BERTH_LIB_ARENA_H

#include <stddef.h>

struct arena;

/* Reserve `size` bytes; NULL without address space. arena_free takes NULL. */
struct arena *arena_create(size_t size);
void arena_free(struct arena *arena);

/* Zeroed memory, aligned for any type; never NULL. */
void *arena_alloc(struct arena *arena, size_t size);

/* Copies of `length` bytes and a NUL, and of a formatted text. */
char *arena_copy(struct arena *arena, const char *text, size_t length);
char *arena_printf(struct arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
