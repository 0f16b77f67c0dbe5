/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One connection: the handshake, within a time; the check of the subject; the byte that tells the
 * client that it is well (libvirt: virNetServerClientCheckAccess); then bytes both ways between the
 * client and berthd, which gets the subject in a line before them. Neither side makes the other's
 * data pile up: what is not taken is not read.
 */
#ifndef BERTH_TLS_LINK_H
#define BERTH_TLS_LINK_H

#include "lib/loop.h"
#include "tls/credentials.h"
#include "tls/subjects.h"

#define LINKS_MAX 128
#define LINKS_EARLY 16 /* in their handshakes; the oldest makes room for one more */
#define LINK_HANDSHAKE_SECONDS 10

struct link;

/* All of them, and what they share. */
struct links {
	struct loop *loop;
	const struct credentials *credentials;
	const struct subjects *subjects;
	const char *door;   /* berthd's socket */
	struct link *first; /* the newest */
	unsigned int count;
};

/* Serve the connection `fd` of `peer`; it is taken over in any case. */
void link_begin(struct links *links, int fd, const char *peer);
void links_end(struct links *links);

#endif
