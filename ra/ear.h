/* SPDX-License-Identifier: GPL-2.0-only */
/* The process that reads what routers say. It may do nothing but tell, in messages of one size,
 * what it understood. */
#ifndef BERTH_RA_EAR_H
#define BERTH_RA_EAR_H

#include <stdbool.h>
#include <sys/types.h>

#include "ra/advert.h"

struct ear_told {
	unsigned int interface; /* its index */
	struct advert advert;
};

/* A raw socket that gets router advertisements, with what ear_run() wants to know of each. The
 * descriptor or -errno. */
int ear_open(void);

/* From here on nothing can be opened, started, sent or become more: another user, in an empty root
 * and a network without a way out. What is open already stays. 0 or -errno. */
int ear_enter(uid_t uid, gid_t gid);

/* Tell all that `socket` gets into `out`, a socket of packets. Returns when nobody reads them. */
void ear_run(int socket, int out);

/* The other end: whether there is one more. False as well when the ear is gone, or lies. */
bool ear_take(int in, struct ear_told *ret_told);

/* Whether the filter has a row for the call. */
bool ear_lists(long call);

#endif
