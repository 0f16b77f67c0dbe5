/* SPDX-License-Identifier: GPL-2.0-only */
/* XML that a command prints, and the options that ask for a part of it. */
#ifndef BERTH_CLI_VIRSH_SHOW_H
#define BERTH_CLI_VIRSH_SHOW_H

#include "cli/virsh/shell.h"

#define OPTION_XPATH                                                                               \
	{ "xpath", OPTION_NAMED, false, "what an XPath names of it" },                             \
	{                                                                                          \
		"wrap", OPTION_FLAG, false, "that in one element"                                  \
	}

/* Print it: as it is, or what option "xpath" names of it. False, told by the connection. */
bool show_xml(struct shell *shell, const char *xml);

#endif
