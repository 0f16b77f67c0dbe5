/* SPDX-License-Identifier: GPL-2.0-only */
/* What XML cannot say of a guest, or says though the file need not. */
#ifndef BERTH_NODE_XML_SETTLE_H
#define BERTH_NODE_XML_SETTLE_H

#include "conf/model_guest.h"

/* `guest` was made of XML, `old` is what it takes the place of, or NULL: keys that XML has no word
 * for stay as they were, and what goes without saying is not said. */
void xml_settle(struct conf_guest *guest, const struct conf_guest *old, bool has_parts);

#endif
