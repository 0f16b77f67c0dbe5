/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * drive VMM < SCRIPT: guests by hand, for tests in a machine that has KVM and little else. A script
 * is lines; what they print is for the test to look at.
 *
 * - define: the lines up to "run" are a definition. "@PATH" in them is opened and becomes the
 * number of its descriptor, "@tap:NAME" a queue of that tap; control, kvm and outcome are added.
 * - run: start it.
 * - console ID: attach to that console.
 * - expect TEXT: read the console until TEXT comes.
 * - send TEXT: that and a line end.
 * - ask REQUEST [@PATH...]: of the control socket, descriptors as in a definition beside it (a file
 *   that is not there is made); prints the answer.
 * - event TEXT: wait for an event that begins so.
 * - signal NUMBER: to the VMM.
 * - end: wait for its end; prints outcome and status.
 * - memory: prints what it holds beside the guest's memory, in KiB.
 * - shell COMMAND: in this machine, not in the guest.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define LINE_SIZE 4096
#define PATIENCE 120000
#define PASSED_MAX 4

static const char *vmm;
static int definition = -1;
static int listener = -1;
static int outcome = -1;
static int control = -1;
static int events = -1;
static int console = -1;
static pid_t child;
static char heard[1 << 20]; /* of the console, not yet looked at */
static size_t heard_length;
static struct timespec started;

static void die(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));

static void die(const char *format, ...)
{
	va_list arguments;

	fputs("drive: ", stdout);
	va_start(arguments, format);
	vprintf(format, arguments);
	va_end(arguments);
	printf(": %s\n", strerror(errno));
	if (heard_length)
		printf("drive: heard: %.*s\n", (int)heard_length, heard);
	if (child)
		kill(child, SIGKILL);
	exit(1);
}

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)(now.tv_sec - started.tv_sec) +
	       (double)(now.tv_nsec - started.tv_nsec) / 1e9;
}

static int open_place(const char *place)
{
	struct ifreq request = { .ifr_flags = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR };
	int fd;

	if (strncmp(place, "tap:", 4) == 0) {
		fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK);
		snprintf(request.ifr_name, sizeof(request.ifr_name), "%.15s", place + 4);
		if (fd < 0 || ioctl(fd, TUNSETIFF, &request))
			die("%s", place);
		return fd;
	}
	fd = open(place, O_RDWR);
	if (fd < 0)
		fd = open(place, O_RDONLY);
	if (fd < 0)
		die("%s", place);
	return fd;
}

/* A line of the definition, its "@PATH" opened. */
static void define(const char *line)
{
	const char *at;

	while ((at = strchr(line, '@'))) {
		char place[256];
		size_t length = strcspn(at + 1, " ,\n");

		snprintf(place, sizeof(place), "%.*s", (int)length, at + 1);
		dprintf(definition, "%.*s%d", (int)(at - line), line, open_place(place));
		line = at + 1 + length;
	}
	dprintf(definition, "%s\n", line);
}

static void begin(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX, .sun_path = "/tmp/drive.control" };

	definition = memfd_create("definition", 0);
	outcome = memfd_create("outcome", 0);
	unlink(address.sun_path);
	listener = socket(AF_UNIX, SOCK_SEQPACKET, 0);
	if (bind(listener, (struct sockaddr *)&address, sizeof(address)) || listen(listener, 4))
		die("control");
	dprintf(definition, "berth-guest 1\ncontrol fd=%d\noutcome fd=%d\nkvm fd=%d\n", listener,
	    outcome, open_place("/dev/kvm"));
}

static int connect_control(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX, .sun_path = "/tmp/drive.control" };
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	if (connect(fd, (struct sockaddr *)&address, sizeof(address)))
		die("connect");
	return fd;
}

static ssize_t receive(int fd, char *text, size_t size, const char *what)
{
	struct pollfd wait = { .fd = fd, .events = POLLIN };
	ssize_t length;

	if (poll(&wait, 1, PATIENCE) <= 0)
		die("%s: nothing comes", what);
	length = recv(fd, text, size - 1, 0);
	text[length > 0 ? length : 0] = '\0';
	return length;
}

/* A request with `count` descriptors. */
static void request(int fd, const char *text, const int *passed, size_t count)
{
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(PASSED_MAX * sizeof(int))];
	} aside = { .bytes = { 0 } };
	struct iovec part = { .iov_base = (void *)(uintptr_t)text, .iov_len = strlen(text) };
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };

	if (count) {
		message.msg_control = &aside;
		message.msg_controllen = CMSG_SPACE(count * sizeof(int));
		aside.align.cmsg_level = SOL_SOCKET;
		aside.align.cmsg_type = SCM_RIGHTS;
		aside.align.cmsg_len = CMSG_LEN(count * sizeof(int));
		memcpy(CMSG_DATA(&aside.align), passed, count * sizeof(int));
	}
	if (sendmsg(fd, &message, MSG_NOSIGNAL) < 0)
		die("%s", text);
}

static void ask(const char *text, const int *passed, size_t count)
{
	static char answer[65537];

	request(control, text, passed, count);
	receive(control, answer, sizeof(answer), text);
	printf("%s", answer);
}

/* The same for a line whose last words are "@PATH". */
static void ask_with_places(char *line)
{
	int passed[PASSED_MAX];
	size_t count = 0;

	for (char *at = strstr(line, " @"); at && count < PASSED_MAX; count++) {
		char *place = at + 2;

		*at = '\0';
		at = strstr(place, " @");
		if (at)
			*at = '\0';
		if (access(place, F_OK) && errno == ENOENT && strncmp(place, "tap:", 4) != 0)
			close(open(place, O_WRONLY | O_CREAT, 0600));
		passed[count] = open_place(place);
		if (at)
			*at = ' ';
	}
	ask(line, passed, count);
	while (count)
		close(passed[--count]);
}

