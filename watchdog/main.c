/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * berth-watchdog: feeds the machine's watchdog for as long as the node is worth keeping up.
 *
 * The boot steps start one before guests can run, and init another, which waits for the first one's
 * lock: whoever ends one, the other goes on. It leaves the watchdog armed when it ends, so that a
 * shutdown that stands still ends as well.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "lib/file.h"
#include "lib/num.h"
#include "watchdog/device.h"
#include "watchdog/health.h"

/* What the file says where it says nothing: conf/schema_net. */
#define CHOICE_DEFAULT "auto"
#define TIMEOUT_DEFAULT 60u
#define TIMEOUT_MAX 600u
/* Fed this many times in its time. */
#define FEEDS 4u
/* Looks at the node's health are no rarer than this, in seconds. */
#define LOOK_MAX 5u

struct settings {
	char choice[DEVICE_NAME];
	unsigned int timeout;
};

struct watchdog {
	struct settings settings;
	struct device device;
	struct health health;
	bool well;
};

static double uptime(void)
{
	struct timespec now;

	clock_gettime(CLOCK_BOOTTIME, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void write_to(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	/* None of the places is sure to be there. */
	if (fd >= 0 && write(fd, text, strlen(text)) < 0)
		(void)0;
	if (fd >= 0)
		close(fd);
}

/* To the console, the kernel's log, and the memory that outlives a reset (pstore's pmsg). */
static void __attribute__((format(printf, 1, 2))) tell(const char *format, ...)
{
	static const char *const places[] = { "/dev/kmsg", "/dev/pmsg0", "/dev/console" };
	char line[HEALTH_TEXT + 128];
	va_list arguments;
	int length = snprintf(line, sizeof(line), "berth: watchdog: ");

	va_start(arguments, format);
	vsnprintf(line + length, sizeof(line) - (size_t)length - 1, format, arguments);
	va_end(arguments);
	strcat(line, "\n");
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		write_to(places[i], line);
}

/* Shown on the status screen until it is taken back with NULL. */
static void note(const char *text)
{
	static const char path[] = "/run/berth/state/notes/watchdog";

	if (text)
		(void)file_replace(path, text, strlen(text), 0644);
	else
		unlink(path);
}

static void read_line(const char *path, char *line, size_t size)
{
	struct buf text = BUF_INIT;

	line[0] = '\0';
	if (!file_read(path, 4096, &text))
		snprintf(line, size, "%.*s", (int)strcspn(buf_text(&text), "\n"), buf_text(&text));
	buf_done(&text);
}

static void read_settings(struct settings *settings)
{
	uint64_t timeout = TIMEOUT_DEFAULT;
	char line[NUM_TEXT];

	memset(settings, 0, sizeof(*settings));
	read_line("/run/berth/conf/node/watchdog", settings->choice, sizeof(settings->choice));
	if (!settings->choice[0])
		strcpy(settings->choice, CHOICE_DEFAULT);
	read_line("/run/berth/conf/node/watchdog-timeout", line, sizeof(line));
	if (!num_parse(line, TIMEOUT_MAX, &timeout) || !timeout)
		timeout = TIMEOUT_DEFAULT;
	settings->timeout = (unsigned int)timeout;
}

static int try_arm(struct watchdog *watchdog, const char *choice)
{
	return device_arm(choice, watchdog->settings.timeout, "/sys", "/dev", &watchdog->device);
}

/* One that the file asks for and the machine has not is better replaced than missed. */
static void arm(struct watchdog *watchdog)
{
	const char *choice = watchdog->settings.choice;
	char text[2 * DEVICE_NAME + 128];
	int error;

	device_disarm(&watchdog->device);
	note(NULL);
	if (!strcmp(choice, "off")) {
		(void)file_replace("/run/berth/state/watchdog", "off\n", 4, 0644);
		return;
	}
	error = try_arm(watchdog, choice);
	if (error && strcmp(choice, CHOICE_DEFAULT) && !try_arm(watchdog, CHOICE_DEFAULT)) {
		snprintf(text, sizeof(text),
		    "watchdog %s: %s; %s stands in, choose another in [node] watchdog\n", choice,
		    error == -ENODEV ? "this machine has none" : strerror(-error),
		    watchdog->device.name);
		note(text);
		error = 0;
	}
	if (error) {
		snprintf(text, sizeof(text), "watchdog %s: %s; nothing resets a node that hangs\n",
		    choice, error == -ENODEV ? "this machine has none" : strerror(-error));
		note(text);
		tell("%s is not armed: %s", choice, strerror(-error));
		(void)file_replace("/run/berth/state/watchdog", "none\n", 5, 0644);
		return;
	}
	snprintf(text, sizeof(text), "%s %u\n", watchdog->device.name, watchdog->device.timeout);
	(void)file_replace("/run/berth/state/watchdog", text, strlen(text), 0644);
}

static void follow_settings(struct watchdog *watchdog)
{
	struct settings settings;

	read_settings(&settings);
	if (!memcmp(&settings, &watchdog->settings, sizeof(settings)))
		return;
	watchdog->settings = settings;
	arm(watchdog);
}

static void look(struct watchdog *watchdog)
{
	char why[HEALTH_TEXT];
	bool well;

	well = health_check(&watchdog->health, "", uptime(), watchdog->settings.timeout, why);
	if (!well && watchdog->well)
		tell("%s; the node will be reset within %u s", why, watchdog->device.timeout);
	if (well && !watchdog->well)
		tell("all is well again");
	watchdog->well = well;
	if (well && device_feed(&watchdog->device) < 0)
		tell("cannot feed %s: %s", watchdog->device.name, strerror(errno));
}

/* It must run when nothing else does: in memory, before everything else, last to be killed. */
static void take_precedence(void)
{
	const struct sched_param first = { .sched_priority = 50 };

	if (mlockall(MCL_CURRENT | MCL_FUTURE) < 0)
		perror("berth-watchdog: mlockall");
	if (sched_setscheduler(0, SCHED_RR | SCHED_RESET_ON_FORK, &first) < 0)
		perror("berth-watchdog: sched_setscheduler");
	write_to("/proc/self/oom_score_adj", "-1000");
}

/* Until the process that has it ends. */
static void wait_for_lock(void)
{
	int fd = open("/run/berth/watchdog.lock", O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	/* Without the file there is nobody to wait for. */
	while (fd >= 0 && flock(fd, LOCK_EX) < 0 && errno == EINTR)
		;
}

/* Until it is time to feed, or there is a word, which is returned; with nothing to feed only a word
 * ends it. */
static int wait_for_turn(const struct device *device, const sigset_t *words)
{
	unsigned int period = device->timeout / FEEDS;
	struct timespec time = { .tv_sec = period < 1 ? 1 : period > LOOK_MAX ? LOOK_MAX : period };

	return device->fd < 0 ? sigwaitinfo(words, NULL) : sigtimedwait(words, NULL, &time);
}

/* SIGHUP: the settings may be others. */
static void feed_until_ended(struct watchdog *watchdog, const sigset_t *words)
{
	int word = SIGHUP;

	while (word != SIGINT && word != SIGTERM) {
		if (word == SIGHUP)
			follow_settings(watchdog);
		if (watchdog->device.fd >= 0)
			look(watchdog);
		word = wait_for_turn(&watchdog->device, words);
	}
	if (watchdog->well && watchdog->device.fd >= 0)
		(void)device_feed(&watchdog->device);
}

int main(int argc, char **argv)
{
	struct watchdog watchdog = { .device = { .fd = -1 }, .well = true };
	sigset_t words;

	(void)argv;
	if (argc != 1) {
		fputs("usage: berth-watchdog\n", stderr);
		return 100;
	}
	signal(SIGHUP, SIG_IGN);
	wait_for_lock();
	sigemptyset(&words);
	sigaddset(&words, SIGHUP);
	sigaddset(&words, SIGINT);
	sigaddset(&words, SIGTERM);
	sigprocmask(SIG_BLOCK, &words, NULL);
	signal(SIGHUP, SIG_DFL);
	take_precedence();
	feed_until_ended(&watchdog, &words);
	return 0;
}
