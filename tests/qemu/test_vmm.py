# SPDX-License-Identifier: GPL-2.0-only
"""The VMM by itself on a real KVM: boots by each way, ends in each way, is saved and loaded, is fenced in."""

import re
import struct
import subprocess
from pathlib import Path

import pytest
import quick
from harness import seconds
from quick import OUT, REPO

TRY = REPO / "tests/qemu/try-vmm"
VMM = OUT / "stage/berth/target/usr/bin/berth-vmm"

MACHINE = """name test
uuid 12345678-1234-5678-9abc-def012345678
memory 268435456
rng fd=@/dev/urandom
balloon
pvpanic
console id=com1 type=serial
console id=hvc type=virtio
sandbox uid=1000 gid=1000
"""
BZIMAGE = "kernel fd=@guest/vmlinuz\ninitrd fd=@guest/initrd\n"
ELF = "kernel fd=@guest/vmlinux\ninitrd fd=@guest/initrd\n"
SERIAL = "cmdline console=ttyS0 quiet reboot=t panic=-1\n"
VIRTIO = "cmdline console=ttyS0 console=hvc0 quiet reboot=t panic=-1\n"
DISK = "disk id=vda fd=@/d.img serial=D1\n"


def guest(*lines: str) -> str:
    return "define\n" + MACHINE + "".join(lines) + "run\n"


@pytest.fixture(scope="module")
def driver(tmp_path_factory) -> Path:
    program = tmp_path_factory.mktemp("drive") / "drive"
    subprocess.run(["cc", "-std=gnu11", "-O1", "-Wall", "-Wextra", "-Werror", "-static", REPO / "tests/vmm/drive.c", "-o", program],
                   check=True)
    return program


