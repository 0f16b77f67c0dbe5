/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * /init: the first process. Mounts the root that came in the initrd and hands over to its
 * /sbin/init.
 *
 * It runs before there is a console, a log or a shell, as PID 1: it must never return. What goes
 * wrong is told to the kernel's log and to the console, if there is one, and the machine starts
 * again after half a minute, so that a node with a passing fault comes back by itself.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/reboot.h>
#include <unistd.h>

#include "initramfs/loop.h"
#include "initramfs/mounts.h"
#include "initramfs/tell.h"

#define ROOT_IMAGE "/root.squashfs"
#define NEW_ROOT "/new"
#define NEXT_INIT "/sbin/init"
#define RESTART_SECONDS 30

static void __attribute__((noreturn, format(printf, 1, 2))) fatal(const char *format, ...)
{
	char text[400];
	va_list arguments;
	int length;

	length = snprintf(text, sizeof(text), "berth: early boot: ");
	va_start(arguments, format);
	vsnprintf(text + length, sizeof(text) - (size_t)length, format, arguments);
	va_end(arguments);
	tell_all(NEW_ROOT, text);
	snprintf(text, sizeof(text), "berth: the node starts again in %d s", RESTART_SECONDS);
	tell_all(NEW_ROOT, text);
	sleep(RESTART_SECONDS);
	reboot(RB_AUTOBOOT);
	for (;;)
		pause();
}

static void mount_table(const struct mount_entry *table)
{
	const struct mount_entry *entry;
	int error;

	for (entry = table; entry->target; entry++) {
		error = mounts_apply(entry);
		if (error)
			fatal("cannot mount %s on \"%s\": %s; are kernel and initrd of one image?",
			    entry->type, entry->target, strerror(-error));
	}
}

static void enter_root(void)
{
	int error = mounts_switch_root(NEW_ROOT);

	if (error)
		fatal("cannot make \"%s\" the root: %s; are kernel and initrd of one image?",
		    NEW_ROOT, strerror(-error));
}

/* stdin, stdout and stderr for what comes next: the console where there is one, else nothing that
 * could block. */
static void open_standard_streams(void)
{
	int fd = open("/dev/console", O_RDWR | O_NOCTTY);

	if (fd < 0)
		fd = open("/dev/null", O_RDWR);
	if (fd < 0)
		return;
	for (int i = 0; i <= 2; i++)
		dup2(fd, i);
	if (fd > 2)
		close(fd);
}

int main(void)
{
	char name[] = "init";
	char *arguments[] = { name, NULL };
	char device[LOOP_NAME_SIZE];
	int error;

	/* Anywhere else, what follows would hide the machine's own /dev and delete its files. */
	if (getpid() != 1) {
		fputs("init: only the kernel starts this program\n", stderr);
		return 100;
	}
	mount_table(mounts_early);
	error = loop_attach(ROOT_IMAGE, device);
	if (error)
		fatal(
		    "cannot attach \"%s\" to a loop device: %s; the initrd may be damaged: write the medium again",
		    ROOT_IMAGE, strerror(-error));
	error = mounts_root(device, NEW_ROOT);
	if (error)
		fatal("cannot mount \"%s\": %s; the initrd may be damaged: write the medium again",
		    ROOT_IMAGE, strerror(-error));
	mount_table(mounts_late);
	error = mounts_firmware(NEW_ROOT);
	if (error)
		fatal("cannot show \"/lib/firmware\": %s; are kernel and initrd of one image?",
		    strerror(-error));
	error = mounts_move(NEW_ROOT);
	if (error)
		fatal(
		    "cannot move \"/dev\", \"/proc\" and \"/sys\" to \"%s\": %s; are kernel and initrd "
		    "of one image?",
		    NEW_ROOT, strerror(-error));
	/* The loop device holds the image open; the names in the initramfs are no longer needed. */
	unlink("/init");
	unlink(ROOT_IMAGE);
	/* The kernel has kept what it needs of these. */
	unlink("/kernel/x86/microcode/GenuineIntel.bin");
	unlink("/kernel/x86/microcode/AuthenticAMD.bin");
	enter_root();
	open_standard_streams();
	execv(NEXT_INIT, arguments);
	fatal("cannot start \"%s\": %s; the root may be damaged: write the medium again", NEXT_INIT,
	    strerror(errno));
}
