/* SPDX-License-Identifier: GPL-2.0-only */
/* Guests, networks, pools and volumes as commands name them: by id, name, UUID or path. */
#ifndef BERTH_CLI_VIRSH_OBJECTS_H
#define BERTH_CLI_VIRSH_OBJECTS_H

#include "cli/virsh/shell.h"

#define UUID_TEXT 37

enum { BY_ID = 1, BY_NAME = 2, BY_UUID = 4, BY_ANY = 7 };

/* What option `option` names; tells when there is none. The record lives as long as the command. */
bool object_domain(
    struct shell *shell, const char *option, unsigned int how, struct rpc_dom *ret_dom);
bool object_network(
    struct shell *shell, const char *option, unsigned int how, struct rpc_net *ret_net);
bool object_pool(
    struct shell *shell, const char *option, unsigned int how, struct rpc_pool *ret_pool);

/* Of option "vol", in the pool of option `pool_option` when that is given. */
bool object_volume(struct shell *shell, const char *pool_option, struct rpc_vol *ret_vol);

/* Whether option "domain" is the number of one that runs. */
bool is_number(const char *text);

const char *uuid_text(const uint8_t uuid[16], char text[UUID_TEXT]);
bool uuid_parse(const char *text, uint8_t uuid[16]);

#endif
