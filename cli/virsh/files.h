/* SPDX-License-Identifier: GPL-2.0-only */
/* Files that commands name. */
#ifndef BERTH_CLI_VIRSH_FILES_H
#define BERTH_CLI_VIRSH_FILES_H

#include <stdbool.h>

#include "lib/buf.h"

/* The whole file, "/dev/stdin" too. False, and told, when it cannot be read. */
bool files_read(const char *path, struct buf *ret_text);

#endif
