/* SPDX-License-Identifier: GPL-2.0-only */
/* The speed of a serial port by the firmware's table, in a made-up sysfs. */
#include "tests/unit/unit_test.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/spcr.h"

static char sys[64];

static void write_file(const char *path, const void *data, size_t length)
{
	char full[256];
	FILE *stream;

	snprintf(full, sizeof(full), "%s/%s", sys, path);
	for (char *slash = strchr(full + strlen(sys) + 1, '/'); slash;
	     slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		mkdir(full, 0755);
		*slash = '/';
	}
	stream = fopen(full, "w");
	assert_non_null(stream);
	assert_int_equal(fwrite(data, 1, length, stream), length);
	assert_int_equal(fclose(stream), 0);
}

static void write_table(uint8_t space, uint64_t address, uint8_t baud, size_t length)
{
	unsigned char table[80] = "SPCR";

	table[40] = space;
	memcpy(table + 44, &address, sizeof(address));
	table[58] = baud;
	write_file("firmware/acpi/tables/SPCR", table, length);
}

static int make_sys(void **state)
{
	(void)state;
	strcpy(sys, "/tmp/berth-spcr-XXXXXX");
	assert_non_null(mkdtemp(sys));
	write_file("class/tty/ttyS0/port", "0x3F8\n", 6);
	write_file("class/tty/ttyS0/iomem_base", "0x0\n", 4);
	write_file("class/tty/ttyS1/port", "0x2F8\n", 6);
	write_file("class/tty/ttyS4/iomem_base", "0xFEDC9000\n", 11);
	return 0;
}

static int remove_sys(void **state)
{
	char command[128];

	(void)state;
	snprintf(command, sizeof(command), "rm -r %s", sys);
	return system(command);
}

static void no_table(void **state)
{
	(void)state;
	assert_int_equal(spcr_speed(sys, "ttyS0"), B115200);
}

static void each_speed_of_the_port_that_it_names(void **state)
{
	static const struct {
		uint8_t code;
		speed_t speed;
	} known[] = { { 0, B115200 }, { 1, B115200 }, { 3, B9600 }, { 4, B19200 }, { 6, B57600 },
		{ 7, B115200 }, { 255, B115200 } };

	(void)state;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		write_table(1, 0x3f8, known[i].code, 80);
		assert_int_equal(spcr_speed(sys, "ttyS0"), known[i].speed);
		assert_int_equal(spcr_speed(sys, "ttyS1"), B115200);
		assert_int_equal(spcr_speed(sys, "ttyS7"), B115200);
	}
}

static void ports_in_memory(void **state)
{
	(void)state;
	write_table(0, 0xfedc9000, 4, 80);
	assert_int_equal(spcr_speed(sys, "ttyS4"), B19200);
	assert_int_equal(spcr_speed(sys, "ttyS0"), B115200);
	/* No address: the table stands for "no console". */
	write_table(0, 0, 4, 80);
	assert_int_equal(spcr_speed(sys, "ttyS0"), B115200);
	/* A kind of address that serial ports have not. */
	write_table(2, 0x3f8, 4, 80);
	assert_int_equal(spcr_speed(sys, "ttyS0"), B115200);
}

static void cut_off(void **state)
{
	(void)state;
	for (size_t length = 0; length < 80; length++) {
		write_table(1, 0x3f8, 3, length);
		assert_int_equal(spcr_speed(sys, "ttyS0"), B115200);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(no_table, make_sys, remove_sys),
		cmocka_unit_test_setup_teardown(
		    each_speed_of_the_port_that_it_names, make_sys, remove_sys),
		cmocka_unit_test_setup_teardown(ports_in_memory, make_sys, remove_sys),
		cmocka_unit_test_setup_teardown(cut_off, make_sys, remove_sys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
