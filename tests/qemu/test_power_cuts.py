# SPDX-License-Identifier: GPL-2.0-only
"""The power may go at any moment: each write to the config partition is recorded while a node boots and takes changed
files, and every state that a cut could leave is looked at."""

import subprocess

import pytest
from gpt import CONFIG, partition_offset
from power_cuts import SECTOR, Disk, Fat, moments, read_log
from test_config_change import applied

FIRST = "[node]\n    hostname = first\n"



def partition(node) -> Disk:
    """The config partition as it is now; its boot sector says how long it is (sectors at offset 19)."""
    start = partition_offset(node.image, CONFIG)
    length = int.from_bytes(node.config.raw(SECTOR)[19:21], "little") * SECTOR
    assert length > 1 << 20
    return Disk(node.image, start, length)


def with_history(node) -> None:
    """As many generations as are kept, so that each new one makes an old one go."""
    for number in range(1, 21):
        node.config.write(f"/history/{number:06}_20260101T000000Z_boot.conf", b"[node]\n    hostname = old%d\n" % number)


def recorded(node) -> tuple:
    """The partition before, and the windows of writes of: a boot, two changes and a third that is not confirmed."""
    with_history(node)
    disk = partition(node)
    node.write_log = node.folder / "writes"
    with node:
        node.wait_for_ssh()
        # Of a size that needs another cluster, and back.
        applied(node, "[node]\n    hostname = second\n" + "# a line of comment, so that it takes more room\n" * 200)
        applied(node, "[node]\n    hostname = third\n")
        applied(node, "[node]\n    hostname = fourth\n", "")
        node.run("sync")
    return disk, read_log(node.write_log)


def stage(content: bytes) -> int:
    """Which of the files it is; none of them, and it is no whole file."""
    for number, name in enumerate((b"first", b"second", b"third"), 1):
        if content.startswith(b"[node]\n    hostname = " + name + b"\n") and content.rstrip().endswith(b"@test"):
            return number
    raise AssertionError(f"not one of the files: {content[:200]!r}")


def unshared(files: dict) -> list:
    """Pairs of names on the same clusters, but a file with what was written aside for it."""
    owners = {}
    for path, (clusters, _) in files.items():
        for cluster in clusters:
            owners.setdefault(cluster, set()).add(path.removesuffix(".new"))
    return [names for names in owners.values() if len(names) > 1]


def test_every_cut_leaves_the_old_file_or_the_new_one(make_node):
    node = make_node(FIRST)
    disk, windows = recorded(node)
    seen, last, counts = set(), 1, {"prefix": 0, "torn": 0}
    for moment in moments(disk, windows, seed=1):
        kind = moment.split()[0]
        counts[kind] += 1
        try:
            files = Fat(disk.data).files()
        except ValueError as error:
            raise AssertionError(f"{moment}: {error}") from error
        now = stage(files["/berth.conf"][1])
        assert not unshared(files), f"{moment}: {unshared(files)}"
        if "/good/berth.conf" in files:
            # The last good one comes last: it is never ahead.
            assert stage(files["/good/berth.conf"][1]) <= now, moment
        for path, (_, content) in files.items():
            if path.startswith("/history/") and not path.endswith(".new"):
                assert content.startswith(b"[node]\n    hostname = "), f"{moment}: {path}"
        if kind == "prefix":
            assert now >= last, f"{moment}: file {now} after file {last}"
            last = now
        seen.add(now)
    assert seen == {1, 2, 3} and last == 3
    assert counts["prefix"] > 100 and counts["torn"] > 300, counts
    print(f"{len(windows)} windows, {counts['prefix']} prefixes, {counts['torn']} torn states")
    # What was replayed is what is on the disk, and another reader agrees.
    assert disk.data == partition(node).data
    assert stage(node.config.read("/berth.conf")) == 3
    assert sum(path.startswith("/history/") for path in files) == 20
    whole = node.folder / "partition"
    whole.write_bytes(disk.data)
    done = subprocess.run(["fsck.vfat", "-n", str(whole)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def share_clusters(node) -> None:
    """As a device leaves it that wrote the renamed file's new name, and lost that the old one went: both are there."""
    node.config.write("/good/berth.conf", node.config.read("/berth.conf"))
    node.config.write("/good/berth.conf.new", b"")
    disk = partition(node)
    fat = Fat(disk.data)
    folder = next(entry for entry in fat.folder(disk.data[fat.root:fat.first]) if entry[0] == "good")
    at = fat.first + (folder[2] - 2) * fat.cluster_size
    entries = {entry[0]: entry for entry in fat.folder(disk.data[at:at + fat.cluster_size])}
    here, aside = entries["berth.conf"][4], entries["berth.conf.new"][4]
    disk.data[at + aside + 26:at + aside + 32] = disk.data[at + here + 26:at + here + 32]
    with open(node.image, "r+b") as image:
        image.seek(disk.start)
        image.write(disk.data)


@pytest.mark.parametrize("left", ["in part", "whole", "on the same clusters"])
def test_what_a_cut_left_is_mended_at_the_next_boot(make_node, left):
    node = make_node(FIRST)
    if left == "on the same clusters":
        share_clusters(node)
    else:
        whole = node.config.read("/berth.conf")
        node.config.write("/good/berth.conf", whole)
        node.config.write("/good/berth.conf.new", whole if left == "whole" else whole[:20])
    node.config.write("/berth.try", b"x" * 5000)
    with node:
        node.wait_for_ssh()
        assert node.run("hostname; ls /run/berth/state/notes").strip() == "first"
        # The clusters that were given up are taken by the next file, and nobody loses any.
        applied(node, "[node]\n    hostname = second\n" + "# a line of comment, so that it takes more room\n" * 200)
        node.run("berth config log; sync")
    data = partition(node).data
    files = Fat(data).files()
    assert not [path for path in files if path.endswith((".new", ".two", ".try"))]
    assert not unshared(files)
    assert stage(files["/berth.conf"][1]) == stage(files["/good/berth.conf"][1]) == 2
    (node.folder / "partition").write_bytes(data)
    done = subprocess.run(["fsck.vfat", "-n", str(node.folder / "partition")], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
