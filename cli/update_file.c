/* SPDX-License-Identifier: GPL-2.0-only */
#include "cli/update_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include <mbedtls/base64.h>
#include <mbedtls/md.h>
#include <mbedtls/pk.h>

#include "lib/tar.h"

#define MANIFEST_MAX 65536u
#define SIGNATURE_MAX 1024u
#define KEY_MAX 1024u
#define CHUNK 65536u

/* `length` bytes at `offset`, appended. */
static bool read_at(int fd, uint64_t offset, uint64_t length, struct buf *buf)
{
	char chunk[4096];

	while (length) {
		size_t want = length < sizeof(chunk) ? (size_t)length : sizeof(chunk);
		ssize_t got = pread(fd, chunk, want, (off_t)offset);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return false;
		buf_add(buf, chunk, (size_t)got);
		offset += (uint64_t)got;
		length -= (uint64_t)got;
	}
	return buf_ok(buf);
}

static bool hash_at(int fd, uint64_t offset, uint64_t length, uint8_t hash[UPDATE_HASH])
{
	static unsigned char chunk[CHUNK];
	mbedtls_md_context_t context;
	bool good;

	mbedtls_md_init(&context);
	good = mbedtls_md_setup(&context, mbedtls_md_info_from_type(MBEDTLS_MD_SHA256), 0) == 0 &&
	       mbedtls_md_starts(&context) == 0;
	while (good && length) {
		size_t want = length < sizeof(chunk) ? (size_t)length : sizeof(chunk);
		ssize_t got = pread(fd, chunk, want, (off_t)offset);

		if (got < 0 && errno == EINTR)
			continue;
		good = got > 0 && mbedtls_md_update(&context, chunk, (size_t)got) == 0;
		offset += got > 0 ? (uint64_t)got : 0;
		length -= got > 0 ? (uint64_t)got : 0;
	}
	good = good && mbedtls_md_finish(&context, hash) == 0;
	mbedtls_md_free(&context);
	return good;
}

/* Whether one key, base64 of its DER, made the signature over a hash. */
static bool key_fits(
    const char *text, size_t length, const uint8_t hash[UPDATE_HASH], const struct buf *signature)
{
	unsigned char der[KEY_MAX];
	mbedtls_pk_context key;
	size_t der_length;
	bool good;

	if (mbedtls_base64_decode(
		der, sizeof(der), &der_length, (const unsigned char *)text, length))
		return false;
	mbedtls_pk_init(&key);
	good = mbedtls_pk_parse_public_key(&key, der, der_length) == 0 &&
	       mbedtls_pk_verify(&key, MBEDTLS_MD_SHA256, hash, UPDATE_HASH,
		   (const unsigned char *)buf_text(signature), signature->length) == 0;
	mbedtls_pk_free(&key);
	return good;
}

static bool is_signed(
    const struct buf *manifest, const struct buf *signature, const char *keys, struct buf *why)
{
	uint8_t hash[UPDATE_HASH];

	if (!*keys) {
		buf_puts(why, "this node has no key to check it with: give [node] update-key in "
			      "berth.conf, and apply that first");
		return false;
	}
	if (mbedtls_md(mbedtls_md_info_from_type(MBEDTLS_MD_SHA256),
		(const unsigned char *)buf_text(manifest), manifest->length, hash)) {
		buf_puts(why, "its hash cannot be made: no memory");
		return false;
	}
	for (const char *at = keys; *at;) {
		size_t length = strcspn(at, "\n");

		if (length && key_fits(at, length, hash, signature))
			return true;
		at += length + (at[length] == '\n');
	}
	buf_puts(why, "it is not signed by a key of this node ([node] update-key in berth.conf, or "
		      "one in the image): sign it with the right key, or get it anew");
	return false;
}

/* The member at *at must be `name`, of `limit` bytes at most; its bytes are appended. */
static bool read_member(int fd, uint64_t *at, const char *name, uint64_t limit, struct buf *buf)
{
	struct tar_member member;

	return tar_next(fd, at, &member) == 1 && !strcmp(member.name, name) &&
	       member.size <= limit && read_at(fd, member.offset, member.size, buf);
}

static bool check_parts(int fd, uint64_t at, struct update_file *file, struct buf *why)
{
	const struct update_manifest *manifest = &file->manifest;
	struct tar_member member;
	uint8_t hash[UPDATE_HASH];

	for (size_t i = 0; i < manifest->count; i++) {
		const struct update_part *part = &manifest->parts[i];

		if (tar_next(fd, &at, &member) != 1 || strcmp(member.name, part->name) ||
		    member.size != part->size || !hash_at(fd, member.offset, member.size, hash) ||
		    memcmp(hash, part->sha256, UPDATE_HASH)) {
			buf_printf(why,
			    "its file \"%s\" is damaged, cut off or missing: get it anew",
			    part->name);
			return false;
		}
		file->offsets[i] = member.offset;
	}
	return true;
}

static bool check_open(int fd, const char *keys, struct update_file *file, struct buf *why)
{
	struct buf manifest = BUF_INIT;
	struct buf signature = BUF_INIT;
	const char *reason;
	uint64_t at = 0;
	bool good = false;

	if (!read_member(fd, &at, "manifest", MANIFEST_MAX, &manifest))
		buf_puts(why, "it is no update file, or it is cut off: \"make update\" makes one");
	else if (!read_member(fd, &at, "manifest.sig", SIGNATURE_MAX, &signature) ||
		 !signature.length)
		buf_puts(why, "it is not signed: \"make update KEY=...\" makes one that is");
	else if (is_signed(&manifest, &signature, keys, why)) {
		good = update_manifest_parse(buf_text(&manifest), &file->manifest, &reason);
		if (!good)
			buf_puts(why, reason);
		good = good && check_parts(fd, at, file, why);
	}
	buf_done(&manifest);
	buf_done(&signature);
	return good;
}

bool update_file_check(
    const char *path, const char *keys, struct update_file *ret_file, struct buf *why)
{
	struct update_file file = { 0 };
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	bool good;

	if (fd < 0) {
		buf_printf(why, "it cannot be read: %s", strerror(errno));
		return false;
	}
	good = check_open(fd, keys, &file, why);
	close(fd);
	if (good)
		*ret_file = file;
	return good;
}
