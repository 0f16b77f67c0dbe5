/* SPDX-License-Identifier: GPL-2.0-only */
/* Guests saved, restored and dumped, by a process that writes a head and no memory. */
#include "node/guest/saved.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "node/guest/guest_job.h"
#include "node/guest/guest_parts.h"
#include "node/guest/newfile.h"
#include "tests/unit/guests_test.h"

static char file[256];

static bool exists(const char *path)
{
	return !access(path, F_OK);
}

static void name_file(const char *name)
{
	snprintf(file, sizeof(file), "%s/%s", root, name);
}

/* On a data volume. */
static void begin_web(const char *more)
{
	char text[512];

	make_folder("data/log");
	snprintf(text, sizeof(text), WEB "%s", more);
	begin(text);
	start("web");
}

static void save(const char *path, enum driver_go go, struct answer *answer)
{
	const struct driver_save how = { .path = path, .go = go };

	*answer = (struct answer){ 0 };
	guest_save_state(the("web"), &how, the("web")->state == GUEST_PAUSED, false,
	    (struct driver_done){ answered, answer });
}

static void dump(const struct driver_dump *how, struct answer *answer)
{
	*answer = (struct answer){ 0 };
	guest_job_dump(the("web"), how, (struct driver_done){ answered, answer });
}

static void restore(const char *path, enum driver_go go, struct answer *answer)
{
	*answer = (struct answer){ 0 };
	guests_restore(guests, path, go, (struct driver_done){ answered, answer });
	UNTIL(answer->calls);
}

static void test_save_and_restore(void **state)
{
	struct answer answer;
	struct driver_job job;

	(void)state;
	name_file("web.img");
	begin_web("");
	save(file, DRIVER_AS_IT_WAS, &answer);
	UNTIL(answer.calls);
	assert_int_equal(answer.result, 0);
	assert_int_equal(the("web")->state, GUEST_OFF);
	assert_int_equal(the("web")->kept.off, POLICY_OFF_SAVED);
	assert_true(exists(file));
	assert_false(guest_is_saved(the("web")));
	assert_int_equal(guest_job_read(the("web"), false, &job), -ENODATA);
	assert_int_equal(guest_job_read(the("web"), true, &job), 0);
	assert_int_equal(job.end, DRIVER_JOB_DONE);
	restore(file, DRIVER_AS_IT_WAS, &answer);
	assert_int_equal(answer.result, 0);
	assert_int_equal(the("web")->state, GUEST_RUNNING);
	assert_int_equal(the("web")->ran, DRIVER_RESTORED);
	assert_int_equal(the("web")->kept.restore, 0);
	assert_true(exists(file));
	restore(file, DRIVER_AS_IT_WAS, &answer);
	assert_int_equal(answer.result, -EBUSY);
	act("web", DRIVER_DESTROY, &answer);
	UNTIL(answer.calls);
	restore(file, DRIVER_STANDS, &answer);
	assert_int_equal(the("web")->state, GUEST_PAUSED);
	/* What was paused is saved as that. */
	save(file, DRIVER_AS_IT_WAS, &answer);
	UNTIL(answer.calls);
	restore(file, DRIVER_AS_IT_WAS, &answer);
	assert_int_equal(the("web")->state, GUEST_PAUSED);
}

/* One that the file has no more is restored all the same, and is gone when it ends. */
static void test_restore_of_none_of_the_file(void **state)
{
	struct answer answer;

	(void)state;
	name_file("web.img");
	begin_web("");
	save(file, DRIVER_AS_IT_WAS, &answer);
	UNTIL(answer.calls);
	reload("");
	settle();
	assert_null(the("web"));
	restore(file, DRIVER_AS_IT_WAS, &answer);
	assert_int_equal(answer.result, 0);
	assert_int_equal(the("web")->state, GUEST_RUNNING);
	save(NULL, DRIVER_AS_IT_WAS, &answer);
	assert_int_equal(answer.result, -EBUSY);
	act("web", DRIVER_DESTROY, &answer);
	UNTIL(!the("web"));
}

