/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One guest: what it is to be, what it is, and its process, if it has one. All on the loop's
 * thread. Everything that a new daemon must know is in the guest's folder before it counts
 * (node/persist), so that the daemon may be killed at any time. Its rooms: guest_life,
 * guest_launch, guest_act.
 */
#ifndef BERTH_NODE_GUEST_GUEST_H
#define BERTH_NODE_GUEST_GUEST_H

#include "lib/loop.h"
#include "node/guest/alias.h"
#include "node/guest/config.h"
#include "node/guest/control.h"
#include "node/guest/driver.h"
#include "node/guest/paths.h"
#include "node/guest/persist.h"

enum guest_state {
	GUEST_OFF,
	GUEST_STARTING, /* its process is there and has not answered yet */
	GUEST_RUNNING,
	GUEST_PAUSED,
	GUEST_SHUTTING_DOWN, /* with the node */
	GUEST_CRASHED,	     /* its process is kept, as on-crash says */
	GUEST_BACKING_OFF,   /* starts again by itself, later */
};

struct guest;
struct guest_job;
struct saved;

/* What all guests share. */
struct guest_env {
	struct loop *loop;
	const struct node_paths *paths;
	bool sandbox_off; /* for tests */
	bool closing;	  /* the node goes down: nothing starts any more */
	int last_id;
	/* Something about the guest is not as it was. Not to free it. */
	void (*changed)(void *context, struct guest *guest);
	void *context;
};

/* Somebody who waits for the guest to have started or ended. */
struct guest_waiter {
	struct guest_waiter *next;
	bool for_end;
	struct driver_done done;
};

struct guest {
	struct guest *next;
	struct guest_env *env;
	char *name;
	uint8_t uuid[16];
	struct config *filed;	       /* whose section it has; NULL: gone from the file */
	const struct conf_guest *conf; /* that section */
	bool transient;		       /* the section is of no file, and ends with the process */
	struct config *used;	       /* what its process was started with; NULL without one */
	const struct conf_guest *running;

	enum guest_state state;
	enum driver_reason pause; /* why it is paused */
	enum driver_reason ran;	  /* why it runs */
	struct persist kept;
	int pidfd; /* -1: no process */
	struct loop_watch *exit;
	struct control *control;
	struct loop_timer again;    /* the next start */
	struct loop_timer retry;    /* of finding the process's control */
	struct loop_timer kill;	    /* of one that was told to stop, and does not */
	struct loop_timer shutdown; /* of one that was asked to shut down with the node, */
	uint64_t shutdown_rest;	    /* and what comes after it */
	bool resumes;		    /* saved with the node: it starts with it */
	struct guest_waiter *waiters;
	struct guest_job *job;	    /* what takes long; NULL: nothing */
	struct driver_job last_job; /* that ended */
	char **taps;		    /* NULL-terminated; of its NICs */
	char **disks;
	struct plug_job *plugging; /* a device is on its way in, or is tuned */
	struct config *wanted;	   /* the file's devices come and go by these two; or NULL */
	struct config *wanted_before;
	uint32_t disks_asked; /* to go, by their number */
	uint32_t nics_asked;
	char trouble[PERSIST_TEXT]; /* of a device, while it runs */
	char full_disk[ALIAS_MAX];  /* that met the end of its image's space; or empty */
	bool full_told;		    /* to clients */
	enum guest_state told;	    /* what clients were told last (node/guests_driver) */
	bool told_conf;
	bool redefined; /* since then */
	bool rebooted;	/* since then */
	bool job_ended;
	uint64_t memory;	     /* that its balloon leaves it, since then; 0: as before */
	char device_came[ALIAS_MAX]; /* or empty */
	char device_gone[ALIAS_MAX];
	bool restored;
};

/* A guest that is off, without a section. NULL without memory. */
struct guest *guest_create(struct guest_env *env, const char *name);
/* Its process, if any, is left alone. */
void guest_free(struct guest *guest);

/* Its section, or NULL when the file has none any more. Bounds that can be changed are, and with
 * `live` its disks and NICs. */
void guest_set_conf(
    struct guest *guest, struct config *config, const struct conf_guest *conf, bool live);

/* Find what an earlier daemon left: a process that runs, or one that has ended since. `current` is
 * the configuration in force. */
void guest_adopt(struct guest *guest, struct config *current);

/* Whether it has a process. */
bool guest_has_process(const struct guest *guest);

/* All operations of a client; see node/driver. */
void guest_act(struct guest *guest, enum driver_verb verb, struct driver_done done);
void guest_set_memory(struct guest *guest, uint64_t bytes, struct driver_done done);
void guest_resize_disk(
    struct guest *guest, unsigned int index, uint64_t bytes, struct driver_done done);
void guest_plug(
    struct guest *guest, const struct conf_edit *edits, size_t count, struct driver_done done);

/* Where its saved state is, for its next start; and whether there is one. */
const char *guest_saved_path(const struct guest *guest, char path[NODE_PATH]);
bool guest_is_saved(const struct guest *guest);
/* 0, -ENODATA when there is none, or another -errno. */
int guest_forget_saved(struct guest *guest);
/* Start it from a file, which stays, with the rest of the configuration in force. */
void guest_restore(struct guest *guest, struct config *current, const char *path, enum driver_go go,
    struct driver_done done);
/* Save it for its next start, or to a file of a client's. `stands`: it is paused now; `with_node`:
 * it starts with the node. */
void guest_save_state(struct guest *guest, const struct driver_save *save, bool stands,
    bool with_node, struct driver_done done);

/* A stream socket that carries a console; `id` is NULL for the first. 0 or -errno. */
int guest_open_console(struct guest *guest, const char *id, int *ret_socket);

/* The node goes down: shut it down, and stop it when its time is over. */
void guest_leave(struct guest *guest);

/* `name` in its folder, or the folder itself without one. */
const char *guest_path(const struct guest *guest, const char *name, char path[NODE_PATH]);

/* Append one line each for what an operator should know. */
void guest_messages(const struct guest *guest, struct buf *buf);

#endif
