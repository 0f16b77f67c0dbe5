/* SPDX-License-Identifier: GPL-2.0-only */
#include "lib/work.h"

#include <fcntl.h>
#include <stdatomic.h>
#include <unistd.h>

#include "tests/unit/unit_test.h"

#define PIECES 20

static struct loop *loop;
static struct workers *workers;
static atomic_uint running;
static atomic_uint most;
static unsigned int order[PIECES];
static unsigned int told;

static struct piece {
	struct work work;
	unsigned int number;
	atomic_bool ran;
	int gate; /* a byte lets it go on; -1: it does not wait */
} pieces[PIECES];

static void run(void *context)
{
	struct piece *piece = context;
	unsigned int now = ++running;
	char byte;

	if (now > most)
		most = now;
	if (piece->gate >= 0)
		while (!workers_stopping(workers) && read(piece->gate, &byte, 1) != 1)
			;
	piece->ran = true;
	running--;
}

static void done(void *context)
{
	struct piece *piece = context;

	order[told++] = piece->number;
	if (told == PIECES)
		loop_stop(loop);
}

static void begin(unsigned int threads)
{
	assert_int_equal(loop_create(&loop), 0);
	assert_int_equal(workers_create(loop, threads, &workers), 0);
	running = 0;
	most = 0;
	told = 0;
	for (unsigned int i = 0; i < PIECES; i++) {
		pieces[i] = (struct piece){ .number = i, .gate = -1 };
		pieces[i].work = (struct work){ run, done, &pieces[i], NULL };
	}
}

static void end(void)
{
	workers_free(workers);
	loop_free(loop);
}

static void test_all_is_done_in_order(void **state)
{
	(void)state;
	begin(1);
	for (unsigned int i = 0; i < PIECES; i++)
		work_start(workers, &pieces[i].work);
	assert_int_equal(loop_run(loop), 0);
	for (unsigned int i = 0; i < PIECES; i++)
		assert_int_equal(order[i], i);
	assert_int_equal(most, 1);
	end();
}

static void test_so_many_at_once(void **state)
{
	int gate[2];

	(void)state;
	begin(3);
	assert_int_equal(pipe(gate), 0);
	for (unsigned int i = 0; i < PIECES; i++) {
		pieces[i].gate = gate[0];
		work_start(workers, &pieces[i].work);
	}
	/* The loop is free meanwhile. */
	while (running < 3)
		assert_int_equal(loop_step(loop, 10), 0);
	assert_int_equal(told, 0);
	for (unsigned int i = 0; i < PIECES; i++)
		assert_int_equal(write(gate[1], "x", 1), 1);
	assert_int_equal(loop_run(loop), 0);
	assert_int_equal(told, PIECES);
	assert_int_equal(most, 3);
	close(gate[0]);
	close(gate[1]);
	end();
}

/* What runs is asked to end, what waits is not begun, and all is told. */
static void test_stopping_early(void **state)
{
	int gate[2];

	(void)state;
	begin(2);
	assert_int_equal(pipe2(gate, O_NONBLOCK), 0);
	for (unsigned int i = 0; i < PIECES; i++) {
		pieces[i].gate = gate[0];
		work_start(workers, &pieces[i].work);
	}
	while (running < 2)
		usleep(1000);
	workers_free(workers);
	assert_int_equal(told, PIECES);
	for (unsigned int i = 0; i < PIECES; i++)
		assert_int_equal(pieces[i].ran, i < 2);
	close(gate[0]);
	close(gate[1]);
	loop_free(loop);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_is_done_in_order),
		cmocka_unit_test(test_so_many_at_once),
		cmocka_unit_test(test_stopping_early),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
