/* SPDX-License-Identifier: GPL-2.0-only */
#include "conf/facts.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "conf/schema.h"
#include "conf/types.h"
#include "lib/file.h"
#include "lib/num.h"
#include "lib/partition.h"

#define VALUE_MAX 4096

/* Append "PREFIX" and a value without the blanks around it, if anything is left. Blanks inside
 * become "_", as they may not stand in a selector. True when something was added. */
static bool add_value(const char *text, size_t length, const char *prefix, struct buf *buf)
{
	while (length && (*text == ' ' || *text == '\n')) {
		text++;
		length--;
	}
	while (length && (text[length - 1] == ' ' || !text[length - 1]))
		length--;
	if (length)
		buf_printf(buf, " %s", prefix);
	for (size_t i = 0; i < length; i++)
		buf_add(buf, text[i] > ' ' && text[i] < 0x7f ? text + i : "_", 1);
	return length != 0;
}

/* The same of the one line of a file below `folder`; nothing where there is no such file. */
static bool add_file(const char *folder, const char *name, const char *prefix, struct buf *buf)
{
	char path[PATH_MAX];
	struct buf value = BUF_INIT;
	bool added = false;
	const char *text;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	if (!file_read(path, VALUE_MAX, &value)) {
		text = buf_text(&value) + strspn(buf_text(&value), " \n");
		added = add_value(text, strcspn(text, "\n"), prefix, buf);
	}
	buf_done(&value);
	return added;
}

static bool read_number(const char *folder, const char *name, uint64_t most, uint64_t *ret_number)
{
	struct buf text = BUF_INIT;
	bool found = add_file(folder, name, "", &text) &&
		     num_parse(buf_text(&text) + 1, most, ret_number);

	buf_done(&text);
	return found;
}

/* The last component of the device's path that looks like a PCI address: the controller nearest to
 * it. */
static void add_pci(const char *folder, struct buf *buf)
{
	char link[PATH_MAX];
	char real[PATH_MAX];
	const char *found = NULL;

	snprintf(link, sizeof(link), "%s/device", folder);
	if (!realpath(link, real))
		return;
	for (char *part = strtok(real, "/"); part; part = strtok(NULL, "/"))
		if (conf_has_shape(part, CONF_PCI_SHAPE))
			found = part;
	if (found)
		buf_printf(buf, " pci:%s", found);
}

static void add_driver(const char *folder, struct buf *buf)
{
	char link[PATH_MAX];
	char target[PATH_MAX];
	ssize_t length;

	snprintf(link, sizeof(link), "%s/device/driver", folder);
	length = readlink(link, target, sizeof(target) - 1);
	if (length <= 0)
		return;
	target[length] = '\0';
	buf_printf(buf, " driver=%s", strrchr(target, '/') ? strrchr(target, '/') + 1 : target);
}

/* A bond gives its ports one address; the permanent one is the port's. */
static void add_nic(const char *folder, const char *name, const char *dev, struct buf *buf)
{
	(void)dev;
	buf_printf(buf, "nic %s", name);
	if (!add_file(folder, "bonding_slave/perm_hwaddr", "mac:", buf))
		add_file(folder, "address", "mac:", buf);
	add_pci(folder, buf);
	add_driver(folder, buf);
	add_file(folder, "operstate", "link=", buf);
	buf_puts(buf, "\n");
}

/* SPC-4 section 7.8.10: page 80h holds the serial number behind four bytes, the last two of which
 * are its length. SATA disks have it, too. */
static bool add_scsi_serial(const char *folder, struct buf *buf)
{
	char path[PATH_MAX];
	struct buf page = BUF_INIT;
	bool added = false;

	snprintf(path, sizeof(path), "%s/device/vpd_pg80", folder);
	if (!file_read(path, VALUE_MAX, &page) && page.length > 4) {
		const unsigned char *head = (const unsigned char *)page.data;
		size_t length = (size_t)head[2] << 8 | head[3];

		if (length > page.length - 4)
			length = page.length - 4;
		added = add_value(page.data + 4, length, "serial:", buf);
	}
	buf_done(&page);
	return added;
}

