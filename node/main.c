/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * berthd: makes the node's guests what berth.conf says. One process, one loop, one thread. It may
 * be killed and started again at any time: guests run on, and are found again.
 *
 * SIGHUP: the file has changed. SIGTERM: end, and leave the guests alone. SIGUSR2: the node goes
 * down, so guests do; state/guests-down is written when none runs any more.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "conf/parse.h"
#include "lib/file.h"
#include "lib/num.h"
#include "node/guest/guests.h"
#include "node/guests_driver.h"
#include "node/guests_edit.h"
#include "node/server.h"

/* Each guest has some dozens while it starts. */
#define DESCRIPTORS 65536

static const struct node_paths paths = {
	.run = "/run/berth",
	.data = "/data",
	.sys = "/sys",
	.proc = "/proc",
	.dev = "/dev",
	.cgroup = "/sys/fs/cgroup/berth",
	.vmm = "/usr/bin/berth-vmm",
	.guest_port = "/usr/lib/berth/guest-port",
};

struct daemon {
	struct loop *loop;
	struct guests *guests;
	struct guests_driver *driver;
	struct server *server;
	struct loop_timer beat;
	int signals;
};

/* Often enough for the shortest patience of berth-watchdog, 10 s. */
#define BEAT_NANOSECONDS 3000000000u

/* The text in force, as the boot step or `berth config` chose it. */
static int read_config(struct config **ret_config)
{
	struct buf text = BUF_INIT;
	struct buf complaint = BUF_INIT;
	char path[NODE_PATH];
	int error;

	snprintf(path, sizeof(path), "%s/berth.conf", paths.run);
	error = file_read(path, CONF_SIZE_MAX, &text);
	if (!error)
		error = config_load(buf_text(&text), text.length, &complaint, ret_config);
	if (error)
		syslog(LOG_ERR, "cannot use %s: %s", path,
		    complaint.length ? buf_text(&complaint) : strerror(-error));
	buf_done(&text);
	buf_done(&complaint);
	return error;
}

static int reload(struct daemon *daemon, bool live)
{
	struct config *config;
	int error = read_config(&config);

	if (error)
		return error;
	guests_reload(daemon->guests, config, live);
	config_release(config);
	return 0;
}

/* A client has changed the file, and says itself what is to happen to a guest that runs. */
static int edited(void *context)
{
	return reload(context, false);
}

/* Clients come once all guests are known. */
static void changed(void *context, struct guest *guest)
{
	struct daemon *daemon = context;

	if (daemon->server)
		guests_driver_tell(daemon->driver, daemon->server, guest);
}

/* The numbers of the node's own user "tls". getpwnam() would bring stdio's reading and a client of
 * nscd along, 4 KB. */
static bool find_tls_user(uid_t *ret_uid, gid_t *ret_gid)
{
	static const char start[] = "\ntls:x:";
	struct buf text = BUF_INIT;
	const char *at;
	uint64_t uid;
	uint64_t gid;
	bool found;

	buf_puts(&text, "\n");
	at = file_read("/etc/passwd", 4096, &text) ? NULL : strstr(buf_text(&text), start);
	if (at)
		at += sizeof(start) - 1;
	found = at && num_take(&at, 10, UINT32_MAX, &uid) && *at++ == ':' &&
		num_take(&at, 10, UINT32_MAX, &gid) && *at == ':';
	if (found) {
		*ret_uid = (uid_t)uid;
		*ret_gid = (gid_t)gid;
	}
	buf_done(&text);
	return found;
}

/* For berth-tls, whose root folder this is: it may reach nothing else. */
static int listen_for_tls(struct server *server)
{
	static const char folder[] = "/run/berth/tls-door";
	uid_t uid;
	gid_t gid;

	if (!find_tls_user(&uid, &gid))
		return -ENOENT;
	if ((mkdir(folder, 0750) && errno != EEXIST) || chmod(folder, 0750) ||
	    chown(folder, 0, gid))
		return -errno;
	return server_listen_tls(server, "/run/berth/tls-door/sock", uid, gid);
}

