/* SPDX-License-Identifier: GPL-2.0-only */
/* Where a connection goes: qemu+ssh://root@node/system and the like (libvirt.org, "Connection
 * URIs"). */
#ifndef BERTH_CLI_VIRSH_URI_H
#define BERTH_CLI_VIRSH_URI_H

#include <stdbool.h>

#define URI_PART 256

enum uri_transport { URI_UNIX, URI_SSH, URI_OTHER };

struct uri {
	char text[URI_PART]; /* as it was given */
	char name[URI_PART]; /* what the other side is asked for: "qemu:///system" */
	char transport[16];  /* "ssh"; "" for what the URI's form says */
	enum uri_transport how;
	char user[64];
	char host[URI_PART];
	char port[8];
	char socket[URI_PART];	/* ?socket= */
	char command[URI_PART]; /* ?command=, in the place of ssh */
	char key[URI_PART];	/* ?keyfile= */
};

/* False when it is none. */
bool uri_parse(const char *text, struct uri *ret_uri);

#endif
