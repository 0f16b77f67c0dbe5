/* SPDX-License-Identifier: GPL-2.0-only */
#include "node/guest/config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "conf/plug.h"
#include "conf/schema.h"

int config_load(const char *text, size_t length, struct buf *complaint, struct config **ret_config)
{
	struct config *config = calloc(1, sizeof(*config));
	int error;

	if (!config)
		return -ENOMEM;
	config->users = 1;
	config->length = length;
	config->text = malloc(length + 1);
	if (!config->text) {
		free(config);
		return -ENOMEM;
	}
	memcpy(config->text, text, length);
	config->text[length] = '\0';
	error = conf_load(config->text, length, &config->conf);
	if (error) {
		free(config->text);
		free(config);
		return error;
	}
	if (config->conf.diags.count) {
		conf_diags_print(&config->conf.diags, "berth.conf", complaint);
		config_release(config);
		return -EBADMSG;
	}
	*ret_config = config;
	return 0;
}

struct config *config_hold(struct config *config)
{
	config->users++;
	return config;
}

void config_release(struct config *config)
{
	if (!config || --config->users)
		return;
	conf_done(&config->conf);
	free(config->text);
	free(config);
}

const struct conf_guest *config_guest(const struct config *config, const char *name)
{
	const struct conf_guest *guest = config->conf.model.guests;

	while (guest && strcmp(guest->name, name))
		guest = guest->next;
	return guest;
}

/* Their differences are conf/plug's. */
static bool is_device(const char *key)
{
	return !strcmp(key, "disk") || !strcmp(key, "nic");
}

static bool differs(
    const struct conf_guest *before, const struct conf_guest *after, enum conf_cost cost)
{
	struct buf old = BUF_INIT;
	struct buf new = BUF_INIT;
	bool found = false;

	for (const struct conf_key *key = conf_guest_keys; key->name && !found; key++) {
		if (key->cost != cost || !strcmp(key->name, "use") || is_device(key->name))
			continue;
		buf_cut(&old, 0);
		buf_cut(&new, 0);
		conf_value_print(key, before, &old);
		conf_value_print(key, after, &new);
		found = strcmp(buf_text(&old), buf_text(&new));
	}
	buf_done(&old);
	buf_done(&new);
	return found;
}

bool config_differs(const struct conf_guest *before, const struct conf_guest *after)
{
	struct conf_plug plugs[CONF_PLUGS_MAX];

	return differs(before, after, CONF_COST_NOTHING) ||
	       differs(before, after, CONF_COST_LIVE) || differs(before, after, CONF_COST_GUEST) ||
	       conf_plugs(before, after, plugs) != 0;
}

bool config_needs_start(
    const struct conf_guest *before, const struct conf_guest *after, bool devices)
{
	struct conf_plug plugs[CONF_PLUGS_MAX];

	if (devices && conf_plugs(before, after, plugs))
		return true;
	/* It cannot grow past what it was started with. */
	return differs(before, after, CONF_COST_GUEST) ||
	       after->memory > (before->memory_max ? before->memory_max : before->memory);
}

bool config_differs_live(const struct conf_guest *before, const struct conf_guest *after)
{
	return differs(before, after, CONF_COST_LIVE);
}
