/* SPDX-License-Identifier: GPL-2.0-only */
/* What every unit test includes first: cmocka and what it needs before it. */
#ifndef BERTH_TESTS_UNIT_TEST_H
#define BERTH_TESTS_UNIT_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#endif
