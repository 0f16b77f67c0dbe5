/* SPDX-License-Identifier: GPL-2.0-only */
/* What the agent inside a guest is asked for, and a guest's sleep. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "cli/virsh/commands.h"
#include "cli/virsh/files.h"
#include "cli/virsh/objects.h"
#include "cli/virsh/params.h"
#include "cli/virsh/table.h"

static bool cmd_domfsinfo(struct shell *shell)
{
	static const char *const titles[] = { "Mountpoint", "Name", "Type", "Target", NULL };
	struct rpc_domain_get_fsinfo_args args = { .flags = 0 };
	struct rpc_domain_get_fsinfo_ret ret;
	struct table *table;

	if (!object_domain(shell, "domain", BY_ANY, &args.dom))
		return false;
	if (!shell_call(shell, RPC_DOMAIN_GET_FSINFO, &args, &ret))
		return shell_error("Unable to get filesystem information");
	if (!ret.info_count) {
		shell_extra(shell, "No filesystems are mounted in the domain");
		return true;
	}
	table = table_create(titles);
	for (uint32_t i = 0; i < ret.info_count; i++) {
		const struct rpc_domain_fsinfo *info = &ret.info[i];
		struct buf targets = BUF_INIT;

		for (uint32_t at = 0; at < info->dev_aliases_count; at++)
			buf_printf(&targets, "%s%s", at ? "," : "", info->dev_aliases[at]);
		table_add(table, info->mountpoint);
		table_add(table, info->name);
		table_add(table, info->fstype);
		table_add(table, buf_text(&targets));
		buf_done(&targets);
	}
	table_print(table, shell->quiet);
	table_free(table);
	return true;
}

static const struct option freeze_options[] = {
	DOMAIN,
	{ "mountpoint", OPTION_REST, false, "where they are mounted; all without" },
	{ 0 },
};

static bool freeze(struct shell *shell, int32_t procedure, const char *verb, const char *done)
{
	const char *points[SHELL_ARGUMENTS];
	struct rpc_domain_fsfreeze_args args = { .mountpoints = points };
	struct rpc_domain_fsfreeze_ret ret;

	if (!object_domain(shell, "domain", BY_ANY, &args.dom))
		return false;
	for (unsigned int i = 0; i < shell->count; i++)
		if (shell->arguments[i].option->kind == OPTION_REST)
			points[args.mountpoints_count++] = shell->arguments[i].value;
	if (!shell_call(shell, procedure, &args, &ret))
		return shell_error("Unable to %s filesystems", verb);
	shell_extra(shell, "%s %d filesystem(s)\n", done, ret.filesystems);
	return true;
}

static bool cmd_domfsfreeze(struct shell *shell)
{
	return freeze(shell, RPC_DOMAIN_FSFREEZE, "freeze", "Froze");
}

static bool cmd_domfsthaw(struct shell *shell)
{
	return freeze(shell, RPC_DOMAIN_FSTHAW, "thaw", "Thawed");
}

static const struct option trim_options[] = {
	DOMAIN,
	{ "minimum", OPTION_NUMBER, false, "smallest range that is given back, bytes" },
	{ "mountpoint", OPTION_TEXT, false, "where it is mounted; all without" },
	{ 0 },
};

static bool cmd_domfstrim(struct shell *shell)
{
	struct rpc_domain_fstrim_args args = { .mount_point = shell_text(shell, "mountpoint") };
	int64_t minimum = 0;
	bool good = true;

	if (!object_domain(shell, "domain", BY_ANY, &args.dom))
		return false;
	shell_number(shell, "minimum", &minimum, &good);
	args.minimum = (uint64_t)minimum;
	return good && (shell_call(shell, RPC_DOMAIN_FSTRIM, &args, NULL) ||
			   shell_error("Unable to invoke fstrim"));
}

static const struct option hostname_options[] = {
	DOMAIN,
	{ "source", OPTION_TEXT, false, "lease or agent" },
	{ 0 },
};

static bool cmd_domhostname(struct shell *shell)
{
	static const char *const sources[] = { "lease", "agent" };
	const char *source = shell_text(shell, "source");
	struct rpc_domain_get_hostname_args args = { .flags = 0 };
	struct rpc_domain_get_hostname_ret ret;

	if (!object_domain(shell, "domain", BY_ANY, &args.dom))
		return false;
	for (unsigned int i = 0; source && i < 2; i++)
		if (!strcmp(sources[i], source))
			args.flags = 1u << i;
	if (source && !args.flags)
		return shell_error("Unknown data source '%s'", source);
	if (!shell_call(shell, RPC_DOMAIN_GET_HOSTNAME, &args, &ret))
		return shell_error("failed to get hostname");
	shell_print("%s\n", ret.hostname);
	return true;
}

static const struct option time_options[] = {
	DOMAIN,
	{ "now", OPTION_FLAG, false, "set it to this machine's" },
	{ "pretty", OPTION_FLAG, false, "as a date" },
	{ "sync", OPTION_FLAG, false, "set it to the guest's own clock chip" },
	{ "time", OPTION_NUMBER, false, "set it to so many seconds since 1970" },
	{ 0 },
};

static bool print_time(struct shell *shell, const struct rpc_dom *dom)
{
	struct rpc_domain_get_time_args args = { .dom = *dom };
	struct rpc_domain_get_time_ret ret;
	char text[32];
	struct tm when;
	time_t seconds;

	if (!shell_call(shell, RPC_DOMAIN_GET_TIME, &args, &ret))
		return false;
	seconds = (time_t)ret.seconds;
	if (shell_flag(shell, "pretty") && gmtime_r(&seconds, &when)) {
		strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", &when);
		shell_print("Time: %s", text);
	} else {
		shell_print("Time: %lld", (long long)ret.seconds);
	}
	shell_print("\n");
	return true;
}

#define TIME_SYNC 1u /* libvirt: VIR_DOMAIN_TIME_SYNC */

