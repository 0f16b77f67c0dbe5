/* SPDX-License-Identifier: GPL-2.0-only */
/* Each kind of line is a table of words, or has a function of its own. */
#include "vmm/definition_parse.h"

#include <errno.h>
#include <string.h>

#include "lib/num.h"
#include "vmm/definition_words.h"

#define MEMORY_MIN (32ull << 20)
#define MEMORY_MAX (16ull << 40)

struct parser {
	struct definition *definition;
	struct words_line line;
	uint64_t seen; /* bits: kinds of lines that came */
};

#define AT(field) .offset = offsetof(struct definition, field)
#define DISK_AT(field) .offset = offsetof(struct definition_disk, field)
#define NIC_AT(field) .offset = offsetof(struct definition_nic, field)
#define CONSOLE_AT(field) .offset = offsetof(struct definition_console, field)

static const char *const cache_choices[] = { "writeback", "writethrough", "none", NULL };
static const char *const link_choices[] = { "up", "down", NULL };
static const char *const console_choices[] = { "virtio", "serial", NULL };
static const char *const clock_choices[] = { "utc", "localtime", NULL };
static const char *const reboot_choices[] = { "exit", "reset", NULL };
static const char *const crash_choices[] = { "exit", "reset", "pause", NULL };

static const struct word disk_words[] = {
	{ .key = "id", .type = WORD_TEXT, DISK_AT(id), .required = true },
	{ .key = "fd", .type = WORD_FD, DISK_AT(fd), .required = true },
	{ .key = "read-only", .type = WORD_FLAG, DISK_AT(read_only) },
	{ .key = "discard", .type = WORD_FLAG, DISK_AT(discard) },
	{ .key = "serial", .type = WORD_TEXT, DISK_AT(serial) },
	{ .key = "queues",
	    .type = WORD_NUMBER,
	    DISK_AT(queues),
	    .min = 1,
	    .max = DEFINITION_QUEUES_MAX },
	{ .key = "cache", .type = WORD_CHOICE, DISK_AT(cache), .choices = cache_choices },
	{ .key = "read-rate", .type = WORD_NUMBER, DISK_AT(read_rate), .max = UINT64_MAX / 2 },
	{ .key = "write-rate", .type = WORD_NUMBER, DISK_AT(write_rate), .max = UINT64_MAX / 2 },
	{ .key = "read-iops", .type = WORD_NUMBER, DISK_AT(read_iops), .max = UINT64_MAX / 2 },
	{ .key = "write-iops", .type = WORD_NUMBER, DISK_AT(write_iops), .max = UINT64_MAX / 2 },
	WORDS_END,
};

static const struct word nic_words[] = {
	{ .key = "id", .type = WORD_TEXT, NIC_AT(id), .required = true },
	{ .key = "fd", .type = WORD_FDS, NIC_AT(tap), .required = true },
	{ .key = "mac", .type = WORD_MAC, NIC_AT(mac), .required = true },
	{ .key = "vhost", .type = WORD_FDS, NIC_AT(vhost) },
	{ .key = "mtu", .type = WORD_NUMBER, NIC_AT(mtu), .min = 68, .max = 65535 },
	{ .key = "in-packets", .type = WORD_NUMBER, NIC_AT(in_packets), .max = UINT64_MAX / 2 },
	{ .key = "out-packets", .type = WORD_NUMBER, NIC_AT(out_packets), .max = UINT64_MAX / 2 },
	{ .key = "link", .type = WORD_CHOICE, NIC_AT(link), .choices = link_choices },
	{ .key = "in", .type = WORD_RATE, NIC_AT(in) },
	{ .key = "out", .type = WORD_RATE, NIC_AT(out) },
	WORDS_END,
};

static const struct word console_words[] = {
	{ .key = "id", .type = WORD_TEXT, CONSOLE_AT(id), .required = true },
	{ .key = "type",
	    .type = WORD_CHOICE,
	    CONSOLE_AT(type),
	    .choices = console_choices,
	    .required = true },
	{ .key = "log", .type = WORD_FD, CONSOLE_AT(log) },
	{ .key = "log-size",
	    .type = WORD_NUMBER,
	    CONSOLE_AT(log_size),
	    .min = 4096,
	    .max = 1ull << 32 },
	WORDS_END,
};

