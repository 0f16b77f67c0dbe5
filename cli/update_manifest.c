/* SPDX-License-Identifier: GPL-2.0-only */
#include "cli/update_manifest.h"

#include <string.h>

#include "lib/num.h"

#define FIRST_LINE "berth-update 1"
#define LINE 256
/* More than any boot partition takes. */
#define PART_MAX ((uint64_t)1 << 32)

/* A word that may become part of a file's name and of a line of a script. */
static bool copy_word(const char *word, char target[UPDATE_WORD])
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789._+-";
	size_t length = word ? strlen(word) : 0;

	if (!length || length >= UPDATE_WORD || word[0] == '.' || strspn(word, allowed) != length)
		return false;
	memcpy(target, word, length + 1);
	return true;
}

static bool read_hash(const char *text, uint8_t hash[UPDATE_HASH])
{
	return text && strlen(text) == 2 * (size_t)UPDATE_HASH &&
	       num_hex_bytes(text, UPDATE_HASH, hash);
}

/* The rest of "file NAME SIZE SHA256". */
static bool read_part(char **rest, struct update_manifest *manifest)
{
	struct update_part part;
	const char *size;

	if (manifest->count == UPDATE_PARTS || !copy_word(strtok_r(NULL, " ", rest), part.name) ||
	    update_manifest_part(manifest, part.name))
		return false;
	size = strtok_r(NULL, " ", rest);
	if (!size || !num_parse(size, PART_MAX, &part.size) ||
	    !read_hash(strtok_r(NULL, " ", rest), part.sha256))
		return false;
	manifest->parts[manifest->count++] = part;
	return true;
}

/* A line of a kind that is not known is of a later Berth, and left to it. */
static bool read_line(char *line, struct update_manifest *manifest)
{
	char *rest = NULL;
	const char *word = strtok_r(line, " ", &rest);

	if (!word)
		return true;
	if (!strcmp(word, "version"))
		return copy_word(strtok_r(NULL, " ", &rest), manifest->version);
	if (!strcmp(word, "build"))
		return copy_word(strtok_r(NULL, " ", &rest), manifest->build);
	if (!strcmp(word, "machine"))
		return copy_word(strtok_r(NULL, " ", &rest), manifest->machine);
	if (!strcmp(word, "file"))
		return read_part(&rest, manifest);
	return true;
}

bool update_manifest_parse(
    const char *text, struct update_manifest *ret_manifest, const char **ret_why)
{
	struct update_manifest manifest = { 0 };
	char line[LINE];
	bool first = true;

	while (*text) {
		size_t length = strcspn(text, "\n");

		*ret_why = "its manifest is not well formed";
		if (length >= LINE)
			return false;
		memcpy(line, text, length);
		line[length] = '\0';
		text += length + (text[length] == '\n');
		if (first && strcmp(line, FIRST_LINE)) {
			*ret_why =
			    "it is of a kind that this version does not know; it may be of a "
			    "later Berth";
			return false;
		}
		if (!first && !read_line(line, &manifest))
			return false;
		first = false;
	}
	*ret_why = "its manifest does not say version, build, machine and files";
	if (!manifest.version[0] || !manifest.build[0] || !manifest.machine[0] || !manifest.count)
		return false;
	*ret_manifest = manifest;
	return true;
}

const struct update_part *update_manifest_part(
    const struct update_manifest *manifest, const char *name)
{
	for (size_t i = 0; i < manifest->count; i++)
		if (!strcmp(manifest->parts[i].name, name))
			return &manifest->parts[i];
	return NULL;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Numbers of any length: without leading zeros, the longer is the larger. */
static int compare_numbers(const char **a, const char **b)
{
	size_t length_a;
	size_t length_b;
	int order;

	*a += strspn(*a, "0");
	*b += strspn(*b, "0");
	length_a = strspn(*a, "0123456789");
	length_b = strspn(*b, "0123456789");
	if (length_a != length_b)
		return length_a < length_b ? -1 : 1;
	order = strncmp(*a, *b, length_a);
	*a += length_a;
	*b += length_b;
	return order;
}

int update_version_compare(const char *a, const char *b)
{
	while (*a && *b) {
		if (is_digit(*a) && is_digit(*b)) {
			int order = compare_numbers(&a, &b);

			if (order)
				return order;
			continue;
		}
		if (*a != *b)
			break;
		a++;
		b++;
	}
	if (*a == *b)
		return 0;
	/* What comes after "-" makes it older. */
	if (*a == '-' || *b == '-')
		return *a == '-' ? -1 : 1;
	return (unsigned char)*a < (unsigned char)*b ? -1 : 1;
}
