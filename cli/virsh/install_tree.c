/* SPDX-License-Identifier: GPL-2.0-only */
#include "cli/virsh/install_tree.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/virsh/objects.h"
#include "cli/virsh/run.h"
#include "lib/proc.h"

/* What libvirt's virt-install calls the pool of such files, and its folder. */
#define POOL_NAME "boot-scratch"
#define POOL_FOLDER "/var/lib/libvirt/boot"

/* For one file; a slow line brings an initrd in that time. */
#define FETCH_SECONDS 3600
/* curl(1), EXIT CODES */
#define CURL_HTTP_REFUSED 22
#define CURL_NO_FILE 78

/* Where distributions keep them in their trees. */
static const struct place {
	const char *kernel;
	const char *initrd;
} places[] = {
	{ "images/pxeboot/vmlinuz", "images/pxeboot/initrd.img" },
	{ "install.amd/vmlinuz", "install.amd/initrd.gz" },
	{ "current/images/netboot/debian-installer/amd64/linux",
	    "current/images/netboot/debian-installer/amd64/initrd.gz" },
	{ "boot/x86_64/loader/linux", "boot/x86_64/loader/initrd" },
	{ "casper/vmlinuz", "casper/initrd" },
	{ "vmlinuz", "initrd.img" },
	{ "vmlinuz", "initrd" },
};

enum { KERNEL, INITRD, FILES };

static const char *const roles[FILES] = { "kernel", "initrd" };

static bool is_remote(const char *tree)
{
	return strstr(tree, "://");
}

/* Fetch one file of a tree to `path`: 1; 0 when it is not there, which a tree may well have to say
 * of most; -1, and told, when the tree cannot be asked. */
static int fetch(const char *tree, const char *file, const char *path)
{
	char url[1024];
	char *const words[] = { (char[]){ "curl" }, (char[]){ "-fsSL" }, (char[]){ "-o" },
		strdup(path), (char[]){ "--" }, url, NULL };
	struct buf said = BUF_INIT;
	int result = -ENOMEM;

	if (snprintf(url, sizeof(url), "%s/%s", tree, file) >= (int)sizeof(url))
		result = -ENAMETOOLONG;
	else if (words[3])
		result = proc_run(words, FETCH_SECONDS, sizeof(url), &said);
	if (result < 0)
		shell_error("cannot fetch %s: %s", url, strerror(-result));
	else if (result && result != CURL_HTTP_REFUSED && result != CURL_NO_FILE)
		shell_error("cannot fetch %s: %.*s", url, (int)strcspn(buf_text(&said), "\n"),
		    said.length ? buf_text(&said) : "no curl");
	else
		result = !result;
	buf_done(&said);
	free(words[3]);
	return result == 0 || result == 1 ? result : -1;
}

/* One file of the tree as a local path; as fetch(). */
static int obtain(
    const char *tree, const char *file, const char *scratch, char *ret_path, size_t size)
{
	if (is_remote(tree)) {
		snprintf(ret_path, size, "%s", scratch);
		return fetch(tree, file, scratch);
	}
	return snprintf(ret_path, size, "%s/%s", tree, file) < (int)size && !access(ret_path, R_OK);
}

/* virsh's commands with words of their own. */
static bool run(struct shell *shell, const char *const *words)
{
	char *copies[16] = { NULL };
	int count = 0;
	bool well = true;

	for (; words[count]; count++) {
		copies[count] = strdup(words[count]);
		well = well && copies[count];
	}
	well = well && run_words(shell, count, copies);
	while (count)
		free(copies[--count]);
	return well;
}

static bool has_pool(struct shell *shell)
{
	struct rpc_storage_pool_lookup_by_name_args args = { POOL_NAME };
	struct rpc_storage_pool_lookup_by_name_ret ret;
	bool there = shell_call(shell, RPC_STORAGE_POOL_LOOKUP_BY_NAME, &args, &ret);

	shell_forget_error(shell);
	return there;
}

/* Where there is none it is made, as libvirt's virt-install does. */
static bool make_pool(struct shell *shell)
{
	struct rpc_storage_pool_define_xml_args define = {
		.xml = "<pool type='dir'><name>" POOL_NAME "</name>"
		       "<target><path>" POOL_FOLDER "</path></target></pool>"
	};
	struct rpc_storage_pool_define_xml_ret ret;
	struct rpc_storage_pool_create_args start = { .flags = 0 };

	if (has_pool(shell))
		return true;
	if (!shell_call(shell, RPC_STORAGE_POOL_DEFINE_XML, &define, &ret))
		return false;
	start.pool = ret.pool;
	return shell_call(shell, RPC_STORAGE_POOL_CREATE, &start, NULL);
}

static void volume_name(const struct install *install, unsigned int role, char name[256])
{
	snprintf(name, 256, "%s-%s", install->name, roles[role]);
}

