/* SPDX-License-Identifier: GPL-2.0-only */
#include "cli/report.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cli/exit_codes.h"
#include "lib/proc.h"

#define SECTION_SECONDS 10
#define SECTION_BYTES (256 * 1024)

/* Every section is a command line for the node's shell; each has its time and its size. */
static const struct {
	const char *title;
	const char *command;
} sections[] = {
	{ "version", "cat /etc/berth-release; uname -a; cat /proc/cmdline" },
	{ "status", "berth status" },
	{ "configuration", "cat /run/berth/boot/berth.conf" },
	{ "configuration in force",
	    "cat /run/berth/state/config; cat /run/berth/state/config.errors" },
	{ "boot steps", "cd /run/berth/state/boot && grep . *" },
	{ "notes", "cd /run/berth/state/notes && grep . *" },
	{ "last boot, watchdog",
	    "cd /run/berth && grep . state/last-boot state/watchdog; tail -n 100 last-boot/* /data/crash/*/*" },
	{ "services", "sv status /run/service/*" },
	{ "processes", "ps -o pid,ppid,user,stat,vsz,rss,time,args" },
	{ "memory", "cat /proc/meminfo; df -k" },
	{ "addresses", "ip -details address; ip route show table all; ip -6 route" },
	{ "name servers and leases",
	    "cat /run/berth/resolv.conf; cd /run/berth/lease && grep . *" },
	{ "firewall", "iptables-save -c; ip6tables-save -c" },
	{ "rendered network files", "cd /run/berth/conf/net && grep -r . ." },
	{ "processor",
	    "grep -E -m 8 'model name|vendor_id|microcode|flags|bugs' /proc/cpuinfo; nproc; ls -l /dev/kvm" },
	{ "PCI devices", "lspci -k" },
	{ "USB devices", "lsusb" },
	{ "block devices",
	    "cat /proc/partitions; cd /sys/class/block && grep . */device/model */size */ro" },
	{ "disks' health", "cd /run/berth/state/disks && grep . *" },
	{ "modules", "cat /proc/modules" },
	{ "mounts", "cat /proc/mounts" },
	{ "interrupts", "cat /proc/interrupts" },
	{ "kernel log", "dmesg" },
	{ "log", "logread" },
};

/* A key whose name says that its value is secret. */
static bool is_secret_line(const char *line, size_t length)
{
	static const char *const words[] = { "password", "secret", "passphrase", "private" };
	const char *equals = memchr(line, '=', length);

	if (!equals)
		return false;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (memmem(line, (size_t)(equals - line), words[i], strlen(words[i])))
			return true;
	return false;
}

/* The text line by line, with secret values, and the hashes that crypt(3) makes, left out. */
static void print_without_secrets(const char *text)
{
	while (*text) {
		size_t length = strcspn(text, "\n");
		const char *equals = memchr(text, '=', length);

		if (equals && is_secret_line(text, length))
			printf("%.*s (left out)\n", (int)(equals + 1 - text), text);
		else if (memmem(text, length, "$5$", 3) || memmem(text, length, "$6$", 3))
			puts("(a line with a password hash, left out)");
		else
			printf("%.*s\n", (int)length, text);
		text += length + (text[length] == '\n');
	}
}

static void print_section(const char *title, const char *command)
{
	char shell[] = "sh";
	char option[] = "-c";
	char line[512];
	char *arguments[] = { shell, option, line, NULL };
	struct buf output = BUF_INIT;
	int status;

	snprintf(line, sizeof(line), "%s", command);
	printf("==== %s: %s\n", title, command);
	status = proc_run(arguments, SECTION_SECONDS, SECTION_BYTES, &output);
	print_without_secrets(buf_text(&output));
	if (status == -ETIME)
		printf("(cut after %d s)\n", SECTION_SECONDS);
	else if (status < 0)
		printf("(not run: %s)\n", strerror(-status));
	if (output.length == SECTION_BYTES)
		printf("(cut after %d bytes)\n", SECTION_BYTES);
	puts("");
	buf_done(&output);
}

int report_run(void)
{
	for (size_t i = 0; i < sizeof(sections) / sizeof(sections[0]); i++)
		print_section(sections[i].title, sections[i].command);
	return fflush(stdout) == EOF ? EXIT_SYSTEM : EXIT_WELL;
}
