/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A whole machine on a real KVM, and its sandbox, with each call of the system and each allocation
 * failing in turn. Every failure is told in words, or the machine goes on; nothing stays behind.
 * Skipped where there is no KVM.
 */
#include <elf.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/unit_test.h"

#include "tests/unit/calls.h"
#include "vmm/definition_parse.h"
#include "vmm/firmware/bytes.h"
#include "vmm/machine_parts.h"
#include "vmm/sandbox.h"
#include "vmm/seccomp.h"

#define MIB (1ull << 20)
/* The machine's descriptors are far above what it opens by itself: none is hidden by another. */
#define HIGH 600
#define HIGH_END 632

/* A kernel by the PVH way that does nothing. */
static int make_kernel(void)
{
	static const uint8_t code[] = { 0xf4, 0xeb, 0xfd }; /* hlt; jmp back */
	uint8_t file[4096] = { 0 };
	Elf64_Ehdr *head = (Elf64_Ehdr *)(void *)file;
	Elf64_Phdr *parts = (Elf64_Phdr *)(void *)(file + sizeof(*head));
	uint8_t *note = file + 1024;
	int fd = memfd_create("kernel", MFD_CLOEXEC);

	memcpy(head->e_ident, ELFMAG, SELFMAG);
	head->e_ident[EI_CLASS] = ELFCLASS64;
	head->e_ident[EI_DATA] = ELFDATA2LSB;
	head->e_machine = EM_X86_64;
	head->e_phentsize = sizeof(*parts);
	head->e_phoff = sizeof(*head);
	head->e_phnum = 2;
	parts[0] = (Elf64_Phdr){ .p_type = PT_LOAD,
		.p_offset = 2048,
		.p_paddr = 16 * MIB,
		.p_filesz = sizeof(code),
		.p_memsz = 4096 };
	parts[1] = (Elf64_Phdr){ .p_type = PT_NOTE, .p_offset = 1024, .p_filesz = 20 };
	put32(note, 4);
	put32(note + 4, 4);
	put32(note + 8, 18);
	memcpy(note + 12, "Xen", 4);
	put32(note + 16, 16 * MIB);
	memcpy(file + 2048, code, sizeof(code));
	assert_int_equal(write(fd, file, sizeof(file)), sizeof(file));
	return fd;
}

static int put_high(int fd)
{
	int high = fcntl(fd, F_DUPFD_CLOEXEC, HIGH);

	assert_true(high >= HIGH);
	close(fd);
	return high;
}

static int open_high(const char *path)
{
	int fd = open(path, O_RDWR | O_CLOEXEC, 0);

	assert_true(fd >= 0);
	return put_high(fd);
}

struct fixture {
	struct definition definition;
	struct loop *loop;
	int saved; /* a state to be loaded; -1: none */
	char changes[256];
};

static bool has_kvm(void)
{
	int fd = open("/dev/kvm", O_RDWR | O_CLOEXEC, 0);

	if (fd < 0)
		return false;
	close(fd);
	return true;
}

static void changed(void *context, enum machine_state state, const char *reason)
{
	struct fixture *fixture = context;
	size_t length = strlen(fixture->changes);

	snprintf(
	    fixture->changes + length, sizeof(fixture->changes) - length, "%d %s\n", state, reason);
}

static void happened(void *context, const char *text)
{
	(void)context;
	(void)text;
}

/* Of every kind of device that needs no privilege, anew for each attempt. */
static void define(struct fixture *fixture)
{
	char text[1024];
	struct why reason;
	int disk = memfd_create("disk", MFD_CLOEXEC);
	int length;

	assert_int_equal(ftruncate(disk, (off_t)MIB), 0);
	length = snprintf(text, sizeof(text),
	    "berth-guest 1\nname test\nuuid 12345678-1234-5678-9abc-def012345678\n"
	    "memory %llu shared\nvcpus 1\ncpu host\nkernel fd=%d\ninitrd fd=%d\ncmdline quiet\n"
	    "disk id=vda fd=%d\nconsole id=com1 type=serial log=%d log-size=65536\n"
	    "console id=hvc type=virtio\nrng fd=%d\nballoon\npvpanic\nkvm fd=%d\ncontrol fd=%d\n"
	    "outcome fd=%d\nsandbox uid=1 gid=1 off\npaused\npin emulator 0\npin 0 0\n",
	    32 * MIB, put_high(make_kernel()), put_high(make_kernel()), put_high(disk),
	    put_high(memfd_create("log", MFD_CLOEXEC)), open_high("/dev/urandom"),
	    open_high("/dev/kvm"), open_high("/dev/null"), open_high("/dev/null"));
	if (fixture->saved >= 0)
		snprintf(text + length, sizeof(text) - (size_t)length, "load fd=%d\n",
		    put_high(dup(fixture->saved)));
	if (definition_parse(text, strlen(text), &fixture->definition, &reason))
		fail_msg("%s", reason.text);
	fixture->changes[0] = '\0';
}

