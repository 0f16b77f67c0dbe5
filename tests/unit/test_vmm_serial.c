/* SPDX-License-Identifier: GPL-2.0-only */
#include "vmm/devices/serial.h"

#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/unit/vmm_test.h"
#include "vmm/backend/chardev.h"

enum { THR = 0x3f8, IER, IIR, LCR, MCR, LSR, MSR, SCR };

struct fixture {
	struct iobus *ports;
	struct loop *loop;
	struct chardev *chardev;
	struct device *serial;
	struct device *other; /* without a cable, at another place */
	struct test_line line;
	struct test_line other_line;
	uint64_t now;
	int terminal;
};

static int set_up(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));
	struct serial_config config = { .id = "com1", .base = THR };
	int pair[2];

	fixture->now = 1;
	assert_int_equal(iobus_create(&fixture->ports), 0);
	assert_int_equal(loop_create(&fixture->loop), 0);
	loop_set_clock(fixture->loop, &fixture->now);
	assert_int_equal(chardev_create(fixture->loop, -1, 0, &fixture->chardev), 0);
	config.ports = fixture->ports;
	config.irq = test_line(&fixture->line);
	config.chardev = fixture->chardev;
	assert_int_equal(serial_create(&config, &fixture->serial), 0);
	config.base = 0x2f8;
	config.irq = test_line(&fixture->other_line);
	config.chardev = NULL;
	assert_int_equal(serial_create(&config, &fixture->other), 0);
	assert_int_equal(serial_create(&config, &fixture->other), -EEXIST);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	assert_int_equal(chardev_attach(fixture->chardev, pair[0], 0), 0);
	fixture->terminal = pair[1];
	*state = fixture;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *fixture = *state;

	fixture->serial->ops->free(fixture->serial);
	fixture->other->ops->free(fixture->other);
	chardev_free(fixture->chardev);
	loop_free(fixture->loop);
	iobus_free(fixture->ports);
	close(fixture->terminal);
	free(fixture);
	return 0;
}

static void turn(struct fixture *fixture)
{
	fixture->now += 10000000;
	for (int i = 0; i < 3; i++)
		assert_int_equal(loop_step(fixture->loop, 0), 0);
}

static void type(struct fixture *fixture, const char *text)
{
	assert_int_equal(write(fixture->terminal, text, strlen(text)), strlen(text));
	turn(fixture);
}

static void test_power_on(void **state)
{
	struct fixture *fixture = *state;
	static const uint8_t registers[] = { 0x00, 0x00, 0x01, 0x00, 0x00, 0x60, 0xb0, 0x00 };
	uint64_t value;

	for (int i = 0; i < 8; i++)
		assert_int_equal(test_in(fixture->ports, THR + (uint64_t)i), registers[i]);
	/* Nobody at the other end of the second one. */
	assert_int_equal(test_in(fixture->ports, 0x2f8 + 6), 0);
	assert_true(iobus_read(fixture->ports, THR + 4, 4, &value));
	assert_int_equal(value, 0x00b06000);
	assert_false(fixture->line.level);
}

static void test_divisor(void **state)
{
	struct fixture *fixture = *state;

	test_out(fixture->ports, LCR, 0x83);
	assert_int_equal(test_in(fixture->ports, THR), 12);
	test_out(fixture->ports, THR, 0x01);
	test_out(fixture->ports, IER, 0xff);
	assert_int_equal(test_in(fixture->ports, THR), 0x01);
	assert_int_equal(test_in(fixture->ports, IER), 0xff);
	test_out(fixture->ports, LCR, 0x03);
	assert_int_equal(test_in(fixture->ports, IER), 0);
	assert_int_equal(test_in(fixture->ports, LCR), 0x03);
	test_out(fixture->ports, SCR, 0x5a);
	assert_int_equal(test_in(fixture->ports, SCR), 0x5a);
}

