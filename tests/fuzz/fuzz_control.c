/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Clients of the control socket that do what the input says: connect, ask with any bytes and
 * descriptors, hang up, do not read. Every answer has its form, and no descriptor stays. The
 * machine needs KVM and is left out: here is what control calls, holding it to its contract.
 */
#include "tests/fuzz/script.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "vmm/control.h"
#include "vmm/machine_file.h"

#define CLIENTS (CONTROL_CONNECTIONS_MAX + 2)
#define FDS_MOST 6

/* What an act of the machine comes to: the input decides. */
static int outcome;
static struct machine_done job;

static int with_id(const char *id)
{
	check(id != NULL && strlen(id) < CONTROL_PACKET_MAX);
	return outcome;
}

static int with_reason(int fd, struct why *ret_why)
{
	check(fcntl(fd, F_GETFD) >= 0);
	if (outcome)
		snprintf(ret_why->text, sizeof(ret_why->text), "as the input wants it");
	return outcome;
}

int machine_pause(struct machine *machine, const char *reason)
{
	(void)machine;
	return with_id(reason);
}

int machine_resume(struct machine *machine)
{
	(void)machine;
	return outcome;
}

int machine_reset(struct machine *machine, struct why *ret_why)
{
	(void)machine;
	(void)ret_why;
	return outcome;
}

int machine_power_button(struct machine *machine)
{
	(void)machine;
	return outcome;
}

int machine_nmi(struct machine *machine)
{
	(void)machine;
	return outcome;
}

void machine_stop(struct machine *machine)
{
	(void)machine;
}

/* One at a time; it has its descriptor, and ends when the input says so. */
static int begin_job(int fd, struct machine_done done, struct why *ret_why)
{
	int result = with_reason(fd, ret_why);

	if (result)
		return result;
	if (job.call)
		return -EBUSY;
	job = done;
	close(fd);
	return 0;
}

static void end_job(int result)
{
	struct machine_done ended = job;

	job = (struct machine_done){ 0 };
	if (ended.call)
		ended.call(ended.context, result, result ? "as the input wants it" : NULL);
}

int machine_save(
    struct machine *machine, int fd, uint64_t base, struct machine_done done, struct why *ret_why)
{
	(void)machine;
	check(base % MACHINE_FILE_PAGE == 0);
	return begin_job(fd, done, ret_why);
}

int machine_dump(
    struct machine *machine, int fd, bool live, struct machine_done done, struct why *ret_why)
{
	(void)machine;
	(void)live;
	return begin_job(fd, done, ret_why);
}

void machine_cancel_job(struct machine *machine)
{
	(void)machine;
	end_job(-ECANCELED);
}

void machine_status(struct machine *machine, struct buf *out)
{
	(void)machine;
	buf_printf(out, "state=running\n");
}

void machine_stats(struct machine *machine, struct buf *out)
{
	(void)machine;
	for (int i = 0; i < 1000 * -outcome; i++)
		buf_printf(out, "disk.%d.read-bytes=18446744073709551615\n", i);
}

int machine_disk_resized(struct machine *machine, const char *id)
{
	(void)machine;
	return with_id(id);
}

int machine_limit_disk(struct machine *machine, const struct definition_disk *disk)
{
	(void)machine;
	check(memchr(disk->id, '\0', sizeof(disk->id)) != NULL);
	return outcome;
}

int machine_set_link(struct machine *machine, const char *id, bool up)
{
	(void)machine;
	(void)up;
	return with_id(id);
}

int machine_limit_nic(struct machine *machine, const struct definition_nic *nic)
{
	(void)machine;
	check(memchr(nic->id, '\0', sizeof(nic->id)) != NULL);
	return outcome;
}

int machine_add_disk(
    struct machine *machine, const struct definition_disk *disk, struct why *ret_why)
{
	int result = with_reason(disk->fd, ret_why);

	(void)machine;
	close(disk->fd);
	return result;
}

static int take_over(const struct definition_fds *fds, struct why *ret_why)
{
	int result = 0;

	for (unsigned int i = 0; i < fds->count; i++) {
		result = with_reason(fds->fd[i], ret_why);
		close(fds->fd[i]);
	}
	return result;
}

int machine_add_nic(struct machine *machine, const struct definition_nic *nic, struct why *ret_why)
{
	(void)machine;
	(void)take_over(&nic->vhost, ret_why);
	return take_over(&nic->tap, ret_why);
}

int machine_remove_disk(struct machine *machine, const char *id)
{
	(void)machine;
	return with_id(id);
}

int machine_remove_nic(struct machine *machine, const char *id)
{
	(void)machine;
	return with_id(id);
}

void machine_devices(struct machine *machine, struct buf *out)
{
	machine_stats(machine, out);
}

int machine_set_balloon(struct machine *machine, uint64_t bytes)
{
	(void)machine;
	check(bytes <= UINT64_MAX / 2);
	return outcome;
}

int machine_set_balloon_period(struct machine *machine, unsigned int seconds)
{
	(void)machine;
	check(seconds <= DEFINITION_PERIOD_MAX);
	return outcome;
}

int machine_pin(struct machine *machine, int vcpu, const cpu_set_t *cpus)
{
	(void)machine;
	check(vcpu >= -1 && vcpu < DEFINITION_VCPUS_MAX);
	(void)cpus;
	return outcome;
}

int machine_console(struct machine *machine, const char *id, int fd, bool force)
{
	(void)machine;
	(void)force;
	check(close(fd) == 0);
	return with_id(id);
}

