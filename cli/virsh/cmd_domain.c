/* SPDX-License-Identifier: GPL-2.0-only */
/* Guests: their life, and how they are called. */
#include <string.h>

#include "cli/virsh/affect.h"
#include "cli/virsh/cmd_job.h"
#include "cli/virsh/cmd_save.h"
#include "cli/virsh/commands.h"
#include "cli/virsh/console.h"
#include "cli/virsh/files.h"
#include "cli/virsh/objects.h"
#include "cli/virsh/show.h"

static bool start_it(struct shell *shell, const struct rpc_dom *dom, uint32_t flags)
{
	struct rpc_domain_create_with_flags_args args = { *dom, flags };
	struct rpc_domain_create_args plain = { *dom };

	return flags ? shell_call(shell, RPC_DOMAIN_CREATE_WITH_FLAGS, &args, NULL)
		     : shell_call(shell, RPC_DOMAIN_CREATE, &plain, NULL);
}

static const struct option start_options[] = {
	DOMAIN,
	{ "console", OPTION_FLAG, false, "attach to its console" },
	{ "paused", OPTION_FLAG, false, "leave it paused" },
	{ "autodestroy", OPTION_FLAG, false, "destroy it with this connection" },
	{ "bypass-cache", OPTION_FLAG, false, "read a saved state without the file cache" },
	{ "force-boot", OPTION_FLAG, false, "boot anew, without a saved state" },
	{ "pass-fds", OPTION_TEXT, false, "descriptors for it: 3,4,5" },
	{ "reset-nvram", OPTION_FLAG, false, "with the firmware's variables as they first were" },
	{ 0 },
};

/* libvirt: virDomainCreateFlags. */
static const struct object_flag start_flags[] = { { "paused", 1 }, { "autodestroy", 2 },
	{ "bypass-cache", 4 }, { "force-boot", 8 }, { "validate", 16 }, { "reset-nvram", 32 },
	{ 0 } };

/* Connections of this program carry no descriptors. */
static bool no_descriptors(struct shell *shell)
{
	if (!shell_flag(shell, "pass-fds"))
		return true;
	conn_fail(shell->conn, RPC_ERR_ARGUMENT_UNSUPPORTED,
	    "argument unsupported: fd passing is not supported by this connection");
	return false;
}

static bool cmd_start(struct shell *shell)
{
	struct rpc_dom dom;
	uint32_t flags = object_flags(shell, start_flags);

	if (!object_domain(shell, "domain", BY_NAME | BY_UUID, &dom))
		return false;
	if (dom.id >= 0)
		return shell_error("Domain is already active");
	if (!no_descriptors(shell) || !start_it(shell, &dom, flags))
		return shell_error("Failed to start domain '%s'", dom.name);
	shell_extra(shell, "Domain '%s' started\n", dom.name);
	return !shell_flag(shell, "console") || console_attach(shell, &dom, NULL, 0);
}

static bool cmd_inject_nmi(struct shell *shell)
{
	struct rpc_domain_inject_nmi_args args = { .flags = 0 };

	return object_domain(shell, "domain", BY_ANY, &args.dom) &&
	       shell_call(shell, RPC_DOMAIN_INJECT_NMI, &args, NULL);
}

static const struct option destroy_options[] = {
	DOMAIN,
	{ "graceful", OPTION_FLAG, false, "not with SIGKILL" },
	{ "remove-logs", OPTION_FLAG, false, "and its logs" },
	{ 0 },
};

static bool cmd_destroy(struct shell *shell)
{
	static const struct object_flag flags[] = { { "graceful", 1 }, { "remove-logs", 2 },
		{ 0 } };
	struct rpc_domain_destroy_flags_args args = { .flags = object_flags(shell, flags) };

	if (!object_domain(shell, "domain", BY_ANY, &args.dom))
		return false;
	if (!shell_call(
		shell, args.flags ? RPC_DOMAIN_DESTROY_FLAGS : RPC_DOMAIN_DESTROY, &args, NULL))
		return shell_error("Failed to destroy domain '%s'", shell_text(shell, "domain"));
	shell_extra(shell, "Domain '%s' destroyed\n", shell_text(shell, "domain"));
	return true;
}

