/* SPDX-License-Identifier: GPL-2.0-only */
/* MSI-X (PCI Local Bus 3.0, section 6.8.2): table and pending bits in a BAR, a route a vector. */
#ifndef BERTH_VMM_BUS_MSIX_H
#define BERTH_VMM_BUS_MSIX_H

#include "vmm/bus/pci.h"
#include "vmm/core/msi.h"

#define MSIX_VECTORS_MAX 64

struct msix;

/* Adds the capability to `pci`; table and pending bits are `msix_io` below, at `table` and
 * `pending` bytes into BAR `bar` (the owner of the BAR forwards). */
int msix_create(struct pci_device *pci, const struct msi_sink *sink, unsigned int vectors,
    unsigned int bar, uint32_t table, uint32_t pending, struct msix **ret_msix);
void msix_free(struct msix *msix);

uint64_t msix_table_read(struct msix *msix, uint64_t offset, unsigned int size);
void msix_table_write(struct msix *msix, uint64_t offset, unsigned int size, uint64_t value);
uint64_t msix_pending_read(struct msix *msix, uint64_t offset, unsigned int size);
/* From the owner's pci `written`: the enable and function mask bits may have changed. */
void msix_config_written(struct msix *msix);

bool msix_is_enabled(const struct msix *msix);

/* Raise a vector: delivered, or pending while masked; out of range is ignored. */
void msix_raise(struct msix *msix, unsigned int vector);
/* The eventfd that raises it from a kernel thread (vhost). While the vector is masked it counts
 * what is signalled, and unmasking delivers that. -1: out of range. */
int msix_fd(struct msix *msix, unsigned int vector);

void msix_reset(struct msix *msix);
void msix_save(struct msix *msix, struct state_writer *writer);
void msix_load(struct msix *msix, struct state_reader *reader);

#endif
