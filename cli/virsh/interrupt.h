/* SPDX-License-Identifier: GPL-2.0-only */
/* Ctrl+C while a command waits: it is remembered, and the command ends in order. */
#ifndef BERTH_CLI_VIRSH_INTERRUPT_H
#define BERTH_CLI_VIRSH_INTERRUPT_H

#include <stdbool.h>

/* From here to interrupt_release(). */
void interrupt_catch(void);
void interrupt_release(void);

/* Whether it came since it was last asked for. */
bool interrupt_came(void);

#endif
