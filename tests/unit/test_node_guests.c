/* SPDX-License-Identifier: GPL-2.0-only */
/* Guests' lives. */
#include "node/guest/guests.h"

#include "lib/uuid.h"
#include "node/guests_driver.h"
#include "tests/unit/guests_test.h"

static void test_start_and_destroy(void **state)
{
	struct answer answer;

	(void)state;
	begin(WEB);
	assert_string_equal(status_line("web", 1), "off");
	act("web", DRIVER_DESTROY, &answer);
	assert_int_equal(answer.result, -EBUSY);
	start("web");
	assert_string_equal(status_line("web", 1), "running");
	assert_string_equal(status_line("web", 2), "1024 MiB, 1 vcpu, id 1");
	act("web", DRIVER_START, &answer);
	assert_int_equal(answer.result, -EBUSY);
	act("web", DRIVER_SUSPEND, &answer);
	UNTIL(answer.calls);
	assert_int_equal(answer.result, 0);
	assert_int_equal(the("web")->state, GUEST_PAUSED);
	assert_int_equal(the("web")->pause, DRIVER_PAUSED_BY_USER);
	act("web", DRIVER_RESUME, &answer);
	UNTIL(answer.calls);
	assert_int_equal(the("web")->state, GUEST_RUNNING);
	act("web", DRIVER_NMI, &answer);
	UNTIL(answer.calls);
	assert_int_equal(answer.result, -EOPNOTSUPP);
	act("web", DRIVER_DESTROY, &answer);
	UNTIL(answer.calls);
	assert_int_equal(answer.result, 0);
	assert_int_equal(the("web")->state, GUEST_OFF);
	assert_int_equal(the("web")->kept.off, POLICY_OFF_DESTROYED);
	assert_string_equal(status_line("web", 1), "off");
	assert_string_equal(status_line("web", 3), "");
	start("web");
	assert_int_equal(the("web")->kept.id, 2);
}

static void test_starts_paused(void **state)
{
	struct answer answer;

	(void)state;
	begin(WEB);
	act("web", DRIVER_START_PAUSED, &answer);
	UNTIL(answer.calls);
	assert_int_equal(answer.result, 0);
	assert_int_equal(the("web")->state, GUEST_PAUSED);
}

static void test_autostart_waits_and_keeps_order(void **state)
{
	(void)state;
	begin("[guest \"late\"]\nkernel = vmlinuz\nautostart = yes order=20\n"
	      "[guest \"early\"]\nkernel = vmlinuz\nautostart = yes order=10 delay=30s\n"
	      "[guest \"never\"]\nkernel = vmlinuz\n");
	guests_autostart(guests);
	settle();
	now += SECOND;
	settle();
	assert_false(guest_has_process(the("early")));
	put("run/state/ready", "5.0\n");
	put("run/state/data", "checking\n");
	now += SECOND;
	settle();
	assert_false(guest_has_process(the("early")));
	put("run/state/data", "mounted\n");
	now += SECOND;
	UNTIL(the("early")->state == GUEST_RUNNING);
	settle();
	assert_false(guest_has_process(the("late")));
	now += 29 * SECOND;
	settle();
	assert_false(guest_has_process(the("late")));
	now += SECOND;
	UNTIL(the("late")->state == GUEST_RUNNING);
	now += 100 * SECOND;
	settle();
	assert_int_equal(the("never")->state, GUEST_OFF);
}

static void test_power_off_and_reboot(void **state)
{
	struct answer answer;

	(void)state;
	begin(WEB "cmdline = mute\n");
	start("web");
	/* One that is gone before it could answer did what it was told. */
	act("web", DRIVER_SHUTDOWN, &answer);
	UNTIL(the("web")->state == GUEST_OFF);
	assert_int_equal(answer.calls, 1);
	assert_int_equal(answer.result, 0);
	assert_int_equal(the("web")->kept.off, POLICY_OFF_SHUT_DOWN);
	assert_string_equal(status_line("web", 1), "off");
	start("web");
	act("web", DRIVER_REBOOT, &answer);
	UNTIL(the("web")->kept.id == 3 && the("web")->state == GUEST_RUNNING);
}

