/* SPDX-License-Identifier: GPL-2.0-only */
/* The control socket (docs/vmm.md, "Control"), on the main thread's loop. */
#ifndef BERTH_VMM_CONTROL_H
#define BERTH_VMM_CONTROL_H

#include "lib/loop.h"
#include "vmm/machine.h"

#define CONTROL_PACKET_MAX 65536
#define CONTROL_CONNECTIONS_MAX 16

struct control;

/* `socket` is a listening one, the control's from now on. The machine must outlive it. */
int control_listen(
    struct loop *loop, int socket, struct machine *machine, struct control **ret_control);
/* Takes NULL. */
void control_close(struct control *control);

/* One packet to every connection that wants events. One that does not take it is closed. */
void control_event(struct control *control, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
