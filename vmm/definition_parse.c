/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Each kind of line is a table of words; a word is a flag, a place (a word without a key) or a
 * `key=value`, and its type says how its value becomes a field.
 */
#include "vmm/definition.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "lib/netaddr.h"
#include "lib/num.h"
#include "lib/uuid.h"

#define LINE_MAX_BYTES 4096
#define MEMORY_MIN (32ull << 20)
#define MEMORY_MAX (16ull << 40)
#define FD_MAX 65535

enum type {
	FLAG,	 /* bool */
	FD,	 /* int */
	FDS,	 /* struct definition_fds */
	NUMBER,	 /* uint64_t, min to max */
	SECONDS, /* int64_t */
	TEXT,	 /* char[DEFINITION_WORD] */
	CHOICE,	 /* unsigned int: index of choices */
	MAC,	 /* uint8_t[6] */
	UUID,	 /* uint8_t[16] */
	PAGE,	 /* uint64_t: 2M or 1G */
	RATE,	 /* struct definition_rate */
};

struct word {
	const char *key; /* NULL: a place, taken in order */
	enum type type;
	size_t offset;
	bool required;
	uint64_t min;
	uint64_t max;
	const char *const *choices;
};

struct parser {
	struct definition *definition;
	struct why *why;
	unsigned int line;
	uint64_t seen; /* bits: kinds of lines that came */
};

