/* SPDX-License-Identifier: GPL-2.0-only */
/* The mount tables, and what they do in a mount namespace of the test's own. */
#include "tests/unit/unit_test.h"

#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include "initramfs/loop.h"
#include "initramfs/mounts.h"

/* A guest or a service that fills its folder must not take the node's memory, and nothing in memory
 * is a way to root or to a device. */
static void memory_is_bounded_and_harmless(void **state)
{
	(void)state;
	for (const struct mount_entry *entry = mounts_late; entry->target; entry++) {
		assert_string_equal(entry->type, "tmpfs");
		assert_non_null(strstr(entry->options, "size="));
		assert_non_null(strstr(entry->options, "mode="));
		assert_int_equal(entry->flags & (MS_NOSUID | MS_NODEV), (MS_NOSUID | MS_NODEV));
		assert_memory_equal(entry->target, "/new/", 5);
	}
}

static void unknown_type_is_named_by_its_error(void **state)
{
	char folder[] = "/tmp/berth-mounts-XXXXXX";
	struct mount_entry entry = { "no-such-type", folder, 0, NULL };

	(void)state;
	assert_non_null(mkdtemp(folder));
	assert_int_equal(mounts_apply(&entry), geteuid() == 0 ? -ENODEV : -EPERM);
	assert_int_equal(rmdir(folder), 0);
}

static void missing_image(void **state)
{
	char device[LOOP_NAME_SIZE] = "as it was";

	(void)state;
	assert_int_equal(loop_attach("/no/such/root.squashfs", device), -ENOENT);
	assert_string_equal(device, "as it was");
}

/* Whether `path` is a mount of its own with these flags. */
static int is_mounted(const char *path, unsigned long flags, mode_t mode)
{
	struct stat own;
	struct stat above;
	struct statvfs file_system;
	char parent[64];

	strcpy(parent, path);
	strrchr(parent, '/')[1] = '\0';
	if (stat(path, &own) < 0 || stat(parent, &above) < 0 || statvfs(path, &file_system) < 0)
		return 0;
	return own.st_dev != above.st_dev && (own.st_mode & 07777) == mode &&
	       (file_system.f_flag & flags) == flags;
}

/* The number of the check that does not hold; 0 for none; -1 where namespaces are not allowed. */
static int mount_all(const char *folder)
{
	struct stat null;

	if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount("tmpfs", folder, "tmpfs", 0, NULL) < 0 || chroot(folder) < 0 || chdir("/") < 0)
		return -1;
	for (const struct mount_entry *entry = mounts_early; entry->target; entry++)
		if (mounts_apply(entry) < 0)
			return 1;
	/* Twice, as when the kernel has mounted devtmpfs before. */
	if (mounts_apply(&mounts_early[0]) < 0)
		return 2;
	mkdir("/new", 0755);
	mkdir("/new/dev", 0755);
	mkdir("/new/proc", 0755);
	mkdir("/new/sys", 0755);
	for (const struct mount_entry *entry = mounts_late; entry->target; entry++)
		if (mounts_apply(entry) < 0)
			return 3;
	/* Without a further archive, and with one. */
	mkdir("/new/lib", 0755);
	mkdir("/new/lib/firmware", 0755);
	mkdir("/lib", 0755);
	if (mounts_firmware("/new"))
		return 9;
	mkdir("/lib/firmware", 0755);
	mkdir("/lib/firmware/nic", 0755);
	if (mounts_firmware("/new") || access("/new/lib/firmware/nic", F_OK) < 0)
		return 10;
	if (mounts_move("/new") < 0)
		return 4;
	if (!is_mounted("/new/tmp", ST_NOSUID | ST_NODEV, 01777) ||
	    !is_mounted("/new/run", ST_NOSUID | ST_NODEV, 0755) ||
	    !is_mounted("/new/var", ST_NOSUID | ST_NODEV, 0755))
		return 5;
	if (!is_mounted("/new/proc", ST_NOSUID | ST_NODEV | ST_NOEXEC, 0555) ||
	    !is_mounted("/new/sys", ST_NOSUID | ST_NODEV | ST_NOEXEC, 0555))
		return 6;
	if (stat("/new/dev/null", &null) < 0 || null.st_rdev != makedev(1, 3))
		return 7;
	/* Moved, not doubled. */
	return access("/dev/null", F_OK) == 0 || access("/proc/self", F_OK) == 0 ? 8 : 0;
}

static void tables_in_a_namespace(void **state)
{
	char folder[] = "/tmp/berth-mounts-XXXXXX";
	int status;
	pid_t pid;

	(void)state;
	assert_non_null(mkdtemp(folder));
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0)
		_exit(mount_all(folder));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(rmdir(folder), 0);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 255 && geteuid() != 0)
		skip();
	assert_int_equal(status, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(memory_is_bounded_and_harmless),
		cmocka_unit_test(unknown_type_is_named_by_its_error),
		cmocka_unit_test(missing_image),
		cmocka_unit_test(tables_in_a_namespace),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
