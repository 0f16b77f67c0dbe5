# SPDX-License-Identifier: GPL-2.0-only
"""A machine that is not well, or not as others: a disk that says that it fails, firmware that a device misses, firmware in the
image, a console at the speed of the machine's own table."""

import os
import struct
import subprocess

from harness import OUT, REPO
from prometheus_client.parser import text_string_to_metric_families

CONFIG = "[node]\n    hostname = node1\n    metrics = 0.0.0.0:9177\n"
# "Percentage of spare blocks below its threshold" (NVM Express, log page 02h).
SPARE_USED_UP = 1


def spcr(folder):
    """The firmware's table that names the first serial port, at 19200."""
    data = bytearray(80 - 36)
    # Behind the 36 bytes of the header: kind of UART, an address in I/O space, the speed.
    struct.pack_into("<BxxxBBBBQ", data, 0, 0, 1, 8, 0, 1, 0x3F8)
    data[58 - 36] = 4
    path = folder / "spcr"
    path.write_bytes(data)
    return ["-acpitable", f"sig=SPCR,rev=2,data={path}"]


def add_firmware(node, folder) -> None:
    """Into the initrd in slot A, as the build puts it there."""
    made = folder / "made-up"
    for name, text in {"tigon/tg3.bin": "made up", "rtl_nic/rtl8168h-2.fw": "also", "amd-ucode/microcode_amd.bin": "not really"}.items():
        (made / name).parent.mkdir(parents=True, exist_ok=True)
        (made / name).write_text(text)
    subprocess.run([REPO / "image-build" / "firmware.sh", made, OUT / "stage/linux/target/lib/modules", folder], check=True)
    initrd = (OUT / "images" / "initrd").read_bytes()
    node.boot.write("/a/initrd", (folder / "microcode.cpio").read_bytes() + initrd + (folder / "firmware.cpio").read_bytes())


def figures(node) -> dict:
    text = node.run("wget -q -O - http://127.0.0.1:9177/metrics")
    return {(sample.name, *sample.labels.values()): sample.value for family in text_string_to_metric_families(text) for sample in family.samples}


def test_hardware(make_node, tmp_path):
    node = make_node(CONFIG)
    add_firmware(node, tmp_path)
    disk = tmp_path / "disk.img"
    disk.write_bytes(bytes(1 << 20))
    os.truncate(disk, 64 << 20)
    node.extra = [*spcr(tmp_path), "-drive", f"if=none,id=d1,file={disk},format=raw,read-only=on", "-device", "nvme,drive=d1,serial=N1,id=weak",
                  "-drive", f"if=none,id=d2,file={disk},format=raw,file.locking=off,snapshot=on", "-device", "ide-hd,drive=d2,bus=ide.1,serial=A1",
                  "-device", "virtio-scsi-pci", "-drive", f"if=none,id=d3,file={disk},format=raw,file.locking=off,snapshot=on",
                  "-device", "scsi-hd,drive=d3,serial=S1"]
    with node:
        node.wait_for_ssh()
        assert node.run("stty -F /dev/ttyS0 speed") == "19200\n"
        # What the modules would ask for, where the kernel looks for it, and nothing of the archives elsewhere.
        assert node.run("cd /lib/firmware && find . -type f | sort && xz -dc tigon/tg3.bin.xz") == \
            "./rtl_nic/rtl8168h-2.fw.xz\n./tigon/tg3.bin.xz\nmade up"
        node.wait_until("test -d /run/berth/state/disks")
        assert node.run("ls /run/berth/state/notes") == ""
        ata, scsi = (node.run(f"berthconf facts | sed -n 's/^disk \\([a-z]*\\) serial:{serial} .*/\\1/p'").strip() for serial in ("A1", "S1"))
        assert node.run(f"cd /run/berth/state/disks && for d in nvme0n1 {ata} {scsi}; do head -n 1 $d; done") == "well\nwell\nunknown\n"
        assert "disk_powered_seconds_total counter" in node.run(f"cat /run/berth/state/disks/{ata}")
        assert figures(node)["berth_disk_failing", "nvme0n1"] == 0

        node.monitor.command("qom-set", path="/machine/peripheral/weak", property="smart_critical_warning", value=SPARE_USED_UP)
        # As the kernel says it (drivers/base/firmware_loader/main.c); no device of QEMU's asks for firmware.
        node.run("echo '<4>bnx2 0000:03:00.0: Direct firmware load for bnx2/bnx2-mips-09-6.2.1b.fw failed with error -2' > /dev/kmsg")
        node.run("/usr/lib/berth/hardware")
        said = " ".join(node.ssh("berth status").stdout.decode().split())
        assert "the disk nvme0n1 (serial:N1) says that it fails: its spare blocks are used up" in said
        assert "may not work: bnx2/bnx2-mips-09-6.2.1b.fw (bnx2 0000:03:00.0); build the image with it" in said
        got = figures(node)
        assert got["berth_disk_failing", "nvme0n1"] == 1 and got["berth_disk_failing", ata] == 0
        assert ("berth_disk_failing", scsi) not in got and got["berth_disk_media_errors_total", "nvme0n1"] == 0
        # It may be well again, after new firmware say.
        node.monitor.command("qom-set", path="/machine/peripheral/weak", property="smart_critical_warning", value=0)
        node.run("/usr/lib/berth/hardware")
        assert node.run("ls /run/berth/state/notes") == "firmware\n"
