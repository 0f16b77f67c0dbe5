/* SPDX-License-Identifier: GPL-2.0-only */
#include "ra/ear.h"

#include <errno.h>
#include <netinet/icmp6.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/callfilter.h"
#include "lib/confine.h"

/* RFC 4861, section 6.1.2: a message from farther away was passed on by a router. */
#define HOPS_HERE 255
#define MESSAGE_MAX 2048

#define ONE_KIND 0
#define EVERY 1u

static const struct callfilter_row rows[] = {
	{ SYS_poll, EVERY, CALLFILTER_ALWAYS, "routers; the end of who is told" },
	{ SYS_recvmsg, EVERY, CALLFILTER_ALWAYS, "routers" },
	/* By sendto() a message could go anywhere. */
	{ SYS_write, EVERY, CALLFILTER_ALWAYS, "what they said" },
	{ SYS_restart_syscall, EVERY, CALLFILTER_ALWAYS, "the kernel's own, after a stop" },
	{ SYS_exit_group, EVERY, CALLFILTER_ALWAYS, "the end" },
};

static const struct callfilter filter = { rows, sizeof(rows) / sizeof(rows[0]) };

int ear_open(void)
{
	static const int on = 1;
	static const int hops = HOPS_HERE;
	struct icmp6_filter types;
	int fd = socket(AF_INET6, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_ICMPV6);

	if (fd < 0)
		return -errno;
	ICMP6_FILTER_SETBLOCKALL(&types);
	ICMP6_FILTER_SETPASS(ND_ROUTER_ADVERT, &types);
	if (setsockopt(fd, IPPROTO_ICMPV6, ICMP6_FILTER, &types, sizeof(types)) ||
	    setsockopt(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, &on, sizeof(on)) ||
	    setsockopt(fd, IPPROTO_IPV6, IPV6_RECVHOPLIMIT, &on, sizeof(on)) ||
	    setsockopt(fd, IPPROTO_IPV6, IPV6_MULTICAST_HOPS, &hops, sizeof(hops))) {
		int error = -errno;

		close(fd);
		return error;
	}
	return fd;
}

int ear_enter(uid_t uid, gid_t gid)
{
	int error = confine_apart();

	if (!error)
		error = confine_empty_root();
	if (!error)
		error = confine_memory();
	if (!error)
		error = confine_user(uid, gid);
	return error ? error : callfilter_enter(&filter, ONE_KIND);
}

bool ear_lists(long call)
{
	return callfilter_lists(&filter, ONE_KIND, call);
}

/* RFC 4861, section 6.1.2: from a router of the link, and by no way round. */
static bool hear(int socket, struct ear_told *told)
{
	uint8_t message[MESSAGE_MAX];
	_Alignas(struct cmsghdr) char control[256];
	struct sockaddr_in6 from;
	struct iovec part = { message, sizeof(message) };
	struct msghdr header = { .msg_name = &from,
		.msg_namelen = sizeof(from),
		.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control) };
	ssize_t length = recvmsg(socket, &header, MSG_DONTWAIT);
	struct in6_pktinfo where = { 0 };
	int hops = 0;

	if (length < 0 || header.msg_flags & (MSG_TRUNC | MSG_CTRUNC) ||
	    !IN6_IS_ADDR_LINKLOCAL(&from.sin6_addr))
		return false;
	for (struct cmsghdr *c = CMSG_FIRSTHDR(&header); c; c = CMSG_NXTHDR(&header, c)) {
		if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_PKTINFO)
			memcpy(&where, CMSG_DATA(c), sizeof(where));
		else if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_HOPLIMIT)
			memcpy(&hops, CMSG_DATA(c), sizeof(hops));
	}
	told->interface = where.ipi6_ifindex;
	return hops == HOPS_HERE && !advert_parse(message, (size_t)length, &told->advert);
}

void ear_run(int socket, int out)
{
	struct pollfd polled[] = { { .fd = socket, .events = POLLIN }, { .fd = out } };
	struct ear_told told = { 0 };

	while (poll(polled, 2, -1) >= 0 || errno == EINTR) {
		if (polled[1].revents)
			return;
		if (polled[0].revents && hear(socket, &told) &&
		    write(out, &told, sizeof(told)) != sizeof(told))
			return;
	}
}

bool ear_take(int in, struct ear_told *ret_told)
{
	struct ear_told told;

	if (read(in, &told, sizeof(told)) != sizeof(told) || told.advert.count > ADVERT_SERVERS)
		return false;
	*ret_told = told;
	return true;
}
