# SPDX-License-Identifier: GPL-2.0-only
"""The console of the node's own virsh, on a terminal."""

import pexpect
from beside import OURS


def test_console(node):
    node.virsh("start", "web")
    child = pexpect.spawn(OURS, ["-c", node.uri(), "console", "web"], encoding="utf-8", timeout=60)
    child.expect("Connected to domain 'web'")
    child.expect("login: ")
    child.send("root\r")
    child.expect("root")
    child.send("\x1d")
    child.expect(pexpect.EOF)
    assert child.wait() == 0


def test_what_is_typed_before_the_console_is_there_reaches_it(node):
    node.virsh("start", "web")
    child = pexpect.spawn("/bin/sh", ["-c", f"stty -echo; echo go; read line; exec {OURS} -c '{node.uri()}' console web"],
                          encoding="utf-8", timeout=60)
    child.expect("go")
    child.send("now\rtyped ahead\r")
    child.expect("Escape character is")
    # The guest says it again; here nobody does.
    child.expect("typed ahead")
    child.send("\x1d")
    child.expect(pexpect.EOF)
    assert child.wait() == 0
