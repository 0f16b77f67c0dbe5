/* SPDX-License-Identifier: GPL-2.0-only */
/* When the watchdog is fed, over a made-up node; which watchdog is taken, over a made-up sysfs. */
#include "tests/unit/unit_test.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/file.h"
#include "watchdog/device.h"
#include "watchdog/health.h"

#define PATIENCE 60

static char root[] = "/tmp/berth-watchdog-XXXXXX";
static int supervisor = -1;

static char *below(const char *path)
{
	static char full[256];

	snprintf(full, sizeof(full), "%s%s", root, path);
	return full;
}

static void make_folders(const char *path)
{
	char *full = below(path);

	for (char *c = full + sizeof(root); *c; c++) {
		if (*c != '/')
			continue;
		*c = '\0';
		mkdir(full, 0755);
		*c = '/';
	}
}

static void put(const char *path, const char *text)
{
	make_folders(path);
	assert_int_equal(file_replace(below(path), text, strlen(text), 0644), 0);
}

/* A node that is well at 1000 s. */
static int set_up(void **state)
{
	(void)state;
	if (!mkdtemp(root))
		return -1;
	put("/run/berth/state/ready", "12.50\n");
	put("/run/berth/state/berthd", "998\n");
	put("/run/service/berthd/supervise/stat", "run\n");
	assert_int_equal(mkfifo(below("/run/service/berthd/supervise/ok"), 0600), 0);
	supervisor = open(below("/run/service/berthd/supervise/ok"), O_RDONLY | O_NONBLOCK);
	return supervisor < 0 ? -1 : 0;
}

static int tear_down(void **state)
{
	char command[64];

	(void)state;
	if (supervisor >= 0)
		close(supervisor);
	supervisor = -1;
	snprintf(command, sizeof(command), "rm -rf %s", root);
	strcpy(root + strlen(root) - 6, "XXXXXX");
	return system(command) == 0 ? 0 : -1;
}

static void assert_well(struct health *health, double uptime)
{
	char why[HEALTH_TEXT] = "";

	if (!health_check(health, root, uptime, PATIENCE, why))
		fail_msg("at %.0f s: %s", uptime, why);
}

static void assert_unwell(struct health *health, double uptime, const char *wanted)
{
	char why[HEALTH_TEXT] = "";

	assert_false(health_check(health, root, uptime, PATIENCE, why));
	assert_string_equal(why, wanted);
}

static void a_daemon_that_stands_still(void **state)
{
	struct health health = { 0 };

	(void)state;
	assert_well(&health, 1000);
	assert_well(&health, 998 + PATIENCE);
	assert_unwell(&health, 998 + PATIENCE + 1, "berthd has stood still for 61 s");
	put("/run/berth/state/berthd", "1059\n");
	assert_well(&health, 1060);
}

/* It ended: its supervisor starts it again, and a reset would help nobody. */
static void a_daemon_that_is_down(void **state)
{
	struct health health = { 0 };

	(void)state;
	put("/run/service/berthd/supervise/stat", "down\n");
	assert_well(&health, 5000);
}

/* It ends again and again, and waits a minute for its next start: that is no time of its own. */
static void a_daemon_that_waits_for_its_start(void **state)
{
	struct health health = { 0 };

	(void)state;
	put("/run/service/berthd/supervise/stat", "finish\n");
	assert_well(&health, 998 + PATIENCE + 1);
	put("/run/service/berthd/supervise/stat", "run, want down, got TERM\n");
	assert_well(&health, 1070);
	assert_well(&health, 1070 + PATIENCE);
	assert_unwell(&health, 1070 + PATIENCE + 1, "berthd has stood still for 61 s");
}

static void a_supervisor_that_is_gone(void **state)
{
	struct health health = { 0 };

	(void)state;
	close(supervisor);
	supervisor = -1;
	assert_unwell(&health, 1000, "nobody supervises berthd");
	unlink(below("/run/service/berthd/supervise/ok"));
	assert_unwell(&health, 1000, "nobody supervises berthd");
	/* Services have their time to start. */
	put("/run/berth/state/ready", "990\n");
	assert_well(&health, 1000);
}

static void a_boot_that_does_not_end(void **state)
{
	struct health health = { 0 };

	(void)state;
	unlink(below("/run/berth/state/ready"));
	unlink(below("/run/service/berthd/supervise/ok"));
	assert_well(&health, 899);
	assert_unwell(&health, 900, "the boot steps have not ended in 900 s");
}