static void test_output(void **state)
{
	struct fixture *fixture = *state;
	char bytes[16] = "";

	for (const char *at = "hello"; *at; at++) {
		assert_int_equal(test_in(fixture->ports, LSR), 0x60);
		test_out(fixture->ports, THR, (uint8_t)*at);
	}
	turn(fixture);
	assert_int_equal(recv(fixture->terminal, bytes, sizeof(bytes), MSG_DONTWAIT), 5);
	assert_string_equal(bytes, "hello");
	assert_int_equal(fixture->line.rises, 0);
	/* What was written before a pause, which may be the end, has come out after it. */
	test_out(fixture->ports, THR, '!');
	assert_true(fixture->serial->ops->pause(fixture->serial));
	assert_int_equal(recv(fixture->terminal, bytes, sizeof(bytes), MSG_DONTWAIT), 1);
	fixture->serial->ops->resume(fixture->serial);
}

/* One interrupt a FIFO's worth, as drivers count on it. */
static void test_transmit_interrupt(void **state)
{
	struct fixture *fixture = *state;

	test_out(fixture->ports, IIR, 0x01);
	test_out(fixture->ports, IER, 0x02);
	assert_int_equal(fixture->line.rises, 1);
	assert_int_equal(test_in(fixture->ports, IIR), 0xc2);
	assert_false(fixture->line.level);
	assert_int_equal(test_in(fixture->ports, IIR), 0xc1);
	for (int i = 0; i < 16; i++)
		test_out(fixture->ports, THR, 'x');
	assert_int_equal(fixture->line.rises, 2);
	assert_int_equal(test_in(fixture->ports, IIR), 0xc2);
	/* Off and on again: at once (what Linux looks for at its start). */
	test_out(fixture->ports, IER, 0x00);
	test_out(fixture->ports, IER, 0x02);
	assert_int_equal(fixture->line.rises, 3);
	test_out(fixture->ports, IER, 0x00);
	assert_false(fixture->line.level);
}

static void test_receive(void **state)
{
	struct fixture *fixture = *state;
	char text[32];

	test_out(fixture->ports, IIR, 0x01 | 0x80); /* FIFO, trigger 8 */
	test_out(fixture->ports, MCR, 0x0b);
	test_out(fixture->ports, IER, 0x01);
	type(fixture, "abc");
	assert_true(fixture->line.level);
	assert_int_equal(test_in(fixture->ports, IIR), 0xcc);
	assert_int_equal(test_in(fixture->ports, LSR), 0x61);
	type(fixture, "defghijklmnopqrstuvwxyz");
	assert_int_equal(test_in(fixture->ports, IIR), 0xc4);
	for (int i = 0; i < 26; i++) {
		assert_int_equal(test_in(fixture->ports, LSR), 0x61);
		text[i] = (char)test_in(fixture->ports, THR);
	}
	assert_memory_equal(text, "abcdefghijklmnopqrstuvwxyz", 26);
	assert_int_equal(test_in(fixture->ports, LSR), 0x60);
	assert_int_equal(test_in(fixture->ports, THR), 0);
	assert_false(fixture->line.level);
	/* Clearing it makes room. */
	type(fixture, "0123456789abcdefXY");
	test_out(fixture->ports, IIR, 0x03);
	assert_int_equal(test_in(fixture->ports, THR), 'X');
	assert_int_equal(test_in(fixture->ports, THR), 'Y');
}

/* Without request to send nothing comes in; without a FIFO one byte does. */
static void test_flow(void **state)
{
	struct fixture *fixture = *state;

	type(fixture, "xyz");
	assert_int_equal(test_in(fixture->ports, LSR), 0x60);
	test_out(fixture->ports, MCR, 0x02);
	assert_int_equal(test_in(fixture->ports, LSR), 0x61);
	assert_int_equal(test_in(fixture->ports, THR), 'x');
	test_out(fixture->ports, MCR, 0x00);
	assert_int_equal(test_in(fixture->ports, THR), 'y');
	assert_int_equal(test_in(fixture->ports, LSR), 0x60);
	test_out(fixture->ports, MCR, 0x02);
	assert_int_equal(test_in(fixture->ports, THR), 'z');
	assert_int_equal(test_in(fixture->ports, LSR), 0x60);
}

