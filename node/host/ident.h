/* SPDX-License-Identifier: GPL-2.0-only */
/* Identities of what the file gives none: the same on every boot, and on every node that has the
 * same name for the same kind of thing. */
#ifndef BERTH_NODE_HOST_IDENT_H
#define BERTH_NODE_HOST_IDENT_H

#include <stdbool.h>
#include <stdint.h>

/* A UUID of version 8 (RFC 9562) made of a kind ("guest", "network", "pool") and a name. */
void ident_uuid(const char *kind, const char *name, uint8_t uuid[16]);

/* 36 characters of hexadecimal and "-" at their places. */
bool ident_parse_uuid(const char *text, uint8_t uuid[16]);

#endif
