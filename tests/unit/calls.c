/* SPDX-License-Identifier: GPL-2.0-only */
/* Linked into every test with the linker's --wrap, which takes the names from here: one CALL a
 * line. Once calls fail, a close() of what is not open ends the test: somebody else's descriptor
 * may be the next. */
#include "tests/unit/calls.h"

#include <dirent.h>
#include <errno.h>
#include <grp.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

#include "tests/unit/unit_test.h"

static atomic_long left;
static const char *_Atomic failed;
static atomic_bool used;

void calls_fail_at(unsigned long count)
{
	atomic_store(&left, (long)count);
	atomic_store(&used, true);
	if (count)
		atomic_store(&failed, NULL);
}

const char *calls_failed(void)
{
	return atomic_load(&failed);
}

bool calls_fail(const char *name, int error)
{
	if (atomic_load(&left) <= 0 || atomic_fetch_sub(&left, 1) != 1)
		return false;
	atomic_store(&failed, name);
	errno = error;
	return true;
}

unsigned int calls_descriptors(void)
{
	DIR *folder = opendir("/proc/self/fd");
	unsigned int count = 0;

	while (readdir(folder))
		count++;
	closedir(folder);
	return count;
}

void calls_fail_each(int (*attempt)(void *context, unsigned long at), void *context)
{
	unsigned int before = calls_descriptors();
	unsigned long at = 0;
	int result;

	do {
		result = attempt(context, ++at);
		calls_fail_at(0);
		if (calls_descriptors() != before)
			fail_msg("call %lu, %s: descriptors stay open", at, calls_failed());
		if (result && !calls_failed())
			fail_msg("%d although every call went well", result);
	} while (calls_failed());
	assert_true(at > 1);
}

/* Type, name, what it returns when it fails, error, parameters as they are declared and passed. */
#define CALL(type, name, failure, error, parameters, arguments)                                    \
	type __real_##name parameters;                                                             \
	type __wrap_##name parameters;                                                             \
	type __wrap_##name parameters                                                              \
	{                                                                                          \
		return calls_fail(#name, error) ? (failure) : __real_##name arguments;             \
	}

typedef void *(*thread_body)(void *);

/* clang-format off */
CALL(int, ioctl, -1, EIO, (int fd, unsigned long request, void *argument), (fd, request, argument))
CALL(int, open, -1, EIO, (const char *path, int flags, mode_t mode), (path, flags, mode))
CALL(int, fcntl, -1, EIO, (int fd, int command, long argument), (fd, command, argument))
CALL(ssize_t, read, -1, EIO, (int fd, void *to, size_t size), (fd, to, size))
CALL(ssize_t, write, -1, EIO, (int fd, const void *from, size_t size), (fd, from, size))
CALL(ssize_t, pread, -1, EIO, (int fd, void *to, size_t size, off_t at), (fd, to, size, at))
CALL(ssize_t, pwrite, -1, EIO, (int fd, const void *from, size_t size, off_t at), (fd, from, size, at))
CALL(off_t, lseek, -1, EIO, (int fd, off_t at, int from), (fd, at, from))
CALL(int, fstat, -1, EIO, (int fd, struct stat *to), (fd, to))
CALL(int, ftruncate, -1, EIO, (int fd, off_t size), (fd, size))
CALL(int, fsync, -1, EIO, (int fd), (fd))
CALL(void *, mmap, MAP_FAILED, ENOMEM, (void *at, size_t size, int rights, int flags, int fd, off_t from), (at, size, rights, flags, fd, from))
CALL(int, madvise, -1, ENOMEM, (void *at, size_t size, int advice), (at, size, advice))
CALL(int, mlock, -1, ENOMEM, (const void *at, size_t size), (at, size))
CALL(int, memfd_create, -1, EIO, (const char *name, unsigned int flags), (name, flags))
CALL(int, eventfd, -1, EIO, (unsigned int count, int flags), (count, flags))
CALL(int, epoll_create1, -1, EIO, (int flags), (flags))
CALL(int, epoll_ctl, -1, EIO, (int epoll, int what, int fd, struct epoll_event *event), (epoll, what, fd, event))
CALL(int, epoll_wait, -1, EIO, (int epoll, struct epoll_event *events, int most, int time), (epoll, events, most, time))
CALL(int, pthread_create, EAGAIN, EAGAIN, (pthread_t *thread, const pthread_attr_t *how, thread_body body, void *argument), (thread, how, body, argument))
CALL(int, sched_setaffinity, -1, EIO, (pid_t thread, size_t size, const cpu_set_t *set), (thread, size, set))
CALL(int, sigaction, -1, EIO, (int number, const void *action, void *old), (number, action, old))
CALL(ssize_t, recvmsg, -1, EIO, (int fd, struct msghdr *message, int flags), (fd, message, flags))
CALL(int, accept4, -1, EIO, (int fd, void *address, void *size, int flags), (fd, address, size, flags))
CALL(long, syscall, -1, EIO, (long number, long a, long b, long c, long d, long e, long f), (number, a, b, c, d, e, f))
CALL(int, prctl, -1, EIO, (int what, unsigned long a, unsigned long b, unsigned long c, unsigned long d), (what, a, b, c, d))
CALL(int, setrlimit, -1, EIO, (int what, const struct rlimit *limit), (what, limit))
CALL(int, unshare, -1, EIO, (int what), (what))
CALL(int, mount, -1, EIO, (const char *what, const char *where, const char *kind, unsigned long flags, const void *data), (what, where, kind, flags, data))
CALL(int, umount2, -1, EIO, (const char *where, int flags), (where, flags))
CALL(int, chdir, -1, EIO, (const char *where), (where))
CALL(int, chroot, -1, EIO, (const char *where), (where))
CALL(int, setgroups, -1, EIO, (size_t count, const gid_t *groups), (count, groups))
CALL(int, setresgid, -1, EIO, (gid_t real, gid_t effective, gid_t saved), (real, effective, saved))
CALL(int, setresuid, -1, EIO, (uid_t real, uid_t effective, uid_t saved), (real, effective, saved))
/* clang-format on */

int __real_close(int fd);
int __wrap_close(int fd);

int __wrap_close(int fd)
{
	int result = __real_close(fd);

	if (result && errno == EBADF && fd >= 0 && atomic_load(&used))
		abort();
	return result;
}
