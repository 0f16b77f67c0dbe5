# SPDX-License-Identifier: GPL-2.0-only
"""Disks that nobody named: never written, never believed."""

import hashlib
import subprocess

from gpt import CONFIG, Partition

HOSTILE = b"[node]\n    hostname = hostile\n"


def digest(path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def make_disk(path, *command):
    """A disk with a signature that somebody might believe."""
    with open(path, "wb") as disk:
        disk.truncate(32 << 20)
    subprocess.run([*command, str(path)], check=True, capture_output=True)
    return path


def test_foreign_disks_are_not_written(make_node):
    node = make_node()
    disks = [make_disk(node.folder / "vfat.img", "mkfs.vfat", "-n", "BERTH-CONF"),
             make_disk(node.folder / "ext4.img", "/sbin/mkfs.ext4", "-q", "-L", "BERTH-CONF"),
             make_disk(node.folder / "swap.img", "/sbin/mkswap", "-L", "BERTH-CONF")]
    before = [digest(disk) for disk in disks]
    for number, disk in enumerate(disks):
        node.extra += ["-drive", f"if=none,id=other{number},file={disk},format=raw", "-device",
                       f"virtio-blk-pci,drive=other{number}"]
    with node:
        node.wait_for_ssh()
        node.run("test -b /dev/vdb && test -b /dev/vdc && test -b /dev/vdd")
        assert node.run("cat /proc/swaps").count("\n") == 1
        node.monitor.command("system_powerdown")
        node.wait_off()
    assert [digest(disk) for disk in disks] == before


def with_clone(node, device: str):
    """A second disk with the same GUIDs, and a file of its own."""
    clone = node.folder / "clone.img"
    subprocess.run(["cp", "--sparse=always", str(node.image), str(clone)], check=True)
    Partition(clone, CONFIG).write("/berth.conf", HOSTILE)
    node.extra += ["-drive", f"if=none,id=clone,file={clone},format=raw", "-device", f"{device},drive=clone"]
    return clone


def test_copy_of_the_stick_is_not_believed(make_node):
    node = make_node(disk="virtio")
    clone = with_clone(node, "ide-hd")
    before = digest(clone)
    with node:
        node.wait_for_ssh()
        assert node.run("hostname").strip() == "node1"
        assert node.run("cat /run/berth/medium").strip() == "/dev/vda2"
        node.stop()
    assert digest(clone) == before


def test_copy_is_refused_where_the_bios_does_not_tell(make_node):
    node = make_node(disk="ide")
    clone = with_clone(node, "virtio-blk-pci")
    before, own = digest(clone), digest(node.image)
    with node:
        screen = " ".join(node.wait_for_status().split())
        assert "2 partitions claim to be the config partition" in screen
        assert "default (built in)" in screen and "hostile" not in screen
        node.stop()
    assert digest(clone) == before and digest(node.image) == own
