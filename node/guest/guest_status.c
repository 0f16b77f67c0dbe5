/* SPDX-License-Identifier: GPL-2.0-only */
#include "node/guest/guest_status.h"

#include <inttypes.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/file.h"

const char *guest_status_word(const struct guest *guest)
{
	static const char *const words[] = { "off", "starting", "running", "paused",
		"shutting down", "crashed", "backing off" };
	static const char *const offs[] = { "off", "off", "crashed", "failed", "off" };

	if (guest->state == GUEST_OFF && guest->kept.message[0])
		return offs[guest->kept.off];
	return words[guest->state];
}

static const char *path_of(const struct guest *guest, char path[NODE_PATH])
{
	snprintf(path, NODE_PATH, "%s/state/guests", guest->env->paths->run);
	mkdir(path, 0755);
	snprintf(path, NODE_PATH, "%s/state/guests/%s", guest->env->paths->run, guest->name);
	return path;
}

void guest_status_write(const struct guest *guest)
{
	const struct conf_guest *conf = guest->running ? guest->running : guest->conf;
	struct buf text = BUF_INIT;
	char path[NODE_PATH];

	buf_printf(&text, "%s\n", guest_status_word(guest));
	if (conf)
		buf_printf(&text, "%" PRIu64 " MiB, %" PRIu64 " %s", conf->memory >> 20,
		    conf->vcpus, conf->vcpus == 1 ? "vcpu" : "vcpus");
	if (guest_has_process(guest))
		buf_printf(&text, ", id %d", guest->kept.id);
	if (guest->running && guest->conf && config_needs_start(guest->running, guest->conf, true))
		buf_puts(&text, "; changes take effect at its next start");
	if (guest->state == GUEST_OFF && guest_is_saved(guest))
		buf_puts(&text, "; saved: its next start goes on where it was");
	buf_puts(&text, "\n");
	guest_messages(guest, &text);
	if (buf_ok(&text))
		file_replace(path_of(guest, path), buf_text(&text), text.length, 0644);
	buf_done(&text);
}

void guest_status_remove(const struct guest *guest)
{
	char path[NODE_PATH];

	unlink(path_of(guest, path));
}
