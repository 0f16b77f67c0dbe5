/* SPDX-License-Identifier: GPL-2.0-only */
#include "cli/virsh/console.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "cli/virsh/files.h"

/* What was typed, up to the escape. True when it came, or there is no more. */
static bool typed(struct shell *shell, bool *ret_failed)
{
	char data[1024];
	ssize_t got = read(STDIN_FILENO, data, sizeof(data));
	const char *escape = got > 0 ? memchr(data, shell->escape, (size_t)got) : NULL;
	size_t length = escape ? (size_t)(escape - data) : got > 0 ? (size_t)got : 0;

	if (length && conn_stream_send(shell->conn, data, length)) {
		*ret_failed = true;
		return true;
	}
	return escape || got == 0 || (got < 0 && errno != EINTR && errno != EAGAIN);
}

/* A guest that prints without end must not keep the keyboard out. */
static bool is_typing(void)
{
	struct pollfd wait = { .fd = STDIN_FILENO, .events = POLLIN };

	return poll(&wait, 1, 0) > 0;
}

/* Until one side ends. False when the connection failed. */
static bool relay(struct shell *shell)
{
	bool failed = false;

	for (;;) {
		const uint8_t *data;
		size_t length;
		int result = conn_stream_receive(shell->conn, STDIN_FILENO, &data, &length);

		if (result < 0)
			return false;
		if (result == 1 && (!length || !files_write(STDOUT_FILENO, data, length)))
			break;
		conn_release(shell->conn);
		if (is_typing() && typed(shell, &failed))
			break;
	}
	return !failed;
}

static bool in_terminal(struct shell *shell)
{
	struct termios before;
	struct termios raw;
	bool well;

	if (tcgetattr(STDIN_FILENO, &before))
		return relay(shell);
	raw = before;
	cfmakeraw(&raw);
	/* What was typed since the escape character was told is for the guest. */
	tcsetattr(STDIN_FILENO, TCSADRAIN, &raw);
	well = relay(shell);
	tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
	return well;
}

bool console_attach(
    struct shell *shell, const struct rpc_dom *dom, const char *device, uint32_t flags)
{
	struct rpc_domain_open_console_args args = { *dom, device, flags };
	struct rpc_domain_get_state_args ask = { *dom, 0 };
	struct rpc_domain_get_state_ret state;
	char name[256];
	bool well;

	if (!isatty(STDIN_FILENO))
		return shell_error("Cannot run interactive console without a controlling TTY");
	if (shell_call(shell, RPC_DOMAIN_GET_STATE, &ask, &state) && state.state == 5)
		return shell_error("The domain is not running");
	snprintf(name, sizeof(name), "%s", dom->name);
	args.dom.name = name;
	shell_print("Connected to domain '%s'\n", name);
	shell_print(
	    "Escape character is ^%c (Ctrl + %c)\n", shell->escape + '@', shell->escape + '@');
	fflush(stdout);
	if (conn_stream_open(shell->conn, RPC_DOMAIN_OPEN_CONSOLE, &args, NULL))
		return false;
	well = in_terminal(shell);
	if (well)
		well = conn_stream_finish(shell->conn) == 0;
	shell_print("\n");
	return well;
}
