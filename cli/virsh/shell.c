/* SPDX-License-Identifier: GPL-2.0-only */
#include "cli/virsh/shell.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

void shell_print(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vprintf(format, arguments);
	va_end(arguments);
}

void shell_extra(const struct shell *shell, const char *format, ...)
{
	va_list arguments;

	if (shell->quiet)
		return;
	va_start(arguments, format);
	vprintf(format, arguments);
	va_end(arguments);
}

static FILE *log_file; /* NULL: there is none */

bool shell_log(const char *path)
{
	log_file = fopen(path, "ae");
	return log_file || shell_error("failed to open the log file. check the log file path");
}

/* A line as libvirt's virsh writes it. */
static void __attribute__((format(printf, 1, 0))) write_log(const char *format, va_list arguments)
{
	char text[32];
	struct tm when;
	time_t now = time(NULL);

	strftime(text, sizeof(text), "%Y.%m.%d %H:%M:%S", localtime_r(&now, &when));
	fprintf(log_file, "[%s virsh %d] ERROR ", text, (int)getpid());
	vfprintf(log_file, format, arguments);
	fputc('\n', log_file);
	fflush(log_file);
}

bool shell_error(const char *format, ...)
{
	va_list arguments;

	fflush(stdout);
	if (log_file) {
		va_start(arguments, format);
		write_log(format, arguments);
		va_end(arguments);
	}
	fputs("error: ", stderr);
	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	fputc('\n', stderr);
	return false;
}

void shell_report(struct shell *shell)
{
	if (!shell->conn || !shell->conn->error.code)
		return;
	shell_error("%s", shell->conn->error.message);
	shell_forget_error(shell);
}

void shell_forget_error(struct shell *shell)
{
	if (shell->conn)
		shell->conn->error.code = 0;
}

bool shell_connect(struct shell *shell)
{
	if (shell->conn && !shell->conn->broken)
		return true;
	shell_disconnect(shell);
	shell->conn = malloc(sizeof(*shell->conn));
	if (!shell->conn)
		return shell_error("out of memory");
	if (!conn_open(shell->conn, shell->uri, shell->read_only))
		return true;
	shell_error("failed to connect to the hypervisor");
	shell_report(shell);
	shell_disconnect(shell);
	return false;
}

void shell_disconnect(struct shell *shell)
{
	if (shell->conn)
		conn_close(shell->conn);
	free(shell->conn);
	shell->conn = NULL;
}

bool shell_call(struct shell *shell, int32_t procedure, const void *arguments, void *ret)
{
	return conn_call(shell->conn, procedure, arguments, ret) == 0;
}

const struct argument *shell_argument(const struct shell *shell, const char *option)
{
	for (unsigned int i = 0; i < shell->count; i++)
		if (!strcmp(shell->arguments[i].option->name, option))
			return &shell->arguments[i];
	return NULL;
}

bool shell_flag(const struct shell *shell, const char *option)
{
	return shell_argument(shell, option) != NULL;
}

const char *shell_text(const struct shell *shell, const char *option)
{
	const struct argument *argument = shell_argument(shell, option);

	return argument ? argument->value : NULL;
}

bool shell_exclusive(const struct shell *shell, const char *one, const char *other)
{
	return !shell_flag(shell, one) || !shell_flag(shell, other) ||
	       shell_error("Options --%s and --%s are mutually exclusive", one, other);
}

bool shell_number(struct shell *shell, const char *option, int64_t *ret_value, bool *ret_good)
{
	const char *text = shell_text(shell, option);
	char *end;
	long long value;

	if (!text)
		return false;
	value = strtoll(text, &end, 10);
	if (end == text || *end) {
		*ret_good = false;
		return shell_error(
		    "Numeric value '%s' for <%s> option is malformed or out of range", text,
		    option);
	}
	*ret_value = value;
	return true;
}

/* libvirt: virScaleInteger. */
static uint64_t scale_of(const char *suffix, uint64_t usual)
{
	static const char letters[] = "kmgtpe";
	const char *letter;
	uint64_t base = 1024;
	uint64_t scale = 1;

	if (!*suffix)
		return usual;
	if (!strcasecmp(suffix, "b") || !strcasecmp(suffix, "byte") || !strcasecmp(suffix, "bytes"))
		return 1;
	letter = strchr(letters, tolower((unsigned char)*suffix));
	if (!letter)
		return 0;
	if (suffix[1] && strcasecmp(suffix + 1, "iB") != 0) {
		if (strcasecmp(suffix + 1, "B") != 0)
			return 0;
		base = 1000;
	}
	for (const char *at = letters; at <= letter; at++)
		scale *= base;
	return scale;
}

bool shell_parse_size(
    struct shell *shell, const char *text, uint64_t usual, uint64_t unit, uint64_t *ret_value)
{
	char *end;
	unsigned long long value;
	uint64_t scale;

	text += strspn(text, " \t");
	value = strtoull(text, &end, 10);
	scale = scale_of(end, usual);
	if (end == text || *text == '-')
		return false;
	if (!scale && shell->conn)
		conn_fail(
		    shell->conn, RPC_ERR_INVALID_ARG, "invalid argument: unknown suffix '%s'", end);
	if (!scale || value > UINT64_MAX / scale)
		return false;
	*ret_value = (value * scale + unit - 1) / unit;
	return true;
}

bool shell_size(struct shell *shell, const char *option, uint64_t usual, uint64_t unit,
    uint64_t *ret_value, bool *ret_good)
{
	const char *text = shell_text(shell, option);

	if (!text || shell_parse_size(shell, text, usual, unit, ret_value))
		return text != NULL;
	*ret_good = false;
	return shell_error(
	    "Scaled numeric value '%s' for <%s> option is malformed or out of range", text, option);
}
