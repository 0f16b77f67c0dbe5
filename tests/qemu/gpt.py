# SPDX-License-Identifier: GPL-2.0-only
"""The two FAT partitions of a disk image: where they are, and their files, through mtools."""

import os
import struct
import subprocess
from pathlib import Path

SECTOR = 512
BOOT, CONFIG = 1, 2


def partition_offset(image: Path, number: int) -> int:
    """Byte offset of a partition (UEFI specification 2.10, section 5.3)."""
    with open(image, "rb") as disk:
        disk.seek(SECTOR)
        header = disk.read(92)
        if header[:8] != b"EFI PART":
            raise ValueError(f"{image}: no GPT")
        (table,) = struct.unpack_from("<Q", header, 72)
        disk.seek(table * SECTOR + (number - 1) * 128)
        (first,) = struct.unpack_from("<Q", disk.read(128), 32)
    return first * SECTOR


class Partition:
    def __init__(self, image: Path, number: int):
        self.drive = f"{image}@@{partition_offset(image, number)}"

    def _mtool(self, *arguments, **options) -> subprocess.CompletedProcess:
        return subprocess.run([arguments[0], "-i", self.drive, *arguments[1:]], check=True, capture_output=True,
                              env={**os.environ, "MTOOLS_SKIP_CHECK": "1"}, **options)

    def raw(self, length: int = 256 * 1024) -> bytes:
        """The first bytes: boot sector, both FATs, root folder and what follows."""
        path, _, offset = self.drive.rpartition("@@")
        with open(path, "rb") as disk:
            disk.seek(int(offset))
            return disk.read(length)

    def read(self, name: str) -> bytes:
        return self._mtool("mtype", f"::{name}").stdout

    def write(self, name: str, data: bytes) -> None:
        self._mtool("mcopy", "-o", "-", f"::{name}", input=data)

    def edit(self, name: str, old: str, new: str) -> None:
        text = self.read(name).decode()
        assert old in text, f"{name}: no \"{old}\" in\n{text}"
        self.write(name, text.replace(old, new).encode())

    def remove(self, name: str) -> None:
        self._mtool("mdel", f"::{name}")

    def make_folder(self, name: str) -> None:
        self._mtool("mmd", f"::{name}")

    def names(self) -> list:
        return self._mtool("mdir", "-b", "-/", "::/").stdout.decode().split()
