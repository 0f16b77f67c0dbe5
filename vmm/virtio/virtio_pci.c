/* SPDX-License-Identifier: GPL-2.0-only */
#include "vmm/virtio/virtio_pci.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "vmm/virtio/virtio_registers.h"

#define BAR 0
#define BAR_SIZE 0x8000
/* Places in the BAR, a page each, so that a hypervisor could treat them apart. */
#define COMMON 0x0000
#define ISR 0x1000
#define CONFIG 0x2000
#define TABLE 0x3000
#define PENDING 0x3800
#define NOTIFY 0x4000
#define NOTIFY_STEP 4
#define PART_SIZE 0x1000

#define ISR_QUEUE 1
#define ISR_CONFIG 2

/* Common configuration, 4.1.4.3. */
enum common {
	DEVICE_FEATURE_SELECT = 0,
	DEVICE_FEATURE = 4,
	DRIVER_FEATURE_SELECT = 8,
	DRIVER_FEATURE = 12,
	CONFIG_VECTOR = 16,
	NUM_QUEUES = 18,
	DEVICE_STATUS = 20,
	CONFIG_GENERATION = 21,
	QUEUE_SELECT = 22,
	QUEUE_SIZE = 24,
	QUEUE_VECTOR = 26,
	QUEUE_ENABLE = 28,
	QUEUE_NOTIFY_OFF = 30,
	QUEUE_DESC = 32,
	QUEUE_DRIVER = 40,
	QUEUE_DEVICE = 48,
	QUEUE_NOTIFY_DATA = 56,
	QUEUE_RESET = 58,
	COMMON_SIZE = 60
};

/* Capabilities, 4.1.4. */
#define CAP_VENDOR 9
#define CAP_COMMON 1
#define CAP_NOTIFY 2
#define CAP_ISR 3
#define CAP_DEVICE 4
#define CAP_PCI 5
#define CAP_SIZE 16
#define CAP_DATA 16 /* of the one for access through configuration space */

struct virtio_pci {
	struct device device; /* first */
	struct pci_device pci;
	struct virtio_pci_host host;
	struct virtio *virtio;
	struct msix *msix;
	unsigned int vectors;
	unsigned int access; /* where the capability for access is */
	uint32_t device_select;
	uint32_t driver_select;
	uint16_t queue_select;
	uint16_t config_vector;
	uint8_t isr;
	bool live;
	uint64_t bells[VIRTIO_QUEUES_MAX]; /* where each queue's is attached; 0: nowhere */
};

static struct virtio_pci *of_pci(struct pci_device *pci)
{
	return (struct virtio_pci *)(void *)((char *)pci - offsetof(struct virtio_pci, pci));
}

static void put(uint8_t *bytes, unsigned int size, uint64_t value)
{
	for (unsigned int i = 0; i < size; i++)
		bytes[i] = (uint8_t)(value >> (8 * i));
}

static uint64_t get(const uint8_t *bytes, unsigned int size)
{
	uint64_t value = 0;

	for (unsigned int i = 0; i < size; i++)
		value |= (uint64_t)bytes[i] << (8 * i);
	return value;
}

static uint32_t feature_word(uint64_t features, uint32_t word)
{
	return word > 1 ? 0 : (uint32_t)(features >> (32 * word));
}

/* All of the common configuration as it reads now; none of it changes by being read. */
static void fill_common(const struct virtio_pci *pci, uint8_t common[COMMON_SIZE])
{
	const struct virtio *virtio = pci->virtio;
	const struct virtio_queue *queue;

	memset(common, 0, COMMON_SIZE);
	put(common + DEVICE_FEATURE_SELECT, 4, pci->device_select);
	put(common + DEVICE_FEATURE, 4, feature_word(virtio->offered, pci->device_select));
	put(common + DRIVER_FEATURE_SELECT, 4, pci->driver_select);
	put(common + DRIVER_FEATURE, 4, feature_word(virtio->wanted, pci->driver_select));
	put(common + CONFIG_VECTOR, 2, pci->config_vector);
	put(common + NUM_QUEUES, 2, virtio->queue_count);
	put(common + DEVICE_STATUS, 1, virtio->status);
	put(common + CONFIG_GENERATION, 1, virtio->generation);
	put(common + QUEUE_SELECT, 2, pci->queue_select);
	if (pci->queue_select >= virtio->queue_count)
		return; /* size 0: there is no such queue */
	queue = &virtio->queues[pci->queue_select];
	put(common + QUEUE_SIZE, 2, queue->size);
	put(common + QUEUE_VECTOR, 2, queue->vector);
	put(common + QUEUE_ENABLE, 2, queue->enabled);
	put(common + QUEUE_NOTIFY_OFF, 2, pci->queue_select);
	put(common + QUEUE_DESC, 8, queue->desc);
	put(common + QUEUE_DRIVER, 8, queue->driver);
	put(common + QUEUE_DEVICE, 8, queue->device);
}

