/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * guest-tool: what tests and measurements do inside a guest that BusyBox has no program for.
 *
 * read DEVICE SECONDS DEPTH: random 4 KiB reads, DEPTH in flight; operations a second
 *
 * stamp DEVICE FIRST: numbered blocks from FIRST on, flushed one by one, each told when it is safe
 *
 * check DEVICE COUNT: whether blocks 0 to COUNT-1 are as stamped
 *
 * serve PORT: answer each connection with a line that names this guest; PORT may be vsock:PORT
 *
 * ask ADDRESS PORT: print what comes; ADDRESS may be vsock:CID
 *
 * sink PORT: take one connection's bytes; their number and rate
 *
 * send ADDRESS PORT MIB: send that many bytes
 *
 * eat MIB: touch that much memory and keep it
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/aio_abi.h>
#include <linux/vm_sockets.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define BLOCK 4096
#define DEPTH_MOST 256
#define STAMP UINT64_C(0x62657274682d3031)

static void __attribute__((noreturn)) fail(const char *what, const char *which)
{
	fprintf(stderr, "guest-tool: %s \"%s\": %s\n", what, which, strerror(errno));
	exit(1);
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static unsigned long number(const char *text)
{
	char *end;
	unsigned long value = strtoul(text, &end, 10);

	if (!*text || *end) {
		fprintf(stderr, "guest-tool: \"%s\" is not a number\n", text);
		exit(100);
	}
	return value;
}

/* xorshift64: repeatable, and fast beside an emulated disk. */
static uint64_t random_next(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

static int read_random(char **argument)
{
	unsigned depth = (unsigned)number(argument[2]);
	struct iocb jobs[DEPTH_MOST] = { 0 }, *list[DEPTH_MOST];
	struct io_event events[DEPTH_MOST];
	aio_context_t context = 0;
	uint64_t bytes = 0, state = UINT64_C(88172645463325252), done = 0;
	double start, end;
	char *memory;
	int fd = open(argument[0], O_RDONLY | O_DIRECT | O_CLOEXEC);

	if (fd < 0 || ioctl(fd, BLKGETSIZE64, &bytes))
		fail("cannot open the disk", argument[0]);
	if (!depth || depth > DEPTH_MOST || bytes < BLOCK || syscall(SYS_io_setup, depth, &context))
		fail("cannot read at that depth", argument[2]);
	memory = aligned_alloc(BLOCK, (size_t)depth * BLOCK);
	for (unsigned i = 0; memory && i < depth; i++) {
		list[i] = &jobs[i];
		jobs[i] = (struct iocb){ .aio_lio_opcode = IOCB_CMD_PREAD,
			.aio_fildes = (uint32_t)fd,
			.aio_data = i,
			.aio_nbytes = BLOCK,
			.aio_buf = (uint64_t)(uintptr_t)(memory + (size_t)i * BLOCK) };
		jobs[i].aio_offset = (int64_t)(random_next(&state) % (bytes / BLOCK) * BLOCK);
	}
	start = now();
	end = start + (double)number(argument[1]);
	if (!memory || syscall(SYS_io_submit, context, depth, list) != (long)depth)
		fail("cannot read", argument[0]);
	while (now() < end) {
		long got = syscall(SYS_io_getevents, context, 1, depth, events, NULL);

		if (got < 0)
			fail("cannot read", argument[0]);
		for (long i = 0; i < got; i++) {
			if (events[i].res != BLOCK)
				fail("a read failed on", argument[0]);
			list[i] = &jobs[events[i].data];
			list[i]->aio_offset = (int64_t)(random_next(&state) % (bytes / BLOCK) *
							BLOCK);
		}
		done += (uint64_t)got;
		if (syscall(SYS_io_submit, context, got, list) != got)
			fail("cannot read", argument[0]);
	}
	printf("guest-tool: %.0f reads/s\n", (double)done / (now() - start));
	return 0;
}

static void fill(uint64_t *block, uint64_t which)
{
	for (size_t i = 0; i < BLOCK / sizeof(*block); i++)
		block[i] = STAMP ^ (which * 1000003 + i);
}

/* Nothing is told before fdatasync() came back: what is told must survive whatever comes next. */
static int stamp(char **argument)
{
	uint64_t block[BLOCK / sizeof(uint64_t)], bytes = 0;
	int fd = open(argument[0], O_WRONLY | O_CLOEXEC);

	if (fd < 0 || ioctl(fd, BLKGETSIZE64, &bytes))
		fail("cannot open the disk", argument[0]);
	for (uint64_t which = number(argument[1]); which < bytes / BLOCK; which++) {
		fill(block, which);
		if (pwrite(fd, block, BLOCK, (off_t)(which * BLOCK)) != BLOCK || fdatasync(fd))
			fail("cannot write", argument[0]);
		printf("flushed %llu\n", (unsigned long long)which);
		fflush(stdout);
	}
	return 0;
}

static int check(char **argument)
{
	uint64_t block[BLOCK / sizeof(uint64_t)], wanted[BLOCK / sizeof(uint64_t)];
	uint64_t count = number(argument[1]);
	int fd = open(argument[0], O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		fail("cannot open the disk", argument[0]);
	for (uint64_t which = 0; which < count; which++) {
		fill(wanted, which);
		if (pread(fd, block, BLOCK, (off_t)(which * BLOCK)) != BLOCK)
			fail("cannot read", argument[0]);
		if (memcmp(block, wanted, BLOCK)) {
			printf("guest-tool: block %llu is not as stamped\n",
			    (unsigned long long)which);
			return 1;
		}
	}
	printf("guest-tool: %llu blocks are as stamped\n", (unsigned long long)count);
	return 0;
}

/* What follows "vsock:"; NULL: something else. */
static const char *of_vsock(const char *text)
{
	return strncmp(text, "vsock:", 6) ? NULL : text + 6;
}

static int listen_on_vsock(const char *port)
{
	struct sockaddr_vm any = { .svm_family = AF_VSOCK,
		.svm_cid = VMADDR_CID_ANY,
		.svm_port = (unsigned int)number(port) };
	int fd = socket(AF_VSOCK, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&any, sizeof(any)) || listen(fd, 16))
		fail("cannot listen on vsock's port", port);
	return fd;
}

static int listen_on(const char *port)
{
	struct sockaddr_in6 any = { .sin6_family = AF_INET6 };
	int fd, on = 1;

	if (of_vsock(port))
		return listen_on_vsock(of_vsock(port));
	any.sin6_port = htons((uint16_t)number(port));
	fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) ||
	    bind(fd, (struct sockaddr *)&any, sizeof(any)) || listen(fd, 16))
		fail("cannot listen on port", port);
	return fd;
}

