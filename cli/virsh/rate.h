/* SPDX-License-Identifier: GPL-2.0-only */
/* What a network interface may do in a second: average[,peak[,burst[,floor]]]. */
#ifndef BERTH_CLI_VIRSH_RATE_H
#define BERTH_CLI_VIRSH_RATE_H

#include <stdbool.h>
#include <stdint.h>

#define RATE_FIELDS 4

extern const char *const rate_words[RATE_FIELDS];

/* Those that are not given are 0. Tells what is wrong; `out`: of what the guest sends; `needed`:
 * nothing at all is wrong too. */
bool rate_parse(const char *text, bool out, bool needed, uint64_t ret_values[RATE_FIELDS]);

#endif
