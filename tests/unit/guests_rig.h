/* SPDX-License-Identifier: GPL-2.0-only */
/* Guests with a process that speaks the control protocol and runs nothing: tests/unit/fake-vmm.
 * Time is the test's own, so that back-off and time limits take none. */
#ifndef BERTH_TESTS_GUESTS_RIG_H
#define BERTH_TESTS_GUESTS_RIG_H

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/file.h"
#include "node/guest/guests.h"
#include "tests/unit/unit_test.h"

#define SECOND 1000000000ull
/* Far more than a process needs to start on a busy machine. */
#define PATIENCE_STEPS 3000

static char root[64];
static char run[128];
static char data[128];
static char dev[128];
static char vmm[4096];
static struct node_paths paths;
static struct loop *loop;
static struct guests *guests;
static uint64_t now;

static inline void put(const char *name, const char *content)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", root, name);
	assert_int_equal(file_replace(path, content, strlen(content), 0600), 0);
}

static inline void make_folder(const char *name)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", root, name);
	assert_int_equal(mkdir(path, 0700), 0);
}

static inline int set_up(void **state)
{
	(void)state;
	strcpy(root, "/tmp/berth-guests-XXXXXX");
	assert_non_null(mkdtemp(root));
	snprintf(run, sizeof(run), "%s/run", root);
	snprintf(data, sizeof(data), "%s/data", root);
	snprintf(dev, sizeof(dev), "%s/dev", root);
	assert_non_null(realpath("tests/unit/fake-vmm", vmm));
	paths = (struct node_paths){
		.run = run, .data = data, .sys = "/sys", .proc = "/proc", .dev = dev, .vmm = vmm
	};
	make_folder("run");
	make_folder("run/state");
	make_folder("data");
	make_folder("data/images");
	make_folder("dev");
	put("dev/kvm", "");
	put("dev/urandom", "");
	put("data/vmlinuz", "kernel");
	now = 1000 * SECOND;
	assert_int_equal(loop_create(&loop), 0);
	loop_set_clock(loop, &now);
	signal(SIGPIPE, SIG_IGN);
	return 0;
}

/* Guests outlive the daemon, but not their test. */
static inline int tear_down(void **state)
{
	char command[128];

	(void)state;
	for (struct guest *guest = guests ? guests_first(guests) : NULL; guest; guest = guest->next)
		if (guest_has_process(guest)) {
			kill(guest->kept.pid, SIGKILL);
			waitpid(guest->kept.pid, NULL, 0);
		}
	guests_free(guests);
	guests = NULL;
	loop_free(loop);
	snprintf(command, sizeof(command), "rm -rf %s", root);
	return system(command);
}

#endif
