/* SPDX-License-Identifier: GPL-2.0-only */
#include "vmm/definition_parse.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/unit_test.h"

#define HEAD                                                                                       \
	"berth-guest 1\nname web\nuuid 6b0f1c2d-0102-4a3b-8c4d-00ff10203040\nmemory 134217728\n"   \
	"vcpus 2\nkernel fd=7\ncontrol fd=3\nkvm fd=4\noutcome fd=5\nsandbox uid=100001 gid=100001\n"

static struct definition definition;
static struct why reason;

static int parse(const char *text)
{
	reason.text[0] = '\0';
	return definition_parse(text, strlen(text), &definition, &reason);
}

static void test_least(void **state)
{
	(void)state;
	assert_int_equal(parse(HEAD), 0);
	assert_string_equal(definition.name, "web");
	assert_int_equal(definition.uuid[0], 0x6b);
	assert_int_equal(definition.uuid[15], 0x40);
	assert_int_equal(definition.memory, 128 << 20);
	assert_int_equal(definition.vcpus_max, 2);
	assert_int_equal(
	    definition.sockets * 100 + definition.cores * 10 + definition.threads, 211);
	assert_string_equal(definition.cpu, "host");
	assert_int_equal(definition.kernel, 7);
	assert_int_equal(definition.initrd, -1);
	assert_int_equal(definition.rng, -1);
	assert_int_equal(definition.on_reboot, DEFINITION_RESET);
	assert_int_equal(definition.on_crash, DEFINITION_EXIT);
	assert_int_equal(definition.balloon_period, 10);
	assert_false(definition.balloon || definition.paused || definition.sandbox_off);
	assert_int_equal(definition.uid, 100001);
}

static void test_all(void **state)
{
	(void)state;
	assert_int_equal(
	    parse(
		"berth-guest 1\nname g\nuuid 6b0f1c2d-0102-4a3b-8c4d-00ff10203040\n"
		"memory 2147483648 hugepages=1G prealloc lock shared\n"
		"vcpus 2 max=4 cores=2 threads=2\ncpu x86-64-v2 +avx -rdrand\npin 0 0-2,5\n"
		"pin emulator 7\nkernel fd=7\ninitrd fd=8\ncmdline console=hvc0  root=/dev/vda quiet\n"
		"disk id=vda fd=9 read-only discard serial=D1 queues=2 cache=none read-rate=1 "
		"write-rate=2 read-iops=3 write-iops=4\ndisk id=vdb fd=10\n"
		"nic id=net0 fd=11,12 vhost=13,14 mac=52:54:00:00:00:01 mtu=9000 link=down in=1,2,3 "
		"out=4,5,6\nconsole id=c0 type=virtio log=15 log-size=8192\nconsole id=c1 type=serial\n"
		"rng fd=16\nballoon target=67108864 period=5\nvsock fd=17 cid=3\npvpanic\nclock localtime offset=-3600\n"
		"on-reboot exit\non-crash pause\ncontrol fd=3\nkvm fd=4\noutcome fd=5\n"
		"sandbox uid=1 gid=2 off\nload fd=18\npaused\n"),
	    0);
	assert_int_equal(definition.hugepages, 1 << 30);
	assert_true(definition.prealloc && definition.lock && definition.shared);
	assert_int_equal(
	    definition.sockets * 100 + definition.cores * 10 + definition.threads, 122);
	assert_string_equal(definition.cpu_features, "+avx -rdrand");
	assert_int_equal(CPU_COUNT(&definition.vcpu_cpus[0]), 4);
	assert_true(
	    CPU_ISSET(5, &definition.vcpu_cpus[0]) && !CPU_ISSET(3, &definition.vcpu_cpus[0]));
	assert_true(definition.vcpu_pinned[0] && !definition.vcpu_pinned[1]);
	assert_true(definition.emulator_pinned && CPU_ISSET(7, &definition.emulator_cpus));
	assert_string_equal(definition.cmdline, "console=hvc0  root=/dev/vda quiet");
	assert_int_equal(definition.disk_count, 2);
	assert_true(definition.disks[0].read_only && definition.disks[0].discard);
	assert_int_equal(definition.disks[0].cache, DEFINITION_NONE);
	assert_int_equal(definition.disks[0].write_iops, 4);
	assert_int_equal(definition.disks[1].queues, 1);
	assert_int_equal(definition.nics[0].tap.count, 2);
	assert_int_equal(definition.nics[0].vhost.fd[1], 14);
	assert_int_equal(definition.nics[0].mac[5], 1);
	assert_int_equal(definition.nics[0].link, 1);
	assert_int_equal(definition.nics[0].out.burst, 6);
	assert_int_equal(definition.consoles[0].log_size, 8192);
	assert_int_equal(definition.consoles[1].type, DEFINITION_CONSOLE_SERIAL);
	assert_int_equal(definition.balloon_target, 64 << 20);
	assert_int_equal(definition.balloon_period, 5);
	assert_int_equal(definition.vsock_cid, 3);
	assert_int_equal(definition.clock_offset, -3600);
	assert_int_equal(definition.localtime, 1);
	assert_int_equal(definition.on_reboot, DEFINITION_EXIT);
	assert_int_equal(definition.on_crash, DEFINITION_PAUSE);
	assert_true(definition.paused && definition.sandbox_off && definition.balloon &&
		    definition.pvpanic);
	assert_int_equal(definition.load, 18);
}

