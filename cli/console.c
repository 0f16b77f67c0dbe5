/* SPDX-License-Identifier: GPL-2.0-only */
#include "cli/console.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "cli/addresses.h"
#include "cli/exit_codes.h"
#include "cli/node_files.h"
#include "cli/status.h"
#include "lib/spcr.h"

#define LOOK_MILLISECONDS 2000
/* A line that takes nothing for so long is stopped by flow control, or nobody is there. */
#define WRITE_MILLISECONDS 1000
#define HINT_SECONDS 15

enum way_in { WAY_NONE, WAY_LOGIN, WAY_SHELL };

/* In failsafe, whoever stands before the machine is root; else a password decides, if there is one.
 */
static enum way_in find_way_in(void)
{
	char line[NODE_LINE];

	if (node_line("/run/berth/state/config", 1, line) && !strcmp(line, "failsafe"))
		return WAY_SHELL;
	return node_line("/run/berth/conf/node/console-password", 1, line) ? WAY_LOGIN : WAY_NONE;
}

static const char *way_text(enum way_in way)
{
	switch (way) {
	case WAY_SHELL:
		return "Failsafe: Enter gives a root shell.";
	case WAY_LOGIN:
		return "Enter to log in.";
	default:
		return "Log in over SSH with a key of berth.conf.";
	}
}

/* 8N1, no flow control, line by line: what every terminal program can; at the speed that the
 * firmware says of the port. `path` is in /dev. */
static void set_terminal(int fd, const char *path, bool echo)
{
	speed_t speed = spcr_speed("/sys", path + strlen("/dev/"));
	struct termios t;

	if (tcgetattr(fd, &t) < 0)
		return;
	t.c_iflag = ICRNL | IGNPAR | (echo ? IXON : 0);
	t.c_oflag = OPOST | ONLCR;
	t.c_cflag = CS8 | CREAD | CLOCAL | HUPCL;
	t.c_lflag = ICANON | (echo ? ISIG | IEXTEN | ECHO | ECHOE | ECHOK : 0);
	cfsetispeed(&t, speed);
	cfsetospeed(&t, speed);
	tcsetattr(fd, TCSANOW, &t);
}

/* All of `text`, or as much as the line takes in time. False when the terminal is gone. */
static bool write_patiently(int fd, const char *text, size_t length)
{
	while (length) {
		struct pollfd wait = { .fd = fd, .events = POLLOUT };
		ssize_t done;

		if (poll(&wait, 1, WRITE_MILLISECONDS) <= 0)
			return true;
		if (wait.revents & (POLLHUP | POLLERR))
			return false;
		done = write(fd, text, length);
		if (done < 0 && errno != EAGAIN && errno != EINTR)
			return false;
		if (done > 0) {
			text += done;
			length -= (size_t)done;
		}
	}
	return true;
}

/* The screen as it should stand now, with the way in, or `hint`, below. */
static void compose(const char *hint, struct buf *screen)
{
	buf_puts(screen, "\033[H\033[2J");
	status_text(addresses_list, screen);
	buf_printf(screen, "\n%s\n", hint ? hint : way_text(find_way_in()));
}

static void __attribute__((noreturn)) log_in(const char *path, enum way_in way)
{
	int fd;

	/* A session and terminal of its own: what is started here ends with it. */
	setsid();
	fd = open(path, O_RDWR | O_NOCTTY);
	if (fd < 0 || ioctl(fd, TIOCSCTTY, 1) < 0)
		_exit(EXIT_SYSTEM);
	set_terminal(fd, path, true);
	for (int i = 0; i <= 2; i++)
		dup2(fd, i);
	if (fd > 2)
		close(fd);
	signal(SIGHUP, SIG_DFL);
	if (write(STDOUT_FILENO, "\n", 1) == 1) {
		if (way == WAY_LOGIN)
			execl("/bin/login", "login", (char *)NULL);
		else if (chdir("/root") == 0)
			execl("/bin/sh", "-sh", (char *)NULL);
	}
	_exit(EXIT_SYSTEM);
}

static void wait_for_login(const char *path, enum way_in way)
{
	pid_t pid = fork();

	if (pid == 0)
		log_in(path, way);
	while (pid > 0 && waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		continue;
}

/* What was typed: true with an Enter in it. `ret_gone` when the terminal is. */
static bool read_enter(int fd, bool *ret_gone)
{
	struct pollfd wait = { .fd = fd, .events = POLLIN };
	char typed[256];
	ssize_t got;

	if (poll(&wait, 1, LOOK_MILLISECONDS) <= 0)
		return false;
	got = read(fd, typed, sizeof(typed));
	if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR)) {
		*ret_gone = true;
		return false;
	}
	return got > 0 && memchr(typed, '\n', (size_t)got);
}

static int open_terminal(const char *path)
{
	int fd = open(path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);

	if (fd >= 0)
		set_terminal(fd, path, false);
	return fd;
}

int console_run(const char *tty)
{
	static const char no_way[] =
	    "No console-password is set in berth.conf: log in over SSH, or choose failsafe in the "
	    "boot menu.";
	struct buf shown = BUF_INIT;
	char path[PATH_MAX];
	time_t hint_until = 0;
	bool gone = false;
	int fd;

	if ((size_t)snprintf(path, sizeof(path), "/dev/%s", tty) >= sizeof(path))
		return EXIT_USAGE;
	fd = open_terminal(path);
	if (fd < 0) {
		fprintf(stderr, "berth: cannot open \"%s\": %s\n", path, strerror(errno));
		return EXIT_SYSTEM;
	}
	while (!gone) {
		struct buf screen = BUF_INIT;
		enum way_in way;

		compose(time(NULL) < hint_until ? no_way : NULL, &screen);
		/* Only what changed is drawn anew: a serial line's log stays readable. */
		if (buf_ok(&screen) && strcmp(buf_text(&screen), buf_text(&shown))) {
			gone = !write_patiently(fd, buf_text(&screen), screen.length);
			buf_done(&shown);
			shown = screen;
		} else {
			buf_done(&screen);
		}
		if (gone || !read_enter(fd, &gone))
			continue;
		way = find_way_in();
		buf_done(&shown);
		if (way == WAY_NONE) {
			hint_until = time(NULL) + HINT_SECONDS;
			continue;
		}
		close(fd);
		wait_for_login(path, way);
		fd = open_terminal(path);
		gone = fd < 0;
	}
	if (fd >= 0)
		close(fd);
	buf_done(&shown);
	return EXIT_WELL;
}
