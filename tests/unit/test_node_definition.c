/* SPDX-License-Identifier: GPL-2.0-only */
/* From a section of the file to the text that starts a guest, which the VMM's own parser takes. */
#include "node/guest/definition.h"

#include <string.h>

#include "lib/uuid.h"
#include "node/guest/config.h"
#include "node/guest/identity.h"
#include "node/guest/refusal.h"
#include "node/guest/resources.h"
#include "tests/unit/unit_test.h"
#include "vmm/definition_parse.h"

_Static_assert(DEFINITION_VCPUS == DEFINITION_VCPUS_MAX, "what the VMM takes");

static const char pool[] = "[pool \"default\"]\npath = images\n";

static struct config *load(const char *guest)
{
	struct buf complaint = BUF_INIT;
	struct buf text = BUF_INIT;
	struct config *config = NULL;

	buf_printf(&text, "%s[guest \"web\"]\n%s", pool, guest);
	if (config_load(buf_text(&text), text.length, &complaint, &config))
		fail_msg("%s", buf_text(&complaint));
	buf_done(&text);
	buf_done(&complaint);
	return config;
}

/* Numbers as the resources of a small guest would have them. */
static void fill(struct resources *resources, const struct conf_guest *guest)
{
	*resources = (struct resources){ .definition = 3,
		.outcome = 4,
		.control = 5,
		.kvm = 6,
		.kernel = 7,
		.initrd = guest->initrd ? 8 : -1,
		.rng = guest->rng ? 9 : -1 };
	for (const struct conf_disk *disk = guest->disks; disk; disk = disk->next) {
		struct resource_disk *target = &resources->disks[resources->disk_count];

		*target = (struct resource_disk){
			.conf = disk, .id = "vda", .number = 20 + (int)resources->disk_count
		};
		target->id[2] = (char)('a' + (int)resources->disk_count++);
	}
	for (const struct conf_nic *nic = guest->nics; nic; nic = nic->next) {
		struct resource_nic *target = &resources->nics[resources->nic_count];

		*target = (struct resource_nic){ .conf = nic,
			.id = "net0",
			.queues = nic->queues ? (unsigned int)nic->queues : 1,
			.mac = identity_mac(guest, nic, resources->nic_count),
			.mtu = nic->mtu };
		for (unsigned int i = 0; i < target->queues; i++) {
			target->taps[i] = 40 + (int)i;
			target->vhosts[i] = nic->in ? -1 : 60 + (int)i;
		}
		resources->nic_count++;
	}
	resources->console_count = resources_consoles(guest, resources->consoles);
}

static void check_text(const char *section, bool paused, const char *expected)
{
	const struct definition_options options = { .user = 100001, .paused = paused };
	struct config *config = load(section);
	const struct conf_guest *guest = config_guest(config, "web");
	struct definition definition;
	struct resources resources;
	struct buf text = BUF_INIT;
	struct why why;

	fill(&resources, guest);
	definition_write(guest, &resources, &options, &text);
	assert_true(buf_ok(&text));
	assert_string_equal(buf_text(&text), expected);
	if (definition_parse(buf_text(&text), text.length, &definition, &why))
		fail_msg("the VMM refuses it: %s", why.text);
	buf_done(&text);
	config_release(config);
}

static void test_six_lines(void **state)
{
	(void)state;
	check_text(
	    "uuid = 6f4d2b9e-1c0a-4f53-9a52-0d4c7e1b8f21\nmemory = 256M\nkernel = boot/vmlinuz\n"
	    "disk = default/web.raw\nnic = default mac=52:54:00:11:22:33\n",
	    false,
	    "berth-guest 1\nname web\nuuid 6f4d2b9e-1c0a-4f53-9a52-0d4c7e1b8f21\n"
	    "memory 268435456\nvcpus 1\ncpu host\nkernel fd=7\ncmdline console=ttyS0\n"
	    "disk id=vda fd=20 discard cache=none\n"
	    "nic id=net0 fd=40 mac=52:54:00:11:22:33 vhost=60 link=up\n"
	    "console id=serial0 type=serial\nconsole id=console0 type=virtio\n"
	    "rng fd=9\nballoon period=10\npvpanic\nclock utc\non-reboot reset\non-crash exit\n"
	    "control fd=5\nkvm fd=6\noutcome fd=4\nsandbox uid=100001 gid=100001\n");
}

