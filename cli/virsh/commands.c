/* SPDX-License-Identifier: GPL-2.0-only */
#include "cli/virsh/commands.h"

#include <string.h>

const struct command_group command_groups[] = {
	{ "Domain Management", "domain",
	    { domain_commands, attach_commands, tune_commands, pin_commands, metadata_commands,
		media_commands, undefine_commands, native_commands, agent_commands, cpu_commands,
		key_commands, foreign_commands, xm_commands } },
	{ "Domain Monitoring", "monitor",
	    { monitor_commands, top_commands, link_commands, agent_monitor_commands } },
	{ "Domain Events", "events", { event_commands } },
	{ "Host and Hypervisor", "host",
	    { host_commands, cpu_host_commands, cpu_compare_commands } },
	{ "Interface", "interface", { interface_commands } },
	{ "Network Filter", "filter", { filter_commands } },
	{ "Networking", "network",
	    { network_commands, network_event_commands, foreign_network_commands } },
	{ "Node Device", "nodedev", { nodedev_commands, nodedev_event_commands } },
	{ "Secret", "secret", { secret_commands, secret_event_commands } },
	{ "Storage Pool", "pool", { pool_commands, pool_make_commands, pool_event_commands } },
	{ "Storage Volume", "volume",
	    { volume_commands, volume_make_commands, volume_data_commands } },
	{ "Virsh itself", "virsh", { shell_commands } },
	{ 0 },
};

const struct command *command_find(const char *name)
{
	for (const struct command_group *group = command_groups; group->title; group++)
		for (const struct command *command = command_first(group); command;
		     command = command_next(group, command))
			if (!strcmp(command->name, name))
				return command;
	return NULL;
}

const struct command *command_first(const struct command_group *group)
{
	return group->tables[0];
}

const struct command *command_next(const struct command_group *group, const struct command *command)
{
	if (command[1].name)
		return command + 1;
	for (size_t i = 0; i + 1 < sizeof(group->tables) / sizeof(group->tables[0]); i++)
		for (const struct command *last = group->tables[i]; last && last->name; last++)
			if (last == command)
				return group->tables[i + 1];
	return NULL;
}

bool option_is_number(const struct option *option)
{
	return option->kind == OPTION_NUMBER || option->kind == OPTION_NAMED_NUMBER;
}

bool option_has_place(const struct option *option)
{
	return option->kind == OPTION_TEXT || option->kind == OPTION_EMPTY ||
	       option->kind == OPTION_NUMBER;
}
