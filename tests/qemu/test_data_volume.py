# SPDX-License-Identifier: GPL-2.0-only
"""The data volume: made on a blank disk where the file allows, never on one that holds anything; late, pulled, cut, full."""

import hashlib
import os
import struct
import subprocess
import zlib

import pytest
from gpt import BOOT, CONFIG, Partition
from harness import IMAGE

MIB = 1 << 20
NAMED = "[node]\n    hostname = node1\n    data = serial:DATA0{}\n"


def status(node) -> str:
    return " ".join(node.ssh("berth status").stdout.decode().split())


def state(node) -> list:
    return node.run("cat /run/berth/state/data").splitlines()


def digest(path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def make_disk(path, size: int = 200):
    with open(path, "wb") as disk:
        disk.truncate(size * MIB)
    return path


def put(path, offset: int, data: bytes) -> None:
    with open(path, "r+b") as disk:
        disk.seek(offset)
        disk.write(data)


def attach(node, *disks) -> None:
    """The disks as /dev/vdb and on, with the serials DATA0 and on."""
    for number, disk in enumerate(disks):
        node.extra += ["-drive", f"if=none,id=data{number},file={disk},format=raw,cache=unsafe",
                       "-device", f"virtio-blk-pci,drive=data{number},serial=DATA{number}"]


def again(node, selector: str, how: str) -> list:
    """Have the volume's script look anew, with another disk and another word for what it may do."""
    node.run(f"echo {selector} > /run/berth/conf/node/data; echo {how} > /run/berth/conf/node/data-format; "
             "! mountpoint -q /data || umount /data; /usr/lib/berth/data-volume", 120)
    return state(node)


def mounts(node, selector: str, how: str) -> None:
    now = again(node, selector, how)
    assert now[0] == "mounted", now


def test_blank_disk_is_formatted_kept_and_mended(make_node):
    """The life of a volume: made, written to, cut off, found again with its journal, and left alone by the next boots."""
    node = make_node(NAMED.format(" format=if-blank") + "[network \"default\"]\n    address = 192.168.122.1/24\n"
                     "    dhcp = 192.168.122.2-192.168.122.254\n    tftp = tftp/pxe\n")
    disk = make_disk(node.folder / "data.img")
    attach(node, disk)
    with node:
        node.wait_for_ssh()
        assert state(node)[:2] == ["mounted", "vdb (serial:DATA0)"]
        options = node.run("grep ' /data ' /proc/mounts").split()
        assert options[0] == "/dev/vdb" and options[2] == "ext4"
        assert {"rw", "nosuid", "nodev", "noexec"} <= set(options[3].split(","))
        assert node.run("ls /data").split() == ["boot", "dump", "images", "log", "lost+found", "save", "tftp"]
        # What the file names for guests that boot from the network is there from the start.
        node.run("test -d /data/tftp/pxe && ! grep -q . /run/berth/state/notes/*")
        node.run("echo kept > /var/lib/libvirt/images/web && echo kernel > /var/lib/libvirt/boot/vmlinuz && sync && "
                 "cat /data/images/web /data/boot/vmlinuz")
        assert "Data volume vdb (serial:DATA0), 0.2 of 0.2 GiB free" in status(node)
        # Cut in the middle of writing: the journal is not empty.
        node.ssh("(while :; do echo x >> /data/log/noise; sync; done) > /dev/null 2>&1 & sleep 2")
        node.stop()
        superblock = disk.read_bytes()[1024:2048]
        assert struct.unpack_from("<I", superblock, 96)[0] & 4, "needs_recovery is not set"
        node.start()
        node.wait_for_ssh()
        assert state(node)[0] == "mounted"
        assert node.run("cat /data/images/web") == "kept\n"
        assert "recovering journal" in node.run("cat /run/berth/data.log")
        fill_and_go_on(node)
        # A clean power-off leaves nothing to mend.
        node.ssh("poweroff")
        node.wait_off()
        assert not struct.unpack_from("<I", disk.read_bytes()[1024:2048], 96)[0] & 4


def fill_and_go_on(node) -> None:
    """To the last block, the one per cent that is kept for the node's own processes included."""
    node.run("for size in 1M 1k; do dd if=/dev/zero bs=$size >> /data/images/big; done; true", 300)
    assert "no space left on device" in node.ssh("echo more > /data/images/more && sync").stderr.decode().lower()
    assert "data volume: no room is left" in status(node)
    node.run("rm /data/images/big && echo more > /data/images/more")
    assert "no room" not in status(node)


def test_missing_disk_holds_up_nothing_and_may_come_later(make_node):
    node = make_node(NAMED.format(" format=if-blank") + "[network \"default\"]\n    address = 192.168.122.1/24\n"
                     "    dhcp = 192.168.122.2-192.168.122.254\n    tftp = tftp\n")
    disk = make_disk(node.folder / "data.img")
    with node:
        node.wait_for_ssh()
        shown = status(node)
        assert "Data volume missing" in shown
        assert "data volume: no disk is serial:DATA0: connect it, or mend [node] data" in shown
        assert "network default: no TFTP, for there is no folder /data/tftp" in shown
        assert node.ssh("touch /data/images/web").returncode != 0
        node.monitor.command("blockdev-add", **{"node-name": "late", "driver": "raw",
                                                "file": {"driver": "file", "filename": str(disk)}})

        def plug() -> None:
            node.monitor.command("device_add", driver="virtio-blk-pci", id="late-disk", drive="late", serial="DATA0",
                                 bus="hotplug0")
            node.wait_until("grep -qx mounted /run/berth/state/data")

        plug()
        node.run("echo kept > /data/images/web && sync && test -d /data/tftp")
        assert "Not well" not in status(node)
        node.unplug("late-disk")
        node.wait_until("grep -qx missing /run/berth/state/data")
        assert "data volume: no disk is serial:DATA0" in status(node)
        plug()
        assert node.run("cat /data/images/web") == "kept\n"
        assert "Not well" not in status(node)


def lvm2(path) -> None:
    """A physical volume's label: LVM2, lib/format_text/layout.h and lib/label/label.c."""
    rest = struct.pack("<I8s32sQQ", 32, b"LVM2 001", b"0123456789abcdefghijklmnopqrstuv", 200 * MIB, 0).ljust(512 - 20, b"\0")
    crc = zlib.crc32(rest, 0xf597a6cf ^ 0xffffffff) ^ 0xffffffff
    put(path, 512, struct.pack("<8sQI", b"LABELONE", 1, crc) + rest)


def tool(*command: str):
    return lambda path: subprocess.run([*command, str(path)], check=True, capture_output=True,
                                       env={**os.environ, "PATH": f"{os.environ['PATH']}:/usr/sbin:/sbin"})


def luks(path) -> None:
    subprocess.run(["/sbin/cryptsetup", "luksFormat", "-q", "--type", "luks2", "--pbkdf", "pbkdf2", "--pbkdf-force-iterations",
                    "1000", str(path), "-"], input=b"secret", check=True, capture_output=True)


HOLDING = {
    "a partition table (gpt)": tool("sgdisk", "--new=1:2048:+20M"),
    "a partition table (dos)": lambda path: put(path, 446, b"\0\2\0\0\x83\0\0\0" + struct.pack("<II", 2048, 4096) + b"\0" * 48 + b"\x55\xaa"),
    "LVM2_member": lvm2,
    "crypto_LUKS": luks,
    "xfs": tool("mkfs.xfs", "-q"),
    "vfat": tool("mkfs.vfat"),
    "swap": tool("mkswap"),
    "ext3": tool("mkfs.ext3", "-q"),
    "unknown data": lambda path: put(path, 700_000, b"somebody's"),
}


def test_disk_that_holds_anything_is_left_alone(make_node):
    """Whatever is there, format=if-blank does not touch it; only the disk's serial number and overwrite=yes do."""
    node = make_node()
    disks = []
    for number, fill in enumerate(HOLDING.values()):
        disks.append(make_disk(node.folder / f"disk{number}.img", 320))
        fill(disks[-1])
    extra = {"end": make_disk(node.folder / "end.img"), "ext4": make_disk(node.folder / "ext4.img"),
             "blank": make_disk(node.folder / "blank.img")}
    put(extra["end"], 200 * MIB - 5000, b"the last MiB counts, too")
    tool("mkfs.ext4", "-q", "-L", "mine")(extra["ext4"])
    attach(node, *disks, *extra.values())
    before = [digest(disk) for disk in disks]
    end, ext4, blank = (f"serial:DATA{len(disks) + i}" for i in range(3))
    with node:
        node.wait_for_ssh()
        assert state(node)[0] == "none" and "Data volume" not in status(node)
        for number, what in enumerate(HOLDING):
            for how in ("never", "if-blank"):
                word, text = again(node, f"serial:DATA{number}", how)[:2]
                assert word == "refused" and f" holds {what} and is left alone; to lose what is there" in text, text
            assert "data volume: " in status(node)
        assert " holds unknown data and is left alone" in again(node, end, "if-blank")[1]
        # Nothing but a blank disk, and not without a word.
        assert " is blank; to have a file system made: " in again(node, blank, "never")[1]
        # A file system that somebody made is used as it is.
        mounts(node, ext4, "if-blank")
        node.run("echo mine > /data/images/mine")
        node.run("umount /data && sync")
        assert [digest(disk) for disk in disks] == before
        overwrite(node, ext4)
        damaged_volume_is_no_blank_disk(node, blank)
        two_disks_of_one_name(node)


def overwrite(node, ext4: str) -> None:
    """With the serial number and overwrite=yes: any of them, once; the file may go on saying so."""
    for selector in ("serial:DATA0", "serial:DATA2", "serial:DATA8", ext4):
        mounts(node, selector, "overwrite")
        node.run("test ! -e /data/images/mine && echo kept > /data/images/mine")
        mounts(node, selector, "overwrite")
        assert node.run("cat /data/images/mine") == "kept\n"


def damaged_volume_is_no_blank_disk(node, blank: str) -> None:
    mounts(node, blank, "if-blank")
    device = state(node)[2]
    node.run(f"echo kept > /data/images/web && umount /data && dd if=/dev/zero of=/dev/{device} bs=1k count=2 conv=notrunc")
    word, text = again(node, blank, "overwrite")[:2]
    assert word == "refused" and f"mend it with e2fsck -b 32768 /dev/{device}" in text
    # A volume of this size has blocks of 1 KiB.
    node.ssh(f"e2fsck -y -b 8193 -B 1024 /dev/{device}")
    mounts(node, blank, "overwrite")
    assert node.run("cat /data/images/web") == "kept\n"
    node.run(f"umount /data && dd if=/dev/zero of=/dev/{device} bs=1M count=1 conv=notrunc")
    assert again(node, blank, "if-blank")[0] == "refused"


def two_disks_of_one_name(node) -> None:
    assert "no disk is serial:NOTHING" in again(node, "serial:NOTHING", "overwrite")[1]
    # A disk that a guest has is not the node's, whatever is on it.
    node.run("echo serial:DATA0 > /run/berth/conf/node/foreign-disks")
    assert "is a disk of a guest or a pool" in again(node, "serial:DATA0", "if-blank")[1]
    node.run("rm /run/berth/conf/node/foreign-disks")


@pytest.mark.parametrize("disk", ["virtio", "usb"])
def test_rest_of_the_boot_disk(make_node, disk):
    """config-medium: a partition behind those of the image, made on request; the image written again leaves it alone."""
    node = make_node("[node]\n    hostname = node1\n    data = config-medium\n", disk=disk)
    with open(node.image, "r+b") as image:
        image.truncate(400 * MIB)
    table = node.image.read_bytes()[:2 * MIB]
    with node:
        node.wait_for_ssh()
        assert "data = config-medium format=if-blank" in " ".join(state(node))
        node.stop()
        assert node.image.read_bytes()[:2 * MIB] == table
        node.set_config("[node]\n    hostname = node1\n    data = config-medium format=if-blank\n")
        node.start()
        node.wait_for_ssh()
        assert state(node)[0] == "mounted", state(node)
        node.run("echo kept > /data/images/web && sync")
        node.stop()
        # The boot code and the partitions of the image are as they were; it boots, and finds all of them.
        node.start()
        node.wait_for_ssh()
        assert state(node)[0] == "mounted" and node.run("cat /data/images/web") == "kept\n"
        assert node.run("head -n 1 /run/berth/state/config") == "ok\n"
        node.stop()
        # A new image over the old one brings a table without the volume.
        subprocess.run(["dd", f"if={IMAGE}", f"of={node.image}", "conv=notrunc", "bs=1M"], check=True, capture_output=True)
        node.boot, node.config = Partition(node.image, BOOT), Partition(node.image, CONFIG)
        node.set_config("[node]\n    hostname = node1\n    data = config-medium format=if-blank\n")
        node.start()
        node.wait_for_ssh()
        assert state(node)[0] == "mounted", state(node)
        assert node.run("cat /data/images/web") == "kept\n"
