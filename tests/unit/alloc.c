/* SPDX-License-Identifier: GPL-2.0-only */
/* Linked into every test with the linker's --wrap, so that an allocation can be made to fail. */
#include "tests/unit/alloc.h"

#include <errno.h>

#include "tests/unit/calls.h"

static unsigned long left;

void alloc_fail_at(unsigned long count)
{
	left = count;
}

static bool fails(void)
{
	return (left > 0 && --left == 0) || calls_fail("an allocation", ENOMEM);
}

void *__wrap_malloc(size_t size)
{
	return fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
	return fails() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *old, size_t size)
{
	return fails() ? NULL : __real_realloc(old, size);
}

void *__wrap_reallocarray(void *old, size_t count, size_t size)
{
	return fails() ? NULL : __real_reallocarray(old, count, size);
}
