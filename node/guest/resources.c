/* SPDX-License-Identifier: GPL-2.0-only */
#include "node/guest/resources.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "node/guest/guest_log.h"
#include "node/guest/identity.h"
#include "node/guest/image.h"
#include "node/guest/kvm.h"

#define SERIAL_LOG 1 /* of conf/schema_guest's tables */
#define SERIAL_NONE 2
#define SERIAL_VIRTIO 1
#define CONTROL_BACKLOG 16

struct opener {
	const struct node_paths *paths;
	const struct conf_model *model;
	const struct conf_guest *guest;
	const char *folder;
	struct buf *why;
	struct resources *resources;
};

/* Pass a descriptor on; `number` is what it will be there. */
static int take(struct opener *opener, int fd, int *ret_number)
{
	int number = spawn_fds_add(&opener->resources->fds, fd);

	if (number < 0) {
		buf_puts(opener->why, "the guest has too many devices");
		return number;
	}
	*ret_number = number;
	return 0;
}

static int open_named(struct opener *opener, const char *name, int flags, int *ret_number)
{
	char path[NODE_PATH];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", opener->folder, name);
	fd = open(path, flags | O_CLOEXEC, 0600);
	if (fd < 0) {
		int error = -errno;

		buf_printf(opener->why, "cannot open %s: %s", path, strerror(-error));
		return error;
	}
	return take(opener, fd, ret_number);
}

static int open_control(struct opener *opener)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int error = 0;
	int fd;

	if ((size_t)snprintf(address.sun_path, sizeof(address.sun_path), "%s/control",
		opener->folder) >= sizeof(address.sun_path))
		return -ENAMETOOLONG;
	unlink(address.sun_path);
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0 ||
	    listen(fd, CONTROL_BACKLOG) < 0) {
		error = -errno;
		buf_printf(opener->why, "cannot make the control socket %s: %s", address.sun_path,
		    strerror(-error));
		if (fd >= 0)
			close(fd);
		return error;
	}
	return take(opener, fd, &opener->resources->control);
}

static int open_base(struct opener *opener)
{
	struct resources *resources = opener->resources;
	int fd = -1;
	int error = open_named(
	    opener, "definition", O_RDWR | O_CREAT | O_TRUNC, &resources->definition);

	if (!error)
		error = open_named(
		    opener, "outcome", O_RDWR | O_CREAT | O_TRUNC, &resources->outcome);
	if (!error)
		error = open_control(opener);
	if (!error)
		error = kvm_open(opener->paths, opener->why, &fd);
	return error ? error : take(opener, fd, &resources->kvm);
}

static int open_boot(struct opener *opener)
{
	struct resources *resources = opener->resources;
	const struct conf_guest *guest = opener->guest;
	char path[NODE_PATH];
	int error = 0;
	int fd = -1;

	if (guest->kernel) {
		error = image_open_file(opener->paths, "kernel", guest->kernel, opener->why, &fd);
		if (!error)
			error = take(opener, fd, &resources->kernel);
	}
	if (!error && guest->initrd) {
		error = image_open_file(opener->paths, "initrd", guest->initrd, opener->why, &fd);
		if (!error)
			error = take(opener, fd, &resources->initrd);
	}
	if (!error && guest->rng) {
		snprintf(path, sizeof(path), "%s/urandom", opener->paths->dev);
		fd = open(path, O_RDONLY | O_CLOEXEC);
		if (fd < 0) {
			buf_printf(opener->why, "rng: cannot open %s: %s", path, strerror(errno));
			return -EIO;
		}
		error = take(opener, fd, &resources->rng);
	}
	return error;
}

void resources_disk_id(const struct conf_disk *disk, unsigned int index, char id[RESOURCE_ID])
{
	if (disk->target)
		snprintf(id, RESOURCE_ID, "%s", disk->target);
	else
		/* As Linux names them; there are letters enough. */
		snprintf(id, RESOURCE_ID, "vd%c", 'a' + (int)(index % 26));
}

void resources_nic_id(const struct netaddr_mac *mac, char id[RESOURCE_ID])
{
	snprintf(id, RESOURCE_ID, "net%02x%02x%02x%02x%02x%02x", mac->bytes[0], mac->bytes[1],
	    mac->bytes[2], mac->bytes[3], mac->bytes[4], mac->bytes[5]);
}

