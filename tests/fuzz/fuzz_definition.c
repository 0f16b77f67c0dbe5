/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Definitions: the input's bytes as they are, and good lines whose words the input changes. What is
 * refused has a reason; what is taken is in range, as machine_create() relies on.
 */
#include "tests/fuzz/script.h"

#include <string.h>

#include "vmm/definition_parse.h"

#define TEXT_MAX 8192

static const char *const LINES[] = {
	"berth-guest 1",
	"name web",
	"uuid 6b0f1c2d-0102-4a3b-8c4d-00ff10203040",
	"memory 2147483648 hugepages=2M prealloc lock shared",
	"vcpus 2 max=4 sockets=1 cores=2 threads=2",
	"cpu x86-64-v2 +avx -rdrand",
	"pin 0 0-2,5",
	"pin emulator 7",
	"kernel fd=7",
	"initrd fd=8",
	"cmdline console=hvc0  root=/dev/vda quiet",
	"disk id=vda fd=9 read-only discard serial=D1 queues=2 cache=none read-rate=1 write-iops=4",
	"nic id=net0 fd=11,12 vhost=13,14 mac=52:54:00:00:00:01 mtu=9000 link=down in=1,2,3",
	"console id=c0 type=virtio log=15 log-size=8192",
	"console id=c1 type=serial",
	"rng fd=16",
	"balloon",
	"vsock fd=17 cid=3",
	"pvpanic",
	"clock localtime offset=-3600",
	"on-reboot exit",
	"on-crash pause",
	"control fd=3",
	"kvm fd=4",
	"outcome fd=5",
	"sandbox uid=1 gid=2",
	"load fd=18",
	"paused",
};

#define LINES_COUNT (sizeof(LINES) / sizeof(LINES[0]))

static void check_text(const char *text, size_t size)
{
	check(memchr(text, '\0', size) != NULL);
}

static void check_definition(const struct definition *definition)
{
	check_text(definition->name, sizeof(definition->name));
	check_text(definition->cmdline, sizeof(definition->cmdline));
	check_text(definition->cpu, sizeof(definition->cpu));
	check_text(definition->cpu_features, sizeof(definition->cpu_features));
	check(definition->memory >= 32ull << 20 && definition->memory % (1 << 20) == 0);
	check(definition->vcpus >= 1 && definition->vcpus <= definition->vcpus_max);
	check(definition->vcpus_max <= DEFINITION_VCPUS_MAX);
	check(
	    definition->sockets * definition->cores * definition->threads == definition->vcpus_max);
	check(definition->disk_count <= DEFINITION_DISKS);
	check(definition->nic_count <= DEFINITION_NICS);
	check(definition->console_count <= DEFINITION_CONSOLES);
	check(definition->kernel >= 0 || definition->load >= 0);
	check(definition->kvm >= 0 && definition->control >= 0 && definition->outcome >= 0);
	for (unsigned int i = 0; i < definition->disk_count; i++) {
		check(definition->disks[i].queues >= 1 &&
		      definition->disks[i].queues <= DEFINITION_QUEUES_MAX);
		check_text(definition->disks[i].serial, sizeof(definition->disks[i].serial));
	}
	for (unsigned int i = 0; i < definition->nic_count; i++) {
		const struct definition_nic *nic = &definition->nics[i];

		check(nic->tap.count >= 1 && nic->tap.count <= DEFINITION_QUEUES_MAX);
		check(!nic->vhost.count || nic->vhost.count == nic->tap.count);
	}
}

/* On the heap, to its very end. */
static void parse(const char *text, size_t length)
{
	static struct definition definition;
	struct definition_disk disk;
	struct definition_nic nic;
	struct why reason = { "" };
	char *copy = malloc(length + 1);

	memcpy(copy, text, length);
	copy[length] = '\0';
	if (definition_parse(copy, length, &definition, &reason) == 0)
		check_definition(&definition);
	else
		check(reason.text[0] != '\0');
	reason.text[0] = '\0';
	check(definition_parse_disk(copy, &disk, &reason) == 0 || reason.text[0]);
	reason.text[0] = '\0';
	check(definition_parse_nic(copy, &nic, &reason) == 0 || reason.text[0]);
	free(copy);
}

/* Each line left out, twice, changed in some places, or as it is. */
static size_t compose(struct script *script, char *text)
{
	size_t length = 0;

	for (size_t i = 0; i < LINES_COUNT; i++) {
		uint64_t choice = script_take(script, 1);
		size_t size = strlen(LINES[i]);

		for (uint64_t copies = choice % 16 == 1	  ? 0
				       : choice % 16 == 2 ? 2
							  : 1;
		     copies; copies--) {
			memcpy(text + length, LINES[i], size);
			for (uint64_t changes = choice >> 4 & 3; changes; changes--)
				text[length + script_take(script, 1) % size] = (char)script_take(
				    script, 1);
			length += size;
			text[length++] = '\n';
		}
	}
	return length;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct script script = { data, size };
	char text[TEXT_MAX];

	if (script_take(&script, 1) % 2)
		parse((const char *)script.data, script.left);
	else
		parse(text, compose(&script, text));
	return 0;
}
