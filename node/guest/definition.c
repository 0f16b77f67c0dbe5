/* SPDX-License-Identifier: GPL-2.0-only */
#include "node/guest/definition.h"

#include <inttypes.h>
#include <string.h>

#include "lib/uuid.h"
#include "node/guest/identity.h"
#include "node/guest/policy.h"
#include "node/guest/resources.h"

/* Of conf/schema_guest's tables. */
#define HUGE_2M 1
#define DISCARD_UNMAP 0

/* What a guest boots with whose section says nothing: messages where `console` shows them. */
#define CMDLINE "console=ttyS0"

/* The file lets titles and command lines hold anything but line ends; serials are single words. */
static void write_head(
    const struct conf_guest *guest, const struct resources *resources, struct buf *text)
{
	char uuid[UUID_TEXT];
	uint8_t bytes[16];

	identity_uuid(guest, bytes);
	buf_puts(text, "berth-guest 1\n");
	buf_printf(text, "name %s\n", guest->name);
	buf_printf(text, "uuid %s\n", uuid_text(bytes, uuid));
	buf_printf(text, "memory %" PRIu64, guest->memory_max ? guest->memory_max : guest->memory);
	if (guest->hugepages)
		buf_printf(text, " hugepages=%s", guest->hugepages == HUGE_2M ? "2M" : "1G");
	buf_printf(text, "\nvcpus %" PRIu64, guest->vcpus);
	if (guest->vcpus_max > guest->vcpus)
		buf_printf(text, " max=%" PRIu64, guest->vcpus_max);
	if (guest->topology.sockets)
		buf_printf(text, " sockets=%" PRIu64 " cores=%" PRIu64 " threads=%" PRIu64,
		    guest->topology.sockets, guest->topology.cores, guest->topology.threads);
	buf_printf(text, "\ncpu %s", guest->cpu ? guest->cpu : "host");
	for (const struct conf_text *feature = guest->cpu_features; feature;
	     feature = feature->next)
		buf_printf(text, " %s", feature->text);
	buf_puts(text, "\n");
	for (const struct conf_pin *pin = guest->pins; pin; pin = pin->next)
		buf_printf(text, "pin %" PRIu64 " %s\n", pin->vcpu, pin->cpus);
	if (guest->emulator_cpus)
		buf_printf(text, "pin emulator %s\n", guest->emulator_cpus);
	buf_printf(text, "kernel fd=%d\n", resources->kernel);
	if (resources->initrd >= 0)
		buf_printf(text, "initrd fd=%d\n", resources->initrd);
	buf_printf(text, "cmdline %s\n", guest->cmdline ? guest->cmdline : CMDLINE);
}

static void write_rate(const char *key, uint64_t value, struct buf *text)
{
	if (value)
		buf_printf(text, " %s=%" PRIu64, key, value);
}

void definition_write_disk_limits(const struct conf_disk *conf, struct buf *text)
{
	write_rate("read-rate", conf->read_rate, text);
	write_rate("write-rate", conf->write_rate, text);
	write_rate("read-iops", conf->read_iops, text);
	write_rate("write-iops", conf->write_iops, text);
}

void definition_write_disk(const struct resource_disk *disk, struct buf *text)
{
	static const char *const caches[] = { "none", "writethrough", "writeback", "writethrough",
		"writeback" };
	const struct conf_disk *conf = disk->conf;

	buf_printf(text, "disk id=%s fd=%d", disk->id, disk->number);
	if (conf->read_only)
		buf_puts(text, " read-only");
	if (conf->serial)
		buf_printf(text, " serial=%s", conf->serial);
	if (conf->discard == DISCARD_UNMAP && !conf->read_only)
		buf_puts(text, " discard");
	buf_printf(text, " cache=%s", caches[conf->cache]);
	definition_write_disk_limits(conf, text);
	buf_puts(text, "\n");
}

static void write_numbers(const char *key, const int *numbers, unsigned int count, struct buf *text)
{
	buf_printf(text, " %s=", key);
	for (unsigned int i = 0; i < count; i++)
		buf_printf(text, "%s%d", i ? "," : "", numbers[i]);
}

