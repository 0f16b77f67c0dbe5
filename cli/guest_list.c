/* SPDX-License-Identifier: GPL-2.0-only */
#include "cli/guest_list.h"

#include <stdio.h>
#include <string.h>

#include "cli/node_files.h"

#define FOLDER "/run/berth/state/guests"
#define SHOWN_MAX 8
#define STATES_MAX 8
#define MESSAGES_MAX 4

struct listing {
	struct buf *buf;
	unsigned int count;
	unsigned int states;
	struct {
		char name[32];
		unsigned int count;
	} state[STATES_MAX];
};

static void path_of(const char *name, char path[NODE_LINE])
{
	snprintf(path, NODE_LINE, FOLDER "/%.100s", name);
}

static void count_state(struct listing *listing, const char *state)
{
	unsigned int i = 0;

	while (i < listing->states && strcmp(listing->state[i].name, state))
		i++;
	if (i == listing->states) {
		if (i == STATES_MAX)
			return;
		snprintf(listing->state[i].name, sizeof(listing->state[i].name), "%.31s", state);
		listing->states++;
	}
	listing->state[i].count++;
}

static void add_guest(const char *name, void *context)
{
	struct listing *listing = context;
	char path[NODE_LINE];
	char state[NODE_LINE];
	char size[NODE_LINE];

	path_of(name, path);
	if (!node_line(path, 1, state))
		return;
	node_line(path, 2, size);
	count_state(listing, state);
	if (listing->count++ < SHOWN_MAX)
		buf_printf(
		    listing->buf, "%-16.40s %s%s%s\n", name, state, size[0] ? ", " : "", size);
}

void guest_list_add(struct buf *buf)
{
	struct listing listing = { .buf = buf };
	size_t before = buf->length;

	node_each_name(FOLDER, add_guest, &listing);
	if (listing.count <= SHOWN_MAX)
		return;
	buf_cut(buf, before);
	buf_printf(buf, "%u:", listing.count);
	for (unsigned int i = 0; i < listing.states; i++)
		buf_printf(
		    buf, "%s %u %s", i ? "," : "", listing.state[i].count, listing.state[i].name);
	buf_puts(buf, "\n");
}

struct telling {
	void (*each)(const char *text, void *context);
	void *context;
};

static void tell_guest(const char *name, void *context)
{
	const struct telling *telling = context;
	char path[NODE_LINE];
	char line[NODE_LINE];
	char text[2 * NODE_LINE];

	path_of(name, path);
	for (unsigned int number = 3; number < 3 + MESSAGES_MAX; number++) {
		if (!node_line(path, number, line))
			return;
		snprintf(text, sizeof(text), "guest %.64s: %s", name, line);
		telling->each(text, telling->context);
	}
}

void guest_list_faults(void (*each)(const char *text, void *context), void *context)
{
	struct telling telling = { each, context };

	node_each_name(FOLDER, tell_guest, &telling);
}
