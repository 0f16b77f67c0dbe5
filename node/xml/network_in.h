/* SPDX-License-Identifier: GPL-2.0-only */
/* A network, or a part of one, as a client asks for it. */
#ifndef BERTH_NODE_XML_NETWORK_IN_H
#define BERTH_NODE_XML_NETWORK_IN_H

#include "conf/model_network.h"
#include "node/xml/section.h"

/* A text that a client sends is no longer than this; all that is made of it fits in eight times. */
#define XML_NETWORK_MAX (256u * 1024)

/* `find` gives the network that has a name, or NULL. 0, -EINVAL or -EBADMSG as xml_rules_read(). */
int xml_network_in(const char *text,
    const struct conf_network *(*find)(void *context, const char *name), void *context,
    struct xml_section *section, struct buf *why);

/* Parts that can be changed one by one, each as it stands in the network's XML. What is not said is
 * family 0, zeros or NULL; texts are the arena's. */
struct xml_host_in {
	struct netaddr_mac mac;
	bool has_mac;
	struct netaddr address;
	const char *name;
};
int xml_host_in(
    const char *text, struct arena *arena, struct xml_host_in *ret_host, struct buf *why);

int xml_range_in(
    const char *text, struct netaddr *ret_first, struct netaddr *ret_last, struct buf *why);

#define XML_NAMES_MAX 64
struct xml_record_in {
	struct netaddr address;
	size_t count;
	const char *names[XML_NAMES_MAX];
};
int xml_record_in(
    const char *text, struct arena *arena, struct xml_record_in *ret_record, struct buf *why);

#endif
