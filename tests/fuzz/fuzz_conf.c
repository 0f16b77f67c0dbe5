/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Any bytes as a berth.conf: no crash, no report of a sanitizer, and what is accepted prints to a
 * text that is accepted and prints the same.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "conf/load.h"
#include "conf/parse.h"
#include "conf/print.h"
#include "conf/render.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int ignore(void *context, const char *path, const struct buf *content)
{
	(void)context;
	(void)path;
	(void)content;
	return 0;
}

/* Print the configuration of `text` to `printed`; false when it is refused. */
static bool print(const char *text, size_t length, struct buf *printed)
{
	struct conf conf;
	bool accepted;

	if (conf_load(text, length, &conf))
		return false;
	accepted = conf.diags.count == 0;
	if (accepted) {
		conf_print(&conf.model, printed);
		conf_render(&conf.model, ignore, NULL);
	} else {
		conf_diags_print(&conf.diags, "f", printed);
	}
	conf_done(&conf);
	return accepted;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);
	struct buf first = BUF_INIT;
	struct buf second = BUF_INIT;

	if (!text)
		return 0;
	if (size)
		memcpy(text, data, size);
	text[size] = '\0';
	if (print(text, size, &first)) {
		if (!print(buf_text(&first), first.length, &second) ||
		    strcmp(buf_text(&first), buf_text(&second)) != 0)
			abort();
	}
	buf_done(&first);
	buf_done(&second);
	free(text);
	return 0;
}
