# SPDX-License-Identifier: GPL-2.0-only
"""Clients that mean no good, or die, beside one that is served."""

import os
import random
import struct
import sys

from conftest import REPO

sys.path.insert(0, str(REPO / "tests"))
from raw_client import CAPABILITIES, GET_TYPE, LIST_ALL, answer, call, connect, flood, is_closed  # noqa: E402


def rss(node) -> int:
    with open(f"/proc/{node.process.pid}/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def test_two_hundred_clients_and_one_that_works(node):
    clients = [connect(node.socket) for _ in range(200)]
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
    deaf = [connect(node.socket) for _ in range(8)]
    for client in deaf:
        # It is no longer read from; what it has sent waits in its own socket.
        assert flood(client, call(CAPABILITIES, 1)) < 32 << 20
    endless = [connect(node.socket, opened=False) for _ in range(8)]
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
    served = connect(node.socket)
    for turn in range(100):
        client = connect(node.socket, opened=turn % 2 == 0)
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
    client = connect(node.socket, opened=False)
    client.sendall(struct.pack(">II", 16 << 20, 0x20008086))
    assert is_closed(client)