static const struct option mode_options[] = {
	DOMAIN,
	{ "mode", OPTION_TEXT, false, "how: acpi, agent, initctl, signal, paravirt" },
	{ 0 },
};

/* False when there is no such way. */
static bool mode_of(struct shell *shell, uint32_t *ret_flags)
{
	static const char *const modes[] = { "acpi", "agent", "initctl", "signal", "paravirt" };
	const char *text = shell_text(shell, "mode");

	*ret_flags = 0;
	while (text && *text) {
		size_t length = strcspn(text, ",");
		unsigned int i = 0;

		while (
		    i < 5 && (strlen(modes[i]) != length || strncmp(modes[i], text, length) != 0))
			i++;
		if (i == 5)
			return shell_error(
			    "Unknown mode %.*s value, expecting 'acpi', 'agent', 'initctl', 'signal', or 'paravirt'",
			    (int)length, text);
		*ret_flags |= 1u << i;
		text += length;
		text += *text == ',';
	}
	return true;
}

static bool cmd_shutdown(struct shell *shell)
{
	struct rpc_domain_shutdown_flags_args args;

	if (!mode_of(shell, &args.flags) || !object_domain(shell, "domain", BY_ANY, &args.dom))
		return false;
	if (!shell_call(
		shell, args.flags ? RPC_DOMAIN_SHUTDOWN_FLAGS : RPC_DOMAIN_SHUTDOWN, &args, NULL))
		return shell_error("Failed to shutdown domain '%s'", args.dom.name);
	shell_extra(shell, "Domain '%s' is being shutdown\n", args.dom.name);
	return true;
}

static bool cmd_reboot(struct shell *shell)
{
	struct rpc_domain_reboot_args args;

	if (!mode_of(shell, &args.flags) || !object_domain(shell, "domain", BY_ANY, &args.dom))
		return false;
	if (!shell_call(shell, RPC_DOMAIN_REBOOT, &args, NULL))
		return shell_error("Failed to reboot domain '%s'", args.dom.name);
	shell_extra(shell, "Domain '%s' is being rebooted\n", args.dom.name);
	return true;
}

static const struct option autostart_options[] = {
	DOMAIN,
	{ "disable", OPTION_FLAG, false, "do not start it with the node" },
	{ 0 },
};

static bool cmd_domid(struct shell *shell)
{
	struct rpc_dom dom;

	if (!object_domain(shell, "domain", BY_NAME | BY_UUID, &dom))
		return false;
	if (dom.id >= 0)
		shell_print("%d\n", dom.id);
	else
		shell_print("-\n");
	return true;
}

static const struct option dumpxml_options[] = {
	DOMAIN,
	{ "inactive", OPTION_FLAG, false, "its definition, of one that runs too" },
	{ "security-info", OPTION_FLAG, false, "with passwords" },
	{ "update-cpu", OPTION_FLAG, false, "with the host's processor in the guest's" },
	{ "migratable", OPTION_FLAG, false, "as for moving it to another node" },
	OPTION_XPATH,
	{ 0 },
};

static bool cmd_dumpxml(struct shell *shell)
{
	/* libvirt: virDomainXMLFlags. */
	static const struct object_flag flags[] = { { "security-info", 1 }, { "inactive", 2 },
		{ "update-cpu", 4 }, { "migratable", 8 }, { 0 } };
	struct rpc_dom dom;
	const char *xml = object_domain(shell, "domain", BY_ANY, &dom)
			      ? object_xml(shell, &object_domains, &dom, object_flags(shell, flags))
			      : NULL;

	return xml && show_xml(shell, xml);
}

static const struct option create_options[] = {
	{ "file", OPTION_TEXT, true, "file with the guest's XML" },
	{ "console", OPTION_FLAG, false, "attach to its console" },
	{ "paused", OPTION_FLAG, false, "leave it paused" },
	{ "autodestroy", OPTION_FLAG, false, "destroy it with this connection" },
	{ "pass-fds", OPTION_TEXT, false, "descriptors for it: 3,4,5" },
	{ "validate", OPTION_FLAG, false, "check the XML against the schema" },
	{ "reset-nvram", OPTION_FLAG, false, "with the firmware's variables as they first were" },
	{ 0 },
};

