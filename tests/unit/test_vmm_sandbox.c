/* SPDX-License-Identifier: GPL-2.0-only */
#include "vmm/sandbox.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/if_tun.h>
#include <linux/kvm.h>
#include <net/if.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <termios.h>
#include <unistd.h>

#include "tests/unit/cell_test.h"
#include "vmm/seccomp.h"

/* What `probe` returns in a child that did `enter` first. */
static int in_child(bool (*enter)(int kind), int kind, int (*probe)(void))
{
	pid_t child = fork();

	if (child == 0)
		leave(enter(kind) ? probe() : NOT_ENTERED);
	return ending(child);
}

static bool enter_sandbox(int kind)
{
	struct why reason;

	(void)kind;
	return sandbox_enter(UID, UID + 1, &reason) == 0;
}

static bool enter_filter(int kind)
{
	struct why reason;

	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
	       seccomp_enter((enum seccomp_thread)kind, &reason) == 0;
}

static int sandboxed(int (*probe)(void))
{
	return in_child(enter_sandbox, 0, probe);
}

static int open_passwd(void)
{
	return result_of(open("/etc/passwd", O_RDONLY | O_CLOEXEC));
}

/* The root itself may be looked at by name only. */
static int list_root(void)
{
	return opendir("/") ? 0 : errno;
}

static int make_file(void)
{
	return result_of(open("/x", O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
}

static int who_am_i(void)
{
	uid_t uids[3];
	gid_t gids[3];

	getresuid(&uids[0], &uids[1], &uids[2]);
	getresgid(&gids[0], &gids[1], &gids[2]);
	for (int i = 0; i < 3; i++)
		if (uids[i] != UID || gids[i] != UID + 1)
			return 1;
	return getgroups(0, NULL) != 0;
}

static int capabilities_left(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];
	int left = 0;

	if (syscall(SYS_capget, &header, data))
		return 1;
	for (int i = 0; i < _LINUX_CAPABILITY_U32S_3; i++)
		left |= (data[i].effective | data[i].permitted | data[i].inheritable) != 0;
	for (int capability = 0; capability <= CAP_LAST_CAP; capability++)
		left |= prctl(PR_CAPBSET_READ, capability, 0, 0, 0) != 0;
	return left | (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1);
}

/* Only a loopback that is down. */
static int network_seen(void)
{
	struct if_nameindex *names = if_nameindex();
	int others = 0;

	for (struct if_nameindex *name = names; name && name->if_index; name++)
		others += strcmp(name->if_name, "lo") != 0;
	return names ? others : 1;
}

static int dumpable(void)
{
	struct rlimit core;

	getrlimit(RLIMIT_CORE, &core);
	return prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) != 0 || core.rlim_max != 0;
}

static void test_sandbox(void **state)
{
	(void)state;
	if (geteuid() != 0)
		skip();
	assert_int_equal(sandboxed(who_am_i), 0);
	assert_int_equal(sandboxed(capabilities_left), 0);
	assert_int_equal(sandboxed(open_passwd), ENOENT);
	assert_in_range(sandboxed(list_root), 1, KILLED - 1);
	assert_in_range(sandboxed(make_file), 1, KILLED - 1);
	assert_int_equal(sandboxed(probe_user), EPERM);
	assert_int_equal(sandboxed(network_seen), 0);
	assert_int_equal(sandboxed(dumpable), 0);
	assert_int_equal(sandboxed(probe_kill), EPERM);
}

static bool enter_unprivileged(int kind)
{
	(void)kind;
	return setresuid(UID, UID, UID) == 0;
}

static int sandbox_again(void)
{
	struct why reason;
	int result = sandbox_enter(UID, UID, &reason);

	return strcmp(reason.text, "sandbox: unshare: Operation not permitted") ? 0 : -result;
}

/* Without the rights that it needs it says so, rather than run a guest in half a sandbox. */
static void test_sandbox_without_rights(void **state)
{
	(void)state;
	if (geteuid() != 0)
		skip();
	assert_int_equal(in_child(enter_unprivileged, 0, sandbox_again), EPERM);
}

static int probe_make_executable(void)
{
	void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return page == MAP_FAILED ? 0 : result_of(mprotect(page, 4096, PROT_READ | PROT_EXEC));
}

static int probe_terminal(void)
{
	return result_of(ioctl(-1, TIOCSTI, "x"));
}

static int probe_tap(void)
{
	return result_of(ioctl(-1, TUNSETOFFLOAD, 0));
}

static int probe_tap_create(void)
{
	return result_of(ioctl(-1, FIOASYNC, 0));
}

static int probe_kvm(void)
{
	return result_of(ioctl(-1, KVM_RUN, 0));
}

static int probe_accept(void)
{
	return result_of(accept4(-1, NULL, NULL, 0));
}

