/* SPDX-License-Identifier: GPL-2.0-only */
#include "node/xml/device.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "node/host/host.h"
#include "xml/write.h"

/* An element with a line of a file, when there is one. */
static void line(struct xml *xml, const char *element, const char *folder, const char *file)
{
	char text[SYSFS_LINE];

	if (sysfs_line(text, "%s/%s", folder, file))
		xml_text(xml, element, text);
}

static void system_itself(struct xml *xml, const struct host_roots *roots)
{
	char dmi[SYSFS_PATH];
	char uuid[37];

	snprintf(dmi, sizeof(dmi), "%s/class/dmi/id", roots->sys);
	line(xml, "product", dmi, "product_name");
	xml_begin(xml, "hardware");
	line(xml, "vendor", dmi, "sys_vendor");
	line(xml, "version", dmi, "product_version");
	line(xml, "serial", dmi, "product_serial");
	/* The schema wants one; the firmware may have none. */
	xml_text(xml, "uuid", host_uuid(uuid) ? uuid : "00000000-0000-0000-0000-000000000000");
	xml_end(xml);
	xml_begin(xml, "firmware");
	line(xml, "vendor", dmi, "bios_vendor");
	line(xml, "version", dmi, "bios_version");
	line(xml, "release_date", dmi, "bios_date");
	xml_end(xml);
}

void xml_device_address(struct xml *xml, const char *name)
{
	struct host_pci_address at;

	if (!host_pci_parse(name, &at))
		return;
	xml_begin(xml, "address");
	xml_attribute_format(xml, "domain", "0x%04x", at.domain);
	xml_attribute_format(xml, "bus", "0x%02x", at.bus);
	xml_attribute_format(xml, "slot", "0x%02x", at.slot);
	xml_attribute_format(xml, "function", "0x%x", at.function);
	xml_end(xml);
}

static bool member_address(void *xml, const char *name)
{
	xml_device_address(xml, name);
	return true;
}

/* What is given away together, for it is not kept apart. */
static void iommu_group(
    struct xml *xml, const struct host_roots *roots, const struct host_device *device)
{
	char number[SYSFS_LINE];
	char folder[SYSFS_PATH];

	if (!sysfs_link(number, "%s/iommu_group", device->path))
		return;
	xml_begin(xml, "iommuGroup");
	xml_attribute(xml, "number", number);
	snprintf(
	    folder, sizeof(folder), "%s/kernel/iommu_groups/%.16s/devices", roots->sys, number);
	sysfs_names(folder, member_address, xml);
	xml_end(xml);
}

/* SR-IOV: what this is a part of, what is a part of this. */
static void functions(struct xml *xml, const struct host_device *device)
{
	char kernel[SYSFS_LINE];
	long long most = sysfs_number(0, "%s/sriov_totalvfs", device->path);

	if (sysfs_link(kernel, "%s/physfn", device->path)) {
		xml_begin(xml, "capability");
		xml_attribute(xml, "type", "phys_function");
		xml_device_address(xml, kernel);
		xml_end(xml);
	}
	if (most <= 0)
		return;
	xml_begin(xml, "capability");
	xml_attribute(xml, "type", "virt_functions");
	xml_attribute_format(xml, "maxCount", "%lld", most);
	for (unsigned int i = 0; sysfs_link(kernel, "%s/virtfn%u", device->path, i); i++)
		xml_device_address(xml, kernel);
	xml_end(xml);
}

/* PCI 3.0, 6.1: the header's kind, at byte 14. */
static void bridge(struct xml *xml, const struct host_device *device)
{
	char path[SYSFS_PATH + 8];
	unsigned char header = 0;
	int fd;

	snprintf(path, sizeof(path), "%s/config", device->path);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	if (pread(fd, &header, 1, 14) == 1 && ((header & 0x7f) == 1 || (header & 0x7f) == 2))
		xml_empty(xml, "capability", "type",
		    (header & 0x7f) == 1 ? "pci-bridge" : "cardbus-bridge");
	close(fd);
}

/* "8.0 GT/s PCIe" is 8, "2.5 GT/s PCIe" 2.5. */
static void lanes(struct xml *xml, const char *path, const char *which, const char *validity)
{
	char speed[SYSFS_LINE];
	long long width = sysfs_number(0, "%s/%s_link_width", path, which);

	if (width <= 0 || width == 255)
		return;
	xml_begin(xml, "link");
	xml_attribute(xml, "validity", validity);
	if (sysfs_line(speed, "%s/%s_link_speed", path, which) && *speed >= '0' && *speed <= '9') {
		size_t length = strcspn(speed, " ");

		if (length > 2 && !strncmp(speed + length - 2, ".0", 2))
			length -= 2;
		xml_attribute_format(xml, "speed", "%.*s", (int)length, speed);
	}
	xml_attribute_format(xml, "width", "%lld", width);
	xml_end(xml);
}

