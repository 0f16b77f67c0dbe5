/* SPDX-License-Identifier: GPL-2.0-only */
/* Guests with a process that speaks the control protocol and runs nothing: tests/unit/fake-vmm.
 * Time is the test's own, so that back-off and time limits take none. */
#ifndef BERTH_TESTS_GUESTS_TEST_H
#define BERTH_TESTS_GUESTS_TEST_H

#include "tests/unit/guests_rig.h"

static inline struct config *load(const char *text)
{
	struct buf complaint = BUF_INIT;
	struct config *config = NULL;

	if (config_load(text, strlen(text), &complaint, &config))
		fail_msg("%s", buf_text(&complaint));
	buf_done(&complaint);
	return config;
}

static inline void begin(const char *text)
{
	const struct guests_config config = { .loop = loop, .paths = &paths };
	struct config *current = load(text);

	assert_int_equal(guests_create(&config, current, &guests), 0);
	config_release(current);
}

static inline void reload(const char *text)
{
	struct config *config = load(text);

	guests_reload(guests, config, true);
	config_release(config);
}

static inline struct guest *the(const char *name)
{
	return guests_named(guests, name);
}

static inline void step(void)
{
	assert_int_equal(loop_step(loop, 10), 0);
}

#define UNTIL(condition)                                                                           \
	do {                                                                                       \
		int steps = 0;                                                                     \
		while (!(condition)) {                                                             \
			if (steps++ == PATIENCE_STEPS)                                             \
				fail_msg("never: %s", #condition);                                 \
			step();                                                                    \
		}                                                                                  \
	} while (0)

static inline void settle(void)
{
	for (int i = 0; i < 5; i++)
		step();
}

/* A word to the process, past the daemon. */
static inline void fake(const char *name, const char *words)
{
	struct buf answer = BUF_INIT;
	char path[256];
	char text[256];

	snprintf(path, sizeof(path), "%s/guests/%s/control", run, name);
	snprintf(text, sizeof(text), "fake %s", words);
	control_ask(path, text, 5000, &answer);
	buf_done(&answer);
}

/* Line `number` of a guest's status file. */
static inline const char *status_line(const char *name, unsigned int number)
{
	static char line[512];
	struct buf text = BUF_INIT;
	char path[256];
	const char *at;

	snprintf(path, sizeof(path), "%s/state/guests/%s", run, name);
	if (file_read(path, 4096, &text)) {
		buf_done(&text);
		return "";
	}
	at = buf_text(&text);
	while (--number && *at)
		at += strcspn(at, "\n") + 1;
	snprintf(line, sizeof(line), "%.*s", (int)strcspn(at, "\n"), at);
	buf_done(&text);
	return line;
}

struct answer {
	unsigned int calls;
	int result;
	char message[256];
};

static inline void answered(void *context, int result, const char *message)
{
	struct answer *answer = context;

	answer->calls++;
	answer->result = result;
	snprintf(answer->message, sizeof(answer->message), "%s", message ? message : "");
}

static inline void act(const char *name, enum driver_verb verb, struct answer *answer)
{
	*answer = (struct answer){ 0 };
	guest_act(the(name), verb, (struct driver_done){ answered, answer });
}

static inline void start(const char *name)
{
	struct answer answer;

	act(name, DRIVER_START, &answer);
	UNTIL(answer.calls);
	if (answer.result)
		fail_msg("%s: %s", name, answer.message);
	assert_int_equal(the(name)->state, GUEST_RUNNING);
}

#define WEB "[guest \"web\"]\nkernel = vmlinuz\n"

#endif
