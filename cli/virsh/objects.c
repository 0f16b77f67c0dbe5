/* SPDX-License-Identifier: GPL-2.0-only */
#include "cli/virsh/objects.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool is_number(const char *text)
{
	return *text && strlen(text) < 10 && strspn(text, "0123456789") == strlen(text);
}

const char *uuid_text(const uint8_t uuid[16], char text[UUID_TEXT])
{
	char *at = text;

	for (unsigned int i = 0; i < 16; i++)
		at += snprintf(
		    at, 4, i == 4 || i == 6 || i == 8 || i == 10 ? "-%02x" : "%02x", uuid[i]);
	return text;
}

bool uuid_parse(const char *text, uint8_t uuid[16])
{
	unsigned int digits = 0;

	memset(uuid, 0, 16);
	for (; *text; text++) {
		char c = (char)tolower((unsigned char)*text);

		if (c == '-')
			continue;
		if (!isxdigit((unsigned char)c) || digits == 32)
			return false;
		uuid[digits / 2] = (uint8_t)(uuid[digits / 2] << 4 |
					     (c <= '9' ? c - '0' : c - 'a' + 10));
		digits++;
	}
	return digits == 32;
}

bool object_domain(
    struct shell *shell, const char *option, unsigned int how, struct rpc_dom *ret_dom)
{
	const char *text = shell_text(shell, option);
	struct rpc_domain_lookup_by_id_args id;
	struct rpc_domain_lookup_by_uuid_args uuid;
	struct rpc_domain_lookup_by_name_args name = { text };
	struct rpc_domain_lookup_by_name_ret ret;
	bool found = false;

	if (how & BY_ID && is_number(text)) {
		id.id = (int32_t)strtol(text, NULL, 10);
		found = shell_call(shell, RPC_DOMAIN_LOOKUP_BY_ID, &id, &ret);
	}
	if (!found && how & BY_UUID && strlen(text) == 36 && uuid_parse(text, uuid.uuid))
		found = shell_call(shell, RPC_DOMAIN_LOOKUP_BY_UUID, &uuid, &ret);
	if (!found && how & BY_NAME)
		found = shell_call(shell, RPC_DOMAIN_LOOKUP_BY_NAME, &name, &ret);
	if (found) {
		shell_forget_error(shell);
		*ret_dom = ret.dom;
		return true;
	}
	shell_error("failed to get domain '%s'", text);
	if (!shell->conn->broken && shell->conn->error.code == RPC_ERR_NO_DOMAIN)
		shell_forget_error(shell);
	return false;
}

bool object_network(
    struct shell *shell, const char *option, unsigned int how, struct rpc_net *ret_net)
{
	const char *text = shell_text(shell, option);
	struct rpc_network_lookup_by_uuid_args uuid;
	struct rpc_network_lookup_by_name_args name = { text };
	struct rpc_network_lookup_by_name_ret ret;
	bool found = false;

	if (how & BY_UUID && strlen(text) == 36 && uuid_parse(text, uuid.uuid))
		found = shell_call(shell, RPC_NETWORK_LOOKUP_BY_UUID, &uuid, &ret);
	if (!found && how & BY_NAME)
		found = shell_call(shell, RPC_NETWORK_LOOKUP_BY_NAME, &name, &ret);
	if (!found)
		return shell_error("failed to get network '%s'", text);
	shell_forget_error(shell);
	*ret_net = ret.net;
	return true;
}

static bool pool_of(
    struct shell *shell, const char *text, unsigned int how, struct rpc_pool *ret_pool)
{
	struct rpc_storage_pool_lookup_by_uuid_args uuid;
	struct rpc_storage_pool_lookup_by_name_args name = { text };
	struct rpc_storage_pool_lookup_by_name_ret ret;
	bool found = false;

	if (how & BY_UUID && strlen(text) == 36 && uuid_parse(text, uuid.uuid))
		found = shell_call(shell, RPC_STORAGE_POOL_LOOKUP_BY_UUID, &uuid, &ret);
	if (!found && how & BY_NAME)
		found = shell_call(shell, RPC_STORAGE_POOL_LOOKUP_BY_NAME, &name, &ret);
	if (!found)
		return shell_error("failed to get pool '%s'", text);
	shell_forget_error(shell);
	*ret_pool = ret.pool;
	return true;
}

bool object_pool(
    struct shell *shell, const char *option, unsigned int how, struct rpc_pool *ret_pool)
{
	return pool_of(shell, shell_text(shell, option), how, ret_pool);
}

bool object_volume(struct shell *shell, const char *pool_option, struct rpc_vol *ret_vol)
{
	const char *text = shell_text(shell, "vol");
	const char *pool = pool_option ? shell_text(shell, pool_option) : NULL;
	struct rpc_storage_vol_lookup_by_name_args name = { .name = text };
	struct rpc_storage_vol_lookup_by_key_args key = { text };
	struct rpc_storage_vol_lookup_by_path_args path = { text };
	struct rpc_storage_vol_lookup_by_path_ret ret;
	bool found = false;

	if (pool) {
		if (!pool_of(shell, pool, BY_NAME | BY_UUID, &name.pool))
			return false;
		found = shell_call(shell, RPC_STORAGE_VOL_LOOKUP_BY_NAME, &name, &ret);
	}
	if (!found)
		found = shell_call(shell, RPC_STORAGE_VOL_LOOKUP_BY_KEY, &key, &ret);
	if (!found)
		found = shell_call(shell, RPC_STORAGE_VOL_LOOKUP_BY_PATH, &path, &ret);
	if (!found) {
		if (pool || !pool_option)
			return shell_error("failed to get vol '%s'", text);
		return shell_error(
		    "failed to get vol '%s', specifying --%s might help", text, pool_option);
	}
	shell_forget_error(shell);
	*ret_vol = ret.vol;
	return true;
}
