/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Each step takes away what the steps before it needed, so their order matters: mounts need
 * capabilities, capabilities go with the user, Landlock and seccomp need no_new_privs only.
 */
#include "vmm/sandbox.h"

#include <errno.h>
#include <linux/landlock.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/confine.h"

/* What a step gave, with its name. */
static int told(int result, const char *step, struct why *ret_why)
{
	return result ? why_errno(ret_why, result, "sandbox: %s", step) : 0;
}

static int become(uid_t uid, gid_t gid, struct why *ret_why)
{
	int result = confine_user(uid, gid);

	return result ? why_errno(ret_why, result, "sandbox: user %u", (unsigned int)uid) : 0;
}

/* The rights that a version of the interface knows, all of them: they grew at their upper end, by
 * REFER, TRUNCATE and IOCTL_DEV in versions 2, 3 and 5. By number, for not all headers have them.
 */
static uint64_t landlock_rights(long version)
{
	unsigned int bits = 13;

	bits += (version >= 2) + (version >= 3) + (version >= 5);
	return (1ull << bits) - 1;
}

/* Landlock (userspace-api/landlock): a set of rules without a rule allows nothing. */
static int forbid_files(struct why *ret_why)
{
	long version = syscall(
	    SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
	struct landlock_ruleset_attr rules = { .handled_access_fs = landlock_rights(version) };
	long ruleset;
	int result = 0;

	/* ENOSYS: built without; EOPNOTSUPP: not switched on. The empty root is there all the same.
	 */
	if (version < 0)
		return errno == ENOSYS || errno == EOPNOTSUPP
			   ? 0
			   : why_errno(ret_why, -errno, "sandbox: Landlock");
	ruleset = syscall(SYS_landlock_create_ruleset, &rules, sizeof(rules.handled_access_fs), 0);
	if (ruleset < 0)
		return why_errno(ret_why, -errno, "sandbox: Landlock");
	if (syscall(SYS_landlock_restrict_self, ruleset, 0))
		result = why_errno(ret_why, -errno, "sandbox: Landlock");
	close((int)ruleset);
	return result;
}

int sandbox_enter(uid_t uid, gid_t gid, struct why *ret_why)
{
	int result = told(confine_apart(), "unshare", ret_why);

	if (!result)
		result = told(confine_empty_root(), "empty root", ret_why);
	/* A dump would hold the guest's memory. */
	if (!result)
		result = told(confine_memory(), "no core dumps", ret_why);
	if (!result)
		result = become(uid, gid, ret_why);
	if (!result)
		result = forbid_files(ret_why);
	return result;
}