static void test_crash_backs_off(void **state)
{
	(void)state;
	begin("[guest \"web\"]\nkernel = vmlinuz\non-crash = restart\n");
	start("web");
	for (unsigned int delay = 1; delay <= 4; delay *= 2) {
		fake("web", "end crash the guest panicked");
		UNTIL(the("web")->state == GUEST_BACKING_OFF);
		assert_string_equal(status_line("web", 1), "backing off");
		assert_string_equal(status_line("web", 3), "crashed: the guest panicked");
		now += delay * SECOND - 1;
		settle();
		assert_int_equal(the("web")->state, GUEST_BACKING_OFF);
		now += 1;
		UNTIL(the("web")->state == GUEST_RUNNING);
		assert_string_equal(status_line("web", 3), "");
	}
	/* One that ran well starts again at once. */
	now += 100 * SECOND;
	fake("web", "end crash once more");
	UNTIL(the("web")->kept.id == 5 && the("web")->state == GUEST_RUNNING);
}

static void test_crash_stays_off(void **state)
{
	(void)state;
	begin(WEB);
	start("web");
	kill(the("web")->kept.pid, SIGKILL);
	UNTIL(the("web")->state == GUEST_OFF);
	assert_int_equal(the("web")->kept.off, POLICY_OFF_CRASHED);
	assert_string_equal(status_line("web", 1), "crashed");
	assert_string_equal(status_line("web", 3), "its process was killed by signal 9 (Killed)");
}

static void test_crash_is_kept(void **state)
{
	struct answer answer;

	(void)state;
	begin("[guest \"web\"]\nkernel = vmlinuz\non-crash = preserve\n"
	      "[guest \"dump\"]\nkernel = vmlinuz\non-crash = dump-destroy\n");
	start("web");
	fake("web", "state paused crash");
	UNTIL(the("web")->state == GUEST_CRASHED);
	assert_string_equal(status_line("web", 1), "crashed");
	act("web", DRIVER_DESTROY, &answer);
	UNTIL(the("web")->state == GUEST_OFF);
	start("dump");
	fake("dump", "state paused crash");
	UNTIL(the("dump")->state == GUEST_OFF);
	assert_int_equal(the("dump")->kept.off, POLICY_OFF_CRASHED);
}

static void test_reset_loop_is_calmed(void **state)
{
	(void)state;
	begin(WEB);
	start("web");
	for (unsigned int i = 1; i < POLICY_RESETS; i++) {
		fake("web", "state running reset");
		UNTIL(the("web")->kept.history.resets == i);
		now += SECOND;
	}
	assert_int_equal(the("web")->state, GUEST_RUNNING);
	fake("web", "state running reset");
	UNTIL(the("web")->state == GUEST_BACKING_OFF);
	assert_string_equal(status_line("web", 3), "resets over and over (5 times)");
	now += SECOND;
	UNTIL(the("web")->state == GUEST_RUNNING);
}

static void test_no_space_pauses_and_resumes(void **state)
{
	struct answer answer;

	(void)state;
	begin(WEB);
	start("web");
	fake("web", "disk vda enospc");
	fake("web", "state paused io-error");
	UNTIL(the("web")->state == GUEST_PAUSED);
	assert_int_equal(the("web")->pause, DRIVER_PAUSED_IO_ERROR);
	assert_non_null(strstr(status_line("web", 3), "disk vda: no space is left"));
	assert_string_equal(the("web")->full_disk, "vda");
	act("web", DRIVER_RESUME, &answer);
	UNTIL(the("web")->state == GUEST_RUNNING);
	assert_string_equal(the("web")->full_disk, "");
	assert_string_equal(status_line("web", 3), "");
	/* It may meet the full disk again before the answer is read. */
	fake("web", "state paused io-error");
	UNTIL(the("web")->state == GUEST_PAUSED);
	fake("web", "full");
	act("web", DRIVER_RESUME, &answer);
	UNTIL(answer.calls);
	assert_int_equal(answer.result, 0);
	assert_int_equal(the("web")->state, GUEST_PAUSED);
}

