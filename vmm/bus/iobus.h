/* SPDX-License-Identifier: GPL-2.0-only */
/* Who answers at which port or address. One iobus for ports, one for memory. */
#ifndef BERTH_VMM_BUS_IOBUS_H
#define BERTH_VMM_BUS_IOBUS_H

#include <stdbool.h>
#include <stdint.h>

/* `offset` is from the range's start; `size` is 1, 2, 4 or 8 and the access lies wholly in the
 * range. A device answers every size: those it does not know read as zeros and are ignored. */
struct io_ops {
	uint64_t (*read)(void *context, uint64_t offset, unsigned int size);
	void (*write)(void *context, uint64_t offset, unsigned int size, uint64_t value);
};

struct iobus;

int iobus_create(struct iobus **ret_bus);
void iobus_free(struct iobus *bus);

/* 0, -EEXIST when part of the range is taken, -EINVAL, -ENOMEM. `ops` must live as long. */
int iobus_add(
    struct iobus *bus, uint64_t base, uint64_t size, const struct io_ops *ops, void *context);
void iobus_remove(struct iobus *bus, uint64_t base);

/* What nobody claims, or what crosses the end of a range, reads as all ones and swallows writes;
 * then false. */
bool iobus_read(struct iobus *bus, uint64_t address, unsigned int size, uint64_t *ret_value);
bool iobus_write(struct iobus *bus, uint64_t address, unsigned int size, uint64_t value);

#endif
