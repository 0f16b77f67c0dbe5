# SPDX-License-Identifier: GPL-2.0-only
"""The guests that tests use are guests of any VMM: each boots in QEMU by itself, by each way in."""

import socket
import subprocess

import pytest
from harness import OUT, Console, free_port, seconds, wait_for_greeting

GUEST = OUT / "guest"


@pytest.fixture
def machine(tmp_path):
    """Starts QEMU with these options and a serial line; gives the line."""
    running = []

    def start(*options: str) -> Console:
        path = tmp_path / f"serial-{len(running)}"
        process = subprocess.Popen(["qemu-system-x86_64", "-accel", "tcg", "-cpu", "max", "-machine", "q35", "-nodefaults",
                                    "-no-user-config", "-display", "none", "-no-reboot", "-m", "384",
                                    "-serial", f"unix:{path},server,wait=on", *options], stdin=subprocess.DEVNULL)
        running.append([process, None])
        running[-1][1] = Console(path, path.with_suffix(".log"))
        return running[-1][1]

    start.running = running
    yield start
    for process, line in running:
        process.kill()
        process.wait()
        if line:
            line.hang_up()


@pytest.mark.parametrize("form", ["vmlinuz", "vmlinux"])
def test_small_guest(machine, form):
    line = machine("-kernel", str(GUEST / form), "-initrd", str(GUEST / "initrd"), "-append",
                   "console=ttyS0 no_timer_check quiet guest.name=web test=echo,said,by,the,command,line")
    line.expect(r"guest-init: up after \d+\.\d+ s")
    line.expect("guest: web is up, 1 processors")
    line.expect("said by the command line")
    # Its shell may have said so before.
    line.send("\n")
    line.expect("guest# ")
    line.send("poweroff\n")
    machine.running[0][0].wait(seconds(60))


def test_small_guest_ends_by_its_power_button_and_by_panic(machine, tmp_path):
    words = ["-kernel", str(GUEST / "vmlinuz"), "-initrd", str(GUEST / "initrd")]
    line = machine(*words, "-append", "console=ttyS0 no_timer_check quiet", "-qmp", f"unix:{tmp_path / 'qmp'},server,nowait")
    line.expect("guest: guest is up")
    with socket.socket(socket.AF_UNIX) as monitor:
        monitor.connect(str(tmp_path / "qmp"))
        monitor.sendall(b'{"execute":"qmp_capabilities"}\n{"execute":"system_powerdown"}\n')
        line.expect("guest: power button")
        machine.running[0][0].wait(seconds(60))
    line = machine(*words, "-append", "console=ttyS0 no_timer_check quiet panic=-1 test=echo,c,>/proc/sysrq-trigger")
    machine.running[1][0].wait(seconds(60))


def test_debian_guest(machine, tmp_path):
    """A login on the console, and SSH with the key that lies beside the disk."""
    port = free_port()
    line = machine("-kernel", str(GUEST / "debian-vmlinuz"), "-initrd", str(GUEST / "debian-initrd"), "-append",
                   "root=/dev/vda rw console=ttyS0 no_timer_check quiet", "-drive", f"if=virtio,file={GUEST / 'debian.img'},format=raw,snapshot=on",
                   "-netdev", f"user,id=n,restrict=on,hostfwd=tcp:127.0.0.1:{port}-:22",
                   "-device", "virtio-net-pci,netdev=n,romfile=")
    line.expect("debian login: ")
    line.send("root\n")
    line.expect("Password: ")
    line.send("berth\n")
    line.expect(r"root@debian:~# ")
    wait_for_greeting(port, 120)
    done = subprocess.run(["ssh", "-F", "none", "-i", str(GUEST / "debian-key"), "-p", str(port), "-o", "BatchMode=yes",
                           "-o", f"UserKnownHostsFile={tmp_path / 'known'}", "-o", "StrictHostKeyChecking=accept-new",
                           "-o", f"ConnectTimeout={seconds(60):.0f}", "root@127.0.0.1", "cat /etc/debian_version"],
                          capture_output=True, text=True, check=False)
    assert done.stdout.startswith("12."), done.stderr
