# SPDX-License-Identifier: GPL-2.0-only
"""A node in QEMU: its disk image, its consoles, its SSH, its monitor.

    with Node(tmp_path) as node:
        node.wait_for_status()
        assert node.run("uname -r").startswith("6.12")
"""

import contextlib
import fcntl
import itertools
import json
import os
import random
import re
import shutil
import socket
import subprocess
import threading
import time
from pathlib import Path

import pexpect
import pexpect.fdpexpect

import last_words
import quick
from gpt import BOOT, CONFIG, Partition

REPO = Path(__file__).resolve().parents[2]
OUT = (REPO / os.environ.get("OUT", "out")).resolve()
IMAGE = OUT / "images" / "berth.img"
LOGS = OUT / "test-qemu"
SCALE = float(os.environ.get("BERTH_TIMEOUT_SCALE", "1"))
# A boot takes some 8 s here; a busy machine takes longer, and a hang shows all the same.
BOOT_SECONDS = 90

# fcntl(2); Python names it from 3.10 on only where the C library does.
F_SETPIPE_SZ = 1031

# What both ends agree on by themselves takes an emulated machine a third of a connection's time, and there are hundreds of
# those (clients that ask for nothing are scp in test_ssh.py, and virsh over SSH in test_protocol.py).
QUICK_SSH = ["-o", "KexAlgorithms=curve25519-sha256"]

DISKS = {
    "ide": ["-device", "ide-hd,drive=stick,bus=ide.0,bootindex=1"],
    "nvme": ["-device", "nvme,drive=stick,serial=stick,bootindex=1"],
    "virtio": ["-device", "virtio-blk-pci,drive=stick,bootindex=1"],
    "cd": ["-device", "ide-cd,drive=stick,bus=ide.0,bootindex=1"],
    "usb": ["-device", "qemu-xhci,id=usb", "-device", "usb-storage,drive=stick,id=stick-dev,bootindex=1,removable=on"],
}


def seconds(wanted: float) -> float:
    return wanted * SCALE


def has_working_kvm() -> bool:
    """Whether /dev/kvm runs a 64-bit guest here: asked by running SeaBIOS and a kernel for a moment, not by looking."""
    if os.environ.get("BERTH_KVM") is not None:
        return os.environ["BERTH_KVM"] == "1"
    if not os.access("/dev/kvm", os.R_OK | os.W_OK):
        return False
    log = LOGS / "kvm-probe.log"
    try:
        subprocess.run(["qemu-system-x86_64", "-accel", "kvm", "-cpu", "host", "-m", "256", "-display", "none", "-nodefaults",
                        "-no-reboot", "-kernel", str(OUT / "images" / "vmlinuz"), "-append", "console=ttyS0 panic=-1",
                        "-serial", f"file:{log}"], timeout=20, check=False, capture_output=True)
    except subprocess.TimeoutExpired:
        pass
    return log.exists() and b"Linux version" in log.read_bytes()


# Not of those that the system gives to connections, nor of the other worker's: nobody takes it between its choice and its use.
PORTS = 3000
ports = itertools.cycle(random.sample(range(PORTS), PORTS))


def free_port() -> int:
    first = 12000 + PORTS * int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:])
    for port in ports:
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", first + port))
            return first + port
    raise AssertionError("no port is free")


def greets(port: int) -> bool:
    """Whether an SSH server does; QEMU accepts the connection in any case, so a client would wait for nothing."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1) as line:
            line.settimeout(2)
            return line.recv(4) == b"SSH-"
    except OSError:
        return False


def wait_for_greeting(port: int, timeout: float) -> None:
    deadline = time.monotonic() + seconds(timeout)
    while not greets(port):
        assert time.monotonic() < deadline, f"no SSH server behind port {port}"
        time.sleep(0.1)


def connect(path: Path) -> socket.socket:
    """To a socket that QEMU is about to make."""
    line = socket.socket(socket.AF_UNIX)
    deadline = time.monotonic() + seconds(20)
    while True:
        try:
            line.connect(str(path))
            return line
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)


class Key:
    """An SSH key pair made for these tests."""

    def __init__(self, folder: Path, name: str = "id"):
        self.path = folder / name
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", f"{name}@test", "-f", str(self.path)],
                       check=True)
        self.public = self.path.with_suffix(".pub").read_text().strip()


class Monitor:
    """QEMU's machine protocol."""

    def __init__(self, path: Path):
        self.socket = connect(path)
        self.stream = self.socket.makefile("rw")
        json.loads(self.stream.readline())
        self.command("qmp_capabilities")

    def command(self, name: str, /, **arguments):
        self.stream.write(json.dumps({"execute": name, "arguments": arguments}) + "\n")
        self.stream.flush()
        while True:
            reply = json.loads(self.stream.readline())
            if "return" in reply:
                return reply["return"]
            if "error" in reply:
                raise RuntimeError(f"{name}: {reply['error']['desc']}")