static void write_limit(
    const char *key, uint64_t rate, uint64_t peak, uint64_t burst, struct buf *text)
{
	if (rate)
		buf_printf(text, " %s=%" PRIu64 ",%" PRIu64 ",%" PRIu64, key, rate,
		    peak ? peak : rate, burst);
}

void definition_write_nic_limits(const struct conf_nic *conf, struct buf *text)
{
	write_limit("in", conf->in, conf->in_peak, conf->in_burst, text);
	write_limit("out", conf->out, conf->out_peak, conf->out_burst, text);
	write_rate("in-packets", conf->in_packets, text);
	write_rate("out-packets", conf->out_packets, text);
}

void definition_write_nic(const struct resource_nic *nic, struct buf *text)
{
	const struct conf_nic *conf = nic->conf;
	char mac[NETADDR_TEXT];

	buf_printf(text, "nic id=%s", nic->id);
	write_numbers("fd", nic->taps, nic->queues, text);
	buf_printf(text, " mac=%s", netaddr_mac_text(&nic->mac, mac));
	if (nic->vhosts[0] >= 0)
		write_numbers("vhost", nic->vhosts, nic->queues, text);
	write_rate("mtu", nic->mtu, text);
	buf_printf(text, " link=%s", conf->link ? "up" : "down");
	definition_write_nic_limits(conf, text);
	buf_puts(text, "\n");
}

static void write_consoles(const struct resources *resources, struct buf *text)
{
	for (unsigned int i = 0; i < resources->console_count; i++) {
		const struct resource_console *console = &resources->consoles[i];

		buf_printf(text, "console id=%s type=%s", console->id,
		    console->virtio ? "virtio" : "serial");
		if (console->log >= 0)
			buf_printf(
			    text, " log=%d log-size=%" PRIu64, console->log, console->log_size);
		buf_puts(text, "\n");
	}
}

static void write_clock(const struct conf_guest *guest, struct buf *text)
{
	buf_printf(text, "clock %s", guest->clock.base ? "localtime" : "utc");
	write_rate("offset", guest->clock.ahead, text);
	buf_puts(text, "\n");
}

/* What the VMM does itself at a reset or a crash; a guest that is kept for its dump is stopped by
 * the daemon afterwards. */
static void write_ends(const struct conf_guest *guest, struct buf *text)
{
	bool kept = guest->on_crash != POLICY_CRASH_DESTROY &&
		    guest->on_crash != POLICY_CRASH_RESTART;

	buf_printf(text, "on-reboot %s\n", guest->on_reboot == POLICY_RESTART ? "reset" : "exit");
	buf_printf(text, "on-crash %s\n", kept ? "pause" : "exit");
}

void definition_write(const struct conf_guest *guest, const struct resources *resources,
    const struct definition_options *options, struct buf *text)
{
	write_head(guest, resources, text);
	for (unsigned int i = 0; i < resources->disk_count; i++)
		definition_write_disk(&resources->disks[i], text);
	for (unsigned int i = 0; i < resources->nic_count; i++)
		definition_write_nic(&resources->nics[i], text);
	write_consoles(resources, text);
	if (resources->rng >= 0)
		buf_printf(text, "rng fd=%d\n", resources->rng);
	if (guest->balloon)
		buf_printf(text, "balloon period=%" PRIu64, guest->balloon_period);
	if (guest->balloon && guest->memory_max > guest->memory)
		buf_printf(text, " target=%" PRIu64, guest->memory);
	if (guest->balloon)
		buf_puts(text, "\n");
	buf_puts(text, "pvpanic\n");
	write_clock(guest, text);
	write_ends(guest, text);
	buf_printf(text, "control fd=%d\n", resources->control);
	buf_printf(text, "kvm fd=%d\n", resources->kvm);
	buf_printf(text, "outcome fd=%d\n", resources->outcome);
	buf_printf(text, "sandbox uid=%u gid=%u%s\n", options->user, options->user,
	    options->sandbox_off ? " off" : "");
	if (options->load)
		buf_printf(text, "load fd=%d offset=%u\n", options->load, options->load_offset);
	if (options->paused)
		buf_puts(text, "paused\n");
}
