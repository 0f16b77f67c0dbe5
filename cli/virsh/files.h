/* SPDX-License-Identifier: GPL-2.0-only */
/* Files that commands name. */
#ifndef BERTH_CLI_VIRSH_FILES_H
#define BERTH_CLI_VIRSH_FILES_H

#include <stdbool.h>

#include "lib/buf.h"

/* The whole file, "/dev/stdin" too. False, and told, when it cannot be read. */
bool files_read(const char *path, struct buf *ret_text);

/* All of it. False, with errno, when it cannot be written. */
bool files_write(int fd, const void *data, size_t length);

#endif
