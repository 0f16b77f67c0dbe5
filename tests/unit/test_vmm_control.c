/* SPDX-License-Identifier: GPL-2.0-only */
/* The control socket where it needs no machine: packets of any kind, descriptors, subscribers. */
#include "vmm/control.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/unit/unit_test.h"

struct fixture {
	struct loop *loop;
	struct control *control;
	struct sockaddr_un address;
};

static int set_up(void **state)
{
	static struct fixture fixture;
	int listener = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	fixture = (struct fixture){ .address = { .sun_family = AF_UNIX } };
	snprintf(fixture.address.sun_path, sizeof(fixture.address.sun_path),
	    "/tmp/berth-control-%d", (int)getpid());
	unlink(fixture.address.sun_path);
	assert_int_equal(
	    bind(listener, (struct sockaddr *)&fixture.address, sizeof(fixture.address)), 0);
	assert_int_equal(listen(listener, 32), 0);
	assert_int_equal(loop_create(&fixture.loop), 0);
	assert_int_equal(control_listen(fixture.loop, listener, NULL, &fixture.control), 0);
	*state = &fixture;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *fixture = *state;

	control_close(fixture->control);
	control_close(NULL);
	loop_free(fixture->loop);
	unlink(fixture->address.sun_path);
	return 0;
}

static int dial(struct fixture *fixture)
{
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	assert_int_equal(
	    connect(fd, (struct sockaddr *)&fixture->address, sizeof(fixture->address)), 0);
	loop_step(fixture->loop, 0);
	return fd;
}

/* What comes back; "" when the connection has been closed, NULL when nothing comes. */
static const char *answer(struct fixture *fixture, int fd)
{
	static char text[4096];
	ssize_t length;

	loop_step(fixture->loop, 0);
	length = recv(fd, text, sizeof(text) - 1, MSG_DONTWAIT);
	if (length < 0)
		return NULL;
	text[length] = '\0';
	return text;
}

static const char *ask(struct fixture *fixture, int fd, const char *request, size_t length)
{
	assert_int_equal(send(fd, request, length, MSG_NOSIGNAL), length);
	return answer(fixture, fd);
}

#define ASK(fd, text) ask(fixture, fd, text, strlen(text))

static void requests_that_make_no_sense(void **state)
{
	struct fixture *fixture = *state;
	int fd = dial(fixture);
	char *large = malloc(2 * CONTROL_PACKET_MAX);

	assert_string_equal(ASK(fd, "nonsense"), "error ENOTSUP \"nonsense\" is not known\n");
	assert_string_equal(ASK(fd, "   "), "error EINVAL an empty request\n");
	assert_string_equal(ASK(fd, "\n"), "error EINVAL an empty request\n");
	assert_string_equal(
	    ask(fixture, fd, "status\0x", 8), "error EINVAL no text, or too much of it\n");
	assert_string_equal(ASK(fd, "status now"), "error EINVAL status: 2 words\n");
	assert_string_equal(ASK(fd, "balloon"), "error EINVAL balloon: 1 words\n");
	assert_string_equal(ASK(fd, "balloon -1"), "error EINVAL \"-1\" is no number of bytes\n");
	assert_string_equal(ASK(fd, "balloon-period 86401"),
	    "error EINVAL \"86401\" is no number of seconds up to 86400\n");
	assert_string_equal(ASK(fd, "pin 0"), "error EINVAL pin: 2 words\n");
	assert_string_equal(ASK(fd, "pin x 0"), "error EINVAL \"x\" is no vCPU\n");
	assert_string_equal(ASK(fd, "pin 0 a-b"), "error EINVAL pin 0: no list of processors\n");
	assert_string_equal(ASK(fd, "save"), "error EBADF save: no descriptor came along\n");
	assert_string_equal(
	    ASK(fd, "console a"), "error EBADF console: no descriptor came along\n");
	assert_string_equal(
	    ASK(fd, "nic-link a sideways"), "error EINVAL \"sideways\" is neither up nor down\n");
	assert_string_equal(
	    ASK(fd, "disk-limit a colour=red"), "error EINVAL \"colour=red\" is not known here\n");
	assert_string_equal(
	    ASK(fd, "nic-limit a in=1,2"), "error EINVAL \"in=1,2\": not a value of this\n");
	assert_string_equal(
	    ASK(fd, "disk-add id=a fd=0"), "error EBADF disk-add: no descriptor came along\n");
	assert_string_equal(ASK(fd, "disk-remove"), "error EINVAL disk-remove: 1 words\n");
	memset(large, 'x', 2 * CONTROL_PACKET_MAX);
	assert_string_equal(ask(fixture, fd, large, CONTROL_PACKET_MAX + 1),
	    "error EINVAL no text, or too much of it\n");
	for (size_t i = 0; i < CONTROL_PACKET_MAX; i += 2)
		large[i] = ' ';
	assert_string_equal(
	    ask(fixture, fd, large, CONTROL_PACKET_MAX - 1), "error ENOTSUP \"x\" is not known\n");
	free(large);
	close(fd);
	loop_step(fixture->loop, 0);
}

