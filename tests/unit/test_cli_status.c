/* SPDX-License-Identifier: GPL-2.0-only */
/* The status screen over a made-up node: what is shown, what counts as not well, and that nothing
 * breaks the page. */
#include "tests/unit/unit_test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/node_files.h"
#include "cli/status.h"
#include "lib/file.h"

static char root[] = "/tmp/berth-status-XXXXXX";

static void put(const char *path, const char *text)
{
	char full[256];

	snprintf(full, sizeof(full), "%s%s", root, path);
	for (char *c = full + sizeof(root); *c; c++) {
		if (*c != '/')
			continue;
		*c = '\0';
		mkdir(full, 0755);
		*c = '/';
	}
	assert_int_equal(file_replace(full, text, strlen(text), 0644), 0);
}

static int make_node(void **state)
{
	(void)state;
	if (!mkdtemp(root))
		return -1;
	node_set_root(root);
	put("/proc/uptime", "185.20 300.00\n");
	put("/proc/sys/kernel/hostname", "node1\n");
	put("/etc/berth-release", "VERSION=0.1.0\nBUILD=0123456789abcdef\n");
	put("/run/berth/state/ssh-fingerprint", "SHA256:abc\n");
	put("/run/berth/state/config", "ok\nberth.conf on the config partition\n");
	put("/run/berth/state/boot/network", "ok 0.120\n");
	put("/run/berth/state/ready", "3.2\n");
	put("/run/service/dropbear/supervise/stat", "run\n");
	return 0;
}

static int remove_node(void **state)
{
	char command[64];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf %s", root);
	strcpy(root + strlen(root) - 6, "XXXXXX");
	return system(command) == 0 ? 0 : -1;
}

static void two_addresses(struct buf *buf)
{
	buf_puts(buf, "eth0 192.0.2.10\nvirbr0 192.168.122.1\n");
}

static void no_addresses(struct buf *buf)
{
	(void)buf;
}

/* The screen; every line of it fits. */
static bool screen(struct buf *buf)
{
	bool well = status_text(two_addresses, buf);

	for (const char *line = buf_text(buf); *line; line += strcspn(line, "\n") + 1)
		assert_true(strcspn(line, "\n") < 80);
	return well;
}

static void assert_shows(const char *wanted, bool well)
{
	struct buf buf = BUF_INIT;

	assert_int_equal(screen(&buf), well);
	if (!strstr(buf_text(&buf), wanted))
		fail_msg("\"%s\" is not in:\n%s", wanted, buf_text(&buf));
	buf_done(&buf);
}

static void well_node(void **state)
{
	struct buf buf = BUF_INIT;

	(void)state;
	assert_true(screen(&buf));
	assert_string_equal(buf_text(&buf),
	    "node1                                           Berth 0.1.0, build 0123456789ab\n"
	    "\n"
	    "Addresses     eth0 192.0.2.10\n"
	    "              virbr0 192.168.122.1\n"
	    "SSH host key  SHA256:abc\n"
	    "Config        ok (berth.conf on the config partition)\n"
	    "Up            3 min\n");
	buf_done(&buf);
}

static void fetched_file(void **state)
{
	(void)state;
	put("/run/berth/state/fetch",
	    "http://192.0.2.5/52-54-00-12-34-56.conf\n2026-01-01 00:00:00 UTC\n\n");
	assert_shows("Fetched from  http://192.0.2.5/52-54-00-12-34-56.conf, fetched 2026-01-01\n"
		     "              00:00:00 UTC\n",
	    true);
	put("/run/berth/state/fetch",
	    "http://192.0.2.5/x\n2026-01-01 00:00:00 UTC\n2026-01-01 01:00:00 UTC: no answer\n");
	assert_shows("              last failure: 2026-01-01 01:00:00 UTC: no answer\n", true);
	put("/run/berth/state/fetch", "http://192.0.2.5/x\n\n2026-01-01 01:00:00 UTC: no answer\n");
	assert_shows("Fetched from  http://192.0.2.5/x, not fetched yet\n", true);
}

