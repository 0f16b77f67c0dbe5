# SPDX-License-Identifier: GPL-2.0-only
"""Disks that nobody named: never written, never believed."""

import hashlib
import subprocess

HOSTILE = b"[node]\n    hostname = hostile\n"


def digest(path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_foreign_disk_is_not_written(make_node):
    node = make_node()
    other = node.folder / "other.img"
    with open(other, "wb") as disk:
        disk.truncate(32 << 20)
    subprocess.run(["mkfs.vfat", "-n", "BERTH-CONF", str(other)], check=True, capture_output=True)
    before = digest(other)
    node.extra += ["-drive", f"if=none,id=other,file={other},format=raw", "-device", "virtio-blk-pci,drive=other"]
    with node:
        node.wait_for_ssh()
        node.run("test -b /dev/vdb")
        node.monitor.command("system_powerdown")
        node.wait_off()
    assert digest(other) == before


def test_copy_of_the_stick_is_not_believed(make_node):
    """A second disk with the same GUIDs and a file of its own: the boot disk's file holds, where the BIOS tells it."""
    node = make_node(disk="ide")
    clone = node.folder / "clone.img"
    subprocess.run(["cp", "--sparse=always", str(node.image), str(clone)], check=True)
    from gpt import CONFIG, Partition
    Partition(clone, CONFIG).write("/berth.conf", HOSTILE)
    before = digest(clone)
    node.extra += ["-drive", f"if=none,id=clone,file={clone},format=raw", "-device", "virtio-blk-pci,drive=clone"]
    with node:
        node.wait_for_status()
        node.wait_for_ssh()
        assert node.run("hostname").strip() == "node1"
        node.stop()
    assert digest(clone) == before
