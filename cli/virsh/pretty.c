/* SPDX-License-Identifier: GPL-2.0-only */
#include "cli/virsh/pretty.h"

#include <stdio.h>

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
