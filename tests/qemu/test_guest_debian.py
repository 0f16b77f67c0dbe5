# SPDX-License-Identifier: GPL-2.0-only
"""What a new user does: a few lines in berth.conf, and Debian answers on its console and over SSH by a port forward."""

import subprocess

from harness import free_port, seconds, wait_for_greeting
from small_guests import GUEST, NODE, GuestConsole, make_data, wait_for_line

DEBIAN = """    host = 52:54:00:11:22:33 192.168.122.10 web
    forward = tcp 2222 web:22
[guest "web"]
    kernel = boot/debian-vmlinuz
    initrd = boot/debian-initrd
    cmdline = console=ttyS0 root=/dev/vda rw quiet
    memory = 512M
    disk = default/debian.raw
    nic = default mac=52:54:00:11:22:33
    serial = pty log
    autostart = yes
"""


def test_console_and_ssh(make_node):
    node = make_node(NODE + DEBIAN, memory=1536)
    make_data(node, {"debian.raw": GUEST / "debian.img"}, size=1900, debian=True)
    with node:
        node.wait_for_ssh()
        wait_for_line(node, "web", "debian login:", timeout=600)
        console = GuestConsole(node, "web").line
        console.expect("Escape character is")
        console.send("\r")
        console.expect("debian login: ")
        console.send("root\r")
        console.expect("Password: ")
        console.send("berth\r")
        console.expect("root@debian:~# ")
        console.close(force=True)
        port = free_port()
        node.monitor.command("human-monitor-command", **{"command-line": f"hostfwd_add lan tcp:127.0.0.1:{port}-:2222"})
        wait_for_greeting(port, 120)
        done = subprocess.run(["ssh", "-F", "none", "-i", str(GUEST / "debian-key"), "-p", str(port), "-o", "BatchMode=yes",
                               "-o", f"UserKnownHostsFile={node.folder / 'guest_hosts'}", "-o", "StrictHostKeyChecking=accept-new",
                               "-o", f"ConnectTimeout={seconds(120):.0f}", "root@127.0.0.1", "uname -r; systemctl is-system-running"],
                              capture_output=True, text=True, timeout=seconds(300), check=False)
        assert done.stdout.startswith("6.1."), done.stderr
