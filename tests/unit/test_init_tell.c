/* SPDX-License-Identifier: GPL-2.0-only */
/* Where early boot's last words go. */
#include "tests/unit/unit_test.h"

#include "initramfs/tell.h"

#define HEADING "serinfo:1.0 driver revision:\n"

static void live_uarts(void **state)
{
	char names[TELL_CONSOLES][TELL_NAME];

	(void)state;
	assert_int_equal(
	    tell_extra_consoles(HEADING "0: uart:16550A port:000003F8 irq:4 tx:0 rx:0\n"
					"1: uart:unknown port:000002F8 irq:3\n"
					"12: uart:16550A mmio:0xFE000000 irq:11 tx:0 rx:0\n",
		"tty0\n", names),
	    2);
	assert_string_equal(names[0], "ttyS0");
	assert_string_equal(names[1], "ttyS12");
}

static void console_is_told_once(void **state)
{
	char names[TELL_CONSOLES][TELL_NAME];

	(void)state;
	assert_int_equal(tell_extra_consoles(HEADING "0: uart:16550A port:000003F8 irq:4\n"
						     "1: uart:16550A port:000002F8 irq:3\n",
			     "tty0 ttyS0\n", names),
	    1);
	assert_string_equal(names[0], "ttyS1");
	/* ttyS1 is not ttyS10. */
	assert_int_equal(tell_extra_consoles("1: uart:16550A\n", "ttyS10\n", names), 1);
}

static void no_uarts(void **state)
{
	char names[TELL_CONSOLES][TELL_NAME];

	(void)state;
	assert_int_equal(tell_extra_consoles("", "", names), 0);
	assert_int_equal(tell_extra_consoles(HEADING, "", names), 0);
	assert_int_equal(tell_extra_consoles("0: uart", "", names), 0);
	assert_int_equal(tell_extra_consoles("99999999999999999999: uart:16550A\n", "", names), 0);
}

static void more_than_there_is_room_for(void **state)
{
	char names[TELL_CONSOLES][TELL_NAME];

	(void)state;
	assert_int_equal(tell_extra_consoles("0: uart:8250\n1: uart:8250\n2: uart:8250\n"
					     "3: uart:8250\n4: uart:8250\n5: uart:8250\n",
			     "", names),
	    TELL_CONSOLES);
	assert_string_equal(names[TELL_CONSOLES - 1], "ttyS4");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(live_uarts),
		cmocka_unit_test(console_is_told_once),
		cmocka_unit_test(no_uarts),
		cmocka_unit_test(more_than_there_is_room_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
