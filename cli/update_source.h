/* SPDX-License-Identifier: GPL-2.0-only */
/* An update file as the verbs take it: a path, "-" for stdin, or a URL; checked, and told to the
 * scripts that write it. */
#ifndef BERTH_CLI_UPDATE_SOURCE_H
#define BERTH_CLI_UPDATE_SOURCE_H

#include "cli/update_file.h"

/* What the scripts read: "VERSION BUILD", then "NAME OFFSET SIZE SHA256" for each part. */
#define UPDATE_LIST "/run/berth/update.list"

struct update_source {
	char path[256];
	struct update_file file;
};

/*
 * Get the file, check all of it, and write UPDATE_LIST. An exit code; what is wrong has been said.
 * The copy of what came by stdin or URL is removed by update_source_done(), which takes a source
 * that was never opened as well.
 */
int update_source_open(const char *operand, struct update_source *ret_source);
void update_source_done(struct update_source *source);

#endif
