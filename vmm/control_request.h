/* SPDX-License-Identifier: GPL-2.0-only */
/* The verbs of the control socket (docs/vmm.md, "Control"). */
#ifndef BERTH_VMM_CONTROL_REQUEST_H
#define BERTH_VMM_CONTROL_REQUEST_H

#include "lib/buf.h"
#include "vmm/machine.h"

#define CONTROL_WORDS_MAX 64
#define CONTROL_FDS_MAX 32 /* with one request: a tap and vhost for each of 16 queue pairs */

struct control_request {
	struct machine *machine;
	struct machine_done done; /* of a job that it begins */
	unsigned int count;
	char *words[CONTROL_WORDS_MAX];
	char plug[1024]; /* what follows the verb, as it came; "" if that is too long */
	char rest[1024]; /* what follows the second word, likewise */
	unsigned int fd_count;
	int fds[CONTROL_FDS_MAX]; /* -1: taken over */
	bool later;		  /* it is answered when its job ends */
	bool wants_events;	  /* from now on, on its connection */
	struct why why;		  /* of a failure; empty: that of the error */
	struct buf out;
};

/* `text` is taken apart. 0, or -errno with the reason in `why`, if there is more to say. */
int control_request_serve(struct control_request *request, char *text);

#endif
