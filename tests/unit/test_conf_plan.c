/* SPDX-License-Identifier: GPL-2.0-only */
/* What a change costs, and what the facts of a machine say against a file. */
#include "tests/unit/unit_test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conf/facts.h"
#include "conf/load.h"
#include "conf/plan.h"
#include "lib/file.h"

static enum conf_cost plan(const char *before, const char *after, struct buf *out)
{
	struct conf old_conf;
	struct conf new_conf;
	enum conf_cost cost;

	assert_int_equal(conf_load(before, strlen(before), &old_conf), 0);
	assert_int_equal(conf_load(after, strlen(after), &new_conf), 0);
	assert_int_equal(old_conf.diags.count + new_conf.diags.count, 0);
	cost = conf_plan(&old_conf.model, &new_conf.model, out);
	assert_true(buf_ok(out));
	conf_done(&old_conf);
	conf_done(&new_conf);
	return cost;
}

static void expect(const char *before, const char *after, enum conf_cost cost, const char *expected)
{
	struct buf out = BUF_INIT;

	assert_int_equal(plan(before, after, &out), cost);
	assert_string_equal(buf_text(&out), expected);
	buf_done(&out);
}

static void comments_and_defaults_change_nothing(void **state)
{
	(void)state;
	expect("[node]\nhostname = berth\n", "# x\n", CONF_COST_NOTHING, "");
	expect("[guest \"a\"]\nmemory=1024M", "[guest \"a\"]\nmemory = \"1G\" ; same",
	    CONF_COST_NOTHING, "");
	expect("[template \"t\"]\nvcpus=2\n[guest \"a\"]\nuse=t", "[guest \"a\"]\nvcpus=2",
	    CONF_COST_NOTHING, "- template \"t\"\tnothing\n");
}

static void each_change_has_its_cost(void **state)
{
	(void)state;
	expect(
	    "", "[node]\nhostname = n1\n", CONF_COST_LIVE, "~ node hostname: berth -> n1\tlive\n");
	expect("[node]\nntp=a\nntp=b\n", "[node]\nntp=b\nntp=c\n", CONF_COST_SERVICE,
	    "~ node ntp: -a, +c\trestart of a service\n");
	expect("[node]\nntp=a\nntp=b\n", "[node]\nntp=b\nntp=a\n", CONF_COST_SERVICE,
	    "~ node ntp: in another order\trestart of a service\n");
	expect("[guest \"a\"]\n[guest \"b\"]\n", "[guest \"a\"]\nvcpus=2\n[guest \"c\"]\n",
	    CONF_COST_GUEST,
	    "~ guest \"a\" vcpus: 1 -> 2\trestart of the guest\n- guest \"b\"\tlive\n"
	    "+ guest \"c\"\tlive\n");
	expect("[guest \"a\"]\ntitle = x\n", "[guest \"a\"]\n", CONF_COST_NOTHING,
	    "~ guest \"a\" title: x -> not said\tnothing\n");
}

static void template_changes_show_in_its_guests(void **state)
{
	(void)state;
	expect("[template \"t\"]\nmemory=1G\n[guest \"a\"]\nuse=t\n",
	    "[template \"t\"]\nmemory=512M\n[guest \"a\"]\nuse=t\n", CONF_COST_LIVE,
	    "~ template \"t\" memory: 1G -> 512M\tlive\n~ guest \"a\" memory: 1G -> 512M\tlive\n");
}

static void memory_grows_live_up_to_its_bound(void **state)
{
	(void)state;
	expect("[guest \"a\"]\n", "[guest \"a\"]\nmemory=2G\n", CONF_COST_GUEST,
	    "~ guest \"a\" memory: 1G -> 2G\trestart of the guest\n");
	expect("[guest \"a\"]\nmemory-max=2G\n", "[guest \"a\"]\nmemory=2G\nmemory-max=2G\n",
	    CONF_COST_LIVE, "~ guest \"a\" memory: 1G -> 2G\tlive\n");
}

