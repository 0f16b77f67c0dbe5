# SPDX-License-Identifier: GPL-2.0-only
"""Networks, pools and volumes of a booted node, written by Debian's virsh at a desk; they are there again after a reboot."""

import hashlib
import os
import random
import stat
import subprocess

import pytest
from harness import QUICK_SSH, Node, seconds

MIB = 1 << 20
NETWORK = """<network>
  <name>lab</name>
  <forward mode='nat'/>
  <ip address='10.44.0.1' netmask='255.255.255.0'>
    <dhcp>
      <range start='10.44.0.100' end='10.44.0.200'/>
    </dhcp>
  </ip>
</network>
"""
HOST = "<host mac='52:54:00:44:00:02' name='two' ip='10.44.0.2'/>"
# A machine on the bridge, with the address by which it is known: a veth in a namespace, with the node's DHCP client.
JOIN = """
ip link add lab0 type veth peer name lab1 && ip link set dev lab0 master br-lab up &&
ip netns add there && ip link set dev lab1 netns there && ip -n there link set dev lab1 address 52:54:00:44:00:02 up &&
ip netns exec there udhcpc -i lab1 -n -q -t 60 -T 1 -s /bin/true 2>&1
"""


class Desk:
    """Debian's virsh on this machine, over ssh."""

    def __init__(self, node: Node):
        self.ssh = node.folder / "ssh"
        self.ssh.write_text(f"#!/bin/sh\nexec ssh -F none -i {node.key.path} -o IdentitiesOnly=yes -o BatchMode=yes "
                            f"-o LogLevel=ERROR -o UserKnownHostsFile={node.folder / 'known_hosts'} "
                            f"-o StrictHostKeyChecking=accept-new {' '.join(QUICK_SSH)} \"$@\"\n")
        self.ssh.chmod(self.ssh.stat().st_mode | stat.S_IXUSR)
        self.node = node

    def run(self, line: str) -> subprocess.CompletedProcess:
        uri = f"qemu+ssh://root@127.0.0.1:{self.node.port}/system?command={self.ssh}"
        return subprocess.run(["/usr/bin/virsh", "-q", "-c", uri, line], capture_output=True, text=True,
                              timeout=seconds(180), check=False, env={**os.environ, "LC_ALL": "C.UTF-8"})

    def virsh(self, line: str) -> str:
        done = self.run(line)
        assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"
        return done.stdout

    def refused(self, line: str) -> str:
        done = self.run(line)
        assert done.returncode == 1, f"{line}\n{done.stdout}"
        return done.stderr


@pytest.fixture
def desk(make_node):
    node = make_node(None)
    node.set_config("[node]\n    hostname = node1\n    data = serial:DATA0 format=if-blank\n[pool \"default\"]\n    path = images ; the usual place\n")
    disk = node.folder / "data.img"
    with open(disk, "wb") as file:
        file.truncate(256 * MIB)
    node.extra += ["-drive", f"if=none,id=data0,file={disk},format=raw,cache=unsafe",
                   "-device", "virtio-blk-pci,drive=data0,serial=DATA0"]
    with node:
        yield Desk(node.wait_for_ssh())