static int refuse(struct parser *parser, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static int refuse(struct parser *parser, const char *format, ...)
{
	va_list arguments;
	int used = 0;

	if (parser->line)
		used = snprintf(parser->why->text, WHY_TEXT, "definition:%u: ", parser->line);
	va_start(arguments, format);
	vsnprintf(parser->why->text + used, (size_t)(WHY_TEXT - used), format, arguments);
	va_end(arguments);
	return -EINVAL;
}

/* The next word of a line, cut off in place; NULL at its end. */
static char *next_word(char **rest)
{
	char *word = *rest + strspn(*rest, " ");
	size_t length = strcspn(word, " ");

	if (!length)
		return NULL;
	*rest = word + length;
	if (**rest)
		*(*rest)++ = '\0';
	return word;
}

static bool parse_fd(const char *text, int *ret_fd)
{
	uint64_t number;

	if (!num_parse(text, FD_MAX, &number))
		return false;
	*ret_fd = (int)number;
	return true;
}

/* The next part of a list that commas part. */
static char *next_item(char **rest)
{
	char *item = *rest;
	char *comma;

	if (!item)
		return NULL;
	comma = strchr(item, ',');
	*rest = comma ? comma + 1 : NULL;
	if (comma)
		*comma = '\0';
	return item;
}

static bool parse_fds(char *text, struct definition_fds *ret_fds)
{
	char *item;

	ret_fds->count = 0;
	while ((item = next_item(&text))) {
		if (ret_fds->count == DEFINITION_QUEUES_MAX ||
		    !parse_fd(item, &ret_fds->fd[ret_fds->count]))
			return false;
		ret_fds->count++;
	}
	return true;
}

static bool parse_rate(char *text, struct definition_rate *ret_rate)
{
	uint64_t *const fields[] = { &ret_rate->average, &ret_rate->peak, &ret_rate->burst };
	size_t count = 0;
	char *item;

	while ((item = next_item(&text))) {
		if (count == 3 || !num_parse(item, UINT64_MAX / 2, fields[count]))
			return false;
		count++;
	}
	return count == 3;
}

static bool parse_seconds(const char *text, int64_t *ret_seconds)
{
	bool negative = *text == '-';
	uint64_t number;

	if (!num_parse(text + negative, 100ull * 366 * 86400, &number))
		return false;
	*ret_seconds = negative ? -(int64_t)number : (int64_t)number;
	return true;
}

/* Printable, without blanks; an id becomes part of names. */
static bool parse_text(const char *text, char field[DEFINITION_WORD])
{
	size_t length = strlen(text);

	if (!length || length >= DEFINITION_WORD)
		return false;
	for (size_t i = 0; i < length; i++)
		if ((unsigned char)text[i] <= ' ' || text[i] == 127)
			return false;
	memcpy(field, text, length + 1);
	return true;
}

static bool parse_choice(const char *text, const char *const *choices, unsigned int *ret_choice)
{
	for (unsigned int i = 0; choices[i]; i++)
		if (!strcmp(choices[i], text)) {
			*ret_choice = i;
			return true;
		}
	return false;
}

/* A value into its field; false when it is none of its type. */
static bool parse_value(const struct word *word, const char *text, void *field)
{
	struct netaddr_mac mac;
	char list[LINE_MAX_BYTES]; /* cut up; the text stays for the message */

	snprintf(list, sizeof(list), "%s", text);

	switch (word->type) {
	case FLAG:
		return false;
	case FD:
		return parse_fd(text, field);
	case FDS:
		return parse_fds(list, field);
	case NUMBER:
		return num_parse(text, word->max, field) && *(uint64_t *)field >= word->min;
	case SECONDS:
		return parse_seconds(text, field);
	case TEXT:
		return parse_text(text, field);
	case CHOICE:
		return parse_choice(text, word->choices, field);
	case MAC:
		if (!netaddr_parse_mac(text, &mac))
			return false;
		memcpy(field, mac.bytes, sizeof(mac.bytes));
		return true;
	case UUID:
		return uuid_parse(text, field);
	case PAGE:
		*(uint64_t *)field = !strcmp(text, "1G") ? 1ull << 30 : 2ull << 20;
		return !strcmp(text, "1G") || !strcmp(text, "2M");
	case RATE:
		return parse_rate(list, field);
	}
	return false;
}

/* The row of the table that a word of the line means; NULL: none. */
static const struct word *find_word(
    const struct word *words, uint64_t taken, const char *text, size_t key_length)
{
	for (size_t i = 0; words[i].offset != SIZE_MAX; i++) {
		const struct word *word = &words[i];

		if (word->key && strlen(word->key) == key_length &&
		    !memcmp(word->key, text, key_length) &&
		    (word->type == FLAG) == (text[key_length] != '='))
			return word;
	}
	for (size_t i = 0; words[i].offset != SIZE_MAX; i++)
		if (!words[i].key && !(taken >> i & 1) && text[key_length] != '=')
			return &words[i];
	return NULL;
}

/* A line's words by a table into `object`. */
static int parse_words(struct parser *parser, const struct word *words, char *rest, void *object)
{
	uint64_t taken = 0;
	char *text;

	while ((text = next_word(&rest))) {
		size_t key_length = strcspn(text, "=");
		const struct word *word = find_word(words, taken, text, key_length);
		char *field;

		if (!word)
			return refuse(parser, "\"%s\" is not known here", text);
		if (taken >> (word - words) & 1)
			return refuse(parser, "\"%s\": given twice", text);
		taken |= 1ull << (word - words);
		field = (char *)object + word->offset;
		if (word->type == FLAG)
			*(bool *)field = true;
		else if (!parse_value(word, word->key ? text + key_length + 1 : text, field))
			return refuse(parser, "\"%s\": not a value of this", text);
	}
	for (size_t i = 0; words[i].offset != SIZE_MAX; i++)
		if (words[i].required && !(taken >> i & 1))
			return refuse(
			    parser, "%s is missing", words[i].key ? words[i].key : "a word");
	return 0;
}

#define END                                                                                        \
	{                                                                                          \
		.offset = SIZE_MAX                                                                 \
	}
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
	{ .key = "id", .type = TEXT, DISK_AT(id), .required = true },
	{ .key = "fd", .type = FD, DISK_AT(fd), .required = true },
	{ .key = "read-only", .type = FLAG, DISK_AT(read_only) },
	{ .key = "discard", .type = FLAG, DISK_AT(discard) },
	{ .key = "serial", .type = TEXT, DISK_AT(serial) },
	{ .key = "queues",
	    .type = NUMBER,
	    DISK_AT(queues),
	    .min = 1,
	    .max = DEFINITION_QUEUES_MAX },
	{ .key = "cache", .type = CHOICE, DISK_AT(cache), .choices = cache_choices },
	{ .key = "read-rate", .type = NUMBER, DISK_AT(read_rate), .max = UINT64_MAX / 2 },
	{ .key = "write-rate", .type = NUMBER, DISK_AT(write_rate), .max = UINT64_MAX / 2 },
	{ .key = "read-iops", .type = NUMBER, DISK_AT(read_iops), .max = UINT64_MAX / 2 },
	{ .key = "write-iops", .type = NUMBER, DISK_AT(write_iops), .max = UINT64_MAX / 2 },
	END,
};

static const struct word nic_words[] = {
	{ .key = "id", .type = TEXT, NIC_AT(id), .required = true },
	{ .key = "fd", .type = FDS, NIC_AT(tap), .required = true },
	{ .key = "mac", .type = MAC, NIC_AT(mac), .required = true },
	{ .key = "vhost", .type = FDS, NIC_AT(vhost) },
	{ .key = "mtu", .type = NUMBER, NIC_AT(mtu), .min = 68, .max = 65535 },
	{ .key = "in-packets", .type = NUMBER, NIC_AT(in_packets), .max = UINT64_MAX / 2 },
	{ .key = "out-packets", .type = NUMBER, NIC_AT(out_packets), .max = UINT64_MAX / 2 },
	{ .key = "link", .type = CHOICE, NIC_AT(link), .choices = link_choices },
	{ .key = "in", .type = RATE, NIC_AT(in) },
	{ .key = "out", .type = RATE, NIC_AT(out) },
	END,
};

