/* SPDX-License-Identifier: GPL-2.0-only */
/* Guests, each alone and against each other: what they take and whether it is there. */
#include "conf/check.h"

#include <inttypes.h>
#include <string.h>

#include "conf/schema.h"
#include "conf/types.h"
#include "lib/map.h"
#include "lib/num.h"

#define MIB (1024ull * 1024)
/* One emulated controller of two channels; a bus of 32 slots, 4 of them taken by the machine. */
#define IDE_MAX 4
#define FLOPPY_MAX 2
#define SERIAL_MAX 4
#define PCI_MAX 28

struct checker {
	struct conf_diags *diags;
	struct map pools;
	struct map networks;
	struct map macs;     /* text to struct conf_nic */
	struct map uuids;    /* to struct conf_guest */
	struct map sources;  /* to struct conf_disk, those that somebody may write */
	struct map consoles; /* "ADDRESS PORT" to struct conf_guest */
	const char *data;    /* the data volume's disk, or NULL */
};

static struct conf_pos where(const struct conf_guest *guest, const char *key)
{
	return conf_schema_where(guest, key);
}

static void check_memory(const struct conf_guest *guest, struct conf_diags *diags)
{
	static const uint64_t page_sizes[] = { 0, 2 * MIB, 1024 * MIB };
	uint64_t page = page_sizes[guest->hugepages];
	uint64_t most = guest->memory_max ? guest->memory_max : guest->memory;
	uint64_t sum = 0;

	if (guest->memory > most)
		conf_diag_add(diags, where(guest, "memory-max"), "memory-max is less than memory");
	if (page && (guest->memory % page || most % page))
		conf_diag_add(
		    diags, where(guest, "hugepages"), "memory is not a multiple of the page size");
	for (const struct conf_cell *cell = guest->cells; cell; cell = cell->next)
		sum += cell->memory;
	if (guest->cells && sum != most)
		conf_diag_add(diags, guest->cells->pos,
		    "the memory of all cells is not the guest's: give each its memory=");
}

/* The largest number of a set. */
static uint64_t last_of(const char *set)
{
	const char *comma = strrchr(set, ',');
	const char *dash = strrchr(set, '-');
	const char *at = comma && (!dash || comma > dash) ? comma + 1 : dash ? dash + 1 : set;
	uint64_t value = 0;

	num_parse(at, UINT64_MAX, &value);
	return value;
}

static void check_processors(const struct conf_guest *guest, struct conf_diags *diags)
{
	const struct conf_topology *shape = &guest->topology;
	uint64_t most = guest->vcpus_max ? guest->vcpus_max : guest->vcpus;
	unsigned char pinned[256] = { 0 };

	if (guest->vcpus > most)
		conf_diag_add(diags, where(guest, "vcpus-max"), "vcpus-max is less than vcpus");
	if (shape->sockets && shape->sockets * shape->cores * shape->threads != most)
		conf_diag_add(diags, shape->pos,
		    "sockets, cores and threads make %" PRIu64
		    " processors; the guest has %" PRIu64,
		    shape->sockets * shape->cores * shape->threads, most);
	for (const struct conf_pin *pin = guest->pins; pin; pin = pin->next) {
		if (pin->vcpu >= most)
			conf_diag_add(
			    diags, pin->pos, "the guest's processors are 0 to %" PRIu64, most - 1);
		else if (pinned[pin->vcpu]++)
			conf_diag_add(
			    diags, pin->pos, "processor %" PRIu64 " is pinned twice", pin->vcpu);
	}
	for (const struct conf_cell *cell = guest->cells; cell; cell = cell->next)
		if (last_of(cell->cpus) >= most)
			conf_diag_add(
			    diags, cell->pos, "the guest's processors are 0 to %" PRIu64, most - 1);
}