/* Lines that come once, each with its words. */
static const struct kind {
	const char *name;
	bool required;
	struct word words[8];
} kinds[] = {
	{ "name", true, { { .type = WORD_TEXT, AT(name), .required = true }, WORDS_END } },
	{ "uuid", true, { { .type = WORD_UUID, AT(uuid), .required = true }, WORDS_END } },
	{ "memory", true,
	    { { .type = WORD_NUMBER,
		  AT(memory),
		  .required = true,
		  .min = MEMORY_MIN,
		  .max = MEMORY_MAX },
		{ .key = "hugepages", .type = WORD_PAGE, AT(hugepages) },
		{ .key = "prealloc", .type = WORD_FLAG, AT(prealloc) },
		{ .key = "lock", .type = WORD_FLAG, AT(lock) },
		{ .key = "shared", .type = WORD_FLAG, AT(shared) }, WORDS_END } },
	{ "vcpus", true,
	    { { .type = WORD_NUMBER,
		  AT(vcpus),
		  .required = true,
		  .min = 1,
		  .max = DEFINITION_VCPUS_MAX },
		{ .key = "max",
		    .type = WORD_NUMBER,
		    AT(vcpus_max),
		    .min = 1,
		    .max = DEFINITION_VCPUS_MAX },
		{ .key = "sockets",
		    .type = WORD_NUMBER,
		    AT(sockets),
		    .min = 1,
		    .max = DEFINITION_VCPUS_MAX },
		{ .key = "cores",
		    .type = WORD_NUMBER,
		    AT(cores),
		    .min = 1,
		    .max = DEFINITION_VCPUS_MAX },
		{ .key = "threads",
		    .type = WORD_NUMBER,
		    AT(threads),
		    .min = 1,
		    .max = DEFINITION_VCPUS_MAX },
		WORDS_END } },
	{ "kernel", false,
	    { { .key = "fd", .type = WORD_FD, AT(kernel), .required = true }, WORDS_END } },
	{ "initrd", false,
	    { { .key = "fd", .type = WORD_FD, AT(initrd), .required = true }, WORDS_END } },
	{ "rng", false,
	    { { .key = "fd", .type = WORD_FD, AT(rng), .required = true }, WORDS_END } },
	{ "balloon", false,
	    { { .key = "target", .type = WORD_NUMBER, AT(balloon_target), .max = MEMORY_MAX },
		{ .key = "period",
		    .type = WORD_NUMBER,
		    AT(balloon_period),
		    .max = DEFINITION_PERIOD_MAX },
		WORDS_END } },
	{ "pvpanic", false, { WORDS_END } },
	{ "vsock", false,
	    { { .key = "fd", .type = WORD_FD, AT(vsock), .required = true },
		{ .key = "cid",
		    .type = WORD_NUMBER,
		    AT(vsock_cid),
		    .required = true,
		    .min = 3,
		    .max = UINT32_MAX - 1 },
		WORDS_END } },
	{ "clock", false,
	    { { .type = WORD_CHOICE, AT(localtime), .choices = clock_choices, .required = true },
		{ .key = "offset", .type = WORD_SECONDS, AT(clock_offset) }, WORDS_END } },
	{ "on-reboot", false,
	    { { .type = WORD_CHOICE, AT(on_reboot), .choices = reboot_choices, .required = true },
		WORDS_END } },
	{ "on-crash", false,
	    { { .type = WORD_CHOICE, AT(on_crash), .choices = crash_choices, .required = true },
		WORDS_END } },
	{ "control", true,
	    { { .key = "fd", .type = WORD_FD, AT(control), .required = true }, WORDS_END } },
	{ "kvm", true, { { .key = "fd", .type = WORD_FD, AT(kvm), .required = true }, WORDS_END } },
	{ "outcome", true,
	    { { .key = "fd", .type = WORD_FD, AT(outcome), .required = true }, WORDS_END } },
	{ "load", false,
	    { { .key = "fd", .type = WORD_FD, AT(load), .required = true },
		{ .key = "offset", .type = WORD_NUMBER, AT(load_offset), .max = 1ull << 40 },
		WORDS_END } },
	{ "paused", false, { WORDS_END } },
	{ "sandbox", true,
	    { { .key = "uid",
		  .type = WORD_NUMBER,
		  AT(uid),
		  .required = true,
		  .min = 1,
		  .max = UINT32_MAX - 1 },
		{ .key = "gid",
		    .type = WORD_NUMBER,
		    AT(gid),
		    .required = true,
		    .min = 1,
		    .max = UINT32_MAX - 1 },
		{ .key = "off", .type = WORD_FLAG, AT(sandbox_off) }, WORDS_END } },
	{ "cpu", false, { WORDS_END } },     /* parse_cpu */
	{ "cmdline", false, { WORDS_END } }, /* parse_cmdline */
};