static void test_failures_are_told(void **state)
{
	struct answer answer;

	(void)state;
	begin(
	    "[guest \"a\"]\nkernel = none\n[guest \"b\"]\nkernel = vmlinuz\ncmdline = fail-at-once\n"
	    "[guest \"c\"]\nkernel = vmlinuz\nmemory = 16T\n[guest \"d\"]\nmemory = 1G\n"
	    "[guest \"e\"]\nkernel = vmlinuz\ndisk = /nowhere/disk.raw\n");
	act("a", DRIVER_START, &answer);
	assert_int_equal(answer.calls, 1);
	assert_int_equal(answer.result, -ENOENT);
	assert_string_equal(status_line("a", 1), "failed");
	assert_non_null(strstr(status_line("a", 3), "none: there is no such file"));
	act("b", DRIVER_START, &answer);
	UNTIL(answer.calls);
	assert_true(answer.result < 0);
	assert_string_equal(answer.message, "kernel: this is no kernel");
	assert_string_equal(status_line("b", 1), "failed");
	assert_string_equal(status_line("b", 3), "kernel: this is no kernel");
	act("c", DRIVER_START, &answer);
	assert_int_equal(answer.result, -ENOMEM);
	assert_non_null(strstr(status_line("c", 3), "not enough memory"));
	act("d", DRIVER_START, &answer);
	assert_int_equal(answer.result, -EOPNOTSUPP);
	act("e", DRIVER_START, &answer);
	assert_non_null(strstr(answer.message, "disk /nowhere/disk.raw"));
	paths.vmm = "/nowhere/berth-vmm";
	act("b", DRIVER_START, &answer);
	UNTIL(answer.calls);
	assert_non_null(strstr(answer.message, "cannot run /nowhere/berth-vmm"));
	snprintf(answer.message, sizeof(answer.message), "%s/kvm", dev);
	assert_int_equal(unlink(answer.message), 0);
	act("b", DRIVER_START, &answer);
	assert_non_null(strstr(answer.message, "no KVM: "));
}

/* As after kill -9: the daemon's memory is gone, the process is not. */
static void forget(void)
{
	guests_free(guests);
	guests = NULL;
}

static void test_found_again(void **state)
{
	struct answer answer;
	pid_t pid;

	(void)state;
	begin(WEB
	    "disk = default/a.raw\n[pool \"default\"]\npath = .\n[guest \"db\"]\nkernel = vmlinuz\n");
	put("data/a.raw", "");
	assert_int_equal(truncate(strcat(strcpy(answer.message, data), "/a.raw"), 1 << 20), 0);
	start("web");
	start("db");
	act("db", DRIVER_SUSPEND, &answer);
	UNTIL(answer.calls);
	pid = the("web")->kept.pid;
	forget();
	/* Meanwhile the file has changed, and lost a guest. */
	begin(WEB "memory = 2G\n");
	assert_int_equal(the("web")->kept.pid, pid);
	assert_int_equal(the("web")->kept.id, 1);
	UNTIL(the("web")->state == GUEST_RUNNING && the("db")->state == GUEST_PAUSED);
	assert_int_equal(the("web")->running->memory, 1ull << 30);
	assert_non_null(strstr(the("web")->disks[0], "/a.raw"));
	assert_string_equal(
	    status_line("web", 2), "1024 MiB, 1 vcpu, id 1; changes take effect at its next start");
	assert_non_null(strstr(status_line("db", 3), "not in berth.conf any more"));
	act("web", DRIVER_DESTROY, &answer);
	UNTIL(answer.calls);
	act("db", DRIVER_DESTROY, &answer);
	UNTIL(answer.calls);
	settle();
	assert_null(the("db"));
	assert_string_equal(status_line("db", 1), "");
	start("web");
	assert_int_equal(the("web")->kept.id, 3);
}

static void test_found_dead(void **state)
{
	pid_t pid;

	(void)state;
	begin(
	    "[guest \"web\"]\nkernel = vmlinuz\non-crash = restart\n[guest \"off\"]\nkernel = vmlinuz\n");
	start("web");
	start("off");
	pid = the("web")->kept.pid;
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	pid = the("off")->kept.pid;
	forget();
	fake("off", "end poweroff");
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	begin(
	    "[guest \"web\"]\nkernel = vmlinuz\non-crash = restart\n[guest \"off\"]\nkernel = vmlinuz\n");
	assert_int_equal(the("web")->state, GUEST_BACKING_OFF);
	assert_int_equal(the("off")->state, GUEST_OFF);
	assert_int_equal(the("off")->kept.off, POLICY_OFF_SHUT_DOWN);
	/* Killed once more while it waits: the wait goes on where it was. */
	forget();
	begin("[guest \"web\"]\nkernel = vmlinuz\non-crash = restart\n");
	assert_int_equal(the("web")->state, GUEST_BACKING_OFF);
	now += SECOND;
	UNTIL(the("web")->state == GUEST_RUNNING);
}

