/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kernel takes the routing table only as a whole, and each time waits until nobody uses the old
 * one. So a route is written only when its message changes, and masking is no change: then only the
 * descriptor is taken off. It is always taken off before its route changes; on AMD's AVIC a bound
 * one keeps delivering the old message otherwise.
 */
#include "vmm/hv/irqchip.h"

#include <errno.h>
#include <linux/kvm.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "vmm/core/memmap.h"

#define PIC_PINS 16
#define CHIPS 3
#define FIXED_ROUTES (PIC_PINS + MEMMAP_GSI_MSI)
#define STATE_VERSION 1

struct message_slot {
	bool open;
	bool bound;  /* its descriptor raises it */
	bool routed; /* `message` is in the table */
	int fd;
	struct msi_message message;
};

struct irqchip {
	struct kvm *kvm;
	struct msi_sink sink;
	struct doorbell doorbell;
	struct message_slot *slots;
	unsigned int slot_count; /* that were ever open */
	struct kvm_irq_routing *table;
	struct kvm_irqchip initial[CHIPS];
};

static void put_pin(struct irqchip *irqchip, unsigned int gsi, unsigned int chip, unsigned int pin)
{
	irqchip->table->entries[irqchip->table->nr++] = (struct kvm_irq_routing_entry){
		.gsi = gsi,
		.type = KVM_IRQ_ROUTING_IRQCHIP,
		.u.irqchip = { .irqchip = chip, .pin = pin },
	};
}

static int write_routes(struct irqchip *irqchip)
{
	irqchip->table->nr = 0;
	for (unsigned int gsi = 0; gsi < MEMMAP_GSI_MSI; gsi++) {
		if (gsi < PIC_PINS)
			put_pin(irqchip, gsi,
			    gsi < 8 ? KVM_IRQCHIP_PIC_MASTER : KVM_IRQCHIP_PIC_SLAVE, gsi % 8);
		put_pin(irqchip, gsi, KVM_IRQCHIP_IOAPIC, gsi);
	}
	for (unsigned int i = 0; i < irqchip->slot_count; i++) {
		const struct message_slot *slot = &irqchip->slots[i];

		if (slot->open && slot->routed)
			irqchip->table->entries[irqchip->table->nr++] =
			    (struct kvm_irq_routing_entry){
				    .gsi = MEMMAP_GSI_MSI + i,
				    .type = KVM_IRQ_ROUTING_MSI,
				    .u.msi = { .address_lo = (uint32_t)slot->message.address,
					.address_hi = (uint32_t)(slot->message.address >> 32),
					.data = slot->message.data },
			    };
	}
	return kvm_call(irqchip->kvm->vm, KVM_SET_GSI_ROUTING, irqchip->table);
}

static int bind(struct irqchip *irqchip, unsigned int index, bool on)
{
	struct message_slot *slot = &irqchip->slots[index];
	int result;

	if (slot->bound == on)
		return 0;
	result = kvm_call(irqchip->kvm->vm, KVM_IRQFD,
	    &(struct kvm_irqfd){ .fd = (uint32_t)slot->fd,
		.gsi = MEMMAP_GSI_MSI + index,
		.flags = on ? 0 : KVM_IRQFD_FLAG_DEASSIGN });
	if (!result)
		slot->bound = on;
	return result;
}

static int open_route(void *context, struct msi_route *ret_route)
{
	struct irqchip *irqchip = context;
	unsigned int index = 0;
	int fd;

	while (index < irqchip->slot_count && irqchip->slots[index].open)
		index++;
	if (index == IRQCHIP_MESSAGES)
		return -ENOSPC;
	fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (fd < 0)
		return -errno;
	irqchip->slots[index] = (struct message_slot){ .open = true, .fd = fd };
	if (index == irqchip->slot_count)
		irqchip->slot_count++;
	*ret_route = (struct msi_route){ .gsi = MEMMAP_GSI_MSI + index, .fd = fd };
	return 0;
}

static void close_route(void *context, struct msi_route *route)
{
	struct irqchip *irqchip = context;
	unsigned int index = route->gsi - MEMMAP_GSI_MSI;
	struct message_slot *slot = &irqchip->slots[index];

	bind(irqchip, index, false);
	close(slot->fd);
	/* Its line of the table goes with the next change. */
	*slot = (struct message_slot){ .fd = -1 };
	route->fd = -1;
}

static int set_route(void *context, struct msi_route *route, const struct msi_message *message)
{
	struct irqchip *irqchip = context;
	unsigned int index = route->gsi - MEMMAP_GSI_MSI;
	struct message_slot *slot = &irqchip->slots[index];
	int result;

	if (!message)
		return bind(irqchip, index, false);
	if (!slot->routed || slot->message.address != message->address ||
	    slot->message.data != message->data) {
		result = bind(irqchip, index, false);
		if (result)
			return result;
		slot->message = *message;
		slot->routed = true;
		result = write_routes(irqchip);
		if (result)
			return result;
	}
	return bind(irqchip, index, true);
}

static int attach(void *context, uint64_t address, unsigned int length, int fd)
{
	struct irqchip *irqchip = context;

	return kvm_call(irqchip->kvm->vm, KVM_IOEVENTFD,
	    &(struct kvm_ioeventfd){ .addr = address, .len = length, .fd = fd });
}