/* A stick's serial number is that of the USB device above it. */
static bool add_usb_serial(const char *folder, struct buf *buf)
{
	char real[PATH_MAX];
	char path[PATH_MAX + 16];
	char *slash;

	snprintf(path, sizeof(path), "%s/device", folder);
	if (strlen(path) >= PATH_MAX || !realpath(path, real))
		return false;
	for (; (slash = strrchr(real, '/')) && slash != real; *slash = '\0') {
		snprintf(path, sizeof(path), "%s/idVendor", real);
		if (!access(path, F_OK))
			return add_file(real, "serial", "serial:", buf);
	}
	return false;
}

/* In sectors of 512 bytes, whatever the disk's own are. */
static void add_size(const char *folder, struct buf *buf)
{
	uint64_t count;

	if (read_number(folder, "size", UINT64_MAX / 512, &count))
		buf_printf(buf, " size=%llu", (unsigned long long)count * 512);
}

/* The disk's partitions that have a name in its table, in the order of their kernel names. */
static void add_partitions(const char *folder, const char *disk, const char *dev, struct buf *buf)
{
	char path[PATH_MAX];
	char guid[PARTITION_GUID];
	struct dirent **names;
	int count = scandir(folder, &names, NULL, alphasort);
	uint64_t number;
	uint64_t block;

	for (int i = 0; i < count; i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, "queue");
		if (!read_number(path, "logical_block_size", 65536, &block))
			block = 512;
		if ((size_t)snprintf(path, sizeof(path), "%s/%s", folder, names[i]->d_name) <
			sizeof(path) &&
		    read_number(path, "partition", UINT32_MAX, &number)) {
			char device[PATH_MAX];

			snprintf(device, sizeof(device), "%s/%s", dev, disk);
			if (!partition_guid(
				device, (unsigned int)number, (unsigned int)block, guid)) {
				buf_printf(buf, "part %s partuuid:%s", names[i]->d_name, guid);
				add_size(path, buf);
				buf_puts(buf, "\n");
			}
		}
		free(names[i]);
	}
	if (count >= 0)
		free(names);
}

static void add_disk(const char *folder, const char *name, const char *dev, struct buf *buf)
{
	buf_printf(buf, "disk %s", name);
	/* Virtio disks have it one level higher than NVMe ones. */
	if (!add_file(folder, "serial", "serial:", buf) &&
	    !add_file(folder, "device/serial", "serial:", buf) && !add_scsi_serial(folder, buf))
		add_usb_serial(folder, buf);
	if (!add_file(folder, "wwid", "wwn:", buf))
		add_file(folder, "device/wwid", "wwn:", buf);
	add_pci(folder, buf);
	add_file(folder, "device/model", "model=", buf);
	add_size(folder, buf);
	buf_puts(buf, "\n");
	add_partitions(folder, name, dev, buf);
}

/* Each member of a class that has a device behind it, in order of names. */
static int add_class(const char *sys, const char *class, const char *dev,
    void (*add)(const char *folder, const char *name, const char *dev, struct buf *buf),
    struct buf *buf)
{
	char path[PATH_MAX];
	struct dirent **names;
	int count;

	snprintf(path, sizeof(path), "%s/%s", sys, class);
	count = scandir(path, &names, NULL, alphasort);
	if (count < 0)
		return errno == ENOENT ? 0 : -errno;
	for (int i = 0; i < count; i++) {
		char device[PATH_MAX + 16];

		if ((size_t)snprintf(path, sizeof(path), "%s/%s/%s", sys, class, names[i]->d_name) <
			sizeof(path) &&
		    names[i]->d_name[0] != '.') {
			snprintf(device, sizeof(device), "%s/device", path);
			if (!access(device, F_OK))
				add(path, names[i]->d_name, dev, buf);
		}
		free(names[i]);
	}
	free(names);
	return 0;
}

int conf_facts_read(const char *sys, const char *dev, struct buf *buf)
{
	int error = add_class(sys, "class/net", dev, add_nic, buf);

	if (!error)
		error = add_class(sys, "block", dev, add_disk, buf);
	if (!error && !buf_ok(buf))
		error = -ENOMEM;
	return error;
}