static const struct word console_words[] = {
	{ .key = "id", .type = TEXT, CONSOLE_AT(id), .required = true },
	{ .key = "type",
	    .type = CHOICE,
	    CONSOLE_AT(type),
	    .choices = console_choices,
	    .required = true },
	{ .key = "log", .type = FD, CONSOLE_AT(log) },
	{ .key = "log-size", .type = NUMBER, CONSOLE_AT(log_size), .min = 4096, .max = 1ull << 32 },
	END,
};

/* Lines that come once, each with its words. */
static const struct kind {
	const char *name;
	bool required;
	struct word words[8];
} kinds[] = {
	{ "name", true, { { .type = TEXT, AT(name), .required = true }, END } },
	{ "uuid", true, { { .type = UUID, AT(uuid), .required = true }, END } },
	{ "memory", true,
	    { { .type = NUMBER,
		  AT(memory),
		  .required = true,
		  .min = MEMORY_MIN,
		  .max = MEMORY_MAX },
		{ .key = "hugepages", .type = PAGE, AT(hugepages) },
		{ .key = "prealloc", .type = FLAG, AT(prealloc) },
		{ .key = "lock", .type = FLAG, AT(lock) },
		{ .key = "shared", .type = FLAG, AT(shared) }, END } },
	{ "vcpus", true,
	    { { .type = NUMBER,
		  AT(vcpus),
		  .required = true,
		  .min = 1,
		  .max = DEFINITION_VCPUS_MAX },
		{ .key = "max",
		    .type = NUMBER,
		    AT(vcpus_max),
		    .min = 1,
		    .max = DEFINITION_VCPUS_MAX },
		{ .key = "sockets",
		    .type = NUMBER,
		    AT(sockets),
		    .min = 1,
		    .max = DEFINITION_VCPUS_MAX },
		{ .key = "cores",
		    .type = NUMBER,
		    AT(cores),
		    .min = 1,
		    .max = DEFINITION_VCPUS_MAX },
		{ .key = "threads",
		    .type = NUMBER,
		    AT(threads),
		    .min = 1,
		    .max = DEFINITION_VCPUS_MAX },
		END } },
	{ "kernel", false, { { .key = "fd", .type = FD, AT(kernel), .required = true }, END } },
	{ "initrd", false, { { .key = "fd", .type = FD, AT(initrd), .required = true }, END } },
	{ "rng", false, { { .key = "fd", .type = FD, AT(rng), .required = true }, END } },
	{ "balloon", false,
	    { { .key = "target", .type = NUMBER, AT(balloon_target), .max = MEMORY_MAX },
		{ .key = "period",
		    .type = NUMBER,
		    AT(balloon_period),
		    .max = DEFINITION_PERIOD_MAX },
		END } },
	{ "pvpanic", false, { END } },
	{ "vsock", false,
	    { { .key = "fd", .type = FD, AT(vsock), .required = true },
		{ .key = "cid",
		    .type = NUMBER,
		    AT(vsock_cid),
		    .required = true,
		    .min = 3,
		    .max = UINT32_MAX - 1 },
		END } },
	{ "clock", false,
	    { { .type = CHOICE, AT(localtime), .choices = clock_choices, .required = true },
		{ .key = "offset", .type = SECONDS, AT(clock_offset) }, END } },
	{ "on-reboot", false,
	    { { .type = CHOICE, AT(on_reboot), .choices = reboot_choices, .required = true },
		END } },
	{ "on-crash", false,
	    { { .type = CHOICE, AT(on_crash), .choices = crash_choices, .required = true }, END } },
	{ "control", true, { { .key = "fd", .type = FD, AT(control), .required = true }, END } },
	{ "kvm", true, { { .key = "fd", .type = FD, AT(kvm), .required = true }, END } },
	{ "outcome", true, { { .key = "fd", .type = FD, AT(outcome), .required = true }, END } },
	{ "load", false,
	    { { .key = "fd", .type = FD, AT(load), .required = true },
		{ .key = "offset", .type = NUMBER, AT(load_offset), .max = 1ull << 40 }, END } },
	{ "paused", false, { END } },
	{ "sandbox", true,
	    { { .key = "uid",
		  .type = NUMBER,
		  AT(uid),
		  .required = true,
		  .min = 1,
		  .max = UINT32_MAX - 1 },
		{ .key = "gid",
		    .type = NUMBER,
		    AT(gid),
		    .required = true,
		    .min = 1,
		    .max = UINT32_MAX - 1 },
		{ .key = "off", .type = FLAG, AT(sandbox_off) }, END } },
	{ "cpu", false, { END } },     /* parse_cpu */
	{ "cmdline", false, { END } }, /* parse_cmdline */
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

static int check_nic(struct parser *parser, const struct definition_nic *nic)
{
	if (nic->vhost.count && nic->vhost.count != nic->tap.count)
		return refuse(parser, "nic %s: %u descriptors of taps, %u of vhost; one each",
		    nic->id, nic->tap.count, nic->vhost.count);
	if (nic->mac[0] & 1)
		return refuse(parser, "nic %s: its MAC address is one of a group", nic->id);
	return 0;
}

static int parse_disk(struct parser *parser, char *rest)
{
	struct definition *definition = parser->definition;
	struct definition_disk *disk = &definition->disks[definition->disk_count];
	int result;

	if (definition->disk_count == DEFINITION_DISKS)
		return refuse(parser, "more than %d disks", DEFINITION_DISKS);
	disk_initial(disk);
	result = parse_words(parser, disk_words, rest, disk);
	if (result)
		return result;
	for (unsigned int i = 0; i < definition->disk_count; i++)
		if (!strcmp(definition->disks[i].id, disk->id))
			return refuse(parser, "disk %s: there is one of that id", disk->id);
	definition->disk_count++;
	return 0;
}

static int parse_nic(struct parser *parser, char *rest)
{
	struct definition *definition = parser->definition;
	struct definition_nic *nic = &definition->nics[definition->nic_count];
	int result;

	if (definition->nic_count == DEFINITION_NICS)
		return refuse(parser, "more than %d nics", DEFINITION_NICS);
	nic_initial(nic);
	result = parse_words(parser, nic_words, rest, nic);
	if (result)
		return result;
	for (unsigned int i = 0; i < definition->nic_count; i++)
		if (!strcmp(definition->nics[i].id, nic->id))
			return refuse(parser, "nic %s: there is one of that id", nic->id);
	definition->nic_count++;
	return check_nic(parser, nic);
}

static int parse_console(struct parser *parser, char *rest)
{
	struct definition *definition = parser->definition;
	struct definition_console *console = &definition->consoles[definition->console_count];
	unsigned int serials = 0;
	int result;

	if (definition->console_count == DEFINITION_CONSOLES)
		return refuse(parser, "more than %d consoles", DEFINITION_CONSOLES);
	*console = (struct definition_console){ .log = -1, .log_size = 1 << 20 };
	result = parse_words(parser, console_words, rest, console);
	if (result)
		return result;
	for (unsigned int i = 0; i < definition->console_count; i++) {
		serials += definition->consoles[i].type == DEFINITION_CONSOLE_SERIAL;
		if (!strcmp(definition->consoles[i].id, console->id))
			return refuse(parser, "console %s: there is one of that id", console->id);
	}
	if (console->type == DEFINITION_CONSOLE_SERIAL && serials == 2)
		return refuse(
		    parser, "console %s: there are two serial ports already", console->id);
	definition->console_count++;
	return 0;
}

/* cpu MODEL [+feature] [-feature] */
static int parse_cpu(struct parser *parser, char *rest)
{
	struct definition *definition = parser->definition;
	char *word = next_word(&rest);
	size_t used = 0;

	if (!word || !parse_text(word, definition->cpu))
		return refuse(parser, "cpu: the model is missing, or too long");
	while ((word = next_word(&rest))) {
		size_t length = strlen(word);

		if ((*word != '+' && *word != '-') || length < 2)
			return refuse(parser, "\"%s\": a feature begins with + or -", word);
		if (used + length + 2 > DEFINITION_FEATURES)
			return refuse(parser, "cpu: too many features");
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
		return refuse(parser, "cmdline: %zu bytes; the kernel takes %d", length,
		    DEFINITION_CMDLINE - 1);
	memcpy(parser->definition->cmdline, rest, length + 1);
	return 0;
}

/* "0-3,8" */
static bool parse_cpu_list(char *text, cpu_set_t *ret_cpus)
{
	char *item;

	CPU_ZERO(ret_cpus);
	while ((item = next_item(&text))) {
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
	char *who = next_word(&rest);
	char *list = next_word(&rest);
	uint64_t vcpu;

	if (!who || !list || next_word(&rest))
		return refuse(parser, "pin: a vCPU or \"emulator\", then processors");
	if (!strcmp(who, "emulator")) {
		if (definition->emulator_pinned)
			return refuse(parser, "pin emulator: given twice");
		definition->emulator_pinned = true;
		return parse_cpu_list(list, &definition->emulator_cpus)
			   ? 0
			   : refuse(parser, "pin emulator: no list of processors");
	}
	if (!num_parse(who, DEFINITION_VCPUS_MAX - 1, &vcpu))
		return refuse(parser, "pin: \"%s\" is no vCPU", who);
	if (definition->vcpu_pinned[vcpu])
		return refuse(parser, "pin %s: given twice", who);
	definition->vcpu_pinned[vcpu] = true;
	return parse_cpu_list(list, &definition->vcpu_cpus[vcpu])
		   ? 0
		   : refuse(parser, "pin %s: no list of processors", who);
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
			return refuse(parser, "\"%s\" stands twice", line);
		parser->seen |= 1ull << i;
		if (!strcmp(line, "cpu"))
			return parse_cpu(parser, rest);
		if (!strcmp(line, "cmdline"))
			return parse_cmdline(parser, rest);
		definition->balloon |= !strcmp(line, "balloon");
		definition->pvpanic |= !strcmp(line, "pvpanic");
		definition->paused |= !strcmp(line, "paused");
		return parse_words(parser, kinds[i].words, rest, definition);
	}
	return refuse(parser, "\"%s\" is no line of a definition", line);
}

/* Rules across lines. */
static int check(struct parser *parser)
{
	struct definition *definition = parser->definition;

	parser->line = 0;
	for (size_t i = 0; i < KINDS; i++)
		if (kinds[i].required && !(parser->seen >> i & 1))
			return refuse(
			    parser, "definition: the line \"%s\" is missing", kinds[i].name);
	if (definition->memory % (1 << 20))
		return refuse(parser, "definition: memory is no multiple of 1 MiB");
	if (definition->hugepages && definition->memory % definition->hugepages)
		return refuse(parser, "definition: memory is no multiple of its huge pages");
	if (definition->balloon_target > definition->memory)
		return refuse(parser, "definition: the balloon's target is more than the memory");
	if (definition->kernel < 0 && definition->load < 0)
		return refuse(parser, "definition: there is neither a kernel nor a state to load");
	if (!definition->vcpus_max)
		definition->vcpus_max = definition->vcpus;
	if (definition->vcpus > definition->vcpus_max)
		return refuse(parser, "definition: more vcpus than their max");
	if (!definition->sockets && !definition->cores && !definition->threads)
		definition->sockets = definition->vcpus_max;
	definition->sockets += !definition->sockets;
	definition->cores += !definition->cores;
	definition->threads += !definition->threads;
	if (definition->sockets * definition->cores * definition->threads != definition->vcpus_max)
		return refuse(parser, "definition: sockets times cores times threads is not %llu",
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
	struct parser parser = { .definition = ret_definition, .why = ret_why };
	const char *end = text + length;
	char line[LINE_MAX_BYTES];

	set_initial(ret_definition);
	while (text < end) {
		const char *stop = memchr(text, '\n', (size_t)(end - text));
		size_t size = stop ? (size_t)(stop - text) : 0;
		int result;

		parser.line++;
		if (!stop)
			return refuse(&parser, "the line has no end: the text was cut off");
		if (size >= sizeof(line) || memchr(text, '\0', size))
			return refuse(&parser, "a line of %zu bytes, or with a NUL", size);
		memcpy(line, text, size);
		line[size] = '\0';
		text = stop + 1;
		if (parser.line == 1) {
			if (strcmp(line, "berth-guest 1") != 0)
				return refuse(&parser, "does not begin with \"berth-guest 1\"");
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
    struct parser *parser, const struct word *table, const char *words, void *object)
{
	char line[LINE_MAX_BYTES];
	size_t length = strlen(words);

	if (length >= sizeof(line))
		return refuse(parser, "a line of %zu bytes", length);
	memcpy(line, words, length + 1);
	return parse_words(parser, table, line, object);
}

int definition_parse_disk(const char *words, struct definition_disk *ret_disk, struct why *ret_why)
{
	struct parser parser = { .why = ret_why };

	disk_initial(ret_disk);
	return parse_alone(&parser, disk_words, words, ret_disk);
}

int definition_parse_nic(const char *words, struct definition_nic *ret_nic, struct why *ret_why)
{
	struct parser parser = { .why = ret_why };
	int result;

	nic_initial(ret_nic);
	result = parse_alone(&parser, nic_words, words, ret_nic);
	return result ? result : check_nic(&parser, ret_nic);
}