/* Each of them is closed here, whatever the request was. */
static void descriptors_do_not_stay(void **state)
{
	struct fixture *fixture = *state;
	int fd = dial(fixture);
	int pipes[2];
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(2 * sizeof(int))];
	} aside = { .bytes = { 0 } };
	char text[] = "nonsense";
	struct iovec part = { .iov_base = text, .iov_len = sizeof(text) - 1 };
	struct msghdr message = { .msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = &aside,
		.msg_controllen = sizeof(aside) };
	char byte;

	assert_int_equal(pipe(pipes), 0);
	aside.align.cmsg_level = SOL_SOCKET;
	aside.align.cmsg_type = SCM_RIGHTS;
	aside.align.cmsg_len = CMSG_LEN(2 * sizeof(int));
	memcpy(CMSG_DATA(&aside.align), (int[]){ pipes[1], pipes[1] }, 2 * sizeof(int));
	assert_int_equal(sendmsg(fd, &message, 0), sizeof(text) - 1);
	assert_string_equal(answer(fixture, fd), "error ENOTSUP \"nonsense\" is not known\n");
	close(pipes[1]);
	assert_int_equal(read(pipes[0], &byte, 1), 0);
	close(pipes[0]);
	close(fd);
}

static void events_go_to_those_who_want_them(void **state)
{
	struct fixture *fixture = *state;
	int subscriber = dial(fixture);
	int other = dial(fixture);

	assert_string_equal(ASK(subscriber, "events"), "ok\n");
	control_event(fixture->control, "event %s %s", "running", "booted");
	assert_string_equal(answer(fixture, subscriber), "event running booted");
	assert_null(answer(fixture, other));
	/* One that reads nothing is dropped once its buffer is full, and nobody waits for it. */
	for (int i = 0; i < 10000; i++)
		control_event(fixture->control, "event disk vda enospc");
	while (strcmp(answer(fixture, subscriber), "event disk vda enospc") == 0)
		;
	assert_string_equal(answer(fixture, subscriber), "");
	assert_string_equal(ASK(other, "events"), "ok\n");
	close(subscriber);
	close(other);
}

static void connections_are_bounded(void **state)
{
	struct fixture *fixture = *state;
	int fds[CONTROL_CONNECTIONS_MAX + 1];

	for (unsigned int i = 0; i <= CONTROL_CONNECTIONS_MAX; i++)
		fds[i] = dial(fixture);
	assert_string_equal(ASK(fds[CONTROL_CONNECTIONS_MAX - 1], "events"), "ok\n");
	assert_string_equal(answer(fixture, fds[CONTROL_CONNECTIONS_MAX]), "");
	for (unsigned int i = 0; i <= CONTROL_CONNECTIONS_MAX; i++)
		close(fds[i]);
	for (unsigned int i = 0; i <= CONTROL_CONNECTIONS_MAX; i++)
		loop_step(fixture->loop, 0);
	fds[0] = dial(fixture);
	assert_string_equal(ASK(fds[0], "events"), "ok\n");
	close(fds[0]);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(requests_that_make_no_sense),
		TEST(descriptors_do_not_stay),
		TEST(events_go_to_those_who_want_them),
		TEST(connections_are_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
