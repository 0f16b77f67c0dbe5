/* SPDX-License-Identifier: GPL-2.0-only */
#include "cli/fetch_url.h"

#include <stdio.h>
#include <string.h>

#include "cli/exit_codes.h"
#include "lib/url.h"

#define VALUES_MAX 8

/* What stands behind "NAME=" in the last such argument, or NULL. */
static const char *value_of(const char *name, int count, char **arguments)
{
	const char *value = NULL;
	size_t length = strlen(name);

	for (int i = 0; i < count; i++)
		if (!strncmp(arguments[i], name, length) && arguments[i][length] == '=')
			value = arguments[i] + length + 1;
	return value;
}

int fetch_url_run(int count, char **arguments)
{
	const char *values[VALUES_MAX] = { NULL };
	struct buf text = BUF_INIT;
	const char *missing = NULL;
	const char *problem;
	int result = EXIT_NOT_WELL;

	if (count < 1)
		return EXIT_USAGE;
	for (size_t i = 0; url_variables[i]; i++)
		values[i] = value_of(url_variables[i], count - 1, arguments + 1);
	problem = url_problem(arguments[0]);
	if (problem) {
		fprintf(stderr, "%s: %s\n", arguments[0], problem);
	} else if (!url_fill(arguments[0], values, &text, &missing)) {
		fprintf(stderr, "%s: this machine has no {%s}\n", arguments[0], missing);
	} else if (buf_ok(&text)) {
		puts(buf_text(&text));
		result = EXIT_WELL;
	}
	buf_done(&text);
	return result;
}