#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

static void disk_initial(struct definition_disk *disk)
{
	*disk = (struct definition_disk){ .fd = -1, .queues = 1 };
}

static void nic_initial(struct definition_nic *nic)
{
	*nic = (struct definition_nic){ 0 };
}

static int check_nic(struct words_line *line, const struct definition_nic *nic)
{
	if (nic->vhost.count && nic->vhost.count != nic->tap.count)
		return words_refuse(line, "nic %s: %u descriptors of taps, %u of vhost; one each",
		    nic->id, nic->tap.count, nic->vhost.count);
	if (nic->mac[0] & 1)
		return words_refuse(line, "nic %s: its MAC address is one of a group", nic->id);
	return 0;
}

static int parse_disk(struct parser *parser, char *rest)
{
	struct definition *definition = parser->definition;
	struct definition_disk *disk = &definition->disks[definition->disk_count];
	int result;

	if (definition->disk_count == DEFINITION_DISKS)
		return words_refuse(&parser->line, "more than %d disks", DEFINITION_DISKS);
	disk_initial(disk);
	result = words_parse(&parser->line, disk_words, rest, disk);
	if (result)
		return result;
	for (unsigned int i = 0; i < definition->disk_count; i++)
		if (!strcmp(definition->disks[i].id, disk->id))
			return words_refuse(
			    &parser->line, "disk %s: there is one of that id", disk->id);
	definition->disk_count++;
	return 0;
}

static int parse_nic(struct parser *parser, char *rest)
{
	struct definition *definition = parser->definition;
	struct definition_nic *nic = &definition->nics[definition->nic_count];
	int result;

	if (definition->nic_count == DEFINITION_NICS)
		return words_refuse(&parser->line, "more than %d nics", DEFINITION_NICS);
	nic_initial(nic);
	result = words_parse(&parser->line, nic_words, rest, nic);
	if (result)
		return result;
	for (unsigned int i = 0; i < definition->nic_count; i++)
		if (!strcmp(definition->nics[i].id, nic->id))
			return words_refuse(
			    &parser->line, "nic %s: there is one of that id", nic->id);
	definition->nic_count++;
	return check_nic(&parser->line, nic);
}

static int parse_console(struct parser *parser, char *rest)
{
	struct definition *definition = parser->definition;
	struct definition_console *console = &definition->consoles[definition->console_count];
	unsigned int serials = 0;
	int result;

	if (definition->console_count == DEFINITION_CONSOLES)
		return words_refuse(&parser->line, "more than %d consoles", DEFINITION_CONSOLES);
	*console = (struct definition_console){ .log = -1, .log_size = 1 << 20 };
	result = words_parse(&parser->line, console_words, rest, console);
	if (result)
		return result;
	for (unsigned int i = 0; i < definition->console_count; i++) {
		serials += definition->consoles[i].type == DEFINITION_CONSOLE_SERIAL;
		if (!strcmp(definition->consoles[i].id, console->id))
			return words_refuse(
			    &parser->line, "console %s: there is one of that id", console->id);
	}
	if (console->type == DEFINITION_CONSOLE_SERIAL && serials == 2)
		return words_refuse(
		    &parser->line, "console %s: there are two serial ports already", console->id);
	definition->console_count++;
	return 0;
}

