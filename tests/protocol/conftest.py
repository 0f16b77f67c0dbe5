# SPDX-License-Identifier: GPL-2.0-only
"""A node with guests in memory, served on sockets of its own."""

import os
import subprocess
from pathlib import Path

import pytest

REPO = Path(__file__).resolve().parents[2]
OUT = REPO / os.environ.get("OUT", "out")

CONFIGURATION = """\
[network "default"]
    mode = nat
    address = 192.168.122.1/24
    dhcp = 192.168.122.2-192.168.122.254
    host = 52:54:00:11:22:33 192.168.122.10 web

[network "quiet"]
    mode = isolated
    address = 10.9.8.1/24

[pool "default"]
    type = dir
    path = images

[pool "store"]
    type = dir
    path = @FOLDER@
    autostart = no

[pool "far"]
    type = nfs
    host = 192.0.2.9
    path = /export

[guest "web"]
    title = web shop
    description = front of the shop
    memory = 1G
    memory-max = 2G
    vcpus = 2
    vcpus-max = 4
    disk = default/web.qcow2 format=qcow2
    cdrom = empty
    nic = default mac=52:54:00:11:22:33
    autostart = yes

[guest "db"]
    uuid = 6f4d2b9e-1c0a-4f53-9a52-0d4c7e1b8f21
    memory = 512M
    firmware = direct
    kernel = boot/vmlinuz
    cmdline = console=ttyS0 quiet
    disk = default/db.img
"""


class Node:
    """One server, its sockets, and clients of it."""

    def __init__(self, folder: Path, configuration: str, program: tuple = ()):
        self.socket, self.read_only_socket, self.door = folder / "sock", folder / "sock-ro", folder / "door"
        self.store = folder / "store"
        if not self.store.exists():
            self.store.mkdir()
            (self.store / "disk.img").write_bytes(bytes(1 << 20))
            # A qcow2 header with a size of 3 MiB.
            (self.store / "web.qcow2").write_bytes(b"QFI\xfb" + bytes(20) + (3 << 20).to_bytes(8, "big") + bytes(72))
            (self.store / ".hidden").write_bytes(b"")
        configuration = configuration.replace("@FOLDER@", str(self.store))
        (folder / "berth.conf").write_text(configuration, encoding="utf-8")
        self.process = subprocess.Popen([*program, OUT / "unit/fake-node", self.socket, self.read_only_socket, self.door,
                                         folder / "berth.conf"],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                        # Memory that was freed is not kept for long: tests look at how much there is.
                                        env={**os.environ, "ASAN_OPTIONS": "quarantine_size_mb=8"})
        assert self.process.stdout.readline() == "ready\n", self.process.stderr.read()

    def uri(self, socket=None) -> str:
        return f"qemu+unix:///system?socket={socket or self.socket}"

    def run(self, program: str, *arguments: str, text: str = "") -> subprocess.CompletedProcess:
        return subprocess.run([program, "-c", self.uri(), *arguments], capture_output=True, text=True, input=text,
                              timeout=60, check=False, env={**os.environ, "LC_ALL": "C.UTF-8", "TZ": "UTC"})

    def virsh(self, *arguments: str) -> str:
        done = self.run("/usr/bin/virsh", *arguments)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def refused(self, *arguments: str) -> str:
        done = self.run("/usr/bin/virsh", *arguments)
        assert done.returncode == 1, done.stdout
        return done.stderr

    def stop(self) -> None:
        """The server must have ended well: the sanitizers speak on its stderr."""
        _, complaint = self.process.communicate(timeout=60)
        assert self.process.returncode == 0, complaint


@pytest.fixture
def node(tmp_path):
    served = Node(tmp_path, CONFIGURATION)
    yield served
    served.stop()


@pytest.fixture
def serve(tmp_path):
    """Serve another configuration."""
    served = []

    def start(configuration: str) -> Node:
        served.append(Node(tmp_path, configuration))
        return served[-1]

    yield start
    for one in served:
        if one.process.poll() is None:
            one.stop()
