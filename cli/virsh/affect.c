/* SPDX-License-Identifier: GPL-2.0-only */
#include "cli/virsh/affect.h"

/* In this order, which is the one in which the first that does not go with --current is told. */
static const char *const options[] = { "persistent", "live", "config", NULL };

bool affect_agree(struct shell *shell)
{
	for (size_t i = 0; shell_flag(shell, "current") && options[i]; i++)
		if (shell_flag(shell, options[i]))
			return shell_error(
			    "Options --current and --%s are mutually exclusive", options[i]);
	return true;
}

bool affect_flags(struct shell *shell, const struct rpc_dom *dom, uint32_t *ret_flags)
{
	bool persistent = shell_flag(shell, "persistent");
	bool live = shell_flag(shell, "live") || (persistent && dom && dom->id >= 0);
	bool config = shell_flag(shell, "config") || persistent;

	*ret_flags = (live ? AFFECT_LIVE : 0u) | (config ? AFFECT_CONFIG : 0u);
	return affect_agree(shell);
}

bool affect_said(const struct shell *shell)
{
	for (size_t i = 0; options[i]; i++)
		if (shell_flag(shell, options[i]))
			return true;
	return shell_flag(shell, "current");
}
