/* SPDX-License-Identifier: GPL-2.0-only */
#include "ra/ear.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tests/unit/cell_test.h"

static int in_cell(int (*probe)(void))
{
	pid_t child = fork();

	if (child == 0)
		leave(ear_enter(UID, UID + 1) ? NOT_ENTERED : probe());
	return ending(child);
}

static int probe_open(void)
{
	return result_of(open("/", O_RDONLY | O_CLOEXEC));
}

static int probe_send(void)
{
	struct sockaddr_in6 to = { .sin6_family = AF_INET6 };

	return result_of(sendto(0, "", 1, 0, (const struct sockaddr *)&to, sizeof(to)));
}

static int probe_connect(void)
{
	return result_of(connect(0, NULL, 0));
}

static void what_the_ear_cannot(void **state)
{
	static const struct {
		int (*probe)(void);
		int expected;
	} cases[] = {
		{ probe_open, EPERM },
		{ probe_execve, KILLED },
		{ probe_fork, EPERM },
		{ probe_socket, KILLED },
		{ probe_send, EPERM },
		{ probe_connect, KILLED },
		{ probe_kill, EPERM },
		{ probe_user, KILLED },
	};

	(void)state;
	assert_true(ear_lists(SYS_recvmsg));
	assert_false(ear_lists(SYS_openat));
	if (geteuid() != 0)
		skip();
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(in_cell(cases[i].probe), cases[i].expected);
}

/* Whoever may not enter hears nothing. */
static void without_rights_there_is_no_cell(void **state)
{
	pid_t child = fork();

	(void)state;
	if (child == 0)
		leave(setresuid(UID, UID, UID) && geteuid() == 0 ? KILLED : -ear_enter(UID, UID));
	assert_int_equal(ending(child), EPERM);
}

/* Messages between the ends of a pair: a lie is the end of the conversation. */
static void what_is_told(void **state)
{
	struct ear_told told = { .interface = 7, .advert.count = 1 };
	struct ear_told got;
	int ends[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
	assert_int_equal(write(ends[1], &told, sizeof(told)), sizeof(told));
	assert_true(ear_take(ends[0], &got));
	assert_memory_equal(&got, &told, sizeof(told));
	assert_int_equal(write(ends[1], &told, sizeof(told) - 1), sizeof(told) - 1);
	assert_false(ear_take(ends[0], &got));
	told.advert.count = ADVERT_SERVERS + 1;
	assert_int_equal(write(ends[1], &told, sizeof(told)), sizeof(told));
	assert_false(ear_take(ends[0], &got));
	close(ends[1]);
	assert_false(ear_take(ends[0], &got));
	close(ends[0]);
}

/* linux/ipv6.h, struct in6_ifreq, which does not go together with netinet/in.h. */
struct address_request {
	struct in6_addr address;
	uint32_t prefix;
	int index;
};

/* A network of nothing but a loopback with a link-local address. */
static int make_network(void)
{
	struct address_request request = { .prefix = 64 };
	struct ifreq up = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	int sock;
	int result;

	if (unshare(CLONE_NEWNET))
		return -errno;
	sock = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (sock < 0)
		return -errno;
	inet_pton(AF_INET6, "fe80::1", &request.address);
	request.index = (int)if_nametoindex("lo");
	result = ioctl(sock, SIOCSIFFLAGS, &up) || ioctl(sock, SIOCSIFADDR, &request) ? -errno : 0;
	close(sock);
	return result;
}

/* A router's advertisement with one server, fd00::N, over so many hops. */
static void advertise(int sock, const char *to, uint8_t number, int hops)
{
	uint8_t message[40] = { 134, 0, 0, 0, 64, 0, 0, 60, [16] = 25, 3, 0, 0, 0, 0, 1, 44,
		0xfd, [39] = number };
	struct sockaddr_in6 where = { .sin6_family = AF_INET6,
		.sin6_scope_id = if_nametoindex("lo") };

	inet_pton(AF_INET6, to, &where.sin6_addr);
	assert_int_equal(setsockopt(sock, IPPROTO_IPV6, IPV6_UNICAST_HOPS, &hops, sizeof(hops)), 0);
	/* Lost as long as the address is not in use yet. */
	sendto(sock, message, sizeof(message), 0, (const struct sockaddr *)&where, sizeof(where));
}

/* The ear in its cell on a real socket: it tells of the router of its link, not of others, and ends
 * with who listens to it. The network is this process's from here on. */
static void a_router_is_heard(void **state)
{
	struct ear_told told;
	struct pollfd heard;
	int ends[2];
	int made;
	int sock;
	pid_t child;

	(void)state;
	if (geteuid() != 0)
		skip();
	made = make_network();
	/* A machine without IPv6 has no routers to hear. */
	if (made == -EAFNOSUPPORT || made == -EACCES)
		skip();
	assert_int_equal(made, 0);
	sock = ear_open();
	assert_true(sock >= 0);
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
	child = fork();
	if (child == 0) {
		close(ends[0]);
		if (ear_enter(UID, UID + 1))
			leave(NOT_ENTERED);
		ear_run(sock, ends[1]);
		leave(0);
	}
	close(ends[1]);
	heard = (struct pollfd){ .fd = ends[0], .events = POLLIN };
	/* One that came by a router, one from an address that is not of the link, the right one. */
	for (int i = 0; i < 1000 && poll(&heard, 1, 20) == 0; i++) {
		advertise(sock, "fe80::1", 1, 254);
		advertise(sock, "::1", 2, 255);
		advertise(sock, "fe80::1", 3, 255);
	}
	assert_true(heard.revents & POLLIN);
	assert_true(ear_take(ends[0], &told));
	assert_int_equal(told.interface, if_nametoindex("lo"));
	assert_int_equal(told.advert.count, 1);
	assert_int_equal(told.advert.servers[0].address[15], 3);
	assert_int_equal(told.advert.servers[0].lifetime, 300);
	close(ends[0]);
	assert_int_equal(ending(child), 0);
	close(sock);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_the_ear_cannot),
		cmocka_unit_test(without_rights_there_is_no_cell),
		cmocka_unit_test(what_is_told),
		cmocka_unit_test(a_router_is_heard),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
