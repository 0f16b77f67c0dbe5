/* SPDX-License-Identifier: GPL-2.0-only */
#include "node/guest/alias.h"

#include <stdio.h>
#include <string.h>

const char *alias_of_disk(const char *target, char alias[ALIAS_MAX])
{
	unsigned int number = 0;

	/* "a" is 1 and "aa" 27, as letters count. */
	for (const char *at = target + (target[0] && target[1] ? 2 : 0); *at >= 'a' && *at <= 'z';
	     at++)
		number = number * 26 + (unsigned int)(*at - 'a') + 1;
	snprintf(alias, ALIAS_MAX, "virtio-disk%u", number ? number - 1 : 0);
	return alias;
}

const char *alias_of_nic(const char *tap, char alias[ALIAS_MAX])
{
	snprintf(alias, ALIAS_MAX, "net%.15s", tap + strcspn(tap, "0123456789"));
	return alias;
}