static void test_start_goes_on(void **state)
{
	struct answer answer;

	(void)state;
	begin_web("");
	save(NULL, DRIVER_AS_IT_WAS, &answer);
	UNTIL(answer.calls);
	assert_true(guest_is_saved(the("web")));
	start("web");
	assert_int_equal(the("web")->ran, DRIVER_RESTORED);
	assert_false(guest_is_saved(the("web")));
	save(NULL, DRIVER_AS_IT_WAS, &answer);
	UNTIL(answer.calls);
	act("web", DRIVER_START_FRESH, &answer);
	UNTIL(answer.calls);
	assert_int_equal(the("web")->ran, DRIVER_BOOTED);
	assert_false(guest_is_saved(the("web")));
	save(NULL, DRIVER_AS_IT_WAS, &answer);
	UNTIL(answer.calls);
	assert_int_equal(guest_forget_saved(the("web")), 0);
	assert_int_equal(guest_forget_saved(the("web")), -ENODATA);
	start("web");
	assert_int_equal(the("web")->ran, DRIVER_BOOTED);
}

static void test_no_room_and_giving_up(void **state)
{
	struct driver_job job;
	struct answer other;
	struct answer answer;

	(void)state;
	name_file("web.img");
	begin_web("");
	fake("web", "hold");
	save(file, DRIVER_AS_IT_WAS, &answer);
	UNTIL(the("web")->state == GUEST_PAUSED && the("web")->job &&
	      !guest_job_read(the("web"), false, &job) && job.processed);
	assert_int_equal(the("web")->pause, DRIVER_PAUSED_SAVING);
	assert_int_equal(job.kind, DRIVER_JOB_SAVE);
	assert_int_equal(job.total, 1u << 30);
	assert_int_equal(job.processed, 1048576);
	dump(&(struct driver_dump){ .path = file }, &other);
	assert_int_equal(other.result, -EBUSY);
	other = (struct answer){ 0 };
	guest_job_give_up(the("web"), (struct driver_done){ answered, &other });
	UNTIL(answer.calls && other.calls);
	assert_int_equal(other.result, 0);
	assert_int_equal(answer.result, -EINTR);
	assert_int_equal(the("web")->state, GUEST_RUNNING);
	assert_int_equal(the("web")->ran, DRIVER_SAVE_CANCELED);
	guest_job_read(the("web"), true, &job);
	assert_int_equal(job.end, DRIVER_JOB_GIVEN_UP);
	save(file, DRIVER_AS_IT_WAS, &answer);
	settle();
	fake("web", "full");
	fake("web", "finish");
	UNTIL(answer.calls);
	assert_int_equal(answer.result, -ENOSPC);
	assert_non_null(strstr(answer.message, "web.img: save: No space left on device: "));
	assert_non_null(strstr(answer.message, " MiB are free there, up to 1024 MiB are needed"));
	assert_int_equal(the("web")->state, GUEST_RUNNING);
	assert_false(exists(file));
	guest_job_give_up(the("web"), (struct driver_done){ answered, &other });
	assert_int_equal(other.result, -EBUSY);
	save("relative.img", DRIVER_AS_IT_WAS, &answer);
	assert_int_equal(answer.result, -EINVAL);
	save("/nonexistent/web.img", DRIVER_AS_IT_WAS, &answer);
	assert_int_equal(answer.result, -ENOENT);
}

/* The guest dies in the middle: the file does not come to be, and who waits is told. */
static void test_end_in_the_middle(void **state)
{
	struct answer answer;

	(void)state;
	name_file("web.img");
	begin_web("");
	fake("web", "hold");
	save(file, DRIVER_AS_IT_WAS, &answer);
	settle();
	fake("web", "end poweroff");
	UNTIL(the("web")->state == GUEST_OFF);
	assert_int_equal(answer.calls, 1);
	assert_true(answer.result < 0);
	assert_false(exists(file));
	assert_null(the("web")->job);
}

