/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What commands name and do alike with guests, networks, pools, interfaces, devices and filters:
 * look up, list, call one procedure, define from a file, edit. A kind is a row of facts; on the
 * wire every record begins with its name, and is the first field of its procedures' arguments.
 */
#ifndef BERTH_CLI_VIRSH_OBJECTS_H
#define BERTH_CLI_VIRSH_OBJECTS_H

#include "cli/virsh/shell.h"
#include "lib/uuid.h"

enum { BY_ID = 1, BY_NAME = 2, BY_UUID = 4, BY_MAC = 8, BY_ANY = 15 };

struct object_kind {
	const char *option; /* that names one */
	const char *noun;
	const char *capital;
	const char *quote; /* around its name where that is told */
	const char *fault; /* what a lookup that finds none says before the name; NULL: the usual */
	size_t size;	   /* of its record */
	enum rpc_error_code missing; /* error that is not told beside it; 0: none */
	int32_t by_id;		     /* procedures; 0: there is none */
	int32_t by_uuid;
	int32_t by_name;
	int32_t by_mac;
	int32_t xml;
	int32_t autostart;
	int32_t is_active;
	int32_t is_persistent;
};

extern const struct object_kind object_domains;
extern const struct object_kind object_networks;
extern const struct object_kind object_pools;
extern const struct object_kind object_interfaces;
extern const struct object_kind object_devices;
extern const struct object_kind object_filters;
extern const struct object_kind object_secrets;
extern const struct object_kind object_bindings;

/* Options and their help are written once. */
#define OBJECT_OPTION(name, help)                                                                  \
	{                                                                                          \
		name, OPTION_TEXT, true, help                                                      \
	}
#define DOMAIN OBJECT_OPTION("domain", "id, name or UUID")
#define NETWORK OBJECT_OPTION("network", "name or UUID")
#define POOL OBJECT_OPTION("pool", "name or UUID")

#define VOLUME OBJECT_OPTION("vol", "name, key or path")
#define VOLUME_POOL                                                                                \
	{                                                                                          \
		"pool", OPTION_TEXT, false, "its pool"                                             \
	}

extern const struct option domain_only[];

/* The one that `text` names; tells when there is none. The record lives as long as the command. */
bool object_find(struct shell *shell, const struct object_kind *kind, const char *text,
    unsigned int how, void *ret_record);

/* The same of the kind's option, which was given. */
bool object_given(
    struct shell *shell, const struct object_kind *kind, unsigned int how, void *ret_record);
bool object_domain(
    struct shell *shell, const char *option, unsigned int how, struct rpc_dom *ret_dom);

/* Of option "vol", in the pool of option `pool_option` when that is given. */
bool object_volume(struct shell *shell, const char *pool_option, struct rpc_vol *ret_vol);
bool object_volume_of(
    struct shell *shell, const char *text, const char *pool_option, struct rpc_vol *ret_vol);

/* What a list procedure answers, sorted: a copy that lives as long as the command. NULL, told by
 * the connection, when it cannot be had. `size` is a record's. */
void *object_list(struct shell *shell, int32_t procedure, const void *args, size_t size,
    int (*compare)(const void *one, const void *other), uint32_t *ret_count);

/* By name, of records that begin with it. */
int object_compare(const void *one, const void *other);

/* libvirt: virConnectListAllNetworksFlags, the first six of which are those of pools as well. */
uint32_t object_filter(const struct shell *shell);

/* Whether a procedure that answers with a number says yes; an error is a no. */
bool object_asks(struct shell *shell, int32_t procedure, const void *record);

/* "yes", "no", or "no autostart". */
const char *object_autostart_text(
    struct shell *shell, const struct object_kind *kind, const void *record);

/* The XML; NULL, told by the connection, when it cannot be had. */
const char *object_xml(
    struct shell *shell, const struct object_kind *kind, const void *record, uint32_t flags);

/*
 * Commands. What they need is the row of `shell->command->what`: a call with flags of 0 where the
 * procedure has some, and how its end is told.
 */
struct object_flag {
	const char *option; /* NULL: no more */
	uint32_t flag;
};

struct object_verb {
	const struct object_kind *kind;
	int32_t procedure;
	const char *verb;		 /* "Failed to VERB network default" */
	const char *done;		 /* "Network default DONE" */
	unsigned int how;		 /* 0: any */
	const struct object_flag *flags; /* of options; NULL: there are none */
	int32_t with_flags;		 /* procedure that takes flags; 0: `procedure` */
	uint32_t xml_flags;		 /* of the XML that is edited */
	bool by_name;			 /* told by its name, however it was named */
};

/* The field of a command's row, of kind object_KIND. */
#define OBJECT_VERB(verb_kind, verb_procedure, ...)                                                \
	.what = &(const struct object_verb)                                                        \
	{                                                                                          \
		.kind = &object_##verb_kind, .procedure = verb_procedure, __VA_ARGS__              \
	}

/* Flags of the options that were given. */
uint32_t object_flags(const struct shell *shell, const struct object_flag *flags);

/* "--validate", which is the first flag of all procedures that have it. */
extern const struct object_flag object_validate[];

bool object_run(struct shell *shell);
bool object_run_file(struct shell *shell);
bool object_run_autostart(struct shell *shell);
bool object_run_edit(struct shell *shell);

/* Commands of one kind each. */
bool object_print_name(struct shell *shell);
bool object_print_uuid(struct shell *shell);
bool object_print_xml(struct shell *shell);

#endif
