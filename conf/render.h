/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Model to the files that stock tools read, as docs/run-files.md lists them. A pure function: the
 * same model gives the same bytes, and no host is looked at. One room a family of files; this one
 * knows them all.
 */
#ifndef BERTH_CONF_RENDER_H
#define BERTH_CONF_RENDER_H

#include "conf/model.h"
#include "lib/buf.h"

/* Where the data volume is mounted; what the file names by a relative path is below. */
#define CONF_DATA_FOLDER "/data"

/* Called once a file, with its path relative to the folder of rendered files. 0, or an error that
 * ends the rendering. */
typedef int (*conf_emit)(void *context, const char *path, const struct buf *content);

/* 0, -ENOMEM, or what `emit` returned. */
int conf_render(const struct conf_model *model, conf_emit emit, void *context);

/* The families: each appends one file's content; one that stays empty is not written. */
void conf_render_hostname(const struct conf_model *model, struct buf *buf);
void conf_render_timezone(const struct conf_model *model, struct buf *buf);
void conf_render_tls(const struct conf_model *model, struct buf *buf);
void conf_render_ntp(const struct conf_model *model, struct buf *buf);
void conf_render_syslog(const struct conf_model *model, struct buf *buf);
void conf_render_authorized_keys(const struct conf_model *model, struct buf *buf);
void conf_render_update_keys(const struct conf_model *model, struct buf *buf);
void conf_render_console_password(const struct conf_model *model, struct buf *buf);
void conf_render_data(const struct conf_model *model, struct buf *buf);
void conf_render_data_format(const struct conf_model *model, struct buf *buf);
void conf_render_foreign_disks(const struct conf_model *model, struct buf *buf);
void conf_render_config_url(const struct conf_model *model, struct buf *buf);
void conf_render_config_key(const struct conf_model *model, struct buf *buf);
void conf_render_config_ca(const struct conf_model *model, struct buf *buf);
void conf_render_config_pull(const struct conf_model *model, struct buf *buf);
void conf_render_metrics(const struct conf_model *model, struct buf *buf);
void conf_render_watchdog(const struct conf_model *model, struct buf *buf);
void conf_render_watchdog_timeout(const struct conf_model *model, struct buf *buf);

void conf_render_uplinks(const struct conf_model *model, struct buf *buf);
void conf_render_links(const struct conf_model *model, struct buf *buf);
void conf_render_dhcp(const struct conf_model *model, struct buf *buf);
void conf_render_resolv(const struct conf_model *model, struct buf *buf);
void conf_render_sysctl(const struct conf_model *model, struct buf *buf);
void conf_render_carriers(const struct conf_model *model, struct buf *buf);
void conf_render_guests(const struct conf_model *model, struct buf *buf);

void conf_render_iptables(const struct conf_model *model, struct buf *buf);
void conf_render_ip6tables(const struct conf_model *model, struct buf *buf);

void conf_render_dnsmasq(const struct conf_network *network, struct buf *buf);

/* Whether the node serves DHCP and DNS on a network. */
bool conf_network_is_served(const struct conf_network *network);

/* Whether a network is the node's own, not off and not part of an uplink's. */
bool conf_network_is_own(const struct conf_network *network);

/* The address of a bridge of the node's own, which follows from its name and so stays the same. */
struct netaddr_mac conf_bridge_mac(const char *name);

/* The interface that carries an uplink's addresses: its own, the bridge that it is in, or "*". */
const char *conf_uplink_interface(const struct conf_model *model, const struct conf_uplink *uplink);

#endif