static void check_boot(const struct conf_guest *guest, struct conf_diags *diags)
{
	if (guest->initrd && !guest->kernel)
		conf_diag_add(diags, where(guest, "initrd"), "initrd needs kernel");
	if (guest->cmdline && !guest->kernel)
		conf_diag_add(diags, where(guest, "cmdline"), "cmdline needs kernel");
	if (guest->firmware == CONF_FIRMWARE_DIRECT && !guest->kernel)
		conf_diag_add(diags, where(guest, "firmware"), "firmware = direct needs kernel");
	if (guest->secure_boot && guest->firmware != CONF_FIRMWARE_UEFI)
		conf_diag_add(
		    diags, where(guest, "secure-boot"), "secure-boot needs firmware = uefi");
}

/* One device's boot=N. `taken` has room for all. */
static void check_boot_number(const struct conf_guest *guest, uint64_t number, struct conf_pos pos,
    bool taken[100], struct conf_diags *diags)
{
	if (!number)
		return;
	if (guest->boot)
		conf_diag_add(diags, pos,
		    "boot=%" PRIu64 " here and boot = %s in the guest: use one", number,
		    guest->boot);
	if (taken[number])
		conf_diag_add(diags, pos, "boot=%" PRIu64 " stands twice in this guest", number);
	taken[number] = true;
}

static void check_boot_numbers(const struct conf_guest *guest, struct conf_diags *diags)
{
	const struct conf_disk *lists[] = { guest->disks, guest->cdroms, guest->floppies };
	bool taken[100] = { false };

	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		for (const struct conf_disk *disk = lists[i]; disk; disk = disk->next)
			check_boot_number(guest, disk->boot, disk->pos, taken, diags);
	for (const struct conf_nic *nic = guest->nics; nic; nic = nic->next)
		check_boot_number(guest, nic->boot, nic->pos, taken, diags);
	for (const struct conf_device *device = guest->devices; device; device = device->next)
		check_boot_number(guest, device->boot, device->pos, taken, diags);
}

/* POOL/VOLUME names a pool that exists. */
static void check_source(struct checker *checker, const struct conf_disk *disk)
{
	size_t length = strcspn(disk->source, "/");
	const char *pool;

	if (!disk->source[length] || !length || strchr(disk->source, ':'))
		return;
	pool = arena_copy(checker->diags->arena, disk->source, length);
	if (!map_get(&checker->pools, pool))
		conf_diag_add(checker->diags, disk->pos, "there is no [pool \"%s\"]", pool);
}

static void check_disk(struct checker *checker, const struct conf_disk *disk)
{
	const struct conf_disk *other;

	check_source(checker, disk);
	if (!strcmp(disk->source, "empty")) {
		conf_diag_add(
		    checker->diags, disk->pos, "a disk cannot be empty; a cdrom or floppy can");
		return;
	}
	/* Never guessed from the content: a guest could write another format's header. */
	if (!disk->format && strchr(disk->source, '/') &&
	    strcmp(disk->source + strlen(disk->source) -
		       (strlen(disk->source) > 6 ? 6 : strlen(disk->source)),
		".qcow2") == 0)
		conf_diag_add(checker->diags, disk->pos,
		    "say format=qcow2 (or format=raw): the format is never guessed");
	if (disk->format == 2 && !strchr(disk->source, '/'))
		conf_diag_add(checker->diags, disk->pos, "a whole disk is format=raw");
	if (checker->data && !strcmp(disk->source, checker->data))
		conf_diag_add(checker->diags, disk->pos,
		    "the data volume is on this disk; a guest cannot have it");
	other = map_add(&checker->sources, disk->source, disk);
	if (other && !(other->read_only && disk->read_only) &&
	    !(other->shareable && disk->shareable))
		conf_diag_add(checker->diags, disk->pos,
		    "\"%s\" is in use in line %u already; two guests need shareable or readonly on both",
		    disk->source, other->pos.line);
}