@pytest.fixture
def run(driver, tmp_path):
    """Runs a script of tests/vmm/drive in a machine with KVM; what it printed. `before` and `after` are for its shell, and `out`
    is its /dev/vda."""
    def runs(script: str, *files: Path, before: str = "truncate -s 64M /d.img", after: str = ":", out: Path | None = None) -> str:
        steps = tmp_path / "script"
        steps.write_text(script)
        given = [word for file in (VMM, driver, steps, *files) for word in ("-f", file)]
        given += ["-d", out] if out else []
        command = [TRY, "-t", str(seconds(120)), *given, f"{before}; ./drive ./berth-vmm < script && {after}"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        (OUT / "test-qemu").mkdir(parents=True, exist_ok=True)
        (OUT / "test-qemu/vmm.log").write_text(done.stdout + done.stderr)
        assert done.returncode == 0, done.stdout[-4000:] + done.stderr
        return done.stdout
    return runs


def test_bzimage_on_the_serial_console_with_a_disk(run):
    said = run(guest(BZIMAGE, SERIAL, DISK, "vcpus 1\n") + """console com1
expect #
send dd if=/bin/busybox of=/dev/vda bs=64k count=4 conv=fsync 2> /dev/null; head -c 262144 /dev/vda | md5sum
expect   -
send echo serial $(cat /sys/class/block/vda/serial)
expect serial D1
ask stats
ask disk-limit vda read-iops=100 write-rate=1000000
ask disk-limit vdz
ask disk-limit vda colour=red
send poweroff -f
event event shutdown poweroff
end
""", after="head -c 262144 /d.img | md5sum")
    assert 'drive: outcome "poweroff" status 0 signal 0' in said
    sums = re.findall(r"[0-9a-f]{32}(?=  ?-)", said)
    assert len(sums) == 2 and sums[0] == sums[1]
    assert re.search(r"disk.vda.flush-requests=[1-9]", said) and "disk.vda.write-bytes=262144" in said
    assert "error ENOENT" in said and 'error EINVAL "colour=red" is not known here' in said


def check_core(core: Path, version: str) -> None:
    """A core of the small guest's, as gdb sees it: its processors, one at least in the kernel (the other may run the shell), and
    the kernel's name where the kernel's file says that it lies."""
    kernel = (OUT / "guest/vmlinux").read_bytes()
    start, size, count = struct.unpack_from("<Q14xHH", kernel, 32)
    loads = [struct.unpack_from("<IIQQQQ", kernel, start + i * size) for i in range(count)]
    name = kernel.index(version.encode())
    banner = next(physical + name - offset for kind, _, offset, _, physical, length in loads
                  if kind == 1 and offset <= name < offset + length)
    done = subprocess.run(["gdb", "-q", "-nx", "-batch", "-ex", "info threads", "-ex", f"x/s {banner:#x}", "-ex", "info files",
                           OUT / "guest/vmlinux", "-c", core], capture_output=True, text=True, check=True)
    assert f'{banner:#x}:\t"{version}' in done.stdout, done.stdout + done.stderr
    text = [int(end, 16) for end in re.search(r"(0x\w+) - (0x\w+) is \.text$", done.stdout, re.M).groups()]
    places = [int(place, 16) for place in re.findall(r"LWP [12] +(0x\w+) in", done.stdout)]
    assert len(places) == 2 and any(text[0] <= place < text[1] for place in places), done.stdout
    assert re.search(r"0x0{16} - 0x0{8}10000000 is load", done.stdout), done.stdout


def test_pvh_on_the_virtio_console_two_processors(run, tmp_path):
    disk = tmp_path / "core"
    with open(disk, "wb") as image:
        image.truncate(512 << 20)
    said = run(guest(ELF, VIRTIO, "vcpus 2\n") + """console hvc
expect #
send echo cpus $(nproc)
expect cpus 2
ask nmi
send until grep 'NMI: *[1-9]' /proc/interrupts; do sleep 1; done; echo inter''rupted
expect interrupted
memory
send cat /proc/version; echo nam''ed
expect named
ask memory-dump @/core.img
ask status
send reboot -f
event event running reset
expect #
ask reset
expect #
ask status
signal 15
end
""", after="dd if=/core.img of=/dev/vda bs=1M count=32 conv=fsync 2> /dev/null", out=disk)
    check_core(disk, re.search(r"^Linux version .*?(?=\r?$)", said, re.M).group())
    assert 'drive: outcome "stopped" status 0' in said
    assert "resets=0" in said and "resets=2" in said
    # docs/figures.md: less than 2 MiB beside the guest's memory.
    assert int(re.search(r"private (\d+) KiB", said).group(1)) < 2048


def test_a_reboot_that_ends_and_a_power_button(run):
    """The button is pressed after the line "guest: NAME is up": a prompt can come before the guest listens to it."""
    said = run(guest(ELF, SERIAL, "vcpus 1\non-reboot exit\n") + """console com1
expect #
send reboot -f
event event shutdown reboot
end
""" + guest(BZIMAGE, SERIAL, "vcpus 1\npaused\n") + """ask status
ask power-button
ask resume
console com1
expect is up
send echo sci $(grep acpi /proc/interrupts)
expect IO-APIC
ask power-button
event event shutdown poweroff
end
""")
    assert 'drive: outcome "reboot" status 0' in said
    assert "state=paused\nreason=user" in said and "error EBUSY" in said
    assert 'drive: outcome "poweroff" status 0' in said


def test_saved_and_loaded(run):
    """The guest goes on in a new process where it was, with its disk, its clock and its count; or in the old one, when there is
    no room for its state, and beside a dump of its memory."""
    said = run(guest(ELF, VIRTIO, DISK, "vcpus 2\n") + """console hvc
expect #
send X=0; while :; do X=$((X+1)); [ $((X % 10000)) = 0 ] && echo count $X; done
expect count 10000
ask save @/tiny/s.img
ask status
expect 0000
ask memory-dump live @/live.img
ask status
ask memory-dump @/core.img
ask status
expect 0000
ask save sideways @/s.img
ask save offset=65536 @/s.img
ask status
ask stop
end
""" + guest(DISK, "vcpus 2\nload fd=@/s.img offset=65536\n") + """console hvc
expect 0000
ask status
ask stop
end
""" + guest(DISK, "vcpus 2\npaused\nload fd=@/s.img offset=65536\n") + """ask status
ask resume
ask status
ask stop
end
""" + guest(DISK, "vcpus 1\nload fd=@/s.img offset=65536\n").replace("run\n", "run\nend\n") +
               guest(DISK, "vcpus 2\nload fd=@/s.img\n").replace("run\n", "run\nend\n"),
               before="truncate -s 64M /d.img; mkdir /tiny; mount -t tmpfs -o size=1M none /tiny",
               after="cut -c 2-4 < /core.img | head -n 1; du -m /s.img")
    first, second, third, rest = said.split('drive: outcome "stopped" status 0')
    assert "error ENOSPC save: No space left on device" in first
    reasons = re.findall(r"state=(\w+)\nreason=([\w-]+)", first)
    assert reasons == [("running", "save-canceled"), ("running", "save-canceled"), ("running", "resumed"), ("paused", "saving")]
    assert 'error EINVAL "sideways" is not known' in first
    counts = [int(number) for number in re.findall(r"count (\d+)", second)]
    assert counts and counts[0] > 20000, "the count began anew"
    assert "guest-init" not in second, "the guest booted"
    assert re.findall(r"state=(\w+)\nreason=(\w+)", second + third) == [
        ("running", "restored"), ("paused", "user"), ("running", "restored")]
    assert 'drive: outcome "failed load: the state is of a guest with another number of vCPUs" status 1' in rest
    assert 'drive: outcome "failed load: this is no whole state of a guest with that much memory" status 1' in rest
    assert "ELF" in rest
    assert int(re.search(r"(\d+)\s+/s.img", rest).group(1)) < 128, "zeros take space"


def test_what_cannot_be_started_says_why(run):
    said = run(guest("kernel fd=@guest/initrd\nvcpus 1\n").replace("run\n", "run\nend\n") +
               guest(BZIMAGE, "vcpus 1\ncpu pentium\n").replace("run\n", "run\nend\n") +
               guest(BZIMAGE, "vcpus 1\n").replace("268435456", "33554432").replace("run\n", "run\nend\n"))
    assert 'outcome "failed the kernel is neither a bzImage nor an ELF file" status 1' in said
    assert 'outcome "failed cpu "pentium" is not known' in said
    assert re.search(r'outcome "failed the kernel needs memory from 0x\w+ to 0x\w+; the guest has less" status 1', said)


def test_fenced_in(run):
    """What the process holds while its guest runs: nobody's user, no capability, no file, a filter a thread."""
    look = "for t in /proc/$(pidof berth-vmm)/task/*; do grep -hE '^(Name|Uid|Groups|Cap[EPB]|NoNew|Seccomp:)' $t/status; done"
    said = run(guest(ELF, SERIAL, "vcpus 1\n") + """console com1
expect #
shell """ + look + """; ls -la /proc/$(pidof berth-vmm)/root/; echo looked
ask stop
end
""")
    threads = re.split(r"^Name:", said, flags=re.M)[1:]
    # The kernel's own worker that recovers huge pages counts among the process's, once it is there; it runs no code of ours.
    threads = [t for t in threads if not t.split()[0].startswith("kvm-nx-lpage")]
    assert sorted(t.split()[0] for t in threads) == ["berth-vmm", "io", "vcpu0"]
    for thread in threads:
        assert re.search(r"Uid:\s+1000\s+1000\s+1000\s+1000", thread)
        assert re.search(r"CapEff:\s+0{16}\b", thread) and re.search(r"CapPrm:\s+0{16}\b", thread)
        assert re.search(r"CapBnd:\s+0{16}\b", thread)
        assert re.search(r"NoNewPrivs:\s+1", thread) and re.search(r"Seccomp:\s+2", thread)


def test_a_distribution_kernel_that_panics(run, tmp_path):
    """Debian's: it finds the machine's name, the clock, the processor's place, and tells of its panic."""
    kernel = quick.debian_kernel()
    image = tmp_path / "vmlinuz"
    image.write_bytes(kernel.image.read_bytes())
    modules = ("virtio_pci", "virtio_blk", "virtio_console", "pvpanic_mmio")
    quick.initrd(tmp_path / "initrd", kernel, modules, quick.GUEST_INIT, {}, {})
    said = run(guest("kernel fd=@/vmlinuz\ninitrd fd=@/initrd\n", SERIAL, DISK,
                     "vcpus 2 sockets=1 cores=1 threads=2\nclock utc offset=86400\n") + """console com1
expect #
send cd /sys/class/dmi/id; echo dmi $(cat product_name product_serial product_uuid sys_vendor chassis_type)
expect #
send echo siblings $(cat /sys/devices/system/cpu/cpu1/topology/thread_siblings_list) $(cat /sys/devices/system/clocksource/clocksource0/current_clocksource)
expect #
send ls /dev/hvc0 /dev/vda; echo day $(($(date +%s) / 86400)) is $((1 + 1))
expect is 2
expect #
shell echo node $(($(date +%s) / 86400))
send echo c > /proc/sysrq-trigger
event event crashed
end
""", image, tmp_path / "initrd")
    assert "dmi Virtual Machine test 12345678-1234-5678-9abc-def012345678 Berth 1" in said
    assert re.search(r"siblings 0[-,]1 (tsc|kvm-clock)", said)
    assert int(re.search(r"^day (\d+)", said, re.M).group(1)) == int(re.search(r"^node (\d+)", said, re.M).group(1)) + 1
    assert "drive: outcome \"crash the guest's kernel panicked\" status 0" in said


def test_network_with_and_without_vhost(run):
    taps = "; ".join(f"tunctl -t t{i}; ifconfig t{i} 10.{i}.0.1 netmask 255.255.255.0" for i in (1, 2))
    said = run(guest(ELF, VIRTIO.replace("\n", " guest.dhcp=no\n"), "vcpus 2\n",
                     "nic id=fast fd=@tap:t1 mac=52:54:00:11:22:33 vhost=@/dev/vhost-net mtu=1400\n",
                     "nic id=slow fd=@tap:t2 mac=52:54:00:11:22:34\n") + """console hvc
expect guest#
send for i in 1 2; do ifconfig eth$((i - 1)) 10.$i.0.2; ping -c 1 -w 20 10.$i.0.1; done; echo link $(cat /sys/class/net/eth1/carrier)
expect link 1
ask stats
ask nic-link slow down
send cat /sys/class/net/eth0/mtu; while [ $(cat /sys/class/net/eth1/carrier) = 1 ]; do usleep 50000; done; echo link $(cat /sys/class/net/eth1/carrier)
expect link 0
ask nic-link slow sideways
ask stop
end
""", before=taps)
    assert "64 bytes from 10.1.0.1: " in said and "64 bytes from 10.2.0.1: " in said
    assert "nic.fast.vhost=1" in said and "nic.slow.vhost=0" in said
    assert re.search(r"nic.slow.rx-packets=[1-9]", said) and "1400" in said
    assert 'error EINVAL "sideways" is neither up nor down' in said


def test_many_processors_and_memory_on_both_sides_of_the_hole(run):
    """A named processor, its topology, and memory above 4 GiB; then the smallest memory that the kernel takes."""
    small = "cmdline console=hvc0 quiet guest.dhcp=no\n"
    said = run((guest(ELF, small, "vcpus 16 sockets=2 cores=4 threads=2\ncpu x86-64-v2\n") + """console hvc
expect guest#
send grep -m 1 'model name' /proc/cpuinfo; grep 'core id' /proc/cpuinfo | sort | uniq -c; grep RAM /proc/iomem; echo cpus $(nproc)
expect cpus 16
ask stop
end
""").replace("268435456", "5368709120") + (guest(ELF, small, "vcpus 1\n") + """console hvc
expect guest#
ask stop
end
""").replace("268435456", "67108864"))
    assert "Berth x86-64-v2" in said
    assert len(re.findall(r"^ +4 core id\s+: [0-3]\s*$", said, re.M)) == 4
    assert "00100000-bfffffff : System RAM" in said and "100000000-17fffffff : System RAM" in said
    assert said.count('drive: outcome "stopped" status 0') == 2
