/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * berth-ra FOLDER COMMAND: hears what routers tell of name servers on every interface where the
 * kernel takes routes and addresses from them, keeps it as FOLDER/INTERFACE, and runs COMMAND when
 * it changes. Asks the routers when it starts, and on SIGUSR1: their answer is the kernel's as
 * well.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <math.h>
#include <net/if.h>
#include <netinet/icmp6.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "lib/file.h"
#include "ra/advert.h"
#include "ra/servers.h"

#define EXIT_USAGE 100
#define EXIT_SYSTEM 111
/* A node has not so many uplinks, VLANs included. */
#define LINKS_MAX 64
/* RFC 4861, section 10: how often a host asks, and how long it waits for an answer. */
#define ASKS 3
#define ASK_SECONDS 4.0
/* RFC 4861, section 6.1.2: a message from farther away was passed on by a router. */
#define HOPS_HERE 255
#define MESSAGE_MAX 2048

struct link {
	unsigned int index; /* 0: free */
	char name[IF_NAMESIZE];
	bool heard;
	struct servers servers;
};

struct hearer {
	const char *folder;
	const char *command;
	int socket;
	int signals;
	unsigned int asks; /* left */
	double ask_at;
	bool changed;
	struct link links[LINKS_MAX];
};

static double now_seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_BOOTTIME, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static char setting(const char *interface, const char *key)
{
	struct buf text = BUF_INIT;
	char path[128];
	char value = '0';

	snprintf(path, sizeof(path), "/proc/sys/net/ipv6/conf/%s/%s", interface, key);
	if (!file_read(path, 16, &text) && text.length)
		value = text.data[0];
	buf_done(&text);
	return value;
}

/* Linux, ip-sysctl, accept_ra: 1 is yes, unless it forwards; 2 is yes. */
static bool listens(const char *interface)
{
	char accept = setting(interface, "accept_ra");

	if (setting(interface, "disable_ipv6") == '1' || !strcmp(interface, "lo"))
		return false;
	return accept == '2' || (accept == '1' && setting(interface, "forwarding") == '0');
}

static struct link *find_link(struct hearer *hearer, unsigned int index)
{
	struct link *unused = NULL;

	for (size_t i = 0; i < LINKS_MAX; i++) {
		if (hearer->links[i].index == index)
			return &hearer->links[i];
		if (!hearer->links[i].index && !unused)
			unused = &hearer->links[i];
	}
	return unused;
}

/* An empty file goes. */
static void keep(struct hearer *hearer, const struct link *link)
{
	struct buf text = BUF_INIT;
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", hearer->folder, link->name);
	servers_print(&link->servers, link->name, &text);
	if (!text.length)
		unlink(path);
	else if (!buf_ok(&text) || file_replace(path, text.data, text.length, 0644))
		fprintf(stderr, "berth-ra: cannot write \"%s\"\n", path);
	buf_done(&text);
	hearer->changed = true;
}

static void forget(struct hearer *hearer, struct link *link)
{
	link->servers.count = 0;
	keep(hearer, link);
	*link = (struct link){ 0 };
}

/* Interfaces that went, that are another's now, or whose routers no longer count. */
static void look_after(struct hearer *hearer, double now)
{
	for (size_t i = 0; i < LINKS_MAX; i++) {
		struct link *link = &hearer->links[i];
		char name[IF_NAMESIZE];

		if (!link->index)
			continue;
		if (!if_indextoname(link->index, name) || strcmp(name, link->name) ||
		    !listens(name))
			forget(hearer, link);
		else if (servers_expire(&link->servers, now))
			keep(hearer, link);
	}
}

static void take(struct hearer *hearer, const uint8_t *message, size_t length, unsigned int index)
{
	char name[IF_NAMESIZE];
	struct advert advert;
	struct link *link;

	if (advert_parse(message, length, &advert) || !if_indextoname(index, name) ||
	    !listens(name))
		return;
	link = find_link(hearer, index);
	if (!link)
		return;
	if (link->index && strcmp(link->name, name))
		forget(hearer, link);
	if (!link->index) {
		link->index = index;
		snprintf(link->name, sizeof(link->name), "%s", name);
	}
	link->heard = true;
	if (servers_learn(&link->servers, &advert, now_seconds()))
		keep(hearer, link);
}

/* RFC 4861, section 6.1.2: from a router of the link, and by no way round. */
static void hear(struct hearer *hearer)
{
	uint8_t message[MESSAGE_MAX];
	char control[256];
	struct sockaddr_in6 from;
	struct iovec part = { message, sizeof(message) };
	struct msghdr header = { .msg_name = &from,
		.msg_namelen = sizeof(from),
		.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control) };
	ssize_t length = recvmsg(hearer->socket, &header, MSG_DONTWAIT);
	struct in6_pktinfo where = { 0 };
	int hops = 0;

	if (length < 0 || header.msg_flags & (MSG_TRUNC | MSG_CTRUNC) ||
	    !IN6_IS_ADDR_LINKLOCAL(&from.sin6_addr))
		return;
	for (struct cmsghdr *c = CMSG_FIRSTHDR(&header); c; c = CMSG_NXTHDR(&header, c)) {
		if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_PKTINFO)
			memcpy(&where, CMSG_DATA(c), sizeof(where));
		else if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_HOPLIMIT)
			memcpy(&hops, CMSG_DATA(c), sizeof(hops));
	}
	if (hops == HOPS_HERE)
		take(hearer, message, (size_t)length, where.ipi6_ifindex);
}

