# SPDX-License-Identifier: GPL-2.0-only
"""UEFI variables, written into OVMF's store before the machine starts: the store of EDK II's VariableFormat.h, and load options
of the UEFI specification 2.10 (section 3.1.3)."""

import struct
import uuid
from pathlib import Path

GLOBAL = uuid.UUID("8be4df61-93ca-11d2-aa0d-00e098032b8c")
# Of systemd-boot (the Boot Loader Interface).
LOADER = uuid.UUID("4a67b082-0a4c-41cf-b6c7-440b29bb8c4f")
# Kept, and seen while the firmware runs and by the system.
ATTRIBUTES = 7
STORE = 0x48
STORE_HEADER = 28


def add_variable(store: Path, name: str, data: bytes, owner: uuid.UUID = GLOBAL) -> None:
    """Behind the variables that are there; for one that is not."""
    encoded = (name + "\0").encode("utf-16-le")
    made = struct.pack("<HBxIQ16xIII16s", 0x55AA, 0x3F, ATTRIBUTES, 0, 0, len(encoded), len(data), owner.bytes_le) + encoded + data
    content = bytearray(store.read_bytes())
    at = STORE + STORE_HEADER
    while content[at:at + 2] == b"\xaa\x55":
        name_size, data_size = struct.unpack_from("<II", content, at + 36)
        at = (at + 60 + name_size + data_size + 3) & ~3
    assert content[at:at + len(made)] == b"\xff" * len(made), f"{store}: no room, or no store"
    content[at:at + len(made)] = made
    store.write_bytes(content)


def boot_from_url(store: Path, url: str) -> None:
    """What an owner types into the firmware's menu: one boot from an address (the device path's URI node is 10.3.4.23)."""
    path = struct.pack("<BBH", 3, 24, 4 + len(url)) + url.encode() + struct.pack("<BBH", 0x7F, 0xFF, 4)
    add_variable(store, "Boot0099", struct.pack("<IH", 1, len(path)) + "net\0".encode("utf-16-le") + path)
    add_variable(store, "BootNext", struct.pack("<H", 0x99))


def choose_entry(store: Path, entry: str) -> None:
    """What somebody picks in the UEFI boot menu, once."""
    add_variable(store, "LoaderEntryOneShot", (entry + "\0").encode("utf-16-le"), LOADER)