static void a_change_that_hangs(void **state)
{
	struct health health = { 0 };

	(void)state;
	put("/run/service/berthd/supervise/stat", "down\n");
	put("/run/berth/apply/phase", "switching\n");
	assert_well(&health, 1000);
	assert_well(&health, 1600);
	assert_unwell(&health, 1601, "a change of the configuration has been switching for 601 s");
	/* What waits for an administrator's word may wait. */
	put("/run/berth/apply/phase", "pending\n");
	assert_well(&health, 9000);
	put("/run/berth/apply/phase", "undoing\nno confirmation\n");
	assert_well(&health, 9001);
	assert_unwell(&health, 9700, "a change of the configuration has been undoing for 699 s");
}

/* Files that say nothing sensible are no reason to reset a node. */
static void files_of_anything(void **state)
{
	struct health health = { 0 };

	(void)state;
	put("/run/berth/state/berthd", "");
	put("/run/berth/apply/phase", "\n");
	assert_well(&health, 1000);
}

/* A watchdog in sysfs, of a driver or, with NULL, of one that names no device; its device is a
 * file, which takes no ioctl, so arming fails, but says which one was opened. */
static void put_watchdog(const char *node, const char *driver, const char *identity)
{
	char path[128];
	char target[128];

	snprintf(path, sizeof(path), "/sys/class/watchdog/%s/identity", node);
	put(path, identity);
	snprintf(path, sizeof(path), "/dev/%s", node);
	put(path, "");
	if (!driver)
		return;
	snprintf(path, sizeof(path), "/sys/module/%s/version", driver);
	put(path, "1\n");
	snprintf(path, sizeof(path), "/sys/class/watchdog/%s/device/driver/x", node);
	make_folders(path);
	snprintf(target, sizeof(target), "%s/sys/module/%s", root, driver);
	snprintf(path, sizeof(path), "/sys/class/watchdog/%s/device/driver/module", node);
	assert_int_equal(symlink(target, below(path)), 0);
}

/* The one that was given back by the magic close. */
static bool was_taken(const char *node)
{
	struct buf text = BUF_INIT;
	char path[64];
	bool taken;

	snprintf(path, sizeof(path), "/dev/%s", node);
	assert_int_equal(file_read(below(path), 16, &text), 0);
	taken = !strcmp(buf_text(&text), "V");
	buf_done(&text);
	return taken;
}

static int arm(const char *choice, struct device *ret_device)
{
	char sys[64];
	char dev[64];

	snprintf(sys, sizeof(sys), "%s", below("/sys"));
	snprintf(dev, sizeof(dev), "%s", below("/dev"));
	return device_arm(choice, 60, sys, dev, ret_device);
}

static void the_machines_own_comes_first(void **state)
{
	struct device device;

	(void)state;
	put_watchdog("watchdog0", NULL, "Software Watchdog\n");
	put_watchdog("watchdog1", "iTCO_wdt", "iTCO_wdt\n");
	assert_int_equal(arm("auto", &device), -ENOTTY);
	assert_int_equal(device.fd, -1);
	assert_true(was_taken("watchdog1") && !was_taken("watchdog0"));
}

static void one_by_name(void **state)
{
	struct device device;

	(void)state;
	put_watchdog("watchdog0", "wdat_wdt", "WDAT\n");
	put_watchdog("watchdog1", "iTCO_wdt", "iTCO_wdt\n");
	put_watchdog("watchdog2", NULL, "Software Watchdog\n");
	put_watchdog("watchdog3", NULL, "i6300ESB timer\n");
	assert_int_equal(arm(DEVICE_SOFT, &device), -ENOTTY);
	assert_true(was_taken("watchdog2"));
	assert_int_equal(arm("iTCO_wdt", &device), -ENOTTY);
	assert_true(was_taken("watchdog1") && !was_taken("watchdog0"));
	assert_int_equal(arm("i6300esb", &device), -ENOTTY);
	assert_true(was_taken("watchdog3"));
	assert_int_equal(arm("berth_none_such", &device), -ENODEV);
	assert_int_equal(device.fd, -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_daemon_that_stands_still, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_daemon_that_is_down, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    a_daemon_that_waits_for_its_start, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_supervisor_that_is_gone, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_boot_that_does_not_end, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_change_that_hangs, set_up, tear_down),
		cmocka_unit_test_setup_teardown(files_of_anything, set_up, tear_down),
		cmocka_unit_test_setup_teardown(the_machines_own_comes_first, set_up, tear_down),
		cmocka_unit_test_setup_teardown(one_by_name, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
