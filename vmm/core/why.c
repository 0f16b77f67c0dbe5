/* SPDX-License-Identifier: GPL-2.0-only */
#include "vmm/core/why.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int why(struct why *ret_why, int result, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(ret_why->text, sizeof(ret_why->text), format, arguments);
	va_end(arguments);
	return result;
}

int why_errno(struct why *ret_why, int result, const char *format, ...)
{
	va_list arguments;
	size_t length;

	va_start(arguments, format);
	vsnprintf(ret_why->text, sizeof(ret_why->text), format, arguments);
	va_end(arguments);
	length = strlen(ret_why->text);
	snprintf(ret_why->text + length, sizeof(ret_why->text) - length, ": %s", strerror(-result));
	return result;
}
