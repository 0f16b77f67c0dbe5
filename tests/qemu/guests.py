# SPDX-License-Identifier: GPL-2.0-only
"""A node with guests: its data volume with the small guest's kernel, Debian's virsh on its socket, consoles.

    node = node_with_guests(make_node, GUEST.format("web"))
    with node:
        node.wait_for_ssh()
        wait_running(node, "web")
"""

import contextlib
import socket
import subprocess
import time
from pathlib import Path

import pexpect
from harness import OUT, Node, seconds
from small_guests import Shell

GUEST_FILES = OUT / "guest"
DATA = "[node]\n    hostname = node1\n    data = serial:DATA0\n"
GUEST = """
[guest "{0}"]
    kernel = boot/vmlinuz
    initrd = boot/initrd
    cmdline = "console=ttyS0 quiet guest.name={0}"
    memory = 96M
"""


def make_volume(path: Path, mib: int = 256) -> Path:
    """An ext4 file system with the small guest's kernel and initramfs in boot/."""
    folder = path.with_suffix(".files")
    for name in ("boot", "images", "log", "tftp"):
        (folder / name).mkdir(parents=True)
    for name in ("vmlinuz", "initrd"):
        (folder / "boot" / name).write_bytes((GUEST_FILES / name).read_bytes())
    with open(path, "wb") as disk:
        disk.truncate(mib << 20)
    subprocess.run(["/sbin/mke2fs", "-q", "-F", "-t", "ext4", "-d", folder, path], check=True)
    return path


def node_with_guests(make_node, config: str, mib: int = 256, **options) -> Node:
    node = make_node(DATA + config, **({"memory": 1536} | options))
    disk = make_volume(node.folder / "data.img", mib)
    node.extra += ["-drive", f"if=none,id=data0,file={disk},format=raw,cache=unsafe",
                   "-device", "virtio-blk-pci,drive=data0,serial=DATA0"]
    return node


def guest_state(node: Node, name: str) -> list:
    """The lines of what the daemon says of a guest."""
    return node.ssh(f"cat /run/berth/state/guests/{name}").stdout.decode().splitlines() or [""]


def wait_state(node: Node, name: str, state: str, timeout: float = 60) -> list:
    node.wait_until(f"read -r state < /run/berth/state/guests/{name} && [ \"$state\" = '{state}' ] || "
                    f"{{ cat /run/berth/state/guests/{name}; exit 1; }}", timeout)
    return guest_state(node, name)


def wait_running(node: Node, name: str) -> None:
    wait_state(node, name, "running")


def process_of(node: Node, name: str) -> int:
    return int(node.run(f"sed -n 's/^pid=//p' /run/berth/guests/{name}/state"))


def id_of(node: Node, name: str) -> int:
    return int(node.run(f"sed -n 's/^id=//p' /run/berth/guests/{name}/state"))


class Virsh:
    """Debian's virsh, unmodified, on the node's socket, which SSH brings here."""

    def __init__(self, node: Node):
        self.socket = node.folder / "libvirt.sock"
        self.socket.unlink(missing_ok=True)
        self.tunnel = subprocess.Popen(
            ["ssh", "-F", "none", "-N", "-i", str(node.key.path), "-p", str(node.port), "-o", "BatchMode=yes",
             "-o", f"UserKnownHostsFile={node.folder / 'known_hosts'}", "-o", "StrictHostKeyChecking=accept-new",
             "-o", "ExitOnForwardFailure=yes", "-L", f"{self.socket}:/run/libvirt/libvirt-sock", "root@127.0.0.1"],
            stdin=subprocess.DEVNULL)
        deadline = time.monotonic() + seconds(60)
        while not self.listens():
            assert self.tunnel.poll() is None and time.monotonic() < deadline, "no way to the node's socket"
            time.sleep(0.05)

    def listens(self) -> bool:
        """Its name comes before it can be connected to."""
        with socket.socket(socket.AF_UNIX) as probe, contextlib.suppress(OSError):
            probe.connect(str(self.socket))
            return True
        return False

    def __enter__(self) -> "Virsh":
        return self

    def __exit__(self, *_) -> None:
        self.tunnel.kill()
        self.tunnel.wait()

    def command(self, *words: str) -> list:
        return ["virsh", "-c", f"qemu+unix:///system?socket={self.socket}", *words]

    def __call__(self, *words: str, timeout: float = 60) -> str:
        done = subprocess.run(self.command(*words), capture_output=True, text=True, timeout=seconds(timeout), check=False)
        assert done.returncode == 0, f"virsh {' '.join(words)}: {done.stdout}{done.stderr}"
        return done.stdout

    def refused(self, *words: str) -> str:
        done = subprocess.run(self.command(*words), capture_output=True, text=True, timeout=seconds(60), check=False)
        assert done.returncode != 0, done.stdout
        return done.stderr

    @contextlib.contextmanager
    def console(self, name: str):
        """A guest's console, whose shell has answered."""
        words = self.command("console", name)
        line = Shell(words[0], words[1:])
        try:
            line.wait_for_shell()
            yield line
        finally:
            # On a busy machine one that was killed may be there a moment longer.
            with contextlib.suppress(pexpect.ExceptionPexpect):
                line.close(force=True)
