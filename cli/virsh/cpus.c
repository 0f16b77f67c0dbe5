/* SPDX-License-Identifier: GPL-2.0-only */
#include "cli/virsh/cpus.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int cpus_of_host(struct shell *shell)
{
	struct rpc_node_get_cpu_map_args args = { 0 };
	struct rpc_node_get_cpu_map_ret map;
	struct rpc_node_get_info_ret info;

	if (shell_call(shell, RPC_NODE_GET_CPU_MAP, &args, &map))
		return map.ret;
	if (shell_call(shell, RPC_NODE_GET_INFO, NULL, &info))
		return info.nodes * info.sockets * info.cores * info.threads;
	return -1;
}

bool cpus_has(const uint8_t *map, int bytes, int cpu)
{
	return cpu / 8 < bytes && map[cpu / 8] & (1 << (cpu % 8));
}

const char *cpus_list(const uint8_t *map, int bytes, int count, char text[CPUS_TEXT])
{
	size_t used = 0;

	text[0] = '\0';
	for (int i = 0; i < count && used < CPUS_TEXT - 16; i++) {
		int last = i;

		if (!cpus_has(map, bytes, i))
			continue;
		while (last + 1 < count && cpus_has(map, bytes, last + 1))
			last++;
		used += (size_t)snprintf(text + used, CPUS_TEXT - used,
		    last > i ? "%s%d-%d" : "%s%d", used ? "," : "", i, last);
		i = last;
	}
	return text;
}

/* "3", "3-5" or "^3" at the start of `text`: what is behind it; NULL when it is none of these. */
static const char *take_range(const char *text, uint8_t map[CPUS_BYTES])
{
	bool out = *text == '^';
	const char *at = text + out;
	char *end;
	long first = strtol(at, &end, 10);
	long last = first;

	if (end == at)
		return NULL;
	if (*end == '-' && !out) {
		at = end + 1;
		last = strtol(at, &end, 10);
		if (end == at)
			return NULL;
	}
	if (first < 0 || last < first || last >= CPUS_BYTES * 8 || (*end && *end != ','))
		return NULL;
	for (long i = first; i <= last; i++) {
		if (out)
			map[i / 8] &= (uint8_t) ~(1 << (i % 8));
		else
			map[i / 8] |= (uint8_t)(1 << (i % 8));
	}
	return *end ? end + 1 : end;
}

static int last_of(const uint8_t map[CPUS_BYTES])
{
	int last = CPUS_BYTES * 8 - 1;

	while (last >= 0 && !cpus_has(map, CPUS_BYTES, last))
		last--;
	return last;
}

bool cpus_given(struct shell *shell, int count, uint8_t map[CPUS_BYTES], uint32_t *ret_bytes)
{
	const char *list = shell_text(shell, "cpulist");
	bool all = !strcmp(list, "r");

	memset(map, 0, CPUS_BYTES);
	for (int i = 0; all && i < count && i < CPUS_BYTES * 8; i++)
		map[i / 8] |= (uint8_t)(1 << (i % 8));
	for (const char *at = list; !all && *at;) {
		at = take_range(at, map);
		if (!at) {
			conn_fail(shell->conn, RPC_ERR_INVALID_ARG,
			    "invalid argument: Failed to parse bitmap '%s'", list);
			return shell_error("Invalid cpulist '%s'", list);
		}
	}
	if (last_of(map) < 0)
		return shell_error("Invalid cpulist '%s'", list);
	if (last_of(map) >= count)
		return shell_error(
		    "CPU %d in cpulist '%s' exceed the maxcpu %d", last_of(map), list, count);
	*ret_bytes = (uint32_t)(count + 7) / 8;
	return true;
}
