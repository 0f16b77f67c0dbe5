/* SPDX-License-Identifier: GPL-2.0-only */
/* Numbers in text, strictly: the whole text must be the number, in range. */
#ifndef BERTH_LIB_NUM_H
#define BERTH_LIB_NUM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NUM_TEXT 32

/* Decimal digits only, no sign, no blanks; at most `max`. */
bool num_parse(const char *text, uint64_t max, uint64_t *ret_value);

/* Digits of a base up to 16 at `*at`, which moves behind them; a number of at most `max`. */
bool num_take(const char **at, unsigned int base, uint64_t max, uint64_t *ret_value);

/* -1 for what is no hexadecimal digit. */
int num_hex_digit(char digit);

/* `count` bytes of two hexadecimal digits each, in capitals or not, and nothing between them. What
 * comes behind is not looked at. */
bool num_hex_bytes(const char *text, size_t count, uint8_t *ret_bytes);

/* A number and one of s m h d, in seconds; at most `max` seconds. */
bool num_parse_duration(const char *text, uint64_t max, uint64_t *ret_seconds);

/* A number and one of K M G T (powers of 1024), in bytes; at most `max` bytes. The unit may not be
 * left out. */
bool num_parse_size(const char *text, uint64_t max, uint64_t *ret_bytes);

/* The number behind NAME and blanks at the start of a line; 0 without it. */
uint64_t num_field(const char *text, const char *name);

/* With the largest unit that leaves no remainder, so that parsing gives the same value. A size must
 * be a multiple of 1024. `text` is returned. */
const char *num_duration_text(uint64_t seconds, char text[NUM_TEXT]);
const char *num_size_text(uint64_t bytes, char text[NUM_TEXT]);

#endif
