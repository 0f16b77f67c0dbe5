/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The keys are those that shells have (Emacs's): arrows, Home, End, Delete, Ctrl+A E K U W L, Tab;
 * Ctrl+C drops the line, Ctrl+D on an empty one ends. Lines longer than the terminal scroll in it.
 */
#include "cli/virsh/line.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#define HISTORY 100
#define COLUMNS_USUAL 80
#define CONTROL(key) ((key) - 'A' + 1)

enum { KEY_UP = 256, KEY_DOWN, KEY_LEFT, KEY_RIGHT, KEY_HOME, KEY_END, KEY_DELETE, KEY_NONE };

struct editing {
	const char *prompt;
	line_complete complete;
	char text[LINE_SIZE];
	size_t length;
	size_t at;
	unsigned int past;    /* lines back in the history; 0: the new one */
	char kept[LINE_SIZE]; /* the new one, meanwhile */
};

static char *history[HISTORY]; /* the newest first */

static void remember(const char *line)
{
	char *copy;

	if (!*line || (history[0] && !strcmp(history[0], line)))
		return;
	copy = strdup(line);
	if (!copy)
		return;
	free(history[HISTORY - 1]);
	memmove(history + 1, history, sizeof(history) - sizeof(history[0]));
	history[0] = copy;
}

static int read_byte(void)
{
	unsigned char byte;

	return read(STDIN_FILENO, &byte, 1) == 1 ? byte : -1;
}

/* Keys that terminals send as several bytes (ECMA-48, CSI; and the VT100's SS3). */
static int read_sequence(void)
{
	int second = read_byte();
	int third = read_byte();

	if (second != '[' && second != 'O')
		return KEY_NONE;
	switch (third) {
	case 'A':
		return KEY_UP;
	case 'B':
		return KEY_DOWN;
	case 'C':
		return KEY_RIGHT;
	case 'D':
		return KEY_LEFT;
	case 'H':
		return KEY_HOME;
	case 'F':
		return KEY_END;
	default:
		break;
	}
	if (third < '0' || third > '9')
		return KEY_NONE;
	for (int next = read_byte(); next != '~'; next = read_byte())
		if (next < '0' || next > ';')
			return KEY_NONE;
	return third == '1' || third == '7'   ? KEY_HOME
	       : third == '4' || third == '8' ? KEY_END
	       : third == '3'		      ? KEY_DELETE
					      : KEY_NONE;
}

static void put(const char *data, size_t length)
{
	while (length) {
		ssize_t written = write(STDOUT_FILENO, data, length);

		if (written <= 0)
			return;
		data += written;
		length -= (size_t)written;
	}
}

static void show(const struct editing *line)
{
	struct winsize window;
	char back[32];
	size_t prompt = strlen(line->prompt);
	size_t columns = COLUMNS_USUAL;
	size_t first = 0;
	size_t shown;

	if (!ioctl(STDOUT_FILENO, TIOCGWINSZ, &window) && window.ws_col > prompt + 4)
		columns = window.ws_col;
	columns -= prompt + 1;
	if (line->at > columns)
		first = line->at - columns;
	shown = line->length - first < columns ? line->length - first : columns;
	put("\r", 1);
	put(line->prompt, prompt);
	put(line->text + first, shown);
	snprintf(back, sizeof(back), "\x1b[K\r\x1b[%zuC", prompt + line->at - first);
	put(back, strlen(back));
}

static void insert(struct editing *line, const char *text, size_t length)
{
	if (line->length + length >= LINE_SIZE)
		return;
	memmove(line->text + line->at + length, line->text + line->at, line->length - line->at);
	memcpy(line->text + line->at, text, length);
	line->length += length;
	line->at += length;
}

static void erase(struct editing *line, size_t from, size_t to)
{
	memmove(line->text + from, line->text + to, line->length - to);
	line->length -= to - from;
	line->at = from;
}

static void travel(struct editing *line, int step)
{
	unsigned int past = line->past + (unsigned int)step;
	const char *text;

	if ((step < 0 && !line->past) || past > HISTORY || (past && !history[past - 1]))
		return;
	line->text[line->length] = '\0';
	if (!line->past)
		memcpy(line->kept, line->text, line->length + 1);
	line->past = past;
	text = past ? history[past - 1] : line->kept;
	line->length = strlen(text) < LINE_SIZE ? strlen(text) : LINE_SIZE - 1;
	memcpy(line->text, text, line->length);
	line->at = line->length;
}

/* As far as all words that fit agree; when that is nothing, they are shown. */
static void complete(struct editing *line)
{
	char begin[LINE_SIZE];
	const char *first;
	size_t common;
	unsigned int count = 0;

	if (!line->complete || memchr(line->text, ' ', line->at))
		return;
	memcpy(begin, line->text, line->at);
	begin[line->at] = '\0';
	first = line->complete(begin, 0);
	if (!first)
		return;
	common = strlen(first);
	for (const char *word; (word = line->complete(begin, count)); count++)
		while (strncmp(first, word, common) != 0)
			common--;
	if (common > line->at || count == 1) {
		insert(line, first + line->at, common - line->at);
		if (count == 1)
			insert(line, " ", 1);
		return;
	}
	put("\r\n", 2);
	for (unsigned int i = 0; i < count; i++) {
		const char *word = line->complete(begin, i);

		put(word, strlen(word));
		put("  ", 2);
	}
	put("\r\n", 2);
}

static void erase_word(struct editing *line)
{
	size_t from = line->at;

	while (from && line->text[from - 1] == ' ')
		from--;
	while (from && line->text[from - 1] != ' ')
		from--;
	erase(line, from, line->at);
}

static void move_or_change(struct editing *line, int key)
{
	char typed = (char)key;

	switch (key) {
	case KEY_LEFT:
		line->at -= line->at > 0;
		break;
	case KEY_RIGHT:
		line->at += line->at < line->length;
		break;
	case KEY_HOME:
	case CONTROL('A'):
		line->at = 0;
		break;
	case KEY_END:
	case CONTROL('E'):
		line->at = line->length;
		break;
	case KEY_UP:
	case CONTROL('P'):
		travel(line, 1);
		break;
	case KEY_DOWN:
	case CONTROL('N'):
		travel(line, -1);
		break;
	case KEY_DELETE:
	case CONTROL('D'):
		if (line->at < line->length)
			erase(line, line->at, line->at + 1);
		break;
	case 127:
	case CONTROL('H'):
		if (line->at)
			erase(line, line->at - 1, line->at);
		break;
	case CONTROL('K'):
		line->length = line->at;
		break;
	case CONTROL('U'):
		erase(line, 0, line->at);
		break;
	case CONTROL('W'):
		erase_word(line);
		break;
	case CONTROL('L'):
		put("\x1b[H\x1b[2J", 7);
		break;
	case CONTROL('I'):
		complete(line);
		break;
	default:
		if (key >= ' ' && key < 256)
			insert(line, &typed, 1);
		break;
	}
}

/* False at the end of input. */
static bool edit(struct editing *line)
{
	for (;;) {
		int key;

		show(line);
		key = read_byte();
		if (key == 0x1b)
			key = read_sequence();
		if (key < 0 || (key == CONTROL('D') && !line->length))
			return false;
		if (key == '\r' || key == '\n')
			return true;
		if (key == CONTROL('C')) {
			line->length = 0;
			return true;
		}
		move_or_change(line, key);
	}
}

const char *line_read(const char *prompt, line_complete with)
{
	static struct editing line;
	struct termios before;
	struct termios raw;
	bool more;

	memset(&line, 0, sizeof(line));
	line.prompt = prompt;
	line.complete = with;
	fflush(stdout);
	if (tcgetattr(STDIN_FILENO, &before)) {
		if (!fgets(line.text, sizeof(line.text), stdin))
			return NULL;
		line.text[strcspn(line.text, "\n")] = '\0';
		return line.text;
	}
	raw = before;
	raw.c_lflag &= (tcflag_t) ~(ICANON | ECHO | ISIG | IEXTEN);
	raw.c_iflag &= (tcflag_t) ~(IXON | ICRNL);
	raw.c_cc[VMIN] = 1;
	raw.c_cc[VTIME] = 0;
	tcsetattr(STDIN_FILENO, TCSADRAIN, &raw);
	more = edit(&line);
	tcsetattr(STDIN_FILENO, TCSADRAIN, &before);
	put("\n", 1);
	line.text[line.length] = '\0';
	if (!more)
		return NULL;
	remember(line.text);
	return line.text;
}
