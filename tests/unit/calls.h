/* SPDX-License-Identifier: GPL-2.0-only */
/* Failing calls of the system, allocations among them, one after the other, wherever they are. */
#ifndef BERTH_TESTS_CALLS_H
#define BERTH_TESTS_CALLS_H

#include <stdbool.h>

/* The call that is `count` from now fails, on whichever thread: EIO, or ENOMEM where it asks for
 * memory. 0: none does. */
void calls_fail_at(unsigned long count);
/* The one that failed; NULL: so many calls have not been made. */
const char *calls_failed(void);
/* One more call of the name; whether it is the one. */
bool calls_fail(const char *name, int error);
/* Descriptors that are open now. */
unsigned int calls_descriptors(void);

/* `attempt` (0 or -errno, `at` goes to calls_fail_at()) with the first call failing, then the
 * second, and so on until no call is left to fail. It says so, or goes on as if nothing had been;
 * no descriptor stays open either way, and the sanitizer sees what memory does. */
void calls_fail_each(int (*attempt)(void *context, unsigned long at), void *context);

#endif
