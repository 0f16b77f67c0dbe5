# SPDX-License-Identifier: GPL-2.0-only
"""What administrators of KVM hosts type, in their words, on one booted node: each step is a page of the manuals they have."""

import re
import subprocess

from small_guests import NODE, GuestConsole, guest, make_data, wait_for_line

IMAGES = "/var/lib/libvirt/images"
ISO = f"""<disk type="file" device="disk">
    <driver name="file"/>
    <source file="{IMAGES}/satellite.iso"/>
    <target dev="hdc"/>
    <readonly/>
</disk>
"""
VNET1 = """<network>
  <name>vnet1</name>
  <uuid>98361b46-1581-acb7-1643-85a412626e70</uuid>
  <forward dev='eth0'/>
  <bridge name='vnet0' stp='on' forwardDelay='0' />
  <ip address='192.168.100.1' netmask='255.255.255.0'>
    <dhcp>
      <range start='192.168.100.128' end='192.168.100.254' />
    </dhcp>
  </ip>
</network>
"""


def put(node, path: str, text: str) -> None:
    assert node.ssh(f"cat > {path}", stdin=text.encode()).returncode == 0


def can_virtualize(node) -> None:
    node.run("grep -qE 'svm|vmx' /proc/cpuinfo && lsmod | grep -qE '^kvm_(intel|amd) '")
    assert "<capabilities>" in node.run("virsh capabilities")
    assert "CPU(s): " in node.run("virsh nodeinfo")


def default_network_brought_back(node) -> None:
    """It is gone, and comes back from the file that hosts have of it."""
    node.run("virsh net-destroy default && virsh net-undefine default")
    assert "default" not in node.run("virsh net-list --all")
    node.run("virsh net-define /usr/share/libvirt/networks/default.xml")
    assert node.run("virsh net-autostart default") == "Network default marked as autostarted\n\n"
    assert node.run("virsh net-start default") == "Network default started\n\n"
    assert re.search(r"^virbr0\t+8000\.[0-9a-f]{12}\t+no\t*$", node.run("brctl show"), re.M)
    assert re.search(r"default +active +yes +yes", node.run("virsh net-list --all"))


def second_network(node) -> None:
    put(node, "vnet1.xml", VNET1)
    node.run("virsh net-define vnet1.xml && virsh net-start vnet1 && virsh net-autostart vnet1")
    assert re.search(r"vnet1 +active +yes", node.run("virsh net-list"))
    dumped = node.run("virsh net-dumpxml vnet1")
    for part in ("<name>vnet1</name>", "<uuid>98361b46-1581-acb7-1643-85a412626e70</uuid>", "<bridge name='vnet0' stp='on'",
                 "<ip address='192.168.100.1'", "<range start='192.168.100.128' end='192.168.100.254'/>"):
        assert part in dumped, dumped
    assert node.run("virsh net-uuid vnet1").strip() == "98361b46-1581-acb7-1643-85a412626e70"
    assert node.run("virsh net-name 98361b46-1581-acb7-1643-85a412626e70").strip() == "vnet1"
    assert b"active" in node.ssh("virsh net-undefine vnet1").stderr
    node.run("virsh net-destroy vnet1 && virsh net-undefine vnet1")
    assert "vnet1" not in node.run("virsh net-list --all")


def installed_from_a_tree(node) -> None:
    """A text console, no NIC, a volume of a size that the pool does not have yet."""
    node.run("virt-install -n hostdev-test -r 96 --vcpus 2 --os-variant fedora11 -v --accelerate -l /data/boot,kernel=vmlinux,initrd=initrd "
             "-x 'console=ttyS0 vnc quiet guest.name=hostdev-test' --nonetworks --nographics --disk pool=default,size=8 --debug --noautoconsole")
    with GuestConsole(node, "hostdev-test") as console:
        assert "lo" in console.run("ls /sys/class/net") and "eth" not in console.run("ls /sys/class/net")
        console.run(f"[ $(cat /sys/block/vda/size) = {8 << 21} ]")
    assert re.search(r"Capacity: +8.00 GiB\nAllocation: +0", node.run("virsh vol-info hostdev-test.img --pool default"))
    node.run("virsh destroy hostdev-test && virsh undefine hostdev-test --remove-all-storage")


def file_backed_disk(node) -> None:
    """Made with dd, its element copied from the guest's own, used with fdisk; there again after a restart."""
    node.run(f"dd if=/dev/zero of={IMAGES}/FileName.img bs=1M count=64")
    text = node.run("virsh dumpxml Guest1")
    disk = re.search(r" *<disk .*?</disk>\n", text, re.S).group(0)
    more = disk.replace("Guest1.img", "FileName.img").replace("<target dev='vda' bus='virtio'/>", "<target dev='hda'/>")
    put(node, "Guest1.xml", text.replace(disk, disk + more))
    assert b"already active" in node.ssh("virsh create Guest1.xml").stderr
    node.run("virsh destroy Guest1 && virsh create Guest1.xml")
    with GuestConsole(node, "Guest1") as console:
        console.run("printf 'n\\np\\n1\\n\\n\\nt\\n83\\nw\\n' | fdisk /dev/vdb; echo kept > /dev/vdb1; sync")
    node.run("virsh destroy Guest1 && virsh create Guest1.xml")
    with GuestConsole(node, "Guest1") as console:
        console.run("[ $(head -n 1 /dev/vdb1) = kept ]")
        attached(node, console)


def attached(node, console) -> None:
    """A partition by the kernel's name, and an ISO by either way: there without a restart, and read-only."""
    console.run("cat /proc/partitions > /tmp/before")
    assert "Disk attached successfully" in node.run("virsh attach-disk Guest1 /dev/vdc1 sdc --driver tap --mode readonly")
    console.run("until grep -q vdc /proc/partitions; do sleep 1; done; ! dd if=/dev/zero of=/dev/vdc count=1 2> /dev/null")
    assert re.search(r"sdc +/dev/vdc1", node.run("virsh domblklist Guest1"))
    assert "Disk detached successfully" in node.run("virsh detach-disk Guest1 sdc")
    console.run("while grep -q vdc /proc/partitions; do sleep 1; done")
    console.run("cmp /tmp/before /proc/partitions")
    put(node, "satelliteiso.xml", ISO)
    node.run(f"echo iso > {IMAGES}/satellite.iso && truncate -s 1M {IMAGES}/satellite.iso")
    assert "Device attached successfully" in node.run("virsh attach-device Guest1 satelliteiso.xml")
    console.run("until grep -q vdc /proc/partitions; do sleep 1; done; [ $(head -c 3 /dev/vdc) = iso ] && [ $(cat /sys/block/vdc/ro) = 1 ]")
    node.run("virsh detach-disk Guest1 hdc")


def test_the_manuals_words(make_node):
    node = make_node(NODE + guest("Guest1", "disk = default/Guest1.img", kernel="vmlinux"), memory=1024)
    make_data(node, {"Guest1.img": 16})
    disk = node.folder / "partitioned.img"
    with open(disk, "wb") as stream:
        stream.truncate(16 << 20)
    subprocess.run(["sgdisk", "--new=1:2048:0", disk], check=True, capture_output=True)
    node.extra += ["-drive", f"if=none,id=more,file={disk},format=raw,cache=unsafe", "-device", "virtio-blk-pci,drive=more,serial=MORE"]
    with node:
        node.wait_for_ssh()
        can_virtualize(node)
        default_network_brought_back(node)
        second_network(node)
        installed_from_a_tree(node)
        wait_for_line(node, "Guest1", "guest: Guest1 is up")
        file_backed_disk(node)