static int serve(char **argument)
{
	int server = listen_on(argument[0]);
	char line[128] = "", name[64] = "";

	gethostname(name, sizeof(name) - 1);
	snprintf(line, sizeof(line), "this is %s\n", name);
	for (;;) {
		int fd = accept(server, NULL, NULL);

		if (fd < 0)
			fail("cannot accept on port", argument[0]);
		if (send(fd, line, strlen(line), MSG_NOSIGNAL) < 0)
			fprintf(stderr, "guest-tool: a client went away\n");
		close(fd);
	}
}

static int take(char **argument)
{
	static char buffer[1 << 18];
	int server = listen_on(argument[0]), fd;
	double start;
	uint64_t total = 0;
	ssize_t got;

	puts("guest-tool: listening");
	fflush(stdout);
	fd = accept(server, NULL, NULL);
	start = now();
	while ((got = read(fd, buffer, sizeof(buffer))) > 0)
		total += (uint64_t)got;
	if (got < 0)
		fail("cannot receive on port", argument[0]);
	printf("guest-tool: %llu bytes, %.1f MiB/s\n", (unsigned long long)total,
	    (double)total / 1048576 / (now() - start));
	return 0;
}

static int connect_to(const char *address, const char *port)
{
	struct sockaddr_in to = { .sin_family = AF_INET };
	struct sockaddr_vm other = { .svm_family = AF_VSOCK,
		.svm_port = (unsigned int)number(port) };
	int fd;

	if (of_vsock(address)) {
		other.svm_cid = (unsigned int)number(of_vsock(address));
		fd = socket(AF_VSOCK, SOCK_STREAM | SOCK_CLOEXEC, 0);
		if (fd < 0 || connect(fd, (struct sockaddr *)&other, sizeof(other)))
			fail("cannot connect to", address);
		return fd;
	}
	to.sin_port = htons((uint16_t)number(port));
	fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (inet_pton(AF_INET, address, &to.sin_addr) != 1 ||
	    connect(fd, (struct sockaddr *)&to, sizeof(to)))
		fail("cannot connect to", address);
	return fd;
}

static int ask(char **argument)
{
	char text[256];
	int fd = connect_to(argument[0], argument[1]);
	ssize_t got;

	while ((got = read(fd, text, sizeof(text))) > 0)
		fwrite(text, 1, (size_t)got, stdout);
	if (got < 0)
		fail("cannot receive from", argument[0]);
	return 0;
}

static int send_bytes(char **argument)
{
	static char buffer[1 << 18];
	uint64_t left = (uint64_t)number(argument[2]) << 20;
	int fd = connect_to(argument[0], argument[1]);

	memset(buffer, 'b', sizeof(buffer));
	while (left) {
		ssize_t sent = write(fd, buffer, left < sizeof(buffer) ? left : sizeof(buffer));

		if (sent < 0)
			fail("cannot send to", argument[0]);
		left -= (uint64_t)sent;
	}
	/* Until the other side has it all: who measures may end this guest then. */
	shutdown(fd, SHUT_WR);
	return read(fd, buffer, 1) != 0;
}

static int eat(char **argument)
{
	size_t size = number(argument[0]) << 20;
	volatile char *memory = malloc(size);

	if (!memory)
		fail("cannot have MiB", argument[0]);
	/* Not by memset(), which the compiler leaves out, since nobody looks at what it wrote. */
	for (size_t at = 0; at < size; at += BLOCK)
		memory[at] = 1;
	printf("guest-tool: ate %s MiB\n", argument[0]);
	fflush(stdout);
	for (;;)
		pause();
}

static const struct verb {
	const char *name;
	int arguments;
	int (*run)(char **argument);
} verbs[] = {
	{ "read", 3, read_random },
	{ "stamp", 2, stamp },
	{ "check", 2, check },
	{ "serve", 1, serve },
	{ "ask", 2, ask },
	{ "sink", 1, take },
	{ "send", 3, send_bytes },
	{ "eat", 1, eat },
};

int main(int count, char **argument)
{
	signal(SIGPIPE, SIG_IGN);
	for (size_t i = 0; count > 1 && i < sizeof(verbs) / sizeof(verbs[0]); i++) {
		if (!strcmp(verbs[i].name, argument[1]) && count - 2 == verbs[i].arguments)
			return verbs[i].run(argument + 2);
	}
	fprintf(stderr, "usage: guest-tool read|stamp|check|serve|ask|sink|send|eat ARGUMENT...\n");
	return 100;
}
