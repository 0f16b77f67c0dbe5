/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A request's words and descriptors become a call of the machine. What a verb does not take over of
 * the descriptors is closed by whoever received them.
 */
#include "vmm/control_request.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/num.h"
#include "vmm/definition_parse.h"
#include "vmm/machine_file.h"

/* A descriptor that came along is from now on its taker's; -1: there is none of that number. */
static int take_fd(struct control_request *request, int number)
{
	int fd = -1;

	if (number >= 0 && (unsigned int)number < request->fd_count) {
		fd = request->fds[number];
		request->fds[number] = -1;
	}
	return fd;
}

static int do_status(struct control_request *request)
{
	machine_status(request->machine, &request->out);
	return 0;
}

static int do_stats(struct control_request *request)
{
	machine_stats(request->machine, &request->out);
	return 0;
}

static int do_pause(struct control_request *request)
{
	return machine_pause(request->machine, "user");
}

static int do_resume(struct control_request *request)
{
	return machine_resume(request->machine);
}

static int do_power_button(struct control_request *request)
{
	return machine_power_button(request->machine);
}

static int do_reset(struct control_request *request)
{
	return machine_reset(request->machine, &request->why);
}

static int do_stop(struct control_request *request)
{
	machine_stop(request->machine);
	return 0;
}

static int do_nmi(struct control_request *request)
{
	return machine_nmi(request->machine);
}

static int do_balloon(struct control_request *request)
{
	uint64_t bytes;

	if (!num_parse(request->words[1], UINT64_MAX / 2, &bytes))
		return why(
		    &request->why, -EINVAL, "\"%s\" is no number of bytes", request->words[1]);
	return machine_set_balloon(request->machine, bytes);
}

static int do_balloon_period(struct control_request *request)
{
	uint64_t seconds;

	if (!num_parse(request->words[1], DEFINITION_PERIOD_MAX, &seconds))
		return why(&request->why, -EINVAL, "\"%s\" is no number of seconds up to %d",
		    request->words[1], DEFINITION_PERIOD_MAX);
	return machine_set_balloon_period(request->machine, (unsigned int)seconds);
}

/* "all" takes a pin back: where the guest as a whole may be. */
static int do_pin(struct control_request *request)
{
	bool emulator = strcmp(request->words[1], "emulator") == 0;
	uint64_t vcpu;
	cpu_set_t cpus;
	int result;

	if (!emulator && !num_parse(request->words[1], DEFINITION_VCPUS_MAX - 1, &vcpu))
		return why(&request->why, -EINVAL, "\"%s\" is no vCPU", request->words[1]);
	if (strcmp(request->words[2], "all") == 0)
		memset(&cpus, 0xff, sizeof(cpus));
	else if (!definition_parse_cpus(request->words[2], &cpus))
		return why(
		    &request->why, -EINVAL, "pin %s: no list of processors", request->words[1]);
	result = machine_pin(request->machine, emulator ? -1 : (int)vcpu, &cpus);
	return result ? why_errno(&request->why, result, "pin %s", request->words[1]) : 0;
}

static int do_console(struct control_request *request)
{
	bool force = request->count == 3 && strcmp(request->words[2], "force") == 0;

	if (request->count == 3 && !force)
		return why(&request->why, -EINVAL, "\"%s\" is not known", request->words[2]);
	return machine_console(request->machine, request->words[1], take_fd(request, 0), force);
}

static int do_console_size(struct control_request *request)
{
	uint64_t columns;
	uint64_t rows;

	if (!num_parse(request->words[2], UINT16_MAX, &columns) ||
	    !num_parse(request->words[3], UINT16_MAX, &rows))
		return -EINVAL;
	return machine_console_size(
	    request->machine, request->words[1], (unsigned int)columns, (unsigned int)rows);
}

static int job_begun(struct control_request *request, int result)
{
	if (!result) {
		request->fds[0] = -1;
		request->later = true;
	}
	return result;
}

static int do_save(struct control_request *request)
{
	uint64_t base = 0;

	if (request->count == 2 &&
	    (strncmp(request->words[1], "offset=", 7) != 0 ||
		!num_parse(request->words[1] + 7, 1ull << 40, &base) || base % MACHINE_FILE_PAGE))
		return why(&request->why, -EINVAL, "\"%s\" is not known", request->words[1]);
	return job_begun(request,
	    machine_save(request->machine, request->fds[0], base, request->done, &request->why));
}

static int do_memory_dump(struct control_request *request)
{
	bool live = request->count == 2;

	if (live && strcmp(request->words[1], "live") != 0)
		return why(&request->why, -EINVAL, "\"%s\" is not known", request->words[1]);
	return job_begun(request,
	    machine_dump(request->machine, request->fds[0], live, request->done, &request->why));
}

static int do_job_cancel(struct control_request *request)
{
	machine_cancel_job(request->machine);
	return 0;
}

static int do_disk_resize(struct control_request *request)
{
	return machine_disk_resized(request->machine, request->words[1]);
}

/* The words of limits are those of a definition; what else a line of one must have is made up. */
static int do_disk_limit(struct control_request *request)
{
	struct definition_disk disk;
	char line[1280];
	int result;

	snprintf(line, sizeof(line), "id=%.63s fd=0 %s", request->words[1], request->rest);
	result = definition_parse_disk(line, &disk, &request->why);
	return result ? result : machine_limit_disk(request->machine, &disk);
}

static int do_nic_link(struct control_request *request)
{
	bool up = strcmp(request->words[2], "up") == 0;

	if (!up && strcmp(request->words[2], "down") != 0)
		return why(
		    &request->why, -EINVAL, "\"%s\" is neither up nor down", request->words[2]);
	return machine_set_link(request->machine, request->words[1], up);
}

