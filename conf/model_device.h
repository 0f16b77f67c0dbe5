/* SPDX-License-Identifier: GPL-2.0-only */
/* What a guest is made of, as plain values; see conf/model. Choices are indices into the table of
 * conf/schema_guest. */
#ifndef BERTH_CONF_MODEL_DEVICE_H
#define BERTH_CONF_MODEL_DEVICE_H

#include "conf/model_parts.h"

enum conf_bus { CONF_BUS_VIRTIO, CONF_BUS_IDE, CONF_BUS_SATA, CONF_BUS_SCSI, CONF_BUS_USB };

struct conf_disk {
	struct conf_disk *next;
	struct conf_pos pos;
	const char *source; /* POOL/VOLUME, /PATH, SELECTOR of a disk, or "empty" for a drive */
	unsigned int format;
	unsigned int bus; /* enum conf_bus */
	unsigned int cache;
	unsigned int io;
	unsigned int discard;
	bool read_only;
	bool shareable;
	const char *serial;
	const char *target;
	uint64_t boot;
	uint64_t size;
	uint64_t read_rate; /* bytes a second */
	uint64_t write_rate;
	uint64_t read_iops;
	uint64_t write_iops;
};

struct conf_nic {
	struct conf_nic *next;
	struct conf_pos pos;
	const char *network;
	struct netaddr_mac mac;
	unsigned int model;
	uint64_t in; /* towards the guest, bytes a second */
	uint64_t in_peak;
	uint64_t in_burst; /* bytes */
	uint64_t out;
	uint64_t out_peak;
	uint64_t out_burst;
	uint64_t in_packets; /* a second */
	uint64_t out_packets;
	uint64_t boot;
	uint64_t queues;
	uint64_t mtu;
	bool link;
};

struct conf_graphics {
	struct conf_graphics *next;
	struct conf_pos pos;
	unsigned int type; /* 0 none, 1 vnc */
	struct netaddr address;
	uint64_t port; /* 0: the first free one */
	const char *password;
	const char *keymap;
	bool tls;
};

struct conf_video {
	struct conf_video *next;
	struct conf_pos pos;
	unsigned int model;
	uint64_t memory;
};

struct conf_serial {
	struct conf_serial *next;
	struct conf_pos pos;
	unsigned int type;
	unsigned int bus;
	bool log;
	uint64_t log_size;
};

struct conf_device {
	struct conf_device *next;
	struct conf_pos pos;
	const char *source; /* pci:ADDRESS, usb:VENDOR:PRODUCT */
	uint64_t boot;
	bool rom;
};

struct conf_input {
	struct conf_input *next;
	struct conf_pos pos;
	unsigned int type;
	unsigned int bus;
};

struct conf_watchdog {
	struct conf_watchdog *next;
	struct conf_pos pos;
	unsigned int model;
	unsigned int action;
};

#endif
