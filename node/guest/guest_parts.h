/* SPDX-License-Identifier: GPL-2.0-only */
/* What the rooms of a guest (guest_life, guest_launch, guest_act) have of each other. */
#ifndef BERTH_NODE_GUEST_GUEST_PARTS_H
#define BERTH_NODE_GUEST_GUEST_PARTS_H

#include "node/guest/guest.h"

/* guest_launch: open everything and start the process. 0, with pid, id, pidfd, taps and disks set
 * and written down; or -errno with one line in `why` and nothing left behind. */
int guest_launch(struct guest *guest, bool paused, struct buf *why);

/* guest_launch: names that belong to the process. */
void guest_forget_names(struct guest *guest);
/* guest_launch: fill them from the section and what was written down. */
void guest_recall_names(struct guest *guest);

/* guest_life: start it now, if it is off. */
void guest_start(struct guest *guest, bool paused, struct driver_done done);
/* guest_life: write down and tell what changed. */
void guest_save(struct guest *guest);
void guest_set_state(struct guest *guest, enum guest_state state);
void guest_tell(struct guest *guest, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* guest_act: tell it to stop; it is killed if it does not. `wish` says what comes after. */
void guest_stop(struct guest *guest, enum policy_wish wish);
/* guest_act: "STATE REASON" or "disk ID ..." from its process. */
void guest_event(struct guest *guest, const char *text);
/* guest_act: the answer to "status". */
void guest_status(struct guest *guest, const char *answer);
/* guest_act: answer those that wait. */
void guest_answer(struct guest *guest, bool for_end, int result, const char *message);
bool guest_wait(struct guest *guest, bool for_end, struct driver_done done);

#endif
