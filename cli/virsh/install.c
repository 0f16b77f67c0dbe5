/* SPDX-License-Identifier: GPL-2.0-only */
#include "cli/virsh/install.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/virsh/console.h"
#include "cli/virsh/install_tree.h"
#include "cli/virsh/install_xml.h"
#include "cli/virsh/objects.h"
#include "cli/virsh/run.h"
#include "xml/read.h"

#define GIB (1024.0 * 1024 * 1024)
#define SECTOR 512

static bool too_long(const char *path)
{
	return shell_error("a path is too long: %s", path);
}

static bool keep_path(struct install_disk *disk, const char *path)
{
	if (strlen(path) >= sizeof(disk->path))
		return too_long(path);
	memcpy(disk->path, path, strlen(path) + 1);
	return true;
}

/* Whether the pool's folder is the first `length` bytes of `path`. */
static bool is_folder(
    struct shell *shell, const struct rpc_pool *pool, const char *path, size_t length)
{
	const char *xml = object_xml(shell, &object_pools, pool, 0);
	struct xml_element *root = xml ? xml_tree_read(xml, strlen(xml)) : NULL;
	const struct xml_element *target = root ? xml_tree_find(root, "target/path") : NULL;
	bool same = target && target->text && strlen(target->text) == length &&
		    !strncmp(target->text, path, length);

	shell_forget_error(shell);
	xml_tree_free(root);
	return same;
}

/* The pool that has the folder of `path`; false, and told, when there is none. */
static bool pool_of(struct shell *shell, const char *path, char *ret_pool, size_t size)
{
	struct rpc_connect_list_all_storage_pools_args args = { .need_results = 1, .flags = 2 };
	const char *slash = strrchr(path, '/');
	uint32_t count;
	const struct rpc_pool *pools = object_list(shell, RPC_CONNECT_LIST_ALL_STORAGE_POOLS, &args,
	    sizeof(*pools), object_compare, &count);

	for (uint32_t i = 0; pools && slash && i < count; i++)
		if (is_folder(shell, &pools[i], path, (size_t)(slash - path))) {
			snprintf(ret_pool, size, "%s", pools[i].name);
			return true;
		}
	return shell_error("no pool has the folder of %s: virsh pool-list --details", path);
}

/* Make a volume of option "size", unless it is a dry run. */
static bool make(struct shell *shell, const struct install *install,
    const struct install_fields *fields, const char *pool, const char *name)
{
	const char *text = install_field(fields, "size");
	const char *format = install_field(fields, "format");
	char *end;
	double size = text ? strtod(text, &end) : 0;
	const char *sparse = install_field(fields, "sparse");
	bool whole = install->nonsparse || (sparse && !strcmp(sparse, "no"));
	char bytes[32];
	char *words[] = { (char[]){ "vol-create-as" }, strdup(pool), strdup(name), bytes,
		(char[]){ "--format" }, strdup(format ? format : "raw"), (char[]){ "--allocation" },
		(char[]){ "0" } };
	bool well = false;

	if (!text)
		shell_error("Size must be specified for non existent volume '%s'", name);
	else if (*end || size <= 0 || size > 65536)
		shell_error("--disk: \"%s\" is no size in GiB", text);
	else if (!words[1] || !words[2] || !words[5])
		shell_error("out of memory");
	else if (install->dry_run || install->print)
		well = true;
	else {
		/* Guests see whole sectors. */
		snprintf(bytes, sizeof(bytes), "%llub",
		    ((unsigned long long)(size * GIB) + SECTOR - 1) / SECTOR * SECTOR);
		well = run_words(shell, whole ? 6 : 8, words);
	}
	free(words[1]);
	free(words[2]);
	free(words[5]);
	return well;
}

/* The path and the format of a volume that is there. */
static bool take_volume(struct shell *shell, const struct rpc_vol *vol, struct install_disk *disk)
{
	struct rpc_storage_vol_get_path_args args = { *vol };
	struct rpc_storage_vol_get_path_ret ret;
	struct rpc_storage_vol_get_xml_desc_args xml_args = { *vol, 0 };
	struct rpc_storage_vol_get_xml_desc_ret xml;
	struct xml_element *root;
	const char *format;

	if (!shell_call(shell, RPC_STORAGE_VOL_GET_PATH, &args, &ret) ||
	    !keep_path(disk, ret.name) ||
	    !shell_call(shell, RPC_STORAGE_VOL_GET_XML_DESC, &xml_args, &xml))
		return false;
	root = xml_tree_read(xml.xml, strlen(xml.xml));
	format = root ? xml_tree_attribute(root, "target/format", "type") : NULL;
	if (format && strcmp(format, "iso") != 0)
		snprintf(disk->format, sizeof(disk->format), "%s", format);
	xml_tree_free(root);
	return true;
}

/* A volume of a pool by name: its path. 0 when it is not there, -1 on an error. */
static int look_up(
    struct shell *shell, const char *pool, const char *name, struct install_disk *disk)
{
	struct rpc_storage_vol_lookup_by_name_args args = { .name = name };
	struct rpc_storage_vol_lookup_by_name_ret ret;