static void run(void)
{
	char number[16];
	char answer[256];

	lseek(definition, 0, SEEK_SET);
	snprintf(number, sizeof(number), "%d", definition);
	clock_gettime(CLOCK_MONOTONIC, &started);
	child = fork();
	if (child == 0) {
		execl(vmm, vmm, number, (char *)NULL);
		_exit(127);
	}
	/* What was opened for it is its own; there are no others. */
	for (int fd = 3; fd < 64; fd++)
		if (fd != outcome)
			close(fd);
	control = connect_control();
	events = connect_control();
	request(events, "events", NULL, 0);
	receive(events, answer, sizeof(answer), "events");
	heard_length = 0;
}

static void attach(const char *id)
{
	int pair[2];
	char text[128];

	if (console >= 0)
		close(console);
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair))
		die("socketpair");
	snprintf(text, sizeof(text), "console %s", id);
	ask(text, &pair[1], 1);
	close(pair[1]);
	console = pair[0];
	heard_length = 0;
}

static void expect(const char *text)
{
	char *found;

	while (!(found = memmem(heard, heard_length, text, strlen(text)))) {
		struct pollfd wait = { .fd = console, .events = POLLIN };
		ssize_t length;

		if (poll(&wait, 1, PATIENCE) <= 0)
			die("\"%s\" does not come", text);
		length = read(console, heard + heard_length, sizeof(heard) - heard_length);
		if (length <= 0)
			die("the console ended before \"%s\"", text);
		heard_length += (size_t)length;
	}
	found += strlen(text);
	printf("%.*s\n", (int)(found - heard), heard);
	printf("drive: \"%s\" after %.2f s\n", text, seconds());
	heard_length -= (size_t)(found - heard);
	memmove(heard, found, heard_length);
}

static void await_event(const char *text)
{
	char packet[1024];

	do {
		if (receive(events, packet, sizeof(packet), text) <= 0)
			die("the control socket ended before \"%s\"", text);
		printf("%s\n", packet);
	} while (strncmp(packet, text, strlen(text)) != 0);
}

static void end(void)
{
	char text[512] = "";
	int status;

	if (waitpid(child, &status, 0) != child)
		die("wait");
	child = 0;
	if (pread(outcome, text, sizeof(text) - 1, 0) < 0)
		die("outcome");
	text[strcspn(text, "\n")] = '\0';
	printf("drive: outcome \"%s\" status %d signal %d\n", text,
	    WIFEXITED(status) ? WEXITSTATUS(status) : -1,
	    WIFSIGNALED(status) ? WTERMSIG(status) : 0);
}

/* Private pages of every mapping that is not the guest's memory, which is far larger than others.
 */
static void print_memory(void)
{
	char path[64];
	char line[LINE_SIZE];
	unsigned long long from;
	unsigned long long to;
	unsigned long own = 0;
	bool counts = true;
	FILE *maps;

	snprintf(path, sizeof(path), "/proc/%d/smaps", child);
	maps = fopen(path, "r");
	if (!maps)
		die("%s", path);
	while (fgets(line, sizeof(line), maps)) {
		unsigned long size;

		if (sscanf(line, "%llx-%llx ", &from, &to) == 2)
			counts = to - from < 32ull << 20;
		else if (counts && (sscanf(line, "Private_Clean: %lu kB", &size) == 1 ||
				       sscanf(line, "Private_Dirty: %lu kB", &size) == 1))
			own += size;
	}
	fclose(maps);
	printf("drive: private %lu KiB\n", own);
}

static void step(char *line)
{
	char *rest = line + strcspn(line, " ");

	if (*rest)
		*rest++ = '\0';
	if (strcmp(line, "define") == 0) {
		begin();
	} else if (strcmp(line, "run") == 0) {
		run();
	} else if (strcmp(line, "console") == 0) {
		attach(rest);
	} else if (strcmp(line, "expect") == 0) {
		expect(rest);
	} else if (strcmp(line, "send") == 0) {
		dprintf(console, "%s\n", rest);
	} else if (strcmp(line, "ask") == 0) {
		ask_with_places(rest);
	} else if (strcmp(line, "event") == 0) {
		await_event(rest);
	} else if (strcmp(line, "signal") == 0) {
		kill(child, atoi(rest));
	} else if (strcmp(line, "end") == 0) {
		end();
	} else if (strcmp(line, "shell") == 0) {
		fflush(stdout);
		printf("drive: shell ended with %d\n", system(rest));
	} else if (strcmp(line, "memory") == 0) {
		print_memory();
	} else if (*line) {
		die("\"%s\" is no step", line);
	}
	fflush(stdout);
}

int main(int count, char **arguments)
{
	char line[LINE_SIZE];
	bool defining = false;

	if (count != 2)
		die("usage: drive VMM < SCRIPT");
	vmm = arguments[1];
	signal(SIGPIPE, SIG_IGN);
	while (fgets(line, sizeof(line), stdin)) {
		line[strcspn(line, "\n")] = '\0';
		if (strcmp(line, "run") == 0)
			defining = false;
		if (defining)
			define(line);
		else
			step(line);
		if (strcmp(line, "define") == 0)
			defining = true;
	}
	return 0;
}
