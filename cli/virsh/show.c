/* SPDX-License-Identifier: GPL-2.0-only */
#include "cli/virsh/show.h"

#include <errno.h>

#include "cli/virsh/xpath.h"

bool show_xml(struct shell *shell, const char *xml)
{
	const char *path = shell_text(shell, "xpath");
	struct buf part = BUF_INIT;
	int result = path ? xpath_select(xml, path, shell_flag(shell, "wrap"), &part) : 0;

	if (!result)
		shell_print("%s", path ? buf_text(&part) : xml);
	else if (result == -ENOMEM)
		conn_fail(shell->conn, RPC_ERR_NO_MEMORY, "out of memory");
	else
		conn_fail(
		    shell->conn, RPC_ERR_INTERNAL, "internal error: Incorrect xpath '%s'", path);
	buf_done(&part);
	return !result;
}
