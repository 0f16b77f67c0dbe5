/* SPDX-License-Identifier: GPL-2.0-only */
#include "cli/virsh/relay.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cli/virsh/conn_transport.h"
#include "cli/virsh/files.h"

#define BLOCK 65536
#define NETCAT_WORDS 64

/* Some bytes of one side to the other; false when one has ended. */
static bool pass(int from, int to)
{
	static char block[BLOCK];
	ssize_t got = read(from, block, sizeof(block));

	if (got < 0)
		return errno == EINTR || errno == EAGAIN;
	return got > 0 && files_write(to, block, (size_t)got);
}

/* The connection ends with either side: a client that is gone has nobody to read for. */
static void relay(int fd)
{
	for (;;) {
		struct pollfd wait[2] = { { .fd = STDIN_FILENO, .events = POLLIN },
			{ .fd = fd, .events = POLLIN } };

		if (poll(wait, 2, -1) < 0 && errno != EINTR)
			return;
		if (wait[0].revents && !pass(STDIN_FILENO, fd))
			return;
		if (wait[1].revents && !pass(fd, STDOUT_FILENO))
			return;
	}
}

/* Connect and relay as the program called `name`. */
static int serve(const char *program, const struct uri *uri, bool read_only)
{
	struct conn_transport transport;

	if (conn_connect(uri, read_only, &transport)) {
		fprintf(stderr, "%s: %s\n", program, transport.fault);
		return 1;
	}
	relay(transport.fd);
	close(transport.fd);
	return 0;
}

int relay_netcat(int argc, char **argv)
{
	struct uri uri = { .how = URI_UNIX };
	char *words[NETCAT_WORDS + 3] = { NULL };

	for (int i = 1; i + 1 < argc; i++)
		if (!strcmp(argv[i], "-U")) {
			snprintf(uri.socket, sizeof(uri.socket), "%s", argv[i + 1]);
			return serve("nc", &uri, false);
		}
	if (argc > NETCAT_WORDS) {
		fprintf(stderr, "nc: too many arguments\n");
		return 1;
	}
	words[0] = (char[]){ "busybox" };
	words[1] = (char[]){ "nc" };
	for (int i = 1; i < argc; i++)
		words[1 + i] = argv[i];
	execvp(words[0], words);
	fprintf(stderr, "nc: cannot run busybox: %s\n", strerror(errno));
	return 1;
}

int relay_main(int argc, char **argv)
{
	struct uri uri = { .how = URI_UNIX };
	const char *name = "qemu:///system";
	bool read_only = false;

	for (int i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "-r") || !strcmp(argv[i], "--readonly"))
			read_only = true;
		else if (argv[i][0] != '-')
			name = argv[i];
	}
	if (strcmp(name, "qemu:///system") != 0) {
		fprintf(
		    stderr, "virt-ssh-helper: %s is not here: this node is qemu:///system\n", name);
		return 1;
	}
	return serve("virt-ssh-helper", &uri, read_only);
}