static void test_a_start_is_not_lost(void **state)
{
	(void)state;
	begin("[guest \"web\"]\nkernel = vmlinuz\nautostart = yes\n");
	put("run/state/ready", "1\n");
	guests_autostart(guests);
	UNTIL(guest_has_process(the("web")));
	/* Before it has answered for the first time. */
	forget();
	begin("[guest \"web\"]\nkernel = vmlinuz\nautostart = yes\n");
	guests_autostart(guests);
	UNTIL(the("web")->state == GUEST_RUNNING);
	assert_int_equal(the("web")->kept.id, 1);
	/* Shut down by its owner, it stays so when the daemon starts anew. */
	fake("web", "end poweroff");
	UNTIL(the("web")->state == GUEST_OFF);
	forget();
	begin("[guest \"web\"]\nkernel = vmlinuz\nautostart = yes\n");
	guests_autostart(guests);
	settle();
	now += 10 * SECOND;
	settle();
	assert_int_equal(the("web")->state, GUEST_OFF);
}

static void test_reload(void **state)
{
	(void)state;
	put("run/state/ready", "1\n");
	begin(
	    "[guest \"a\"]\nkernel = vmlinuz\nautostart = yes\n[guest \"b\"]\nkernel = none\nautostart = yes\n"
	    "[guest \"c\"]\nkernel = vmlinuz\n[guest \"e\"]\nkernel = vmlinuz\n");
	guests_autostart(guests);
	UNTIL(the("a")->state == GUEST_RUNNING && the("b")->kept.message[0]);
	/* b is mended, c goes, d is new. */
	reload("[guest \"a\"]\nkernel = vmlinuz\nautostart = yes\ntitle = same\n"
	       "[guest \"b\"]\nkernel = vmlinuz\nautostart = yes\n"
	       "[guest \"d\"]\nkernel = vmlinuz\nautostart = yes\n"
	       "[guest \"e\"]\nkernel = vmlinuz\nautostart = yes\n");
	UNTIL(the("b")->state == GUEST_RUNNING && the("d")->state == GUEST_RUNNING);
	/* e is there already, and starts with the node only, also as a new daemon sees it. */
	settle();
	assert_int_equal(the("e")->state, GUEST_OFF);
	assert_true(the("e")->kept.autostarted);
	assert_null(the("c"));
	assert_int_equal(the("a")->kept.id, 1);
	assert_string_equal(guests_first(guests)->name, "a");
	reload("");
	settle();
	assert_int_equal(the("a")->state, GUEST_RUNNING);
	assert_null(the("a")->conf);
	fake("a", "end poweroff");
	UNTIL(!the("a"));
}

static void count(void *context)
{
	(*(unsigned int *)context)++;
}

static void test_node_shutdown(void **state)
{
	unsigned int left = 0;
	struct answer answer;

	(void)state;
	begin(
	    "[guest \"good\"]\nkernel = vmlinuz\non-poweroff = restart\n"
	    "[guest \"deaf\"]\nkernel = vmlinuz\ncmdline = ignore-button\non-node-shutdown = shutdown timeout=30s\n"
	    "[guest \"gone\"]\nkernel = vmlinuz\non-node-shutdown = destroy\n[guest \"off\"]\nkernel = vmlinuz\n");
	start("good");
	start("deaf");
	start("gone");
	guests_leave(guests, count, &left);
	UNTIL(the("good")->state == GUEST_OFF && the("gone")->state == GUEST_OFF);
	assert_int_equal(the("deaf")->state, GUEST_SHUTTING_DOWN);
	assert_string_equal(status_line("deaf", 1), "shutting down");
	act("good", DRIVER_START, &answer);
	assert_int_equal(answer.result, -EBUSY);
	now += 29 * SECOND;
	settle();
	assert_int_equal(left, 0);
	now += SECOND;
	UNTIL(left);
	assert_int_equal(the("deaf")->state, GUEST_OFF);
	assert_int_equal(left, 1);
}