/* cpu MODEL [+feature] [-feature] */
static int parse_cpu(struct parser *parser, char *rest)
{
	struct definition *definition = parser->definition;
	char *word = words_next(&rest);
	size_t used = 0;

	if (!word || !words_text(word, definition->cpu))
		return words_refuse(&parser->line, "cpu: the model is missing, or too long");
	while ((word = words_next(&rest))) {
		size_t length = strlen(word);

		if ((*word != '+' && *word != '-') || length < 2)
			return words_refuse(
			    &parser->line, "\"%s\": a feature begins with + or -", word);
		if (used + length + 2 > DEFINITION_FEATURES)
			return words_refuse(&parser->line, "cpu: too many features");
		if (used)
			definition->cpu_features[used++] = ' ';
		memcpy(definition->cpu_features + used, word, length + 1);
		used += length;
	}
	return 0;
}

static int parse_cmdline(struct parser *parser, const char *rest)
{
	size_t length = strlen(rest);

	if (length >= DEFINITION_CMDLINE)
		return words_refuse(&parser->line, "cmdline: %zu bytes; the kernel takes %d",
		    length, DEFINITION_CMDLINE - 1);
	memcpy(parser->definition->cmdline, rest, length + 1);
	return 0;
}

bool definition_parse_cpus(char *text, cpu_set_t *ret_cpus)
{
	char *item;

	CPU_ZERO(ret_cpus);
	while ((item = words_next_item(&text))) {
		char *dash = strchr(item, '-');
		uint64_t first;
		uint64_t last;

		if (dash)
			*dash = '\0';
		if (!num_parse(item, CPU_SETSIZE - 1, &first) ||
		    !num_parse(dash ? dash + 1 : item, CPU_SETSIZE - 1, &last) || last < first)
			return false;
		for (uint64_t cpu = first; cpu <= last; cpu++)
			CPU_SET((size_t)cpu, ret_cpus);
	}
	return true;
}

static int parse_pin(struct parser *parser, char *rest)
{
	struct definition *definition = parser->definition;
	char *who = words_next(&rest);
	char *list = words_next(&rest);
	uint64_t vcpu;

	if (!who || !list || words_next(&rest))
		return words_refuse(&parser->line, "pin: a vCPU or \"emulator\", then processors");
	if (!strcmp(who, "emulator")) {
		if (definition->emulator_pinned)
			return words_refuse(&parser->line, "pin emulator: given twice");
		definition->emulator_pinned = true;
		return definition_parse_cpus(list, &definition->emulator_cpus)
			   ? 0
			   : words_refuse(&parser->line, "pin emulator: no list of processors");
	}
	if (!num_parse(who, DEFINITION_VCPUS_MAX - 1, &vcpu))
		return words_refuse(&parser->line, "pin: \"%s\" is no vCPU", who);
	if (definition->vcpu_pinned[vcpu])
		return words_refuse(&parser->line, "pin %s: given twice", who);
	definition->vcpu_pinned[vcpu] = true;
	return definition_parse_cpus(list, &definition->vcpu_cpus[vcpu])
		   ? 0
		   : words_refuse(&parser->line, "pin %s: no list of processors", who);
}

static int parse_line(struct parser *parser, char *line)
{
	char *rest = line + strcspn(line, " ");

	if (*rest)
		*rest++ = '\0';
	if (!strcmp(line, "disk"))
		return parse_disk(parser, rest);
	if (!strcmp(line, "nic"))
		return parse_nic(parser, rest);
	if (!strcmp(line, "console"))
		return parse_console(parser, rest);
	if (!strcmp(line, "pin"))
		return parse_pin(parser, rest);
	for (size_t i = 0; i < KINDS; i++) {
		struct definition *definition = parser->definition;

		if (strcmp(kinds[i].name, line) != 0)
			continue;
		if (parser->seen >> i & 1)
			return words_refuse(&parser->line, "\"%s\" stands twice", line);
		parser->seen |= 1ull << i;
		if (!strcmp(line, "cpu"))
			return parse_cpu(parser, rest);
		if (!strcmp(line, "cmdline"))
			return parse_cmdline(parser, rest);
		definition->balloon |= !strcmp(line, "balloon");
		definition->pvpanic |= !strcmp(line, "pvpanic");
		definition->paused |= !strcmp(line, "paused");
		return words_parse(&parser->line, kinds[i].words, rest, definition);
	}
	return words_refuse(&parser->line, "\"%s\" is no line of a definition", line);
}

