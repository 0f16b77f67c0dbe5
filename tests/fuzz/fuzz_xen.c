/* SPDX-License-Identifier: GPL-2.0-only */
/* Any text as a configuration file of Xen's xm: it is refused with a reason, or becomes XML that
 * can be read. */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "node/xen/domain.h"
#include "xml/read.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* expat takes UTF-8 only, and a file of xm may be anything. */
static bool is_ascii(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text >= 0x80)
			return false;
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf input = BUF_INIT;
	struct buf xml = BUF_INIT;
	struct buf why = BUF_INIT;
	int error;

	buf_add(&input, (const char *)data, size);
	error = xen_domain(buf_text(&input), &xml, &why);
	if (error && !why.length)
		abort();
	if (!error && is_ascii(buf_text(&input))) {
		struct xml_element *root = xml_tree_read(xml.data, xml.length);

		if (!root)
			abort();
		xml_tree_free(root);
	}
	buf_done(&input);
	buf_done(&xml);
	buf_done(&why);
	return 0;
}
