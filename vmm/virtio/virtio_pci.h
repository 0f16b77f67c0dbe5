/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Virtio over PCI, modern only (virtio 1.2, section 4.1): one 64-bit BAR of 32 KiB with common
 * configuration, ISR, device configuration, notifications and MSI-X. Each queue has its
 * notification address, so that each can be a doorbell.
 */
#ifndef BERTH_VMM_VIRTIO_VIRTIO_PCI_H
#define BERTH_VMM_VIRTIO_VIRTIO_PCI_H

#include "vmm/bus/msix.h"
#include "vmm/core/doorbell.h"
#include "vmm/virtio/virtio.h"

struct virtio_pci;

struct virtio_pci_host {
	struct pci_bus *bus;
	const struct msi_sink *msi;
	const struct doorbell *doorbell;
};

/* Takes `virtio` over, also on failure: it is freed through its ops. `slot` -1: the first free one.
 */
int virtio_pci_create(const struct virtio_pci_host *host, struct virtio *virtio, int slot,
    struct virtio_pci **ret_pci);

/* For the machine's table: reset, pause, save ... of transport and device as one. */
struct device *virtio_pci_device(struct virtio_pci *pci);
struct virtio *virtio_pci_virtio(struct virtio_pci *pci);

/* Where it is; 0: nowhere. Take it off the bus, before it is paused for good and freed, or put into
 * another slot with pci_plug()'s result. */
unsigned int virtio_pci_slot(const struct virtio_pci *pci);
void virtio_pci_unplug(struct virtio_pci *pci);
int virtio_pci_plug(struct virtio_pci *pci, int slot);

#endif
