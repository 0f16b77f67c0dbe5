/* SPDX-License-Identifier: GPL-2.0-only */
/* A text in the user's editor: $VISUAL, $EDITOR, or vi. */
#ifndef BERTH_CLI_VIRSH_EDITOR_H
#define BERTH_CLI_VIRSH_EDITOR_H

#include <stdbool.h>

#include "lib/buf.h"

/* What the user makes of `text`. False, and told, when the editor does not end well. */
bool editor_edit(const char *text, struct buf *ret_text);

#endif
