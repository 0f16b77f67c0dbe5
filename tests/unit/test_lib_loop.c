/* SPDX-License-Identifier: GPL-2.0-only */
#include "lib/loop.h"

#include <errno.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "tests/unit/unit_test.h"

struct fixture {
	struct loop *loop;
	struct loop_watch *watch[2];
	struct loop_timer timer[2];
	struct loop_call call[2];
	int pipe[2];
	int other[2];
	char seen[32];
	size_t count;
};

static void mark(struct fixture *fixture, char what)
{
	if (fixture->count < sizeof(fixture->seen) - 1)
		fixture->seen[fixture->count++] = what;
}

static int set_up(void **state)
{
	static struct fixture fixture;

	fixture = (struct fixture){ 0 };
	assert_int_equal(loop_create(&fixture.loop), 0);
	assert_int_equal(pipe(fixture.pipe), 0);
	assert_int_equal(pipe(fixture.other), 0);
	*state = &fixture;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *fixture = *state;

	loop_free(fixture->loop);
	for (int i = 0; i < 2; i++) {
		close(fixture->pipe[i]);
		close(fixture->other[i]);
	}
	return 0;
}

static void read_one(void *context, uint32_t events)
{
	struct fixture *fixture = context;
	char byte;

	assert_true(events & EPOLLIN);
	assert_int_equal(read(fixture->pipe[0], &byte, 1), 1);
	mark(fixture, byte);
}

static void test_descriptor(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(loop_add(fixture->loop, fixture->pipe[0], EPOLLIN, read_one, fixture,
			     &fixture->watch[0]),
	    0);
	assert_int_equal(loop_step(fixture->loop, 0), 0);
	assert_int_equal(write(fixture->pipe[1], "ab", 2), 2);
	loop_step(fixture->loop, 1000);
	loop_step(fixture->loop, 1000);
	assert_string_equal(fixture->seen, "ab");
	assert_int_equal(loop_change(fixture->watch[0], 0), 0);
	assert_int_equal(write(fixture->pipe[1], "c", 1), 1);
	loop_step(fixture->loop, 0);
	assert_string_equal(fixture->seen, "ab");
	loop_remove(fixture->watch[0]);
	loop_remove(NULL);
	assert_int_equal(
	    loop_add(fixture->loop, -1, EPOLLIN, read_one, fixture, &fixture->watch[0]), -EBADF);
}

static void remove_both(void *context, uint32_t events)
{
	struct fixture *fixture = context;

	(void)events;
	mark(fixture, 'r');
	loop_remove(fixture->watch[0]);
	loop_remove(fixture->watch[1]);
}

/* Both are ready in one round; whichever comes first removes the other. */
static void test_removed_in_the_same_round(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(loop_add(fixture->loop, fixture->pipe[0], EPOLLIN, remove_both, fixture,
			     &fixture->watch[0]),
	    0);
	assert_int_equal(loop_add(fixture->loop, fixture->other[0], EPOLLIN, remove_both, fixture,
			     &fixture->watch[1]),
	    0);
	assert_int_equal(write(fixture->pipe[1], "x", 1), 1);
	assert_int_equal(write(fixture->other[1], "x", 1), 1);
	loop_step(fixture->loop, 1000);
	loop_step(fixture->loop, 0);
	assert_string_equal(fixture->seen, "r");
}

static void fire_first(void *context)
{
	struct fixture *fixture = context;

	mark(fixture, '1');
	loop_timer_cancel(&fixture->timer[1]);
}

static void fire_second(void *context)
{
	mark(context, '2');
}

static void test_timers(void **state)
{
	struct fixture *fixture = *state;
	uint64_t now = loop_time(fixture->loop);

	loop_timer_init(&fixture->timer[0], fixture->loop, fire_first, fixture);
	loop_timer_init(&fixture->timer[1], fixture->loop, fire_second, fixture);
	loop_timer_set(&fixture->timer[0], now + 2000000);
	loop_timer_set(&fixture->timer[1], now + 1000000);
	while (fixture->count < 2)
		loop_step(fixture->loop, 1000);
	assert_string_equal(fixture->seen, "21");
	assert_true(loop_time(fixture->loop) >= now + 2000000);

	loop_timer_set(&fixture->timer[1], now + 2);
	loop_timer_set(&fixture->timer[0], now + 1);
	loop_step(fixture->loop, 1000);
	loop_step(fixture->loop, 0);
	assert_string_equal(fixture->seen, "211");
	loop_timer_set(&fixture->timer[0], now + 3600000000000);
	loop_timer_set(&fixture->timer[0], now + 1);
	loop_step(fixture->loop, 1000);
	assert_string_equal(fixture->seen, "2111");
	loop_timer_set(&fixture->timer[1], now + 3600000000000); /* loop_free forgets it */
}