static int detach(void *context, uint64_t address, unsigned int length, int fd)
{
	struct irqchip *irqchip = context;

	return kvm_call(irqchip->kvm->vm, KVM_IOEVENTFD,
	    &(struct kvm_ioeventfd){
		.addr = address, .len = length, .fd = fd, .flags = KVM_IOEVENTFD_FLAG_DEASSIGN });
}

static void set_line(void *context, unsigned int line, bool level)
{
	struct irqchip *irqchip = context;

	kvm_call(
	    irqchip->kvm->vm, KVM_IRQ_LINE, &(struct kvm_irq_level){ .irq = line, .level = level });
}

static int get_chips(struct irqchip *irqchip, struct kvm_irqchip chips[CHIPS])
{
	memset(chips, 0, CHIPS * sizeof(*chips));
	for (unsigned int i = 0; i < CHIPS; i++) {
		int result;

		chips[i].chip_id = i;
		result = kvm_call(irqchip->kvm->vm, KVM_GET_IRQCHIP, &chips[i]);
		if (result)
			return result;
	}
	return 0;
}

static int set_chips(struct irqchip *irqchip, struct kvm_irqchip chips[CHIPS])
{
	for (unsigned int i = 0; i < CHIPS; i++) {
		int result;

		chips[i].chip_id = i;
		result = kvm_call(irqchip->kvm->vm, KVM_SET_IRQCHIP, &chips[i]);
		if (result)
			return result;
	}
	return 0;
}

int irqchip_create(struct kvm *kvm, struct why *ret_why, struct irqchip **ret_irqchip)
{
	struct irqchip *irqchip = calloc(1, sizeof(*irqchip));
	int result = -ENOMEM;

	if (!irqchip)
		return why_errno(ret_why, -ENOMEM, "interrupts");
	irqchip->kvm = kvm;
	irqchip->sink = (struct msi_sink){
		.open = open_route, .close = close_route, .set = set_route, .context = irqchip
	};
	irqchip->doorbell =
	    (struct doorbell){ .attach = attach, .detach = detach, .context = irqchip };
	irqchip->slots = calloc(IRQCHIP_MESSAGES, sizeof(*irqchip->slots));
	irqchip->table = calloc(
	    1, sizeof(*irqchip->table) +
		   (FIXED_ROUTES + IRQCHIP_MESSAGES) * sizeof(irqchip->table->entries[0]));
	if (irqchip->slots && irqchip->table)
		result = kvm_call(kvm->vm, KVM_CREATE_IRQCHIP, NULL);
	if (!result)
		result = get_chips(irqchip, irqchip->initial);
	if (result) {
		irqchip_free(irqchip);
		return why_errno(ret_why, result, "KVM makes no interrupt controllers");
	}
	*ret_irqchip = irqchip;
	return 0;
}

void irqchip_free(struct irqchip *irqchip)
{
	if (!irqchip)
		return;
	for (unsigned int i = 0; i < irqchip->slot_count; i++)
		if (irqchip->slots[i].open)
			close(irqchip->slots[i].fd);
	free(irqchip->slots);
	free(irqchip->table);
	free(irqchip);
}

struct irq_line irqchip_line(struct irqchip *irqchip, unsigned int gsi)
{
	return (struct irq_line){ .set = set_line, .context = irqchip, .line = gsi };
}

const struct msi_sink *irqchip_msi(struct irqchip *irqchip)
{
	return &irqchip->sink;
}

const struct doorbell *irqchip_doorbell(struct irqchip *irqchip)
{
	return &irqchip->doorbell;
}

int irqchip_reset(struct irqchip *irqchip)
{
	return set_chips(irqchip, irqchip->initial);
}

int irqchip_save(struct irqchip *irqchip, struct state_writer *writer)
{
	struct kvm_irqchip chips[CHIPS];
	int result = get_chips(irqchip, chips);

	if (result)
		return result;
	state_begin(writer, "irqchip", "", STATE_VERSION);
	state_put_bytes(writer, "pic-master", &chips[0].chip.pic, sizeof(chips[0].chip.pic));
	state_put_bytes(writer, "pic-slave", &chips[1].chip.pic, sizeof(chips[1].chip.pic));
	state_put_bytes(writer, "ioapic", &chips[2].chip.ioapic, sizeof(chips[2].chip.ioapic));
	state_end(writer);
	return 0;
}

int irqchip_load(struct irqchip *irqchip, struct state_reader *reader)
{
	struct kvm_irqchip chips[CHIPS] = { 0 };
	int result;

	state_enter(reader, "irqchip", "", STATE_VERSION);
	state_get_bytes(reader, "pic-master", &chips[0].chip.pic, sizeof(chips[0].chip.pic));
	state_get_bytes(reader, "pic-slave", &chips[1].chip.pic, sizeof(chips[1].chip.pic));
	state_get_bytes(reader, "ioapic", &chips[2].chip.ioapic, sizeof(chips[2].chip.ioapic));
	result = state_leave(reader);
	return result ? result : set_chips(irqchip, chips);
}
