/* SPDX-License-Identifier: GPL-2.0-only */
/* Taps on a real bridge, in a network namespace of the test's own. Where none may be made, as for a
 * user without privileges, it says so and checks the messages only. */
#include "node/guest/tap.h"

#include <errno.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/file.h"
#include "tests/unit/unit_test.h"

static char script[] = "/tmp/berth-tap-XXXXXX";
static struct node_paths paths = { .dev = "/dev", .proc = "/proc", .sys = "/sys" };
static bool possible;
static const struct tap_config config = { .network = "default",
	.bridge = "virbr0",
	.queues = 1,
	.mtu = 1400,
	.mac = { { 0x52, 0x54, 0, 1, 2, 3 } } };

static int set_up(void **state)
{
	static const char text[] =
	    "#!/bin/sh\n[ \"$2 $3\" = 'default 52:54:00:01:02:03' ] || "
	    "{ echo \"no: $*\"; exit 1; }\n[ ! -e /sys/class/net/$1/brport ]\n";
	int sock;
	int fd = mkstemp(script);

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), (int)strlen(text));
	fchmod(fd, 0700);
	close(fd);
	if (unshare(CLONE_NEWNET) || access("/dev/net/tun", R_OK | W_OK))
		return 0;
	sock = socket(AF_INET, SOCK_DGRAM, 0);
	possible = ioctl(sock, SIOCBRADDBR, "virbr0") == 0;
	close(sock);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	return unlink(script);
}

static bool is_up(const char *name, int *ret_mtu)
{
	struct ifreq request = { 0 };
	int sock = socket(AF_INET, SOCK_DGRAM, 0);
	bool up;

	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", name);
	assert_int_equal(ioctl(sock, SIOCGIFFLAGS, &request), 0);
	up = request.ifr_flags & IFF_UP;
	assert_int_equal(ioctl(sock, SIOCGIFMTU, &request), 0);
	*ret_mtu = request.ifr_mtu;
	close(sock);
	return up;
}

static void test_one_queue(void **state)
{
	struct buf why = BUF_INIT;
	char name[TAP_NAME];
	int fds[TAP_QUEUES_MAX];
	int mtu;

	(void)state;
	if (!possible)
		skip();
	paths.guest_port = script;
	if (tap_open(&paths, &config, &why, fds, name))
		fail_msg("%s", buf_text(&why));
	assert_string_equal(name, "vnet0");
	assert_true(is_up(name, &mtu));
	assert_int_equal(mtu, 1400);
	/* It is there for as long as somebody holds it. */
	close(fds[0]);
	assert_int_equal(if_nametoindex("vnet0"), 0);
	buf_done(&why);
}

static void test_several_queues(void **state)
{
	struct tap_config several = config;
	struct buf why = BUF_INIT;
	char name[TAP_NAME];
	int fds[TAP_QUEUES_MAX];

	(void)state;
	if (!possible)
		skip();
	several.queues = 4;
	if (tap_open(&paths, &several, &why, fds, name))
		fail_msg("%s", buf_text(&why));
	for (int i = 0; i < 4; i++)
		close(fds[i]);
	assert_int_equal(if_nametoindex(name), 0);
	buf_done(&why);
}

static void test_failures_leave_nothing(void **state)
{
	struct tap_config wrong = config;
	struct buf why = BUF_INIT;
	char name[TAP_NAME];
	int fds[TAP_QUEUES_MAX];

	(void)state;
	if (!possible)
		skip();
	wrong.bridge = "nowhere";
	assert_int_equal(tap_open(&paths, &wrong, &why, fds, name), -ENODEV);
	assert_string_equal(buf_text(&why), "network default: there is no bridge nowhere");
	wrong = config;
	wrong.network = "other";
	buf_cut(&why, 0);
	assert_int_equal(tap_open(&paths, &wrong, &why, fds, name), -EIO);
	assert_non_null(strstr(buf_text(&why), "no rules for vnet0: no: vnet0 other"));
	assert_int_equal(if_nametoindex("vnet0"), 0);
	buf_done(&why);
}

static void test_no_module(void **state)
{
	struct node_paths bare = paths;
	struct buf why = BUF_INIT;
	char name[TAP_NAME];
	int fds[TAP_QUEUES_MAX];

	(void)state;
	bare.dev = "/nowhere";
	assert_int_equal(tap_open(&bare, &config, &why, fds, name), -ENOENT);
	assert_string_equal(
	    buf_text(&why), "network default: cannot make a tap: the module tun is not loaded");
	buf_done(&why);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_queue),
		cmocka_unit_test(test_several_queues),
		cmocka_unit_test(test_failures_leave_nothing),
		cmocka_unit_test(test_no_module),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