static uint16_t vector_or_none(const struct virtio_pci *pci, uint32_t vector)
{
	return vector < pci->vectors ? (uint16_t)vector : VIRTIO_NO_VECTOR;
}

static void write_word(struct virtio_pci *pci, uint64_t offset, uint32_t value)
{
	struct virtio *virtio = pci->virtio;
	unsigned int queue = pci->queue_select;

	if (offset == DEVICE_FEATURE_SELECT)
		pci->device_select = value;
	else if (offset == DRIVER_FEATURE_SELECT)
		pci->driver_select = value;
	else if (offset == DRIVER_FEATURE)
		virtio_set_features(virtio, pci->driver_select, value);
	else if (offset == QUEUE_DESC)
		virtio_set_queue(virtio, queue, VIRTIO_QUEUE_DESC, value);
	else if (offset == QUEUE_DESC + 4)
		virtio_set_queue(virtio, queue, VIRTIO_QUEUE_DESC_HIGH, value);
	else if (offset == QUEUE_DRIVER)
		virtio_set_queue(virtio, queue, VIRTIO_QUEUE_DRIVER, value);
	else if (offset == QUEUE_DRIVER + 4)
		virtio_set_queue(virtio, queue, VIRTIO_QUEUE_DRIVER_HIGH, value);
	else if (offset == QUEUE_DEVICE)
		virtio_set_queue(virtio, queue, VIRTIO_QUEUE_DEVICE, value);
	else if (offset == QUEUE_DEVICE + 4)
		virtio_set_queue(virtio, queue, VIRTIO_QUEUE_DEVICE_HIGH, value);
}

static void write_half(struct virtio_pci *pci, uint64_t offset, uint32_t value)
{
	struct virtio *virtio = pci->virtio;
	unsigned int queue = pci->queue_select;

	if (offset == CONFIG_VECTOR)
		pci->config_vector = vector_or_none(pci, value);
	else if (offset == QUEUE_SELECT)
		pci->queue_select = (uint16_t)value;
	else if (offset == QUEUE_SIZE)
		virtio_set_queue(virtio, queue, VIRTIO_QUEUE_SIZE, value);
	else if (offset == QUEUE_VECTOR)
		virtio_set_queue(virtio, queue, VIRTIO_QUEUE_VECTOR, vector_or_none(pci, value));
	else if (offset == QUEUE_ENABLE)
		virtio_set_queue(virtio, queue, VIRTIO_QUEUE_ENABLE, value);
}

/* A field takes its own width only (4.1.3.1), or 64 bits in one or in halves. */
static void write_common(struct virtio_pci *pci, uint64_t offset, unsigned int size, uint64_t value)
{
	if (size == 1 && offset == DEVICE_STATUS) {
		virtio_set_status(pci->virtio, (uint8_t)value);
	} else if (size == 2) {
		write_half(pci, offset, (uint32_t)value);
	} else if (size == 4) {
		write_word(pci, offset, (uint32_t)value);
	} else if (size == 8 && offset >= QUEUE_DESC && offset % 8 == 0) {
		write_word(pci, offset, (uint32_t)value);
		write_word(pci, offset + 4, (uint32_t)(value >> 32));
	}
}

static uint64_t read_config(const struct virtio *virtio, uint64_t offset, unsigned int size)
{
	const struct virtio_ops *ops = virtio->ops;
	uint8_t bytes[8] = { 0 };
	size_t length = size;

	if (offset >= ops->config_size)
		return 0;
	if (length > ops->config_size - offset)
		length = ops->config_size - offset;
	memcpy(bytes, (const uint8_t *)virtio + ops->config + offset, length);
	return get(bytes, size);
}