static int do_nic_limit(struct control_request *request)
{
	struct definition_nic nic;
	char line[1280];
	int result;

	snprintf(line, sizeof(line), "id=%.63s fd=0 mac=02:00:00:00:00:00 %s", request->words[1],
	    request->rest);
	result = definition_parse_nic(line, &nic, &request->why);
	return result ? result : machine_limit_nic(request->machine, &nic);
}

static int do_disk_add(struct control_request *request)
{
	struct definition_disk disk;
	int result = definition_parse_disk(request->plug, &disk, &request->why);

	if (result)
		return result;
	disk.fd = take_fd(request, disk.fd);
	if (disk.fd < 0)
		return why(&request->why, -EBADF, "disk \"%s\": its descriptor did not come along",
		    disk.id);
	return machine_add_disk(request->machine, &disk, &request->why);
}

/* Those that a line names by their number among the ones that came; false: not all are there. */
static bool take_fds(struct control_request *request, struct definition_fds *fds)
{
	bool whole = true;

	for (unsigned int i = 0; i < fds->count; i++) {
		fds->fd[i] = take_fd(request, fds->fd[i]);
		whole &= fds->fd[i] >= 0;
	}
	return whole;
}

static void close_fds(const struct definition_fds *fds)
{
	for (unsigned int i = 0; i < fds->count; i++)
		if (fds->fd[i] >= 0)
			close(fds->fd[i]);
}

static int do_nic_add(struct control_request *request)
{
	struct definition_nic nic;
	int result = definition_parse_nic(request->plug, &nic, &request->why);
	bool has_taps;
	bool has_vhosts;

	if (result)
		return result;
	has_taps = take_fds(request, &nic.tap);
	has_vhosts = take_fds(request, &nic.vhost);
	if (!has_taps || !has_vhosts) {
		close_fds(&nic.tap);
		close_fds(&nic.vhost);
		return why(&request->why, -EBADF,
		    "nic \"%s\": a descriptor of it did not come along", nic.id);
	}
	return machine_add_nic(request->machine, &nic, &request->why);
}

static int do_disk_remove(struct control_request *request)
{
	return machine_remove_disk(request->machine, request->words[1]);
}

static int do_nic_remove(struct control_request *request)
{
	return machine_remove_nic(request->machine, request->words[1]);
}

static int do_devices(struct control_request *request)
{
	machine_devices(request->machine, &request->out);
	return 0;
}

static int do_events(struct control_request *request)
{
	request->wants_events = true;
	return 0;
}

static const struct verb {
	const char *name;
	unsigned int words_min; /* with the verb */
	unsigned int words_max;
	bool wants_fd;
	int (*serve)(struct control_request *request);
} verbs[] = {
	{ "status", 1, 1, false, do_status },
	{ "stats", 1, 1, false, do_stats },
	{ "pause", 1, 1, false, do_pause },
	{ "resume", 1, 1, false, do_resume },
	{ "power-button", 1, 1, false, do_power_button },
	{ "reset", 1, 1, false, do_reset },
	{ "stop", 1, 1, false, do_stop },
	{ "nmi", 1, 1, false, do_nmi },
	{ "balloon", 2, 2, false, do_balloon },
	{ "balloon-period", 2, 2, false, do_balloon_period },
	{ "pin", 3, 3, false, do_pin },
	{ "console", 2, 3, true, do_console },
	{ "console-size", 4, 4, false, do_console_size },
	{ "save", 1, 2, true, do_save },
	{ "memory-dump", 1, 2, true, do_memory_dump },
	{ "job-cancel", 1, 1, false, do_job_cancel },
	{ "devices", 1, 1, false, do_devices },
	{ "disk-add", 2, CONTROL_WORDS_MAX, true, do_disk_add },
	{ "disk-remove", 2, 2, false, do_disk_remove },
	{ "disk-resize", 2, 2, false, do_disk_resize },
	{ "disk-limit", 2, CONTROL_WORDS_MAX, false, do_disk_limit },
	{ "nic-add", 2, CONTROL_WORDS_MAX, true, do_nic_add },
	{ "nic-remove", 2, 2, false, do_nic_remove },
	{ "nic-link", 3, 3, false, do_nic_link },
	{ "nic-limit", 2, CONTROL_WORDS_MAX, false, do_nic_limit },
	{ "events", 1, 1, false, do_events },
};

static void split(struct control_request *request, char *text)
{
	char *rest = NULL;
	const char *second = strchr(text, ' ');
	const char *third = second ? strchr(second + 1, ' ') : NULL;
	char *word;

	if (second && strlen(second) < sizeof(request->plug))
		snprintf(request->plug, sizeof(request->plug), "%s", second + 1);
	if (third && strlen(third) < sizeof(request->rest))
		snprintf(request->rest, sizeof(request->rest), "%s", third + 1);
	word = strtok_r(text, " ", &rest);
	while (word && request->count < CONTROL_WORDS_MAX) {
		request->words[request->count++] = word;
		word = strtok_r(NULL, " ", &rest);
	}
}

int control_request_serve(struct control_request *request, char *text)
{
	const struct verb *verb = NULL;

	split(request, text);
	if (!request->count)
		return why(&request->why, -EINVAL, "an empty request");
	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (strcmp(verbs[i].name, request->words[0]) == 0)
			verb = &verbs[i];
	if (!verb)
		return why(&request->why, -ENOTSUP, "\"%.64s\" is not known", request->words[0]);
	if (request->count < verb->words_min || request->count > verb->words_max)
		return why(&request->why, -EINVAL, "%s: %u words", verb->name, request->count);
	if (verb->wants_fd && !request->fd_count)
		return why(&request->why, -EBADF, "%s: no descriptor came along", verb->name);
	return verb->serve(request);
}