static void test_refusals(void **state)
{
	static const struct {
		const char *text;
		const char *message;
	} cases[] = {
		{ "", "definition: the line \"name\" is missing" },
		{ "berth-guest 2\n", "definition:1: does not begin with \"berth-guest 1\"" },
		{ "berth-guest 1", "definition:1: the line has no end: the text was cut off" },
		{ HEAD "name again\n", "definition:11: \"name\" stands twice" },
		{ HEAD "wheel\n", "definition:11: \"wheel\" is no line of a definition" },
		{ HEAD "balloon big\n", "definition:11: \"big\" is not known here" },
		{ HEAD "balloon target=1099511627776\n",
		    "definition: the balloon's target is more than the memory" },
		{ HEAD "disk id=a\n", "definition:11: fd is missing" },
		{ HEAD "disk id=a fd=1 fd=2\n", "definition:11: \"fd=2\": given twice" },
		{ HEAD "disk id=a fd=x\n", "definition:11: \"fd=x\": not a value of this" },
		{ HEAD "disk id=a fd=1 read-only=1\n",
		    "definition:11: \"read-only=1\" is not known here" },
		{ HEAD "disk id=a fd=1\ndisk id=a fd=2\n",
		    "definition:12: disk a: there is one of that id" },
		{ HEAD "disk id=a fd=1 queues=0\n",
		    "definition:11: \"queues=0\": not a value of this" },
		{ HEAD "nic id=a fd=1,2 vhost=3 mac=52:54:00:00:00:01\n",
		    "definition:11: nic a: 2 descriptors of taps, 1 of vhost; one each" },
		{ HEAD "nic id=a fd=1 mac=01:00:00:00:00:01\n",
		    "definition:11: nic a: its MAC address is one of a group" },
		{ HEAD "nic id=a fd=1 mac=52:54:00:00:00:01 in=1,2\n",
		    "definition:11: \"in=1,2\": not a value of this" },
		{ HEAD "console id=a type=vga\n",
		    "definition:11: \"type=vga\": not a value of this" },
		{ HEAD
		    "console id=a type=serial\nconsole id=b type=serial\nconsole id=c type=serial\n",
		    "definition:13: console c: there are two serial ports already" },
		{ HEAD "pin 64 0\n", "definition:11: pin: \"64\" is no vCPU" },
		{ HEAD "pin 0 3-1\n", "definition:11: pin 0: no list of processors" },
		{ HEAD "pin 0 0\npin 0 1\n", "definition:12: pin 0: given twice" },
		{ HEAD "cpu\n", "definition:11: cpu: the model is missing, or too long" },
		{ HEAD "cpu host avx\n", "definition:11: \"avx\": a feature begins with + or -" },
		{ HEAD "vsock fd=1 cid=2\n", "definition:11: \"cid=2\": not a value of this" },
		{ "berth-guest 1\nmemory 1\n", "definition:2: \"1\": not a value of this" },
		{ "berth-guest 1\nuuid 6b0f1c2g-0102-4a3b-8c4d-00ff10203040\n",
		    "definition:2: \"6b0f1c2g-0102-4a3b-8c4d-00ff10203040\": not a value of this" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(parse(cases[i].text), -EINVAL);
		assert_string_equal(reason.text, cases[i].message);
	}
}

static void test_rules_across_lines(void **state)
{
	static const struct {
		const char *memory;
		const char *vcpus;
		const char *rest;
		const char *message;
	} cases[] = {
		{ "134217729", "1", "", "definition: memory is no multiple of 1 MiB" },
		{ "135266304 hugepages=2M", "1", "",
		    "definition: memory is no multiple of its huge pages" },
		{ "134217728", "3 max=2", "", "definition: more vcpus than their max" },
		{ "134217728", "4 cores=3", "",
		    "definition: sockets times cores times threads is not 4" },
	};
	char text[1024];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		snprintf(text, sizeof(text),
		    "berth-guest 1\nname g\nuuid 6b0f1c2d-0102-4a3b-8c4d-00ff10203040\nmemory %s\n"
		    "vcpus %s\nkernel fd=7\ncontrol fd=3\nkvm fd=4\noutcome fd=5\nsandbox uid=1 gid=1\n",
		    cases[i].memory, cases[i].vcpus);
		assert_int_equal(parse(text), -EINVAL);
		assert_string_equal(reason.text, cases[i].message);
	}
}