static bool cmd_create(struct shell *shell)
{
	struct rpc_domain_create_xml_args args = { .flags = object_flags(shell, start_flags) };
	struct rpc_domain_create_xml_ret ret;
	const char *file = shell_text(shell, "file");
	struct buf xml = BUF_INIT;
	bool well;

	if (!files_read(file, &xml))
		return false;
	args.xml_desc = buf_text(&xml);
	well = no_descriptors(shell) && shell_call(shell, RPC_DOMAIN_CREATE_XML, &args, &ret);
	buf_done(&xml);
	if (!well)
		return shell_error("Failed to create domain from %s", file);
	shell_extra(shell, "Domain '%s' created from %s\n", ret.dom.name, file);
	return !shell_flag(shell, "console") || console_attach(shell, &ret.dom, NULL, 0);
}

static const struct option define_options[] = {
	{ "file", OPTION_TEXT, true, "file with the guest's XML" },
	{ "validate", OPTION_FLAG, false, "check the XML against the schema" },
	{ 0 },
};

static const struct option console_options[] = {
	DOMAIN,
	{ "devname", OPTION_TEXT, false, "which console: serial0, console1" },
	{ "force", OPTION_FLAG, false, "take it from who has it" },
	{ "safe", OPTION_FLAG, false, "only where it can be shared safely" },
	{ 0 },
};

static bool cmd_console(struct shell *shell)
{
	struct rpc_dom dom;
	uint32_t flags = (shell_flag(shell, "force") ? 1u : 0) |
			 (shell_flag(shell, "safe") ? 2u : 0);

	return object_domain(shell, "domain", BY_ANY, &dom) &&
	       console_attach(shell, &dom, shell_text(shell, "devname"), flags);
}

static const struct option setmem_options[] = {
	DOMAIN,
	{ "size", OPTION_NUMBER, true, "memory, KiB without a unit" },
	AFFECT,
	{ 0 },
};

static bool cmd_setmem(struct shell *shell)
{
	struct rpc_domain_set_memory_flags_args args = { .flags = 0 };
	bool good = true;

	return affect_flags(shell, NULL, &args.flags) &&
	       object_domain(shell, "domain", BY_ANY, &args.dom) &&
	       shell_size(shell, "size", 1024, 1024, &args.memory, &good) &&
	       shell_call(shell, RPC_DOMAIN_SET_MEMORY_FLAGS, &args, NULL);
}

#define MEMORY_MAXIMUM 4u

static bool cmd_setmaxmem(struct shell *shell)
{
	struct rpc_domain_set_memory_flags_args args = { .flags = 0 };
	bool good = true;

	if (!affect_flags(shell, NULL, &args.flags) ||
	    !object_domain(shell, "domain", BY_ANY, &args.dom) ||
	    !shell_size(shell, "size", 1024, 1024, &args.memory, &good))
		return false;
	args.flags |= MEMORY_MAXIMUM;
	return shell_call(shell, RPC_DOMAIN_SET_MEMORY_FLAGS, &args, NULL) ||
	       shell_error("Unable to change MaxMemorySize");
}

static const struct option setvcpus_options[] = {
	DOMAIN,
	{ "count", OPTION_NUMBER, true, "number of virtual processors" },
	{ "maximum", OPTION_FLAG, false, "what the number may grow to" },
	AFFECT,
	{ "guest", OPTION_FLAG, false, "by the agent in the guest" },
	{ "hotpluggable", OPTION_FLAG, false, "that can be taken away again" },
	{ 0 },
};

