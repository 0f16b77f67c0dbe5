# SPDX-License-Identifier: GPL-2.0-only
"""Small guests on a node under test: a data disk made here, guest sections, consoles by the node's own virsh.

    data = make_data(node, {"images/web.raw": 64})
    node.set_config(NODE + guest("web", "disk = default/web.raw"))
"""

import base64
import contextlib
import itertools
import os
import subprocess
import time
from pathlib import Path

import pexpect
from harness import OUT, QUICK_SSH, Node, seconds

MIB = 1 << 20
GUEST = OUT / "guest"
NODE = """[node]
    hostname = node1
    data = serial:DATA0
[network "default"]
    address = 192.168.122.1/24
    dhcp = 192.168.122.100-192.168.122.200
"""
marks = itertools.count(1000)
GUEST_SECONDS = 120


def make_ext4(path: Path, mib: int) -> Path:
    """An image with an empty file system, for a guest's disk."""
    with open(path, "wb") as image:
        image.truncate(mib * MIB)
    subprocess.run(["/sbin/mke2fs", "-q", "-t", "ext4", path], check=True)
    return path


def make_data(node: Node, images: dict, size: int = 512, debian: bool = False) -> Path:
    """The node's data disk: kernels in boot/, and in images/ files of so many MiB, or copies of files. Serial DATA0."""
    tree = node.folder / "data"
    (tree / "boot").mkdir(parents=True)
    (tree / "images").mkdir()
    names = ["vmlinuz", "vmlinux", "initrd"] + (["debian-vmlinuz", "debian-initrd"] if debian else [])
    for name in names:
        os.link(GUEST / name, tree / "boot" / name)
    for name, what in images.items():
        if isinstance(what, Path):
            subprocess.run(["cp", "--sparse=always", what, tree / "images" / name], check=True)
        else:
            with open(tree / "images" / name, "wb") as image:
                image.truncate(what * MIB)
    disk = node.folder / "data.img"
    with open(disk, "wb") as image:
        image.truncate(size * MIB)
    subprocess.run(["/sbin/mke2fs", "-q", "-t", "ext4", "-d", tree, disk], check=True)
    node.extra += ["-drive", f"if=none,id=data0,file={disk},format=raw,cache=unsafe",
                   "-device", "virtio-blk-pci,drive=data0,serial=DATA0"]
    return disk


def guest(name: str, *lines: str, memory: str = "96M", words: str = "", kernel: str = "vmlinux") -> str:
    """The section of a small guest; `words` for its kernel's command line."""
    given = ["firmware = direct", f"kernel = boot/{kernel}", "initrd = boot/initrd", f"memory = {memory}",
             f"cmdline = console=hvc0 quiet guest.name={name} {words}".rstrip(), "serial = pty log bus=virtio",
             "autostart = yes", *lines]
    return f'[guest "{name}"]\n' + "".join(f"    {line}\n" for line in given)


def wait_for_line(node: Node, name: str, text: str, count: int = 1, timeout: float = GUEST_SECONDS) -> None:
    """Until a guest's consoles have said a text so many times, as its logs tell."""
    node.wait_until(f"[ $(cat /data/log/{name}@* 2> /dev/null | grep -c -F '{text}') -ge {count} ]", timeout)


def state(node: Node, name: str) -> str:
    return node.run(f"virsh domstate {name}").strip()


def wait_for_state(node: Node, name: str, wanted: str, timeout: float = 60) -> None:
    node.wait_until(f"[ \"$(virsh domstate {name} | head -n 1)\" = '{wanted}' ]", timeout)


class Shell(pexpect.spawn):
    """A program that shows a small guest's console: its shell, on a line to which others write as well."""

    def __init__(self, program: str, words: list):
        super().__init__(program, words, timeout=seconds(GUEST_SECONDS), encoding="utf-8", codec_errors="replace")

    def wait_for_shell(self) -> None:
        """Until the shell has answered. What is typed before is lost where virsh is not there yet (upstream's flushes its terminal)
        or the guest is not (its console driver discards what comes while it begins), and a prompt that is seen may be one of
        long ago: what is typed goes out anew until it is answered."""
        mark = next(marks)
        deadline = time.monotonic() + seconds(GUEST_SECONDS)
        self.expect("Escape character is")
        self.expect(["guest# ", pexpect.TIMEOUT], timeout=2)
        self.send(f"\rtell {mark}\r")
        while self.expect([f"={mark}:", pexpect.TIMEOUT], timeout=2):
            assert time.monotonic() < deadline, f"no shell answers: {self.before}"
            self.send(f"\rtell {mark}\r")

    def run(self, command: str, timeout: float = 60) -> str:
        """Run a command: what it printed. It must succeed. An answer that is torn is asked for once more."""
        mark = next(marks)
        deadline = time.monotonic() + seconds(timeout)
        self.send(f"\rrm -f /run/said; {{ {command}; }} < /dev/null > /run/said 2>&1; ended={mark}:$?; tell {mark}\r")
        while self.expect([rf"={mark}:(\d+|unheard):([A-Za-z0-9+/=]*)\.", pexpect.TIMEOUT], timeout=min(seconds(timeout), 10)):
            assert time.monotonic() < deadline, f"\"{command}\" did not end in the guest: {self.before}"
            self.send(f"\rtell {mark}\r")
        status, printed = self.match[1], base64.b64decode(self.match[2]).decode(errors="replace")
        assert status != "unheard", f"\"{command}\" was typed and did not reach the guest: {self.before}"
        assert status == "0", f"\"{command}\" ended with {status} in the guest: {printed}"
        return printed


class GuestConsole:
    """`virsh console` over SSH, as an operator has it."""

    def __init__(self, node: Node, name: str, force: bool = False):
        words = f"virsh console {name}" + (" --force" if force else "")
        self.line = Shell("ssh", ["-tt", "-F", "none", "-i", str(node.key.path), "-p", str(node.port), "-o", "BatchMode=yes",
                                  "-o", f"UserKnownHostsFile={node.folder / 'known_hosts'}", "-o", "LogLevel=ERROR",
                                  "-o", "StrictHostKeyChecking=accept-new", *QUICK_SSH, "root@127.0.0.1", words])

    def __enter__(self) -> "GuestConsole":
        self.line.wait_for_shell()
        return self

    def __exit__(self, *_) -> None:
        # Of a node that is gone, ssh does not end at once.
        with contextlib.suppress(pexpect.ExceptionPexpect):
            self.line.close(force=True)

    def run(self, command: str, timeout: float = 60) -> str:
        return self.line.run(command, timeout)

    def detach(self) -> None:
        self.line.send("\x1d")
        self.line.expect(pexpect.EOF)
