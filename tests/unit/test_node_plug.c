/* SPDX-License-Identifier: GPL-2.0-only */
/* Disks and NICs of guests that run: what comes and goes by clients and by the file, and what a
 * daemon finds of it that comes later. */
#include "conf/plug.h"

#include "tests/unit/guests_test.h"

#define POOL "[pool \"default\"]\npath = .\n"
#define A "disk = default/a.raw\n"
#define B "disk = default/b.raw\n"
#define C "disk = default/c.raw\n"

static int set_up_disks(void **state)
{
	int result = set_up(state);
	char path[160];
	char name[16];

	for (const char *letter = "abc"; *letter; letter++) {
		snprintf(name, sizeof(name), "data/%c.raw", *letter);
		put(name, "");
		snprintf(path, sizeof(path), "%s/%c.raw", data, *letter);
		assert_int_equal(truncate(path, 1 << 20), 0);
	}
	return result;
}

static void plug(
    enum conf_edit_verb verb, const char *key, const char *value, struct answer *answer)
{
	const struct conf_edit edit = { verb, "guest", "web", key, value };

	*answer = (struct answer){ 0 };
	guest_plug(the("web"), &edit, 1, (struct driver_done){ answered, answer });
	UNTIL(answer->calls);
}

/* The disks that it runs with, as the file would have them. */
static const char *disks(void)
{
	static char text[1024];
	struct buf buf = BUF_INIT;

	conf_plug_print_disks(the("web")->running->disks, &buf);
	snprintf(text, sizeof(text), "%s", buf_text(&buf));
	buf_done(&buf);
	return text;
}

/* Whether its process said so, by its log. */
static bool said(const char *line)
{
	struct buf log = BUF_INIT;
	char path[256];
	bool found;

	snprintf(path, sizeof(path), "%s/log/web.log", run);
	assert_int_equal(file_read(path, 1 << 20, &log), 0);
	found = strstr(buf_text(&log), line);
	buf_done(&log);
	return found;
}

static void test_a_client_plugs(void **state)
{
	struct answer answer;

	(void)state;
	begin(WEB A POOL);
	start("web");
	plug(CONF_EDIT_ADD, "disk", "default/b.raw serial=B1 read-iops=100", &answer);
	assert_string_equal(answer.message, "");
	assert_int_equal(answer.result, 0);
	assert_string_equal(disks(),
	    "default/a.raw target=vda\ndefault/b.raw serial=B1 target=vdb read-iops=100\n");
	assert_non_null(strstr(the("web")->disks[1], "/b.raw"));
	assert_null(the("web")->disks[2]);
	assert_string_equal(
	    status_line("web", 2), "1024 MiB, 1 vcpu, id 1; changes take effect at its next start");
	plug(CONF_EDIT_ADD, "disk", "default/b.raw", &answer);
	assert_int_equal(answer.result, -EBADMSG);
	plug(CONF_EDIT_ADD, "disk", "default/c.raw target=vdb", &answer);
	assert_true(answer.result == -EEXIST || answer.result == -EBADMSG);
	plug(CONF_EDIT_ADD, "disk", "default/none.raw", &answer);
	assert_int_equal(answer.result, -ENOENT);
	plug(CONF_EDIT_ADD, "disk", "default/c.raw bus=ide", &answer);
	assert_int_equal(answer.result, -EOPNOTSUPP);
	plug(CONF_EDIT_REMOVE, "disk", "default/c.raw", &answer);
	assert_int_equal(answer.result, -ENOENT);
	plug(CONF_EDIT_SET, "memory", "2G", &answer);
	assert_int_equal(answer.result, -EOPNOTSUPP);
	plug(CONF_EDIT_SET, "disk", "default/c.raw", &answer);
	assert_int_equal(answer.result, -EINVAL);
	/* The first goes: the other one keeps its name. */
	plug(CONF_EDIT_REMOVE, "disk", "default/a.raw target=vda", &answer);
	assert_int_equal(answer.result, 0);
	assert_non_null(strstr(disks(), "vda"));
	fake("web", "eject disk vda");
	UNTIL(!strstr(disks(), "vda"));
	assert_string_equal(disks(), "default/b.raw serial=B1 target=vdb read-iops=100\n");
	assert_non_null(strstr(the("web")->disks[0], "/b.raw"));
	assert_null(the("web")->disks[1]);
	plug(CONF_EDIT_ADD, "disk", "default/c.raw", &answer);
	assert_int_equal(answer.result, 0);
	assert_non_null(strstr(disks(), "c.raw target=vda"));
}

