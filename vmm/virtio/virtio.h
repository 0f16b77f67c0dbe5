/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A virtio device without its transport (virtio 1.2, chapters 2 and 3): features, status, queues.
 * A device embeds struct virtio and gives a table; virtio_pci shows it to the guest.
 */
#ifndef BERTH_VMM_VIRTIO_VIRTIO_H
#define BERTH_VMM_VIRTIO_VIRTIO_H

#include "lib/loop.h"
#include "vmm/bus/device.h"
#include "vmm/virtio/virtq.h"

#define VIRTIO_QUEUES_MAX 33
#define VIRTIO_NO_VECTOR 0xffff

enum virtio_id { /* section 5 */
	VIRTIO_ID_NET = 1,
	VIRTIO_ID_BLOCK = 2,
	VIRTIO_ID_CONSOLE = 3,
	VIRTIO_ID_RNG = 4,
	VIRTIO_ID_BALLOON = 5,
	VIRTIO_ID_VSOCK = 19
};

struct virtio;

struct virtio_ops {
	const char *name; /* of the kind; names its section of saved state */
	enum virtio_id kind;
	uint16_t queue_size;
	/* Device-specific configuration (2.5): where in the device, which keeps it as the driver
	 * is to read it. */
	size_t config;
	uint32_t config_size;
	/* The driver's queue has something, or `queue` is to be looked at after a resume. */
	void (*notify)(struct virtio *virtio, unsigned int queue);
	void (*free)(struct virtio *virtio);
	/* From here on each may be NULL. Writes beyond config_size never arrive. */
	void (*config_write)(
	    struct virtio *virtio, uint32_t offset, const void *data, uint32_t length);
	/* DRIVER_OK: the queues run from now on; for a device whose state was loaded, before its
	 * resume. A failure (nothing runs then) makes the device need a reset. */
	int (*start)(struct virtio *virtio);
	/* After start, before a reset of the device: nothing may be in flight afterwards. False:
	 * not yet, ask again (see device_ops.pause). */
	bool (*stop)(struct virtio *virtio);
	/* As in device_ops; the section of saved state is open. */
	void (*reset)(struct virtio *virtio);
	bool (*pause)(struct virtio *virtio);
	void (*resume)(struct virtio *virtio);
	void (*save)(const struct virtio *virtio, struct state_writer *writer);
	void (*load)(struct virtio *virtio, struct state_reader *reader);
};

struct virtio_queue {
	struct virtio *virtio;
	unsigned int index;
	struct virtq ring;
	uint16_t size_max;
	/* Registers; latched into `ring` on DRIVER_OK, and read-only afterwards. */
	uint16_t size;
	uint16_t vector;
	bool enabled;
	uint64_t desc;
	uint64_t driver;
	uint64_t device;
	int notify_fd; /* eventfd that the guest's notification signals */
	bool external; /* vhost serves it: virtio does not watch notify_fd. Set by start() */
	struct loop_watch *watch;
};

/* What the transport does for the device. */
struct virtio_transport {
	void (*raise_queue)(void *context, unsigned int queue); /* 2.3: used buffers */
	void (*raise_config)(void *context);
	int (*queue_fd)(void *context, unsigned int queue); /* eventfd for vhost's call */
	void (*live)(void *context, bool live); /* doorbells of the running queues: on, off */
	void (*reset)(void *context);		/* its own registers, after the device's */
	void *context;
};

struct virtio {
	const struct virtio_ops *ops;
	char id[DEVICE_ID_MAX + 1];
	uint64_t offered;    /* features of device and transport */
	uint64_t wanted;     /* what the driver wrote */
	bool wants_more;     /* features beyond bit 63 */
	uint64_t negotiated; /* after FEATURES_OK */
	uint8_t status;	     /* 2.1 */
	uint8_t generation;  /* of the configuration, 2.5.1 */
	unsigned int queue_count;
	struct virtio_queue queues[VIRTIO_QUEUES_MAX];
	struct guest_mem *mem;
	struct loop *loop;
	struct virtio_transport transport;
	struct loop_timer drain; /* while a reset waits for what is in flight */
	const char *broken;	 /* why it needs a reset, or NULL */
	bool started;
	bool resetting;
	bool paused;
};

enum virtio_status {	  /* 2.1 */
	VIRTIO_BEGUN = 3, /* ACKNOWLEDGE, DRIVER */
	VIRTIO_DRIVER_OK = 4,
	VIRTIO_FEATURES_OK = 8,
	VIRTIO_NEEDS_RESET = 64,
	VIRTIO_FAILED = 128
};

enum virtio_feature { VIRTIO_F_INDIRECT = 28, VIRTIO_F_EVENT_IDX = 29, VIRTIO_F_VERSION_1 = 32 };

/* VERSION_1, EVENT_IDX and INDIRECT_DESC are offered beside `features`. */
int virtio_init(struct virtio *virtio, const struct virtio_ops *ops, const char *id,
    uint64_t features, unsigned int queues, struct guest_mem *mem, struct loop *loop);
void virtio_done(struct virtio *virtio);

bool virtio_has(const struct virtio *virtio, unsigned int feature);
/* After pushing: raise the queue's interrupt if the driver wants one. */
void virtio_signal(struct virtio *virtio, unsigned int queue);
void virtio_config_changed(struct virtio *virtio);
/* The driver broke a rule: DEVICE_NEEDS_RESET, a configuration interrupt, queues stop (2.1.2). */
void virtio_break(struct virtio *virtio, const char *why);
bool virtio_is_live(const struct virtio *virtio); /* DRIVER_OK, not broken, not paused */

/* For a device that has served its share of a queue: notify is called again, after others. */
void virtio_again(struct virtio *virtio, unsigned int queue);

/* For transports, as virtio_registers.h. Status as the driver writes it: 0 resets, and reads as
 * something else until that is done. */
void virtio_set_status(struct virtio *virtio, uint8_t status);
/* The driver's notification where no doorbell took it. */
void virtio_notify(struct virtio *virtio, unsigned int queue);

/* What the transport's device_ops do; virtio's own state goes into the open section, the device's
 * into one that follows. */
void virtio_reset(struct virtio *virtio);
bool virtio_pause(struct virtio *virtio);
void virtio_resume(struct virtio *virtio);
void virtio_save(const struct virtio *virtio, struct state_writer *writer);
void virtio_load(struct virtio *virtio, struct state_reader *reader);
void virtio_save_device(const struct virtio *virtio, struct state_writer *writer);
int virtio_load_device(struct virtio *virtio, struct state_reader *reader);

#endif
