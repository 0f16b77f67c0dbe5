# SPDX-License-Identifier: GPL-2.0-only
"""Consoles: each that is real shows the status, lets in whom it should, and none is waited for."""

import re
import subprocess

HASH = subprocess.run(["openssl", "passwd", "-5", "-salt", "berthtest", "sesame"], check=True, capture_output=True,
                      text=True).stdout.strip()


def test_serial_and_screen_are_live(shared):
    assert shared.run("cat /run/berth/consoles").split() == ["tty1", "ttyS0", "ttyS1"]
    # What stands on the screen, as the kernel keeps it.
    screen = shared.run("cat /dev/vcs1")
    assert "SSH host key" in screen and "node1" in screen


def test_both_serial_lines_show_the_status(shared):
    for number in range(2):
        shared.consoles[number].send("\r")
        assert "Addresses" in shared.wait_for_status(number)


def test_without_a_password_enter_explains(shared):
    shared.console.send("\r")
    shared.console.expect("No console-password is set in berth.conf")


def test_password_opens_a_login(make_node):
    node = make_node(f"[node]\n    console-password = {HASH}\n")
    with node:
        assert "Not well" not in node.wait_for_status()
        node.console.send("\r")
        node.console.expect("login: ")
        node.console.send("root\r")
        node.console.expect("Password: ")
        node.console.send("wrong\r")
        node.console.expect("Login incorrect")
        node.console.expect("login: ")
        node.console.send("root\r")
        node.console.expect("Password: ")
        node.console.send("sesame\r")
        node.console.expect("# ")
        node.console.send("id -u; tty\r")
        node.console.expect(r"\n0\r\n/dev/ttyS0\r\n")
        node.console.send("exit\r")
        assert "SSH host key" in node.wait_for_status()


def test_no_uart(make_node):
    node = make_node(serials=0)
    with node:
        node.wait_for_ssh()
        assert node.run("cat /run/berth/consoles").split() == ["tty1"]
        assert float(node.run("cat /run/berth/state/ready")) < 60


def test_failsafe_gives_a_root_shell(make_node):
    node = make_node(f"[node]\n    hostname = mine\n    console-password = {HASH}\n", menu=True)
    # Whoever types takes the time that it takes.
    node.boot.edit("/syslinux.cfg", "TIMEOUT 20", "TIMEOUT 0")
    node.start()
    node.console.expect("boot:")
    node.console.send("failsafe\r")
    screen = node.wait_for_status()
    assert "failsafe (built in)" in screen
    node.console.send("\r")
    node.console.expect("# ")
    node.console.send("hostname; id -u\r")
    node.console.expect(r"\nberth\r\n0\r\n")
    # Over the network nobody gets in: the built-in default names no key.
    assert node.ssh("true").returncode == 255


def test_status_screen_is_80_columns(shared):
    for line in shared.ssh("berth status").stdout.decode().splitlines():
        assert len(line) < 80
    assert re.match(r"node1 +Berth \d+\.\d+\.\d+, build [0-9a-f]{12}\n", shared.ssh("berth status").stdout.decode())
