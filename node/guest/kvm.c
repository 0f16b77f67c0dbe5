/* SPDX-License-Identifier: GPL-2.0-only */
#include "node/guest/kvm.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/file.h"

#define CPUINFO_MAX (4 * 1024 * 1024)

/* Intel SDM volume 4, IA32_FEATURE_CONTROL: bit 0 locks it, bit 2 allows VMX outside SMX. */
#define MSR_FEATURE_CONTROL 0x3a
#define FEATURE_CONTROL_LOCKED (1ull << 0)
#define FEATURE_CONTROL_VMX (1ull << 2)
/* AMD APM volume 2, 15.30.1, VM_CR: bit 4 switches SVM off. */
#define MSR_VM_CR 0xc0010114
#define VM_CR_SVMDIS (1ull << 4)

static bool read_msr(const struct node_paths *paths, uint32_t number, uint64_t *ret_value)
{
	char path[NODE_PATH];
	uint64_t value;
	bool got;
	int fd;

	snprintf(path, sizeof(path), "%s/cpu/0/msr", paths->dev);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	got = pread(fd, &value, sizeof(value), number) == sizeof(value);
	close(fd);
	if (got)
		*ret_value = value;
	return got;
}

/* Whether the first processor's "flags" line has the word. */
static bool has_flag(const char *cpuinfo, const char *flag)
{
	const char *line = strstr(cpuinfo, "\nflags");
	size_t length = strlen(flag);
	const char *end;

	if (!line)
		return false;
	line++;
	end = line + strcspn(line, "\n");
	for (const char *at = line; (at = strstr(at, flag)) && at < end; at += length)
		if (at[-1] == ' ' && (at[length] == ' ' || at[length] == '\n'))
			return true;
	return false;
}

static bool has_module(const struct node_paths *paths, const char *name)
{
	char path[NODE_PATH];

	snprintf(path, sizeof(path), "%s/module/%s", paths->sys, name);
	return !access(path, F_OK);
}

static void explain(const struct node_paths *paths, struct buf *why)
{
	struct buf cpuinfo = BUF_INIT;
	char path[NODE_PATH];
	const char *module;
	uint64_t msr;
	bool intel;
	bool amd;
	bool off;

	snprintf(path, sizeof(path), "%s/cpuinfo", paths->proc);
	file_read(path, CPUINFO_MAX, &cpuinfo);
	intel = has_flag(buf_text(&cpuinfo), "vmx");
	amd = has_flag(buf_text(&cpuinfo), "svm");
	module = intel ? "kvm_intel" : "kvm_amd";
	off = (intel && read_msr(paths, MSR_FEATURE_CONTROL, &msr) &&
		  (msr & (FEATURE_CONTROL_LOCKED | FEATURE_CONTROL_VMX)) ==
		      FEATURE_CONTROL_LOCKED) ||
	      (amd && read_msr(paths, MSR_VM_CR, &msr) && (msr & VM_CR_SVMDIS));
	if (!intel && !amd)
		buf_puts(why,
		    has_flag(buf_text(&cpuinfo), "hypervisor")
			? "this node is itself a guest, whose host does not pass VT-x (vmx) or AMD-V (svm) on to it"
			: "the processor has neither VT-x (vmx) nor AMD-V (svm), or the firmware hides it: look for virtualization in its setup");
	else if (off)
		buf_printf(why, "%s is switched off in the firmware: switch it on in its setup",
		    intel ? "VT-x" : "AMD-V (SVM)");
	else if (!has_module(paths, module))
		buf_printf(why,
		    "the module %s is not loaded; it refuses where the firmware has %s switched off (modprobe %s; dmesg)",
		    module, intel ? "VT-x" : "AMD-V (SVM)", module);
	else
		buf_printf(
		    why, "the module %s is loaded, but %s/kvm is missing", module, paths->dev);
	buf_done(&cpuinfo);
}

int kvm_open(const struct node_paths *paths, struct buf *why, int *ret_fd)
{
	char path[NODE_PATH];
	int error;
	int fd;

	snprintf(path, sizeof(path), "%s/kvm", paths->dev);
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd >= 0) {
		*ret_fd = fd;
		return 0;
	}
	error = -errno;
	buf_puts(why, "no KVM: ");
	if (error == -ENOENT || error == -ENODEV || error == -ENXIO)
		explain(paths, why);
	else
		buf_printf(why, "cannot open %s: %s", path, strerror(-error));
	return error;
}