/* The daemon is killed while the process writes, after it has written, and with the file named. */
static void test_daemon_killed_in_the_middle(void **state)
{
	struct answer answer;

	(void)state;
	name_file("web.img");
	begin_web("");
	fake("web", "hold");
	save(file, DRIVER_AS_IT_WAS, &answer);
	UNTIL(the("web")->pause == DRIVER_PAUSED_SAVING);
	guests_free(guests);
	begin(WEB);
	UNTIL(the("web")->state == GUEST_RUNNING);
	assert_int_equal(the("web")->ran, DRIVER_SAVE_CANCELED);
	assert_false(exists(file));
	fake("web", "state paused saving");
	UNTIL(the("web")->state == GUEST_PAUSED);
	the("web")->kept.saving = 1;
	snprintf(the("web")->kept.saving_to, PERSIST_PATH, "%s", file);
	guest_save(the("web"));
	guests_free(guests);
	begin(WEB);
	UNTIL(the("web")->state == GUEST_RUNNING && !the("web")->kept.saving);
	put("web.img", "as if it were all there");
	fake("web", "state paused saving");
	UNTIL(the("web")->state == GUEST_PAUSED);
	struct stat status;
	assert_int_equal(stat(file, &status), 0);
	the("web")->kept.saving = status.st_ino;
	guest_save(the("web"));
	guests_free(guests);
	begin(WEB);
	UNTIL(the("web")->state == GUEST_OFF);
	assert_int_equal(the("web")->kept.off, POLICY_OFF_SAVED);
}

/* The daemon is killed after it has told a restored guest to go on, and before it wrote that down.
 */
static void test_daemon_killed_behind_a_restore(void **state)
{
	struct answer answer;

	(void)state;
	begin_web("");
	save(NULL, DRIVER_AS_IT_WAS, &answer);
	UNTIL(answer.calls);
	start("web");
	the("web")->kept.restore = PERSIST_RESTORE | PERSIST_RESTORE_GO;
	guest_save(the("web"));
	guests_free(guests);
	begin(WEB);
	UNTIL(the("web")->state == GUEST_RUNNING);
	assert_int_equal(the("web")->kept.restore, 0);
	/* It was not told again. */
	settle();
	assert_int_equal(the("web")->ran, DRIVER_RESTORED);
}

static void test_dump(void **state)
{
	struct answer answer;

	(void)state;
	name_file("web.core");
	begin_web("on-crash = restart\n");
	dump(&(struct driver_dump){ .path = file }, &answer);
	UNTIL(answer.calls);
	assert_int_equal(answer.result, 0);
	assert_true(exists(file));
	UNTIL(the("web")->state == GUEST_RUNNING && the("web")->ran == DRIVER_UNPAUSED);
	dump(&(struct driver_dump){ .path = file, .reset = true }, &answer);
	UNTIL(answer.calls);
	assert_int_equal(answer.result, 0);
	UNTIL(the("web")->state == GUEST_RUNNING && the("web")->ran == DRIVER_BOOTED);
	dump(&(struct driver_dump){ .path = file, .crash = true }, &answer);
	UNTIL(answer.calls);
	assert_int_equal(the("web")->state, GUEST_OFF);
	assert_int_equal(the("web")->kept.off, POLICY_OFF_CRASHED);
}

static void count(void *context)
{
	(*(unsigned int *)context)++;
}

