/* SPDX-License-Identifier: GPL-2.0-only */
#include "cli/virsh/pretty.h"

#include <stdio.h>

#include "cli/virsh/shell.h"

static const char *const units[] = { "B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB" };

static const char *scaled(uint64_t bytes, int digits, char text[PRETTY_TEXT])
{
	double value = (double)bytes;
	unsigned int unit = 0;

	while (value >= 1024 && unit < 6) {
		value /= 1024;
		unit++;
	}
	snprintf(text, PRETTY_TEXT, "%.*f %s", digits, value, units[unit]);
	return text;
}

const char *pretty_size(uint64_t bytes, char text[PRETTY_TEXT])
{
	return scaled(bytes, 3, text);
}

const char *pretty_capacity(uint64_t bytes, char text[PRETTY_TEXT])
{
	return scaled(bytes, 2, text);
}

static int has_bit(const uint8_t *map, int bit)
{
	return map[bit / 8] >> (bit % 8) & 1;
}

void pretty_print_list(const uint8_t *map, int count)
{
	const char *between = "";

	for (int i = 0; i < count; i++) {
		int last = i;

		if (!has_bit(map, i))
			continue;
		while (last + 1 < count && has_bit(map, last + 1))
			last++;
		shell_print(last > i ? "%s%d-%d" : "%s%d", between, i, last);
		between = ",";
		i = last;
	}
}
