/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * berth-ra USER FOLDER COMMAND: hears what routers tell of name servers on every interface where
 * the kernel takes routes and addresses from them, keeps it as FOLDER/INTERFACE, and runs COMMAND
 * when it changes. Asks the routers when it starts, and on SIGUSR1: their answer is the kernel's as
 * well. Two processes: what comes from the link is read by one that is USER and can do nothing else
 * (ra/ear.h); this one, root, gets addresses and lifetimes from it.
 */
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <math.h>
#include <net/if.h>
#include <netinet/icmp6.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "lib/file.h"
#include "ra/ear.h"
#include "ra/servers.h"

#define EXIT_USAGE 100
#define EXIT_SYSTEM 111
/* A node has not so many uplinks, VLANs included. */
#define LINKS_MAX 64
/* RFC 4861, section 10: how often a host asks, and how long it waits for an answer. */
#define ASKS 3
#define ASK_SECONDS 4.0

struct link {
	unsigned int index; /* 0: free */
	char name[IF_NAMESIZE];
	bool heard;
	struct servers servers;
};

struct hearer {
	const char *folder;
	const char *command;
	int socket; /* to ask by; it is the ear that reads it */
	int ear;
	int signals;
	unsigned int asks; /* left */
	double ask_at;
	bool changed;
	struct link links[LINKS_MAX];
};

static double now_seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_BOOTTIME, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static char setting(const char *interface, const char *key)
{
	struct buf text = BUF_INIT;
	char path[128];
	char value = '0';

	snprintf(path, sizeof(path), "/proc/sys/net/ipv6/conf/%s/%s", interface, key);
	if (!file_read(path, 16, &text) && text.length)
		value = text.data[0];
	buf_done(&text);
	return value;
}

/* Linux, ip-sysctl, accept_ra: 1 is yes, unless it forwards; 2 is yes. */
static bool listens(const char *interface)
{
	char accept = setting(interface, "accept_ra");

	if (setting(interface, "disable_ipv6") == '1' || !strcmp(interface, "lo"))
		return false;
	return accept == '2' || (accept == '1' && setting(interface, "forwarding") == '0');
}

static struct link *find_link(struct hearer *hearer, unsigned int index)
{
	struct link *unused = NULL;

	for (size_t i = 0; i < LINKS_MAX; i++) {
		if (hearer->links[i].index == index)
			return &hearer->links[i];
		if (!hearer->links[i].index && !unused)
			unused = &hearer->links[i];
	}
	return unused;
}

/* An empty file goes. */
static void keep(struct hearer *hearer, const struct link *link)
{
	struct buf text = BUF_INIT;
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", hearer->folder, link->name);
	servers_print(&link->servers, link->name, &text);
	if (!text.length)
		unlink(path);
	else if (!buf_ok(&text) || file_replace(path, text.data, text.length, 0644))
		fprintf(stderr, "berth-ra: cannot write \"%s\"\n", path);
	buf_done(&text);
	hearer->changed = true;
}

/* What an earlier one kept, which nobody would end in time: the routers are asked anew. */
static void clear(struct hearer *hearer)
{
	struct dirent *entry;
	DIR *dir;

	mkdir(hearer->folder, 0755);
	dir = opendir(hearer->folder);
	while (dir && (entry = readdir(dir)))
		if (entry->d_name[0] != '.' && !unlinkat(dirfd(dir), entry->d_name, 0))
			hearer->changed = true;
	if (dir)
		closedir(dir);
}

static void forget(struct hearer *hearer, struct link *link)
{
	link->servers.count = 0;
	keep(hearer, link);
	*link = (struct link){ 0 };
}

/* Interfaces that went, that are another's now, or whose routers no longer count. */
static void look_after(struct hearer *hearer, double now)
{
	for (size_t i = 0; i < LINKS_MAX; i++) {
		struct link *link = &hearer->links[i];
		char name[IF_NAMESIZE];

		if (!link->index)
			continue;
		if (!if_indextoname(link->index, name) || strcmp(name, link->name) ||
		    !listens(name))
			forget(hearer, link);
		else if (servers_expire(&link->servers, now))
			keep(hearer, link);
	}
}

static void learn(struct hearer *hearer, const struct ear_told *told)
{
	char name[IF_NAMESIZE];
	struct link *link;

	if (!told->interface || !if_indextoname(told->interface, name) || !listens(name))
		return;
	link = find_link(hearer, told->interface);
	if (!link)
		return;
	if (link->index && strcmp(link->name, name))
		forget(hearer, link);
	if (!link->index) {
		link->index = told->interface;
		snprintf(link->name, sizeof(link->name), "%s", name);
	}
	link->heard = true;
	if (servers_learn(&link->servers, &told->advert, now_seconds()))
		keep(hearer, link);
}

/* Those that have not answered yet. One that cannot be asked now is asked by the kernel when it
 * comes up. */
