/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a checked berth.conf says, as plain values. Filled by conf/bind by the table of conf/schema,
 * proved by conf/check, read by the renderers. All memory belongs to the arena that the
 * configuration was loaded into. Lists keep the order of the file.
 *
 * Objects, which sections fill, begin with `next`, `pos`, `name` and `section`; a built-in one has
 * line 0 and no section. "Not said" is NULL for a text, 0 for a number, family 0 for an address,
 * zeros for a MAC address. Sizes are bytes, durations seconds. Members of lists begin with `next`
 * and `pos`, in this order: conf/value relies on it.
 */
#ifndef BERTH_CONF_MODEL_H
#define BERTH_CONF_MODEL_H

#include <stdbool.h>
#include <stdint.h>

#include "conf/model_guest.h"
#include "conf/model_network.h"
#include "conf/model_parts.h"
#include "conf/model_pool.h"

/* One port of the node that the firewall opens. */
struct conf_allow {
	struct conf_allow *next;
	struct conf_pos pos;
	unsigned int protocol; /* enum conf_protocol */
	const char *ports;     /* "N" or "N-M" */
	struct netaddr from;   /* or anybody */
};

enum conf_data_format { CONF_DATA_NEVER, CONF_DATA_IF_BLANK };

/* The disk that holds the data volume; `disk` is NULL where there is none. */
struct conf_data {
	struct conf_data *next; /* unused: there is one */
	struct conf_pos pos;
	const char *disk;    /* selector, or "config-medium" */
	unsigned int format; /* enum conf_data_format */
	bool overwrite;
};

/* Where the configuration is fetched from; `url` is NULL where it is not. */
struct conf_fetch {
	struct conf_fetch *next; /* unused: there is one */
	struct conf_pos pos;
	const char *url; /* with variables, see lib/url.h */
	const char *key; /* "sha256//BASE64" of the server's public key */
	const char *ca;	 /* certificate in DER, as base64 */
};

/* What resets a node that hangs. */
struct conf_node_watchdog {
	struct conf_node_watchdog *next; /* unused: there is one */
	struct conf_pos pos;
	const char *device; /* NULL: not said; "auto", "off", or the name of a driver */
	uint64_t timeout;   /* seconds; 0: not said */
};

/* libvirt over TLS: files of the config partition; `certificate` is NULL where it is off. */
struct conf_tls {
	struct conf_tls *next; /* unused: there is one */
	struct conf_pos pos;
	const char *certificate;
	const char *key;
	const char *ca;
	const char *crl; /* or NULL */
};

/* Where the node's figures can be fetched; `listen.host` is NULL where they cannot. */
struct conf_metrics {
	struct conf_metrics *next; /* unused: there is one */
	struct conf_pos pos;
	struct conf_endpoint listen;
	struct netaddr from; /* or anybody */
};

enum { CONF_NODE_SUSPEND = 1 };

struct conf_node {
	const char *hostname;	      /* never NULL */
	const char *timezone;	      /* zone name or POSIX TZ string; NULL: UTC */
	const char *console_password; /* crypt(3) hash */
	struct conf_data data;
	struct conf_fetch fetch;
	uint64_t config_pull; /* seconds between two looks at where the file comes from; 0: none */
	struct conf_node_watchdog watchdog;
	struct conf_metrics metrics;
	struct conf_text *admin_keys;
	struct conf_text *update_keys;
	struct conf_text *ntp;
	struct conf_text *syslog; /* HOST:PORT */
	struct conf_address *ssh_from;
	struct conf_allow *allows;
	struct conf_tls tls;
	struct conf_text *tls_allow; /* subjects */
	unsigned int guests;	     /* when the node goes down: CONF_NODE_SUSPEND, or 0 */
};

struct conf_model {
	struct conf_node node;
	struct conf_uplink *uplinks;
	struct conf_network *networks;
	struct conf_pool *pools;
	struct conf_guest *templates;
	struct conf_guest *guests;
};

#endif