static void write_config(struct virtio *virtio, uint64_t offset, unsigned int size, uint64_t value)
{
	const struct virtio_ops *ops = virtio->ops;
	uint8_t bytes[8];

	if (offset >= ops->config_size || size > ops->config_size - offset || !ops->config_write)
		return;
	put(bytes, size, value);
	ops->config_write(virtio, (uint32_t)offset, bytes, size);
}

static uint64_t bar_read(void *context, uint64_t offset, unsigned int size)
{
	struct virtio_pci *pci = context;
	uint8_t common[COMMON_SIZE];
	uint8_t isr;

	switch (offset & ~(uint64_t)(PART_SIZE - 1)) {
	case COMMON:
		if (offset > COMMON_SIZE - size)
			return 0;
		fill_common(pci, common);
		return get(common + offset, size);
	case ISR:
		if (offset != ISR)
			return 0;
		isr = pci->isr;
		pci->isr = 0;
		return isr;
	case CONFIG:
		return read_config(pci->virtio, offset - CONFIG, size);
	case TABLE:
		if (offset >= PENDING)
			return msix_pending_read(pci->msix, offset - PENDING, size);
		return msix_table_read(pci->msix, offset - TABLE, size);
	default:
		return 0;
	}
}

static void bar_write(void *context, uint64_t offset, unsigned int size, uint64_t value)
{
	struct virtio_pci *pci = context;

	if (offset >= NOTIFY) {
		/* The address tells the queue, whatever is written. */
		if (offset % NOTIFY_STEP == 0 &&
		    (offset - NOTIFY) / NOTIFY_STEP < VIRTIO_QUEUES_MAX)
			virtio_notify(pci->virtio, (unsigned int)(offset - NOTIFY) / NOTIFY_STEP);
	} else if (offset < ISR) {
		write_common(pci, offset, size, value);
	} else if (offset >= CONFIG && offset < TABLE) {
		write_config(pci->virtio, offset - CONFIG, size, value);
	} else if (offset >= TABLE && offset < PENDING) {
		msix_table_write(pci->msix, offset - TABLE, size, value);
	}
}

static const struct io_ops bar_ops = { bar_read, bar_write };

static void detach_bells(struct virtio_pci *pci)
{
	for (unsigned int i = 0; i < VIRTIO_QUEUES_MAX; i++) {
		if (!pci->bells[i])
			continue;
		pci->host.doorbell->detach(pci->host.doorbell->context, pci->bells[i], 0,
		    pci->virtio->queues[i].notify_fd);
		pci->bells[i] = 0;
	}
}

/* Where it fails the write comes to bar_write(). */
static void attach_bells(struct virtio_pci *pci)
{
	uint64_t base = pci->pci.bars[BAR].address;

	if (!pci->live || !base || !pci->host.doorbell)
		return;
	for (unsigned int i = 0; i < pci->virtio->queue_count; i++) {
		uint64_t address = base + NOTIFY + (uint64_t)NOTIFY_STEP * i;

		if (pci->virtio->queues[i].ring.running &&
		    pci->host.doorbell->attach(pci->host.doorbell->context, address, 0,
			pci->virtio->queues[i].notify_fd) == 0)
			pci->bells[i] = address;
	}
}

static void bar_moved(struct pci_device *device, unsigned int bar)
{
	struct virtio_pci *pci = of_pci(device);

	(void)bar;
	detach_bells(pci);
	attach_bells(pci);
}

static void set_live(void *context, bool live)
{
	struct virtio_pci *pci = context;

	pci->live = live;
	detach_bells(pci);
	attach_bells(pci);
}

static void raise_queue(void *context, unsigned int queue)
{
	struct virtio_pci *pci = context;

	if (msix_is_enabled(pci->msix))
		msix_raise(pci->msix, pci->virtio->queues[queue].vector);
	else
		pci->isr |= ISR_QUEUE;
}

static void raise_config(void *context)
{
	struct virtio_pci *pci = context;

	pci->isr |= ISR_CONFIG;
	if (msix_is_enabled(pci->msix))
		msix_raise(pci->msix, pci->config_vector);
}

static int queue_fd(void *context, unsigned int queue)
{
	struct virtio_pci *pci = context;

	return msix_fd(pci->msix, pci->virtio->queues[queue].vector);
}

static void reset_registers(void *context)
{
	struct virtio_pci *pci = context;

	pci->device_select = 0;
	pci->driver_select = 0;
	pci->queue_select = 0;
	pci->config_vector = VIRTIO_NO_VECTOR;
	pci->isr = 0;
}

