/* SPDX-License-Identifier: GPL-2.0-only */
#include "node/xml/domain_device.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#include "xml/read.h"

/* By what devices of a kind are told from each other; of others there is one of each kind. */
static const struct {
	const char *name;
	const char *path;
	const char *attribute;
} identities[] = {
	{ "disk", "target", "dev" },
	{ "interface", "mac", "address" },
	{ "input", "", "type" },
	{ "graphics", "", "type" },
	{ "controller", "", "index" },
	{ "sound", "", "model" },
};

/* Attributes that both have at a path are equal; one that only one has says nothing. */
static bool agree(const struct xml_element *a, const struct xml_element *b, const char *path,
    const char *attribute)
{
	const char *one = xml_tree_attribute(a, path, attribute);
	const char *other = xml_tree_attribute(b, path, attribute);

	return !one || !other || !strcasecmp(one, other);
}

static bool is_same(const struct xml_element *wanted, const struct xml_element *device)
{
	static const char *const parts[] = { "domain", "bus", "slot", "function" };
	bool same = !strcmp(wanted->name, device->name);

	for (size_t i = 0; same && i < sizeof(identities) / sizeof(identities[0]); i++)
		if (!strcmp(wanted->name, identities[i].name))
			same = agree(wanted, device, identities[i].path, identities[i].attribute);
	if (same && !strcmp(wanted->name, "hostdev")) {
		for (size_t i = 0; same && i < sizeof(parts) / sizeof(parts[0]); i++)
			same = agree(wanted, device, "source/address", parts[i]);
		same = same && agree(wanted, device, "", "type") &&
		       agree(wanted, device, "source/vendor", "id") &&
		       agree(wanted, device, "source/product", "id");
	}
	return same;
}

/* Whether it has what tells it from others of its kind. */
static bool is_told(const struct xml_element *wanted)
{
	for (size_t i = 0; i < sizeof(identities) / sizeof(identities[0]); i++)
		if (!strcmp(wanted->name, identities[i].name))
			return xml_tree_attribute(
			    wanted, identities[i].path, identities[i].attribute);
	return false;
}

static int find(const struct xml_element *devices, const struct xml_element *wanted,
    const struct xml_element **ret_found)
{
	*ret_found = NULL;
	for (const struct xml_element *one = devices->children; one; one = one->next) {
		if (!is_same(wanted, one))
			continue;
		if (*ret_found)
			return -ENOTUNIQ;
		*ret_found = one;
	}
	return *ret_found ? 0 : -ENODEV;
}

static int change_tree(enum xml_device_change change, const char *domain,
    const struct xml_element *root, const char *device, const struct xml_element *wanted,
    struct buf *ret_domain)
{
	const struct xml_element *devices = xml_tree_find(root, "devices");
	const struct xml_element *found = NULL;
	size_t begin;
	size_t end;
	int error;

	if (!devices)
		return -EINVAL;
	error = find(devices, wanted, &found);
	if (change == XML_ATTACH && !error && is_told(wanted))
		return -EEXIST;
	if (change != XML_ATTACH && error)
		return error;
	if (change == XML_ATTACH) {
		/* Before the end tag, which is the last "</" of it. */
		for (end = devices->end; domain[end - 1] != '<'; end--)
			;
		begin = end = end - 1;
	} else {
		begin = found->begin;
		end = found->end;
	}
	buf_add(ret_domain, domain, begin);
	if (change != XML_DETACH)
		buf_add(ret_domain, device + wanted->begin, wanted->end - wanted->begin);
	buf_puts(ret_domain, domain + end);
	return buf_ok(ret_domain) ? 0 : -ENOMEM;
}

int xml_device_change(
    enum xml_device_change change, const char *domain, const char *device, struct buf *ret_domain)
{
	struct xml_element *root = xml_tree_read(domain, strlen(domain));
	struct xml_element *wanted = xml_tree_read(device, strlen(device));
	int error = root && wanted ? change_tree(change, domain, root, device, wanted, ret_domain)
				   : -EINVAL;

	xml_tree_free(root);
	xml_tree_free(wanted);
	return error;
}

int xml_device_of_alias(const char *domain, const char *alias, struct buf *ret_device)
{
	struct xml_element *root = xml_tree_read(domain, strlen(domain));
	const struct xml_element *devices = root ? xml_tree_find(root, "devices") : NULL;
	int error = -ENODEV;

	for (const struct xml_element *one = devices ? devices->children : NULL; one;
	     one = one->next) {
		const char *name = xml_tree_attribute(one, "alias", "name");

		if (!name || strcmp(name, alias) != 0)
			continue;
		buf_add(ret_device, domain + one->begin, one->end - one->begin);
		error = 0;
	}
	xml_tree_free(root);
	return error;
}
