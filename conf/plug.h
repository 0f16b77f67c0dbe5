/* SPDX-License-Identifier: GPL-2.0-only */
/* Disks and NICs of a guest that come and go: what differs between two of its sections. */
#ifndef BERTH_CONF_PLUG_H
#define BERTH_CONF_PLUG_H

#include "conf/model.h"
#include "lib/buf.h"

/* One device: it comes (`gone` is -1), goes (neither disk nor nic), or is another from now on. */
struct conf_plug {
	bool is_nic;
	int gone;		      /* its number in the section before */
	const struct conf_disk *disk; /* of the section after */
	const struct conf_nic *nic;
};

/* Of each kind; what is beyond is not looked at. */
#define CONF_PLUG_DEVICES 64
#define CONF_PLUGS_MAX (4 * CONF_PLUG_DEVICES)

/* What one section says more, less or otherwise than another, in whatever order; a target or MAC
 * address that `after` leaves open is as it was. How many. */
unsigned int conf_plugs(const struct conf_guest *before, const struct conf_guest *after,
    struct conf_plug plugs[CONF_PLUGS_MAX]);

/* Whether it can be done while the guest runs: it comes, goes, or changes its limits or link. */
bool conf_plug_is_live(const struct conf_guest *before, const struct conf_plug *plug);

/* Their values as the file has them, one a line. */
void conf_plug_print_disks(const struct conf_disk *disks, struct buf *buf);
void conf_plug_print_nics(const struct conf_nic *nics, struct buf *buf);
/* Whether the file says the address. */
bool conf_plug_has_mac(const struct conf_nic *nic);

#endif
