/* SPDX-License-Identifier: GPL-2.0-only */
#include "tls/cell.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/callfilter.h"
#include "lib/confine.h"

#define ONE_KIND 0
#define EVERY 1u

static const struct callfilter_row rows[] = {
	{ SYS_epoll_wait, EVERY, CALLFILTER_ALWAYS, "the loop" },
	{ SYS_epoll_pwait, EVERY, CALLFILTER_ALWAYS, "the loop" },
	{ SYS_epoll_ctl, EVERY, CALLFILTER_ALWAYS, "connections come and go" },
	{ SYS_accept4, EVERY, CALLFILTER_ALWAYS, "clients" },
	{ SYS_socket, EVERY, 0, UINT32_MAX, AF_UNIX, "to berthd, and to nobody else" },
	{ SYS_connect, EVERY, CALLFILTER_ALWAYS, "to berthd" },
	{ SYS_recvfrom, EVERY, CALLFILTER_ALWAYS, "both ends of a connection" },
	{ SYS_sendto, EVERY, CALLFILTER_ALWAYS, "both ends of a connection; the log" },
	{ SYS_shutdown, EVERY, CALLFILTER_ALWAYS, "a client that is refused" },
	{ SYS_close, EVERY, CALLFILTER_ALWAYS, "connections" },
	{ SYS_read, EVERY, CALLFILTER_ALWAYS, "the loop's own eventfd" },
	{ SYS_write, EVERY, CALLFILTER_ALWAYS, "the loop's own eventfd; messages" },
	{ SYS_writev, EVERY, CALLFILTER_ALWAYS, "messages, by the C library's streams" },
	{ SYS_lseek, EVERY, CALLFILTER_ALWAYS, "messages, by GNU's streams" },
	{ SYS_newfstatat, EVERY, 3, AT_EMPTY_PATH, AT_EMPTY_PATH, "messages, by GNU's streams" },
	{ SYS_getrandom, EVERY, CALLFILTER_ALWAYS, "keys" },
	{ SYS_clock_gettime, EVERY, CALLFILTER_ALWAYS, "where the vDSO cannot tell" },
	{ SYS_gettimeofday, EVERY, CALLFILTER_ALWAYS, "where the vDSO cannot tell" },
	{ SYS_time, EVERY, CALLFILTER_ALWAYS, "where the vDSO cannot tell" },
	{ SYS_futex, EVERY, CALLFILTER_ALWAYS, "the TLS library's locks" },
	{ SYS_getpid, EVERY, CALLFILTER_ALWAYS, "the log" },
	{ SYS_rt_sigprocmask, EVERY, CALLFILTER_ALWAYS, "the C library, around the log" },
	{ SYS_mmap, EVERY, CALLFILTER_NOT_EXECUTABLE, "the allocator" },
	{ SYS_mprotect, EVERY, CALLFILTER_NOT_EXECUTABLE, "the allocator" },
	{ SYS_mremap, EVERY, CALLFILTER_ALWAYS, "the allocator" },
	{ SYS_munmap, EVERY, CALLFILTER_ALWAYS, "the allocator" },
	{ SYS_madvise, EVERY, CALLFILTER_ALWAYS, "the allocator" },
	{ SYS_brk, EVERY, CALLFILTER_ALWAYS, "the allocator" },
	{ SYS_restart_syscall, EVERY, CALLFILTER_ALWAYS, "the kernel's own, after a stop" },
	{ SYS_exit_group, EVERY, CALLFILTER_ALWAYS, "the end" },
};

static const struct callfilter filter = { rows, sizeof(rows) / sizeof(rows[0]) };

static int limit(unsigned int descriptors)
{
	const struct {
		int resource;
		rlim_t most;
	} limits[] = { { RLIMIT_NOFILE, descriptors }, { RLIMIT_NPROC, 0 } };

	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
		struct rlimit bound = { limits[i].most, limits[i].most };

		if (setrlimit(limits[i].resource, &bound))
			return -errno;
	}
	return confine_memory();
}

/* What listens already stays on the node's network, and berthd's socket is reached by its name,
 * which is of no network. */
static int close_in(const char *root)
{
	int error = confine_apart();

	if (error)
		return error;
	if (mount(root, root, NULL, MS_BIND, NULL) ||
	    mount(NULL, root, NULL,
		MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) ||
	    chdir(root))
		return -errno;
	return confine_root();
}

int cell_enter(const char *root, const char *user, unsigned int descriptors)
{
	const struct passwd *who = user ? getpwnam(user) : NULL;
	int error = user && !who ? -ENOENT : 0;

	if (!error && root)
		error = close_in(root);
	if (!error)
		error = limit(descriptors);
	if (!error && who)
		error = confine_user(who->pw_uid, who->pw_gid);
	else if (!error && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		error = -errno;
	return error ? error : callfilter_enter(&filter, ONE_KIND);
}

bool cell_lists(long call)
{
	return callfilter_lists(&filter, ONE_KIND, call);
}