/* Access to the BAR for those who cannot reach it (4.1.4.9): length and offset are in the
 * capability, and an access to its data is one to the BAR. */
static bool find_access(struct virtio_pci *pci, uint64_t *ret_offset, unsigned int *ret_size)
{
	const uint8_t *cap = pci->pci.config + pci->access;

	*ret_offset = get(cap + 8, 4);
	*ret_size = (unsigned int)get(cap + 12, 4);
	return cap[4] == BAR && (*ret_size == 1 || *ret_size == 2 || *ret_size == 4) &&
	       *ret_offset % *ret_size == 0 && *ret_offset < BAR_SIZE;
}

static bool config_reading(
    struct pci_device *device, unsigned int offset, unsigned int size, uint32_t *ret_value)
{
	struct virtio_pci *pci = of_pci(device);
	uint64_t at;
	unsigned int length;

	if (offset != pci->access + CAP_DATA || !find_access(pci, &at, &length))
		return false;
	put(device->config + offset, length, bar_read(pci, at, length));
	*ret_value = (uint32_t)get(device->config + offset, size);
	return true;
}

static void config_written(struct pci_device *device, unsigned int offset, unsigned int size)
{
	struct virtio_pci *pci = of_pci(device);
	uint64_t at;
	unsigned int length;

	(void)size;
	msix_config_written(pci->msix);
	if (offset == pci->access + CAP_DATA && find_access(pci, &at, &length))
		bar_write(pci, at, length, get(device->config + offset, length));
}

static unsigned int add_capability(
    struct virtio_pci *pci, uint8_t kind, unsigned int extra, uint32_t offset, uint32_t length)
{
	unsigned int at = pci_add_capability(&pci->pci, CAP_VENDOR, CAP_SIZE + extra);
	uint8_t *cap = pci->pci.config + at;

	if (!at)
		return 0;
	cap[2] = (uint8_t)(CAP_SIZE + extra);
	cap[3] = kind;
	cap[4] = BAR;
	put(cap + 8, 4, offset);
	put(cap + 12, 4, length);
	return at;
}

static int add_capabilities(struct virtio_pci *pci)
{
	unsigned int notify;
	uint8_t *writable;

	if (!add_capability(pci, CAP_COMMON, 0, COMMON, COMMON_SIZE) ||
	    !add_capability(pci, CAP_ISR, 0, ISR, 1))
		return -ENOSPC;
	if (pci->virtio->ops->config_size &&
	    !add_capability(pci, CAP_DEVICE, 0, CONFIG, pci->virtio->ops->config_size))
		return -ENOSPC;
	notify = add_capability(pci, CAP_NOTIFY, 4, NOTIFY, NOTIFY_STEP * pci->virtio->queue_count);
	pci->access = add_capability(pci, CAP_PCI, 4, 0, 0);
	if (!notify || !pci->access)
		return -ENOSPC;
	put(pci->pci.config + notify + CAP_SIZE, 4, NOTIFY_STEP);
	writable = pci->pci.writable + pci->access;
	writable[4] = 0xff;
	memset(writable + 8, 0xff, 12);
	return 0;
}

static uint32_t class_of(enum virtio_id id)
{
	switch (id) {
	case VIRTIO_ID_NET:
		return 0x020000;
	case VIRTIO_ID_BLOCK:
		return 0x010000;
	case VIRTIO_ID_CONSOLE:
		return 0x078000;
	default:
		return 0x00ff00;
	}
}

static void pci_transport_reset(struct device *device)
{
	struct virtio_pci *pci = (struct virtio_pci *)device;

	virtio_reset(pci->virtio);
	pci_reset(&pci->pci);
	msix_reset(pci->msix);
}

static bool pci_transport_pause(struct device *device)
{
	return virtio_pause(((struct virtio_pci *)device)->virtio);
}

static void pci_transport_resume(struct device *device)
{
	virtio_resume(((struct virtio_pci *)device)->virtio);
}

static void pci_transport_save(struct device *device, struct state_writer *writer)
{
	struct virtio_pci *pci = (struct virtio_pci *)device;

	state_begin(writer, device->ops->name, device->id, 1);
	pci_save(&pci->pci, writer);
	msix_save(pci->msix, writer);
	state_put(writer, "device-select", pci->device_select);
	state_put(writer, "driver-select", pci->driver_select);
	state_put(writer, "queue-select", pci->queue_select);
	state_put(writer, "config-vector", pci->config_vector);
	state_put(writer, "isr", pci->isr);
	virtio_save(pci->virtio, writer);
	state_end(writer);
	virtio_save_device(pci->virtio, writer);
}