static int probe_ring(void)
{
	return result_of(syscall(SYS_io_uring_setup, 0, NULL));
}

static int probe_write(void)
{
	return result_of(write(-1, "", 1));
}

static int probe_memory(void)
{
	void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return page == MAP_FAILED ? errno : result_of(madvise(page, 4096, MADV_DONTNEED));
}

/* The 32-bit door to the kernel has other numbers; it is shut altogether. */
static int probe_int80(void)
{
	long result = 20; /* getpid there */

	__asm__ volatile("int $0x80" : "+a"(result) : : "memory");
	return 0;
}

static void test_filter(void **state)
{
	static const struct {
		int (*probe)(void);
		int expected[3]; /* vCPU, I/O, main */
	} cases[] = {
		{ probe_execve, { KILLED, KILLED, KILLED } },
		{ probe_socket, { KILLED, KILLED, KILLED } },
		{ probe_ptrace, { KILLED, KILLED, KILLED } },
		{ probe_int80, { KILLED, KILLED, KILLED } },
		{ probe_fork, { EPERM, EPERM, EPERM } },
		{ open_passwd, { EPERM, EPERM, EPERM } },
		{ probe_executable, { EPERM, EPERM, EPERM } },
		{ probe_make_executable, { EPERM, EPERM, EPERM } },
		{ probe_kill, { EPERM, EPERM, EPERM } },
		{ probe_terminal, { EPERM, EPERM, EPERM } },
		{ probe_tap_create, { EPERM, EPERM, EPERM } },
		{ probe_tap, { EBADF, EBADF, EBADF } },
		{ probe_kvm, { EBADF, EBADF, EBADF } },
		{ probe_write, { EBADF, EBADF, EBADF } },
		{ probe_memory, { 0, 0, 0 } },
		{ probe_accept, { EPERM, EPERM, EBADF } },
		/* The main thread makes one for a disk that is plugged in. */
		{ probe_ring, { KILLED, KILLED, EFAULT } },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		for (int kind = 0; kind < 3; kind++)
			assert_int_equal(
			    in_child(enter_filter, kind, cases[i].probe), cases[i].expected[kind]);
}

#define CALLS 1024

/* uretprobe(2), uprobe(2): the kernel asks no filter, and takes them from its own probes only. */
static bool is_probe(long call)
{
	return call == 335 || call == 336;
}

/* Every number there may be: what no row speaks of does not get through. With arguments that do no
 * harm if it did. */
static int probe_unlisted(enum seccomp_thread thread, const bool hostile[CALLS])
{
	for (long call = 0; call < CALLS; call++)
		if (!hostile[call] && !is_probe(call) && !seccomp_lists(thread, call) &&
		    (syscall(call, -1, -1, -1, -1, -1, -1) != -1 || errno != EPERM))
			return 1;
	return 0;
}

static void test_what_is_missing(void **state)
{
	static const long deadly[] = { SYS_execve, SYS_execveat, SYS_ptrace, SYS_process_vm_readv,
		SYS_process_vm_writev, SYS_fork, SYS_vfork, SYS_mount, SYS_umount2, SYS_pivot_root,
		SYS_chroot, SYS_setns, SYS_unshare, SYS_bpf, SYS_init_module, SYS_finit_module,
		SYS_kexec_load, SYS_keyctl, SYS_add_key, SYS_userfaultfd, SYS_perf_event_open,
		SYS_setuid, SYS_setresuid, SYS_capset, SYS_memfd_create, SYS_socket, SYS_connect,
		SYS_bind, SYS_io_uring_setup };
	bool hostile[CALLS] = { false };

	(void)state;
	for (size_t i = 0; i < sizeof(deadly) / sizeof(deadly[0]); i++)
		hostile[deadly[i]] = true;
	for (int kind = 0; kind < 3; kind++) {
		pid_t child = fork();

		if (child == 0)
			leave(enter_filter(kind)
				  ? probe_unlisted((enum seccomp_thread)kind, hostile)
				  : NOT_ENTERED);
		assert_int_equal(ending(child), 0);
		for (long call = 0; call < CALLS; call++) {
			/* A ring is the main thread's, for a disk that is plugged in. */
			if (!hostile[call] || (call == SYS_io_uring_setup && kind == SECCOMP_MAIN))
				continue;
			assert_false(seccomp_lists((enum seccomp_thread)kind, call));
			child = fork();
			if (child == 0)
				leave(enter_filter(kind)
					  ? (int)syscall(call, -1, -1, -1, -1, -1, -1)
					  : NOT_ENTERED);
			assert_int_equal(ending(child), KILLED);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sandbox),
		cmocka_unit_test(test_sandbox_without_rights),
		cmocka_unit_test(test_filter),
		cmocka_unit_test(test_what_is_missing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