static void test_everything(void **state)
{
	(void)state;
	check_text(
	    "uuid = 6f4d2b9e-1c0a-4f53-9a52-0d4c7e1b8f21\nmemory = 512M\nmemory-max = 1G\n"
	    "hugepages = 2M\nvcpus = 2\nvcpus-max = 4\ntopology = 1 cores=2 threads=2\n"
	    "cpu-feature = +x2apic\ncpu-feature = -avx2\npin = 1 3\nemulator-cpus = 0-1\n"
	    "kernel = /data/boot/k\ninitrd = /data/boot/i\ncmdline = \"root=/dev/vda1 quiet\"\n"
	    "disk = default/a.raw cache=writeback discard=ignore serial=A1 read=1M write-iops=100\n"
	    "disk = /data/b.raw readonly cache=directsync\n"
	    "nic = default mac=52:54:00:11:22:33 queues=2 mtu=9000 link=down in=1M in-burst=64K\n"
	    "serial = log log-size=64K\nserial = pty bus=virtio\nrng = no\nballoon-period = 0s\n"
	    "clock = localtime ahead=1h\non-reboot = destroy\non-crash = preserve\n",
	    true,
	    "berth-guest 1\nname web\nuuid 6f4d2b9e-1c0a-4f53-9a52-0d4c7e1b8f21\n"
	    "memory 1073741824 hugepages=2M\nvcpus 2 max=4 sockets=1 cores=2 threads=2\n"
	    "cpu host +x2apic -avx2\npin 1 3\npin emulator 0-1\n"
	    "kernel fd=7\ninitrd fd=8\ncmdline root=/dev/vda1 quiet\n"
	    "disk id=vda fd=20 serial=A1 cache=writeback read-rate=1048576 write-iops=100\n"
	    "disk id=vdb fd=21 read-only cache=writethrough\n"
	    "nic id=net0 fd=40,41 mac=52:54:00:11:22:33 mtu=9000 link=down in=1048576,1048576,65536\n"
	    "console id=serial0 type=serial\nconsole id=console0 type=virtio\n"
	    "balloon period=0 target=536870912\npvpanic\nclock localtime offset=3600\non-reboot exit\non-crash pause\n"
	    "control fd=5\nkvm fd=6\noutcome fd=4\nsandbox uid=100001 gid=100001\npaused\n");
}

static void test_nothing_beside_the_kernel(void **state)
{
	(void)state;
	check_text("uuid = 6f4d2b9e-1c0a-4f53-9a52-0d4c7e1b8f21\nmemory = 64M\nkernel = k\n"
		   "serial = log\nrng = no\nballoon = no\n",
	    false,
	    "berth-guest 1\nname web\nuuid 6f4d2b9e-1c0a-4f53-9a52-0d4c7e1b8f21\n"
	    "memory 67108864\nvcpus 1\ncpu host\nkernel fd=7\ncmdline console=ttyS0\n"
	    "console id=serial0 type=serial\n"
	    "pvpanic\nclock utc\non-reboot reset\non-crash exit\n"
	    "control fd=5\nkvm fd=6\noutcome fd=4\nsandbox uid=100001 gid=100001\n");
}

