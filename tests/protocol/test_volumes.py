# SPDX-License-Identifier: GPL-2.0-only
"""Volumes made, changed, sent and fetched by Debian's virsh, in a pool that is a real folder."""

import hashlib
import os
import random
import shutil
import subprocess
import threading

import pytest

from conftest import CONFIGURATION

MIB = 1 << 20


def digest(path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def blocks(path) -> int:
    return path.stat().st_blocks * 512


def noise(path, runs: list, size: int) -> None:
    """A file with data at some places, and holes between."""
    chance = random.Random(7)
    with open(path, "wb") as file:
        for at, length in runs:
            file.seek(at)
            file.write(chance.randbytes(length))
        file.truncate(size)


def xml(tmp_path, text: str) -> str:
    file = tmp_path / "volume.xml"
    file.write_text(text, encoding="utf-8")
    return str(file)


def test_made_and_removed(node):
    assert node.virsh("vol-create-as", "store", "a.img", "8M") == "Vol a.img created\n\n"
    made = node.store / "a.img"
    # The whole is set aside unless the client says how much.
    assert made.stat().st_size == 8 * MIB and blocks(made) >= 8 * MIB and made.stat().st_mode & 0o7777 == 0o600
    node.virsh("vol-create-as", "store", "thin.img", "1G", "--allocation", "0")
    assert blocks(node.store / "thin.img") == 0
    assert "exists already" in node.refused("vol-create-as", "store", "a.img", "1M")
    assert made.stat().st_size == 8 * MIB
    node.virsh("vol-delete", "a.img", "--pool", "store")
    assert not made.exists()
    assert "Storage volume not found" in node.refused("vol-delete", "a.img", "--pool", "store")


@pytest.mark.parametrize("name", ["../out.img", ".hidden2", "a/b", "x" * 256])
def test_names_stay_in_the_pool(node, tmp_path, name):
    text = f"<volume><name>{name}</name><capacity>1</capacity></volume>"
    assert "name" in node.refused("vol-create", "store", xml(tmp_path, text))
    assert sorted(os.listdir(node.store)) == [".hidden", "disk.img", "web.qcow2"]
    assert not (tmp_path / "out.img").exists()


def test_a_link_is_not_followed(node, tmp_path):
    outside = tmp_path / "outside"
    outside.write_bytes(b"precious")
    (node.store / "link.img").symlink_to(outside)
    for command in (["vol-wipe"], ["vol-resize", "--capacity", "1M"], ["vol-upload", "--file", "/etc/hostname"]):
        node.refused(command[0], f"{node.store}/link.img", *command[1:])
    assert outside.read_bytes() == b"precious"
    node.virsh("vol-delete", "link.img", "--pool", "store")
    assert outside.exists()


@pytest.mark.parametrize("text,path", [
    ("<target><format type='qcow2'/></target>", "volume/target/format/@type"),
    ("<target><encryption format='luks'/></target>", "volume/target/encryption"),
    ("<backingStore><path>/etc/passwd</path></backingStore>", "volume/backingStore")])
def test_what_cannot_be_done_is_named(node, tmp_path, text, path):
    error = node.refused("vol-create", "store",
                         xml(tmp_path, f"<volume><name>n</name><capacity unit='M'>1</capacity>{text}</volume>"))
    assert "unsupported configuration" in error and path in error
    assert not (node.store / "n").exists()


def test_permissions_and_units(node, tmp_path):
    text = ("<volume type='file'><name>u.img</name><capacity unit='MiB'>3</capacity><allocation unit='KB'>0</allocation>"
            "<target><format type='raw'/><permissions><mode>0640</mode></permissions></target></volume>")
    node.virsh("vol-create", "store", xml(tmp_path, text))
    made = node.store / "u.img"
    assert made.stat().st_size == 3 * MIB and made.stat().st_mode & 0o7777 == 0o640
    assert "0640" in node.virsh("vol-dumpxml", "u.img", "--pool", "store")


def test_no_room(node):
    """Refused before anything is set aside, and nothing is left."""
    room = shutil.disk_usage(node.store).free + (1 << 40)
    error = node.refused("vol-create-as", "store", "huge.img", f"{room}b")
    assert "cannot make volume 'huge.img' of pool 'store': No space left on device" in error
    assert "No space left" in node.refused("vol-resize", "disk.img", f"{room}b", "--allocate", "--pool", "store")
    assert sorted(os.listdir(node.store)) == [".hidden", "disk.img", "web.qcow2"]
    assert (node.store / "disk.img").stat().st_size == MIB


def test_copies(node):
    noise(node.store / "from.img", [(0, 5000), (5 * MIB, 70000)], 16 * MIB)
    node.virsh("vol-create-as", "store", "thin.img", "1M", "--allocation", "0")
    assert node.virsh("vol-clone", "from.img", "to.img", "--pool", "store") == "Vol to.img cloned from from.img\n\n"
    assert digest(node.store / "to.img") == digest(node.store / "from.img")
    assert blocks(node.store / "to.img") <= blocks(node.store / "from.img") + 65536


def test_sizes(node):
    node.virsh("vol-create-as", "store", "r.img", "1M", "--allocation", "0")
    made = node.store / "r.img"
    for arguments, size in ((["4M"], 4 * MIB), (["1M", "--delta"], 5 * MIB), (["2M", "--shrink"], 2 * MIB),
                            (["1M", "--delta", "--shrink"], MIB), (["3M", "--allocate"], 3 * MIB)):
        node.virsh("vol-resize", "r.img", *arguments, "--pool", "store")
        assert made.stat().st_size == size
    assert blocks(made) >= 3 * MIB
    assert "shrink" in node.refused("vol-resize", "r.img", "1M", "--pool", "store")
    assert made.stat().st_size == 3 * MIB


def test_wiped(node):
    volume = node.store / "w.img"
    noise(volume, [(0, MIB), (3 * MIB, 10)], 4 * MIB)
    before = blocks(volume)
    node.virsh("vol-wipe", "w.img", "--pool", "store")
    assert volume.read_bytes() == bytes(4 * MIB) and blocks(volume) <= before
    noise(volume, [(0, MIB)], 4 * MIB)
    node.virsh("vol-wipe", "w.img", "--pool", "store", "--algorithm", "random")
    assert volume.read_bytes()[:MIB] != bytes(MIB) and volume.stat().st_size == 4 * MIB
    node.virsh("vol-wipe", "w.img", "--pool", "store", "--algorithm", "trim")
    assert volume.read_bytes() == bytes(4 * MIB) and blocks(volume) == 0
    assert "zero, random or trim" in node.refused("vol-wipe", "w.img", "--pool", "store", "--algorithm", "dod")


@pytest.mark.parametrize("sparse", [(), ("--sparse",)], ids=["whole", "sparse"])
def test_there_and_back(node, tmp_path, sparse):
    source, back = tmp_path / "source", tmp_path / "back"
    noise(source, [(0, 300000), (20 * MIB, 12345), (33 * MIB, MIB)], 40 * MIB)
    node.virsh("vol-create-as", "store", "v.img", "40M", "--allocation", "0")
    node.virsh("vol-upload", "v.img", str(source), "--pool", "store", *sparse)
    assert digest(node.store / "v.img") == digest(source)
    node.virsh("vol-download", "v.img", str(back), "--pool", "store", *sparse)
    assert digest(back) == digest(source)
    if sparse:
        assert blocks(node.store / "v.img") < 4 * MIB and blocks(back) < 4 * MIB


def test_holes_overwrite(node, tmp_path):
    """A hole that is sent is zeros where data was."""
    source = tmp_path / "source"
    noise(source, [(8 * MIB, 4096)], 10 * MIB)
    noise(node.store / "v.img", [(0, 10 * MIB)], 10 * MIB)
    node.virsh("vol-upload", "v.img", str(source), "--pool", "store", "--sparse")
    assert digest(node.store / "v.img") == digest(source)


def test_parts(node, tmp_path):
    source, back = tmp_path / "source", tmp_path / "back"
    source.write_bytes(b"0123")
    volume = node.store / "disk.img"
    node.virsh("vol-upload", "disk.img", str(source), "--pool", "store", "--offset", "1000", "--length", "4")
    assert volume.read_bytes()[998:1006] == b"\0\x000123\0\0" and volume.stat().st_size == MIB
    node.virsh("vol-download", "disk.img", str(back), "--pool", "store", "--offset", "1001", "--length", "2")
    assert back.read_bytes() == b"12"
    assert "more data came" in node.refused("vol-upload", "disk.img", str(source), "--pool", "store", "--length", "3")


def test_a_guests_disk_is_left_alone(serve, tmp_path):
    folder = tmp_path / "store"
    node = serve(CONFIGURATION.replace("disk = default/db.img", f"disk = {folder}/disk.img"))
    node.virsh("start", "db")
    for command in (["vol-delete"], ["vol-wipe"], ["vol-resize", "--capacity", "1K", "--shrink"],
                    ["vol-upload", "--file", "/etc/hostname"]):
        assert "in use by guest 'db'" in node.refused(command[0], "disk.img", "--pool", "store", *command[1:])
    node.virsh("vol-resize", "disk.img", "2M", "--pool", "store")
    node.virsh("destroy", "db")
    node.virsh("vol-delete", "disk.img", "--pool", "store")
    assert not (folder / "disk.img").exists()


def test_others_are_served_meanwhile(node, tmp_path):
    """A pipe is the slowest file there is: its upload waits, and so does nobody else. The volume is held meanwhile."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    sending = threading.Thread(target=node.run, args=("/usr/bin/virsh", "vol-upload", "disk.img", str(pipe), "--pool", "store"))
    sending.start()
    with open(pipe, "wb") as file:
        file.write(b"first")
        file.flush()
        for _ in range(100):
            error = node.run("/usr/bin/virsh", "vol-delete", "disk.img", "--pool", "store")
            if "still in use" in error.stderr:
                break
        assert error.returncode == 1
        assert "web" in node.virsh("list", "--all")
    sending.join()
    assert (node.store / "disk.img").read_bytes()[:5] == b"first"


def test_killed_in_the_middle(serve, tmp_path):
    """Of a copy that is not finished nothing is to be seen."""
    node = serve(CONFIGURATION)
    noise(node.store / "big.img", [(0, 64 * MIB)], 64 * MIB)
    with subprocess.Popen(["/usr/bin/virsh", "-c", node.uri(), "vol-clone", "big.img", "copy.img", "--pool", "store"],
                          stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL) as client:
        client.kill()
    node.process.kill()
    node.process.wait()
    seen = [name for name in os.listdir(node.store) if not name.startswith("big")]
    assert sorted(seen) in ([".hidden", "disk.img", "web.qcow2"], [".hidden", "copy.img", "disk.img", "web.qcow2"])
    if "copy.img" in seen:
        assert digest(node.store / "copy.img") == digest(node.store / "big.img")
    node.stop = lambda: None
