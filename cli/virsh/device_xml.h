/* SPDX-License-Identifier: GPL-2.0-only */
/* A disk or a network interface as XML, from the options of attach-disk and attach-interface. */
#ifndef BERTH_CLI_VIRSH_DEVICE_XML_H
#define BERTH_CLI_VIRSH_DEVICE_XML_H

#include "cli/virsh/shell.h"

/* False with the fault told. */
bool device_xml_disk(struct shell *shell, struct buf *xml);
bool device_xml_interface(struct shell *shell, struct buf *xml);

#endif
