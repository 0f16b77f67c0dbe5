# SPDX-License-Identifier: GPL-2.0-only
"""Disks and NICs that come and go while a guest of the VMM runs, on a real KVM."""

import re

import quick
from test_vmm import DISK, ELF, SERIAL, VIRTIO, driver, guest, run  # noqa: F401  # pylint: disable=unused-import

FILES = ("for f in d e f; do truncate -s 64M /$f.img; done;"
         "for i in 1 2 3; do tunctl -t t$i; ifconfig t$i 10.$i.0.1 netmask 255.255.255.0; done")
NO_DHCP = VIRTIO.replace("\n", " guest.dhcp=no\n")
WAIT = "while ! [ -e {} ]; do usleep 50000; done; "
NUMBER_OF_FILES = "ls /proc/$(pidof berth-vmm)/fd | wc -l"


def test_disks_and_nics_come_and_go(run):  # noqa: F811
    """What is waited for is written so that the echo of the command is not it."""
    said = run(guest(ELF, NO_DHCP, DISK, "vcpus 2\n") + f"""console hvc
expect guest#
shell echo before $({NUMBER_OF_FILES})
ask disk-add id=vdb fd=0 serial=NEW read-iops=100000 @/e.img
send {WAIT.format("/dev/vdb")} echo $(cat /sys/block/vdb/serial); dd if=/dev/urandom of=/dev/vdb bs=64k count=16 conv=fsync 2> /dev/null; head -c 1048576 /dev/vdb | md5sum; echo wro''te
expect wrote
shell ls -l /proc/$(pidof berth-vmm)/fd | grep -c io_uring
ask nic-add id=fast fd=0 vhost=1 mac=52:54:00:11:22:33 mtu=1400 @tap:t1 @/dev/vhost-net
ask nic-add id=slow fd=0 mac=52:54:00:11:22:34 @tap:t2
send {WAIT.format("/sys/class/net/eth1")} for i in 1 2; do ifconfig eth$((i - 1)) 10.$i.0.2; ping -c 1 -w 20 10.$i.0.1; done; echo pin''ged
expect pinged
ask stats
ask devices
ask disk-add id=vdb fd=0 @/f.img
ask disk-add id=vdc fd=1 @/f.img
ask nic-add id=third fd=0 vhost=1 mac=52:54:00:11:22:35 @tap:t3
ask disk-add id=vdc @/f.img
ask disk-add id=vdc fd=0
ask disk-remove vdz
ask nic-remove vdb
send cd /sys/bus/pci/slots; echo 0 > 5/power; echo 1 > 5/power; {WAIT.format("/dev/vdb")} echo ba''ck
expect back
send while :; do dd if=/dev/zero of=/dev/vdb bs=64k seek=16 count=64 oflag=direct 2> /dev/null || break; done &
ask disk-remove vdb
event event disk vdb removed
ask nic-remove fast
event event nic fast removed
ask nic-remove slow
event event nic slow removed
send ls /sys/block /sys/class/net; echo lis''ted
expect listed
shell echo after $({NUMBER_OF_FILES})
ask devices
ask reset
ask disk-remove vda
expect up after
ask devices
ask disk-remove vda
event event disk vda removed
ask stop
end
""", before=FILES, after="head -c 1048576 /e.img | md5sum")
    sums = re.findall(r"[0-9a-f]{32}(?=  ?-)", said)
    assert len(sums) == 2 and sums[0] == sums[1], "what was written before the removal is in the file"
    assert "NEW" in said
    assert "64 bytes from 10.1.0.1: " in said and "64 bytes from 10.2.0.1: " in said
    assert re.search(r"^2$", said, re.M), "a disk that comes later has its io_uring as well"
    assert "nic.fast.vhost=1" in said and re.search(r"nic.slow.rx-packets=[1-9]", said) and "disk.vdb.write-bytes=1048576" in said
    assert "disk.vdb.slot=5\ndisk.vdb.state=present\nnic.fast.slot=6" in said
    assert 'error EEXIST disk "vdb" is there already' in said
    assert 'error EBADF disk "vdc": its descriptor did not come along' in said
    assert 'error EBADF nic "third": a descriptor of it did not come along' in said
    assert "error EINVAL fd is missing" in said and "error EBADF disk-add: no descriptor came along" in said
    assert said.count("error ENOENT") == 2
    assert said.count("disk.vda.state=leaving") == 1, "a guest that is not up yet does not hear that it is asked, and is asked again"
    before, after = (int(re.search(rf"^{when} (\d+)", said, re.M).group(1)) for when in ("before", "after"))
    assert before == after, "descriptors are left"
    listed = said[said.rindex("guest# ls /sys/block"):]
    assert "vda" in listed and "vdb" not in listed and "eth0" not in listed