	if (!object_find(shell, &object_pools, pool, BY_ANY, &args.pool))
		return -1;
	if (shell_call(shell, RPC_STORAGE_VOL_LOOKUP_BY_NAME, &args, &ret))
		return take_volume(shell, &ret.vol, disk) ? 1 : -1;
	if (shell->conn->error.code != RPC_ERR_NO_VOL)
		return -1;
	shell_forget_error(shell);
	return 0;
}

/* "pool=P,size=N": a volume by the guest's name, with a number where there is one already. */
static bool new_in_pool(
    struct shell *shell, const struct install *install, const char *pool, struct install_disk *disk)
{
	const char *format = install_field(disk->fields, "format");
	const char *end = format && strcmp(format, "raw") != 0 ? format : "img";
	char name[256];

	for (unsigned int i = 0; i < 1000; i++) {
		int found;

		if (i)
			snprintf(name, sizeof(name), "%s-%u.%s", install->name, i, end);
		else
			snprintf(name, sizeof(name), "%s.%s", install->name, end);
		found = look_up(shell, pool, name, disk);
		if (found < 0)
			return false;
		if (found)
			continue;
		if (!make(shell, install, disk->fields, pool, name))
			return false;
		disk->made = !install->dry_run && !install->print;
		return !disk->made ? keep_path(disk, name) : look_up(shell, pool, name, disk) == 1;
	}
	return shell_error("the pool %s is full of disks of %s", pool, install->name);
}

static bool by_path(
    struct shell *shell, const struct install *install, const char *path, struct install_disk *disk)
{
	struct rpc_storage_vol_lookup_by_path_args args = { .path = path };
	struct rpc_storage_vol_lookup_by_path_ret ret;
	char pool[256];

	if (*path != '/')
		return shell_error("--disk: \"%s\" is no absolute path", path);
	if (!keep_path(disk, path))
		return false;
	if (!strncmp(path, "/dev/", 5) || !strcmp(disk->device, "cdrom"))
		return true;
	if (shell_call(shell, RPC_STORAGE_VOL_LOOKUP_BY_PATH, &args, &ret))
		return take_volume(shell, &ret.vol, disk);
	if (shell->conn->error.code != RPC_ERR_NO_VOL)
		return false;
	shell_forget_error(shell);
	disk->made = pool_of(shell, path, pool, sizeof(pool)) &&
		     make(shell, install, disk->fields, pool, strrchr(path, '/') + 1);
	return disk->made;
}

static bool resolve(struct shell *shell, const struct install *install, struct install_disk *disk)
{
	const char *path = install_field(disk->fields, "path");
	const char *vol = install_field(disk->fields, "vol");
	const char *pool = install_field(disk->fields, "pool");
	const char *slash = vol ? strchr(vol, '/') : NULL;
	char name[256];
	int found;

	if (path)
		return by_path(shell, install, path, disk);
	if (pool)
		return new_in_pool(shell, install, pool, disk);
	if (!slash)
		return shell_error("--disk needs a path, pool= or vol=POOL/VOLUME");
	snprintf(name, sizeof(name), "%.*s", (int)(slash - vol), vol);
	found = look_up(shell, name, slash + 1, disk);
	return found > 0 ||
	       (found == 0 && shell_error("the pool %s has no volume %s", name, slash + 1));
}

/* All that --disk named, and the CD to install from behind them. */
static bool resolve_all(
    struct shell *shell, const struct install *install, struct install_parts *parts)
{
	static const struct install_fields none = { .count = 0 };

	for (unsigned int i = 0; i < install->disk_count; i++) {
		struct install_disk *disk = &parts->disks[parts->disk_count];
		const char *path = install_field(&install->disks[i], "path");
		const char *device = install_field(&install->disks[i], "device");

		if (path && !strcmp(path, "none"))
			continue;
		*disk = (struct install_disk){ .fields = &install->disks[i],
			.device = device ? device : "disk" };
		if (!resolve(shell, install, disk))
			return false;
		parts->disk_count++;
	}
	if (!install->cdrom)
		return true;
	parts->disks[parts->disk_count] = (struct install_disk){ .fields = &none,
		.device = "cdrom" };
	return by_path(shell, install, install->cdrom, &parts->disks[parts->disk_count++]);
}

static bool print(const struct install *install, const struct install_parts *parts)
{
	bool phases = install->cdrom || install->pxe || install->location;
	struct buf xml = BUF_INIT;
	bool well = install_xml(install, parts, true, &xml) &&
		    (!phases || install_xml(install, parts, false, &xml));

	if (well)
		fputs(buf_text(&xml), stdout);
	buf_done(&xml);
	return well;
}