static void disks_and_nics_come_and_go_live(void **state)
{
	static const char *const base = "[pool \"p\"]\npath=.\n[network \"n\"]\nmode=isolated\n"
					"[guest \"a\"]\n";
	static const struct {
		const char *before;
		const char *after;
		enum conf_cost cost;
	} cases[] = {
		{ "", "disk=p/a\n", CONF_COST_LIVE },
		{ "disk=p/a\ndisk=p/b\n", "disk=p/b\n", CONF_COST_LIVE },
		{ "disk=p/a\n", "disk=p/a read-iops=5\n", CONF_COST_LIVE },
		{ "disk=p/a target=vda\n", "disk=p/b target=vda\n", CONF_COST_LIVE },
		{ "disk=p/a\n", "disk=p/a cache=writeback\n", CONF_COST_GUEST },
		{ "disk=p/a\ndisk=p/b\n", "disk=p/b\ndisk=p/a\n", CONF_COST_GUEST },
		{ "", "nic=n\n", CONF_COST_LIVE },
		{ "nic=n\n", "nic=n link=down\n", CONF_COST_LIVE },
		{ "nic=n in=1M\n", "nic=n in=2M out=1M\n", CONF_COST_LIVE },
		{ "nic=n\n", "nic=n in=1M\n", CONF_COST_GUEST },
		{ "nic=n\n", "nic=n mtu=1400\n", CONF_COST_GUEST },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char before[256];
		char after[256];
		struct conf old;
		struct conf new;
		struct buf plan = BUF_INIT;

		snprintf(before, sizeof(before), "%s%s", base, cases[i].before);
		snprintf(after, sizeof(after), "%s%s", base, cases[i].after);
		assert_int_equal(conf_load(before, strlen(before), &old), 0);
		assert_int_equal(conf_load(after, strlen(after), &new), 0);
		assert_int_equal(old.diags.count + new.diags.count, 0);
		if (conf_plan(&old.model, &new.model, &plan) != cases[i].cost)
			fail_msg("case %zu: %s", i, buf_text(&plan));
		buf_done(&plan);
		conf_done(&old);
		conf_done(&new);
	}
}

static void secrets_are_not_shown(void **state)
{
	(void)state;
	expect("", "[node]\nconsole-password = $5$abcdefgh$0123456789abcdef\n", CONF_COST_LIVE,
	    "~ node console-password: changed\tlive\n");
}

static void facts_resolve_selectors(void **state)
{
	static const char facts[] = "nic eth0 mac:52:54:00:00:00:01 pci:0000:01:00.0 driver=x\n"
				    "nic eth1 mac:52:54:00:00:00:02 pci:0000:02:00.0\n"
				    "nic eth2 mac:52:54:00:00:00:02\n"
				    "disk sda serial:A pci:0000:01:00.0 size=5\n"
				    "part sda1 partuuid:00ab-01 size=1\n"
				    "disk sdb serial:B wwn:0x5 size=5";
	static const char text[] = "[node]\ndata = serial:A\n"
				   "[uplink \"a\"]\nnic = mac:52:54:00:00:00:01\n"
				   "[uplink \"b\"]\nnic = mac:52:54:00:00:00:02\n"
				   "[uplink \"c\"]\nnic = pci:0000:03:00.0\n"
				   "[pool \"p\"]\ntype = fs\ndevice = serial:A1\n"
				   "[pool \"q\"]\ntype = fs\ndevice = partuuid:00AB-01\n"
				   "[pool \"r\"]\ntype = fs\ndevice = partuuid:unknown\n"
				   "[guest \"g\"]\ndisk = wwn:0x5\ndisk = wwn:0x6\n";
	struct buf out = BUF_INIT;
	struct conf conf;

	(void)state;
	assert_int_equal(conf_load(text, strlen(text), &conf), 0);
	assert_int_equal(conf.diags.count, 0);
	conf_facts_check(facts, &conf.model, &conf.diags);
	conf_diags_print(&conf.diags, "f", &out);
	assert_string_equal(buf_text(&out),
	    "f:6:7: 2 nics of this machine are mac:52:54:00:00:00:02\n"
	    "f:8:7: no nic of this machine is pci:0000:03:00.0\n"
	    "f:11:10: no disk of this machine is serial:A1\n"
	    "f:17:10: no disk of this machine is partuuid:unknown\n"
	    "f:20:8: no disk of this machine is wwn:0x6\n");
	conf_done(&conf);
	buf_done(&out);
}

/* What tells a disk from others, by the kernel's name for it. */
static void facts_name_disks(void **state)
{
	static const char facts[] = "nic sda mac:52:54:00:00:00:01 pci:0000:01:00.0\n"
				    "disk sda serial:A wwn:0x1 pci:0000:01:00.0 model=serial:B\n"
				    "part sda1 partuuid:00ab-01 size=1\n"
				    "disk sdb serial:A wwn:0x2 size=5\n"
				    "disk sdc serial:A wwn:0x2\n";
	static const char *const rows[][2] = { { "sda", "wwn:0x1" }, { "sda1", "partuuid:00ab-01" },
		{ "sdb", "" }, { "sd", "" }, { "", "" }, { "sdd", "" } };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct buf out = BUF_INIT;

		conf_facts_selector(facts, rows[i][0], &out);
		assert_string_equal(buf_text(&out), rows[i][1]);
		buf_done(&out);
	}
}

static void facts_of_no_machine(void **state)
{
	struct buf out = BUF_INIT;

	(void)state;
	assert_int_equal(conf_facts_read("/nonexistent", "/nonexistent", &out), 0);
	assert_string_equal(buf_text(&out), "");
	buf_done(&out);
}

static char sys[] = "/tmp/berth-facts-XXXXXX";