static void check_disks(struct checker *checker, const struct conf_guest *guest)
{
	struct map serials = { .arena = checker->diags->arena };
	size_t ide = 0;
	size_t floppies = 0;

	for (const struct conf_disk *disk = guest->disks; disk; disk = disk->next) {
		const struct conf_disk *other = disk->serial ? map_add(&serials, disk->serial, disk)
							     : NULL;

		check_disk(checker, disk);
		ide += disk->bus == CONF_BUS_IDE;
		if (other)
			conf_diag_add(checker->diags, disk->pos,
			    "the serial \"%s\" stands in line %u already", disk->serial,
			    other->pos.line);
	}
	for (const struct conf_disk *disk = guest->cdroms; disk; disk = disk->next) {
		check_source(checker, disk);
		/* 0: not said, which is ide on the machine "pc". */
		ide += disk->bus == 1 || (!disk->bus && !guest->machine);
	}
	if (ide > IDE_MAX)
		conf_diag_add(checker->diags, guest->pos,
		    "%zu disks and CD-ROMs on IDE; it has room for %d", ide, IDE_MAX);
	for (const struct conf_disk *disk = guest->floppies; disk; disk = disk->next) {
		check_source(checker, disk);
		if (++floppies > FLOPPY_MAX)
			conf_diag_add(
			    checker->diags, disk->pos, "a guest has two floppies at most");
	}
}

static void check_nic(struct checker *checker, const struct conf_nic *nic)
{
	static const struct netaddr_mac none;
	const struct conf_network *network = map_get(&checker->networks, nic->network);
	const struct conf_nic *other;
	char text[NETADDR_TEXT];

	if (!network)
		conf_diag_add(
		    checker->diags, nic->pos, "there is no [network \"%s\"]", nic->network);
	else if (network->mode == CONF_MODE_OFF)
		conf_diag_add(checker->diags, nic->pos, "network \"%s\" is off", nic->network);
	if ((!nic->in && (nic->in_peak || nic->in_burst)) ||
	    (!nic->out && (nic->out_peak || nic->out_burst)))
		conf_diag_add(checker->diags, nic->pos,
		    "a peak or burst needs the rate itself: in=SIZE or out=SIZE");
	if ((nic->in_peak && nic->in_peak < nic->in) || (nic->out_peak && nic->out_peak < nic->out))
		conf_diag_add(checker->diags, nic->pos, "the peak is less than the rate");
	if (nic->queues > 1 && nic->model)
		conf_diag_add(checker->diags, nic->pos, "several queues need model=virtio");
	if (!memcmp(&nic->mac, &none, sizeof(none)))
		return;
	netaddr_mac_text(&nic->mac, text);
	other = map_add(&checker->macs, arena_copy(checker->diags->arena, text, strlen(text)), nic);
	if (other)
		conf_diag_add(checker->diags, nic->pos,
		    "the MAC address %s belongs to the NIC in line %u already", text,
		    other->pos.line);
}

static void check_devices(struct checker *checker, const struct conf_guest *guest)
{
	struct map devices = { .arena = checker->diags->arena };
	size_t slots = 0;
	size_t serials = 0;

	for (const struct conf_disk *disk = guest->disks; disk; disk = disk->next)
		slots += disk->bus == CONF_BUS_VIRTIO;
	for (const struct conf_nic *nic = guest->nics; nic; nic = nic->next) {
		check_nic(checker, nic);
		slots++;
	}
	for (const struct conf_device *device = guest->devices; device; device = device->next) {
		slots += !strncmp(device->source, "pci:", 4);
		if (map_add(&devices, device->source, device))
			conf_diag_add(
			    checker->diags, device->pos, "\"%s\" stands twice", device->source);
		if (!strncmp(device->source, "usb:", 4) && !guest->usb)
			conf_diag_add(checker->diags, device->pos, "a USB device needs usb = xhci");
	}
	if (slots > PCI_MAX && !guest->machine)
		conf_diag_add(checker->diags, guest->pos,
		    "%zu virtio and passed-through devices; the machine \"pc\" has room for %d",
		    slots, PCI_MAX);
	for (const struct conf_serial *serial = guest->serials; serial; serial = serial->next)
		if (++serials > SERIAL_MAX)
			conf_diag_add(
			    checker->diags, serial->pos, "a guest has four serial ports at most");
}

