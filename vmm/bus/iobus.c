/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Ranges in one sorted array: there are some dozens, and they seldom change. A device may change
 * them from within its own write (a BAR moves), so a range is copied before its device is called.
 */
#include "vmm/bus/iobus.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct range {
	uint64_t base;
	uint64_t last;
	const struct io_ops *ops;
	void *context;
};

struct iobus {
	struct range *ranges; /* by base; they do not overlap */
	size_t count;
	size_t capacity;
};

int iobus_create(struct iobus **ret_bus)
{
	struct iobus *bus = calloc(1, sizeof(*bus));

	if (!bus)
		return -ENOMEM;
	*ret_bus = bus;
	return 0;
}

void iobus_free(struct iobus *bus)
{
	if (!bus)
		return;
	free(bus->ranges);
	free(bus);
}

/* The first range that does not end before `address`. */
static size_t find(const struct iobus *bus, uint64_t address)
{
	size_t low = 0;
	size_t high = bus->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (bus->ranges[middle].last < address)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

int iobus_add(
    struct iobus *bus, uint64_t base, uint64_t size, const struct io_ops *ops, void *context)
{
	uint64_t last;
	size_t at;

	if (size == 0 || __builtin_add_overflow(base, size - 1, &last))
		return -EINVAL;
	at = find(bus, base);
	if (at < bus->count && bus->ranges[at].base <= last)
		return -EEXIST;
	if (bus->count == bus->capacity) {
		size_t capacity = bus->capacity ? bus->capacity * 2 : 16;
		struct range *ranges = reallocarray(bus->ranges, capacity, sizeof(*ranges));

		if (!ranges)
			return -ENOMEM;
		bus->ranges = ranges;
		bus->capacity = capacity;
	}
	memmove(bus->ranges + at + 1, bus->ranges + at, (bus->count - at) * sizeof(*bus->ranges));
	bus->ranges[at] = (struct range){ base, last, ops, context };
	bus->count++;
	return 0;
}

void iobus_remove(struct iobus *bus, uint64_t base)
{
	size_t at = find(bus, base);

	if (at == bus->count || bus->ranges[at].base != base)
		return;
	bus->count--;
	memmove(bus->ranges + at, bus->ranges + at + 1, (bus->count - at) * sizeof(*bus->ranges));
}

/* Who answers for all of the access, as a copy. */
static bool claim(
    const struct iobus *bus, uint64_t address, unsigned int size, struct range *ret_range)
{
	size_t at = find(bus, address);

	if (size != 1 && size != 2 && size != 4 && size != 8)
		return false;
	if (at == bus->count || address < bus->ranges[at].base ||
	    bus->ranges[at].last - address < size - 1)
		return false;
	*ret_range = bus->ranges[at];
	return true;
}

static uint64_t ones(unsigned int size)
{
	return size >= 8 ? UINT64_MAX : ((uint64_t)1 << (8 * size)) - 1;
}

bool iobus_read(struct iobus *bus, uint64_t address, unsigned int size, uint64_t *ret_value)
{
	struct range range;

	if (!claim(bus, address, size, &range)) {
		*ret_value = ones(size);
		return false;
	}
	*ret_value = range.ops->read(range.context, address - range.base, size) & ones(size);
	return true;
}

bool iobus_write(struct iobus *bus, uint64_t address, unsigned int size, uint64_t value)
{
	struct range range;

	if (!claim(bus, address, size, &range))
		return false;
	range.ops->write(range.context, address - range.base, size, value & ones(size));
	return true;
}
