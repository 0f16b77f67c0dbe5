/* SPDX-License-Identifier: GPL-2.0-only */
/* Binders: one a type of value. Each checks the words of an entry and stores the value; see
 * conf_binder. */
#ifndef BERTH_CONF_VALUES_H
#define BERTH_CONF_VALUES_H

#include "conf/binder.h"

/* Fields of type const char *. */
bool conf_bind_hostname(struct conf_bind *bind, const struct conf_entry *entry, void *field);
bool conf_bind_timezone(struct conf_bind *bind, const struct conf_entry *entry, void *field);
bool conf_bind_password_hash(struct conf_bind *bind, const struct conf_entry *entry, void *field);
bool conf_bind_domain(struct conf_bind *bind, const struct conf_entry *entry, void *field);
bool conf_bind_interface(struct conf_bind *bind, const struct conf_entry *entry, void *field);

/* Lists of struct conf_text. */
bool conf_bind_ssh_key(struct conf_bind *bind, const struct conf_entry *entry, void *field);
bool conf_bind_server(struct conf_bind *bind, const struct conf_entry *entry, void *field);
bool conf_bind_syslog(struct conf_bind *bind, const struct conf_entry *entry, void *field);

/* struct conf_uplink as a whole: these keys set more than one field. */
bool conf_bind_nic(struct conf_bind *bind, const struct conf_entry *entry, void *field);
bool conf_bind_uplink_address(struct conf_bind *bind, const struct conf_entry *entry, void *field);
bool conf_bind_ipv6(struct conf_bind *bind, const struct conf_entry *entry, void *field);

/* struct conf_network as a whole. */
bool conf_bind_mode(struct conf_bind *bind, const struct conf_entry *entry, void *field);
bool conf_bind_network_address(struct conf_bind *bind, const struct conf_entry *entry, void *field);
bool conf_bind_dhcp_range(struct conf_bind *bind, const struct conf_entry *entry, void *field);
bool conf_bind_network_uplink(struct conf_bind *bind, const struct conf_entry *entry, void *field);

/* Lists of struct conf_address, conf_host, conf_forward; uint64_t. */
bool conf_bind_address(struct conf_bind *bind, const struct conf_entry *entry, void *field);
bool conf_bind_host(struct conf_bind *bind, const struct conf_entry *entry, void *field);
bool conf_bind_forward(struct conf_bind *bind, const struct conf_entry *entry, void *field);
bool conf_bind_mtu(struct conf_bind *bind, const struct conf_entry *entry, void *field);
bool conf_bind_lease(struct conf_bind *bind, const struct conf_entry *entry, void *field);

/* Whether `text` can be an interface's name: a lower-case letter, then those, digits, "-" and ".";
 * 15 at most. */
bool conf_is_interface_name(const char *text);

#endif