/* Rules across lines. */
static int check(struct parser *parser)
{
	struct definition *definition = parser->definition;

	parser->line.number = 0;
	for (size_t i = 0; i < KINDS; i++)
		if (kinds[i].required && !(parser->seen >> i & 1))
			return words_refuse(
			    &parser->line, "definition: the line \"%s\" is missing", kinds[i].name);
	if (definition->memory % (1 << 20))
		return words_refuse(&parser->line, "definition: memory is no multiple of 1 MiB");
	if (definition->hugepages && definition->memory % definition->hugepages)
		return words_refuse(
		    &parser->line, "definition: memory is no multiple of its huge pages");
	if (definition->balloon_target > definition->memory)
		return words_refuse(
		    &parser->line, "definition: the balloon's target is more than the memory");
	if (definition->kernel < 0 && definition->load < 0)
		return words_refuse(
		    &parser->line, "definition: there is neither a kernel nor a state to load");
	if (!definition->vcpus_max)
		definition->vcpus_max = definition->vcpus;
	if (definition->vcpus > definition->vcpus_max)
		return words_refuse(&parser->line, "definition: more vcpus than their max");
	if (!definition->sockets && !definition->cores && !definition->threads)
		definition->sockets = definition->vcpus_max;
	definition->sockets += !definition->sockets;
	definition->cores += !definition->cores;
	definition->threads += !definition->threads;
	if (definition->sockets * definition->cores * definition->threads != definition->vcpus_max)
		return words_refuse(&parser->line,
		    "definition: sockets times cores times threads is not %llu",
		    (unsigned long long)definition->vcpus_max);
	return 0;
}

static void set_initial(struct definition *definition)
{
	*definition = (struct definition){
		.cpu = "host",
		.kernel = -1,
		.initrd = -1,
		.rng = -1,
		.vsock = -1,
		.control = -1,
		.kvm = -1,
		.outcome = -1,
		.load = -1,
		.balloon_period = 10,
		.on_reboot = DEFINITION_RESET,
		.on_crash = DEFINITION_EXIT,
	};
}

int definition_parse(
    const char *text, size_t length, struct definition *ret_definition, struct why *ret_why)
{
	struct parser parser = { .definition = ret_definition, .line.why = ret_why };
	const char *end = text + length;
	char line[WORDS_LINE_MAX];

	set_initial(ret_definition);
	while (text < end) {
		const char *stop = memchr(text, '\n', (size_t)(end - text));
		size_t size = stop ? (size_t)(stop - text) : 0;
		int result;

		parser.line.number++;
		if (!stop)
			return words_refuse(
			    &parser.line, "the line has no end: the text was cut off");
		if (size >= sizeof(line) || memchr(text, '\0', size))
			return words_refuse(
			    &parser.line, "a line of %zu bytes, or with a NUL", size);
		memcpy(line, text, size);
		line[size] = '\0';
		text = stop + 1;
		if (parser.line.number == 1) {
			if (strcmp(line, "berth-guest 1") != 0)
				return words_refuse(
				    &parser.line, "does not begin with \"berth-guest 1\"");
			continue;
		}
		result = parse_line(&parser, line);
		if (result)
			return result;
	}
	return check(&parser);
}

/* One object's words on their own. */
static int parse_alone(
    struct words_line *where, const struct word *table, const char *words, void *object)
{
	char line[WORDS_LINE_MAX];
	size_t length = strlen(words);

	if (length >= sizeof(line))
		return words_refuse(where, "a line of %zu bytes", length);
	memcpy(line, words, length + 1);
	return words_parse(where, table, line, object);
}

int definition_parse_disk(const char *words, struct definition_disk *ret_disk, struct why *ret_why)
{
	struct words_line line = { .why = ret_why };

	disk_initial(ret_disk);
	return parse_alone(&line, disk_words, words, ret_disk);
}

int definition_parse_nic(const char *words, struct definition_nic *ret_nic, struct why *ret_why)
{
	struct words_line line = { .why = ret_why };
	int result;

	nic_initial(ret_nic);
	result = parse_alone(&line, nic_words, words, ret_nic);
	return result ? result : check_nic(&line, ret_nic);
}
