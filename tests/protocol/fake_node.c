/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * fake-node SOCKET READ-ONLY-SOCKET TLS-SOCKET FILE: berthd's protocol server with guests in
 * memory, for clients to talk to. Consoles say "login: " and what is typed. It ends with its stdin.
 */
#include <libgen.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/file.h"
#include "tests/unit/fake_driver.h"

static struct fake_driver fake;

static void ended(void *context, uint32_t events)
{
	(void)events;
	loop_stop(context);
}

static void echo(void *context)
{
	struct loop_timer *timer = context;

	for (unsigned int i = 0; i < fake.count; i++) {
		char data[512];
		ssize_t got = fake.guests[i].console < 0
				  ? 0
				  : recv(fake.guests[i].console, data, sizeof(data), MSG_DONTWAIT);

		if (got > 0 && send(fake.guests[i].console, data, (size_t)got, MSG_NOSIGNAL) < 0)
			return;
	}
	loop_timer_set(timer, loop_time(timer->loop) + 20000000);
}

int main(int argc, char **argv)
{
	struct buf text = BUF_INIT;
	struct loop *loop;
	struct loop_watch *watch;
	struct loop_timer timer;

	if (argc != 5 || file_read(argv[4], 1 << 20, &text) || loop_create(&loop) ||
	    fake_driver_init(&fake, loop, buf_text(&text)))
		return 1;
	fake.store = dirname(strdupa(argv[1]));
	if (server_create(loop, &fake_driver_ops, &fake, &fake.server) ||
	    server_listen(fake.server, argv[1], false) ||
	    server_listen(fake.server, argv[2], true) ||
	    server_listen_tls(fake.server, argv[3], geteuid(), getegid()) ||
	    loop_add(loop, STDIN_FILENO, EPOLLIN, ended, loop, &watch))
		return 1;
	loop_timer_init(&timer, loop, echo, &timer);
	echo(&timer);
	puts("ready");
	fflush(stdout);
	loop_run(loop);
	server_free(fake.server);
	loop_remove(watch);
	fake_driver_done(&fake);
	loop_free(loop);
	buf_done(&text);
	return 0;
}