class Console(pexpect.fdpexpect.fdspawn):
    """One serial line. A thread reads it all the time: a line that nobody reads stops the machine's UART after some 300
    characters, and with it whoever waits for it to send."""

    def __init__(self, path: Path, log: Path):
        self.line = connect(path)
        reader, self.writer = os.pipe()
        fcntl.fcntl(self.writer, F_SETPIPE_SZ, 1 << 20)
        super().__init__(reader, timeout=seconds(BOOT_SECONDS), encoding="utf-8", codec_errors="replace")
        self.log = open(log, "ab", buffering=0)
        self.pump = threading.Thread(target=self._pump, daemon=True)
        self.pump.start()

    def _pump(self) -> None:
        while True:
            try:
                data = self.line.recv(4096)
            except OSError:
                data = b""
            if not data:
                os.close(self.writer)
                return
            self.log.write(data)
            os.write(self.writer, data)

    def send(self, s: str) -> None:
        self.line.sendall(s.encode())

    def hang_up(self) -> None:
        with contextlib.suppress(OSError):
            self.line.shutdown(socket.SHUT_RDWR)
        self.pump.join(seconds(5))
        self.line.close()
        self.log.close()
        os.close(self.child_fd)


class Node:
    """One machine. Its image is a copy; options are set before start().

    It has one processor where a test is not about two: QEMU before 8.1 translates code without holding its page. Where two
    processors are emulated at once and a kernel patches its own code, old code may stay: of some hundred starts of guests on such
    a node one ended in a triple fault or hung, and now and then the node itself."""

    kvm = None
    # Those that run; and what those said last that a failure ended.
    running = []
    last_words = {}

    def __init__(self, folder: Path, disk: str = "virtio", serials: int = 1, extra=(), readonly: bool = False,
                 memory: int = 512, processors: int = 1, firmware: str = "bios", image: Path = IMAGE, net_boot: str = "",
                 menu: bool = False):
        self.folder = folder
        self.disk = disk
        self.serials = serials
        self.extra = list(extra)
        self.readonly = readonly
        self.memory = memory
        self.processors = processors
        # "bios", "uefi", or "secure": UEFI that starts what the owner has signed, and nothing else.
        self.firmware = firmware
        # "on": the node reaches nothing; "off": 10.0.2.2 is this machine's loopback.
        self.restrict = "on"
        # A file that takes each write to the disk, with its flushes (tests/qemu/power_cuts.py reads it).
        self.write_log = None
        # A file of `tftp`, or an address of one, that the node boots from the net; it has no stick then.
        self.net_boot = net_boot
        self.tftp = OUT / "pxe"
        self.mac = "52:54:00:12:34:56"
        # Neither a stick nor a boot from that port.
        self.diskless = False
        self.image = folder / image.name
        subprocess.run(["cp", "--sparse=always", str(image), str(self.image)], check=True)
        if image.suffix == ".img":
            self.boot = Partition(self.image, BOOT)
            self.config = Partition(self.image, CONFIG)
            if not menu:
                self.hurry_menu()
                self.steady_clock()
        self.key = Key(folder)
        # All commands over one connection, which takes a fifth of the time: not where a test is about who may connect, or about
        # what becomes of a connection.
        self.one_connection = False
        self.process = None
        self.monitor = None
        self.consoles = []
        self.port = None
        self.started = 0

    # The image, before a start.

    def set_config(self, text: str, with_key: bool = True) -> None:
        if with_key:
            text += f"\n[node]\n    admin-key = {self.key.public}\n"
        self.config.write("/berth.conf", text.encode())

    def hurry_menu(self) -> None:
        """The two seconds of the boot menu are for people."""
        self.boot.edit("/syslinux.cfg", "TIMEOUT 20", "TIMEOUT 1")
        self.boot.edit("/loader/loader.conf", "timeout 2", "timeout 0")

    def steady_clock(self) -> None:
        menu = {"bios": "/syslinux.cfg", "uefi": "/loader/entries/a.conf"}.get(self.firmware)
        if menu:
            self.boot.edit(menu, "panic=30", f"panic=30 {quick.clock_words()}")

    def set_kernel_words(self, words: str, label: str = "a") -> None:
        """Append words to the kernel's command line in the boot menu of BIOS, and choose what is booted."""
        self.boot.edit("/syslinux.cfg", "panic=30", f"panic=30 {words}")
        self.boot.edit("/syslinux.cfg", "DEFAULT a", f"DEFAULT {label}")

    # The machine.

    def start(self) -> "Node":
        if Node.kvm is None:
            Node.kvm = has_working_kvm()
        self.started += 1
        Node.running.append(self)
        self.port = free_port()
        monitor = self.folder / f"monitor-{self.started}"
        command = ["qemu-system-x86_64", "-accel", "kvm" if Node.kvm else "tcg", "-cpu", "host" if Node.kvm else "max",
                   "-machine", "q35", "-m", str(self.memory), "-smp", str(self.processors), "-nodefaults",
                   "-no-user-config", "-display", "none", "-vga", "std", "-no-reboot", "-qmp", f"unix:{monitor},server,nowait",
                   *self._medium(), "-device", "pcie-root-port,id=hotplug0,chassis=9", "-device", "pcie-root-port,id=hotplug1,chassis=10",
                   "-netdev", f"user,id=lan,restrict={self.restrict},hostfwd=tcp:127.0.0.1:{self.port}-:22"
                   + (f",tftp={self.tftp},bootfile={self.net_boot}" if self.net_boot else ""),
                   "-device", f"virtio-net-pci,netdev=lan,mac={self.mac}"
                   + (",bootindex=1" if self.net_boot else ",romfile=")]
        command += self._firmware()
        sockets = [self.folder / f"serial-{self.started}-{i}" for i in range(self.serials)]
        for i, path in enumerate(sockets):
            command += ["-serial", f"unix:{path},server,nowait"]
        if not self.serials:
            command += ["-serial", "none"]
        self.errors = open(self.folder / "qemu.err", "ab")
        self.process = subprocess.Popen(command + self.extra, stdin=subprocess.DEVNULL, stdout=self.errors,
                                        stderr=self.errors)
        self.monitor = Monitor(monitor)
        self.consoles = [Console(path, self.folder / f"console-{i}.log")
                         for i, path in enumerate(sockets)]
        return self

    def _medium(self) -> list:
        if self.net_boot or self.diskless:
            return []
        if self.write_log:
            self.write_log.write_bytes(b"")
            return ["-drive", f"if=none,id=stick,driver=blklogwrites,file.driver=file,file.filename={self.image},"
                    f"log.driver=file,log.filename={self.write_log},cache.no-flush=off", *DISKS[self.disk]]
        return ["-drive", f"if=none,id=stick,file={self.image},format=raw,cache=unsafe"
                + (",readonly=on" if self.readonly else ""), *DISKS[self.disk]]

    def _firmware(self) -> list:
        """QEMU's options for UEFI."""
        if self.firmware == "bios":
            return []
        kind = ".snakeoil" if self.firmware == "secure" else ""
        variables = self.variables()
        code = f"/usr/share/OVMF/OVMF_CODE_4M{'.secboot' if kind else ''}.fd"
        smm = ["-machine", "smm=on", "-global", "driver=cfi.pflash01,property=secure,value=on"] if kind else []
        return [*smm, "-drive", f"if=pflash,unit=0,format=raw,readonly=on,file={code}",
                "-drive", f"if=pflash,unit=1,format=raw,file={variables}"]

    def variables(self) -> Path:
        """UEFI's; they live as long as this node."""
        path = self.folder / "variables.fd"
        if not path.exists():
            shutil.copyfile(f"/usr/share/OVMF/OVMF_VARS_4M{'.snakeoil' if self.firmware == 'secure' else ''}.fd", path)
        return path

    def __enter__(self) -> "Node":
        if self.process is None:
            self.start()
        return self

    def __exit__(self, kind, *_) -> None:
        if kind and issubclass(kind, Exception):
            Node.last_words[self] = last_words.of(self)
        self.stop()

    def stop(self) -> None:
        """Cut the power."""
        if self.process and self.process.poll() is None:
            self.process.kill()
        self.wait_off()

    def wait_off(self, timeout: float = 60) -> None:
        """Wait for QEMU to end: after a power-off, or (for it was told not to) after a reboot."""
        if self.process:
            self.process.wait(seconds(timeout))
            self.errors.close()
        for console in self.consoles:
            console.hang_up()
        if self.one_connection:
            subprocess.run(["ssh", "-F", "none", "-o", f"ControlPath={self.folder / 'mux'}", "-O", "exit", "node"], capture_output=True,
                           check=False)
        self.process, self.consoles = None, []
        Node.running = [node for node in Node.running if node is not self]
        LOGS.mkdir(parents=True, exist_ok=True)
        for log in self.folder.glob("console-*.log"):
            shutil.copyfile(log, LOGS / f"{self.folder.parent.name}-{self.folder.name}-{log.name}")

    def restart(self) -> "Node":
        self.stop()
        return self.start()

    def unplug(self, device: str) -> None:
        """Take a device away; its name is free again once the node has let go of it, some time after it told."""
        self.monitor.command("device_del", id=device)
        deadline = time.monotonic() + seconds(60)
        while any(one["name"] == device for one in self.monitor.command("qom-list", path="/machine/peripheral")):
            assert time.monotonic() < deadline, f"{device} does not go"
            time.sleep(0.1)

    # The console.

    @property
    def console(self):
        return self.consoles[0]

    def wait_for_status(self, console: int = 0) -> str:
        """Wait for the finished status screen on a console; its text."""
        line = self.consoles[console]
        while True:
            line.expect(r"\x1b\[2J")
            line.expect([r"(Enter to log in\.|Log in over SSH|Enter gives a root shell\.)"])
            if "still starting" not in line.before:
                return line.before.replace("\r", "")

    # SSH.

    def ssh(self, command: str, key: Key = None, options=(), timeout: float = 60, stdin: bytes = b"") -> subprocess.CompletedProcess:
        if self.one_connection and not key and not options:
            options = ["-o", "ControlMaster=auto", "-o", f"ControlPath={self.folder / 'mux'}", "-o", "ControlPersist=yes",
                       "-o", "ServerAliveInterval=10"]
        return subprocess.run(["ssh", "-F", "none", "-i", str((key or self.key).path), "-p", str(self.port),
                               "-o", "IdentitiesOnly=yes", "-o", f"UserKnownHostsFile={self.folder / 'known_hosts'}",
                               "-o", "StrictHostKeyChecking=accept-new", "-o", "BatchMode=yes", "-o", "ConnectTimeout=20",
                               "-o", "LogLevel=ERROR", *options, *QUICK_SSH, "root@127.0.0.1", command],
                              input=stdin, capture_output=True, timeout=seconds(timeout), check=False)

    def run(self, command: str, timeout: float = 60) -> str:
        """Run a command on the node over SSH; it must succeed."""
        done = self.ssh(command, timeout=timeout)
        assert done.returncode == 0, (f"\"{command}\" ended with {done.returncode}\n{done.stdout.decode()}"
                                      f"{done.stderr.decode()}")
        return done.stdout.decode()

    def wait_for_ssh(self) -> "Node":
        """Wait until the boot steps are done and SSH lets the owner in."""
        deadline = time.monotonic() + seconds(BOOT_SECONDS)
        while not self.answers_ssh() and time.monotonic() < deadline:
            time.sleep(0.1)
        return self.wait_until("test -e /run/berth/state/ready", BOOT_SECONDS)

    def answers_ssh(self) -> bool:
        return greets(self.port)

    def wait_until(self, command: str, timeout: float = 60) -> "Node":
        deadline = time.monotonic() + seconds(timeout)
        while True:
            if self.process.poll() is not None:
                raise AssertionError(f"QEMU ended: {(self.folder / 'qemu.err').read_text()}\n{self.console_tail()}")
            try:
                done = self.ssh(command, timeout=25)
                if done.returncode == 0:
                    return self
                why = (done.stdout + done.stderr).decode()
            except subprocess.TimeoutExpired:
                why = "no answer"
            if time.monotonic() > deadline:
                raise AssertionError(f"\"{command}\" did not come true in {timeout} s: {why}\n{self.console_tail()}")
            time.sleep(0.2)

    def console_tail(self) -> str:
        return "".join(f"{log.name}:\n{log.read_text(errors='replace')[-1500:]}\n"
                       for log in sorted(self.folder.glob("console-*.log")))
