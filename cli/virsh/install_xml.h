/* SPDX-License-Identifier: GPL-2.0-only */
/* The XML that virt-install makes of what it is asked for. */
#ifndef BERTH_CLI_VIRSH_INSTALL_XML_H
#define BERTH_CLI_VIRSH_INSTALL_XML_H

#include "cli/virsh/install_args.h"
#include "lib/buf.h"

/* What a disk's option named, once it is there. */
struct install_disk {
	char path[1024]; /* empty: no medium */
	char format[16]; /* that the volume is known to have; empty: raw */
	const struct install_fields *fields;
	const char *device;
	bool made; /* here, of option "size" */
};

struct install_parts {
	struct install_disk disks[INSTALL_DEVICES + 1];
	unsigned int disk_count;
	char uuid[40]; /* that the node gave the guest; empty: not yet */
	char kernel[1024];
	char initrd[1024];
};

/* `installing`: the first start, from what it is installed with. False, and told, when a value
 * cannot be. */
bool install_xml(const struct install *install, const struct install_parts *parts, bool installing,
    struct buf *ret_xml);

#endif
