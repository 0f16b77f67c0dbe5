/* SPDX-License-Identifier: GPL-2.0-only */
/* What takes long with a guest's process: its state, or its memory, into a file. The process writes
 * it, on a connection of its own, whose end is the job's: without this daemon the guest goes on. */
#ifndef BERTH_NODE_GUEST_GUEST_JOB_H
#define BERTH_NODE_GUEST_GUEST_JOB_H

#include "node/guest/guest.h"

/* Save it to `save->path`, which must be given, then stop it. `stands`: it is paused now. */
void guest_job_save(struct guest *guest, const struct driver_save *save, bool stands,
    bool with_node, struct driver_done done);
void guest_job_dump(struct guest *guest, const struct driver_dump *dump, struct driver_done done);
void guest_job_give_up(struct guest *guest, struct driver_done done);

/* How far it is, or how the last one ended. -ENODATA: there is none. */
int guest_job_read(const struct guest *guest, bool ended, struct driver_job *ret_job);

/* "KIND PROCESSED TOTAL", from its process. */
void guest_job_event(struct guest *guest, const char *text);
/* The process is gone, and with it what it was writing. */
void guest_job_lost(struct guest *guest);
/* Its process stands still, perhaps for what an earlier daemon began: finish that, or undo it. */
void guest_job_recall(struct guest *guest, const char *reason);

#endif
