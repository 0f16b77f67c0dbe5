/* SPDX-License-Identifier: GPL-2.0-only */
/* The kinds of values; see struct conf_type. The comment names the field's C type. */
#ifndef BERTH_CONF_TYPES_H
#define BERTH_CONF_TYPES_H

#include "conf/value.h"

/* conf/types_basic */
extern const struct conf_type conf_type_bool;	  /* bool */
extern const struct conf_type conf_type_choice;	  /* unsigned int, index into key->choices */
extern const struct conf_type conf_type_number;	  /* uint64_t, key->min to key->max */
extern const struct conf_type conf_type_size;	  /* uint64_t, bytes */
extern const struct conf_type conf_type_duration; /* uint64_t, seconds */
extern const struct conf_type conf_type_percent;  /* uint64_t, "150%" */
extern const struct conf_type conf_type_text;	  /* const char *, several words joined */
extern const struct conf_type conf_type_word;	  /* const char *, without blanks or commas */
extern const struct conf_type conf_type_numbers;  /* const char *, set of numbers "0-3,8" */

/* conf/types_node; const char * all */
extern const struct conf_type conf_type_hostname;
extern const struct conf_type conf_type_domain;
extern const struct conf_type conf_type_timezone;
extern const struct conf_type conf_type_password_hash;
extern const struct conf_type conf_type_ssh_key;
extern const struct conf_type conf_type_update_key;
extern const struct conf_type conf_type_server; /* host name or address */
extern const struct conf_type conf_type_syslog; /* "HOST:PORT" */
extern const struct conf_type conf_type_driver; /* "auto", "off", or of the kernel */

/* conf/types_fetch; const char * all */
extern const struct conf_type conf_type_fetch_url;
extern const struct conf_type conf_type_public_key;  /* "sha256//BASE64" */
extern const struct conf_type conf_type_certificate; /* DER in base64 */

/* conf/types_net */
extern const struct conf_type conf_type_address;   /* struct netaddr, without prefix */
extern const struct conf_type conf_type_address4;  /* struct netaddr of IPv4 */
extern const struct conf_type conf_type_subnet;	   /* struct netaddr, a whole network */
extern const struct conf_type conf_type_mac;	   /* struct netaddr_mac of one machine */
extern const struct conf_type conf_type_ports;	   /* const char *, "N" or "N-M" */
extern const struct conf_type conf_type_interface; /* const char * */
extern const struct conf_type conf_type_endpoint;  /* struct conf_endpoint, HOST:PORT */
extern const struct conf_type conf_type_own4;	   /* struct netaddr, the node's in a network */
extern const struct conf_type conf_type_selector;  /* struct conf_selector */
extern const struct conf_type conf_type_uplink_address; /* struct conf_uplink_address */
extern const struct conf_type conf_type_network_prefix; /* struct conf_network_prefix */
extern const struct conf_type conf_type_range4;		/* struct conf_range */
extern const struct conf_type conf_type_range6;		/* struct conf_range */
extern const struct conf_type conf_type_dhcp_option;	/* uint64_t, by number or name */
extern const struct conf_type conf_type_dhcp_value;	/* const char *, one line of ASCII */

/* The data volume's disk, when it is the rest of the one that the node booted from. */
#define CONF_DATA_MEDIUM "config-medium"

/* conf/types_guest; const char * all */
extern const struct conf_type conf_type_path;	     /* absolute, or below the data volume */
extern const struct conf_type conf_type_config_file; /* on the config partition */
extern const struct conf_type conf_type_disk;	     /* selector of a disk of the node */
extern const struct conf_type conf_type_data_disk;   /* the same, or config-medium */
extern const struct conf_type conf_type_source; /* POOL/VOLUME, /PATH, a disk's selector, empty */
extern const struct conf_type conf_type_uuid;
extern const struct conf_type conf_type_device;	 /* pci:ADDRESS, usb:VENDOR:PRODUCT */
extern const struct conf_type conf_type_boot;	 /* order of kinds of devices */
extern const struct conf_type conf_type_feature; /* +NAME or -NAME */
extern const struct conf_type conf_type_vnc_password;
extern const struct conf_type conf_type_link; /* bool, "up" or "down" */

/* Shared by the types. */
bool conf_is_label(const char *text, size_t length); /* RFC 1123 section 2.1 */
bool conf_is_domain(const char *text);

/* `shape` with h for a hexadecimal digit, x for one without capitals; every other character stands
 * for itself. */
bool conf_has_shape(const char *text, const char *shape);
#define CONF_PCI_SHAPE "xxxx:xx:xx.x" /* 0000:01:00.0 */

/* Whether `text` can be an interface's name: a lower-case letter, then those, digits, "-" and ".";
 * 15 at most. */
bool conf_is_interface_name(const char *text);

/* "a, b or c" */
void conf_type_print_choices(const struct conf_key *key, struct buf *buf);

/* Field and printing of types that keep a text. */
bool conf_type_store(const char *text, void *field);
void conf_type_print_text(const struct conf_key *key, const void *field, struct buf *buf);

#endif