/* The machine does not close the files that it boots from: they last as long as its process. */
static void forget(void)
{
	for (int fd = HIGH; fd < HIGH_END; fd++)
		if (fcntl(fd, F_GETFD, 0) >= 0)
			close(fd);
}

static int create(struct fixture *fixture, struct why *reason, struct machine **ret_machine)
{
	const struct machine_ops ops = { changed, happened, fixture };

	return machine_create(&fixture->definition, fixture->loop, &ops, reason, ret_machine);
}

/* A failure has words: what failed and why. */
static void check_told(int result, const struct why *reason)
{
	if (!result)
		return;
	assert_true(result < 0);
	if (!strchr(reason->text, ' '))
		fail_msg("%s fails: \"%s\" says nothing", calls_failed(), reason->text);
}

static int create_once(void *context, unsigned long at)
{
	struct fixture *fixture = context;
	struct machine *machine = NULL;
	struct why reason = { "" };
	int result;

	calls_fail_at(0);
	define(fixture);
	calls_fail_at(at);
	result = create(fixture, &reason, &machine);
	if (!result)
		machine_free(machine);
	calls_fail_at(0);
	check_told(result, &reason);
	forget();
	return result;
}

struct ended {
	bool yes;
	int result;
	struct why *reason;
};

static void job_ended(void *context, int result, const char *text)
{
	struct ended *ended = context;

	ended->yes = true;
	ended->result = result;
	if (result)
		why(ended->reason, result, "%s", text);
}

/* The job has the descriptor, once it has begun. */
static int save_to(struct machine *machine, int fd, bool memory_alone, struct why *reason)
{
	struct ended ended = { .reason = reason };
	struct machine_done done = { job_ended, &ended };
	int result = memory_alone ? machine_dump(machine, fd, false, done, reason)
				  : machine_save(machine, fd, 0, done, reason);

	if (result) {
		close(fd);
		return result;
	}
	while (!ended.yes)
		loop_step(machine->main_loop, 1);
	return ended.result;
}

/* A file with the state of a machine that has not run. */
static int make_state(struct fixture *fixture)
{
	int fd = memfd_create("state", MFD_CLOEXEC);
	struct machine *machine = NULL;
	struct why reason = { "" };

	define(fixture);
	if (create(fixture, &reason, &machine) || save_to(machine, dup(fd), false, &reason))
		fail_msg("%s", reason.text);
	machine_free(machine);
	forget();
	return fd;
}

static void a_machine_is_made(void **state)
{
	struct fixture fixture = { .saved = -1 };

	(void)state;
	if (!has_kvm())
		skip();
	assert_int_equal(loop_create(&fixture.loop), 0);
	calls_fail_each(create_once, &fixture);
	fixture.saved = make_state(&fixture);
	calls_fail_each(create_once, &fixture);
	close(fixture.saved);
	loop_free(fixture.loop);
}

/* What is done to a machine; with all calls well it must end with 0. */
struct act {
	int (*run)(struct machine *machine, struct why *reason);
	bool started;
	struct fixture fixture;
};

