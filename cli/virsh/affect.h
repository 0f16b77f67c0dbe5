/* SPDX-License-Identifier: GPL-2.0-only */
/* What a change of a guest is of: its definition, the guest as it runs, or both. */
#ifndef BERTH_CLI_VIRSH_AFFECT_H
#define BERTH_CLI_VIRSH_AFFECT_H

#include "cli/virsh/shell.h"

#define AFFECT_FLAG(name, help)                                                                    \
	{                                                                                          \
		name, OPTION_FLAG, false, help                                                     \
	}
#define OPTION_CONFIG AFFECT_FLAG("config", "of its definition")
#define OPTION_LIVE AFFECT_FLAG("live", "of the guest as it runs")
#define OPTION_CURRENT AFFECT_FLAG("current", "of the guest as it is")
#define AFFECT OPTION_CONFIG, OPTION_LIVE, OPTION_CURRENT
#define AFFECT_PERSISTENT                                                                          \
	{ "persistent", OPTION_FLAG, false, "for good, and at once if the guest runs" }, AFFECT

/* libvirt: virDomainModificationImpact. */
enum { AFFECT_LIVE = 1, AFFECT_CONFIG = 2 };

/* Whether the options go together; tells when they do not. */
bool affect_agree(struct shell *shell);

/* The same, and their flags. `dom` may be NULL where there is no --persistent. */
bool affect_flags(struct shell *shell, const struct rpc_dom *dom, uint32_t *ret_flags);

/* Whether one of them was given. */
bool affect_said(const struct shell *shell);

#endif
