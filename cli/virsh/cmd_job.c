/* SPDX-License-Identifier: GPL-2.0-only */
#include "cli/virsh/cmd_job.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli/virsh/interrupt.h"
#include "cli/virsh/objects.h"
#include "cli/virsh/pretty.h"
#include "rpc/param.h"

struct watching {
	struct shell *shell;
	const struct rpc_dom *dom;
	const char *label;
};

static void print_progress(const char *label, uint64_t remaining, uint64_t total)
{
	unsigned int percent = 100;

	if (!total)
		return;
	if (remaining) {
		percent = 100 - (unsigned int)((double)remaining * 100.0 / (double)total);
		percent = percent >= 100 ? 99 : percent;
	}
	fflush(stdout);
	fprintf(stderr, "\r%s: [%3u %%]", label, percent);
	fflush(stderr);
}

static void watch(void *context)
{
	const struct watching *watching = context;
	struct shell *shell = watching->shell;
	struct rpc_domain_get_job_info_args args = { *watching->dom };
	struct rpc_domain_get_job_info_ret info;
	struct rpc_domain_abort_job_args stop = { *watching->dom };

	if (interrupt_came())
		shell_call(shell, RPC_DOMAIN_ABORT_JOB, &stop, NULL);
	if (shell_flag(shell, "verbose") &&
	    shell_call(shell, RPC_DOMAIN_GET_JOB_INFO, &args, &info))
		print_progress(watching->label, info.data_remaining, info.data_total);
	shell_forget_error(shell);
}

bool job_call(struct shell *shell, const struct rpc_dom *dom, const char *label, int32_t procedure,
    const void *arguments)
{
	struct watching watching = { shell, dom, label };
	bool well;

	interrupt_catch();
	well = !conn_call_ticking(shell->conn, procedure, arguments, NULL, watch, &watching);
	interrupt_release();
	if (well && shell_flag(shell, "verbose"))
		print_progress(label, 0, 1);
	return well;
}

bool job_path(struct shell *shell, const char *option, char path[4096])
{
	const char *text = shell_text(shell, option);
	char folder[PATH_MAX] = "";

	if (*text != '/' && !getcwd(folder, sizeof(folder)))
		return shell_error("where we are is not known: %s", strerror(errno));
	if (snprintf(path, 4096, "%s%s%s", folder, *text == '/' ? "" : "/", text) >= 4096)
		return shell_error("the path is too long");
	return true;
}

const struct option domjobabort_options[] = {
	DOMAIN,
	{ "postcopy", OPTION_FLAG, false, "a migration in its last phase" },
	{ 0 },
};

bool cmd_domjobabort(struct shell *shell)
{
	struct rpc_domain_abort_job_flags_args args = { .flags = shell_flag(shell, "postcopy") };

	return object_domain(shell, "domain", BY_ANY, &args.dom) &&
	       shell_call(shell, args.flags ? RPC_DOMAIN_ABORT_JOB_FLAGS : RPC_DOMAIN_ABORT_JOB,
		   &args, NULL);
}

const struct option domjobinfo_options[] = {
	DOMAIN,
	{ "completed", OPTION_FLAG, false, "of the last one that ended" },
	{ "keep-completed", OPTION_FLAG, false, "and leave it to be asked for again" },
	{ "anystats", OPTION_FLAG, false, "of one that failed, too" },
	{ "rawstats", OPTION_FLAG, false, "as the node tells it" },
	{ 0 },
};

static uint64_t amount_of(const struct rpc_domain_get_job_stats_ret *stats, const char *field)
{
	const struct rpc_param *param = rpc_param_find(stats->params, stats->params_count, field);
	int64_t value = 0;

	if (param)
		rpc_param_number(param, &value);
	return (uint64_t)value;
}

static void print_amounts(
    const struct rpc_domain_get_job_stats_ret *stats, const char *title, const char *field)
{
	static const char *const words[] = { "processed", "remaining", "total" };
	char text[PRETTY_TEXT];
	char name[64];
	bool some = false;

	for (size_t i = 0; i < 3; i++) {
		snprintf(name, sizeof(name), "%s_%s", field, words[i]);
		some |= amount_of(stats, name) != 0;
	}
	for (size_t i = 0; i < 3 && some; i++) {
		char label[64];

		snprintf(name, sizeof(name), "%s_%s", field, words[i]);
		snprintf(label, sizeof(label), "%s %s:", title, words[i]);
		shell_print("%-17s %s\n", label, pretty_size(amount_of(stats, name), text));
	}
}