static void test_bounds(void **state)
{
	char *text = malloc(200000);
	int length = sprintf(text, HEAD);

	(void)state;
	for (int i = 0; i < 27; i++)
		length += sprintf(text + length, "disk id=d%d fd=1\n", i);
	assert_int_equal(parse(text), -EINVAL);
	assert_string_equal(reason.text, "definition:37: more than 26 disks");

	length = sprintf(text, HEAD "cmdline ");
	memset(text + length, 'x', 2048);
	memcpy(text + length + 2048, "\n", 2);
	assert_int_equal(parse(text), -EINVAL);
	assert_string_equal(
	    reason.text, "definition:11: cmdline: 2048 bytes; the kernel takes 2047");
	memcpy(text + length + 2047, "\n", 2);
	assert_int_equal(parse(text), 0);
	memset(text + length, 'x', 5000);
	memcpy(text + length + 5000, "\n", 2);
	assert_int_equal(parse(text), -EINVAL);
	assert_int_equal(
	    definition_parse("berth-guest 1\n\0\n", 16, &definition, &reason), -EINVAL);
	free(text);
}

static void test_alone(void **state)
{
	struct definition_disk disk;
	struct definition_nic nic;

	(void)state;
	assert_int_equal(definition_parse_disk("id=vdz fd=0 read-only", &disk, &reason), 0);
	assert_string_equal(disk.id, "vdz");
	assert_true(disk.read_only);
	assert_int_equal(definition_parse_disk("id=vdz", &disk, &reason), -EINVAL);
	assert_string_equal(reason.text, "fd is missing");
	assert_int_equal(definition_parse_nic("id=n fd=0 mac=52:54:00:00:00:02", &nic, &reason), 0);
	assert_int_equal(
	    definition_parse_nic("id=n fd=0 vhost=1,2 mac=52:54:00:00:00:02", &nic, &reason),
	    -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_least),
		cmocka_unit_test(test_all),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_rules_across_lines),
		cmocka_unit_test(test_bounds),
		cmocka_unit_test(test_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
