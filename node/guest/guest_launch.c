/* SPDX-License-Identifier: GPL-2.0-only */
/* From a section of the file to a process. */
#include "node/guest/guest_parts.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/file.h"
#include "node/guest/cgroup.h"
#include "node/guest/definition.h"
#include "node/guest/guest_log.h"
#include "node/guest/memory.h"
#include "node/guest/refusal.h"
#include "node/guest/resources.h"
#include "node/guest/saved.h"

/* Users of guests' processes: one each, which owns nothing. */
#define FIRST_USER 100000
#define USERS 100000

static char **make_names(unsigned int count)
{
	return calloc(count + 1, sizeof(char *));
}

static void free_names(char **names)
{
	for (char **name = names; name && *name; name++)
		free(*name);
	free(names);
}

void guest_forget_names(struct guest *guest)
{
	free_names(guest->taps);
	free_names(guest->disks);
	guest->taps = NULL;
	guest->disks = NULL;
}

int guest_add_name(char ***names, char *name)
{
	unsigned int count = 0;
	char **longer;

	while (*names && (*names)[count])
		count++;
	longer = realloc(*names, (count + 2) * sizeof(*longer));
	if (!longer)
		return -ENOMEM;
	longer[count] = name;
	longer[count + 1] = NULL;
	*names = longer;
	return 0;
}

void guest_remove_name(char **names, unsigned int index)
{
	unsigned int count = 0;

	while (names && names[count])
		count++;
	if (index >= count)
		return;
	free(names[index]);
	memmove(&names[index], &names[index + 1], (count - index) * sizeof(*names));
}

static int remember_names(struct guest *guest, const struct resources *resources)
{
	size_t length = 0;

	guest_forget_names(guest);
	guest->kept.taps[0] = '\0';
	guest->taps = make_names(resources->nic_count);
	guest->disks = make_names(resources->disk_count);
	if (!guest->taps || !guest->disks)
		return -ENOMEM;
	for (unsigned int i = 0; i < resources->nic_count; i++) {
		guest->taps[i] = strdup(resources->nics[i].tap);
		if (!guest->taps[i])
			return -ENOMEM;
		if (length < sizeof(guest->kept.taps))
			length += (size_t)snprintf(guest->kept.taps + length,
			    sizeof(guest->kept.taps) - length, i ? " %s" : "%s", guest->taps[i]);
	}
	for (unsigned int i = 0; i < resources->disk_count; i++) {
		guest->disks[i] = strdup(resources->disks[i].path);
		if (!guest->disks[i])
			return -ENOMEM;
	}
	return 0;
}

/* Where a disk of a section is, without opening it. */
static char *disk_path(const struct guest *guest, const struct conf_disk *disk)
{
	const struct conf_pool *pool = guest->used->conf.model.pools;
	size_t length = strcspn(disk->source, "/");
	char path[2 * NODE_PATH];

	while (pool && (strlen(pool->name) != length || strncmp(pool->name, disk->source, length)))
		pool = pool->next;
	if (!length || !pool || !pool->path)
		return strdup(disk->source);
	snprintf(path, sizeof(path), "%s%s%s%s", *pool->path == '/' ? "" : guest->env->paths->data,
	    *pool->path == '/' ? "" : "/", pool->path, disk->source + length);
	return strdup(path);
}

void guest_recall_names(struct guest *guest)
{
	unsigned int count = 0;
	unsigned int index = 0;
	const char *at = guest->kept.taps;

	guest_forget_names(guest);
	for (const struct conf_nic *nic = guest->running->nics; nic; nic = nic->next)
		count++;
	guest->taps = make_names(count);
	for (; guest->taps && index < count && *at; index++) {
		size_t length = strcspn(at, " ");

		guest->taps[index] = strndup(at, length);
		at += length + (at[length] == ' ');
	}
	count = 0;
	index = 0;
	for (const struct conf_disk *disk = guest->running->disks; disk; disk = disk->next)
		count++;
	guest->disks = make_names(count);
	for (const struct conf_disk *disk = guest->running->disks; guest->disks && disk;
	     disk = disk->next)
		guest->disks[index++] = disk_path(guest, disk);
}

static int make_folder(const struct guest *guest, struct buf *why)
{
	char path[NODE_PATH];
	int error = 0;

	snprintf(path, sizeof(path), "%s/guests", guest->env->paths->run);
	if ((mkdir(path, 0700) < 0 && errno != EEXIST) ||
	    (mkdir(guest_path(guest, NULL, path), 0700) < 0 && errno != EEXIST)) {
		error = -errno;
		buf_printf(why, "cannot make the folder %s: %s", path, strerror(-error));
	}
	return error;
}

