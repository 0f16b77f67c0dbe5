/* SPDX-License-Identifier: GPL-2.0-only */
/* What node/guest/driver passes along with its operations: how they end, what they are to do. */
#ifndef BERTH_NODE_GUEST_DRIVER_JOB_H
#define BERTH_NODE_GUEST_DRIVER_JOB_H

#include <stdbool.h>
#include <stdint.h>

/* How an operation that takes time tells its end: called once, on the loop's thread, perhaps before
 * the operation returns. `message` names what failed and why; NULL on success. */
struct driver_done {
	void (*call)(void *context, int result, const char *message);
	void *context;
};

enum driver_verb {
	DRIVER_START,
	DRIVER_START_PAUSED,
	DRIVER_START_FRESH, /* without the saved state that there is */
	DRIVER_START_FRESH_PAUSED,
	DRIVER_SHUTDOWN, /* press the power button; done when it is pressed */
	DRIVER_REBOOT,	 /* the same, and start again */
	DRIVER_RESET,
	DRIVER_DESTROY,
	DRIVER_SUSPEND,
	DRIVER_RESUME,
	DRIVER_NMI,
};

/* What the file has no key for of a guest: XML, kept beside the file under the guest's UUID. */
struct driver_parts {
	uint8_t uuid[16];
	const char *text; /* NULL: none from now on */
};

/* Whether a guest runs once it is restored. */
enum driver_go { DRIVER_AS_IT_WAS, DRIVER_GOES, DRIVER_STANDS };

struct driver_save {
	const char *path; /* absolute; NULL: where its next start finds it */
	enum driver_go go;
};

struct driver_dump {
	const char *path;
	bool live;  /* it goes on meanwhile */
	bool crash; /* afterwards it is stopped, as crashed, */
	bool reset; /* or reset */
};

/* What takes long with a guest, and can be given up. */
enum driver_job_kind { DRIVER_JOB_NONE, DRIVER_JOB_SAVE, DRIVER_JOB_DUMP };
enum driver_job_end { DRIVER_JOB_GOES_ON, DRIVER_JOB_DONE, DRIVER_JOB_FAILED, DRIVER_JOB_GIVEN_UP };

struct driver_job {
	enum driver_job_kind kind;
	enum driver_job_end end;
	uint64_t elapsed;	   /* nanoseconds */
	uint64_t processed, total; /* of memory, bytes */
	uint64_t written;	   /* to the file */
};

#endif