static void print_raw(const struct rpc_domain_get_job_stats_ret *stats)
{
	shell_print("Job type: %d\n\n", stats->type);
	for (uint32_t i = 0; i < stats->params_count; i++) {
		const struct rpc_param *param = &stats->params[i];
		int64_t number;

		if (param->type == RPC_PARAM_STRING)
			shell_print("%s: %s\n", param->field, param->value.s);
		else if (rpc_param_number(param, &number))
			shell_print("%s: %lld\n", param->field, (long long)number);
	}
}

bool cmd_domjobinfo(struct shell *shell)
{
	/* libvirt: virDomainJobType, virDomainJobOperation. */
	static const char *const types[] = { "None", "Bounded", "Unbounded", "Completed", "Failed",
		"Cancelled" };
	static const char *const operations[] = { "Unknown", "Start", "Save", "Restore",
		"Incoming migration", "Outgoing migration", "Snapshot", "Snapshot revert", "Dump" };
	struct rpc_domain_get_job_stats_args args = {
		.flags = (shell_flag(shell, "completed") ? 1u : 0) |
			 (shell_flag(shell, "keep-completed") ? 2u : 0)
	};
	struct rpc_domain_get_job_stats_ret stats;
	uint64_t operation;

	if (!object_domain(shell, "domain", BY_ANY, &args.dom) ||
	    !shell_call(shell, RPC_DOMAIN_GET_JOB_STATS, &args, &stats))
		return false;
	if (shell_flag(shell, "rawstats")) {
		print_raw(&stats);
		return true;
	}
	shell_print(
	    "%-17s %-12s\n", "Job type:", (size_t)stats.type < 6 ? types[stats.type] : "unknown");
	if (stats.type != 1 && stats.type != 2 && stats.type != 3 && !shell_flag(shell, "anystats"))
		return true;
	operation = amount_of(&stats, "operation");
	shell_print(
	    "%-17s %-12s\n", "Operation:", operation < 9 ? operations[operation] : operations[0]);
	shell_print("%-17s %-12llu ms\n",
	    "Time elapsed:", (unsigned long long)amount_of(&stats, "time_elapsed"));
	if (stats.type == 1)
		shell_print("%-17s %-12llu ms\n",
		    "Time remaining:", (unsigned long long)amount_of(&stats, "time_remaining"));
	print_amounts(&stats, "Data", "data");
	print_amounts(&stats, "Memory", "memory");
	return true;
}

const struct option dump_options[] = {
	DOMAIN,
	{ "file", OPTION_TEXT, true, "where to write it" },
	{ "live", OPTION_FLAG, false, "the guest goes on meanwhile" },
	{ "crash", OPTION_FLAG, false, "then stop the guest, as crashed" },
	{ "bypass-cache", OPTION_FLAG, false, "past the file cache" },
	{ "reset", OPTION_FLAG, false, "then reset the guest" },
	{ "verbose", OPTION_FLAG, false, "tell how far it is" },
	{ "memory-only", OPTION_FLAG, false, "memory alone, as an ELF file" },
	{ "format", OPTION_TEXT, false,
	    "of memory alone: elf, kdump-zlib, kdump-lzo, kdump-snappy, win-dmp" },
	{ 0 },
};

/* False when there is no such format. */
static bool format_of(struct shell *shell, uint32_t flags, uint32_t *ret_format)
{
	static const char *const formats[] = { "elf", "kdump-zlib", "kdump-lzo", "kdump-snappy",
		"win-dmp" };
	const char *text = shell_text(shell, "format");

	*ret_format = 0;
	if (!text)
		return true;
	if (!(flags & 16))
		return shell_error("--format only works with --memory-only");
	while (*ret_format < 5 && strcmp(formats[*ret_format], text) != 0)
		++*ret_format;
	if (*ret_format < 5)
		return true;
	return shell_error(
	    "format '%s' is not supported, expecting 'kdump-zlib', 'kdump-lzo', 'kdump-snappy', 'win-dmp' or 'elf'",
	    text);
}

