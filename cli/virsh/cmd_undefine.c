/* SPDX-License-Identifier: GPL-2.0-only */
/* A guest's definition removed, and with it what else is asked for: its saved state, its volumes.
 */
#include <string.h>

#include "cli/virsh/cmd_list.h"
#include "cli/virsh/commands.h"
#include "cli/virsh/objects.h"
#include "xml/read.h"

static const struct option undefine_options[] = {
	DOMAIN,
	{ "managed-save", OPTION_FLAG, false, "and its saved state" },
	{ "storage", OPTION_TEXT, false, "and these of its disks, targets or paths with commas" },
	{ "remove-all-storage", OPTION_FLAG, false, "and all of its disks" },
	{ "delete-storage-volume-snapshots", OPTION_FLAG, false, "and the disks' snapshots" },
	{ "wipe-storage", OPTION_FLAG, false, "overwrite the disks before" },
	{ "snapshots-metadata", OPTION_FLAG, false, "and what is known of its snapshots" },
	{ "checkpoints-metadata", OPTION_FLAG, false, "and what is known of its checkpoints" },
	{ "nvram", OPTION_FLAG, false, "and its firmware's variables" },
	{ "keep-nvram", OPTION_FLAG, false, "but not its firmware's variables" },
	{ "tpm", OPTION_FLAG, false, "and its TPM's state" },
	{ "keep-tpm", OPTION_FLAG, false, "but not its TPM's state" },
	{ 0 },
};

/* libvirt: virDomainUndefineFlagsValues. */
static const struct object_flag undefine_flags[] = { { "managed-save", 1 },
	{ "snapshots-metadata", 2 }, { "nvram", 4 }, { "keep-nvram", 8 },
	{ "checkpoints-metadata", 16 }, { "tpm", 32 }, { "keep-tpm", 64 }, { 0 } };

#define DELETE_SNAPSHOTS 2u /* libvirt: VIR_STORAGE_VOL_DELETE_WITH_SNAPSHOTS */
#define VOLUMES 64

/* Volumes that go with the guest; the texts are of the connection's memory. */
struct volume {
	const char *target;
	const char *source;
	struct rpc_vol vol;
};

struct volumes {
	struct volume items[VOLUMES];
	size_t count;
};

/* A disk with a source, as both names of it. */
struct disk {
	const char *target;
	const char *source;
};

static bool disk_of(const struct xml_element *element, struct disk *ret_disk)
{
	const char *file = xml_tree_attribute(element, "source", "file");

	ret_disk->target = xml_tree_attribute(element, "target", "dev");
	ret_disk->source = file ? file : xml_tree_attribute(element, "source", "dev");
	return ret_disk->target && ret_disk->source;
}

/* Whether one of the disk's names is the word of so many characters. */
static bool is_called(const struct disk *disk, const char *word, size_t length)
{
	return (strlen(disk->target) == length && !strncmp(disk->target, word, length)) ||
	       (strlen(disk->source) == length && !strncmp(disk->source, word, length));
}

static const char *next_word(const char *list)
{
	list += strcspn(list, ",");
	return list + (*list == ',');
}

static bool is_listed(const struct disk *disk, const char *list)
{
	for (; list && *list; list = next_word(list))
		if (is_called(disk, list, strcspn(list, ",")))
			return true;
	return false;
}

/* Whether every word of the list is a disk of the guest; tells which is not. */
static bool are_there(const struct xml_element *root, const char *list)
{
	for (; list && *list; list = next_word(list)) {
		const struct xml_element *element = xml_tree_find(root, "devices/disk");
		size_t length = strcspn(list, ",");
		struct disk disk;

		while (element && !(disk_of(element, &disk) && is_called(&disk, list, length)))
			element = xml_tree_next(element);
		if (!element)
			return shell_error("Volume '%.*s' was not found in domain's definition.\n",
			    (int)length, list);
	}
	return true;
}

static void add_volume(struct shell *shell, struct volumes *volumes, const struct disk *disk)
{
	struct rpc_storage_vol_lookup_by_path_args args = { disk->source };
	struct rpc_storage_vol_lookup_by_path_ret ret;

	if (!shell_call(shell, RPC_STORAGE_VOL_LOOKUP_BY_PATH, &args, &ret)) {
		shell_error(
		    "Storage volume '%s'(%s) is not managed by libvirt. Remove it manually.\n",
		    disk->target, disk->source);
		shell_forget_error(shell);
		return;
	}
	volumes->items[volumes->count++] = (struct volume){ rpc_memory_string(
								&shell->conn->memory, disk->target),
		rpc_memory_string(&shell->conn->memory, disk->source), ret.vol };
}