static void test_loopback(void **state)
{
	struct fixture *fixture = *state;
	char byte;

	test_in(fixture->ports, MSR);
	test_out(fixture->ports, IER, 0x0f);
	test_in(fixture->ports, IIR);
	test_out(fixture->ports, MCR, 0x10 | 0x0a);
	assert_int_equal(test_in(fixture->ports, IIR), 0x00); /* modem: DSR fell */
	assert_int_equal(test_in(fixture->ports, MSR), 0x92);
	assert_int_equal(test_in(fixture->ports, IIR), 0x01);
	test_out(fixture->ports, MCR, 0x1f);
	assert_int_equal(test_in(fixture->ports, MSR), 0xf2);
	test_out(fixture->ports, MCR, 0x10);
	assert_int_equal(test_in(fixture->ports, MSR), 0x0f);
	test_out(fixture->ports, THR, 'q');
	assert_int_equal(test_in(fixture->ports, IIR), 0x04);
	test_out(fixture->ports, THR, 'r');
	/* Overrun comes first; reading LSR ends it. */
	assert_int_equal(test_in(fixture->ports, IIR), 0x06);
	assert_int_equal(test_in(fixture->ports, LSR), 0x63);
	assert_int_equal(test_in(fixture->ports, LSR), 0x61);
	assert_int_equal(test_in(fixture->ports, THR), 'r');
	/* With a FIFO the sixteen stay, the newest is lost. */
	test_out(fixture->ports, IIR, 0x01);
	for (int i = 0; i < 20; i++)
		test_out(fixture->ports, THR, (uint8_t)('a' + i));
	assert_int_equal(test_in(fixture->ports, LSR), 0x63);
	for (int i = 0; i < 16; i++)
		assert_int_equal(test_in(fixture->ports, THR), 'a' + i);
	assert_int_equal(test_in(fixture->ports, LSR), 0x60);
	turn(fixture);
	assert_int_equal(recv(fixture->terminal, &byte, 1, MSG_DONTWAIT), -1);
}

static void test_state(void **state)
{
	struct fixture *fixture = *state;

	test_out(fixture->ports, IIR, 0x41);
	test_out(fixture->ports, MCR, 0x1b);
	test_out(fixture->ports, IER, 0x0f);
	test_out(fixture->ports, SCR, 0x77);
	for (int i = 0; i < 20; i++)
		test_out(fixture->ports, THR, (uint8_t)('a' + i));
	test_in(fixture->ports, MSR);
	test_round_trip(fixture->serial, fixture->other);
	assert_true(fixture->other_line.level);
	assert_int_equal(test_in(fixture->ports, 0x2f8 + 5), 0x63);
	assert_int_equal(test_in(fixture->ports, 0x2f8), 'a');
	test_cut_states(fixture->other);
	assert_false(fixture->other_line.level);
}

static void test_noise(void **state)
{
	struct fixture *fixture = *state;
	uint32_t seed = 16550;
	struct test_line line = { 0 };
	struct serial_config config = {
		.id = "com1", .ports = fixture->ports, .base = 0x3e8, .irq = test_line(&line)
	};
	struct device *twin;

	assert_int_equal(chardev_create(fixture->loop, -1, 0, &config.chardev), 0);
	assert_int_equal(serial_create(&config, &twin), 0);
	for (int i = 0; i < 10000; i++) {
		uint32_t noise = test_random(&seed);
		unsigned int size = 1u << (noise >> 8 & 1);
		uint64_t port = THR + (noise & 7);
		uint64_t value;

		if (noise & 0x10000)
			iobus_write(fixture->ports, port, size, noise >> 20);
		else
			iobus_read(fixture->ports, port, size, &value);
		if (noise % 61 == 0)
			type(fixture, "noise");
		if (noise % 101 == 0)
			test_round_trip(fixture->serial, twin);
	}
	twin->ops->free(twin);
	chardev_free(config.chardev);
	fixture->serial->ops->reset(fixture->serial);
	test_power_on(state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_power_on, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_divisor, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_output, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_transmit_interrupt, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_receive, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_flow, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_loopback, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_state, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_noise, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