static bool cmd_setvcpus(struct shell *shell)
{
	struct rpc_domain_set_vcpus_flags_args args;
	struct rpc_domain_set_vcpus_args old;
	int64_t count = 0;
	bool good = true;

	if (!affect_flags(shell, NULL, &args.flags) ||
	    !object_domain(shell, "domain", BY_ANY, &args.dom) ||
	    !shell_number(shell, "count", &count, &good))
		return false;
	if (count == 0)
		return shell_error("Can't set 0 processors for a VM");
	if (count < 0 || count > INT32_MAX)
		return shell_error(
		    "Numeric value '%s' for <count> option is malformed or out of range",
		    shell_text(shell, "count"));
	args.nvcpus = (uint32_t)count;
	args.flags |= (shell_flag(shell, "maximum") ? 4u : 0) |
		      (shell_flag(shell, "guest") ? 8u : 0) |
		      (shell_flag(shell, "hotpluggable") ? 16u : 0);
	if (affect_said(shell) || args.flags)
		return shell_call(shell, RPC_DOMAIN_SET_VCPUS_FLAGS, &args, NULL);
	old.dom = args.dom;
	old.nvcpus = args.nvcpus;
	return shell_call(shell, RPC_DOMAIN_SET_VCPUS, &old, NULL);
}

static const struct option vcpucount_options[] = {
	DOMAIN,
	{ "maximum", OPTION_FLAG, false, "the most" },
	{ "active", OPTION_FLAG, false, "those that are there" },
	OPTION_LIVE,
	OPTION_CONFIG,
	OPTION_CURRENT,
	{ "guest", OPTION_FLAG, false, "as the agent in the guest says" },
	{ 0 },
};

static bool count_vcpus(
    struct shell *shell, const struct rpc_dom *dom, uint32_t flags, int32_t *ret_count)
{
	struct rpc_domain_get_vcpus_flags_args args = { *dom, flags };
	struct rpc_domain_get_vcpus_flags_ret ret;

	if (!shell_call(shell, RPC_DOMAIN_GET_VCPUS_FLAGS, &args, &ret))
		return false;
	*ret_count = ret.num;
	return true;
}

static bool vcpu_row(struct shell *shell, const struct rpc_dom *dom, const char *what,
    const char *of, uint32_t flags)
{
	int32_t count;

	if (!count_vcpus(shell, dom, flags, &count))
		return false;
	shell_print("%-12s %-12s %3d\n", what, of, count);
	return true;
}

static bool cmd_vcpucount(struct shell *shell)
{
	struct rpc_dom dom;
	struct rpc_domain_is_active_ret active;
	struct rpc_domain_is_persistent_ret persistent;
	uint32_t flags;
	int32_t count;
	bool said;

	/* With --live or --config, --current is what is there, against --maximum. */
	flags = (shell_flag(shell, "live") ? 1u : 0) | (shell_flag(shell, "config") ? 2u : 0);
	said = flags || shell_flag(shell, "current");
	if (!object_domain(shell, "domain", BY_ANY, &dom))
		return false;
	flags |= (shell_flag(shell, "maximum") ? 4u : 0) | (shell_flag(shell, "guest") ? 8u : 0);
	if (said || shell_flag(shell, "active") || flags) {
		if (!count_vcpus(shell, &dom, flags, &count))
			return false;
		shell_print("%d\n", count);
		return true;
	}
	if (!shell_call(shell, RPC_DOMAIN_IS_ACTIVE, &dom, &active) ||
	    !shell_call(shell, RPC_DOMAIN_IS_PERSISTENT, &dom, &persistent))
		return false;
	return (!persistent.persistent || vcpu_row(shell, &dom, "maximum", "config", 6)) &&
	       (!active.active || vcpu_row(shell, &dom, "maximum", "live", 5)) &&
	       (!persistent.persistent || vcpu_row(shell, &dom, "current", "config", 2)) &&
	       (!active.active || vcpu_row(shell, &dom, "current", "live", 1));
}

