/* SPDX-License-Identifier: GPL-2.0-only */
/* Definitions of guests in other programs' words: the node turns them into XML. */
#ifndef BERTH_CLI_VIRSH_NATIVE_H
#define BERTH_CLI_VIRSH_NATIVE_H

#include "cli/virsh/shell.h"

/* The file's XML, as long as the command; NULL, and told, when it cannot be had. */
const char *native_xml(struct shell *shell, const char *format, const char *path);

#endif
