/* SPDX-License-Identifier: GPL-2.0-only */
/* The kernel and the initrd of an installation tree, brought to the node. */
#ifndef BERTH_CLI_VIRSH_INSTALL_TREE_H
#define BERTH_CLI_VIRSH_INSTALL_TREE_H

#include "cli/virsh/install_xml.h"
#include "cli/virsh/shell.h"

/* Of --location: `parts->kernel` and `parts->initrd` are volumes of the node then, made by the
 * names of the guest and anew each time. False, and told. */
bool install_tree(struct shell *shell, const struct install *install, struct install_parts *parts);

/* Remove them again: they are needed once. */
void install_tree_remove(struct shell *shell, const struct install *install);

#endif