static void ask(struct hearer *hearer)
{
	struct nd_router_solicit question = { .nd_rs_hdr = { .icmp6_type = ND_ROUTER_SOLICIT } };
	struct if_nameindex *all = if_nameindex();

	for (struct if_nameindex *one = all; one && one->if_index; one++) {
		struct sockaddr_in6 to = { .sin6_family = AF_INET6,
			.sin6_scope_id = one->if_index };
		const struct link *link = find_link(hearer, one->if_index);

		if (!listens(one->if_name) || (link && link->index && link->heard))
			continue;
		inet_pton(AF_INET6, "ff02::2", &to.sin6_addr);
		sendto(hearer->socket, &question, sizeof(question), MSG_DONTWAIT,
		    (const struct sockaddr *)&to, sizeof(to));
	}
	if (all)
		if_freenameindex(all);
	hearer->asks--;
	hearer->ask_at = now_seconds() + ASK_SECONDS;
}

static void begin_to_ask(struct hearer *hearer)
{
	for (size_t i = 0; i < LINKS_MAX; i++)
		hearer->links[i].heard = false;
	hearer->asks = ASKS;
	hearer->ask_at = 0;
}

static void tell(struct hearer *hearer)
{
	pid_t child;

	hearer->changed = false;
	child = fork();
	if (!child) {
		execl(hearer->command, hearer->command, (char *)NULL);
		_exit(EXIT_SYSTEM);
	}
	if (child > 0)
		waitpid(child, NULL, 0);
}

/* Milliseconds until there is something to do by itself; -1: nothing. */
static int time_left(const struct hearer *hearer)
{
	double next = hearer->asks ? hearer->ask_at : INFINITY;
	double left;

	for (size_t i = 0; i < LINKS_MAX; i++) {
		double expiry = servers_next(&hearer->links[i].servers);

		if (expiry < next)
			next = expiry;
	}
	if (isinf(next))
		return -1;
	left = (next - now_seconds()) * 1000 + 1;
	return left < 0 ? 0 : left > 3600e3 ? 3600000 : (int)left;
}

static void run(struct hearer *hearer)
{
	struct pollfd polled[] = { { .fd = hearer->ear, .events = POLLIN },
		{ .fd = hearer->signals, .events = POLLIN } };

	for (;;) {
		struct signalfd_siginfo signal_info;
		struct ear_told told;

		if (hearer->asks && now_seconds() >= hearer->ask_at)
			ask(hearer);
		if (poll(polled, 2, time_left(hearer)) < 0) {
			if (errno != EINTR)
				return;
			continue;
		}
		if (polled[0].revents) {
			if (!ear_take(hearer->ear, &told)) {
				fputs("berth-ra: the process that hears routers ended\n", stderr);
				return;
			}
			learn(hearer, &told);
		}
		if (polled[1].revents &&
		    read(hearer->signals, &signal_info, sizeof(signal_info)) > 0)
			begin_to_ask(hearer);
		look_after(hearer, now_seconds());
		if (hearer->changed)
			tell(hearer);
	}
}

/* The ear ends when this process has. 0 or -errno. */
static int start_ear(struct hearer *hearer, const char *user)
{
	const struct passwd *who = getpwnam(user);
	int ends[2];
	pid_t child;

	if (!who)
		return -ENOENT;
	hearer->socket = ear_open();
	if (hearer->socket < 0)
		return hearer->socket;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends))
		return -errno;
	child = fork();
	if (!child) {
		int error;

		close(ends[0]);
		error = ear_enter(who->pw_uid, who->pw_gid);
		if (error)
			fprintf(
			    stderr, "berth-ra: cannot enter the sandbox: %s\n", strerror(-error));
		else
			ear_run(hearer->socket, ends[1]);
		_exit(EXIT_SYSTEM);
	}
	close(ends[1]);
	hearer->ear = ends[0];
	return child < 0 ? -errno : 0;
}

int main(int argc, char **argv)
{
	static struct hearer hearer;
	sigset_t asked;
	int error;

	if (argc != 4) {
		fputs("usage: berth-ra USER FOLDER COMMAND\n", stderr);
		return EXIT_USAGE;
	}
	hearer.folder = argv[2];
	hearer.command = argv[3];
	sigemptyset(&asked);
	sigaddset(&asked, SIGUSR1);
	sigprocmask(SIG_BLOCK, &asked, NULL);
	hearer.signals = signalfd(-1, &asked, SFD_CLOEXEC | SFD_NONBLOCK);
	error = hearer.signals < 0 ? -errno : start_ear(&hearer, argv[1]);
	if (error) {
		fprintf(stderr, "berth-ra: cannot hear routers: %s\n", strerror(-error));
		return EXIT_SYSTEM;
	}
	clear(&hearer);
	begin_to_ask(&hearer);
	run(&hearer);
	return EXIT_SYSTEM;
}