static void test_saved_with_the_node(void **state)
{
	unsigned int left = 0;
	struct saved saved;
	struct buf why = BUF_INIT;
	char path[NODE_PATH];
	char command[256];

	(void)state;
	make_folder("data/log");
	begin("[node]\nguests = suspend\n" WEB "[guest \"other\"]\nkernel = vmlinuz\n"
	      "on-node-shutdown = shutdown\n[guest \"full\"]\nkernel = vmlinuz\n"
	      "[guest \"slow\"]\nkernel = vmlinuz\non-node-shutdown = save timeout=30s\n");
	start("web");
	start("other");
	start("full");
	start("slow");
	fake("full", "full");
	fake("slow", "hold");
	guests_leave(guests, count, &left);
	UNTIL(the("web")->state == GUEST_OFF && the("other")->state == GUEST_OFF &&
	      the("full")->state == GUEST_OFF);
	assert_int_equal(the("web")->kept.off, POLICY_OFF_SAVED);
	assert_int_equal(the("other")->kept.off, POLICY_OFF_SHUT_DOWN);
	/* What cannot be saved shuts down: at once, or in the last third of its time. */
	assert_int_equal(the("full")->kept.off, POLICY_OFF_SHUT_DOWN);
	assert_int_equal(the("slow")->state, GUEST_SHUTTING_DOWN);
	now += 20 * SECOND;
	UNTIL(left);
	assert_int_equal(the("slow")->kept.off, POLICY_OFF_SHUT_DOWN);
	assert_false(guest_is_saved(the("full")));
	assert_int_equal(saved_look(guest_saved_path(the("web"), path), &saved, &why), 0);
	assert_true(saved.with_node);
	assert_false(saved.stands);
	saved_done(&saved);
	/* The next start of the node: it goes on, though nothing says that it starts with the node.
	 */
	guests_free(guests);
	snprintf(command, sizeof(command), "rm -r %s/guests", run);
	assert_int_equal(system(command), 0);
	begin(WEB "[guest \"other\"]\nkernel = vmlinuz\n");
	put("run/state/ready", "5.0\n");
	guests_autostart(guests);
	now += SECOND;
	UNTIL(the("web")->state == GUEST_RUNNING);
	assert_int_equal(the("web")->ran, DRIVER_RESTORED);
	assert_int_equal(the("other")->state, GUEST_OFF);
}

static void assert_refused(const char *complaint)
{
	struct saved saved;
	struct buf why = BUF_INIT;

	assert_true(saved_look(file, &saved, &why) < 0);
	if (!strstr(buf_text(&why), complaint))
		fail_msg("%s", buf_text(&why));
	buf_done(&why);
}

static void test_files_that_are_none(void **state)
{
	struct answer answer;
	struct buf text = BUF_INIT;

	(void)state;
	name_file("web.img");
	begin_web("");
	assert_refused("No such file");
	put("web.img", "");
	assert_refused("is no saved guest");
	put("web.img", "berth-saved-guest 2\n");
	assert_refused("is a saved guest of version 2");
	put("web.img", "berth-saved-guest 1\nname=web\n");
	assert_refused("is cut short");
	unlink(file);
	save(file, DRIVER_AS_IT_WAS, &answer);
	UNTIL(answer.calls);
	assert_int_equal(file_read(file, 1 << 20, &text), 0);
	assert_int_equal(truncate(file, SAVED_HEAD + 4096), 0);
	assert_refused("is cut short");
	assert_int_equal(truncate(file, SAVED_HEAD), 0);
	assert_refused("is cut short");
	/* Of another guest, and with a section that does not fit its name. */
	text.data[strlen("berth-saved-guest 1\nname=w")] = 'x';
	assert_int_equal(file_replace(file, text.data, text.length, 0600), 0);
	restore(file, DRIVER_AS_IT_WAS, &answer);
	assert_non_null(strstr(answer.message, "is of another guest"));
	memset(text.data + 30, '\n', 8);
	assert_int_equal(file_replace(file, text.data, text.length, 0600), 0);
	assert_refused("is damaged");
	buf_done(&text);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(test_save_and_restore),
		TEST(test_restore_of_none_of_the_file),
		TEST(test_start_goes_on),
		TEST(test_no_room_and_giving_up),
		TEST(test_end_in_the_middle),
		TEST(test_daemon_killed_in_the_middle),
		TEST(test_daemon_killed_behind_a_restore),
		TEST(test_dump),
		TEST(test_saved_with_the_node),
		TEST(test_files_that_are_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
