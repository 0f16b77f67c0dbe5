# SPDX-License-Identifier: GPL-2.0-only
"""The power may go at any write of an update: whatever a boot menu would then start is whole, and no file of the node's is
lost."""

import shutil

import pytest
from gpt import BOOT, CONFIG, partition_offset
from power_cuts import Disk, Fat, moments, read_log
from test_update import config, signer, small_parts, status, update  # noqa: F401 (a fixture)

pytestmark = pytest.mark.xdist_group("update-power-cuts")

BOOT_SIZE, CONFIG_SIZE = 54 << 20, 4 << 20
# The slot that runs: the clusters of its files are looked at, and that nothing is written to them.
RUNNING = ("/a/vmlinuz", "/a/initrd")
ONCE = bytes.fromhex("a52f2d5a")


def once(adv: bytes) -> str:
    """The one-shot command of the first copy that is whole, as syslinux looks for it (core/adv.inc)."""
    for copy in (adv[:512], adv[512:]):
        numbers = [int.from_bytes(copy[i:i + 4], "little") for i in range(4, 508, 4)]
        if copy.startswith(ONCE) and sum(numbers) & 0xFFFFFFFF == 0xA3041767:
            return copy[10:10 + copy[9]].decode() if copy[8] == 1 else ""
    return ""


def meant(files: dict) -> set:
    """The slots that the menus start: by default, and once."""
    entries = [content.decode() for path, (_, content) in files.items()
               if path.startswith("/loader/entries/") and path.endswith(".conf") and "failsafe" not in path]
    newest = max(entries, key=lambda text: int(text.split("\nversion ")[1].split()[0]))
    command = once(files["/ldlinux.sys"][1][-1024:])
    return {files["/syslinux.cfg"][1].decode().split("\nDEFAULT ")[1][0], newest.split("\nlinux /")[1][0], *command[:1]}


@pytest.fixture(scope="module")
def recorded(tmp_path_factory, signer):  # noqa: F811
    """A node, its two partitions as they were, and every write of an update and of what keeps it."""
    from harness import Node
    node = Node(tmp_path_factory.mktemp("cuts"))
    node.set_config(config(signer))
    with node:
        node.wait_for_ssh()
        node.run("sync")
    disks = [Disk(node.image, partition_offset(node.image, number), size)
             for number, size in ((BOOT, BOOT_SIZE), (CONFIG, CONFIG_SIZE))]
    before = node.folder / "before.img"
    shutil.copyfile(node.image, before)
    node.write_log = node.folder / "writes"
    with node:
        node.wait_for_ssh()
        done = node.ssh("berth update --later -", stdin=update(signer, small_parts(b"b", 9000)), timeout=120)
        assert done.returncode == 0, done.stdout + done.stderr
        # As the trial does when all is well, and as rollback does.
        node.run("cd /usr/lib/berth && . ./lib.sh && . ./boot-device.sh && . ./slots.sh && on_boot rw choose_slot b && sync")
    yield node, before, *disks, read_log(node.write_log)
    node.stop()


def test_every_cut_leaves_a_slot_that_boots(recorded):
    _, _, disk, _, windows = recorded
    parts = small_parts(b"b", 9000)
    at_first = Fat(disk.data, wide=True)
    running = {path: at_first.files(RUNNING)[path][0] for path in RUNNING}
    taken = {cluster for clusters in running.values() for cluster in clusters}
    first, size = disk.start + at_first.first, at_first.cluster_size
    assert not [offset for window in windows for offset, _ in window if (offset - first) // size + 2 in taken and offset >= first]
    seen, count = [], 0
    for moment in moments(disk, windows, seed=1, tries=12):
        # The slot that is being written is nothing yet; the rest must be there.
        files = Fat(disk.data, wide=True).files(RUNNING, "/b")
        now = meant(files)
        assert now <= {"a", "b"}, f"{moment}: {now}"
        assert {path: files[path][0] for path in RUNNING} == running, moment
        if "b" in now:
            assert {name: files[f"/b/{name}"][1] for name in parts} == parts, moment
            assert files["/b/release"][1].startswith(b"VERSION=9.0.0\n"), moment
        count += 1
        if moment.startswith("prefix") and seen[-1:] != [now]:
            seen.append(now)
    # A alone, then B is tried, then B alone by both menus.
    assert seen[0] == {"a"} and seen[-1] == {"b"} and {"a", "b"} in seen, seen
    assert count > 200, count


def test_no_cut_loses_what_the_node_is(recorded):
    _, _, _, disk, windows = recorded
    files = Fat(disk.data).files()
    kept = {path: files[path][1] for path in ("/berth.conf", "/good/berth.conf", "/ssh/dropbear_ed25519_host_key")}
    states, count = set(), 0
    for moment in moments(disk, windows, seed=1):
        files = Fat(disk.data).files()
        assert {path: files[path][1] for path in kept} == kept, moment
        count += 1
        if "/update" in files:
            states |= {line for line in files["/update"][1].decode().splitlines() if line.startswith("state=")}
    assert states == {"state=writing", "state=armed"} and count > 50, (states, count)


@pytest.mark.parametrize("share", [0.3, 0.6])
def test_a_node_boots_after_a_cut(recorded, make_node, share):
    """In the middle of the slot, and later: the old version, which says what became of the other."""
    node, before, _, _, windows = recorded
    writes = [write for window in windows for write in window]
    with open(before, "rb") as old, open(node.folder / "cut.img", "wb") as cut:
        shutil.copyfileobj(old, cut)
        for offset, data in writes[:int(len(writes) * share)]:
            cut.seek(offset)
            cut.write(data)
    again = make_node(None, image=node.folder / "cut.img", menu=True)
    again.key = node.key
    with again:
        again.wait_for_ssh()
        assert again.run("hostname; cat /run/berth/slot; head -n 1 /run/berth/state/config") == "node1\na\nok\n"
        assert "its writing was cut off" in status(again)
        assert "holds no whole version" in again.ssh("berth rollback --yes").stdout.decode()
