# SPDX-License-Identifier: GPL-2.0-only
"""Pools without room for what clients want: each is told, nothing half is left, and with room again it goes."""

import os
import random
from pathlib import Path

import pytest

from conftest import CONFIGURATION, Node

MIB = 1 << 20
TMPFS = 'mount -t tmpfs -o size=16m store "$0" && exec "$@"'
XFS = 'truncate -s 300M "$0.img" && mkfs.xfs -q "$0.img" && mount -o loop "$0.img" "$0" && exec "$@"'


def on_its_own(folder: Path, mount: str, *namespaces: str) -> Node:
    """The pool "store" is a file system of its own, which only the server sees, and tests by way of it."""
    served = Node(folder, CONFIGURATION, ("unshare", "--mount", *namespaces, "sh", "-e", "-c", mount, folder / "store"))
    served.store = Path(f"/proc/{served.process.pid}/root{served.store}")
    return served


@pytest.fixture
def node(tmp_path):
    """With 16 MiB, of which a volume has 9."""
    served = on_its_own(tmp_path, TMPFS, "--user", "--map-root-user")
    served.virsh("vol-create-as", "store", "half.img", "9M")
    yield served
    served.stop()


def free(node) -> int:
    room = os.statvfs(node.store)
    return room.f_bavail * room.f_frsize


def noise(size: int) -> bytes:
    return random.Random(5).randbytes(size)


@pytest.mark.parametrize("command,verb,name", [
    ("vol-create-as store new.img 8M", "make", "new.img"),
    ("vol-clone half.img new.img --pool store", "make", "new.img"),
    ("vol-clone data.img new.img --pool store", "make", "new.img"),
    ("vol-resize half.img 17M --allocate --pool store", "resize", "half.img")])
def test_what_has_no_room_is_not_begun(node, command, verb, name):
    """What, which, why, how much there is and what to do; and nothing was taken."""
    (node.store / "data.img").write_bytes(noise(4 * MIB))
    os.truncate(node.store / "data.img", 64 * MIB)
    before = sorted((file.name, file.stat().st_size, file.stat().st_blocks) for file in node.store.iterdir())
    room = free(node)
    error = node.refused(*command.split())
    assert (f"cannot {verb} volume '{name}' of pool 'store': No space left on device: 3 MiB are free: "
            "remove volumes (vol-delete), or ask for less") in error
    assert sorted((file.name, file.stat().st_size, file.stat().st_blocks) for file in node.store.iterdir()) == before
    assert free(node) == room
    # With room again, the same goes.
    node.virsh("vol-delete", "data.img" if "half.img" in command else "half.img", "--pool", "store")
    if "half.img" in command:
        node.virsh("vol-resize", "half.img", "4M", "--shrink", "--pool", "store")
        command = command.replace("17M", "12M")
    node.virsh(*command.split())
    assert (node.store / name).exists()


@pytest.mark.parametrize("sparse", [(), ("--sparse",)], ids=["whole", "sparse"])
def test_an_upload_that_finds_no_room(node, tmp_path, sparse):
    """What came is there, as after every upload that breaks off; others are served, and it can be sent again."""
    source = tmp_path / "source"
    source.write_bytes(noise(12 * MIB))
    node.virsh("vol-create-as", "store", "thin.img", "12M", "--allocation", "0")
    error = node.refused("vol-upload", "thin.img", str(source), "--pool", "store", *sparse)
    assert "cannot write volume 'thin.img': No space left on device: what came is in it; make room, and send it again" in error
    came = node.store / "thin.img"
    assert free(node) == 0 and came.stat().st_size == 12 * MIB and came.read_bytes().startswith(noise(4 * MIB))
    # What takes no room goes on a pool that has none.
    node.virsh("vol-create-as", "store", "none.img", "1G", "--allocation", "0")
    node.virsh("vol-wipe", "thin.img", "--pool", "store")
    assert "Available:      0.00 B" in node.virsh("pool-info", "store")
    node.virsh("vol-delete", "half.img", "--pool", "store")
    node.virsh("vol-upload", "thin.img", str(source), "--pool", "store", *sparse)
    assert came.read_bytes() == source.read_bytes()


@pytest.mark.skipif(os.geteuid() != 0, reason="mounts a file system of a file")
def test_a_copy_that_shares_needs_no_room(tmp_path):
    node = on_its_own(tmp_path, XFS)
    node.virsh("vol-create-as", "store", "ballast.img", f"{free(node) - 60 * MIB}b")
    node.virsh("vol-create-as", "store", "data.img", "64M", "--allocation", "0")
    with open(node.store / "data.img", "r+b") as file:
        file.write(noise(40 * MIB))
        os.fsync(file.fileno())
    assert free(node) < 30 * MIB
    node.virsh("vol-clone", "data.img", "new.img", "--pool", "store")
    assert (node.store / "new.img").read_bytes() == noise(40 * MIB) + bytes(24 * MIB)
    node.stop()
