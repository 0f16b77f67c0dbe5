/* SPDX-License-Identifier: GPL-2.0-only */
/* What config-fetch asks of this program: an address with its variables filled in. */
#ifndef BERTH_CLI_FETCH_URL_H
#define BERTH_CLI_FETCH_URL_H

/* URL NAME=VALUE...: print it filled in. An exit code; what is wrong goes to stderr. */
int fetch_url_run(int count, char **arguments);

#endif
