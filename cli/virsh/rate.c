/* SPDX-License-Identifier: GPL-2.0-only */
#include "cli/virsh/rate.h"

#include <stdio.h>
#include <string.h>

#include "cli/virsh/shell.h"
#include "lib/num.h"

const char *const rate_words[RATE_FIELDS] = { "average", "peak", "burst", "floor" };

bool rate_parse(const char *text, bool out, bool needed, uint64_t ret_values[RATE_FIELDS])
{
	const char *at = text;
	char digits[NUM_TEXT];

	memset(ret_values, 0, RATE_FIELDS * sizeof(*ret_values));
	for (unsigned int i = 0; *at; i++) {
		size_t length = strcspn(at, ",");

		if (i == RATE_FIELDS)
			return shell_error("Rate string '%s' has too many fields", text);
		snprintf(digits, sizeof(digits), "%.*s", (int)length, at);
		if (length && !num_parse(digits, UINT32_MAX, &ret_values[i]))
			return shell_error("field '%s' is malformed", rate_words[i]);
		at += length + (at[length] == ',');
	}
	if (!ret_values[0] && (needed || ret_values[1] || ret_values[2]) && (out || !ret_values[3]))
		return shell_error(out ? "outbound average is mandatory"
				       : "either inbound average or floor is mandatory");
	if (out && ret_values[3])
		return shell_error("outbound floor is unsupported yet");
	return true;
}
