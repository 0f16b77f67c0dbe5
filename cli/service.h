/* SPDX-License-Identifier: GPL-2.0-only */
/* What runsv says of a service, and whether that is well. */
#ifndef BERTH_CLI_SERVICE_H
#define BERTH_CLI_SERVICE_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Whether /run/service/NAME runs and stays so. If not, `ret_why` says what is wrong. `uptime` is
 * the node's, in seconds.
 */
bool service_is_well(const char *name, double uptime, char *ret_why, size_t size);

#endif
