/* SPDX-License-Identifier: GPL-2.0-only */
/* berth top: what guests use, again and again, the busiest first. */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "cli/virsh/commands.h"
#include "lib/num.h"
#include "rpc/param.h"

/* libvirt: virDomainStatsTypes. */
enum { STATS_STATE = 1, STATS_CPU = 2, STATS_BALLOON = 4, STATS_INTERFACE = 16, STATS_BLOCK = 32 };

enum { COUNT_READ, COUNT_WRITTEN, COUNT_RECEIVED, COUNT_SENT, COUNTS };

/* One guest as it was last; `rate` is what came since the time before. */
struct guest {
	uint8_t uuid[16];
	char name[64];
	int32_t id;
	int state;
	uint64_t cpu; /* nanoseconds */
	uint64_t memory;
	uint64_t total[COUNTS];
	uint64_t rate[COUNTS];
	double percent;
};

struct sample {
	struct guest *guests;
	uint32_t count;
	double at;
};

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static uint64_t number_of(const struct rpc_domain_stats_record *record, const char *field)
{
	int64_t value = 0;

	rpc_param_number(rpc_param_find(record->params, record->params_count, field), &value);
	return (uint64_t)value;
}

/* Over all disks or interfaces: "block.COUNT" of them, "block.N.FIELD" each. */
static uint64_t sum_of(
    const struct rpc_domain_stats_record *record, const char *device, const char *field)
{
	char name[64];
	uint64_t count;
	uint64_t sum = 0;

	snprintf(name, sizeof(name), "%s.count", device);
	count = number_of(record, name);
	for (uint64_t i = 0; i < count && i < record->params_count; i++) {
		snprintf(name, sizeof(name), "%s.%u.%s", device, (unsigned int)i, field);
		sum += number_of(record, name);
	}
	return sum;
}

static void fill(struct guest *guest, const struct rpc_domain_stats_record *record)
{
	static const struct {
		const char *device;
		const char *field;
	} counts[COUNTS] = { { "block", "rd.bytes" }, { "block", "wr.bytes" },
		{ "net", "rx.bytes" }, { "net", "tx.bytes" } };

	memcpy(guest->uuid, record->dom.uuid, sizeof(guest->uuid));
	snprintf(guest->name, sizeof(guest->name), "%s", record->dom.name);
	guest->id = record->dom.id;
	guest->state = (int)number_of(record, "state.state");
	guest->cpu = number_of(record, "cpu.time");
	guest->memory = number_of(record, "balloon.current");
	for (size_t i = 0; i < COUNTS; i++)
		guest->total[i] = sum_of(record, counts[i].device, counts[i].field);
}

/* What it did since `before`; of one that is new, or was started anew, since its start. */
static void compare(struct guest *guest, const struct sample *before, double seconds)
{
	const struct guest *old = NULL;

	for (uint32_t i = 0; i < before->count && !old; i++)
		if (!memcmp(before->guests[i].uuid, guest->uuid, sizeof(guest->uuid)) &&
		    before->guests[i].id == guest->id)
			old = &before->guests[i];
	if (!old || seconds <= 0)
		return;
	guest->percent = (double)(guest->cpu - old->cpu) / 1e7 / seconds;
	for (size_t i = 0; i < COUNTS; i++)
		guest->rate[i] = guest->total[i] - old->total[i];
}

static int busiest(const void *one, const void *other)
{
	const struct guest *a = one;
	const struct guest *b = other;

	if (a->percent != b->percent)
		return a->percent < b->percent ? 1 : -1;
	return a->id != b->id ? (a->id < b->id ? -1 : 1) : strcmp(a->name, b->name);
}

/* A guest's figures now, those that run and those that do not. */
static bool take(struct shell *shell, const struct sample *before, struct sample *ret_sample)
{
	struct rpc_connect_get_all_domain_stats_args args = {
		.stats = STATS_STATE | STATS_CPU | STATS_BALLOON | STATS_INTERFACE | STATS_BLOCK
	};
	struct rpc_connect_get_all_domain_stats_ret ret;

	if (!shell_call(shell, RPC_CONNECT_GET_ALL_DOMAIN_STATS, &args, &ret))
		return false;
	ret_sample->at = now();
	ret_sample->count = ret.ret_stats_count;
	ret_sample->guests = calloc(ret.ret_stats_count + 1, sizeof(*ret_sample->guests));
	if (!ret_sample->guests)
		return shell_error("out of memory");
	for (uint32_t i = 0; i < ret.ret_stats_count; i++) {
		fill(&ret_sample->guests[i], &ret.ret_stats[i]);
		compare(&ret_sample->guests[i], before, ret_sample->at - before->at);
	}
	qsort(ret_sample->guests, ret_sample->count, sizeof(*ret_sample->guests), busiest);
	return true;
}

/* Five characters: 1234, 12K, 12M. */
static void print_count(uint64_t value)
{
	static const char units[] = " KMGT";
	size_t unit = 0;

	for (; value > 9999 && unit < 4; unit++)
		value /= 1024;
	if (unit)
		shell_print(" %4llu%c", (unsigned long long)value, units[unit]);
	else
		shell_print(" %5llu", (unsigned long long)value);
}