/* What cannot be asked for together is not asked (libvirt: virDomainCoreDump). */
static bool may_dump(struct shell *shell, uint32_t flags)
{
	static const struct {
		uint32_t both;
		const char *text;
	} pairs[] = { { 1 | 2,
			  "Flags 'VIR_DUMP_CRASH' and 'VIR_DUMP_LIVE' are mutually exclusive" },
		{ 1 | 8, "Flags 'VIR_DUMP_CRASH' and 'VIR_DUMP_RESET' are mutually exclusive" },
		{ 2 | 8, "Flags 'VIR_DUMP_LIVE' and 'VIR_DUMP_RESET' are mutually exclusive" } };

	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
		if ((flags & pairs[i].both) == pairs[i].both) {
			conn_fail(shell->conn, RPC_ERR_INVALID_ARG, "%s", pairs[i].text);
			return false;
		}
	return true;
}

bool cmd_dump(struct shell *shell)
{
	char path[4096];
	uint32_t flags = (shell_flag(shell, "crash") ? 1u : 0) |
			 (shell_flag(shell, "live") ? 2u : 0) |
			 (shell_flag(shell, "bypass-cache") ? 4u : 0) |
			 (shell_flag(shell, "reset") ? 8u : 0) |
			 (shell_flag(shell, "memory-only") ? 16u : 0);
	struct rpc_domain_core_dump_args args = { .to = path, .flags = flags };
	struct rpc_domain_core_dump_with_format_args other = { .to = path, .flags = flags };
	bool well;

	if (!object_domain(shell, "domain", BY_ANY, &args.dom) || !job_path(shell, "file", path) ||
	    !format_of(shell, flags, &other.dumpformat))
		return false;
	other.dom = args.dom;
	well = may_dump(shell, flags);
	if (well && other.dumpformat)
		well = job_call(shell, &args.dom, "Dump", RPC_DOMAIN_CORE_DUMP_WITH_FORMAT, &other);
	else if (well)
		well = job_call(shell, &args.dom, "Dump", RPC_DOMAIN_CORE_DUMP, &args);
	if (!well)
		return shell_error("Failed to core dump domain '%s' to %s", args.dom.name,
		    shell_text(shell, "file"));
	shell_extra(
	    shell, "\nDomain '%s' dumped to %s\n", args.dom.name, shell_text(shell, "file"));
	return true;
}

const struct option screenshot_options[] = {
	DOMAIN,
	{ "file", OPTION_TEXT, false, "where to write it" },
	{ "screen", OPTION_NUMBER, false, "which screen, from 0" },
	{ 0 },
};

/* The stream to a file. */
static bool receive_to(struct shell *shell, const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	const uint8_t *data;
	size_t length = 1;
	bool well = fd >= 0;

	if (!well)
		shell_error("cannot create file %s: %s", path, strerror(errno));
	while (well && length) {
		int result = conn_stream_receive(shell->conn, -1, &data, &length);

		if (result == 0)
			length = 1;
		else
			well = result > 0 &&
			       (!length || write(fd, data, length) == (ssize_t)length);
	}
	if (!well)
		conn_stream_abort(shell->conn);
	else
		well = !conn_stream_finish(shell->conn);
	if (fd >= 0 && close(fd))
		well = shell_error("cannot close file %s", path);
	return well;
}

bool cmd_screenshot(struct shell *shell)
{
	struct rpc_domain_screenshot_args args = { 0 };
	struct rpc_domain_screenshot_ret ret = { 0 };
	const char *file = shell_text(shell, "file");
	char own[512];
	char stamp[32];
	int64_t screen = 0;
	time_t now = time(NULL);
	struct tm parts;
	bool good = true;

	shell_number(shell, "screen", &screen, &good);
	if (!good || !object_domain(shell, "domain", BY_ANY, &args.dom))
		return false;
	args.screen = (uint32_t)screen;
	if (conn_stream_open(shell->conn, RPC_DOMAIN_SCREENSHOT, &args, &ret))
		return shell_error("could not take a screenshot of %s", args.dom.name);
	localtime_r(&now, &parts);
	strftime(stamp, sizeof(stamp), "%Y-%m-%d-%H:%M:%S", &parts);
	snprintf(own, sizeof(own), "%s-%s%s", args.dom.name, stamp,
	    ret.mime && !strcmp(ret.mime, "image/png")		       ? ".png"
	    : ret.mime && !strcmp(ret.mime, "image/x-portable-pixmap") ? ".ppm"
								       : "");
	if (!receive_to(shell, file ? file : own))
		return shell_error("could not receive data from domain '%s'", args.dom.name);
	shell_print("Screenshot saved to %s, with type of %s\n", file ? file : own,
	    ret.mime ? ret.mime : "");
	return true;
}
