/* SPDX-License-Identifier: GPL-2.0-only */
#include "node/guest/saved.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conf/edit.h"
#include "conf/print.h"
#include "lib/num.h"
#include "lib/uuid.h"
#include "node/guest/control.h"
#include "node/guest/identity.h"

#define MAGIC "berth-saved-guest "
#define VERSION "1"
/* Of what the process wrote (vmm/machine_file.h). */
#define STATE_MAGIC "berth-vm-state"

struct state_head {
	char magic[16];
	uint64_t state_length;
	uint64_t memory_offset;
	uint64_t memory_size;
};

int saved_init(const struct conf_guest *guest, const uint8_t uuid[16], struct saved *ret_saved)
{
	struct saved saved = { 0 };
	struct buf text = BUF_INIT;

	conf_print_guest(guest, &text);
	if (!buf_ok(&text)) {
		buf_done(&text);
		return -ENOMEM;
	}
	snprintf(saved.name, sizeof(saved.name), "%s", guest->name);
	memcpy(saved.uuid, uuid, sizeof(saved.uuid));
	saved.section = text.data;
	*ret_saved = saved;
	return 0;
}

void saved_done(struct saved *saved)
{
	free(saved->section);
	saved->section = NULL;
}

int saved_write(int fd, const struct saved *saved)
{
	char uuid[UUID_TEXT];
	struct buf text = BUF_INIT;
	char *head = NULL;
	int error = 0;

	buf_printf(&text, MAGIC VERSION "\nname=%s\nuuid=%s\nstate=%s\n", saved->name,
	    uuid_text(saved->uuid, uuid), saved->stands ? "paused" : "running");
	buf_printf(&text, "with-node=%d\nwhen=%" PRIu64 "\nsection=%zu\n\n%s", saved->with_node,
	    saved->when, strlen(saved->section), saved->section);
	if (!buf_ok(&text))
		error = -ENOMEM;
	else if (text.length > SAVED_HEAD)
		error = -EFBIG;
	/* In one piece that suits O_DIRECT. */
	if (!error) {
		head = aligned_alloc(4096, SAVED_HEAD);
		error = head ? 0 : -ENOMEM;
	}
	if (!error) {
		memset(head, 0, SAVED_HEAD);
		memcpy(head, buf_text(&text), text.length);
		if (pwrite(fd, head, SAVED_HEAD, 0) != SAVED_HEAD)
			error = errno ? -errno : -EIO;
	}
	free(head);
	buf_done(&text);
	return error;
}

static bool number(const char *text, const char *key, uint64_t max, uint64_t *ret_value)
{
	char digits[NUM_TEXT];

	return control_value(text, key, digits, sizeof(digits)) &&
	       num_parse(digits, max, ret_value);
}

/* The lines of a head of this version. */
static bool parse(const char *head, struct saved *saved)
{
	const char *section = strstr(head, "\n\n");
	char uuid[UUID_TEXT];
	char state[16];
	uint64_t with_node;
	uint64_t length;

	if (!section || !control_value(head, "name", saved->name, sizeof(saved->name)) ||
	    !control_value(head, "uuid", uuid, sizeof(uuid)) || !uuid_parse(uuid, saved->uuid) ||
	    !control_value(head, "state", state, sizeof(state)) ||
	    !number(head, "with-node", 1, &with_node) ||
	    !number(head, "when", UINT64_MAX, &saved->when) ||
	    !number(head, "section", SAVED_HEAD, &length) || strlen(section + 2) != length)
		return false;
	saved->stands = !strcmp(state, "paused");
	saved->with_node = with_node;
	saved->section = strdup(section + 2);
	return saved->section != NULL;
}

/* Whether the process's part is all there. */
static bool is_whole(int fd)
{
	struct state_head state;
	struct stat status;
	uint64_t end;

	return pread(fd, &state, sizeof(state), SAVED_HEAD) == sizeof(state) &&
	       !memcmp(state.magic, STATE_MAGIC, strlen(STATE_MAGIC)) && !fstat(fd, &status) &&
	       !__builtin_add_overflow(state.memory_offset, state.memory_size, &end) &&
	       !__builtin_add_overflow(end, SAVED_HEAD, &end) && end <= (uint64_t)status.st_size;
}