static void print_head(const struct sample *sample, const struct rpc_node_get_info_ret *node)
{
	time_t time_now = time(NULL);
	char clock[16] = "";
	struct tm parts;
	double percent = 0;
	uint64_t memory = 0;
	unsigned int running = 0;
	unsigned int paused = 0;
	unsigned int off = 0;

	for (uint32_t i = 0; i < sample->count; i++) {
		const struct guest *guest = &sample->guests[i];

		percent += guest->percent;
		memory += guest->id >= 0 ? guest->memory : 0;
		running += guest->id >= 0 && guest->state != 3;
		paused += guest->id >= 0 && guest->state == 3;
		off += guest->id < 0;
	}
	if (localtime_r(&time_now, &parts))
		strftime(clock, sizeof(clock), "%H:%M:%S", &parts);
	shell_print("berth top - %s - %s, %d processors, %llu MiB\n", clock, node->model,
	    node->cpus, (unsigned long long)node->memory / 1024);
	shell_print("guests: %u running, %u paused, %u off\n", running, paused, off);
	shell_print("CPU: %.1f%%  memory: %llu MiB\n\n", percent / (node->cpus ? node->cpus : 1),
	    (unsigned long long)memory / 1024);
	shell_print("%5s %s %5s %5s %5s %5s %6s %5s %10s %s\n", "ID", "S", "RDBY", "WRBY", "RXBY",
	    "TXBY", "%CPU", "%MEM", "TIME", "NAME");
}

static void print_guest(const struct guest *guest, const struct rpc_node_get_info_ret *node)
{
	/* libvirt: virDomainState. */
	static const char letters[] = "-RBPDSXP";
	uint64_t hundredths = guest->cpu / 10000000;

	if (guest->id < 0)
		return;
	shell_print("%5d %c", guest->id,
	    guest->state >= 0 && guest->state < 8 ? letters[guest->state] : '-');
	for (size_t i = 0; i < COUNTS; i++)
		print_count(guest->rate[i]);
	shell_print(" %6.1f %5.1f %4llu:%02llu.%02llu %s\n", guest->percent,
	    node->memory ? (double)guest->memory * 100 / (double)node->memory : 0,
	    (unsigned long long)hundredths / 6000, (unsigned long long)hundredths / 100 % 60,
	    (unsigned long long)hundredths % 100, guest->name);
}

static void print_sample(
    const struct sample *sample, const struct rpc_node_get_info_ret *node, bool screen)
{
	/* ECMA-48: cursor home, erase to the end. */
	if (screen)
		shell_print("\033[H\033[J");
	print_head(sample, node);
	for (uint32_t i = 0; i < sample->count; i++)
		print_guest(&sample->guests[i], node);
	fflush(stdout);
}

static const struct option top_options[] = {
	{ "batch", OPTION_FLAG, false, "one screen below the other, without keys" },
	{ "times", OPTION_TEXT, false, "how many screens; for ever without" },
	{ "delay", OPTION_TEXT, false, "seconds between them; 3 without" },
	{ 0 },
};

/* Wait; false when a key says that it is enough. */
static bool go_on(bool keys, unsigned int seconds)
{
	struct pollfd input = { .fd = keys ? STDIN_FILENO : -1, .events = POLLIN };
	char key;

	if (poll(&input, 1, (int)seconds * 1000) <= 0)
		return true;
	/* Any other key: at once. */
	return read(STDIN_FILENO, &key, 1) == 1 && key != 'q' && key != 3;
}

static bool watch(struct shell *shell, bool screen, uint64_t times, uint64_t delay)
{
	struct rpc_node_get_info_ret node;
	struct sample before = { .count = 0 };
	bool well = shell_call(shell, RPC_NODE_GET_INFO, NULL, &node);

	for (uint64_t i = 0; well && (!times || i < times); i++) {
		struct sample sample = { .count = 0 };

		if (i && !go_on(screen, (unsigned int)delay))
			break;
		well = take(shell, &before, &sample);
		if (well)
			print_sample(&sample, &node, screen);
		free(before.guests);
		before = sample;
		conn_release(shell->conn);
	}
	free(before.guests);
	return well;
}

static bool cmd_top(struct shell *shell)
{
	const char *times_text = shell_text(shell, "times");
	const char *delay_text = shell_text(shell, "delay");
	uint64_t times = 0;
	uint64_t delay = 3;
	struct termios usual;
	struct termios raw;
	bool screen = !shell_flag(shell, "batch") && isatty(STDOUT_FILENO) &&
		      !tcgetattr(STDIN_FILENO, &usual);
	bool well;

	if ((times_text && !num_parse(times_text, 1000000, &times)) ||
	    (delay_text && !num_parse(delay_text, 3600, &delay)))
		return shell_error("--times and --delay are numbers");
	if (screen) {
		raw = usual;
		raw.c_lflag &= (tcflag_t) ~(ICANON | ECHO | ISIG);
		tcsetattr(STDIN_FILENO, TCSADRAIN, &raw);
	}
	well = watch(shell, screen, times, delay);
	if (screen)
		tcsetattr(STDIN_FILENO, TCSADRAIN, &usual);
	return well;
}

const struct command top_commands[] = {
	{ "berth-top", cmd_top, top_options, .hidden = true, .help = "berth top" },
	{ 0 },
};