static void resize(unsigned int index, uint64_t bytes, struct answer *answer)
{
	*answer = (struct answer){ 0 };
	guest_resize_disk(the("web"), index, bytes, (struct driver_done){ answered, answer });
	UNTIL(answer->calls);
}

/* Its file, and then the guest is told; what would be lost is refused. */
static void test_a_disk_grows(void **state)
{
	struct answer answer;
	struct stat status;
	char path[256];

	(void)state;
	begin(WEB A POOL);
	resize(0, 2 << 20, &answer);
	assert_int_equal(answer.result, -ENOENT);
	start("web");
	snprintf(path, sizeof(path), "%s/a.raw", data);
	resize(0, 3 << 20, &answer);
	assert_int_equal(answer.result, 0);
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_size, 3 << 20);
	/* It had holes, and has more. */
	assert_true(status.st_blocks * 512 < 1 << 20);
	resize(0, 1 << 20, &answer);
	assert_int_equal(answer.result, -EINVAL);
	assert_non_null(strstr(answer.message, "shrink"));
	resize(1, 4 << 20, &answer);
	assert_int_equal(answer.result, -ENOENT);
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_size, 3 << 20);
}

static void test_what_is_refused_leaves_nothing(void **state)
{
	struct answer answer;

	(void)state;
	begin(WEB A POOL);
	start("web");
	fake("web", "refuse");
	plug(CONF_EDIT_ADD, "disk", "default/b.raw", &answer);
	assert_int_equal(answer.result, -ENOSPC);
	assert_string_equal(answer.message, "no slot is free");
	assert_string_equal(disks(), "default/a.raw\n");
	assert_string_equal(status_line("web", 2), "1024 MiB, 1 vcpu, id 1");
	/* A later daemon sees the same. */
	guests_free(guests);
	begin(WEB A POOL);
	UNTIL(the("web")->state == GUEST_RUNNING);
	assert_string_equal(disks(), "default/a.raw\n");
	act("web", DRIVER_DESTROY, &answer);
	UNTIL(answer.calls);
	plug(CONF_EDIT_ADD, "disk", "default/b.raw", &answer);
	assert_int_equal(answer.result, -EBUSY);
}

static void test_a_later_daemon_knows(void **state)
{
	struct answer answer;

	(void)state;
	begin(WEB A POOL);
	start("web");
	plug(CONF_EDIT_ADD, "disk", "default/b.raw", &answer);
	plug(CONF_EDIT_ADD, "disk", "default/c.raw", &answer);
	assert_int_equal(answer.result, 0);
	plug(CONF_EDIT_REMOVE, "disk", "default/b.raw target=vdb", &answer);
	guests_free(guests);
	guests = NULL;
	/* It goes while nobody listens. */
	fake("web", "eject disk vdb");
	begin(WEB A POOL);
	UNTIL(the("web")->state == GUEST_RUNNING);
	UNTIL(!strstr(disks(), "vdb"));
	assert_string_equal(disks(), "default/a.raw target=vda\ndefault/c.raw target=vdc\n");
	assert_non_null(strstr(the("web")->disks[1], "/c.raw"));
	/* The next start is the file's. */
	act("web", DRIVER_DESTROY, &answer);
	UNTIL(answer.calls);
	start("web");
	assert_string_equal(disks(), "default/a.raw\n");
}

/* Written down, and the daemon ended before its process was asked. */
static void test_what_never_came_is_dropped(void **state)
{
	struct answer answer;

	(void)state;
	begin(WEB A POOL);
	start("web");
	plug(CONF_EDIT_ADD, "disk", "default/b.raw", &answer);
	guests_free(guests);
	guests = NULL;
	fake("web", "eject disk vdb silently");
	begin(WEB A POOL);
	UNTIL(the("web")->state == GUEST_RUNNING);
	UNTIL(!strstr(disks(), "vdb"));
	assert_string_equal(disks(), "default/a.raw target=vda\n");
}