static void check_graphics(struct checker *checker, const struct conf_guest *guest)
{
	const struct conf_graphics *graphics = &guest->graphics;
	const struct conf_guest *other;
	char text[NETADDR_TEXT];

	if (!graphics->type) {
		if (graphics->port || graphics->password || graphics->keymap || graphics->tls)
			conf_diag_add(
			    checker->diags, graphics->pos, "options for graphics = none; use vnc");
		return;
	}
	if (!graphics->port)
		return;
	netaddr_text(&graphics->address, text);
	other = map_add(&checker->consoles,
	    arena_printf(checker->diags->arena, "%s %" PRIu64, text, graphics->port), guest);
	if (other)
		conf_diag_add(checker->diags, graphics->pos,
		    "port %" PRIu64 " is that of guest \"%s\" already", graphics->port,
		    other->name);
}

/* Names for guests that have a MAC address of their own in a network that the node serves, and no
 * host = line there. */
static void name_guest(struct checker *checker, const struct conf_guest *guest, struct map *known)
{
	static const struct netaddr_mac none;

	for (const struct conf_nic *nic = guest->nics; nic; nic = nic->next) {
		const struct conf_network *network = map_get(&checker->networks, nic->network);
		struct conf_network *named;
		struct conf_host *host;
		char mac[NETADDR_TEXT];
		const char *key;

		if (!network || !network->address.family ||
		    !conf_is_label(guest->name, strlen(guest->name)) ||
		    !memcmp(&nic->mac, &none, sizeof(none)))
			continue;
		netaddr_mac_text(&nic->mac, mac);
		key = arena_printf(checker->diags->arena, "%s %s", network->name, mac);
		if (map_add(known, key, guest) ||
		    map_add(known,
			arena_printf(checker->diags->arena, "%s %s", network->name, guest->name),
			guest))
			continue;
		host = arena_alloc(checker->diags->arena, sizeof(*host));
		host->mac = nic->mac;
		host->name = guest->name;
		memcpy(&named, &network, sizeof(named));
		if (named->names_end)
			named->names_end->next = host;
		else
			named->names = host;
		named->names_end = host;
	}
}

static void check_guest(struct checker *checker, const struct conf_guest *guest)
{
	const struct conf_guest *other;

	check_memory(guest, checker->diags);
	check_processors(guest, checker->diags);
	check_boot(guest, checker->diags);
	check_boot_numbers(guest, checker->diags);
	check_disks(checker, guest);
	check_devices(checker, guest);
	check_graphics(checker, guest);
	other = guest->uuid ? map_add(&checker->uuids, guest->uuid, guest) : NULL;
	if (other)
		conf_diag_add(checker->diags, where(guest, "uuid"),
		    "this UUID belongs to guest \"%s\" already", other->name);
}

void conf_check_guests(struct conf_model *model, struct conf_diags *diags)
{
	struct arena *arena = diags->arena;
	struct checker checker = { .diags = diags,
		.pools.arena = arena,
		.networks.arena = arena,
		.macs.arena = arena,
		.uuids.arena = arena,
		.sources.arena = arena,
		.consoles.arena = arena,
		.data = model->node.data.disk };
	struct map known = { .arena = arena };
	char mac[NETADDR_TEXT];

	for (const struct conf_pool *pool = model->pools; pool; pool = pool->next)
		if (pool->type != CONF_POOL_OFF)
			map_add(&checker.pools, pool->name, pool);
	for (const struct conf_network *network = model->networks; network;
	     network = network->next) {
		map_add(&checker.networks, network->name, network);
		for (const struct conf_host *host = network->hosts; host; host = host->next) {
			netaddr_mac_text(&host->mac, mac);
			map_add(&known, arena_printf(arena, "%s %s", network->name, mac), host);
			if (host->name)
				map_add(&known,
				    arena_printf(arena, "%s %s", network->name, host->name), host);
		}
	}
	for (const struct conf_guest *guest = model->guests; guest; guest = guest->next) {
		check_guest(&checker, guest);
		name_guest(&checker, guest, &known);
	}
}
