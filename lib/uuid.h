/* SPDX-License-Identifier: GPL-2.0-only */
/* UUIDs (RFC 9562): their text, and those of what is given none. */
#ifndef BERTH_LIB_UUID_H
#define BERTH_LIB_UUID_H

#include <stdbool.h>
#include <stdint.h>

#define UUID_TEXT 37

/* 36 characters: hexadecimal digits, in capitals or not, and "-" at their places. */
bool uuid_parse(const char *text, uint8_t ret_uuid[16]);

/* As libvirt takes it from people: 32 digits, and "-" wherever. */
bool uuid_parse_loose(const char *text, uint8_t ret_uuid[16]);

/* In small letters; `text` is returned. */
const char *uuid_text(const uint8_t uuid[16], char text[UUID_TEXT]);

/* Of version 8, made of a kind ("guest", "network", "pool") and a name: the same on every boot, and
 * on every node that has the same name for the same kind of thing. */
void uuid_of_name(const char *kind, const char *name, uint8_t ret_uuid[16]);

#endif
