/* SPDX-License-Identifier: GPL-2.0-only */
/* Failing allocations, one after the other, in tests of constructors. */
#ifndef BERTH_TESTS_ALLOC_H
#define BERTH_TESTS_ALLOC_H

#include <stdbool.h>
#include <stddef.h>

/* The allocation that is `count` from now fails; 0: none does. */
void alloc_fail_at(unsigned long count);

/* Run `expression` (0 or -errno) with the first allocation failing, then the second, and so on
 * until it succeeds. Each failure must be -ENOMEM; the sanitizer sees what is left behind. */
#define ALLOC_FAIL_EACH(expression)                                                                \
	do {                                                                                       \
		unsigned long each = 0;                                                            \
		int failed_result;                                                                 \
                                                                                                   \
		do {                                                                               \
			alloc_fail_at(++each);                                                     \
			failed_result = (expression);                                              \
			alloc_fail_at(0);                                                          \
			assert_true(failed_result == 0 || failed_result == -ENOMEM);               \
		} while (failed_result);                                                           \
		assert_true(each > 1);                                                             \
	} while (0)

void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *old, size_t size);
void *__wrap_reallocarray(void *old, size_t count, size_t size);
void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
void *__real_reallocarray(void *old, size_t count, size_t size);

#endif
