/* SPDX-License-Identifier: GPL-2.0-only */
#include "cli/virsh/conn_transport.h"

#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "rpc/error.h"

#define SOCKET "/var/run/libvirt/libvirt-sock"

__attribute__((format(printf, 3, 4))) static int fault(
    struct conn_transport *transport, int code, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(transport->fault, sizeof(transport->fault), format, arguments);
	va_end(arguments);
	return code;
}

static int connect_unix(const struct uri *uri, bool read_only, struct conn_transport *transport)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	const char *path = *uri->socket ? uri->socket : read_only ? SOCKET "-ro" : SOCKET;
	int fd;

	if (strlen(path) >= sizeof(address.sun_path))
		return fault(
		    transport, RPC_ERR_INVALID_ARG, "the socket's path is too long: %s", path);
	strcpy(address.sun_path, path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || connect(fd, (const struct sockaddr *)&address, sizeof(address))) {
		fault(transport, RPC_ERR_SYSTEM, "Failed to connect socket to '%s': %s", path,
		    strerror(errno));
		if (fd >= 0)
			close(fd);
		return RPC_ERR_SYSTEM;
	}
	transport->fd = fd;
	return 0;
}

static bool in_path(const char *program)
{
	const char *path = getenv("PATH");
	char file[512];

	while (path && *path) {
		size_t length = strcspn(path, ":");

		snprintf(file, sizeof(file), "%.*s/%s", (int)length, path, program);
		if (!access(file, X_OK))
			return true;
		path += length;
		path += *path == ':';
	}
	return false;
}

/*
 * The program and its arguments: OpenSSH's client, or dropbear's, which knows fewer options. What
 * runs on the node is the helper that libvirt's clients use; without it, netcat.
 */
static void ssh_arguments(
    const struct uri *uri, bool read_only, char *command, size_t size, const char *arguments[20])
{
	bool openssh = !in_path("dbclient") || in_path("ssh");
	unsigned int count = 0;

	if (*uri->socket)
		snprintf(command, size, "nc -U '%s'", uri->socket);
	else
		snprintf(command, size,
		    "sh -c 'if command -v virt-ssh-helper >/dev/null 2>&1; then "
		    "exec virt-ssh-helper %s\"%s\"; else exec nc -U " SOCKET "%s; fi'",
		    read_only ? "-r " : "", uri->name, read_only ? "-ro" : "");
	arguments[count++] = *uri->command ? uri->command : openssh ? "ssh" : "dbclient";
	if (*uri->port) {
		arguments[count++] = "-p";
		arguments[count++] = uri->port;
	}
	if (*uri->user) {
		arguments[count++] = "-l";
		arguments[count++] = uri->user;
	}
	if (*uri->key) {
		arguments[count++] = "-i";
		arguments[count++] = uri->key;
	}
	arguments[count++] = "-T";
	if (openssh) {
		arguments[count++] = "-e";
		arguments[count++] = "none";
		arguments[count++] = "--";
	}
	arguments[count++] = uri->host;
	arguments[count++] = command;
	arguments[count] = NULL;
}

static int connect_ssh(const struct uri *uri, bool read_only, struct conn_transport *transport)
{
	const char *arguments[20];
	char command[1024];
	int ends[2];

	/* A quote in the URI would end the shell's. */
	if (strpbrk(uri->name, "'\"\\$`") || strchr(uri->socket, '\''))
		return fault(
		    transport, RPC_ERR_INVALID_ARG, "the URI has a character that cannot be sent");
	ssh_arguments(uri, read_only, command, sizeof(command), arguments);
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends))
		return fault(
		    transport, RPC_ERR_SYSTEM, "cannot make a socket pair: %s", strerror(errno));
	transport->ssh = fork();
	if (transport->ssh == 0) {
		dup2(ends[1], STDIN_FILENO);
		dup2(ends[1], STDOUT_FILENO);
		execvp(arguments[0], (char *const *)(uintptr_t)arguments);
		fprintf(stderr, "virsh: cannot run %s: %s\n", arguments[0], strerror(errno));
		_exit(127);
	}
	close(ends[1]);
	transport->fd = ends[0];
	if (transport->ssh > 0)
		return 0;
	close(ends[0]);
	transport->fd = -1;
	transport->ssh = 0;
	return fault(transport, RPC_ERR_SYSTEM, "cannot start ssh: %s", strerror(errno));
}

int conn_connect(const struct uri *uri, bool read_only, struct conn_transport *ret_transport)
{
	*ret_transport = (struct conn_transport){ .fd = -1 };
	switch (uri->how) {
	case URI_UNIX:
		return connect_unix(uri, read_only, ret_transport);
	case URI_SSH:
		return connect_ssh(uri, read_only, ret_transport);
	case URI_OTHER:
		break;
	}
	return fault(ret_transport, RPC_ERR_INVALID_ARG,
	    "this virsh connects over unix and ssh, not over %s: use qemu+ssh://%s/system",
	    *uri->transport ? uri->transport : "tls", uri->host);
}