static void pci(struct xml *xml, const struct host_roots *roots, const struct host_device *device)
{
	struct host_pci_address at;
	char text[SYSFS_LINE];
	long long node = sysfs_number(-1, "%s/numa_node", device->path);

	if (!host_pci_parse(device->kernel, &at))
		return;
	line(xml, "class", device->path, "class");
	xml_text_format(xml, "domain", "%u", at.domain);
	xml_text_format(xml, "bus", "%u", at.bus);
	xml_text_format(xml, "slot", "%u", at.slot);
	xml_text_format(xml, "function", "%u", at.function);
	sysfs_line(text, "%s/device", device->path);
	xml_empty(xml, "product", "id", text);
	sysfs_line(text, "%s/vendor", device->path);
	xml_empty(xml, "vendor", "id", text);
	functions(xml, device);
	bridge(xml, device);
	iommu_group(xml, roots, device);
	if (node >= 0) {
		xml_begin(xml, "numa");
		xml_attribute_format(xml, "node", "%lld", node);
		xml_end(xml);
	}
	if (!sysfs_number(0, "%s/max_link_width", device->path))
		return;
	xml_begin(xml, "pci-express");
	lanes(xml, device->path, "max", "cap");
	lanes(xml, device->path, "current", "sta");
	xml_end(xml);
}

void xml_link(struct xml *xml, const char *path)
{
	char state[SYSFS_LINE];
	long long speed = sysfs_number(0, "%s/speed", path);

	if (!sysfs_line(state, "%s/operstate", path))
		return;
	xml_begin(xml, "link");
	if (speed > 0)
		xml_attribute_format(xml, "speed", "%lld", speed);
	xml_attribute(xml, "state", state);
	xml_end(xml);
}

static void net(struct xml *xml, const struct host_device *device)
{
	xml_text(xml, "interface", device->kernel);
	line(xml, "address", device->path, "address");
	xml_link(xml, device->path);
	xml_empty(xml, "capability", "type",
	    sysfs_exists("%s/phy80211", device->path) ? "80211" : "80203");
}

static const char *bus_of(const char *path)
{
	static const char *const marks[][2] = { { "/usb", "usb" }, { "/virtio", "virtio" },
		{ "/nvme", "nvme" }, { "/ata", "ata" }, { "/mmc", "mmc" } };

	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++)
		if (strstr(path, marks[i][0]))
			return marks[i][1];
	return "scsi";
}

static void sizes(struct xml *xml, const struct host_device *device, const char *element)
{
	unsigned long long bytes = (unsigned long long)sysfs_number(0, "%s/size", device->path) *
				   512;
	long long block = sysfs_number(512, "%s/queue/logical_block_size", device->path);

	xml_text_format(xml, element, "%llu", bytes);
	if (block <= 0)
		return;
	xml_text_format(xml, "logical_block_size", "%lld", block);
	xml_text_format(xml, "num_blocks", "%llu", bytes / (unsigned long long)block);
}

static void storage(struct xml *xml, const struct host_device *device)
{
	char text[SYSFS_LINE];
	bool cdrom = !strncmp(device->kernel, "sr", 2);

	xml_text_format(xml, "block", "/dev/%s", device->kernel);
	xml_text(xml, "bus", bus_of(device->path));
	xml_text(xml, "drive_type",
	    cdrom				? "cdrom"
	    : !strncmp(device->kernel, "fd", 2) ? "floppy"
						: "disk");
	line(xml, "model", device->path, "device/model");
	/* Of virtio it is a number. */
	if (sysfs_line(text, "%s/device/vendor", device->path) && strncmp(text, "0x", 2) != 0)
		xml_text(xml, "vendor", text);
	if (sysfs_line(text, "%s/serial", device->path) ||
	    sysfs_line(text, "%s/device/serial", device->path))
		xml_text(xml, "serial", text);
	if (!sysfs_number(0, "%s/removable", device->path)) {
		sizes(xml, device, "size");
		return;
	}
	xml_begin(xml, "capability");
	xml_attribute(xml, "type", "removable");
	xml_text(xml, "media_available", sysfs_number(0, "%s/size", device->path) > 0 ? "1" : "0");
	sizes(xml, device, "media_size");
	xml_end(xml);
}

void xml_device(const struct host_roots *roots, const struct host_device *device, struct buf *out)
{
	static const char *const kinds[] = { "system", "pci", "net", "storage" };
	struct xml xml = { .out = out };
	char driver[SYSFS_LINE];

	xml_begin(&xml, "device");
	xml_text(&xml, "name", device->name);
	if (device->path[0])
		xml_text(&xml, "path", device->path);
	if (device->kind == HOST_DEVICE_STORAGE) {
		xml_begin(&xml, "devnode");
		xml_attribute(&xml, "type", "dev");
		xml_end_text_format(&xml, "/dev/%s", device->kernel);
	}
	if (device->parent[0])
		xml_text(&xml, "parent", device->parent);
	if (device->path[0] && sysfs_link(driver, "%s/driver", device->path)) {
		xml_begin(&xml, "driver");
		xml_text(&xml, "name", driver);
		xml_end(&xml);
	}
	xml_begin(&xml, "capability");
	xml_attribute(&xml, "type", kinds[device->kind]);
	switch (device->kind) {
	case HOST_DEVICE_SYSTEM:
		system_itself(&xml, roots);
		break;
	case HOST_DEVICE_PCI:
		pci(&xml, roots, device);
		break;
	case HOST_DEVICE_NET:
		net(&xml, device);
		break;
	case HOST_DEVICE_STORAGE:
		storage(&xml, device);
		break;
	}
	xml_end(&xml);
	xml_end(&xml);
}
