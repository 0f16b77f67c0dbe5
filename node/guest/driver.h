/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the daemon's core offers to those who serve clients: one table of operations, so that the
 * server is tested with guests that exist in memory only. The core implements it, node/server calls
 * it, on the loop's thread. An operation that is NULL is answered to clients as not supported.
 *
 * Results are 0 or -errno: -ENOENT there is no such guest, -EBUSY the guest's state does not allow
 * it, -EEXIST the name or UUID is taken, -EINVAL the request makes no sense, -EOPNOTSUPP it cannot
 * be done with this guest, others as the system gave them.
 */
#ifndef BERTH_NODE_GUEST_DRIVER_H
#define BERTH_NODE_GUEST_DRIVER_H

#include <stdbool.h>
#include <stdint.h>

#include "conf/edit.h"
#include "conf/model.h"
#include "node/guest/driver_job.h"
#include "node/guest/driver_state.h"
#include "node/guest/driver_stats.h"

/* A guest as it is now. What it points to is valid until the next operation that may change it, or
 * until control goes back to the loop. */
struct driver_guest {
	const struct conf_guest *conf; /* what it runs with; of one that is off, the file's */
	uint8_t uuid[16];
	int id; /* of this start, 1 and up; -1 when off */
	enum driver_state state;
	int reason;
	bool persistent; /* a section of the file */
	bool autostart;
	bool changed;		  /* the file says something else than what it runs with */
	bool saved;		  /* its next start goes on with a saved state */
	const char *const *taps;  /* interface names of the NICs in their order; NULL when off */
	const char *const *disks; /* paths of the disks, then CD-ROMs, then floppies; or NULL */
	const struct netaddr_mac *macs; /* of the NICs in their order; or NULL */
	const char *console_path;	/* pty of the first console, or NULL */
	const char *full_disk; /* target of one whose image had no room for a write; or NULL */
	const char *slots;     /* where its devices are, as `devices` tells; NULL: not asked */
	const char *const *messages; /* NULL-terminated: what an operator should know; or NULL */
};

/* A saved guest in a file. What `guest` points to is valid as that of struct driver_guest. */
struct driver_saved {
	struct driver_guest guest;
	const struct conf_model *model; /* that its section belongs to */
	bool stands;			/* it is paused once it is restored */
};

struct driver_ops {
	/* The checked configuration that the node runs with. Never NULL. */
	const struct conf_model *(*model)(void *driver);

	/* Every guest, those of the file in its order first, until `each` says false. */
	void (*guests)(void *driver, bool (*each)(void *context, const struct driver_guest *guest),
	    void *context);

	/* Counters of a running guest; pointers are valid until the next operation. */
	int (*stats)(void *driver, const uint8_t uuid[16], struct driver_stats *ret_stats);

	/* Where the devices of a running guest are on its PCI bus, lines of "KIND.ID.slot=NUMBER":
	 * "disk.vda", "nic.net525400112233", "rng.rng". */
	int (*devices)(void *driver, const uint8_t uuid[16], struct buf *ret_text);

	void (*act)(
	    void *driver, const uint8_t uuid[16], enum driver_verb verb, struct driver_done done);

	/* A stream socket, the caller's to close, that carries the bytes of a console. `device` is
	 * NULL (the first), "serialN" or "consoleN". */
	int (*open_console)(
	    void *driver, const uint8_t uuid[16], const char *device, int *ret_descriptor);

	/* Live changes: bytes of memory that the balloon aims at, vCPUs. */
	void (*set_memory)(
	    void *driver, const uint8_t uuid[16], uint64_t bytes, struct driver_done done);

	/* The file of a running guest's disk, by its number, grows; the guest is told. A disk that
	 * is a device is looked at again. -EINVAL: it would shrink. */
	void (*resize_disk)(void *driver, const uint8_t uuid[16], unsigned int index,
	    uint64_t bytes, struct driver_done done);

	/* A disk or NIC of a running guest comes, goes, or gets other limits or another link: one
	 * device, as edits of the keys "disk" and "nic" of its section, on what it runs with
	 * (driver_guest.conf); the file stays as it is. Done when it has come or is changed. One
	 * that is to go has been asked for then, and has gone when driver_guest.conf has it no
	 * more. -EEXIST, -ENOENT; -EOPNOTSUPP for what needs a new start; -EAGAIN while another is
	 * on its way. */
	void (*plug)(void *driver, const uint8_t uuid[16], const struct conf_edit *edits,
	    size_t count, struct driver_done done);

	/* Save a guest that runs, and stop it; on an error it runs on, and there is no file. */
	void (*save)(void *driver, const uint8_t uuid[16], const struct driver_save *save,
	    struct driver_done done);
	void (*restore)(void *driver, const char *path, enum driver_go go, struct driver_done done);
	void (*dump)(void *driver, const uint8_t uuid[16], const struct driver_dump *dump,
	    struct driver_done done);
	/* Of a saved guest: of the file, or, without a path, what the next start of `uuid` finds.
	 * -ENODATA: there is none. `complaint` gets one line. */
	int (*look_at_saved)(void *driver, const uint8_t uuid[16], const char *path,
	    struct driver_saved *ret_saved, struct buf *complaint);
	/* Change whether it runs once it is restored. */
	int (*change_saved)(void *driver, const uint8_t uuid[16], const char *path,
	    enum driver_go go, struct buf *complaint);
	/* The next start is a boot. -ENODATA: there is none. */
	int (*forget_saved)(void *driver, const uint8_t uuid[16]);
	/* The job that a guest has, or the last one that ended. */
	int (*job)(void *driver, const uint8_t uuid[16], bool ended, struct driver_job *ret_job);
	void (*give_up_job)(void *driver, const uint8_t uuid[16], struct driver_done done);

	/* Change the file, and with `parts` what is kept beside it, and run with it: done when it
	 * is stored, one after the other. -EBADMSG with what the compiler says. */
	void (*edit)(void *driver, const struct conf_edit *edits, size_t count,
	    const struct driver_parts *parts, struct driver_done done);

	/* Start the guest `name` as the file would say it after the edits, which it is not to say:
	 * one that the file does not have is gone when it ends. */
	void (*create)(void *driver, const struct conf_edit *edits, size_t count, const char *name,
	    const struct driver_parts *parts, bool paused, struct driver_done done);

	/* Start or stop a network, until the node's next start. */
	void (*network_set_active)(
	    void *driver, const char *name, bool active, struct driver_done done);

	/* What is kept of a guest beside the file. 0, -ENOENT or another -errno. */
	int (*parts)(void *driver, const uint8_t uuid[16], struct buf *out);

	/* The file's text as it is, for edits. */
	const char *(*file)(void *driver, size_t *ret_length);

	/* Whether a network's bridge is there, a pool's folder mounted. */
	bool (*network_active)(void *driver, const struct conf_network *network);
	bool (*pool_active)(void *driver, const struct conf_pool *pool);

	/* Start or stop a pool, until the node's next start. 0 or -errno. */
	int (*pool_set_active)(void *driver, const char *name, bool active);

	/* The folder that pools of clients must lie in; NULL: anywhere. */
	const char *pool_root;
};

#endif
