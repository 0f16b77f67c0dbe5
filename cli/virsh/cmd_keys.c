/* SPDX-License-Identifier: GPL-2.0-only */
/* Keys pressed in a guest. */
#include <stdlib.h>
#include <string.h>

#include "cli/virsh/commands.h"
#include "cli/virsh/objects.h"

#define KEYS_MAX 16 /* libvirt: VIR_DOMAIN_SEND_KEY_MAX_KEYS */
#define KEY_LAST 0xffff

/* Names of Linux's key codes, from 0 on, each without its KEY_ (linux/input-event-codes.h). */
static const char key_names[] =
    "RESERVED ESC 1 2 3 4 5 6 7 8 9 0 MINUS EQUAL BACKSPACE TAB Q W E R T Y U I O "
    "P LEFTBRACE RIGHTBRACE ENTER LEFTCTRL A S D F G H J K L SEMICOLON APOSTROPHE "
    "GRAVE LEFTSHIFT BACKSLASH Z X C V B N M COMMA DOT SLASH RIGHTSHIFT KPASTERISK "
    "LEFTALT SPACE CAPSLOCK F1 F2 F3 F4 F5 F6 F7 F8 F9 F10 NUMLOCK SCROLLLOCK KP7 "
    "KP8 KP9 KPMINUS KP4 KP5 KP6 KPPLUS KP1 KP2 KP3 KP0 KPDOT - ZENKAKUHANKAKU "
    "102ND F11 F12 RO KATAKANA HIRAGANA HENKAN KATAKANAHIRAGANA MUHENKAN KPJPCOMMA "
    "KPENTER RIGHTCTRL KPSLASH SYSRQ RIGHTALT LINEFEED HOME UP PAGEUP LEFT RIGHT "
    "END DOWN PAGEDOWN INSERT DELETE MACRO MUTE VOLUMEDOWN VOLUMEUP POWER KPEQUAL "
    "KPPLUSMINUS PAUSE SCALE KPCOMMA HANGEUL HANJA YEN LEFTMETA RIGHTMETA COMPOSE ";

static const struct option options[] = {
	DOMAIN,
	{ "codeset", OPTION_NAMED, false, "whose codes they are; linux without" },
	{ "holdtime", OPTION_NAMED_NUMBER, false, "milliseconds that they are held" },
	{ "keycode", OPTION_REST, true, "codes, or names as KEY_A" },
	{ 0 },
};

/* libvirt: virKeycodeSet. */
static const char *const codesets[] = { "linux", "xt", "atset1", "atset2", "atset3", "os_x",
	"xt_kbd", "usb", "win32", "qnum" };
#define CODESETS (sizeof(codesets) / sizeof(codesets[0]))

/* The place of a name in the list; -1 when it is not there. */
static int key_of_name(const char *name)
{
	size_t length = strlen(name);
	int key = 0;

	for (const char *at = key_names; *at; at += strcspn(at, " ") + 1, key++)
		if (strcspn(at, " ") == length && !strncmp(at, name, length))
			return key;
	return -1;
}

static bool parse_key(const char *text, uint32_t codeset, uint32_t *ret_key)
{
	char *end;
	unsigned long value = strtoul(text, &end, 0);
	int key;

	if (*text && !*end && value <= KEY_LAST) {
		*ret_key = (uint32_t)value;
		return value > 0;
	}
	key = !codeset && !strncmp(text, "KEY_", 4) && text[4] != '-' ? key_of_name(text + 4) : -1;
	*ret_key = (uint32_t)key;
	return key > 0;
}

static bool cmd_send_key(struct shell *shell)
{
	const char *codeset = shell_text(shell, "codeset");
	uint32_t keys[KEYS_MAX];
	struct rpc_domain_send_key_args args = { .keycodes = keys };
	int64_t hold = 0;
	bool good = true;

	if (!object_domain(shell, "domain", BY_ANY, &args.dom))
		return false;
	shell_number(shell, "holdtime", &hold, &good);
	if (!good)
		return false;
	args.holdtime = (uint32_t)hold;
	while (codeset && args.codeset < CODESETS && strcmp(codesets[args.codeset], codeset) != 0)
		args.codeset++;
	if (args.codeset == CODESETS)
		return shell_error("unknown codeset: '%s'", codeset);
	for (unsigned int i = 0; i < shell->count; i++) {
		const struct argument *argument = &shell->arguments[i];

		if (argument->option->kind != OPTION_REST)
			continue;
		if (args.keycodes_count == KEYS_MAX)
			return shell_error("too many keycodes");
		if (!parse_key(argument->value, args.codeset, &keys[args.keycodes_count++]))
			return shell_error("invalid keycode: '%s'", argument->value);
	}
	return shell_call(shell, RPC_DOMAIN_SEND_KEY, &args, NULL);
}

const struct command key_commands[] = {
	{ "send-key", cmd_send_key, options, .help = "press keys in a guest" },
	{ 0 },
};
