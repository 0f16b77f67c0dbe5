/* SPDX-License-Identifier: GPL-2.0-only */
/* What stands for the hypervisor behind message-signalled interrupts, in tests. */
#ifndef BERTH_TESTS_SINK_TEST_H
#define BERTH_TESTS_SINK_TEST_H

#include <sys/eventfd.h>
#include <unistd.h>

#include "tests/unit/vmm_test.h"
#include "vmm/core/msi.h"

/* A sink of messages: counts by vector what a live route was signalled. */
#define SINK_ROUTES 96

struct test_sink {
	struct msi_sink sink;
	unsigned int opened;
	unsigned int open_now;
	unsigned int sets;
	bool taken[SINK_ROUTES];
	bool live[SINK_ROUTES];
	struct msi_message messages[SINK_ROUTES];
	int fds[SINK_ROUTES];
	unsigned int fail_at; /* which open fails, from 1; 0: none */
};

static inline int sink_open(void *context, struct msi_route *ret_route)
{
	struct test_sink *sink = context;
	unsigned int index = 0;

	if (sink->fail_at && sink->opened + 1 == sink->fail_at)
		return -ENOSPC;
	while (index < SINK_ROUTES && sink->taken[index])
		index++;
	assert_true(index < SINK_ROUTES);
	sink->taken[index] = true;
	sink->fds[index] = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	*ret_route = (struct msi_route){ index, sink->fds[index] };
	sink->opened++;
	sink->open_now++;
	return 0;
}

static inline void sink_close(void *context, struct msi_route *route)
{
	struct test_sink *sink = context;

	sink->open_now--;
	sink->live[route->gsi] = false;
	sink->taken[route->gsi] = false;
	close(route->fd);
}

static inline int sink_set(
    void *context, struct msi_route *route, const struct msi_message *message)
{
	struct test_sink *sink = context;

	sink->sets++;
	sink->live[route->gsi] = message != NULL;
	if (message)
		sink->messages[route->gsi] = *message;
	return 0;
}

static inline void sink_init(struct test_sink *sink)
{
	*sink = (struct test_sink){ 0 };
	sink->sink = (struct msi_sink){ sink_open, sink_close, sink_set, sink };
}

/* How often it was delivered since the last time; a route that is not live delivers nothing. */
static inline unsigned int sink_taken(struct test_sink *sink, unsigned int vector)
{
	uint64_t count = 0;

	if (!sink->live[vector] ||
	    read(sink->fds[vector], &count, sizeof(count)) != (ssize_t)sizeof(count))
		return 0;
	return (unsigned int)count;
}

#endif
