/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * bench-node FOLDER VMM FILE: berthd's guests and its protocol server, with all that they keep in
 * FOLDER (run, data, sock), so that the start of a guest can be measured where there is no node.
 * Says "ready", and ends with its stdin. Guests end when they are destroyed.
 */
#include <errno.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "lib/file.h"
#include "node/guests_driver.h"

struct bench {
	struct guests *guests;
	struct guests_driver *driver;
	struct server *server;
};

static void ended(void *context, uint32_t events)
{
	(void)events;
	loop_stop(context);
}

static void changed(void *context, struct guest *guest)
{
	struct bench *bench = context;

	if (bench->server)
		guests_driver_tell(bench->driver, bench->server, guest);
}

static int edited(void *context)
{
	(void)context;
	return -EROFS;
}

int main(int argc, char **argv)
{
	struct bench bench = { 0 };
	struct node_paths paths = { .sys = "/sys", .proc = "/proc", .dev = "/dev" };
	struct guests_config guests = { .paths = &paths, .changed = changed, .context = &bench };
	struct buf text = BUF_INIT;
	struct buf complaint = BUF_INIT;
	struct config *config;
	struct loop_watch *watch;
	char run[256], data[256], path[256];

	if (argc != 4 || file_read(argv[3], 1 << 20, &text) || loop_create(&guests.loop))
		return 1;
	snprintf(run, sizeof(run), "%s/run", argv[1]);
	snprintf(data, sizeof(data), "%s/data", argv[1]);
	snprintf(path, sizeof(path), "%s/sock", argv[1]);
	paths.run = run;
	paths.data = data;
	paths.vmm = argv[2];
	if (config_load(buf_text(&text), text.length, &complaint, &config) ||
	    guests_create(&guests, config, &bench.guests) ||
	    guests_driver_create(bench.guests, guests.loop, &paths, edited, NULL, &bench.driver) ||
	    server_create(guests.loop, &guests_driver_ops, bench.driver, &bench.server) ||
	    server_listen(bench.server, path, false) ||
	    loop_add(guests.loop, STDIN_FILENO, EPOLLIN, ended, guests.loop, &watch)) {
		fprintf(stderr, "bench-node: cannot begin: %s\n", buf_text(&complaint));
		return 1;
	}
	puts("ready");
	fflush(stdout);
	loop_run(guests.loop);
	server_free(bench.server);
	guests_driver_free(bench.driver);
	guests_free(bench.guests);
	return 0;
}