/* Those that have not answered yet. One that cannot be asked now is asked by the kernel when it
 * comes up. */
static void ask(struct hearer *hearer)
{
	struct nd_router_solicit question = { .nd_rs_hdr = { .icmp6_type = ND_ROUTER_SOLICIT } };
	struct if_nameindex *all = if_nameindex();

	for (struct if_nameindex *one = all; one && one->if_index; one++) {
		struct sockaddr_in6 to = { .sin6_family = AF_INET6,
			.sin6_scope_id = one->if_index };
		const struct link *link = find_link(hearer, one->if_index);

		if (!listens(one->if_name) || (link && link->index && link->heard))
			continue;
		inet_pton(AF_INET6, "ff02::2", &to.sin6_addr);
		sendto(hearer->socket, &question, sizeof(question), MSG_DONTWAIT,
		    (const struct sockaddr *)&to, sizeof(to));
	}
	if (all)
		if_freenameindex(all);
	hearer->asks--;
	hearer->ask_at = now_seconds() + ASK_SECONDS;
}

static void begin_to_ask(struct hearer *hearer)
{
	for (size_t i = 0; i < LINKS_MAX; i++)
		hearer->links[i].heard = false;
	hearer->asks = ASKS;
	hearer->ask_at = 0;
}

static void tell(struct hearer *hearer)
{
	pid_t child;

	hearer->changed = false;
	child = fork();
	if (!child) {
		execl(hearer->command, hearer->command, (char *)NULL);
		_exit(EXIT_SYSTEM);
	}
	if (child > 0)
		waitpid(child, NULL, 0);
}

/* Milliseconds until there is something to do by itself; -1: nothing. */
static int time_left(const struct hearer *hearer)
{
	double next = hearer->asks ? hearer->ask_at : INFINITY;
	double left;

	for (size_t i = 0; i < LINKS_MAX; i++) {
		double expiry = servers_next(&hearer->links[i].servers);

		if (expiry < next)
			next = expiry;
	}
	if (isinf(next))
		return -1;
	left = (next - now_seconds()) * 1000 + 1;
	return left < 0 ? 0 : left > 3600e3 ? 3600000 : (int)left;
}

static void run(struct hearer *hearer)
{
	struct pollfd polled[] = { { .fd = hearer->socket, .events = POLLIN },
		{ .fd = hearer->signals, .events = POLLIN } };

	for (;;) {
		struct signalfd_siginfo signal_info;

		if (hearer->asks && now_seconds() >= hearer->ask_at)
			ask(hearer);
		if (poll(polled, 2, time_left(hearer)) < 0 && errno != EINTR)
			return;
		if (polled[0].revents)
			hear(hearer);
		if (polled[1].revents &&
		    read(hearer->signals, &signal_info, sizeof(signal_info)) > 0)
			begin_to_ask(hearer);
		look_after(hearer, now_seconds());
		if (hearer->changed)
			tell(hearer);
	}
}

static int open_socket(int *ret_socket)
{
	static const int on = 1;
	static const int hops = HOPS_HERE;
	struct icmp6_filter filter;
	int fd = socket(AF_INET6, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_ICMPV6);

	if (fd < 0)
		return -errno;
	ICMP6_FILTER_SETBLOCKALL(&filter);
	ICMP6_FILTER_SETPASS(ND_ROUTER_ADVERT, &filter);
	if (setsockopt(fd, IPPROTO_ICMPV6, ICMP6_FILTER, &filter, sizeof(filter)) ||
	    setsockopt(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, &on, sizeof(on)) ||
	    setsockopt(fd, IPPROTO_IPV6, IPV6_RECVHOPLIMIT, &on, sizeof(on)) ||
	    setsockopt(fd, IPPROTO_IPV6, IPV6_MULTICAST_HOPS, &hops, sizeof(hops))) {
		int error = -errno;

		close(fd);
		return error;
	}
	*ret_socket = fd;
	return 0;
}

int main(int argc, char **argv)
{
	static struct hearer hearer;
	sigset_t asked;
	int error;

	if (argc != 3) {
		fputs("usage: berth-ra FOLDER COMMAND\n", stderr);
		return EXIT_USAGE;
	}
	hearer.folder = argv[1];
	hearer.command = argv[2];
	mkdir(hearer.folder, 0755);
	sigemptyset(&asked);
	sigaddset(&asked, SIGUSR1);
	sigprocmask(SIG_BLOCK, &asked, NULL);
	hearer.signals = signalfd(-1, &asked, SFD_CLOEXEC | SFD_NONBLOCK);
	error = hearer.signals < 0 ? -errno : open_socket(&hearer.socket);
	if (error) {
		fprintf(stderr, "berth-ra: cannot hear routers: %s\n", strerror(-error));
		return EXIT_SYSTEM;
	}
	begin_to_ask(&hearer);
	run(&hearer);
	return EXIT_SYSTEM;
}