static int act_once(void *context, unsigned long at)
{
	struct act *act = context;
	struct machine *machine = NULL;
	struct why reason = { "" };
	int result;

	define(&act->fixture);
	result = create(&act->fixture, &reason, &machine);
	if (!result && act->started)
		result = machine_start(machine, &reason);
	if (result)
		fail_msg("%s", reason.text);
	calls_fail_at(at);
	result = act->run(machine, &reason);
	calls_fail_at(0);
	check_told(result, &reason);
	loop_step(act->fixture.loop, 0);
	/* A machine that cannot go on stands still and has said why. */
	if (machine_state(machine) == MACHINE_CRASHED && !strchr(machine_reason(machine), ' '))
		fail_msg("%s fails: \"%s\" says nothing", calls_failed(), machine_reason(machine));
	machine_free(machine);
	forget();
	return result;
}

/* A guest runs, is looked at and worked on. */
static int live(struct machine *machine, struct why *reason)
{
	struct buf text = BUF_INIT;
	int pair[2];

	machine_resume(machine);
	machine_power_button(machine);
	machine_nmi(machine);
	machine_status(machine, &text);
	machine_stats(machine, &text);
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == 0) {
		machine_console(machine, "com1", pair[0], true);
		close(pair[1]);
	}
	machine_set_balloon(machine, 16 * MIB);
	machine_disk_resized(machine, "vda");
	machine_pause(machine, "user");
	buf_done(&text);
	(void)reason;
	return 0;
}

static int save(struct machine *machine, struct why *reason)
{
	int fd = memfd_create("state", MFD_CLOEXEC);

	return fd < 0 ? why(reason, -1, "no file") : save_to(machine, fd, false, reason);
}

static int dump(struct machine *machine, struct why *reason)
{
	int fd = memfd_create("core", MFD_CLOEXEC);

	return fd < 0 ? why(reason, -1, "no file") : save_to(machine, fd, true, reason);
}

static void a_machine_lives(void **state)
{
	static int (*const acts[])(
	    struct machine *, struct why *) = { machine_start, live, save, dump, machine_reset };

	(void)state;
	if (!has_kvm())
		skip();
	for (size_t i = 0; i < sizeof(acts) / sizeof(acts[0]); i++) {
		struct act act = { .run = acts[i], .started = i > 0, .fixture = { .saved = -1 } };

		assert_int_equal(loop_create(&act.fixture.loop), 0);
		calls_fail_each(act_once, &act);
		loop_free(act.fixture.loop);
	}
}

static int enter_sandbox(struct why *reason)
{
	return sandbox_enter(1234, 1234, reason);
}

static int enter_filter(struct why *reason)
{
	return seccomp_enter(SECCOMP_MAIN, reason);
}

/* /proc may be out of sight. */
static unsigned int count_open(void)
{
	unsigned int count = 0;

	for (int fd = 0; fd < 64; fd++)
		count += fcntl(fd, F_GETFD, 0) >= 0;
	return count;
}

enum { ALL_WELL, TOLD, SILENT, LEFT_OPEN };

/* In a process of its own: 0 once no call is left to fail. There is no half of a sandbox, so every
 * failure is one of the whole. Not by _exit(): the filter lets the address sanitizer do too little.
 */
static int confine_once(int (*enter)(struct why *reason), unsigned long at)
{
	pid_t child = fork();
	int status;

	if (child == 0) {
		unsigned int open = count_open();
		struct why reason = { "" };
		int result;

		calls_fail_at(at);
		result = enter(&reason);
		calls_fail_at(0);
		if (!calls_failed())
			status = result ? SILENT : ALL_WELL;
		else
			status = result < 0 && strncmp(reason.text, "sandbox: ", 9) == 0 ? TOLD
											 : SILENT;
		if (status != ALL_WELL && count_open() != open)
			status = LEFT_OPEN;
		syscall(SYS_exit_group, status);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void a_sandbox_is_whole_or_none(void **state)
{
	static int (*const ways[])(struct why *) = { enter_sandbox, enter_filter };

	(void)state;
	if (geteuid() != 0)
		skip();
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		unsigned long at = 1;
		int status;

		while ((status = confine_once(ways[i], at)) == TOLD)
			at++;
		if (status != ALL_WELL)
			fail_msg("way %zu, call %lu: %d", i, at, status);
		assert_true(at > 1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_machine_is_made),
		cmocka_unit_test(a_machine_lives),
		cmocka_unit_test(a_sandbox_is_whole_or_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