def digest(path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def a_network(desk):
    node = desk.node
    file = node.folder / "lab.xml"
    file.write_text(NETWORK, encoding="utf-8")
    others = node.run("ip -o link show virbr0; sv status /run/service/dnsmasq-default | cut -d '(' -f 2 | cut -d ')' -f 1")
    desk.virsh(f"net-define {file}; net-start lab; net-autostart lab")
    assert desk.virsh("net-list").split() == ["default", "active", "yes", "yes", "lab", "active", "yes", "yes"]
    node.run("ip addr show dev br-lab | grep -q 10.44.0.1/24 && grep -q 'path = images ; the usual place' /run/berth/berth.conf")
    desk.virsh(f"net-update lab add ip-dhcp-host \"{HOST}\" --live --config")
    said = node.run(JOIN, 90)
    assert "lease of 10.44.0.2 obtained" in said
    # It is written down after the machine has it.
    node.wait_until("virsh net-dhcp-leases lab | grep -q -F 10.44.0.2/24")
    assert "10.44.0.2/24" in desk.virsh("net-dhcp-leases lab")
    # Nothing else was touched: the same bridge, the same server.
    assert node.run("ip -o link show virbr0; sv status /run/service/dnsmasq-default | cut -d '(' -f 2 | cut -d ')' -f 1") == others
    desk.virsh("net-destroy lab")
    node.run("! ip link show br-lab 2> /dev/null")
    assert "is not active" in desk.refused("net-destroy lab")
    desk.virsh("net-start lab")


def volumes(desk):
    node = desk.node
    source, back = node.folder / "source", node.folder / "back"
    chance = random.Random(3)
    with open(source, "wb") as file:
        for at in (0, 20 * MIB, 47 * MIB):
            file.seek(at)
            file.write(chance.randbytes(700000))
        file.truncate(48 * MIB)
    folder = "/var/lib/libvirt/boot"
    desk.virsh(f"pool-define-as boot-scratch dir --target {folder}; pool-build boot-scratch; pool-start boot-scratch; "
               "pool-autostart boot-scratch")
    assert f"<path>{folder}</path>" in desk.virsh("pool-dumpxml boot-scratch")
    desk.virsh(f"vol-create-as default web.img 48M --allocation 0; vol-upload web.img {source} --pool default --sparse")
    assert node.run("sha256sum /data/images/web.img").split()[0] == digest(source)
    assert int(node.run("du -k /data/images/web.img").split()[0]) < 8 * 1024
    desk.virsh(f"vol-clone web.img copy.img --pool default; vol-download copy.img {back} --pool default --sparse")
    assert digest(back) == digest(source) and back.stat().st_blocks * 512 < 8 * MIB
    assert desk.virsh("vol-path /data/images/web.img").strip() == "/var/lib/libvirt/images/web.img"
    # The volume has 256 MiB: what does not fit is refused before it takes anything.
    assert "No space left" in desk.refused("vol-create-as default big.img 1G")
    # Elsewhere a folder is in memory, and would be gone with the next start.
    assert "pool/target/path" in desk.refused("pool-define-as else dir --target /srv/else")


def killed_in_the_middle(desk):
    """berthd is killed while it copies, and while it defines: there is the whole of it, or nothing."""
    node = desk.node
    file = node.folder / "lab2.xml"
    file.write_text(NETWORK.replace("lab", "lab2").replace("10.44", "10.45"), encoding="utf-8")
    for line in ("vol-clone web.img half.img --pool default", f"net-define {file}"):
        with subprocess.Popen([desk.ssh, "-p", str(node.port), "root@127.0.0.1",
                               "sleep 0.3; kill -9 $(cat /run/service/berthd/supervise/pid)"]) as killer:
            desk.run(line)
            killer.wait()
        node.wait_until("virsh list > /dev/null 2>&1", 60)
        node.wait_until("test ! -e /run/berth/apply", 120)
    names = node.run("ls -A /data/images").split()
    assert set(names) - {"half.img"} == {"web.img", "copy.img"}
    if "half.img" in names:
        assert node.run("sha256sum /data/images/half.img").split()[0] == digest(node.folder / "source")
    known = desk.virsh("net-list --all --name").split()
    node.run("berthconf check /run/berth/berth.conf")
    assert ("lab2" in known) == bool(node.ssh("grep lab2 /run/berth/berth.conf").stdout)


# What may be wrong with the place where changes are kept: how it comes and goes, and what is said of it.
FAULTS = {
    "read-only": ("blockdev --setro $(cat /run/berth/medium)", "blockdev --setrw $(cat /run/berth/medium)", "read-only"),
    "full": ("mount -t vfat $(cat /run/berth/medium) /mnt && { cat /dev/zero > /mnt/fill; umount /mnt; } 2> /dev/null",
             "mount -t vfat $(cat /run/berth/medium) /mnt && rm /mnt/fill && umount /mnt", "takes no file of"),
    "absent": ("mv /run/berth/medium /run/berth/medium.aside", "mv /run/berth/medium.aside /run/berth/medium", "no config partition"),
}
CHANGES = ("define /run/more.xml", "undefine kept", "autostart kept", "desc kept --config --title other",
           "metadata kept urn:x --key x --set '<x/>'",
           "net-define /run/lab3.xml", "net-update lab delete ip-dhcp-host --parent-index 0 \"" + HOST + "\" --live --config",
           "pool-define-as more dir --target /data/more")
GUEST = ("<domain type='kvm'><name>{0}</name><metadata><n:n xmlns:n='urn:n'>{0}</n:n></metadata><memory unit='MiB'>64</memory>"
         "<os><type>hvm</type></os></domain>")
# All that is kept or in force, and what clients see of it.
ALL_OF_IT = ("cat /run/berth/berth.conf; ls /run/berth/guest-xml /run/berth/*.new /run/berth/.berthd.* 2> /dev/null; "
             "virsh 'list --all; net-list --all; pool-list --all; dumpxml kept; net-dumpxml lab'; /usr/lib/berth/config-store asked")


def a_partition_that_takes_nothing(desk):
    """Nothing is said to be done that could not be kept, nothing is done by half, and it is said why."""
    node = desk.node
    for name, text in (("kept.xml", GUEST.format("kept")), ("more.xml", GUEST.format("more")),
                       ("lab3.xml", NETWORK.replace("lab", "lab3").replace("10.44", "10.46"))):
        node.ssh(f"cat > /run/{name}", stdin=text.encode())
    node.run("virsh define /run/kept.xml")
    before = node.run(ALL_OF_IT)
    assert ">kept</n:n>" in before and "10.44.0.2" in before
    for fault, (come, go, reason) in FAULTS.items():
        node.run(come, 120)
        said = node.run("".join(f"virsh {line} 2>&1 && echo it is done\necho ==\n" for line in CHANGES), 240).split("==\n")[:-1]
        for line, answer in zip(CHANGES, said, strict=True):
            assert answer.startswith("error: ") and reason in answer and "done" not in answer, f"{fault}: {line}: {answer}"
        if fault == "absent":
            # What is not kept anyway can be done.
            node.run("virsh 'net-destroy lab; net-start lab'")
        assert node.run(f"{go} || exit; {ALL_OF_IT}") == before, fault
    node.run("virsh 'desc kept --config --title other; undefine kept'")


def after_a_reboot(desk):
    node = desk.node
    node.run("sync")
    node.restart().wait_for_ssh()
    assert node.run("head -n 1 /run/berth/state/last-boot") == "power\n"
    node.wait_until("mountpoint -q /data && virsh list > /dev/null 2>&1", 60)
    active = desk.virsh("net-list").split()
    assert active[active.index("lab"):][:3] == ["lab", "active", "yes"]
    assert HOST in desk.virsh("net-dumpxml lab")
    assert "active" in desk.virsh("pool-list").split() and "boot-scratch" in desk.virsh("pool-list --name")
    assert node.run("sha256sum /var/lib/libvirt/images/web.img").split()[0] == digest(node.folder / "source")
    node.run("grep -q 'path = images ; the usual place' /run/berth/berth.conf")


def test_written_from_a_desk(desk):
    """One node, and each step finds what those before it left."""
    a_network(desk)
    volumes(desk)
    killed_in_the_middle(desk)
    a_partition_that_takes_nothing(desk)
    after_a_reboot(desk)