static void test_deaf_process_is_killed(void **state)
{
	struct answer answer;

	(void)state;
	begin(WEB);
	start("web");
	fake("web", "deaf");
	act("web", DRIVER_DESTROY, &answer);
	settle();
	assert_int_equal(answer.calls, 0);
	now += 5 * SECOND;
	UNTIL(answer.calls);
	assert_int_equal(answer.result, 0);
	assert_int_equal(the("web")->state, GUEST_OFF);
}

/* On a node that is short of everything: it is told of, and goes on. */
static void test_a_slow_start_is_told_and_left_alone(void **state)
{
	struct answer answer;
	char text[256];

	(void)state;
	snprintf(text, sizeof(text),
	    "[guest \"web\"]\nkernel = vmlinuz\ncmdline = silent-until=%s/go\n", root);
	begin(text);
	act("web", DRIVER_START, &answer);
	settle();
	assert_int_equal(answer.calls, 0);
	/* Each request has its own time limit, and each retry its wait. */
	for (int i = 0; i < PATIENCE_STEPS && !answer.calls; i++) {
		now += SECOND;
		step();
	}
	assert_int_equal(answer.calls, 1);
	assert_int_equal(answer.result, -ETIME);
	assert_true(now - the("web")->kept.started > 120 * SECOND);
	assert_string_equal(status_line("web", 1), "starting");
	assert_non_null(strstr(status_line("web", 3), "its process has not answered for 12"));
	for (int i = 0; i < 200; i++) {
		now += SECOND;
		step();
	}
	assert_int_equal(the("web")->state, GUEST_STARTING);
	put("go", "");
	for (int i = 0; i < PATIENCE_STEPS && the("web")->state != GUEST_RUNNING; i++) {
		now += SECOND / 10;
		step();
	}
	assert_int_equal(the("web")->state, GUEST_RUNNING);
	assert_string_equal(status_line("web", 3), "");
	assert_int_equal(answer.calls, 1);
}

static void test_lost_connection_is_made_again(void **state)
{
	struct answer answer;

	(void)state;
	begin(WEB);
	start("web");
	fake("web", "hang-up");
	UNTIL(the("web")->retry.deadline);
	/* What happens meanwhile is found out. */
	fake("web", "state paused user");
	now += 2 * SECOND;
	UNTIL(the("web")->state == GUEST_PAUSED);
	act("web", DRIVER_RESUME, &answer);
	UNTIL(answer.calls);
	assert_int_equal(answer.result, 0);
}

static void test_console(void **state)
{
	struct pollfd wait = { .events = POLLIN };
	char text[64] = "";

	(void)state;
	begin(WEB);
	assert_int_equal(guest_open_console(the("web"), NULL, &wait.fd), -EBUSY);
	start("web");
	assert_int_equal(guest_open_console(the("web"), "serial7", &wait.fd), -ENOENT);
	assert_int_equal(guest_open_console(the("web"), "console0", &wait.fd), 0);
	UNTIL(poll(&wait, 1, 0) == 1);
	assert_true(read(wait.fd, text, sizeof(text) - 1) > 0);
	assert_string_equal(text, "hello from console0\n");
	close(wait.fd);
}

static void test_memory(void **state)
{
	struct answer answer = { 0 };

	(void)state;
	begin(WEB "memory = 512M\nmemory-max = 1G\n");
	start("web");
	guest_set_memory(the("web"), 600u << 20, (struct driver_done){ answered, &answer });
	UNTIL(answer.calls == 1);
	assert_int_equal(answer.result, 0);
	guest_set_memory(the("web"), 1, (struct driver_done){ answered, &answer });
	UNTIL(answer.calls == 2);
	assert_int_equal(answer.result, -EINVAL);
	assert_string_equal(answer.message, "no balloon here");
	/* What the guest leaves is heard when it has done it. */
	fake("web", "balloon 629145600");
	UNTIL(the("web")->memory == 600u << 20);
}

static bool see(void *context, const struct driver_guest *guest)
{
	struct buf *text = context;

	buf_printf(text, "%s id=%d state=%u reason=%d%s%s%s", guest->conf->name, guest->id,
	    guest->state, guest->reason, guest->persistent ? " persistent" : "",
	    guest->changed ? " changed" : "", guest->taps ? " taps" : "");
	for (const char *const *line = guest->messages; line && *line; line++)
		buf_printf(text, " (%s)", *line);
	buf_puts(text, "\n");
	return true;
}