/* Start it from what it is installed with, and define what it is from then on. */
static bool create(struct shell *shell, const struct install *install, struct install_parts *parts,
    struct rpc_dom *ret_dom)
{
	struct rpc_domain_create_xml_args args = { .flags = 0 };
	struct rpc_domain_create_xml_ret ret;
	struct rpc_domain_define_xml_args define;
	struct rpc_domain_define_xml_ret defined;
	struct rpc_domain_set_autostart_args autostart = { .autostart = 1 };
	struct buf first = BUF_INIT;
	struct buf later = BUF_INIT;
	bool well = install_xml(install, parts, true, &first);

	args.xml_desc = buf_text(&first);
	well = well && shell_call(shell, RPC_DOMAIN_CREATE_XML, &args, &ret);
	if (well) {
		*ret_dom = ret.dom;
		uuid_text(ret.dom.uuid, parts->uuid);
		well = install_xml(install, parts, false, &later);
		define.xml = buf_text(&later);
		if (well && !install->transient)
			well = shell_call(shell, RPC_DOMAIN_DEFINE_XML, &define, &defined);
		autostart.dom = ret.dom;
		if (well && install->autostart)
			well = shell_call(shell, RPC_DOMAIN_SET_AUTOSTART, &autostart, NULL);
	}
	buf_done(&first);
	buf_done(&later);
	return well;
}

static bool is_active(struct shell *shell, const struct rpc_dom *dom)
{
	struct rpc_domain_is_active_args args = { *dom };
	struct rpc_domain_is_active_ret ret;
	bool active = shell_call(shell, RPC_DOMAIN_IS_ACTIVE, &args, &ret) && ret.active;

	/* A transient one is not there any more. */
	shell_forget_error(shell);
	return active;
}

/* Until the installation has ended, or the time is up. */
static bool wait_for(struct shell *shell, const struct install *install, const struct rpc_dom *dom)
{
	for (uint64_t second = 0; is_active(shell, dom); second++) {
		if (install->wait && second == install->wait * 60)
			return shell_error(
			    "Installation has exceeded specified time limit. Exiting application.");
		if (conn_wait(shell->conn, 1000) < 0)
			return false;
	}
	return true;
}

/* The console, the wait for the end of the installation, and the start behind it. */
static bool follow(struct shell *shell, const struct install *install, const struct rpc_dom *dom)
{
	struct rpc_domain_create_args start = { *dom };
	bool phases = install->cdrom || install->pxe || install->location;
	bool console = !install->no_console && isatty(STDIN_FILENO) &&
		       !(install_field(&install->graphics, "type") &&
			   strcmp(install_field(&install->graphics, "type"), "none") != 0);

	if (console && !console_attach(shell, dom, NULL, 0))
		return false;
	if (install->wait_given && !wait_for(shell, install, dom))
		return false;
	if (!phases || install->transient || is_active(shell, dom)) {
		shell_extra(shell,
		    !phases ? "Domain creation completed.\n"
			    : "Domain installation still in progress.\n"
			      "virsh start %s once it has ended.\n",
		    dom->name);
		return true;
	}
	shell_extra(shell, "Domain creation completed.\n");
	if (install->no_reboot)
		return true;
	shell_extra(shell, "Restarting guest.\n");
	return shell_call(shell, RPC_DOMAIN_CREATE, &start, NULL) &&
	       (!console || console_attach(shell, dom, NULL, 0));
}

/* Of a guest that did not come to be, nothing stays. */
static void remove_made(struct shell *shell, struct install_parts *parts)
{
	for (unsigned int i = 0; i < parts->disk_count; i++)
		if (parts->disks[i].made)
			run_words(
			    shell, 2, (char *[]){ (char[]){ "vol-delete" }, parts->disks[i].path });
}

static bool run(struct shell *shell, const struct install *install)
{
	struct install_parts parts = { .disk_count = 0 };
	struct rpc_dom dom = { 0 };
	char name[256];
	bool quiet = install->quiet;
	bool created;

	/* virsh's commands that are run on the way say nothing. */
	shell->quiet = true;
	if (!shell_connect(shell) || (install->location && !install_tree(shell, install, &parts)))
		return false;
	created = resolve_all(shell, install, &parts);
	if (install->print || install->dry_run)
		return created && (!install->print || print(install, &parts));
	if (created && !quiet)
		shell_print("\nStarting install...\n");
	created = created && create(shell, install, &parts, &dom);
	snprintf(name, sizeof(name), "%s", dom.name ? dom.name : "");
	if (!created)
		shell_report(shell);
	/* A guest that runs has read them. */
	if (install->location)
		install_tree_remove(shell, install);
	if (!*name)
		remove_made(shell, &parts);
	shell->quiet = quiet;
	if (!created)
		return shell_error("Domain installation does not appear to have been successful.");
	dom.name = name;
	conn_release(shell->conn);
	return follow(shell, install, &dom);
}

int install_main(struct shell *shell, int argc, char **argv)
{
	struct install install;
	bool well = install_args(argc, argv, &install);

	if (well && !install.done) {
		if (install.uri)
			snprintf(shell->uri, sizeof(shell->uri), "%s", install.uri);
		well = run(shell, &install);
		if (!well)
			shell_report(shell);
	}
	return well ? EXIT_SUCCESS : EXIT_FAILURE;
}