static bool cmd_domtime(struct shell *shell)
{
	struct rpc_domain_set_time_args args = { .flags = shell_flag(shell, "sync") ? TIME_SYNC
										    : 0 };
	bool now = shell_flag(shell, "now");
	bool good = true;
	bool given;

	if (!shell_exclusive(shell, "time", "now") || !shell_exclusive(shell, "time", "sync") ||
	    !shell_exclusive(shell, "now", "sync") ||
	    !object_domain(shell, "domain", BY_ANY, &args.dom))
		return false;
	given = shell_number(shell, "time", &args.seconds, &good);
	if (!good)
		return false;
	if (!given && !now && !args.flags)
		return print_time(shell, &args.dom);
	if (now) {
		struct timespec moment;

		clock_gettime(CLOCK_REALTIME, &moment);
		args.seconds = moment.tv_sec;
		args.nseconds = (uint32_t)moment.tv_nsec;
	}
	return shell_call(shell, RPC_DOMAIN_SET_TIME, &args, NULL);
}

static const struct option info_options[] = {
	DOMAIN,
	{ "user", OPTION_FLAG, false, "who is logged in" },
	{ "os", OPTION_FLAG, false, "its operating system" },
	{ "timezone", OPTION_FLAG, false, "its time zone" },
	{ "hostname", OPTION_FLAG, false, "its name" },
	{ "filesystem", OPTION_FLAG, false, "its file systems" },
	{ "disk", OPTION_FLAG, false, "its disks" },
	{ "interface", OPTION_FLAG, false, "its network interfaces" },
	{ 0 },
};

static bool cmd_guestinfo(struct shell *shell)
{
	/* libvirt: virDomainGuestInfoTypes. */
	static const struct object_flag types[] = { { "user", 1 }, { "os", 2 }, { "timezone", 4 },
		{ "hostname", 8 }, { "filesystem", 16 }, { "disk", 32 }, { "interface", 64 },
		{ 0 } };
	struct rpc_domain_get_guest_info_args args = { .types = object_flags(shell, types) };
	struct rpc_domain_get_guest_info_ret ret;

	if (!object_domain(shell, "domain", BY_ANY, &args.dom) ||
	    !shell_call(shell, RPC_DOMAIN_GET_GUEST_INFO, &args, &ret))
		return false;
	params_print(20, ": ", ret.params, ret.params_count);
	return true;
}

static const struct option vcpus_options[] = {
	DOMAIN,
	{ "cpulist", OPTION_TEXT, false, "which: 0-3,^2" },
	{ "enable", OPTION_FLAG, false, "let the guest use them" },
	{ "disable", OPTION_FLAG, false, "let it use them no more" },
	{ 0 },
};

