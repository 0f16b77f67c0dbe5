/* SPDX-License-Identifier: GPL-2.0-only */
/* Sets of the node's processors: bytes of eight each, and lists as "0-2,8". */
#ifndef BERTH_CLI_VIRSH_CPUS_H
#define BERTH_CLI_VIRSH_CPUS_H

#include "cli/virsh/shell.h"

#define CPUS_BYTES 256
#define CPUS_TEXT 256

/* How many the node has; -1, told by the connection, when it cannot be had. */
int cpus_of_host(struct shell *shell);

bool cpus_has(const uint8_t *map, int bytes, int cpu);

/* Those below `count` as a list. */
const char *cpus_list(const uint8_t *map, int bytes, int count, char text[CPUS_TEXT]);

/* Option "cpulist" ("0-3,^2", or "r" for all) as a map of `count` processors; tells when it is
 * none. */
bool cpus_given(struct shell *shell, int count, uint8_t map[CPUS_BYTES], uint32_t *ret_bytes);

#endif
