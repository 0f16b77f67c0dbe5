/* SPDX-License-Identifier: GPL-2.0-only */
#include "node/xen/known.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "lib/num.h"

enum kind { TEXT = 1, NUMBER, FLAG, LIST };

struct known {
	const char *name;
	enum kind kind;
	/* Why a value other than none is refused; NULL: it is taken, or says nothing here. */
	const char *refusal;
};

static const char *const trues[] = { "1", "yes", "y", "true", "on", NULL };
static const char *const falses[] = { "0", "no", "n", "false", "off", NULL };

#define RESTART "use on_poweroff, on_reboot and on_crash"
#define BACKEND "guests of the node are no servers of devices"
#define PASSED "ports and interrupts are not passed to guests, PCI devices are"

/* xm create --help_config; the guide's names and what tools wrote beside them. */
static const struct known table[] = {
	{ "access_control", LIST, "security labels are the node's own" },
	{ "acpi", FLAG, NULL },
	{ "apic", FLAG, NULL },
	{ "blkif", FLAG, BACKEND },
	{ "boot", TEXT, NULL },
	{ "bootargs", TEXT, NULL },
	{ "bootentry", TEXT, NULL },
	/* What reads the kernel out of a guest's disk: here the guest's own loader does. */
	{ "bootloader", TEXT, NULL },
	{ "builder", TEXT, NULL },
	{ "cpu", NUMBER, NULL },
	{ "cpu_weight", NUMBER, NULL },
	{ "cpus", LIST, NULL },
	{ "device_model", TEXT, NULL },
	{ "dhcp", TEXT, NULL },
	{ "disk", LIST, NULL },
	{ "display", TEXT, NULL },
	{ "extra", TEXT, NULL },
	{ "fda", TEXT, NULL },
	{ "fdb", TEXT, NULL },
	{ "features", TEXT, NULL },
	{ "gateway", TEXT, NULL },
	{ "hostname", TEXT, NULL },
	{ "interface", TEXT, NULL },
	{ "ioports", LIST, PASSED },
	{ "ip", TEXT, NULL },
	{ "irq", LIST, PASSED },
	{ "isa", FLAG, "there are no machines without PCI" },
	{ "kernel", TEXT, NULL },
	{ "keymap", TEXT, NULL },
	{ "localtime", FLAG, NULL },
	{ "maxmem", NUMBER, NULL },
	{ "memory", NUMBER, NULL },
	{ "name", TEXT, NULL },
	{ "netif", FLAG, BACKEND },
	{ "netmask", TEXT, NULL },
	{ "nfs_root", TEXT, NULL },
	{ "nfs_server", TEXT, NULL },
	{ "nics", NUMBER, NULL },
	{ "nographic", FLAG, NULL },
	/* Never was a parameter, but stands in many files. */
	{ "on_boot", TEXT, NULL },
	{ "on_crash", TEXT, NULL },
	{ "on_poweroff", TEXT, NULL },
	{ "on_reboot", TEXT, NULL },
	{ "pae", FLAG, NULL },
	{ "pci", LIST, NULL },
	{ "ramdisk", TEXT, NULL },
	{ "restart", TEXT, RESTART },
	{ "root", TEXT, NULL },
	{ "sdl", FLAG, "the node has no screen to show guests on; use vnc" },
	{ "serial", TEXT, NULL },
	{ "shadow_memory", NUMBER, NULL },
	{ "soundhw", TEXT, NULL },
	{ "stdvga", FLAG, NULL },
	{ "tpmif", LIST, BACKEND },
	{ "usb", FLAG, NULL },
	{ "usbdevice", TEXT, NULL },
	{ "usbport", LIST,
	    "USB devices are named by vendor and product: see berth.conf(5), device" },
	{ "uuid", TEXT, NULL },
	{ "vcpus", NUMBER, NULL },
	{ "vfb", LIST, NULL },
	{ "vif", LIST, NULL },
	{ "vnc", FLAG, NULL },
	{ "vncconsole", FLAG, NULL },
	{ "vncdisplay", NUMBER, NULL },
	{ "vnclisten", TEXT, NULL },
	{ "vncpasswd", TEXT, NULL },
	{ "vncunused", FLAG, NULL },
	/* A viewer is started at the desk, not on the node. */
	{ "vncviewer", FLAG, NULL },
	{ "vtpm", LIST, "use tpm in berth.conf(5)" },
	{ "xauthority", TEXT, NULL },
};

static const struct known *known_of(const char *name)
{
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (!strcmp(table[i].name, name))
			return &table[i];
	return NULL;
}

bool xen_refuse(struct xen_guest *guest, const struct xen_setting *setting, const char *format, ...)
{
	char text[256];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	if (!guest->refused)
		buf_printf(guest->why, "line %u: %s: %s", setting->line, setting->name, text);
	guest->refused = true;
	return false;
}

/* Empty, or None. */
static bool says_nothing(const struct xen_setting *setting)
{
	return !setting->values || (!setting->list && (!*setting->values->text ||
							  !strcmp(setting->values->text, "None")));
}

int xen_choice(const char *text, const char *const *names)
{
	for (int i = 0; names[i]; i++)
		if (!strcasecmp(text, names[i]))
			return i;
	return -1;
}

static bool check(struct xen_guest *guest, const struct xen_setting *setting)
{
	const struct known *known = known_of(setting->name);
	uint64_t number;

	if (!known)
		return xen_refuse(guest, setting, "there is no such parameter");
	if (says_nothing(setting))
		return true;
	if (setting->list && known->kind != LIST)
		return xen_refuse(guest, setting, "one value is expected, not a list");
	if (known->kind == NUMBER && !num_parse(setting->values->text, UINT32_MAX, &number))
		return xen_refuse(guest, setting, "\"%s\" is no number", setting->values->text);
	if (known->kind == FLAG && xen_choice(setting->values->text, trues) < 0 &&
	    xen_choice(setting->values->text, falses) < 0)
		return xen_refuse(
		    guest, setting, "\"%s\" is neither yes nor no", setting->values->text);
	if (known->refusal &&
	    (known->kind != FLAG || xen_choice(setting->values->text, trues) >= 0))
		return xen_refuse(guest, setting, "%s", known->refusal);
	return true;
}

bool xen_known_check(struct xen_guest *guest)
{
	for (const struct xen_setting *setting = guest->settings; setting; setting = setting->next)
		if (!check(guest, setting))
			return false;
	return true;
}

const struct xen_value *xen_values(const struct xen_guest *guest, const char *name)
{
	const struct xen_setting *setting = xen_config_find(guest->settings, name);

	return setting && !says_nothing(setting) ? setting->values : NULL;
}

const char *xen_text(const struct xen_guest *guest, const char *name, const char *usual)
{
	const struct xen_value *value = xen_values(guest, name);

	return value ? value->text : usual;
}

uint64_t xen_number(const struct xen_guest *guest, const char *name, uint64_t usual)
{
	const char *text = xen_text(guest, name, "");
	uint64_t number;

	return num_parse(text, UINT32_MAX, &number) ? number : usual;
}

bool xen_flag(const struct xen_guest *guest, const char *name, bool usual)
{
	const char *text = xen_text(guest, name, NULL);

	return text ? xen_choice(text, trues) >= 0 : usual;
}