const struct command domain_commands[] = {
	{ "autostart", object_run_autostart, autostart_options,
	    .help = "start a guest with the node, or not",
	    OBJECT_VERB(domains, RPC_DOMAIN_SET_AUTOSTART, "Failed", NULL) },
	{ "console", cmd_console, console_options, .help = "connect to a guest's console" },
	{ "create", cmd_create, create_options,
	    .help = "start a guest from an XML file, undefined" },
	{ "define", object_run_file, define_options,
	    .help = "define a guest from an XML file, or define it anew",
	    OBJECT_VERB(domains, RPC_DOMAIN_DEFINE_XML, "define", "defined",
		.flags = object_validate, .with_flags = RPC_DOMAIN_DEFINE_XML_FLAGS) },
	{ "destroy", cmd_destroy, destroy_options, .help = "stop a guest at once" },
	{ "domid", cmd_domid, domain_only, .help = "a guest's id" },
	{ "domjobabort", cmd_domjobabort, domjobabort_options,
	    .help = "give up what takes long with a guest" },
	{ "domjobinfo", cmd_domjobinfo, domjobinfo_options, .help = "how far that has come" },
	{ "domname", object_print_name, domain_only, .help = "a guest's name",
	    OBJECT_VERB(domains, 0, NULL, .how = BY_ID | BY_UUID) },
	{ "domuuid", object_print_uuid, domain_only, .help = "a guest's UUID",
	    OBJECT_VERB(domains, 0, NULL, .how = BY_ID | BY_NAME) },
	{ "dump", cmd_dump, dump_options, .help = "write a guest's memory to a file" },
	{ "dumpxml", cmd_dumpxml, dumpxml_options, .help = "a guest's XML" },
	{ "inject-nmi", cmd_inject_nmi, domain_only, .help = "send a guest an NMI" },
	{ "managedsave", cmd_managedsave, managedsave_options,
	    .help = "save a guest for its next start, and stop it" },
	{ "managedsave-define", cmd_managedsave_define, managedsave_define_options,
	    .help = "define anew what the next start goes on with" },
	{ "managedsave-dumpxml", cmd_managedsave_dumpxml, managedsave_dumpxml_options,
	    .help = "XML of what the next start goes on with" },
	{ "managedsave-edit", cmd_managedsave_edit, managedsave_edit_options,
	    .help = "edit what the next start goes on with" },
	{ "managedsave-remove", cmd_managedsave_remove, domain_only,
	    .help = "let the next start boot" },
	{ "reboot", cmd_reboot, mode_options, .help = "ask a guest to reboot" },
	{ "reset", object_run, domain_only, .help = "reset a guest, as its button would",
	    OBJECT_VERB(domains, RPC_DOMAIN_RESET, "reset", "was reset") },
	{ "restore", cmd_restore, restore_options, .help = "start a guest from a file of save" },
	{ "resume", object_run, domain_only, .help = "let a paused guest go on",
	    OBJECT_VERB(domains, RPC_DOMAIN_RESUME, "resume", "resumed") },
	{ "save", cmd_save, save_options, .help = "save a guest to a file, and stop it" },
	{ "save-image-define", cmd_save_image_define, save_image_define_options,
	    .help = "define a saved guest anew" },
	{ "save-image-dumpxml", cmd_save_image_dumpxml, save_image_dumpxml_options,
	    .help = "a saved guest's XML" },
	{ "save-image-edit", cmd_save_image_edit, save_image_edit_options,
	    .help = "edit a saved guest" },
	{ "screenshot", cmd_screenshot, screenshot_options,
	    .help = "write what a guest's screen shows to a file" },
	{ "setmaxmem", cmd_setmaxmem, setmem_options, .help = "what a guest's memory may grow to" },
	{ "setmem", cmd_setmem, setmem_options, .help = "a guest's memory" },
	{ "setvcpus", cmd_setvcpus, setvcpus_options, .help = "a guest's virtual processors" },
	{ "shutdown", cmd_shutdown, mode_options, .help = "ask a guest to shut down" },
	{ "start", cmd_start, start_options, .help = "start a defined guest" },
	{ "suspend", object_run, domain_only, .help = "pause a guest",
	    OBJECT_VERB(domains, RPC_DOMAIN_SUSPEND, "suspend", "suspended") },
	{ "vcpucount", cmd_vcpucount, vcpucount_options,
	    .help = "how many virtual processors a guest has" },
	{ 0 },
};
