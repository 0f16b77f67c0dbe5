# SPDX-License-Identifier: GPL-2.0-only
"""A guest that counts and writes, saved and restored: by Debian's virsh, with the node, and when something comes in between."""

import itertools
import re
import struct
import subprocess
import time

from guests import GUEST, Virsh, node_with_guests, wait_running
from harness import seconds

marks = itertools.count(1)
# Bytes a second that the node's data disk takes: a save lasts longer than whatever comes in between.
SLOW = 2 << 20
CONFIG = (GUEST.format("web") + "    disk = default/web.raw\n    on-node-shutdown = save timeout=5m\n" +
          GUEST.format("panic").replace("quiet", "quiet test=echo,c,>/proc/sysrq-trigger") + "    on-crash = dump-destroy\n")


def begin_work(virsh) -> None:
    """It counts in a file, and writes blocks that can be checked to its disk."""
    with virsh.console("web") as console:
        console.send("guest-tool stamp /dev/vda 0 > /tmp/stamps &\r")
        console.send("(while :; do i=$((i+1)); echo $i > /tmp/m; mv /tmp/m /tmp/n; sleep 1; done) & echo under''way\r")
        # There may be more prompts than lines: the shell was knocked at until it answered.
        console.expect("underway")


def count_of(virsh) -> int:
    mark = next(marks)
    with virsh.console("web") as console:
        console.send(f"until [ -e /tmp/n ]; do usleep 100000; done; echo mark {mark} at $(cat /tmp/n).\r")
        console.expect(rf"mark {mark} at (\d+)\.")
        return int(console.match.group(1))


def check_disk(virsh) -> None:
    with virsh.console("web") as console:
        console.send("kill %1; guest-tool check /dev/vda $(grep -c flushed /tmp/stamps)\r")
        console.expect(r"guest-tool: [1-9]\d* blocks are as stamped")


def writes_at(node, speed: int) -> None:
    """The data disk takes so many bytes a second from now on; 0 is as many as come."""
    node.monitor.command("block_set_io_throttle", device="data0", bps=0, bps_rd=0, bps_wr=speed, iops=0, iops_rd=0, iops_wr=0)


def begin_save(virsh) -> subprocess.Popen:
    """One that is under way."""
    saving = subprocess.Popen(virsh.command("save", "web", "/data/web.save"), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + seconds(60)
    # The job is there before the guest stands still.
    while virsh("domstate", "web", "--reason").strip() != "paused (saving)":
        assert saving.poll() is None and time.monotonic() < deadline, saving.communicate()
    assert "Save" in virsh("domjobinfo", "web")
    return saving


def check_core(core: bytes) -> None:
    """Registers and memory of a core's beginning (ELF-64): where the processor was, and the kernel's command line where it was put."""
    start, size, count = struct.unpack_from("<Q14xHH", core, 32)[0], *struct.unpack_from("<HH", core, 54)
    parts = [struct.unpack_from("<IIQQQQQQ", core, start + i * size) for i in range(count)]
    note = next(part[2] for part in parts if part[0] == 4)
    load = next(part for part in parts if part[0] == 1)
    # A note's head, "CORE" in 8 bytes; registers are at byte 112 of struct elf_prstatus, RIP is the 17th of them.
    assert core[note + 12:note + 16] == b"CORE" and struct.unpack_from("<Q", core, note + 20 + 112 + 16 * 8)[0] != 0
    at = load[2] + 0x20000 - load[4]
    assert core[at:at + 64].startswith(b"console="), core[at:at + 64]



def test_saved_and_restored(make_node):
    node = node_with_guests(make_node, CONFIG)
    with node:
        node.wait_for_ssh()
        node.wait_until("grep -q mounted /run/berth/state/data")
        node.run("dd if=/dev/zero of=/data/images/web.raw bs=1M count=32 2> /dev/null && sv hup /run/service/berthd")
        with Virsh(node) as virsh:
            virsh("start", "web")
            begin_work(virsh)
            before = count_of(virsh)
            # Given up.
            writes_at(node, SLOW)
            saving = begin_save(virsh)
            virsh("domjobabort", "web")
            assert "given up" in saving.communicate(timeout=seconds(60))[1] and saving.returncode == 1
            assert virsh("domstate", "web", "--reason").strip() == "running (save canceled)"
            # Nobody there to finish it. The client hears of it.
            saving = begin_save(virsh)
            node.run("kill -9 $(pidof berthd)")
            assert saving.wait(seconds(60)) == 1
        writes_at(node, 0)
        node.wait_until("virsh list > /dev/null 2>&1")
        wait_running(node, "web")
        node.run("! ls /data/*.save*")
        with Virsh(node) as virsh:
            assert virsh("domstate", "web", "--reason").strip() == "running (save canceled)"
            assert count_of(virsh) > before
            # While it runs, its memory.
            virsh("dump", "web", "/data/web.core", "--memory-only", "--live")
            core = node.folder / "core"
            core.write_bytes(node.ssh("head -c 262144 /data/web.core; rm /data/web.core").stdout)
            said = subprocess.run(["readelf", "-hln", core], capture_output=True, text=True, check=False).stdout
            assert "CORE (Core file)" in said and said.count(" LOAD ") == 1 and "NT_PRSTATUS" in said
            check_core(core.read_bytes())
            # In whole.
            before = count_of(virsh)
            virsh("save", "web", "/data/web.save", timeout=240)
            assert virsh("domstate", "web", "--reason").strip() == "shut off (saved)"
            assert "<name>web</name>" in virsh("save-image-dumpxml", "/data/web.save")
            virsh("restore", "/data/web.save")
            assert virsh("domstate", "web", "--reason").strip() == "running (restored)"
            after = count_of(virsh)
            assert before <= after < before + 60, "the count began anew"
            node.run("rm /data/web.save")
            # For the next start, which boots if that is wished.
            virsh("start", "panic")
            node.wait_until("ls /data/dump/panic-*.core && [ \"$(virsh domstate panic --reason | head -n 1)\" = 'shut off (crashed)' ]", 120)
            assert node.ssh("head -c 4 /data/dump/panic-*.core; rm /data/dump/*").stdout == b"\x7fELF"
        node.ssh("berth reboot")
        node.wait_off(180)
        node.start().wait_for_ssh()
        assert "Last boot     shut down in order" in node.ssh("berth status").stdout.decode()
        wait_running(node, "web")
        with Virsh(node) as virsh:
            assert virsh("domstate", "web", "--reason").strip() == "running (restored)"
            assert after < count_of(virsh)
            check_disk(virsh)
            assert re.search(r"Managed save: +no", virsh("dominfo", "web"))
            assert "autostart" not in node.run("cat /run/berth/berth.conf"), "it goes on though nothing starts it"