/* Those of the guest's disks that are asked for. False with the fault told. */
static bool find_volumes(struct shell *shell, const struct rpc_dom *dom, struct volumes *volumes)
{
	const char *list = shell_text(shell, "storage");
	bool all = shell_flag(shell, "remove-all-storage");
	struct xml_element *root;
	const char *xml;
	bool well;

	if (!list && !all)
		return true;
	if (dom->id >= 0)
		return shell_error("Storage volume deletion is supported only on stopped domains");
	xml = object_xml(shell, &object_domains, dom, 2); /* libvirt: VIR_DOMAIN_XML_INACTIVE */
	root = xml ? xml_tree_read(xml, strlen(xml)) : NULL;
	if (!root)
		return shell_error("Could not retrieve domain XML description");
	well = are_there(root, list);
	for (const struct xml_element *element = xml_tree_find(root, "devices/disk");
	     well && element && volumes->count < VOLUMES; element = xml_tree_next(element)) {
		struct disk disk;

		if (disk_of(element, &disk) && (all || is_listed(&disk, list)))
			add_volume(shell, volumes, &disk);
	}
	xml_tree_free(root);
	return well;
}

/* True when all of them are gone. */
static bool remove_volumes(struct shell *shell, const struct volumes *volumes)
{
	bool well = true;

	for (size_t i = 0; i < volumes->count; i++) {
		const struct volume *one = &volumes->items[i];
		struct rpc_storage_vol_wipe_args wipe = { one->vol, 0 };
		struct rpc_storage_vol_delete_args args = { one->vol,
			shell_flag(shell, "delete-storage-volume-snapshots") ? DELETE_SNAPSHOTS
									     : 0 };

		if (shell_flag(shell, "wipe-storage")) {
			shell_print("Wiping volume '%s'(%s) ... ", one->target, one->source);
			if (!shell_call(shell, RPC_STORAGE_VOL_WIPE, &wipe, NULL)) {
				well = shell_error("Failed! Volume not removed.");
				continue;
			}
			shell_print("Done.\n");
		}
		if (shell_call(shell, RPC_STORAGE_VOL_DELETE, &args, NULL))
			shell_extra(shell, "Volume '%s'(%s) removed.\n", one->target, one->source);
		else
			well = shell_error(
			    "Failed to remove storage volume '%s'(%s)", one->target, one->source);
	}
	return well;
}

static bool undefine(struct shell *shell, const struct rpc_dom *dom)
{
	struct rpc_domain_undefine_flags_args args = { *dom, object_flags(shell, undefine_flags) };

	return shell_call(shell, RPC_DOMAIN_UNDEFINE_FLAGS, &args, NULL) ||
	       (!args.flags && shell->conn->error.code == RPC_ERR_NO_SUPPORT &&
		   shell_call(shell, RPC_DOMAIN_UNDEFINE, &args, NULL));
}

static bool cmd_undefine(struct shell *shell)
{
	const char *name = shell_text(shell, "domain");
	struct volumes volumes = { .count = 0 };
	struct rpc_dom dom;

	if (shell_flag(shell, "wipe-storage") && !shell_flag(shell, "storage") &&
	    !shell_flag(shell, "remove-all-storage"))
		return shell_error(
		    "'--wipe-storage' requires '--storage <string>' or '--remove-all-storage'");
	if (!object_domain(shell, "domain", BY_ANY, &dom))
		return false;
	if (!shell_flag(shell, "managed-save") && is_saved(shell, &dom))
		return shell_error("Refusing to undefine while domain managed save image exists");
	if (!find_volumes(shell, &dom, &volumes))
		return false;
	if (!undefine(shell, &dom))
		return shell_error("Failed to undefine domain '%s'", name);
	shell_extra(shell, "Domain '%s' has been undefined\n", name);
	return remove_volumes(shell, &volumes);
}

const struct command undefine_commands[] = {
	{ "undefine", cmd_undefine, undefine_options, .help = "remove a guest's definition" },
	{ 0 },
};