size_t conf_facts_find(
    const char *facts, const char *kind, const char *selector, char *ret_name, size_t size)
{
	bool part = !strncmp(selector, "partuuid:", 9);
	size_t length = strlen(selector);
	size_t found = 0;

	if (part)
		kind = "part";
	for (const char *line = facts; *line; line += strcspn(line, "\n"), line += *line == '\n') {
		const char *end = line + strcspn(line, "\n");
		const char *name = line + strlen(kind) + 1;

		if (strncmp(line, kind, strlen(kind)) != 0 || line[strlen(kind)] != ' ')
			continue;
		for (const char *word = name; word < end; word += strcspn(word, " \n") + 1) {
			if (strcspn(word, " \n") != length ||
			    (part ? strncasecmp : strncmp)(word, selector, length) != 0)
				continue;
			if (ret_name)
				snprintf(ret_name, size, "%.*s", (int)strcspn(name, " "), name);
			found++;
			break;
		}
	}
	return found;
}

void conf_facts_selector(const char *facts, const char *name, struct buf *out)
{
	static const char *const kinds[] = { "partuuid:", "serial:", "wwn:", "pci:" };
	size_t length = strlen(name);
	const char *line = facts;
	char word[256];

	while (*line &&
	       ((strncmp(line, "disk ", 5) != 0 && strncmp(line, "part ", 5) != 0) ||
		   strcspn(line + 5, " \n") != length || strncmp(line + 5, name, length) != 0)) {
		line += strcspn(line, "\n");
		line += *line == '\n';
	}
	while (*line && *line != '\n') {
		size_t end = strcspn(line, " \n");

		for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
			if (strncmp(line, kinds[i], strlen(kinds[i])) != 0)
				continue;
			snprintf(word, sizeof(word), "%.*s", (int)end, line);
			if (conf_facts_find(facts, "disk", word, NULL, 0) == 1) {
				buf_puts(out, word);
				return;
			}
		}
		line += end;
		line += *line == ' ';
	}
}

static void check_selector(const char *facts, const char *kind, const char *selector,
    struct conf_pos pos, struct conf_diags *diags)
{
	size_t found;

	if (!selector)
		return;
	found = conf_facts_find(facts, kind, selector, NULL, 0);
	if (!found)
		conf_diag_add(diags, pos, "no %s of this machine is %s", kind, selector);
	else if (found > 1)
		conf_diag_add(diags, pos, "%zu %ss of this machine are %s", found, kind, selector);
}

void conf_facts_check(const char *facts, const struct conf_model *model, struct conf_diags *diags)
{
	char mac[NETADDR_TEXT];

	for (const struct conf_uplink *uplink = model->uplinks; uplink; uplink = uplink->next) {
		for (const struct conf_selector *nic = uplink->nics; nic; nic = nic->next) {
			if (nic->kind == CONF_NIC_MAC)
				check_selector(facts, "nic",
				    arena_printf(
					diags->arena, "mac:%s", netaddr_mac_text(&nic->mac, mac)),
				    nic->pos, diags);
			else if (nic->kind == CONF_NIC_PCI)
				check_selector(facts, "nic",
				    arena_printf(diags->arena, "pci:%s", nic->pci), nic->pos,
				    diags);
		}
	}
	if (model->node.data.disk && strcmp(model->node.data.disk, CONF_DATA_MEDIUM))
		check_selector(facts, "disk", model->node.data.disk, model->node.data.pos, diags);
	for (const struct conf_pool *pool = model->pools; pool; pool = pool->next)
		check_selector(
		    facts, "disk", pool->device, conf_schema_where(pool, "device"), diags);
	for (const struct conf_guest *guest = model->guests; guest; guest = guest->next)
		for (const struct conf_disk *disk = guest->disks; disk; disk = disk->next)
			if (!strchr(disk->source, '/'))
				check_selector(facts, "disk", disk->source, disk->pos, diags);
}