int saved_read(int fd, const char *path, struct saved *ret_saved, struct buf *why)
{
	char *head = malloc(SAVED_HEAD + 1);
	struct saved saved = { 0 };
	ssize_t length = head ? pread(fd, head, SAVED_HEAD, 0) : 0;
	int error = head ? 0 : -ENOMEM;

	if (!error && length < 0) {
		error = -errno;
		buf_printf(why, "cannot read %s: %s", path, strerror(-error));
	}
	if (!error)
		head[length] = '\0';
	if (!error && strncmp(head, MAGIC, strlen(MAGIC))) {
		error = -EINVAL;
		buf_printf(why, "%s is no saved guest", path);
	} else if (!error && strncmp(head + strlen(MAGIC), VERSION "\n", 2)) {
		error = -EINVAL;
		buf_printf(why, "%s is a saved guest of version %.*s...; this node knows " VERSION,
		    path, (int)strnlen(head + strlen(MAGIC), 1), head + strlen(MAGIC));
	} else if (!error && length < (ssize_t)SAVED_HEAD) {
		error = -EINVAL;
		buf_printf(why, "%s is cut short: a part of the saved guest is missing", path);
	} else if (!error && !parse(head, &saved)) {
		error = -EINVAL;
		buf_printf(why, "%s is damaged: its head makes no sense", path);
	} else if (!error && !is_whole(fd)) {
		error = -EINVAL;
		buf_printf(why, "%s is cut short: a part of the saved guest is missing", path);
	}
	free(head);
	if (error)
		saved_done(&saved);
	else
		*ret_saved = saved;
	return error;
}

int saved_look(const char *path, struct saved *ret_saved, struct buf *why)
{
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	int error;

	if (fd < 0) {
		error = -errno;
		buf_printf(why, "cannot open %s: %s", path, strerror(-error));
		/* -ENOENT is a guest that does not exist. */
		return error == -ENOENT ? -ENODATA : error;
	}
	error = saved_read(fd, path, ret_saved, why);
	close(fd);
	return error;
}

int saved_change(const char *path, enum driver_go go, struct buf *why)
{
	struct saved saved = { 0 };
	int fd = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	int error = fd < 0 ? -errno : 0;

	if (error) {
		buf_printf(why, "cannot open %s: %s", path, strerror(-error));
		return error == -ENOENT ? -ENODATA : error;
	}
	error = saved_read(fd, path, &saved, why);
	if (!error && go != DRIVER_AS_IT_WAS && saved.stands != (go == DRIVER_STANDS)) {
		saved.stands = go == DRIVER_STANDS;
		error = saved_write(fd, &saved);
		if (!error && fsync(fd))
			error = -errno;
		if (error)
			buf_printf(why, "cannot write to %s: %s", path, strerror(-error));
	}
	saved_done(&saved);
	close(fd);
	return error;
}

int saved_config(const struct saved *saved, const char *text, size_t length, struct buf *why,
    struct config **ret_config)
{
	const struct conf_edit gone = {
		.verb = CONF_EDIT_REMOVE_SECTION, .section = "guest", .name = saved->name
	};
	struct buf merged = BUF_INIT;
	struct conf conf;
	struct config *config = NULL;
	uint8_t uuid[16];
	int error = conf_edit(text, length, &gone, 1, &merged, &conf);

	if (error == -EBADMSG)
		conf_diags_print(&conf.diags, "berth.conf", why);
	if (!error || error == -EBADMSG)
		conf_done(&conf);
	/* One that the file does not have. */
	if (error == -ENOENT)
		buf_add(&merged, text, length);
	else if (error)
		return error;
	buf_printf(&merged, "\n%s", saved->section);
	error = buf_ok(&merged) ? config_load(buf_text(&merged), merged.length, why, &config)
				: -ENOMEM;
	buf_done(&merged);
	if (!error && !config_guest(config, saved->name)) {
		buf_printf(why, "the section of guest \"%s\" is not its own", saved->name);
		error = -EINVAL;
	}
	if (!error) {
		identity_uuid(config_guest(config, saved->name), uuid);
		if (memcmp(uuid, saved->uuid, sizeof(uuid))) {
			buf_printf(
			    why, "the section of guest \"%s\" has another UUID", saved->name);
			error = -EINVAL;
		}
	}
	if (error)
		config_release(config);
	else
		*ret_config = config;
	return error;
}
