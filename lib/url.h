/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The address that a node takes its configuration from: http, https or tftp, with variables that
 * stand for what tells one node from another.
 */
#ifndef BERTH_LIB_URL_H
#define BERTH_LIB_URL_H

#include <stdbool.h>

#include "lib/buf.h"

/* The variables, NULL-terminated: "mac", "uuid" ... */
extern const char *const url_variables[];

/* What is wrong with `url`, or NULL. */
const char *url_problem(const char *url);

bool url_is_https(const char *url);

/*
 * Append `url` to `buf` with its variables filled in, each byte that is not unreserved (RFC 3986,
 * section 2.3) percent-encoded; values[i] belongs to url_variables[i]. False when the node has no
 * value for one (NULL, empty, or a path's "." or ".."); `ret_missing` is its name.
 */
bool url_fill(
    const char *url, const char *const values[], struct buf *buf, const char **ret_missing);

#endif
