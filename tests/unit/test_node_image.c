/* SPDX-License-Identifier: GPL-2.0-only */
/* Images: no way out of a pool, no two writers, every refusal names the object. */
#include "node/guest/image.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/file.h"
#include "node/guest/kvm.h"
#include "node/guest/guest_log.h"
#include "tests/unit/unit_test.h"

static char root[] = "/tmp/berth-image-XXXXXX";
static char data[64];
static char sys[64];
static struct node_paths paths;
static struct conf_pool pool = { .name = "default", .type = CONF_POOL_DIR, .path = "images" };
static const struct conf_model model = { .pools = &pool };

static void put(const char *name, const char *content, off_t size)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", root, name);
	assert_int_equal(file_replace(path, content, strlen(content), 0600), 0);
	if (size)
		assert_int_equal(truncate(path, size), 0);
}

static void make_folder(const char *name)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", root, name);
	assert_int_equal(mkdir(path, 0700), 0);
}

static int set_up(void **state)
{
	char path[256];

	(void)state;
	assert_non_null(mkdtemp(root));
	snprintf(data, sizeof(data), "%s/data", root);
	snprintf(sys, sizeof(sys), "%s/sys", root);
	paths =
	    (struct node_paths){ .run = root, .data = data, .sys = sys, .proc = root, .dev = root };
	make_folder("data");
	make_folder("data/images");
	make_folder("data/boot");
	make_folder("sys");
	put("data/images/a.raw", "", 1 << 20);
	put("data/images/odd.raw", "", 1000);
	put("data/images/empty.raw", "", 0);
	put("data/secret", "", 1 << 20);
	put("data/boot/vmlinuz", "kernel", 0);
	put("data/boot/empty", "", 0);
	snprintf(path, sizeof(path), "%s/images/out.raw", data);
	assert_int_equal(symlink("../secret", path), 0);
	snprintf(path, sizeof(path), "%s/images/absolute.raw", data);
	assert_int_equal(symlink("/etc/passwd", path), 0);
	snprintf(path, sizeof(path), "%s/images/in.raw", data);
	assert_int_equal(symlink("a.raw", path), 0);
	snprintf(path, sizeof(path), "%s/images/pipe.raw", data);
	assert_int_equal(mkfifo(path, 0600), 0);
	return 0;
}

static int tear_down(void **state)
{
	char command[128];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf %s", root);
	return system(command);
}

/* Open, and say what comes of it. */
static int open_disk(const struct conf_disk *disk, struct buf *why, int *ret_fd)
{
	char *path = NULL;
	int error;

	*ret_fd = -1;
	error = image_open_disk(&paths, &model, disk, why, ret_fd, &path);
	assert_int_equal(error == 0, *ret_fd >= 0);
	assert_int_equal(error == 0, path != NULL);
	free(path);
	return error;
}

