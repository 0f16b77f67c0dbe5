/* SPDX-License-Identifier: GPL-2.0-only */
/* One text with everything that somebody who looks into a fault asks for, and no secret. */
#ifndef BERTH_CLI_REPORT_H
#define BERTH_CLI_REPORT_H

/* Write the report to stdout. An exit code. */
int report_run(void);

#endif
