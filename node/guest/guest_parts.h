/* SPDX-License-Identifier: GPL-2.0-only */
/* What the rooms of a guest (guest_life, guest_launch, guest_act) have of each other. */
#ifndef BERTH_NODE_GUEST_GUEST_PARTS_H
#define BERTH_NODE_GUEST_GUEST_PARTS_H

#include "node/guest/guest.h"

struct conf_plug;

/* A saved state to start from. */
struct guest_source {
	struct config *config; /* what it is run with */
	int fd;		       /* the whole file */
	unsigned int restore;  /* enum persist_restore */
};

/* What to do about a state for the next start that cannot be used. */
#define GUEST_BOOT_ANEW "; virsh start --force-boot boots it anew"

/* guest_launch: open everything and start the process, from `source` if that is not NULL. 0, with
 * pid, id, pidfd, taps and disks set and written down; or -errno with one line in `why` and nothing
 * left behind. */
int guest_launch(
    struct guest *guest, bool paused, const struct guest_source *source, struct buf *why);

/* guest_launch: names that belong to the process. */
void guest_forget_names(struct guest *guest);
/* guest_launch: fill them from the section and what was written down. */
void guest_recall_names(struct guest *guest);

/* guest_launch: the same after a device has come (its name is taken over) or gone. */
int guest_add_name(char ***names, char *name);
void guest_remove_name(char **names, unsigned int index);

/* guest_plug: "disk vda removed". */
void guest_unplugged(struct guest *guest, bool is_nic, const char *id);
/* guest_plug: its process was found; what it has not any more is gone. */
void guest_plug_found(struct guest *guest);
/* guest_plug: what it runs with: in its folder, and here. */
int guest_plug_write(struct guest *guest, const struct config *config);
void guest_plug_use(struct guest *guest, struct config *config);
/* guest_plug: begin one change of what it runs with: 0, and `done` is called; or -errno. */
int guest_plug_change(
    struct guest *guest, const struct conf_plug *change, struct buf *why, struct driver_done done);

/* guest_plug_file: the file says other devices now; those that came or went since `before` do. */
void guest_plug_file(struct guest *guest, struct config *before);
/* guest_plug_file: and how often the guest is asked about its memory. */
void guest_plug_period(struct guest *guest, uint64_t seconds);
/* guest_plug_file: a change has ended: the next of what the file wants. */
void guest_plug_go_on(struct guest *guest);
/* guest_plug_file: one of them did not come: the rest is for the next start. */
void guest_plug_later(struct guest *guest, const char *why);
/* guest_plug_file: the process is gone, and its requests have been answered. */
void guest_plug_end(struct guest *guest);

/* guest_life: start it now, if it is off. */
void guest_start(
    struct guest *guest, bool paused, const struct guest_source *source, struct driver_done done);
/* guest_life: it was to start, and `text` says why it does not. */
void guest_not_started(struct guest *guest, int error, const char *text, struct driver_done done);
/* guest_restore: start it as the file of its last save says. */
void guest_start_saved(struct guest *guest, bool paused, struct driver_done done);
/* guest_restore: its process has the state, and stands still. What is to be done before it runs is
 * done, and whoever waits is answered. */
void guest_restore_found(struct guest *guest);
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
/* guest_act: threads of a running one go where `conf` has them and `before` had not. */
void guest_set_pins(
    struct guest *guest, const struct conf_guest *before, const struct conf_guest *conf);

#endif
