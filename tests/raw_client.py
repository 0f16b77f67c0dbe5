# SPDX-License-Identifier: GPL-2.0-only
"""A client that writes its messages itself, for what no client of libvirt's would do: bytes on a socket, and nothing kept."""

import socket
import struct

OPEN, GET_TYPE, LIST_ALL, CAPABILITIES = 1, 3, 273, 7


def call(procedure: int, serial: int, payload: bytes = b"") -> bytes:
    return struct.pack(">IIIiiIi", 28 + len(payload), 0x20008086, 1, procedure, 0, serial, 0) + payload


def connect(path, opened: bool = True, patience: float = 60) -> socket.socket:
    client = socket.socket(socket.AF_UNIX)
    client.connect(str(path))
    client.settimeout(patience)
    if opened:
        client.sendall(call(OPEN, 0, bytes(8)))
        assert answer(client)[5] == 0
    return client


def answer(client) -> tuple:
    """The header of the next message; its payload is read and dropped."""
    head = b""
    while len(head) < 28:
        part = client.recv(28 - len(head))
        assert part, "the connection is closed"
        head += part
    fields = struct.unpack(">IIIiiIi", head)
    left = fields[0] - 28
    while left:
        left -= len(client.recv(left))
    assert fields[6] == 0
    return fields


def is_closed(client) -> bool:
    try:
        while client.recv(65536):
            pass
    except ConnectionError:
        pass
    return True


def flood(client, message: bytes) -> int:
    """Send as much as is taken, and read nothing."""
    client.settimeout(1)
    sent = 0
    try:
        while sent < 64 << 20:
            sent += client.send(message * 64)
    except OSError:
        pass
    return sent