static void test_disks(void **state)
{
	static const struct {
		const char *source;
		int error;
		const char *why;
	} cases[] = {
		{ "default/a.raw", 0, NULL },
		{ "default/in.raw", 0, NULL },
		{ "default/out.raw", -EXDEV, "leads out of its folder" },
		{ "default/absolute.raw", -EXDEV, "leads out of its folder" },
		{ "default/missing.raw", -ENOENT, "there is no such file" },
		{ "default/odd.raw", 0, NULL },
		{ "default/empty.raw", -EINVAL, "no disk image" },
		{ "default/pipe.raw", -EINVAL, "neither a file nor a disk" },
		{ "serial:NOBODY", -ENODEV, "the node has no such disk" },
		{ "partuuid:NOBODY", -ENODEV, "the node has no such disk" },
		{ "/dev/null", -EINVAL, "neither a file nor a disk" },
		{ "/proc/self/fd/0", -ELOOP, "/proc" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct conf_disk disk = { .source = cases[i].source };
		struct buf why = BUF_INIT;
		int fd;
		int error = open_disk(&disk, &why, &fd);

		if (error != cases[i].error ||
		    (error && (!strstr(buf_text(&why), cases[i].why) ||
				  !strstr(buf_text(&why), cases[i].source))))
			fail_msg("%s: %d, \"%s\"", cases[i].source, error, buf_text(&why));
		if (fd >= 0)
			close(fd);
		buf_done(&why);
	}
}

static void test_flags(void **state)
{
	const struct conf_disk direct = { .source = "default/a.raw" };
	const struct conf_disk cached = { .source = "default/a.raw", .cache = 2 };
	const struct conf_disk reader = { .source = "default/a.raw", .read_only = true };
	struct buf why = BUF_INIT;
	int fd;

	(void)state;
	assert_int_equal(open_disk(&direct, &why, &fd), 0);
	assert_int_equal(fcntl(fd, F_GETFL) & O_ACCMODE, O_RDWR);
	assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
	close(fd);
	assert_int_equal(open_disk(&cached, &why, &fd), 0);
	assert_false(fcntl(fd, F_GETFL) & O_DIRECT);
	close(fd);
	assert_int_equal(open_disk(&reader, &why, &fd), 0);
	assert_int_equal(fcntl(fd, F_GETFL) & O_ACCMODE, O_RDONLY);
	close(fd);
	buf_done(&why);
}

static void test_locks(void **state)
{
	const struct conf_disk writer = { .source = "default/a.raw" };
	const struct conf_disk reader = { .source = "default/a.raw", .read_only = true };
	const struct conf_disk shared = { .source = "default/a.raw", .shareable = true };
	struct buf why = BUF_INIT;
	int first;
	int second;
	int third;

	(void)state;
	assert_int_equal(open_disk(&writer, &why, &first), 0);
	assert_int_equal(open_disk(&writer, &why, &second), -EAGAIN);
	assert_non_null(strstr(buf_text(&why), "a running guest has it"));
	assert_int_equal(open_disk(&reader, &why, &second), -EAGAIN);
	assert_int_equal(open_disk(&shared, &why, &second), -EAGAIN);
	/* What holds it is the open file: a copy that the guest's process has is enough. */
	second = dup(first);
	close(first);
	assert_int_equal(open_disk(&writer, &why, &third), -EAGAIN);
	close(second);
	assert_int_equal(open_disk(&shared, &why, &first), 0);
	assert_int_equal(open_disk(&shared, &why, &second), 0);
	assert_int_equal(open_disk(&writer, &why, &third), -EAGAIN);
	close(first);
	close(second);
	assert_int_equal(open_disk(&reader, &why, &first), 0);
	assert_int_equal(open_disk(&reader, &why, &second), 0);
	assert_int_equal(open_disk(&writer, &why, &third), -EAGAIN);
	close(first);
	close(second);
	assert_int_equal(open_disk(&writer, &why, &first), 0);
	close(first);
	buf_done(&why);
}

static void test_other_pools_are_refused(void **state)
{
	const struct conf_disk disk = { .source = "default/a.raw" };
	struct buf why = BUF_INIT;
	int fd;

	(void)state;
	pool.type = CONF_POOL_LVM;
	assert_int_equal(open_disk(&disk, &why, &fd), -EOPNOTSUPP);
	assert_non_null(strstr(buf_text(&why), "pool \"default\""));
	pool.type = CONF_POOL_DIR;
	buf_done(&why);
}

static void test_kernels(void **state)
{
	struct node_paths none = paths;
	struct buf why = BUF_INIT;
	char absolute[128];
	int fd = -1;

	(void)state;
	assert_int_equal(image_open_file(&paths, "kernel", "boot/vmlinuz", &why, &fd), 0);
	close(fd);
	snprintf(absolute, sizeof(absolute), "%s/boot/vmlinuz", data);
	assert_int_equal(image_open_file(&paths, "kernel", absolute, &why, &fd), 0);
	close(fd);
	assert_int_equal(image_open_file(&paths, "kernel", "boot/empty", &why, &fd), -EINVAL);
	assert_int_equal(image_open_file(&paths, "kernel", "boot", &why, &fd), -EINVAL);
	assert_int_equal(image_open_file(&paths, "kernel", "images/pipe.raw", &why, &fd), -EINVAL);
	assert_int_equal(
	    image_open_file(&paths, "kernel", "images/absolute.raw", &why, &fd), -EXDEV);
	buf_cut(&why, 0);
	assert_int_equal(image_open_file(&paths, "kernel", "boot/none", &why, &fd), -ENOENT);
	assert_non_null(strstr(buf_text(&why), "boot/none"));
	assert_non_null(strstr(buf_text(&why), "there is no such file"));
	buf_cut(&why, 0);
	none.data = "/nowhere";
	assert_true(image_open_file(&none, "kernel", "boot/vmlinuz", &why, &fd) < 0);
	assert_string_equal(buf_text(&why),
	    "kernel boot/vmlinuz: the data volume is not there ([node] data names its disk)");
	buf_done(&why);
}

/* The one line that tells an operator why no guest can run. */
static void test_no_kvm(void **state)
{
	static const struct {
		const char *flags;
		uint64_t msr;
		off_t at; /* 0: no MSR to be read */
		const char *module;
		const char *why;
	} cases[] = {
		{ "fpu sse", 0, 0, NULL, "neither VT-x (vmx) nor AMD-V (svm)" },
		{ "fpu hypervisor", 0, 0, NULL, "itself a guest" },
		{ "fpu vmx", 1, 0x3a, NULL, "VT-x is switched off in the firmware" },
		{ "fpu vmx", 5, 0x3a, NULL, "module kvm_intel is not loaded" },
		{ "fpu svm", 0x10, 0xc0010114, NULL,
		    "AMD-V (SVM) is switched off in the firmware" },
		{ "fpu svm", 0, 0, NULL, "module kvm_amd is not loaded" },
		{ "fpu svm", 0, 0, "kvm_amd", "/kvm is missing" },
		{ "fpu svmx vmxx", 0, 0, NULL, "neither" },
	};

	(void)state;
	make_folder("cpu");
	make_folder("cpu/0");
	make_folder("sys/module");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct buf why = BUF_INIT;
		char text[256];
		char msr[128];
		int fd;

		snprintf(
		    text, sizeof(text), "processor\t: 0\nflags\t\t: %s\nbugs\t:\n", cases[i].flags);
		put("cpuinfo", text, 0);
		snprintf(msr, sizeof(msr), "%s/cpu/0/msr", root);
		unlink(msr);
		if (cases[i].at) {
			fd = open(msr, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
			assert_int_equal(pwrite(fd, &cases[i].msr, 8, cases[i].at), 8);
			close(fd);
		}
		if (cases[i].module) {
			snprintf(text, sizeof(text), "sys/module/%s", cases[i].module);
			make_folder(text);
		}
		assert_int_equal(kvm_open(&paths, &why, &fd), -ENOENT);
		if (strncmp(buf_text(&why), "no KVM: ", 8) || !strstr(buf_text(&why), cases[i].why))
			fail_msg("%s: \"%s\"", cases[i].flags, buf_text(&why));
		buf_done(&why);
	}
}

static uint64_t size_of(const char *name)
{
	struct stat status;
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", root, name);
	return stat(path, &status) ? UINT64_MAX : (uint64_t)status.st_size;
}

static void test_logs_are_bounded(void **state)
{
	char block[1024];
	int fd = guest_log_open(&paths, "web", 8192);

	(void)state;
	memset(block, 'x', sizeof(block));
	assert_true(fd >= 0);
	/* Without a data volume: in memory. */
	assert_int_equal(size_of("log/web.log"), 0);
	for (int i = 0; i < 5; i++)
		assert_int_equal(write(fd, block, sizeof(block)), sizeof(block));
	guest_log_bound(&paths, "web", 8192);
	assert_int_equal(size_of("log/web.log"), 0);
	assert_int_equal(size_of("log/web.log.1"), 5 * 1024);
	/* Whoever has it open goes on at its new start. */
	assert_int_equal(write(fd, block, sizeof(block)), sizeof(block));
	assert_int_equal(size_of("log/web.log"), 1024);
	guest_log_bound(&paths, "web", 8192);
	assert_int_equal(size_of("log/web.log"), 1024);
	close(fd);
	make_folder("data/log");
	guest_log_line(&paths, "web", "hello");
	assert_int_equal(size_of("data/log/web.log"), strlen("2026-11-25T00:00:00Z hello\n"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_disks),
		cmocka_unit_test(test_flags),
		cmocka_unit_test(test_locks),
		cmocka_unit_test(test_other_pools_are_refused),
		cmocka_unit_test(test_kernels),
		cmocka_unit_test(test_no_kvm),
		cmocka_unit_test(test_logs_are_bounded),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