static int open_disk(struct opener *opener, const struct conf_disk *conf, unsigned int index)
{
	struct resource_disk *disk = &opener->resources->disks[opener->resources->disk_count];
	int fd = -1;
	int error;

	disk->conf = conf;
	resources_disk_id(conf, index, disk->id);
	error = image_open_disk(opener->paths, opener->model, conf, opener->why, &fd, &disk->path);
	if (error)
		return error;
	opener->resources->disk_count++;
	return take(opener, fd, &disk->number);
}

static int open_disks(struct opener *opener)
{
	unsigned int index = 0;

	for (const struct conf_disk *conf = opener->guest->disks; conf;
	     conf = conf->next, index++) {
		int error;

		if (index == RESOURCE_DISKS_MAX) {
			buf_printf(opener->why, "a guest has %d disks at most", RESOURCE_DISKS_MAX);
			return -E2BIG;
		}
		error = open_disk(opener, conf, index);
		if (error)
			return error;
	}
	return 0;
}

/* Packets that the kernel moves by itself, where it can; without, the VMM does. */
static int open_vhost(struct opener *opener, struct resource_nic *nic)
{
	char path[NODE_PATH];

	nic->vhosts[0] = -1;
	snprintf(path, sizeof(path), "%s/vhost-net", opener->paths->dev);
	for (unsigned int i = 0; i < nic->queues; i++) {
		int fd = open(path, O_RDWR | O_CLOEXEC);
		int error;

		if (fd < 0) {
			nic->vhosts[0] = -1;
			return 0;
		}
		error = take(opener, fd, &nic->vhosts[i]);
		if (error)
			return error;
	}
	return 0;
}

static int open_nic(struct opener *opener, struct resource_nic *nic, unsigned int index)
{
	const struct conf_network *network = opener->model->networks;
	struct tap_config config = { 0 };
	int fds[TAP_QUEUES_MAX];
	int error;

	while (network && strcmp(network->name, nic->conf->network))
		network = network->next;
	if (!network)
		return -ENODEV;
	nic->mac = identity_mac(opener->guest, nic->conf, index);
	resources_nic_id(&nic->mac, nic->id);
	nic->mtu = nic->conf->mtu ? nic->conf->mtu : network->mtu;
	nic->queues = nic->conf->queues ? (unsigned int)nic->conf->queues : 1;
	config = (struct tap_config){ .network = network->name,
		.bridge = network->bridge,
		.mac = nic->mac,
		.queues = nic->queues,
		.mtu = nic->mtu };
	error = tap_open(opener->paths, &config, opener->why, fds, nic->tap);
	if (error)
		return error;
	for (unsigned int i = 0; i < nic->queues; i++) {
		if (error)
			close(fds[i]);
		else
			error = take(opener, fds[i], &nic->taps[i]);
	}
	/* With limits the packets have to pass the VMM, which holds them back. */
	if (!error && !nic->conf->in && !nic->conf->out && !nic->conf->in_packets &&
	    !nic->conf->out_packets)
		error = open_vhost(opener, nic);
	else
		nic->vhosts[0] = -1;
	return error;
}

static int open_nics(struct opener *opener)
{
	struct resources *resources = opener->resources;
	unsigned int index = 0;

	for (const struct conf_nic *conf = opener->guest->nics; conf; conf = conf->next, index++) {
		struct resource_nic *nic = &resources->nics[index];
		int error;

		if (index == RESOURCE_NICS_MAX) {
			buf_printf(opener->why, "a guest has %d NICs at most", RESOURCE_NICS_MAX);
			return -E2BIG;
		}
		nic->conf = conf;
		error = open_nic(opener, nic, index);
		if (error)
			return error;
		resources->nic_count++;
	}
	return 0;
}