static bool cmd_guestvcpus(struct shell *shell)
{
	bool enable = shell_flag(shell, "enable");
	bool disable = shell_flag(shell, "disable");
	struct rpc_domain_set_guest_vcpus_args args = { .cpumap = shell_text(shell, "cpulist"),
		.state = enable };
	struct rpc_domain_get_guest_vcpus_args get = { .flags = 0 };
	struct rpc_domain_get_guest_vcpus_ret ret;

	if (!shell_exclusive(shell, "enable", "disable"))
		return false;
	if ((enable || disable) && !args.cpumap)
		return shell_error(
		    "Option --cpulist is required by option --%s", enable ? "enable" : "disable");
	if (args.cpumap && !enable && !disable)
		return shell_error("One of options --enable or --disable is required by option "
				   "--cpulist");
	if (!object_domain(shell, "domain", BY_ANY, &args.dom))
		return false;
	if (args.cpumap)
		return shell_call(shell, RPC_DOMAIN_SET_GUEST_VCPUS, &args, NULL);
	get.dom = args.dom;
	if (!shell_call(shell, RPC_DOMAIN_GET_GUEST_VCPUS, &get, &ret))
		return false;
	params_print(15, ": ", ret.params, ret.params_count);
	return true;
}

#define USER                                                                                       \
	{                                                                                          \
		"user", OPTION_TEXT, true, "a user of the guest"                                   \
	}

static const struct option get_keys_options[] = { DOMAIN, USER, { 0 } };

static bool cmd_get_keys(struct shell *shell)
{
	struct rpc_domain_authorized_ssh_keys_get_args args = { .user = shell_text(shell, "user") };
	struct rpc_domain_authorized_ssh_keys_get_ret ret;

	if (!object_domain(shell, "domain", BY_ANY, &args.dom) ||
	    !shell_call(shell, RPC_DOMAIN_AUTHORIZED_SSH_KEYS_GET, &args, &ret))
		return false;
	for (uint32_t i = 0; i < ret.keys_count; i++)
		shell_print("%s", ret.keys[i]);
	return true;
}

static const struct option set_keys_options[] = {
	DOMAIN,
	USER,
	{ "file", OPTION_TEXT, false, "file with keys, one a line" },
	{ "reset", OPTION_FLAG, false, "in the place of those that there are" },
	{ "remove", OPTION_FLAG, false, "take these away" },
	{ 0 },
};

#define KEYS_MAX 2048
enum { KEYS_APPEND = 1, KEYS_REMOVE = 2 }; /* libvirt: virDomainAuthorizedSSHKeysSetFlags */

/* The lines of the file that are neither empty nor comments, in its text. */
static uint32_t split_keys(char *text, const char **keys)
{
	uint32_t count = 0;
	char *rest = text;

	for (char *line = strsep(&rest, "\n"); line && count < KEYS_MAX; line = strsep(&rest, "\n"))
		if (*line && *line != '#')
			keys[count++] = line;
	return count;
}

static bool cmd_set_keys(struct shell *shell)
{
	static const char *keys[KEYS_MAX];
	const char *file = shell_text(shell, "file");
	struct rpc_domain_authorized_ssh_keys_set_args args = { .user = shell_text(shell, "user"),
		.keys = keys,
		.flags = shell_flag(shell, "remove")  ? KEYS_REMOVE
			 : shell_flag(shell, "reset") ? 0
						      : KEYS_APPEND };
	struct buf text = BUF_INIT;
	bool well = true;

	if (shell_flag(shell, "remove") && !file)
		return shell_error("Option --file is required by option --remove");
	if (!shell_exclusive(shell, "reset", "remove") ||
	    !object_domain(shell, "domain", BY_ANY, &args.dom))
		return false;
	if (!file && !shell_flag(shell, "reset"))
		return shell_error("Option --file is required");
	if (file && !files_read(file, &text))
		return false;
	args.keys_count = text.data ? split_keys(text.data, keys) : 0;
	if (file && !args.keys_count)
		well = shell_error("File %s contains no keys", file);
	well = well && shell_call(shell, RPC_DOMAIN_AUTHORIZED_SSH_KEYS_SET, &args, NULL);
	buf_done(&text);
	return well;
}

static const struct option password_options[] = {
	DOMAIN,
	USER,
	{ "password", OPTION_TEXT, true, "what it is to be" },
	{ "encrypted", OPTION_FLAG, false, "it is as crypt(3) makes it" },
	{ 0 },
};

static bool cmd_set_password(struct shell *shell)
{
	struct rpc_domain_set_user_password_args args = { .user = shell_text(shell, "user"),
		.password = shell_text(shell, "password"),
		.flags = shell_flag(shell, "encrypted") };

	if (!object_domain(shell, "domain", BY_ANY, &args.dom) ||
	    !shell_call(shell, RPC_DOMAIN_SET_USER_PASSWORD, &args, NULL))
		return false;
	shell_extra(shell, "\nPassword set successfully for %s in %s", args.user, args.dom.name);
	return true;
}

