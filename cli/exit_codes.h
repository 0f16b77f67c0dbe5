/* SPDX-License-Identifier: GPL-2.0-only */
/* What berth(8) ends with; scripts branch on it. */
#ifndef BERTH_CLI_EXIT_CODES_H
#define BERTH_CLI_EXIT_CODES_H

enum {
	EXIT_WELL = 0,
	EXIT_NOT_WELL = 1, /* the answer is no: something is not well */
	EXIT_USAGE = 100,
	EXIT_SYSTEM = 111, /* the system refused something */
};

#endif