/* As clients see it. */
static void test_driver(void **state)
{
	const struct driver_ops *ops = &guests_driver_ops;
	struct guests_driver *driver;
	struct driver_stats stats;
	struct buf text = BUF_INIT;
	struct answer answer = { 0 };
	uint8_t uuid[16];
	int fd;

	(void)state;
	begin("[pool \"default\"]\npath = .\n" WEB
	      "disk = default/a.raw\n[guest \"lost\"]\nkernel = none\n");
	put("data/a.raw", "");
	assert_int_equal(truncate(strcat(strcpy(answer.message, data), "/a.raw"), 1 << 20), 0);
	assert_int_equal(guests_driver_create(guests, loop, &paths, NULL, NULL, &driver), 0);
	start("web");
	act("lost", DRIVER_START, &answer);
	reload("[pool \"default\"]\npath = .\n" WEB "vcpus = 2\n[guest \"lost\"]\nkernel = none\n");
	ops->guests(driver, see, &text);
	assert_non_null(
	    strstr(buf_text(&text), "web id=1 state=1 reason=1 persistent changed taps\n"));
	assert_non_null(strstr(
	    buf_text(&text), "lost id=-1 state=5 reason=6 persistent (kernel none: cannot open"));
	buf_done(&text);
	uuid_of_name("guest", "web", uuid);
	assert_int_equal(ops->stats(driver, uuid, &stats), 0);
	assert_int_equal(stats.disk_count, 1);
	assert_int_equal(stats.disks[0].read_bytes, 4096);
	assert_int_equal(stats.disks[0].read_requests, 3);
	assert_int_equal(stats.disks[0].capacity, 1 << 20);
	assert_int_equal(stats.vcpu_count, 1);
	assert_int_equal(stats.vcpus[0].time, 5);
	assert_int_equal(stats.memory, 1 << 30);
	assert_int_equal(ops->open_console(driver, uuid, "console0", &fd), 0);
	close(fd);
	uuid_of_name("guest", "nobody", uuid);
	assert_int_equal(ops->stats(driver, uuid, &stats), -ENOENT);
	answer = (struct answer){ 0 };
	ops->act(driver, uuid, DRIVER_START, (struct driver_done){ answered, &answer });
	assert_int_equal(answer.result, -ENOENT);
	guests_driver_free(driver);
}

/* Nothing of the daemon's is open in a guest's process, but for what it was passed. */
static void test_no_descriptor_leaks(void **state)
{
	char path[64];
	char target[256];
	unsigned int open_count = 0;

	(void)state;
	begin(WEB);
	start("web");
	for (int fd = 0; fd < 256; fd++) {
		ssize_t length;

		snprintf(path, sizeof(path), "/proc/%d/fd/%d", (int)the("web")->kept.pid, fd);
		length = readlink(path, target, sizeof(target) - 1);
		if (length < 0)
			continue;
		target[length] = '\0';
		open_count++;
		assert_null(strstr(target, "eventpoll"));
		assert_null(strstr(target, "pidfd"));
	}
	/* stdin, stdout, stderr; definition (closed once read), outcome, control, kvm, kernel, rng;
	 * two connections. */
	assert_in_range(open_count, 9, 12);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(test_start_and_destroy),
		TEST(test_starts_paused),
		TEST(test_autostart_waits_and_keeps_order),
		TEST(test_power_off_and_reboot),
		TEST(test_crash_backs_off),
		TEST(test_crash_stays_off),
		TEST(test_crash_is_kept),
		TEST(test_reset_loop_is_calmed),
		TEST(test_no_space_pauses_and_resumes),
		TEST(test_failures_are_told),
		TEST(test_found_again),
		TEST(test_found_dead),
		TEST(test_a_start_is_not_lost),
		TEST(test_reload),
		TEST(test_node_shutdown),
		TEST(test_deaf_process_is_killed),
		TEST(test_a_slow_start_is_told_and_left_alone),
		TEST(test_lost_connection_is_made_again),
		TEST(test_console),
		TEST(test_memory),
		TEST(test_driver),
		TEST(test_no_descriptor_leaks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
