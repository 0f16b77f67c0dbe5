/* SPDX-License-Identifier: GPL-2.0-only */
/* Guests that exist in memory only, behind node/guest/driver.h: what the server is tested with. */
#ifndef BERTH_TESTS_FAKE_DRIVER_H
#define BERTH_TESTS_FAKE_DRIVER_H

#include "conf/load.h"
#include "lib/loop.h"
#include "node/guest/config.h"
#include "node/guest/driver.h"
#include "node/server.h"

#define FAKE_GUESTS 600
#define FAKE_PARTS 40

struct fake_guest {
	const struct conf_guest *conf;
	uint8_t uuid[16];
	int id;
	enum driver_state state;
	int reason;
	bool transient;
	bool full;	       /* its disk's image has no room */
	int console;	       /* the guest's end, or -1 */
	struct driver_job job; /* that ended last */
	uint64_t memory;       /* what the balloon leaves; 0: all */
	const char *taps[9];
	const char *disks[9]; /* those that are absolute paths */
	struct netaddr_mac macs[8];
};

struct fake_driver {
	struct loop *loop;
	struct server *server; /* is told of events, unless NULL */
	struct conf conf;
	struct buf file; /* its text */
	struct fake_guest guests[FAKE_GUESTS];
	unsigned int count;
	int last_id;
	bool slow; /* verbs wait for fake_driver_finish() */
	struct fake_wait {
		uint8_t uuid[16];
		enum driver_verb verb;
		struct driver_done done;
	} waiting[64];
	unsigned int waiting_count;
	struct fake_state { /* of pools and networks, as clients made it */
		char name[64];
		bool active;
	} states[64];
	unsigned int state_count;
	unsigned int plugged;  /* how often a running guest got or lost a device */
	const char *fault;     /* the next verb or edit fails with this message */
	const char *store;     /* folder of saved states; NULL: there is none */
	struct config *looked; /* that of the saved guest looked at last */
	struct fake_parts {
		uint8_t uuid[16];
		struct buf text;
	} parts[FAKE_PARTS];
};

extern const struct driver_ops fake_driver_ops;

/* Guests and networks of a berth.conf. 0, or -EBADMSG when it does not check. */
int fake_driver_init(struct fake_driver *fake, struct loop *loop, const char *text);
void fake_driver_done(struct fake_driver *fake);

/* Do what waits. */
void fake_driver_finish(struct fake_driver *fake);

/* What saved guests need of it (fake_saved.c). */
struct driver_guest fake_driver_seen(struct fake_driver *fake, const struct fake_guest *guest);
struct fake_guest *fake_driver_of(struct fake_driver *fake, const uint8_t uuid[16]);
void fake_driver_tell(
    struct fake_driver *fake, const struct fake_guest *guest, enum server_event event, int detail);
void fake_driver_stop(struct fake_driver *fake, struct fake_guest *guest, int reason, int detail);
void fake_driver_perform(struct fake_driver *fake, struct fake_guest *guest, enum driver_verb verb);

bool fake_saved_is(const struct fake_driver *fake, const struct fake_guest *guest);
void fake_saved_start(struct fake_driver *fake, struct fake_guest *guest, bool stands);
int fake_saved_forget(void *driver, const uint8_t uuid[16]);
void fake_saved_save(
    void *driver, const uint8_t uuid[16], const struct driver_save *save, struct driver_done done);
void fake_saved_restore(void *driver, const char *path, enum driver_go go, struct driver_done done);
void fake_saved_dump(
    void *driver, const uint8_t uuid[16], const struct driver_dump *dump, struct driver_done done);
int fake_saved_look(void *driver, const uint8_t uuid[16], const char *path,
    struct driver_saved *ret_saved, struct buf *complaint);
int fake_saved_change(void *driver, const uint8_t uuid[16], const char *path, enum driver_go go,
    struct buf *complaint);
int fake_saved_job(void *driver, const uint8_t uuid[16], bool ended, struct driver_job *ret_job);
void fake_saved_give_up(void *driver, const uint8_t uuid[16], struct driver_done done);

struct fake_guest *fake_driver_find(struct fake_driver *fake, const char *name);

#endif
