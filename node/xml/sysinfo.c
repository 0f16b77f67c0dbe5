/* SPDX-License-Identifier: GPL-2.0-only */
#include "node/xml/sysinfo.h"

#include "xml/write.h"

/* An entry of SMBIOS as Linux has it in class/dmi/id; a row without a file begins an element. */
static const struct {
	const char *name;
	const char *file;
} entries[] = {
	{ "bios", NULL },
	{ "vendor", "bios_vendor" },
	{ "version", "bios_version" },
	{ "date", "bios_date" },
	{ "release", "bios_release" },
	{ "system", NULL },
	{ "manufacturer", "sys_vendor" },
	{ "product", "product_name" },
	{ "version", "product_version" },
	{ "serial", "product_serial" },
	{ "uuid", "product_uuid" },
	{ "sku", "product_sku" },
	{ "family", "product_family" },
	{ "baseBoard", NULL },
	{ "manufacturer", "board_vendor" },
	{ "product", "board_name" },
	{ "version", "board_version" },
	{ "serial", "board_serial" },
	{ "asset", "board_asset_tag" },
	{ "chassis", NULL },
	{ "manufacturer", "chassis_vendor" },
	{ "version", "chassis_version" },
	{ "serial", "chassis_serial" },
	{ "asset", "chassis_asset_tag" },
};

/* An element that would be empty is left out: it is begun with its first entry. */
void xml_sysinfo(const struct host_roots *roots, struct buf *out)
{
	struct xml xml = { .out = out };
	const char *element = NULL;
	bool begun = false;
	char text[SYSFS_LINE];

	xml_begin(&xml, "sysinfo");
	xml_attribute(&xml, "type", "smbios");
	for (size_t i = 0; i < sizeof(entries) / sizeof(entries[0]); i++) {
		if (!entries[i].file) {
			if (begun)
				xml_end(&xml);
			element = entries[i].name;
			begun = false;
			continue;
		}
		if (!sysfs_line(text, "%s/class/dmi/id/%s", roots->sys, entries[i].file) || !*text)
			continue;
		if (!begun)
			xml_begin(&xml, element);
		begun = true;
		xml_begin(&xml, "entry");
		xml_attribute(&xml, "name", entries[i].name);
		xml_end_text(&xml, text);
	}
	if (begun)
		xml_end(&xml);
	xml_end(&xml);
}
