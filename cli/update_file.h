/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * An update file: a tar archive of "manifest", "manifest.sig" and the files that the manifest
 * names, in its order. The signature is ECDSA or RSA over the manifest's SHA-256, as "openssl dgst
 * -sha256 -sign" makes it; nothing of the manifest is looked at before it is found good.
 */
#ifndef BERTH_CLI_UPDATE_FILE_H
#define BERTH_CLI_UPDATE_FILE_H

#include <stdbool.h>
#include <stdint.h>

#include "cli/update_manifest.h"
#include "lib/buf.h"

struct update_file {
	struct update_manifest manifest;
	uint64_t offsets[UPDATE_PARTS]; /* of each part's bytes in the file */
};

/*
 * Check all of the file at `path`, with `keys`: one public key a line, as the base64 text inside of
 * a PEM file. False, with what is wrong and what to do in *why, unless it is whole and signed.
 */
bool update_file_check(
    const char *path, const char *keys, struct update_file *ret_file, struct buf *why);

#endif
