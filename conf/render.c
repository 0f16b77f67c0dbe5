/* SPDX-License-Identifier: GPL-2.0-only */
#include "conf/render.h"

#include <errno.h>
#include <stdio.h>

static const struct {
	const char *path;
	void (*render)(const struct conf_model *model, struct buf *buf);
	bool always; /* written even when empty: the boot steps read it in any case */
} files[] = {
	{ "node/hostname", conf_render_hostname, true },
	{ "node/timezone", conf_render_timezone, false },
	{ "node/ntp", conf_render_ntp, false },
	{ "node/syslog", conf_render_syslog, false },
	{ "node/authorized_keys", conf_render_authorized_keys, false },
	{ "node/tls", conf_render_tls, false },
	{ "node/update-keys", conf_render_update_keys, false },
	{ "node/console-password", conf_render_console_password, false },
	{ "node/data", conf_render_data, false },
	{ "node/data-format", conf_render_data_format, false },
	{ "node/foreign-disks", conf_render_foreign_disks, false },
	{ "node/config-url", conf_render_config_url, false },
	{ "node/config-key", conf_render_config_key, false },
	{ "node/config-ca", conf_render_config_ca, false },
	{ "node/config-pull", conf_render_config_pull, false },
	{ "node/watchdog", conf_render_watchdog, false },
	{ "node/watchdog-timeout", conf_render_watchdog_timeout, false },
	{ "node/metrics", conf_render_metrics, false },
	{ "net/uplinks", conf_render_uplinks, true },
	{ "net/links.batch", conf_render_links, true },
	{ "net/dhcp", conf_render_dhcp, true },
	{ "net/carriers", conf_render_carriers, true },
	{ "net/resolv.conf", conf_render_resolv, false },
	{ "net/sysctl", conf_render_sysctl, true },
	{ "net/iptables", conf_render_iptables, true },
	{ "net/ip6tables", conf_render_ip6tables, true },
	{ "net/guests", conf_render_guests, true },
};

bool conf_network_is_own(const struct conf_network *network)
{
	return network->mode != CONF_MODE_OFF && network->mode != CONF_MODE_BRIDGE;
}

bool conf_network_is_served(const struct conf_network *network)
{
	return conf_network_is_own(network) &&
	       (network->address.family || network->ipv6.address.family);
}

static int emit_file(
    const char *path, const struct buf *buf, bool always, conf_emit emit, void *context)
{
	if (!buf_ok(buf))
		return -ENOMEM;
	if (!buf->length && !always)
		return 0;
	return emit(context, path, buf);
}

int conf_render(const struct conf_model *model, conf_emit emit, void *context)
{
	int error = 0;

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]) && !error; i++) {
		struct buf buf = BUF_INIT;

		files[i].render(model, &buf);
		error = emit_file(files[i].path, &buf, files[i].always, emit, context);
		buf_done(&buf);
	}
	for (const struct conf_network *network = model->networks; network && !error;
	     network = network->next) {
		struct buf buf = BUF_INIT;
		char path[64];

		if (!conf_network_is_served(network))
			continue;
		snprintf(path, sizeof(path), "net/dnsmasq/%s.conf", network->name);
		conf_render_dnsmasq(network, &buf);
		error = emit_file(path, &buf, true, emit, context);
		buf_done(&buf);
	}
	return error;
}