static void test_the_file_plugs(void **state)
{
	struct answer answer;

	(void)state;
	begin(WEB A B POOL);
	start("web");
	plug(CONF_EDIT_ADD, "disk", "default/c.raw", &answer);
	assert_int_equal(answer.result, 0);
	/* b goes by the file; c is the client's, and stays. */
	reload(WEB A POOL);
	UNTIL(said("asked: disk-remove vdb"));
	assert_false(said("asked: disk-remove vdc"));
	settle();
	fake("web", "eject disk vdb");
	UNTIL(!strstr(disks(), "vdb"));
	settle();
	assert_string_equal(disks(), "default/a.raw target=vda\ndefault/c.raw target=vdc\n");
	/* The file has it now as well, and b again, and another network. */
	reload(WEB A B C POOL);
	UNTIL(strstr(disks(), "b.raw"));
	settle();
	assert_string_equal(disks(),
	    "default/a.raw target=vda\ndefault/c.raw target=vdc\ndefault/b.raw target=vdb\n");
	assert_string_equal(status_line("web", 2), "1024 MiB, 1 vcpu, id 1");
	/* Limits change where they are; a cache is for the next start. */
	reload(WEB "disk = default/a.raw read-iops=500\n" B C POOL);
	UNTIL(said("asked: disk-limit vda read-iops=500"));
	settle();
	assert_string_equal(status_line("web", 2), "1024 MiB, 1 vcpu, id 1");
	reload(WEB "disk = default/a.raw read-iops=500 cache=writeback\n" B C POOL);
	settle();
	assert_non_null(strstr(status_line("web", 2), "changes take effect"));
	assert_false(said("asked: disk-remove vda"));
}

/* The new one waits for the name of the old one. */
static void test_one_in_the_place_of_another(void **state)
{
	(void)state;
	begin(WEB "disk = default/a.raw target=vda\n" POOL);
	start("web");
	reload(WEB "memory = 2G\ndisk = default/b.raw target=vda\n" POOL);
	UNTIL(said("asked: disk-remove vda"));
	settle();
	assert_string_equal(disks(), "default/a.raw target=vda\n");
	fake("web", "eject disk vda");
	UNTIL(!strcmp(disks(), "default/b.raw target=vda\n"));
	assert_int_equal(the("web")->running->memory, 1ull << 30);
	assert_non_null(strstr(the("web")->disks[0], "/b.raw"));
}

/* By a client and by the file. */
static void test_how_often_a_balloon_is_asked(void **state)
{
	struct answer answer;

	(void)state;
	begin(WEB);
	start("web");
	assert_int_equal(the("web")->running->balloon_period, 10);
	plug(CONF_EDIT_SET, "balloon-period", "5s", &answer);
	assert_int_equal(answer.result, 0);
	assert_true(said("asked: balloon-period 5\n"));
	assert_int_equal(the("web")->running->balloon_period, 5);
	assert_string_equal(status_line("web", 2), "1024 MiB, 1 vcpu, id 1");
	reload(WEB "balloon-period = 20s\n");
	UNTIL(the("web")->running->balloon_period == 20);
	assert_true(said("asked: balloon-period 20\n"));
	assert_string_equal(status_line("web", 2), "1024 MiB, 1 vcpu, id 1");
}

static void test_a_guest_without_a_balloon(void **state)
{
	struct answer answer;

	(void)state;
	begin(WEB "balloon = no\n");
	start("web");
	plug(CONF_EDIT_SET, "balloon-period", "5s", &answer);
	assert_int_equal(answer.result, -ENOENT);
	assert_string_equal(answer.message, "no balloon");
	assert_int_equal(the("web")->running->balloon_period, 10);
	plug(CONF_EDIT_SET, "balloon-period", "soon", &answer);
	assert_int_equal(answer.result, -EBADMSG);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up_disks, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_a_client_plugs),
		TEST(test_a_disk_grows),
		TEST(test_what_is_refused_leaves_nothing),
		TEST(test_a_later_daemon_knows),
		TEST(test_what_never_came_is_dropped),
		TEST(test_the_file_plugs),
		TEST(test_one_in_the_place_of_another),
		TEST(test_how_often_a_balloon_is_asked),
		TEST(test_a_guest_without_a_balloon),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
