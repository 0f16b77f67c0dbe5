/* SPDX-License-Identifier: GPL-2.0-only */
#include "tls/cell.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/unit/cell_test.h"
#include "tls/credentials.h"

#define DESCRIPTORS 32

/* The folder that is to be the root, as berthd makes it: with a socket that somebody listens on. */
static char root[] = "/tmp/berth-cell-XXXXXX";
static char door[64];
static int listener;

static int in_cell(const char *folder, const char *user, int (*probe)(void))
{
	pid_t child = fork();

	if (child == 0)
		leave(cell_enter(folder, user, DESCRIPTORS) ? NOT_ENTERED : probe());
	return ending(child);
}

static int open_file(void)
{
	return result_of(open("/sock", O_RDONLY | O_CLOEXEC));
}

static int probe_netlink(void)
{
	return result_of(socket(AF_NETLINK, SOCK_RAW, 0));
}

static int probe_bind(void)
{
	return result_of(bind(-1, NULL, 0));
}

static int probe_allocator(void)
{
	void *memory = malloc(4 << 20);

	if (memory)
		memset(memory, 1, 4 << 20);
	free(memory);
	return memory ? 0 : errno;
}

/* What the library draws keys from is asked anew after some thousand handshakes. */
static int probe_randomness(void)
{
	mbedtls_entropy_context entropy;
	unsigned char bytes[32];

	mbedtls_entropy_init(&entropy);
	return mbedtls_entropy_func(&entropy, bytes, sizeof(bytes)) ? 1 : 0;
}

static void test_filter(void **state)
{
	static const struct {
		int (*probe)(void);
		int expected;
	} cases[] = {
		{ open_file, EPERM },
		{ probe_execve, KILLED },
		{ probe_fork, EPERM },
		{ probe_socket, EPERM },
		{ probe_netlink, EPERM },
		{ probe_ptrace, KILLED },
		{ probe_kill, EPERM },
		{ probe_bind, KILLED },
		{ probe_executable, EPERM },
		{ probe_user, KILLED },
		{ probe_allocator, 0 },
		{ probe_randomness, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(in_cell(NULL, NULL, cases[i].probe), cases[i].expected);
	assert_true(cell_lists(SYS_accept4));
	assert_false(cell_lists(SYS_openat));
}

static int reach(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	strncat(address.sun_path, path, sizeof(address.sun_path) - 1);
	if (fd < 0)
		return 100;
	return result_of(connect(fd, (const struct sockaddr *)&address, sizeof(address)));
}

static int reach_door(void)
{
	return reach("/sock");
}

static int reach_outside(void)
{
	return reach(door);
}

static int reach_above(void)
{
	return reach("/../../sock2");
}

/* What can be asked without a call that the filter refuses is read by the parent: by its number. */
static int wait_for_parent(void)
{
	char byte;

	return read(STDIN_FILENO, &byte, 1) < 0;
}

static void test_root(void **state)
{
	(void)state;
	if (geteuid() != 0)
		skip();
	assert_int_equal(in_cell(root, "nobody", reach_door), 0);
	assert_int_equal(in_cell(root, "nobody", reach_outside), ENOENT);
	assert_int_equal(in_cell(root, "nobody", reach_above), ENOENT);
	assert_int_equal(in_cell("/nowhere", "nobody", reach_door), NOT_ENTERED);
	assert_int_equal(in_cell(root, "nobody-of-that-name", reach_door), NOT_ENTERED);
}

/* Whether a line of /proc/PID/status is there. */
static bool says(const char *status, const char *line)
{
	const char *at = strstr(status, line);

	return at && at[strlen(line)] == '\n';
}

static void test_rights(void **state)
{
	char path[64];
	char text[8192] = "";
	char link[2][64] = { "", "" };
	int ends[2];
	pid_t child;
	int fd;

	(void)state;
	if (geteuid() != 0)
		skip();
	assert_int_equal(pipe(ends), 0);
	child = fork();
	if (child == 0) {
		dup2(ends[0], STDIN_FILENO);
		close(ends[1]);
		leave(cell_enter(root, "nobody", DESCRIPTORS) ? NOT_ENTERED : wait_for_parent());
	}
	close(ends[0]);
	snprintf(path, sizeof(path), "/proc/%d/status", (int)child);
	for (int i = 0; i < 1000 && !says(text, "Seccomp:\t2"); i++) {
		ssize_t got;

		usleep(10000);
		fd = open(path, O_RDONLY | O_CLOEXEC);
		got = read(fd, text, sizeof(text) - 1);
		close(fd);
		text[got > 0 ? got : 0] = '\0';
	}
	assert_true(says(text, "Seccomp:\t2"));
	assert_true(says(text, "NoNewPrivs:\t1"));
	assert_true(says(text, "CapEff:\t0000000000000000"));
	assert_true(says(text, "CapPrm:\t0000000000000000"));
	assert_true(says(text, "CapBnd:\t0000000000000000"));
	assert_null(strstr(text, "Uid:\t0"));
	assert_null(strstr(text, "Gid:\t0"));
	for (int i = 0; i < 2; i++) {
		snprintf(path, sizeof(path), "/proc/%d/ns/net", (int)(i ? getpid() : child));
		assert_true(readlink(path, link[i], sizeof(link[i]) - 1) > 0);
	}
	assert_string_not_equal(link[0], link[1]);
	close(ends[1]);
	assert_int_equal(ending(child), 0);
}

static int set_up(void **state)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	(void)state;
	assert_non_null(mkdtemp(root));
	assert_int_equal(chmod(root, 0755), 0);
	snprintf(door, sizeof(door), "%s/sock", root);
	strncat(address.sun_path, door, sizeof(address.sun_path) - 1);
	listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(listener, (const struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(chmod(door, 0666), 0);
	return listen(listener, 8);
}

static int tear_down(void **state)
{
	(void)state;
	close(listener);
	unlink(door);
	return rmdir(root);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_filter),
		cmocka_unit_test(test_root),
		cmocka_unit_test(test_rights),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