static void test_identity_is_made_from_the_name(void **state)
{
	const struct conf_guest web = { .name = "web" };
	const struct conf_guest db = { .name = "db" };
	const struct conf_nic nic = { 0 };
	char text[UUID_TEXT];
	uint8_t one[16];
	uint8_t two[16];
	struct netaddr_mac mac = identity_mac(&web, &nic, 0);
	struct netaddr_mac other = identity_mac(&web, &nic, 1);

	(void)state;
	identity_uuid(&web, one);
	identity_uuid(&web, two);
	assert_memory_equal(one, two, 16);
	identity_uuid(&db, two);
	assert_memory_not_equal(one, two, 16);
	uuid_text(one, text);
	assert_int_equal(strlen(text), 36);
	assert_int_equal(text[14], '8');
	assert_non_null(strchr("89ab", text[19]));
	assert_memory_equal(mac.bytes, "\x52\x54\x00", 3);
	assert_memory_not_equal(mac.bytes, other.bytes, 6);
}

static void test_refusals(void **state)
{
	static const struct {
		const char *section;
		const char *why; /* what the line begins with; NULL: not refused */
	} cases[] = {
		{ "kernel = k\n", NULL },
		{ "kernel = k\nfirmware = direct\n", NULL },
		{ "kernel = k\ncdrom = empty\n", NULL },
		{ "memory = 1G\n", "firmware = bios is not there yet" },
		{ "firmware = uefi\nkernel = k\n", "firmware = uefi is not there yet" },
		{ "kernel = k\ndisk = default/a bus=ide\n", "disk default/a: only bus=virtio" },
		{ "kernel = k\ndisk = default/a.qcow2 format=qcow2\n",
		    "disk default/a.qcow2: format=qcow2" },
		{ "kernel = k\nnic = default model=e1000\n", "nic default: only model=virtio" },
		{ "kernel = k\ngraphics = vnc\n",
		    "graphics is not there yet: take it out of the guest's section, or virt-install" },
		{ "kernel = k\ncdrom = default/a.iso\n", "cdrom is not there yet" },
		{ "kernel = k\nacpi = no\n", "acpi = no is not there yet" },
		{ "kernel = k\ntpm = crb\n", "tpm is not there yet" },
		{ "kernel = k\nvcpus = 64\n", NULL },
		{ "kernel = k\nvcpus = 1\nvcpus-max = 65\n", "more than 64 vcpus" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct config *config = load(cases[i].section);
		struct buf why = BUF_INIT;
		bool refused = refusal_of(config_guest(config, "web"), &why);

		assert_int_equal(refused, cases[i].why != NULL);
		if (refused && strncmp(buf_text(&why), cases[i].why, strlen(cases[i].why)))
			fail_msg("\"%s\" is not \"%s\"", buf_text(&why), cases[i].why);
		buf_done(&why);
		config_release(config);
	}
}

static void test_what_needs_a_start(void **state)
{
	struct config *before = load("kernel = k\nmemory = 512M\nmemory-max = 1G\n");
	static const struct {
		const char *section;
		bool start;
		bool live;
	} cases[] = {
		{ "kernel = k\nmemory = 512M\nmemory-max = 1G\n", false, false },
		{ "kernel = k\nmemory = 768M\nmemory-max = 1G\n", false, true },
		{ "kernel = k\nmemory = 512M\nmemory-max = 1G\ncpu-cap = 50%\n", false, true },
		{ "kernel = k\nmemory = 512M\nmemory-max = 2G\n", true, false },
		{ "kernel = k\nmemory = 512M\nmemory-max = 1G\nvcpus = 2\n", true, false },
		{ "kernel = k\nmemory = 512M\nmemory-max = 1G\ntitle = new\n", false, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct config *after = load(cases[i].section);
		const struct conf_guest *old = config_guest(before, "web");
		const struct conf_guest *new = config_guest(after, "web");

		assert_int_equal(config_needs_start(old, new, true), cases[i].start);
		assert_int_equal(config_differs_live(old, new), cases[i].live);
		config_release(after);
	}
	config_release(before);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_six_lines),
		cmocka_unit_test(test_everything),
		cmocka_unit_test(test_nothing_beside_the_kernel),
		cmocka_unit_test(test_identity_is_made_from_the_name),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_what_needs_a_start),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
