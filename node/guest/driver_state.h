/* SPDX-License-Identifier: GPL-2.0-only */
/* States of a guest, and their reasons, as node/guest/driver has them. */
#ifndef BERTH_NODE_GUEST_DRIVER_STATE_H
#define BERTH_NODE_GUEST_DRIVER_STATE_H

/* Values as clients see them (libvirt: virDomainState). */
enum driver_state {
	DRIVER_RUNNING = 1,
	DRIVER_PAUSED = 3,
	DRIVER_SHUTTING_DOWN = 4,
	DRIVER_SHUT_OFF = 5,
	DRIVER_CRASHED = 6,
};

/* Why a guest runs, is paused, or is off (0: unknown), as clients see it (libvirt:
 * virDomain...Reason). */
enum driver_reason {
	DRIVER_BOOTED = 1,
	DRIVER_RESTORED = 3,
	DRIVER_UNPAUSED = 5,
	DRIVER_SAVE_CANCELED = 7,
	DRIVER_PAUSED_BY_USER = 1,
	DRIVER_PAUSED_SAVING = 3,
	DRIVER_PAUSED_DUMPING = 4,
	DRIVER_PAUSED_IO_ERROR = 5,
	DRIVER_PAUSED_CRASHED = 10,
	DRIVER_OFF_SHUT_DOWN = 1,
	DRIVER_OFF_DESTROYED = 2,
	DRIVER_OFF_CRASHED = 3,
	DRIVER_OFF_SAVED = 5,
	DRIVER_OFF_FAILED = 6,
};

#endif
