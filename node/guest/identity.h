/* SPDX-License-Identifier: GPL-2.0-only */
/* A guest's UUID and MAC addresses, where the file does not give them: made from its name, so that
 * they are the same on every start. */
#ifndef BERTH_NODE_GUEST_IDENTITY_H
#define BERTH_NODE_GUEST_IDENTITY_H

#include <stdint.h>

#include "conf/model_guest.h"
#include "lib/netaddr.h"

void identity_uuid(const struct conf_guest *guest, uint8_t ret_uuid[16]);

/* Of the NIC that is number `index`, from 0. */
struct netaddr_mac identity_mac(
    const struct conf_guest *guest, const struct conf_nic *nic, unsigned int index);

#endif
