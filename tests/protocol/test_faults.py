# SPDX-License-Identifier: GPL-2.0-only
"""Clients that mean no good, or die, beside one that is served."""

import os
import random
import socket
import struct

OPEN, GET_TYPE, LIST_ALL, CAPABILITIES = 1, 3, 273, 7


def call(procedure: int, serial: int, payload: bytes = b"") -> bytes:
    return struct.pack(">IIIiiIi", 28 + len(payload), 0x20008086, 1, procedure, 0, serial, 0) + payload


def connect(node, opened: bool = True) -> socket.socket:
    client = socket.socket(socket.AF_UNIX)
    client.connect(str(node.socket))
    client.settimeout(60)
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


def rss(node) -> int:
    with open(f"/proc/{node.process.pid}/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def test_two_hundred_clients_and_one_that_works(node):
    clients = [connect(node) for _ in range(200)]
    for serial, client in enumerate(clients):
        client.sendall(call(CAPABILITIES, serial) + call(GET_TYPE, serial + 1000))
    assert "web" in node.virsh("list", "--all", "--name")
    for serial, client in enumerate(clients):
        assert {answer(client)[5], answer(client)[5]} == {serial, serial + 1000}
        client.close()
    assert "web" in node.virsh("list", "--all", "--name")


def test_floods_cost_what_is_bounded(node):
    """Calls without end, of somebody who reads no answer, and messages that never are whole."""
    node.virsh("list")
    before = rss(node)
    deaf = [connect(node) for _ in range(8)]
    for client in deaf:
        # It is no longer read from; what it has sent waits in its own socket.
        assert flood(client, call(CAPABILITIES, 1)) < 32 << 20
    endless = [connect(node, opened=False) for _ in range(8)]
    for client in endless:
        client.sendall(struct.pack(">II", 64 << 10, 0x20008086) + bytes(60 << 10))
    # Each may have 1 MiB of answers and a message of 64 KiB; the sanitizer's own share is counted generously.
    assert rss(node) - before < 96 << 20
    assert "web" in node.virsh("list", "--all", "--name")
    for client in deaf + endless:
        client.close()
    assert "web" in node.virsh("list", "--all", "--name")


def test_garbage_and_sudden_ends(node):
    random.seed(7)
    served = connect(node)
    for turn in range(100):
        client = connect(node, opened=turn % 2 == 0)
        garbage = random.randbytes(random.randrange(1, 4096))
        kind = turn % 4
        if kind == 0:
            client.sendall(garbage)
        elif kind == 1:
            client.sendall(struct.pack(">I", 28 + len(garbage)) + garbage)
        elif kind == 2:
            client.sendall(call(LIST_ALL, turn, garbage))
        else:
            client.sendall(call(GET_TYPE, turn)[: random.randrange(1, 28)])
        client.close()
        served.sendall(call(GET_TYPE, turn))
        assert answer(served)[5] == turn
    # Announced and too large: closed at once, whatever comes behind.
    client = connect(node, opened=False)
    client.sendall(struct.pack(">II", 16 << 20, 0x20008086))
    assert is_closed(client)
