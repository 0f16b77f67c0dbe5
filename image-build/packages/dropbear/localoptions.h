/* SPDX-License-Identifier: GPL-2.0-only */
/* What the node has otherwise than the defaults: SSH with keys only, one account, no file server. */
#define DROPBEAR_SVR_PASSWORD_AUTH 0
#define DROPBEAR_SFTPSERVER 0
#define DROPBEAR_SVR_AGENTFWD 0
#define DROPBEAR_SVR_REMOTETCPFWD 0
#define DO_MOTD 0
#define DROPBEAR_SMALL_CODE 0
/* With a dead client gone after three missed answers, sessions do not pile up. */
#define DEFAULT_KEEPALIVE 30
#define MAX_AUTH_TRIES 6
