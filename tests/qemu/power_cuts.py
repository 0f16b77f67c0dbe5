# SPDX-License-Identifier: GPL-2.0-only
"""What a disk holds after a power cut: the writes that QEMU's blklogwrites recorded, replayed up to any moment, in order or
as a device with a cache may have them; and a FAT12 or FAT16 partition looked at with nothing but its bytes."""

import random
import struct
from pathlib import Path

SECTOR = 512
# The log's form is that of the device mapper's log-writes target (Linux, Documentation/admin-guide/device-mapper/
# log-writes.rst; drivers/md/dm-log-writes.c): a superblock, then entries, each in a sector of its own before its data.
MAGIC = 0x6A736677736872
FLUSH, FUA, DISCARD, MARK = 1, 2, 4, 8
ASIDE = (".new", ".two", ".try")


def read_log(path: Path) -> list:
    """Windows between flushes, in order; each a list of (byte offset, one sector of data)."""
    data = path.read_bytes()
    magic, _, _, size = struct.unpack_from("<QQQI", data)
    assert magic == MAGIC and size == SECTOR
    windows, at = [[]], SECTOR
    while at + 32 <= len(data):
        sector, count, flags, _ = struct.unpack_from("<QQQQ", data, at)
        if (sector, count, flags) == (0, 0, 0):
            break
        at += SECTOR
        if flags & FLUSH:
            windows.append([])
        if not flags & (DISCARD | MARK):
            if at + count * SECTOR > len(data):
                break
            windows[-1] += [((sector + i) * SECTOR, data[at + i * SECTOR:at + (i + 1) * SECTOR]) for i in range(count)]
            at += count * SECTOR
        if flags & FUA:
            windows.append([])
    return windows


class Disk:
    """The bytes of a partition, from a moment on."""

    def __init__(self, image: Path, start: int, length: int):
        with open(image, "rb") as disk:
            disk.seek(start)
            self.data = bytearray(disk.read(length))
        self.start = start

    def holds(self, offset: int) -> bool:
        return self.start <= offset < self.start + len(self.data)

    def write(self, offset: int, data: bytes) -> bytes:
        """Write, and give what was there."""
        at = offset - self.start
        before = bytes(self.data[at:at + len(data)])
        self.data[at:at + len(data)] = data
        return before


def torn(window: list, dice: random.Random, tries: int):
    """Subsets of a window's writes: all but one, one alone, and some at random. None is what the window before leaves, and
    all is what the next one begins with."""
    count = len(window)
    chosen = [{i} for i in range(count)] + [set(range(count)) - {i} for i in range(count)]
    chosen += [{i for i in range(count) if dice.random() < 0.5} for _ in range(tries)]
    seen = set()
    for subset in chosen:
        key = frozenset(subset)
        if key not in seen:
            seen.add(key)
            yield [window[i] for i in sorted(subset)]


def moments(disk: Disk, windows: list, seed: int, tries: int = 24):
    """Put the disk into each state that a cut may leave; yields what kind of state it is: "prefix N" or "torn N"."""
    dice = random.Random(seed)
    number = 0
    yield "prefix 0"
    for window in windows:
        writes = [write for write in window if disk.holds(write[0])]
        for subset in torn(writes, dice, tries):
            undo = [(offset, disk.write(offset, data)) for offset, data in subset]
            number += 1
            yield f"torn {number}"
            for offset, before in reversed(undo):
                disk.write(offset, before)
        for offset, data in writes:
            disk.write(offset, data)
            number += 1
            yield f"prefix {number}"


class Fat:
    """A FAT12 or FAT16 file system (ECMA-107; long names: Microsoft's FAT specification 1.03), read only."""

    def __init__(self, data: bytes, wide: bool = False):
        self.data = data
        self.wide = wide
        # Clusters from here on are none: bad, or the end of a chain.
        self.none = 0xFFF0 if wide else 0xFF0
        per_cluster, reserved, fats, roots, fat_sectors = struct.unpack_from("<xxxxxxxxxxxxxBHBHxxxH", data)
        self.cluster_size = per_cluster * SECTOR
        self.fat = reserved * SECTOR
        self.root = (reserved + fats * fat_sectors) * SECTOR
        self.root_size = roots * 32
        self.first = self.root + self.root_size

    def next(self, cluster: int) -> int:
        if self.wide:
            return struct.unpack_from("<H", self.data, self.fat + cluster * 2)[0]
        (pair,) = struct.unpack_from("<H", self.data, self.fat + cluster * 3 // 2)
        return pair >> 4 if cluster & 1 else pair & 0xFFF

    def chain(self, cluster: int) -> list:
        """The clusters of a file; ValueError for one that leads to a free cluster or round in a circle."""
        found = {}
        while 2 <= cluster < self.none:
            if cluster in found:
                raise ValueError("a circle of clusters")
            found[cluster] = True
            cluster = self.next(cluster)
        if found and cluster < self.none + 8:
            raise ValueError(f"the clusters lead to {cluster}")
        return list(found)

    def bytes_of(self, clusters: list) -> bytes:
        begins = (self.first + (cluster - 2) * self.cluster_size for cluster in clusters)
        return b"".join(self.data[begin:begin + self.cluster_size] for begin in begins)

    def folder(self, data: bytes):
        """(name, is a folder, first cluster, size, offset) of each entry but "." and ".."."""
        long = ""
        for at in range(0, len(data), 32):
            entry = data[at:at + 32]
            if entry[0] == 0:
                return
            if entry[0] in (0xE5, ord(".")) or (entry[11] != 0x0F and entry[11] & 0x08):
                long = ""
            elif entry[11] == 0x0F:
                part = (entry[1:11] + entry[14:26] + entry[28:32]).decode("utf-16-le", "replace")
                long = part.split("\0")[0].split("\uffff")[0] + long
            else:
                short = entry[:8].decode("ascii", "replace").rstrip() + "." + entry[8:11].decode("ascii", "replace").rstrip()
                cluster, size = struct.unpack_from("<HI", entry, 26)
                yield long or short.rstrip(".").lower(), bool(entry[11] & 0x10), cluster, size, at
                long = ""

    def files(self, unread=(), unfinished: str = "\0") -> dict:
        """path -> (clusters, content); ValueError as of chain(), with the path. What is written aside, and what is in the
        folder `unfinished`, may be unfinished, and is left out then. The content of the files in `unread` is not looked at."""
        found = {}
        folders = [("", self.data[self.root:self.first])]
        while folders:
            path, data = folders.pop()
            for name, is_folder, cluster, size, _ in self.folder(data):
                full = f"{path}/{name}"
                try:
                    clusters = self.chain(cluster)
                    if not is_folder and len(clusters) * self.cluster_size < size:
                        raise ValueError(f"{size} bytes in {len(clusters)} clusters")
                except ValueError as error:
                    if name.endswith(ASIDE) or path == unfinished:
                        continue
                    raise ValueError(f"{full}: {error}") from error
                if is_folder:
                    folders.append((full, self.bytes_of(clusters)))
                else:
                    found[full] = (clusters, b"" if full in unread else self.bytes_of(clusters)[:size])
        return found