static void guests(void **state)
{
	char path[64];

	(void)state;
	put("/run/berth/state/guests/web", "running\n1024 MiB, 2 vcpus, id 3\n");
	assert_shows("Guests        web              running, 1024 MiB, 2 vcpus, id 3\n", true);
	put("/run/berth/state/guests/db",
	    "failed\n512 MiB, 1 vcpu\ndisk default/db.raw: there is no such file\n");
	assert_shows("Guests        db               failed, 512 MiB, 1 vcpu\n", false);
	assert_shows("              web              running", false);
	assert_shows("Not well      guest db: disk default/db.raw: there is no such file\n", false);
	/* What a guest's process says cannot reach the terminal. */
	put("/run/berth/state/guests/db", "failed\n\n\033[2Jcleared\n");
	assert_shows("guest db: ?[2Jcleared\n", false);
	put("/run/berth/state/guests/db",
	    "running\n512 MiB, 1 vcpu, id 2; changes take effect at its next start\n");
	assert_shows("id 2; changes take\n              effect at its next start\n", true);
	put("/run/berth/state/guests/db", "off\n512 MiB, 1 vcpu\n");
	for (int i = 0; i < 8; i++) {
		snprintf(path, sizeof(path), "/run/berth/state/guests/more%d", i);
		put(path, "running\n64 MiB, 1 vcpu, id 9\n");
	}
	assert_shows("Guests        10: 1 off, 9 running\n", true);
}

static void last_boot(void **state)
{
	(void)state;
	put("/run/berth/state/last-boot", "unknown\nthe memory kept nothing\n");
	assert_shows("Up            3 min\n", true);
	put("/run/berth/state/last-boot", "ended\nin order\n");
	assert_shows("Last boot     shut down in order\n", true);
	put("/run/berth/state/last-boot", "watchdog\nberthd has stood still for 61 s\n");
	assert_shows(
	    "Last boot     reset by the watchdog: berthd has stood still for 61 s\n", true);
	put("/run/berth/state/last-boot", "panic\nsysrq \033[2Jtriggered crash\n");
	assert_shows("Last boot     panic: sysrq ?[2Jtriggered crash\n", true);
}

static void node_without_an_address(void **state)
{
	struct buf buf = BUF_INIT;

	(void)state;
	status_text(no_addresses, &buf);
	assert_non_null(strstr(buf_text(&buf), "Addresses     none yet\n"));
	buf_done(&buf);
}

static void refused_file(void **state)
{
	(void)state;
	put("/run/berth/state/config", "last-good\ngood/berth.conf\nberth.conf is refused\n");
	put("/run/berth/state/config.errors",
	    "/run/berth/boot/berth.conf:3:5: first\n/run/x:4:1: second\n");
	assert_shows("last-good (good/berth.conf)", false);
	assert_shows("              berth.conf is refused\n", false);
	assert_shows("berth.conf:3:5: first\n", false);
	assert_shows("2 errors; all of them: berthconf check /run/berth/boot/berth.conf", false);
}

static void failed_step(void **state)
{
	(void)state;
	put("/run/berth/state/boot/network", "failed 1.500 no such thing\n");
	assert_shows("Not well      boot step network: failed 1.500 no such thing\n", false);
}

static void note(void **state)
{
	(void)state;
	put("/run/berth/state/notes/medium", "the config partition was removed\n");
	assert_shows("Not well      the config partition was removed\n", false);
}

static void service_that_is_down(void **state)
{
	(void)state;
	put("/run/service/dropbear/supervise/stat", "down\n");
	assert_shows("service dropbear: down\n", false);
}

static void service_that_keeps_ending(void **state)
{
	(void)state;
	put("/run/service/dropbear/supervise/stat", "finish\n");
	put("/run/service/dropbear/backoff", "190 8\n");
	assert_shows("service dropbear: ends again and again; next start within 8 s\n", false);
}

static void service_on_probation(void **state)
{
	(void)state;
	put("/run/service/dropbear/backoff", "170 8\n");
	assert_shows("service dropbear: started again after ending soon, 8 s waited\n", false);
	/* A minute later it has proved itself. */
	put("/proc/uptime", "231.00 300.00\n");
	assert_shows("Up            3 min\n", true);
}