int machine_console_size(
    struct machine *machine, const char *id, unsigned int columns, unsigned int rows)
{
	(void)machine;
	check(columns <= UINT16_MAX && rows <= UINT16_MAX);
	return with_id(id);
}

struct rig {
	struct loop *loop;
	struct control *control;
	struct sockaddr_un address;
	socklen_t length;
	int clients[CLIENTS];
};

static void connect_client(struct rig *rig, int *client)
{
	if (*client >= 0)
		return;
	*client = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	check(*client >= 0);
	if (connect(*client, (struct sockaddr *)&rig->address, rig->length)) {
		close(*client);
		*client = -1;
	}
}

/* Verbs with words that are near to right ones, or any bytes. */
static size_t compose(struct script *script, char *text, size_t size)
{
	static const char *const words[] = { "status", "stats", "pause", "resume", "power-button",
		"reset", "stop", "nmi", "balloon", "balloon-period", "console", "console-size",
		"save", "memory-dump", "job-cancel", "disk-add", "disk-remove", "disk-resize",
		"disk-limit", "nic-add", "nic-remove", "nic-link", "nic-limit", "events", "vda",
		"net0", "up", "down", "force", "1000000", "80", "65535", "read-rate=100",
		"write-iops=5", "in=1,2,3", "out=9", "id=a", "fd=0", "mac=52:54:00:00:00:01", "\n",
		" ", "" };
	uint64_t choice = script_take(script, 1);
	size_t length = 0;

	if (choice == 255) {
		memset(text, 'x', size);
		return size;
	}
	for (uint64_t left = choice % 8; left && length < size - 64; left--) {
		const char *word = words[script_take(script, 1) % (sizeof(words) / sizeof(*words))];

		length += (size_t)snprintf(text + length, 64, "%s%s", length ? " " : "", word);
	}
	for (uint64_t changes = choice >> 6; changes && length; changes--)
		text[script_take(script, 1) % length] = (char)script_take(script, 1);
	return length;
}

static void send_request(struct script *script, int client)
{
	static char text[CONTROL_PACKET_MAX + 2];
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(FDS_MOST * sizeof(int))];
	} aside = { .bytes = { 0 } };
	struct iovec part = { .iov_base = text };
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };
	size_t count = script_take(script, 1) % (FDS_MOST + 1);

	part.iov_len = compose(script, text, sizeof(text));
	if (count) {
		message.msg_control = &aside;
		message.msg_controllen = CMSG_SPACE(count * sizeof(int));
		aside.align.cmsg_level = SOL_SOCKET;
		aside.align.cmsg_type = SCM_RIGHTS;
		aside.align.cmsg_len = CMSG_LEN(count * sizeof(int));
		for (size_t i = 0; i < count; i++)
			memcpy(CMSG_DATA(&aside.align) + i * sizeof(int), &client, sizeof(client));
	}
	(void)!sendmsg(client, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
}

static void read_answer(int client)
{
	static char text[CONTROL_PACKET_MAX + 1];
	ssize_t length = recv(client, text, sizeof(text) - 1, MSG_DONTWAIT);

	if (length <= 0)
		return;
	text[length] = '\0';
	check(length <= CONTROL_PACKET_MAX && strlen(text) == (size_t)length);
	check(strncmp(text, "ok\n", 3) == 0 || strncmp(text, "error E", 7) == 0 ||
	      strncmp(text, "event ", 6) == 0);
}

static unsigned int count_descriptors(void)
{
	DIR *folder = opendir("/proc/self/fd");
	unsigned int count = 0;

	check(folder != NULL);
	while (readdir(folder))
		count++;
	closedir(folder);
	return count;
}

static void act(struct rig *rig, struct script *script)
{
	int *client = &rig->clients[script_take(script, 1) % CLIENTS];

	connect_client(rig, client);
	switch (script_take(script, 1) % 8) {
	case 0:
		if (*client >= 0)
			close(*client);
		*client = -1;
		break;
	case 1:
		if (*client >= 0)
			read_answer(*client);
		break;
	case 2:
		control_event(rig->control, "event %s %s", "paused", "user");
		break;
	case 3:
		outcome = -(int)(script_take(script, 1) % 3);
		break;
	case 4:
		end_job(outcome);
		break;
	default:
		if (*client >= 0)
			send_request(script, *client);
		break;
	}
	check(loop_step(rig->loop, 0) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct script script = { data, size };
	struct rig rig = { .address = { .sun_family = AF_UNIX }, .length = sizeof(rig.address) };
	int listener = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	unsigned int before = count_descriptors();

	/* A name of the kernel's choice, in no file system (unix(7), "autobind"). */
	check(bind(listener, (struct sockaddr *)&rig.address, sizeof(sa_family_t)) == 0);
	check(getsockname(listener, (struct sockaddr *)&rig.address, &rig.length) == 0);
	check(listen(listener, CLIENTS) == 0 && loop_create(&rig.loop) == 0);
	check(control_listen(rig.loop, listener, NULL, &rig.control) == 0);
	for (unsigned int i = 0; i < CLIENTS; i++)
		rig.clients[i] = -1;
	outcome = 0;
	while (script.left)
		act(&rig, &script);
	for (unsigned int i = 0; i < CLIENTS; i++)
		if (rig.clients[i] >= 0)
			close(rig.clients[i]);
	end_job(0);
	control_close(rig.control);
	loop_free(rig.loop);
	check(count_descriptors() == before - 1);
	return 0;
}
