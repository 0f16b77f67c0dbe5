/* SPDX-License-Identifier: GPL-2.0-only */
/* Tables with a header, a line of dashes, and columns as wide as their widest cell. */
#ifndef BERTH_CLI_VIRSH_TABLE_H
#define BERTH_CLI_VIRSH_TABLE_H

#include <stdbool.h>

struct table;

/* The titles end with NULL. A table without memory is NULL, which all take. */
struct table *table_create(const char *const *titles);
void table_free(struct table *table);

/* One cell after the other, row by row. */
void table_add(struct table *table, const char *cell);
void table_add_format(struct table *table, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Without titles and dashes when it is `bare`. */
void table_print(const struct table *table, bool bare);

#endif
