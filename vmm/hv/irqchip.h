/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Interrupts: PIC, I/O APIC and local APICs in the kernel (KVM API, 4.24), the routing table that
 * leads global system interrupts to pins or messages (4.52), descriptors that raise them (4.75).
 * There is no PIT: guests keep time by the TSC or kvmclock and their local APIC's deadline timer.
 *
 * Also the doorbells (4.59), the way in the other direction.
 */
#ifndef BERTH_VMM_HV_IRQCHIP_H
#define BERTH_VMM_HV_IRQCHIP_H

#include "vmm/core/doorbell.h"
#include "vmm/core/irq_line.h"
#include "vmm/core/msi.h"
#include "vmm/core/state.h"
#include "vmm/hv/kvm.h"

/* Messages that can be routed at once. */
#define IRQCHIP_MESSAGES 1024

struct irqchip;

/* Before any vCPU. `kvm` must outlive it. */
int irqchip_create(struct kvm *kvm, struct why *ret_why, struct irqchip **ret_irqchip);
void irqchip_free(struct irqchip *irqchip);

/* A pin of the I/O APIC, below MEMMAP_GSI_MSI. */
struct irq_line irqchip_line(struct irqchip *irqchip, unsigned int gsi);
const struct msi_sink *irqchip_msi(struct irqchip *irqchip);
const struct doorbell *irqchip_doorbell(struct irqchip *irqchip);

/* PICs and I/O APIC as after power-on, and their state; local APICs belong to their vCPUs, routes
 * to the devices that opened them. */
int irqchip_reset(struct irqchip *irqchip);
int irqchip_save(struct irqchip *irqchip, struct state_writer *writer);
int irqchip_load(struct irqchip *irqchip, struct state_reader *reader);

#endif