static int pci_transport_load(struct device *device, struct state_reader *reader)
{
	struct virtio_pci *pci = (struct virtio_pci *)device;
	int result;

	state_enter(reader, device->ops->name, device->id, 1);
	pci_load(&pci->pci, reader);
	msix_load(pci->msix, reader);
	pci->device_select = (uint32_t)state_get(reader, "device-select", UINT32_MAX);
	pci->driver_select = (uint32_t)state_get(reader, "driver-select", UINT32_MAX);
	pci->queue_select = (uint16_t)state_get(reader, "queue-select", UINT16_MAX);
	pci->config_vector = (uint16_t)state_get(reader, "config-vector", UINT16_MAX);
	pci->isr = (uint8_t)state_get(reader, "isr", ISR_QUEUE | ISR_CONFIG);
	virtio_load(pci->virtio, reader);
	result = state_leave(reader);
	return result ? result : virtio_load_device(pci->virtio, reader);
}

static void pci_transport_free(struct device *device)
{
	struct virtio_pci *pci = (struct virtio_pci *)device;

	pci->live = false;
	detach_bells(pci);
	pci_unplug(&pci->pci);
	pci->virtio->ops->free(pci->virtio);
	msix_free(pci->msix);
	free(pci);
}

static const struct device_ops pci_transport_ops = {
	.name = "virtio-pci",
	.reset = pci_transport_reset,
	.pause = pci_transport_pause,
	.resume = pci_transport_resume,
	.save = pci_transport_save,
	.load = pci_transport_load,
	.free = pci_transport_free,
};

static int build(struct virtio_pci *pci, int slot)
{
	struct pci_identity identity = {
		.vendor = 0x1af4, /* 4.1.2 */
		.device = (uint16_t)(0x1040 + pci->virtio->ops->kind),
		.subsystem_vendor = 0x1af4,
		.subsystem = 0x1100,
		.class_code = class_of(pci->virtio->ops->kind),
		.revision = 1,
	};
	int result;

	pci_init(&pci->pci, &identity);
	pci->pci.moved = bar_moved;
	pci->pci.written = config_written;
	pci->pci.reading = config_reading;
	pci_set_bar(&pci->pci, BAR, BAR_SIZE, true, &bar_ops, pci);
	result = msix_create(
	    &pci->pci, pci->host.msi, pci->vectors, BAR, TABLE, PENDING, &pci->msix);
	if (!result)
		result = add_capabilities(pci);
	if (!result)
		result = pci_plug(pci->host.bus, &pci->pci, slot);
	return result;
}

int virtio_pci_create(const struct virtio_pci_host *host, struct virtio *virtio, int slot,
    struct virtio_pci **ret_pci)
{
	struct virtio_pci *pci = calloc(1, sizeof(*pci));
	int result;

	if (!pci) {
		virtio->ops->free(virtio);
		return -ENOMEM;
	}
	pci->device.ops = &pci_transport_ops;
	memcpy(pci->device.id, virtio->id, sizeof(pci->device.id));
	pci->host = *host;
	pci->virtio = virtio;
	pci->vectors = virtio->queue_count + 1;
	reset_registers(pci);
	result = build(pci, slot);
	if (result) {
		pci_transport_free(&pci->device);
		return result;
	}
	virtio->transport = (struct virtio_transport){ raise_queue, raise_config, queue_fd,
		set_live, reset_registers, pci };
	*ret_pci = pci;
	return 0;
}

struct device *virtio_pci_device(struct virtio_pci *pci)
{
	return &pci->device;
}

struct virtio *virtio_pci_virtio(struct virtio_pci *pci)
{
	return pci->virtio;
}

unsigned int virtio_pci_slot(const struct virtio_pci *pci)
{
	return pci->pci.bus ? pci->pci.slot : 0;
}

void virtio_pci_unplug(struct virtio_pci *pci)
{
	pci_unplug(&pci->pci);
}

int virtio_pci_plug(struct virtio_pci *pci, int slot)
{
	return pci_plug(pci->host.bus, &pci->pci, slot);
}
