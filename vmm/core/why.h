/* SPDX-License-Identifier: GPL-2.0-only */
/* Why something failed, in one line for an operator: what, in quotes the object, the reason. */
#ifndef BERTH_VMM_CORE_WHY_H
#define BERTH_VMM_CORE_WHY_H

#define WHY_TEXT 256

struct why {
	char text[WHY_TEXT];
};

/* Note the reason and return `result` (-errno), so that a failure is one statement. */
int why(struct why *ret_why, int result, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* The same, with ": " and the text of the error at the end. */
int why_errno(struct why *ret_why, int result, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
