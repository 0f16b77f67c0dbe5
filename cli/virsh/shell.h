/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What commands work with: the connection, their arguments, and how they speak. What is asked for
 * goes to stdout; what went wrong goes to stderr as "error: ...", where the connection's own error
 * follows once the command has failed.
 */
#ifndef BERTH_CLI_VIRSH_SHELL_H
#define BERTH_CLI_VIRSH_SHELL_H

#include "cli/virsh/conn.h"

#define SHELL_ARGUMENTS 64

enum option_kind {
	OPTION_FLAG = 1,
	OPTION_TEXT,   /* also by its place */
	OPTION_EMPTY,  /* the same, and may be "" where it is required */
	OPTION_NUMBER, /* the same, digits */
	OPTION_NAMED,  /* a text that only --name gives */
	OPTION_NAMED_NUMBER,
	OPTION_REST, /* all words that are left */
};

struct option {
	const char *name;
	enum option_kind kind;
	bool required;
	const char *help;
};

struct shell;

struct command {
	const char *name;
	bool (*run)(struct shell *shell);
	const struct option *options; /* ends with a row without name; may be NULL */
	const char *help;
	bool offline;	  /* needs no connection */
	bool hidden;	  /* another spelling */
	const void *what; /* what `run` does, where several commands share it */
};

struct command_group {
	const char *title;
	const char *keyword;
	const struct command *tables[13]; /* each ends with a row without name; NULL: no more */
};

struct argument {
	const struct option *option;
	const char *value; /* NULL of a flag */
};

struct shell {
	struct conn *conn; /* NULL while there is none */
	char uri[URI_PART];
	bool read_only;
	bool quiet;
	bool interactive;
	bool quit;
	bool timing; /* tell how long each command took */
	char escape; /* of consoles */
	const struct command *command;
	struct argument arguments[SHELL_ARGUMENTS];
	unsigned int count;
};

/* Connect if there is no connection. Tells why not. */
bool shell_connect(struct shell *shell);
void shell_disconnect(struct shell *shell);

/* Arguments of the command that runs. NULL when it was not given. */
const struct argument *shell_argument(const struct shell *shell, const char *option);
bool shell_flag(const struct shell *shell, const char *option);
const char *shell_text(const struct shell *shell, const char *option);

/* Whether not both were given; tells it when they were. */
bool shell_exclusive(const struct shell *shell, const char *one, const char *other);

/* Whether it was given; a text that is no number is told, and `*ret_good` becomes false. */
bool shell_number(struct shell *shell, const char *option, int64_t *ret_value, bool *ret_good);

/* A size in KiB, or with a unit (b, k, M, G, T; KiB is 1024, KB 1000 bytes), in units of `unit`. */
bool shell_size(struct shell *shell, const char *option, uint64_t usual, uint64_t unit,
    uint64_t *ret_value, bool *ret_good);

/* The same of any text; nothing is told, but an unknown unit is left as the connection's error. */
bool shell_parse_size(
    struct shell *shell, const char *text, uint64_t usual, uint64_t unit, uint64_t *ret_value);

/* Print; `extra` is what --quiet leaves out. */
void shell_print(const char *format, ...) __attribute__((format(printf, 1, 2)));
void shell_extra(const struct shell *shell, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Errors go to a file as well. Tells when it cannot be written. */
bool shell_log(const char *path);

/* "error: ...". Always false. */
bool shell_error(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Call, and answer as conn_call() with true for success. */
bool shell_call(struct shell *shell, int32_t procedure, const void *arguments, void *ret);

/* Print the connection's error, if there is one. */
void shell_report(struct shell *shell);

/* Forget the connection's error: it was expected. */
void shell_forget_error(struct shell *shell);

#endif