static void data_volume(void **state)
{
	(void)state;
	put("/run/berth/state/data", "none\n[node] data names no disk\n\n\n");
	assert_shows("Up            3 min\n", true);
	put("/run/berth/state/data", "mounted\nvdb (serial:DATA0)\nvdb\nserial:DATA0\n");
	put("/data/images/web", "");
	assert_shows("Data volume   vdb (serial:DATA0), ", true);
	put("/run/berth/state/data", "refused\nvdb holds xfs\nvdb\nserial:DATA0\n");
	assert_shows("Data volume   refused\n", true);
}

/* One that is up only when asked. */
static void service_that_waits(void **state)
{
	(void)state;
	put("/run/service/config/supervise/stat", "down\n");
	assert_shows("service config: down\n", false);
	put("/run/service/config/down", "");
	assert_shows("Up            3 min\n", true);
}

static void put_change(const char *phase)
{
	put("/run/berth/apply/phase", phase);
	put("/run/berth/apply/id", "1.00-7\n");
	put("/run/berth/apply/origin", "apply-ssh-admin@desk\n");
	put("/run/berth/apply/within", "120\n");
}

static void change_that_is_not_confirmed(void **state)
{
	(void)state;
	put_change("pending\n");
	put("/run/berth/apply/deadline", "250\n");
	/* 64.8 s are left; it shows in steps. */
	assert_shows(
	    "changed (apply-ssh-admin@desk) and not confirmed: goes back by\n"
	    "              itself within 70 s; keep it: berth config confirm; go back now:\n"
	    "              berth config revert\n",
	    true);
	put("/run/berth/apply/deadline", "100\n");
	assert_shows("itself within 0 s;", true);
}

static void change_that_is_being_undone(void **state)
{
	(void)state;
	put_change("undoing\nnot confirmed within 120 s\n");
	assert_shows("a change (apply-ssh-admin@desk) is being undone: not confirmed\n"
		     "              within 120 s\n",
	    true);
}

static void change_that_was_undone(void **state)
{
	(void)state;
	put("/run/berth/state/change",
	    "reverted\nnot confirmed within 120 s\n1.00-7\nedit-console\n");
	assert_shows(
	    "the last change (edit-console) was undone: not confirmed within\n              120 s\n",
	    true);
	put("/run/berth/state/change", "confirmed\ngeneration 4\n1.00-7\nedit-console\n");
	assert_shows("Config        ok (berth.conf on the config partition)\nUp ", true);
	/* The next one hides it. */
	put("/run/berth/state/change", "failed\nwhy\n1.00-7\nedit-console\n");
	put_change("switching\n");
	assert_shows("being changed (apply-ssh-admin@desk)\nUp ", true);
}

static void still_starting(void **state)
{
	struct buf buf = BUF_INIT;
	char path[64];

	(void)state;
	snprintf(path, sizeof(path), "%s/run/berth/state/ready", root);
	assert_int_equal(remove(path), 0);
	assert_shows("still starting\n", true);
	buf_done(&buf);
}

/* A message with a terminal's commands in it, longer than the page is wide, and a hostile service
 * name. */
static void hostile_texts(void **state)
{
	struct buf buf = BUF_INIT;
	char text[600] = "";

	(void)state;
	for (int i = 0; i < 90; i++)
		strcat(text, "word\x1b ");
	put("/run/berth/state/notes/long", text);
	put("/proc/sys/kernel/hostname",
	    "a-very-long-name-that-goes-on-and-on-and-on-and-on-and-on-and-on-and-on-and-on-and-on\x07\n");
	assert_false(screen(&buf));
	for (const char *c = buf_text(&buf); *c; c++)
		assert_true((unsigned char)*c >= 0x20 || *c == '\n');
	buf_done(&buf);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, make_node, remove_node)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(well_node),
		TEST(node_without_an_address),
		TEST(fetched_file),
		TEST(guests),
		TEST(last_boot),
		TEST(refused_file),
		TEST(failed_step),
		TEST(note),
		TEST(service_that_is_down),
		TEST(data_volume),
		TEST(still_starting),
		TEST(service_that_keeps_ending),
		TEST(service_on_probation),
		TEST(service_that_waits),
		TEST(change_that_is_not_confirmed),
		TEST(change_that_is_being_undone),
		TEST(change_that_was_undone),
		TEST(hostile_texts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