/* A file below the made-up /sys, with its folders. */
static void put(const char *path, const char *data, size_t length)
{
	char full[256];

	snprintf(full, sizeof(full), "%s/%s", sys, path);
	for (char *c = full + sizeof(sys); *c; c++) {
		if (*c != '/')
			continue;
		*c = '\0';
		mkdir(full, 0755);
		*c = '/';
	}
	assert_int_equal(file_replace(full, data, length, 0644), 0);
}

/* Disk `name` behind `device`, with its size. */
static void put_disk(const char *name, const char *device)
{
	char path[128];
	char target[160];

	snprintf(path, sizeof(path), "block/%s/size", name);
	put(path, "8\n", 2);
	snprintf(path, sizeof(path), "%s/block/%s/device", sys, name);
	snprintf(target, sizeof(target), "../../%s", device);
	assert_int_equal(symlink(target, path), 0);
}

static void put_partition(const char *disk, unsigned int number)
{
	char path[64];
	char text[8];

	snprintf(path, sizeof(path), "block/%s/%s%u/size", disk, disk, number);
	put(path, "2\n", 2);
	snprintf(path, sizeof(path), "block/%s/%s%u/partition", disk, disk, number);
	put(path, text, (size_t)snprintf(text, sizeof(text), "%u\n", number));
}

/* A GPT in blocks of 4 KiB, whose entries are not where they usually are; a table of the old kind;
 * one that says that it has fewer entries than the kernel found. */
static void put_tables(void)
{
	static char disk[6 * 4096];
	char *header = disk + 4096;

	memcpy(header, "EFI PART", 8);
	header[72] = 5;
	header[80] = 1;
	header[84] = (char)128;
	for (int i = 0; i < 16; i++)
		disk[5 * 4096 + 16 + i] = (char)(0x11 * i);
	put("dev/sda", disk, sizeof(disk));
	memset(disk, 0, sizeof(disk));
	memcpy(disk + 440, "\x01\x23\x45\x67", 4);
	memcpy(disk + 510, "\x55\xaa", 2);
	put("dev/sdb", disk, 4096);
	memcpy(disk + 512, "EFI PART", 8);
	disk[512 + 80] = 2;
	put("dev/sdc", disk, sizeof(disk));
}

/* SATA and SCSI disks have their serial number in a page of bytes, sticks at the USB device; one
 * that lies about its length is cut. */
static void facts_of_disks(void **state)
{
	static const char page[] = "\0\x80\0\x0cWD 0123456  padding";
	static const char lie[] = "\0\x80\xff\xffSHORT";
	struct buf out = BUF_INIT;
	char command[64];
	char dev[64];

	(void)state;
	assert_non_null(mkdtemp(sys));
	put("devices/0000:00:1f.2/ata1/0:0:0:0/vpd_pg80", page, sizeof(page) - 1);
	put("devices/0000:00:1f.2/ata2/0:0:0:0/vpd_pg80", lie, sizeof(lie) - 1);
	put("devices/0000:00:14.0/usb1/1-1/idVendor", "0951\n", 5);
	put("devices/0000:00:14.0/usb1/1-1/serial", "STICK1\n", 7);
	put("devices/0000:00:14.0/usb1/1-1/1-1:1.0/4:0:0:0/model", "DataTraveler \n", 14);
	put_disk("sda", "devices/0000:00:1f.2/ata1/0:0:0:0");
	put_disk("sdb", "devices/0000:00:1f.2/ata2/0:0:0:0");
	put_disk("sdc", "devices/0000:00:14.0/usb1/1-1/1-1:1.0/4:0:0:0");
	put_partition("sda", 1);
	put_partition("sdb", 2);
	put_partition("sdc", 3);
	put("block/sda/queue/logical_block_size", "4096\n", 5);
	put_tables();
	snprintf(dev, sizeof(dev), "%s/dev", sys);
	assert_int_equal(conf_facts_read(sys, dev, &out), 0);
	assert_string_equal(buf_text(&out),
	    "disk sda serial:WD_0123456 pci:0000:00:1f.2 size=4096\n"
	    "part sda1 partuuid:33221100-5544-7766-8899-aabbccddeeff size=1024\n"
	    "disk sdb serial:SHORT pci:0000:00:1f.2 size=4096\n"
	    "part sdb2 partuuid:67452301-02 size=1024\n"
	    "disk sdc serial:STICK1 pci:0000:00:14.0 model=DataTraveler size=4096\n");
	buf_done(&out);
	snprintf(command, sizeof(command), "rm -rf %s", sys);
	assert_int_equal(system(command), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(comments_and_defaults_change_nothing),
		cmocka_unit_test(each_change_has_its_cost),
		cmocka_unit_test(template_changes_show_in_its_guests),
		cmocka_unit_test(disks_and_nics_come_and_go_live),
		cmocka_unit_test(memory_grows_live_up_to_its_bound),
		cmocka_unit_test(secrets_are_not_shown),
		cmocka_unit_test(facts_resolve_selectors),
		cmocka_unit_test(facts_name_disks),
		cmocka_unit_test(facts_of_no_machine),
		cmocka_unit_test(facts_of_disks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
