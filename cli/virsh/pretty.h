/* SPDX-License-Identifier: GPL-2.0-only */
/* Sizes for people. */
#ifndef BERTH_CLI_VIRSH_PRETTY_H
#define BERTH_CLI_VIRSH_PRETTY_H

#include <stdint.h>

#define PRETTY_TEXT 32

/* "1.000 GiB", and "1.00 GiB". */
const char *pretty_size(uint64_t bytes, char text[PRETTY_TEXT]);
const char *pretty_capacity(uint64_t bytes, char text[PRETTY_TEXT]);

/* Print the bits that are set as "0-1,3". */
void pretty_print_list(const uint8_t *map, int count);

#endif
