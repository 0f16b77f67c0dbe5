/* SPDX-License-Identifier: GPL-2.0-only */
/* A definition out of its text, whole and checked. */
#ifndef BERTH_VMM_DEFINITION_PARSE_H
#define BERTH_VMM_DEFINITION_PARSE_H

#include <stdbool.h>
#include <stddef.h>

#include "vmm/core/why.h"
#include "vmm/definition.h"

/* Read a whole definition. 0, or -EINVAL with `ret_why` naming the line, what is wrong and what is
 * right. Descriptors are numbers here; nothing is opened or closed. `ret_definition` is only of use
 * on success. */
int definition_parse(
    const char *text, size_t length, struct definition *ret_definition, struct why *ret_why);

/* The words of a live addition, after its verb: "disk id=… fd=…" with the same rules. Numbers of
 * descriptors are of those passed along, counted from 0. */
int definition_parse_disk(const char *words, struct definition_disk *ret_disk, struct why *ret_why);
int definition_parse_nic(const char *words, struct definition_nic *ret_nic, struct why *ret_why);

/* A list of the node's processors, "0-3,8", which is cut up. False: it is none. */
bool definition_parse_cpus(char *text, cpu_set_t *ret_cpus);

#endif