/* The file as a volume, in the place of one from an earlier attempt. */
static bool send_file(struct shell *shell, const struct install *install, unsigned int role,
    const char *file, char *ret_path, size_t size)
{
	struct rpc_storage_vol_lookup_by_name_args args = { .pool = { .name = POOL_NAME } };
	struct rpc_storage_vol_lookup_by_name_ret ret;
	struct rpc_storage_vol_get_path_args where;
	struct rpc_storage_vol_get_path_ret path;
	char name[256];
	char bytes[32];
	struct stat status;

	if (stat(file, &status))
		return shell_error("cannot read %s: %s", file, strerror(errno));
	volume_name(install, role, name);
	snprintf(bytes, sizeof(bytes), "%llub", (unsigned long long)status.st_size);
	if (!object_find(shell, &object_pools, POOL_NAME, BY_NAME, &args.pool))
		return false;
	args.name = name;
	if (shell_call(shell, RPC_STORAGE_VOL_LOOKUP_BY_NAME, &args, &ret) &&
	    !run(shell, (const char *const[]){ "vol-delete", name, POOL_NAME, NULL }))
		return false;
	shell_forget_error(shell);
	if (!run(shell, (const char *const[]){ "vol-create-as", POOL_NAME, name, bytes, "--format",
			    "raw", NULL }) ||
	    !run(shell, (const char *const[]){ "vol-upload", name, file, POOL_NAME, NULL }) ||
	    !object_find(shell, &object_pools, POOL_NAME, BY_NAME, &args.pool) ||
	    !shell_call(shell, RPC_STORAGE_VOL_LOOKUP_BY_NAME, &args, &ret))
		return false;
	where.vol = ret.vol;
	if (!shell_call(shell, RPC_STORAGE_VOL_GET_PATH, &where, &path))
		return false;
	snprintf(ret_path, size, "%s", path.name);
	return true;
}

/* "TREE,kernel=K,initrd=I": the first of the places that the tree has, or what is named. */
static bool find(const char *tree, const struct place *named, char scratch[FILES][64],
    char ret_files[FILES][1024])
{
	size_t count = named->kernel ? 1 : sizeof(places) / sizeof(places[0]);
	const struct place *candidates = named->kernel ? named : places;

	for (size_t i = 0; i < count; i++) {
		int found = obtain(
		    tree, candidates[i].kernel, scratch[KERNEL], ret_files[KERNEL], 1024);

		if (found > 0)
			found = obtain(
			    tree, candidates[i].initrd, scratch[INITRD], ret_files[INITRD], 1024);
		if (found)
			return found > 0;
	}
	return shell_error(
	    "Couldn't find kernel and initrd for %s; name them: --location %s,kernel=FILE,initrd=FILE",
	    tree, tree);
}

static void cut_named(char *tree, struct place *ret_named)
{
	for (char *at = strchr(tree, ','); at; at = strchr(at, ',')) {
		*at++ = '\0';
		if (!strncmp(at, "kernel=", 7))
			ret_named->kernel = at + 7;
		else if (!strncmp(at, "initrd=", 7))
			ret_named->initrd = at + 7;
	}
}

bool install_tree(struct shell *shell, const struct install *install, struct install_parts *parts)
{
	char scratch[FILES][64] = { "/tmp/virt-install-kernel-XXXXXX",
		"/tmp/virt-install-initrd-XXXXXX" };
	char files[FILES][1024];
	char *tree = strdup(install->location);
	struct place named = { NULL, NULL };
	int fd[FILES] = { -1, -1 };
	bool well = tree;

	for (unsigned int i = 0; well && i < FILES; i++) {
		fd[i] = mkstemp(scratch[i]);
		well = fd[i] >= 0 || shell_error("no temporary file: %s", strerror(errno));
	}
	if (well) {
		size_t length;

		cut_named(tree, &named);
		for (length = strlen(tree); length > 1 && tree[length - 1] == '/'; length--)
			tree[length - 1] = '\0';
		well = (!named.kernel == !named.initrd ||
			   shell_error("--location: kernel= and initrd= belong together")) &&
		       find(tree, &named, scratch, files);
	}
	if (well && !install->print && !install->dry_run)
		well = make_pool(shell) &&
		       send_file(shell, install, KERNEL, files[KERNEL], parts->kernel,
			   sizeof(parts->kernel)) &&
		       send_file(shell, install, INITRD, files[INITRD], parts->initrd,
			   sizeof(parts->initrd));
	else if (well) {
		snprintf(parts->kernel, sizeof(parts->kernel), "%s", files[KERNEL]);
		snprintf(parts->initrd, sizeof(parts->initrd), "%s", files[INITRD]);
	}
	for (unsigned int i = 0; i < FILES; i++)
		if (fd[i] >= 0) {
			close(fd[i]);
			unlink(scratch[i]);
		}
	free(tree);
	return well;
}

void install_tree_remove(struct shell *shell, const struct install *install)
{
	for (unsigned int i = 0; i < FILES; i++) {
		char name[256];

		volume_name(install, i, name);
		if (!run(shell, (const char *const[]){ "vol-delete", name, POOL_NAME, NULL }))
			shell_forget_error(shell);
	}
}
