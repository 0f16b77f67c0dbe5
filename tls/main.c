/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * berth-tls: the TLS end of libvirt's protocol. One process, one thread. As root it opens its files
 * and its port; then it is USER in a root folder that holds berthd's socket, and nothing else.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <syslog.h>
#include <unistd.h>

#include "lib/num.h"
#include "tls/cell.h"
#include "tls/link.h"

#define PORT 16514
#define BACKLOG 32
#define FATAL 111

struct options {
	struct credentials_files files;
	struct subjects subjects;
	uint64_t port;
	const char *door;
	const char *root; /* or NULL */
	const char *user; /* or NULL: stay who it is */
};

struct listener {
	int fd;
	struct links *links;
};

static int usage(void)
{
	fputs(
	    "usage: berth-tls --ca=FILE --certificate=FILE --key=FILE [--crl=FILE] [--allow=SUBJECT]...\n"
	    "                 [--port=NUMBER] [--root=FOLDER] [--user=NAME] --door=SOCKET\n"
	    "SOCKET is within FOLDER.\n",
	    stderr);
	return 100;
}

static bool take_options(int argc, char **argv, struct options *options)
{
	static const struct option names[] = { { "ca", 1, NULL, 'a' },
		{ "certificate", 1, NULL, 'c' }, { "key", 1, NULL, 'k' }, { "crl", 1, NULL, 'l' },
		{ "allow", 1, NULL, 's' }, { "port", 1, NULL, 'p' }, { "root", 1, NULL, 'r' },
		{ "user", 1, NULL, 'u' }, { "door", 1, NULL, 'd' }, { 0 } };
	int name;

	while ((name = getopt_long(argc, argv, "", names, NULL)) != -1)
		switch (name) {
		case 'a':
			options->files.ca = optarg;
			break;
		case 'c':
			options->files.certificate = optarg;
			break;
		case 'k':
			options->files.key = optarg;
			break;
		case 'l':
			options->files.crl = optarg;
			break;
		case 's':
			if (subjects_add(&options->subjects, optarg))
				return false;
			break;
		case 'p':
			if (!num_parse(optarg, UINT16_MAX, &options->port))
				return false;
			break;
		case 'r':
			options->root = optarg;
			break;
		case 'u':
			options->user = optarg;
			break;
		case 'd':
			options->door = optarg;
			break;
		default:
			return false;
		}
	return optind == argc && options->files.ca && options->files.certificate &&
	       options->files.key && options->door;
}

/* IPv6 and IPv4 on one socket, or IPv4 alone where there is no other. The descriptor or -errno. */
static int listen_on(uint16_t port)
{
	struct sockaddr_in6 six = { .sin6_family = AF_INET6, .sin6_port = htons(port) };
	struct sockaddr_in four = { .sin_family = AF_INET, .sin_port = htons(port) };
	int type = SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK;
	int fd = socket(AF_INET6, type, 0);
	bool is_six = fd >= 0;
	int on = 1;
	int off = 0;

	if (!is_six)
		fd = socket(AF_INET, type, 0);
	if (fd < 0)
		return -errno;
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) ||
	    (is_six && setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off))) ||
	    (is_six ? bind(fd, (const struct sockaddr *)&six, sizeof(six))
		    : bind(fd, (const struct sockaddr *)&four, sizeof(four))) ||
	    listen(fd, BACKLOG)) {
		int error = -errno;

		close(fd);
		return error;
	}
	return fd;
}

static const char *peer_text(const struct sockaddr_storage *peer, char text[INET6_ADDRSTRLEN])
{
	const void *address = peer->ss_family == AF_INET
				  ? (const void *)&((const struct sockaddr_in *)peer)->sin_addr
				  : &((const struct sockaddr_in6 *)peer)->sin6_addr;

	if (!inet_ntop(peer->ss_family, address, text, INET6_ADDRSTRLEN))
		return "somebody";
	return strncmp(text, "::ffff:", 7) ? text : text + 7;
}

static void accept_one(void *context, uint32_t events)
{
	struct listener *listener = context;
	struct sockaddr_storage peer;
	socklen_t size = sizeof(peer);
	char text[INET6_ADDRSTRLEN];
	int fd = accept4(
	    listener->fd, (struct sockaddr *)&peer, &size, SOCK_CLOEXEC | SOCK_NONBLOCK);

	(void)events;
	if (fd >= 0)
		link_begin(listener->links, fd, peer_text(&peer, text));
}

static int serve(const struct options *options, const struct credentials *credentials)
{
	struct loop *loop;
	struct loop_watch *watch;
	struct links links = {
		.credentials = credentials, .subjects = &options->subjects, .door = options->door
	};
	struct listener listener = { .links = &links };
	int error;

	listener.fd = listen_on((uint16_t)options->port);
	if (listener.fd < 0) {
		syslog(LOG_ERR, "cannot listen on port %u: %s", (unsigned int)options->port,
		    strerror(-listener.fd));
		return FATAL;
	}
	error = loop_create(&loop);
	if (!error)
		error = cell_enter(options->root, options->user, 2 * LINKS_MAX + 16);
	links.loop = loop;
	if (!error)
		error = loop_add(loop, listener.fd, EPOLLIN, accept_one, &listener, &watch);
	if (error) {
		syslog(LOG_ERR, "cannot enter the sandbox: %s", strerror(-error));
		return FATAL;
	}
	syslog(LOG_INFO, "serving port %u", (unsigned int)options->port);
	error = loop_run(loop);
	links_end(&links);
	loop_remove(watch);
	loop_free(loop);
	return error ? FATAL : 0;
}

int main(int argc, char **argv)
{
	struct options options = { .port = PORT };
	static struct credentials credentials;
	char why[512];
	int code = FATAL;

	if (!take_options(argc, argv, &options))
		return usage();
	signal(SIGPIPE, SIG_IGN);
	/* The log is connected to while it can be. */
	openlog("berth-tls", LOG_NDELAY | LOG_PERROR, LOG_DAEMON);
	if (credentials_init(&credentials, &options.files, why, sizeof(why)))
		syslog(LOG_ERR, "%s", why);
	else
		code = serve(&options, &credentials);
	credentials_done(&credentials);
	return code;
}
