/* SPDX-License-Identifier: GPL-2.0-only */
/* `berth config`: looking at the configuration and changing it. berth(8). */
#ifndef BERTH_CLI_CONFIG_H
#define BERTH_CLI_CONFIG_H

#include <stdbool.h>

#include "lib/buf.h"

struct config_options {
	const char *operand;  /* FILE, "-", or a generation's number; NULL: not given */
	const char *networks; /* which are up (berthconf(1)); NULL: those that are */
	const char *origin;   /* what the generation is to be marked with; NULL: who asks */
	unsigned int within;  /* seconds to confirm in */
	bool confirmed;	      /* no confirmation wanted */
	bool diff;
};

/* Everything after "config" on the command line. An exit code. */
int config_run(int count, char **arguments);

/* The verbs that have a room of their own. */
int config_apply(const struct config_options *options);
int config_confirm(const struct config_options *options);
int config_revert(const struct config_options *options);
int config_edit(const struct config_options *options);

/* Apply `text`, called `name` in messages; `verb` is what the generation's mark begins with. */
int config_apply_text(const struct config_options *options, const struct buf *text,
    const char *name, const char *verb);

/*
 * The text of FILE, of stdin for "-", or without an operand of berth.conf on the config partition.
 * `ret_name` is what messages call it. An exit code; what is wrong has been said.
 */
int config_source(const char *operand, struct buf *text, const char **ret_name);

/* Check `text` whole, every error told; EXIT_NOT_WELL when there is one. */
int config_check_text(const struct buf *text, const char *name);

#endif
