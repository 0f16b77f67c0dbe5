# SPDX-License-Identifier: GPL-2.0-only
"""The root is read-only, and nothing but memory is written."""


def test_root_cannot_be_written(shared):
    assert shared.ssh("touch /etc/x").returncode != 0
    assert shared.ssh("mount -o remount,rw /").returncode != 0
    assert b"squashfs ro" in shared.ssh("grep ' / ' /proc/mounts").stdout


def test_only_memory_is_writable(shared):
    writable = [line.split() for line in shared.run("cat /proc/mounts").splitlines() if " rw," in line]
    kinds = {fields[2] for fields in writable}
    assert kinds <= {"tmpfs", "devtmpfs", "proc", "sysfs", "devpts", "cgroup2", "securityfs", "pstore", "efivarfs"}


def test_config_partition_is_not_mounted(shared):
    assert "/config" not in shared.run("cat /proc/mounts")


def test_init_and_its_archive_are_gone_from_memory(shared):
    # The loop device holds the root's file; the archive's names were removed before init started.
    assert shared.run("cat /sys/block/loop0/loop/autoclear").strip() == "1"
    assert shared.run("cat /sys/block/loop0/ro").strip() == "1"


def test_programs_need_no_library(shared):
    assert shared.run("ls /lib").split() == ["firmware", "modules"]


def test_kvm_is_there(shared):
    shared.run("test -c /dev/kvm")


def test_modules_of_present_devices_are_loaded(shared):
    assert "virtio_net" in shared.run("ls -l /sys/class/net/*/device/driver")