static const struct option timeout_options[] = {
	DOMAIN,
	{ "timeout", OPTION_NAMED_NUMBER, false, "seconds; -2: for ever, -1: as usual, 0: none" },
	{ 0 },
};

static bool cmd_timeout(struct shell *shell)
{
	struct rpc_domain_agent_set_response_timeout_args args = { .flags = 0 };
	struct rpc_domain_agent_set_response_timeout_ret ret;
	int64_t timeout = -2;
	bool good = true;

	if (!object_domain(shell, "domain", BY_ANY, &args.dom))
		return false;
	shell_number(shell, "timeout", &timeout, &good);
	args.timeout = (int32_t)timeout;
	return good && shell_call(shell, RPC_DOMAIN_AGENT_SET_RESPONSE_TIMEOUT, &args, &ret);
}

static const struct option suspend_options[] = {
	DOMAIN,
	{ "target", OPTION_TEXT, true, "mem, disk or hybrid" },
	{ "duration", OPTION_NAMED_NUMBER, false, "seconds until it wakes up" },
	{ 0 },
};

static bool cmd_suspend(struct shell *shell)
{
	static const char *const targets[] = { "mem", "disk", "hybrid" };
	struct rpc_domain_pm_suspend_for_duration_args args = { .target = 0 };
	int64_t duration = 0;
	bool good = true;

	if (!object_domain(shell, "domain", BY_ANY, &args.dom))
		return false;
	shell_number(shell, "duration", &duration, &good);
	if (!good)
		return false;
	args.duration = (uint64_t)duration;
	while (args.target < 3 && strcmp(targets[args.target], shell_text(shell, "target")) != 0)
		args.target++;
	if (args.target == 3)
		return shell_error("Invalid target");
	if (!shell_call(shell, RPC_DOMAIN_PM_SUSPEND_FOR_DURATION, &args, NULL))
		return shell_error("Domain '%s' could not be suspended", args.dom.name);
	shell_extra(shell, "Domain '%s' successfully suspended", args.dom.name);
	return true;
}

static bool cmd_wakeup(struct shell *shell)
{
	struct rpc_domain_pm_wakeup_args args = { .flags = 0 };

	if (!object_domain(shell, "domain", BY_ANY, &args.dom))
		return false;
	if (!shell_call(shell, RPC_DOMAIN_PM_WAKEUP, &args, NULL))
		return shell_error("Domain '%s' could not be woken up", args.dom.name);
	shell_extra(shell, "Domain '%s' successfully woken up", args.dom.name);
	return true;
}

const struct command agent_commands[] = {
	{ "domfsfreeze", cmd_domfsfreeze, freeze_options,
	    .help = "let a guest write nothing to its file systems" },
	{ "domfsinfo", cmd_domfsinfo, domain_only, .help = "a guest's file systems" },
	{ "domfsthaw", cmd_domfsthaw, freeze_options, .help = "let it write again" },
	{ "domfstrim", cmd_domfstrim, trim_options, .help = "give back what a guest does not use" },
	{ "domhostname", cmd_domhostname, hostname_options,
	    .help = "what a guest is called in its network" },
	{ "dompmsuspend", cmd_suspend, suspend_options, .help = "put a guest to sleep" },
	{ "dompmwakeup", cmd_wakeup, domain_only, .help = "wake a guest up" },
	{ "get-user-sshkeys", cmd_get_keys, get_keys_options,
	    .help = "ssh keys of a guest's user" },
	{ "guest-agent-timeout", cmd_timeout, timeout_options,
	    .help = "how long to wait for the agent in a guest" },
	{ "guestinfo", cmd_guestinfo, info_options, .help = "what a guest says about itself" },
	{ "guestvcpus", cmd_guestvcpus, vcpus_options,
	    .help = "virtual processors that a guest uses" },
	{ "set-user-password", cmd_set_password, password_options,
	    .help = "the password of a guest's user" },
	{ "set-user-sshkeys", cmd_set_keys, set_keys_options,
	    .help = "change the ssh keys of a guest's user" },
	{ 0 },
};

const struct command agent_monitor_commands[] = {
	{ "domtime", cmd_domtime, time_options, .help = "a guest's clock" },
	{ 0 },
};
