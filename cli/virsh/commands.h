/* SPDX-License-Identifier: GPL-2.0-only */
/* All commands, by group: what is dispatched by, helped from, and completed with. */
#ifndef BERTH_CLI_VIRSH_COMMANDS_H
#define BERTH_CLI_VIRSH_COMMANDS_H

#include "cli/virsh/shell.h"

/* Ends with a row without title. */
extern const struct command_group command_groups[];

/* NULL when there is none. */
const struct command *command_find(const char *name);

/* All of a group, one after the other; NULL past the last. */
const struct command *command_first(const struct command_group *group);
const struct command *command_next(
    const struct command_group *group, const struct command *command);

/* Whether digits are its value; whether it may be given by its place. */
bool option_is_number(const struct option *option);
bool option_has_place(const struct option *option);

/* The groups' tables, one room each. */
extern const struct command domain_commands[];
extern const struct command undefine_commands[];
extern const struct command attach_commands[];
extern const struct command tune_commands[];
extern const struct command pin_commands[];
extern const struct command metadata_commands[];
extern const struct command media_commands[];
extern const struct command link_commands[];
extern const struct command agent_commands[];
extern const struct command agent_monitor_commands[];
extern const struct command cpu_commands[];
extern const struct command cpu_host_commands[];
extern const struct command cpu_compare_commands[];
extern const struct command key_commands[];
extern const struct command foreign_commands[];
extern const struct command foreign_network_commands[];
extern const struct command native_commands[];
extern const struct command xm_commands[];
extern const struct command top_commands[];
extern const struct command monitor_commands[];
extern const struct command event_commands[];
extern const struct command host_commands[];
extern const struct command interface_commands[];
extern const struct command filter_commands[];
extern const struct command network_commands[];
extern const struct command network_event_commands[];
extern const struct command nodedev_commands[];
extern const struct command nodedev_event_commands[];
extern const struct command secret_commands[];
extern const struct command secret_event_commands[];
extern const struct command pool_commands[];
extern const struct command pool_event_commands[];
extern const struct command pool_make_commands[];
extern const struct command volume_commands[];
extern const struct command volume_make_commands[];
extern const struct command volume_data_commands[];
extern const struct command shell_commands[];

#endif
