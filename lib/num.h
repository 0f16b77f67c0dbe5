/* SPDX-License-Identifier: GPL-2.0-only */
/* Numbers in text, strictly: the whole text must be the number, in range. */
#ifndef BERTH_LIB_NUM_H
#define BERTH_LIB_NUM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Decimal digits only, no sign, no blanks; at most `max`. */
bool num_parse(const char *text, uint64_t max, uint64_t *ret_value);

/* A number and one of s m h d, in seconds; at most `max` seconds. */
bool num_parse_duration(const char *text, uint64_t max, uint64_t *ret_seconds);

#endif