static int write_definition(
    struct guest *guest, const struct resources *resources, bool paused, int load, struct buf *why)
{
	const struct definition_options options = {
		.user = FIRST_USER + (unsigned int)(guest->kept.id % USERS),
		.paused = paused,
		.load = load,
		.load_offset = SAVED_HEAD,
		.sandbox_off = guest->env->sandbox_off,
	};
	struct buf text = BUF_INIT;
	char path[NODE_PATH];
	int fd = resources->fds.fds[resources->definition - SPAWN_FIRST];
	int error = 0;

	definition_write(guest->running, resources, &options, &text);
	if (!buf_ok(&text))
		error = -ENOMEM;
	else if (pwrite(fd, buf_text(&text), text.length, 0) != (ssize_t)text.length)
		error = -EIO;
	buf_done(&text);
	/* With which file it runs, for a daemon that finds it. */
	if (!error)
		error = file_replace(guest_path(guest, "berth.conf", path), guest->used->text,
		    guest->used->length, 0600);
	if (error)
		buf_printf(why, "cannot write the definition: %s", strerror(-error));
	return error;
}

static int start_process(struct guest *guest, const struct resources *resources, struct buf *why)
{
	char program[NODE_PATH];
	char number[16];
	char *arguments[] = { program, number, NULL };
	struct spawn_config config = { .program = guest->env->paths->vmm,
		.arguments = arguments,
		.fds = &resources->fds,
		.outcome = resources->outcome,
		.isolate = guest->env->paths->cgroup != NULL,
		.group = -1 };
	struct spawned spawned;
	int error;

	snprintf(program, sizeof(program), "%s", guest->env->paths->vmm);
	snprintf(number, sizeof(number), "%d", resources->definition);
	error = cgroup_open(guest->env->paths, guest->running, why, &config.group);
	if (error)
		return error;
	config.log = guest_log_open(guest->env->paths, guest->name, GUEST_LOG_SIZE);
	error = config.log < 0 ? config.log : spawn(&config, &spawned);
	if (config.group >= 0)
		close(config.group);
	if (config.log >= 0)
		close(config.log);
	if (error) {
		buf_printf(why, "cannot start %s: %s", program, strerror(-error));
		return error;
	}
	guest->pidfd = spawned.pidfd;
	guest->kept.pid = spawned.pid;
	guest->kept.born = persist_born(guest->env->paths->proc, spawned.pid);
	guest->kept.started = loop_time(guest->env->loop);
	guest_save(guest);
	/* One that has died already is found dead like any other. */
	(void)spawn_open_gate(&spawned);
	return 0;
}

/* What the process loads, by its number there. */
static int pass_source(
    const struct guest_source *source, struct resources *resources, int *ret_number)
{
	int fd = fcntl(source->fd, F_DUPFD_CLOEXEC, 0);
	int number = fd < 0 ? -errno : spawn_fds_add(&resources->fds, fd);

	*ret_number = number;
	return number < 0 ? number : 0;
}

int guest_launch(
    struct guest *guest, bool paused, const struct guest_source *source, struct buf *why)
{
	struct resources *resources = calloc(1, sizeof(*resources));
	char folder[NODE_PATH];
	int load = 0;
	int error = resources ? 0 : -ENOMEM;

	if (!error && refusal_of(guest->running, why))
		error = -EOPNOTSUPP;
	if (!error)
		error = memory_admit(guest->env->paths, guest->running, why);
	if (!error)
		error = make_folder(guest, why);
	if (!error)
		error = resources_open(guest->env->paths, &guest->used->conf.model, guest->running,
		    guest_path(guest, NULL, folder), why, resources);
	if (error) {
		if (!why->length)
			buf_puts(why, strerror(-error));
		free(resources);
		return error;
	}
	guest->kept.id = ++guest->env->last_id;
	error = remember_names(guest, resources);
	if (!error && source)
		error = pass_source(source, resources, &load);
	if (!error)
		error = write_definition(guest, resources, paused, load, why);
	if (!error)
		error = start_process(guest, resources, why);
	resources_done(resources);
	free(resources);
	if (error && !why->length)
		buf_puts(why, strerror(-error));
	return error;
}