static int serve(struct daemon *daemon)
{
	static const struct {
		const char *path;
		bool read_only;
	} sockets[] = { { "/run/libvirt/libvirt-sock", false },
		{ "/run/libvirt/libvirt-sock-ro", true } };
	struct server *server;
	int error = guests_driver_create(
	    daemon->guests, daemon->loop, &paths, edited, daemon, &daemon->driver);

	if (!error)
		error = server_create(daemon->loop, &guests_driver_ops, daemon->driver, &server);
	if (error)
		return error;
	daemon->server = server;
	mkdir("/run/libvirt", 0755);
	for (size_t i = 0; i < sizeof(sockets) / sizeof(sockets[0]); i++) {
		error = server_listen(server, sockets[i].path, sockets[i].read_only);
		/* Guests come first: they run without clients. */
		if (error)
			syslog(LOG_ERR, "cannot serve %s: %s", sockets[i].path, strerror(-error));
	}
	error = listen_for_tls(server);
	if (error)
		syslog(LOG_ERR, "cannot serve clients over TLS: %s", strerror(-error));
	for (struct guest *guest = guests_first(daemon->guests); guest; guest = guest->next)
		guests_driver_begin(guest);
	return 0;
}

static void left(void *context)
{
	char path[NODE_PATH];

	(void)context;
	snprintf(path, sizeof(path), "%s/state/guests-down", paths.run);
	file_replace(path, "down\n", 5, 0644);
	syslog(LOG_NOTICE, "no guest runs any more");
}

static void signalled(void *context, uint32_t events)
{
	struct daemon *daemon = context;
	struct signalfd_siginfo info;

	(void)events;
	if (read(daemon->signals, &info, sizeof(info)) != sizeof(info))
		return;
	switch (info.ssi_signo) {
	case SIGHUP:
		(void)reload(daemon, true);
		break;
	case SIGUSR2:
		syslog(LOG_NOTICE, "the node goes down: guests shut down");
		guests_leave(daemon->guests, left, daemon);
		break;
	default:
		loop_stop(daemon->loop);
	}
}

static int watch_signals(struct daemon *daemon)
{
	struct loop_watch *watch;
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGUSR2);
	if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
		return -errno;
	signal(SIGPIPE, SIG_IGN);
	daemon->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (daemon->signals < 0)
		return -errno;
	return loop_add(daemon->loop, daemon->signals, EPOLLIN, signalled, daemon, &watch);
}

/* The uptime at which the loop was last seen to move: what the watchdog is fed by. */
static void beat(void *context)
{
	struct daemon *daemon = context;
	struct timespec now;
	char path[NODE_PATH];
	char text[32];

	clock_gettime(CLOCK_BOOTTIME, &now);
	snprintf(path, sizeof(path), "%s/state/berthd", paths.run);
	snprintf(text, sizeof(text), "%lld\n", (long long)now.tv_sec);
	file_replace(path, text, strlen(text), 0644);
	loop_timer_set(&daemon->beat, loop_time(daemon->loop) + BEAT_NANOSECONDS);
}

/* Before a node that goes down has ended it, the daemon may have been killed. */
static bool node_goes_down(void)
{
	char path[NODE_PATH];

	snprintf(path, sizeof(path), "%s/state/node-shutdown", paths.run);
	return !access(path, F_OK);
}

static int begin(struct daemon *daemon)
{
	const struct guests_config config = {
		.loop = daemon->loop, .paths = &paths, .changed = changed, .context = daemon
	};
	struct config *current;
	int error;

	guests_edit_settle(&paths);
	error = read_config(&current);
	/* Without a file that can be used there are no guests of the file; those that run are kept.
	 */
	if (error)
		error = config_load("", 0, NULL, &current);
	if (error)
		return error;
	error = guests_create(&config, current, &daemon->guests);
	config_release(current);
	if (!error)
		error = serve(daemon);
	if (error)
		return error;
	if (node_goes_down())
		guests_leave(daemon->guests, left, daemon);
	else
		guests_autostart(daemon->guests);
	return 0;
}

int main(int argc, char **argv)
{
	struct rlimit limit = { DESCRIPTORS, DESCRIPTORS };
	struct daemon daemon = { 0 };
	int error;

	(void)argv;
	if (argc != 1) {
		fputs("usage: berthd\n", stderr);
		return 100;
	}
	openlog("berthd", LOG_PERROR, LOG_DAEMON);
	setrlimit(RLIMIT_NOFILE, &limit);
	error = loop_create(&daemon.loop);
	if (!error)
		error = watch_signals(&daemon);
	if (!error) {
		loop_timer_init(&daemon.beat, daemon.loop, beat, &daemon);
		beat(&daemon);
		error = begin(&daemon);
	}
	if (!error)
		error = loop_run(daemon.loop);
	if (error)
		syslog(LOG_ERR, "cannot go on: %s", strerror(-error));
	guests_free(daemon.guests);
	server_free(daemon.server);
	guests_driver_free(daemon.driver);
	loop_free(daemon.loop);
	return error ? 111 : 0;
}