def test_what_came_survives_reset_and_save(run):  # noqa: F811
    """The loaded guest's definition has its disks in another order than they came in; what is asked for goes with a reset."""
    loaded = "disk id=vdc fd=@/f.img\ndisk id=vdb fd=@/e.img serial=NEW\n" + DISK + "nic id=lan fd=@tap:t1 mac=52:54:00:11:22:33\n"
    said = run(guest(ELF, NO_DHCP, DISK, "vcpus 1\npaused\n") + f"""ask disk-add id=vdb fd=0 serial=NEW @/e.img
ask disk-remove vdb
ask devices
ask reset
event event disk vdb removed
ask devices
ask disk-add id=vdb fd=0 serial=NEW @/e.img
ask resume
console hvc
expect guest#
send {WAIT.format("/dev/vdb")} echo ca''me
expect came
ask reset
expect guest-init: up
expect guest#
send dmesg -n 1; cat /sys/block/vdb/serial; echo aga''in
expect again
ask nic-add id=lan fd=0 mac=52:54:00:11:22:33 @tap:t1
ask disk-add id=vdc fd=0 @/f.img
send {WAIT.format("/dev/vdc")} {WAIT.format("/sys/class/net/eth0")} ifconfig eth0 10.1.0.2; dd if=/dev/urandom of=/dev/vdc bs=64k count=4 conv=fsync 2> /dev/null; echo 1 > /proc/sys/vm/drop_caches; echo rea''dy
expect ready
ask pause
ask save @/s.img
ask stop
end
""" + guest(loaded, "vcpus 1\nload fd=@/s.img\n") + """console hvc
send head -c 262144 /dev/vdc | md5sum; echo $(cat /sys/block/vdb/serial); ping -c 1 -w 20 10.1.0.1; echo load''ed
expect loaded
ask devices
ask disk-remove vdc
event event disk vdc removed
send ls /sys/block; echo lis''ted
expect listed
ask stop
end
""" + guest(DISK, "vcpus 1\nload fd=@/s.img\n").replace("run\n", "run\nend\n"),
               before=FILES, after="head -c 262144 /f.img | md5sum")
    assert "disk.vdb.state=leaving" in said and "error" not in said
    sums = re.findall(r"[0-9a-f]{32}(?=  ?-)", said)
    assert len(sums) == 2 and sums[0] == sums[1], said
    assert "64 bytes from 10.1.0.1: " in said
    assert said.count("NEW") >= 2
    slots = dict(re.findall(r"^((?:disk|nic)\.\w+)\.slot=(\d+)$", said, re.M))
    assert slots == {"disk.vda": "1", "disk.vdb": "5", "nic.lan": "6", "disk.vdc": "7"}
    assert 'failed load: the state is of a guest with a device more: disk "vdb"' in said


def test_a_distribution_kernel_gives_and_takes(run, tmp_path):  # noqa: F811
    kernel = quick.debian_kernel()
    image = tmp_path / "vmlinuz"
    image.write_bytes(kernel.image.read_bytes())
    quick.initrd(tmp_path / "initrd", kernel, ("virtio_pci", "virtio_blk", "virtio_net"), quick.GUEST_INIT, {}, {})
    said = run(guest("kernel fd=@/vmlinuz\ninitrd fd=@/initrd\n", SERIAL, DISK, "vcpus 2\n") + f"""console com1
expect #
ask disk-add id=vdb fd=0 serial=NEW @/e.img
ask nic-add id=lan fd=0 mac=52:54:00:11:22:33 @tap:t1
send {WAIT.format("/dev/vdb")} {WAIT.format("/sys/class/net/eth0")} cat /sys/block/vdb/serial /sys/class/net/eth0/address; echo ca''me
expect came
ask disk-remove vdb
event event disk vdb removed
ask nic-remove lan
event event nic lan removed
send ls /sys/block /sys/class/net; echo lis''ted
expect listed
ask stop
end
""", image, tmp_path / "initrd", before=FILES)
    assert re.search(r"NEW\s*52:54:00:11:22:33", said)
    listed = said[said.rindex("ls /sys/block"):]
    assert "vda" in listed and "vdb" not in listed and "eth0" not in listed