unsigned int resources_consoles(
    const struct conf_guest *guest, struct resource_console ret_consoles[RESOURCE_CONSOLES_MAX])
{
	unsigned int isa = 0;
	unsigned int virtio = 0;
	unsigned int count = 0;

	for (const struct conf_serial *serial = guest->serials;
	     serial && count < RESOURCE_CONSOLES_MAX; serial = serial->next) {
		struct resource_console *console = &ret_consoles[count];

		if (serial->type == SERIAL_NONE)
			continue;
		*console = (struct resource_console){ .virtio = serial->bus == SERIAL_VIRTIO,
			.log = -1 };
		if (serial->log || serial->type == SERIAL_LOG)
			console->log_size = serial->log_size;
		snprintf(console->id, sizeof(console->id),
		    console->virtio ? "console%u" : "serial%u", console->virtio ? virtio++ : isa++);
		count++;
	}
	if (guest->serials)
		return count;
	/* Without a word in the file: a port that every kernel can write to from its first
	 * instruction on, and one that is quick. */
	ret_consoles[0] = (struct resource_console){ .id = "serial0", .log = -1 };
	ret_consoles[1] = (struct resource_console){ .id = "console0", .virtio = true, .log = -1 };
	return 2;
}

static int open_consoles(struct opener *opener)
{
	struct resources *resources = opener->resources;
	unsigned int count = resources_consoles(opener->guest, resources->consoles);

	for (unsigned int i = 0; i < count; i++) {
		struct resource_console *console = &resources->consoles[i];
		char name[128];
		int fd;
		int error;

		resources->console_count++;
		if (!console->log_size)
			continue;
		snprintf(name, sizeof(name), "%s@%s", opener->guest->name, console->id);
		fd = guest_log_open(opener->paths, name, console->log_size);
		if (fd < 0) {
			buf_printf(
			    opener->why, "serial: cannot open the log %s: %s", name, strerror(-fd));
			return fd;
		}
		error = take(opener, fd, &console->log);
		if (error)
			return error;
	}
	return 0;
}

static const struct resources no_resources = { .definition = -1,
	.kvm = -1,
	.outcome = -1,
	.control = -1,
	.kernel = -1,
	.initrd = -1,
	.rng = -1 };

int resources_open(const struct node_paths *paths, const struct conf_model *model,
    const struct conf_guest *guest, const char *folder, struct buf *why,
    struct resources *ret_resources)
{
	struct opener opener = { paths, model, guest, folder, why, ret_resources };
	static int (*const steps[])(struct opener * opener) = { open_base, open_boot, open_disks,
		open_nics, open_consoles };
	int error = 0;

	*ret_resources = no_resources;
	for (size_t i = 0; !error && i < sizeof(steps) / sizeof(steps[0]); i++)
		error = steps[i](&opener);
	if (error) {
		if (!why->length)
			buf_puts(why, strerror(-error));
		resources_done(ret_resources);
	}
	return error;
}

static int open_last(struct opener *opener, bool is_nic)
{
	const struct conf_disk *disk = opener->guest->disks;
	const struct conf_nic *conf = opener->guest->nics;
	struct resource_nic *nic = &opener->resources->nics[0];
	unsigned int index = 0;
	int error;

	if (!is_nic) {
		for (; disk->next; disk = disk->next)
			index++;
		error = open_disk(opener, disk, index);
		opener->resources->disks[0].number -= SPAWN_FIRST;
		return error;
	}
	for (; conf->next; conf = conf->next)
		index++;
	nic->conf = conf;
	error = open_nic(opener, nic, index);
	if (!error)
		opener->resources->nic_count = 1;
	for (unsigned int i = 0; !error && i < nic->queues; i++) {
		nic->taps[i] -= SPAWN_FIRST;
		if (nic->vhosts[0] >= 0)
			nic->vhosts[i] -= SPAWN_FIRST;
	}
	return error;
}

int resources_open_last(const struct node_paths *paths, const struct conf_model *model,
    const struct conf_guest *guest, bool is_nic, struct buf *why, struct resources *ret_resources)
{
	struct opener opener = { paths, model, guest, NULL, why, ret_resources };
	int error;

	*ret_resources = no_resources;
	error = open_last(&opener, is_nic);
	if (error) {
		if (!why->length)
			buf_puts(why, strerror(-error));
		resources_done(ret_resources);
	}
	return error;
}

void resources_done(struct resources *resources)
{
	spawn_fds_done(&resources->fds);
	for (unsigned int i = 0; i < resources->disk_count; i++)
		free(resources->disks[i].path);
	resources->disk_count = 0;
}