static void test_stepped_clock(void **state)
{
	struct fixture *fixture = *state;
	uint64_t clock = 1000;

	loop_set_clock(fixture->loop, &clock);
	assert_int_equal(loop_time(fixture->loop), 1000);
	loop_timer_init(&fixture->timer[1], fixture->loop, fire_second, fixture);
	loop_timer_set(&fixture->timer[1], 2000);
	clock = 1999;
	loop_step(fixture->loop, 0);
	assert_string_equal(fixture->seen, "");
	clock = 2000;
	loop_step(fixture->loop, 0);
	assert_string_equal(fixture->seen, "2");
}

static void run_first(void *context)
{
	struct fixture *fixture = context;

	mark(fixture, 'a');
	if (fixture->count < 3)
		loop_post(fixture->loop, &fixture->call[0]);
}

static void run_second(void *context)
{
	struct fixture *fixture = context;

	mark(fixture, 'b');
	if (fixture->count > 3)
		loop_stop(fixture->loop);
}

static void test_calls(void **state)
{
	struct fixture *fixture = *state;

	fixture->call[0] = (struct loop_call){ .run = run_first, .context = fixture };
	fixture->call[1] = (struct loop_call){ .run = run_second, .context = fixture };
	loop_post(fixture->loop, &fixture->call[0]);
	loop_post(fixture->loop, &fixture->call[1]);
	loop_post(fixture->loop, &fixture->call[1]);
	loop_step(fixture->loop, 0);
	assert_string_equal(fixture->seen, "aba");
}

static void test_calls_taken_back(void **state)
{
	struct fixture *fixture = *state;

	fixture->call[0] = (struct loop_call){ .run = run_second, .context = fixture };
	fixture->call[1] = (struct loop_call){ .run = run_second, .context = fixture };
	loop_unpost(fixture->loop, &fixture->call[1]);
	loop_post(fixture->loop, &fixture->call[0]);
	loop_post(fixture->loop, &fixture->call[1]);
	loop_unpost(fixture->loop, &fixture->call[1]);
	loop_step(fixture->loop, 0);
	assert_string_equal(fixture->seen, "b");
	/* The end of the queue is where it was. */
	loop_post(fixture->loop, &fixture->call[1]);
	loop_post(fixture->loop, &fixture->call[0]);
	loop_unpost(fixture->loop, &fixture->call[1]);
	loop_step(fixture->loop, 0);
	assert_string_equal(fixture->seen, "bb");
}

static void *post_from_thread(void *context)
{
	struct fixture *fixture = context;

	loop_post(fixture->loop, &fixture->call[1]);
	return NULL;
}

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void fire_held(void *context)
{
	struct fixture *fixture = context;

	assert_int_equal(pthread_mutex_trylock(&lock), EBUSY);
	mark(fixture, 't');
	loop_stop(fixture->loop);
}

static void *set_timer_from_thread(void *context)
{
	struct fixture *fixture = context;

	pthread_mutex_lock(&lock);
	loop_timer_set(&fixture->timer[0], loop_time(fixture->loop) + 1);
	pthread_mutex_unlock(&lock);
	return NULL;
}

/* The loop would sleep for an hour but for the other thread's timer. */
static void test_lock(void **state)
{
	struct fixture *fixture = *state;
	pthread_t thread;

	loop_set_lock(fixture->loop, &lock);
	loop_timer_init(&fixture->timer[0], fixture->loop, fire_held, fixture);
	loop_timer_init(&fixture->timer[1], fixture->loop, fire_second, fixture);
	loop_timer_set(&fixture->timer[1], loop_time(fixture->loop) + 3600000000000);
	assert_int_equal(pthread_create(&thread, NULL, set_timer_from_thread, fixture), 0);
	assert_int_equal(loop_run(fixture->loop), 0);
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_string_equal(fixture->seen, "t");
}

static void test_other_thread(void **state)
{
	struct fixture *fixture = *state;
	pthread_t thread;

	fixture->call[1] = (struct loop_call){ .run = run_second, .context = fixture };
	fixture->count = 3;
	assert_int_equal(pthread_create(&thread, NULL, post_from_thread, fixture), 0);
	assert_int_equal(loop_run(fixture->loop), 0);
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_int_equal(fixture->seen[3], 'b');
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_descriptor, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_removed_in_the_same_round, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_timers, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_stepped_clock, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_lock, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_calls, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_calls_taken_back, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_other_thread, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
