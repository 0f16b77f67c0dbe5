# SPDX-License-Identifier: GPL-2.0-only
"""Guests made, changed and renamed by Debian's clients, against the node's server."""

import os
import re
import subprocess
import xml.etree.ElementTree as ET

import pytest

from conftest import Node

GUEST = """<domain type='kvm'>
  <name>new</name>
  <uuid>11111111-2222-4333-8444-555555555555</uuid>
  <metadata><my:note xmlns:my="http://example.org/my">here</my:note></metadata>
  <memory unit='MiB'>512</memory>
  <vcpu>2</vcpu>
  <os><type arch='x86_64' machine='q35'>hvm</type><boot dev='hd'/></os>
  <features><acpi/><apic/></features>
  <devices>
    <disk type='file' device='disk'>
      <driver name='qemu' type='raw'/>
      <source file='/data/images/new.img'/>
      <target dev='vda' bus='virtio'/>
      <alias name='ua-root'/>
    </disk>
    <interface type='network'>
      <source network='default'/>
      <mac address='52:54:00:aa:00:01'/>
      <model type='virtio'/>
    </interface>
    <console type='pty'/>
    <memballoon model='virtio'/>
    <rng model='virtio'><backend model='random'>/dev/urandom</backend></rng>
  </devices>
</domain>
"""
MORE_DISK = """<disk type='file' device='disk'><source file='/data/images/more.img'/><target dev='{}' bus='virtio'/></disk>"""


@pytest.fixture
def files(tmp_path):
    def make(name: str, text: str) -> str:
        (tmp_path / name).write_text(text, encoding="utf-8")
        return str(tmp_path / name)

    return make


def dumped(node: Node, name: str, *options: str) -> ET.Element:
    return ET.fromstring(node.virsh("dumpxml", name, *options))


def valid(node: Node, files, name: str) -> None:
    """What the node says of a guest, by libvirt's schema."""
    file = files("dumped.xml", node.virsh("dumpxml", name, "--inactive"))
    done = subprocess.run(["virt-xml-validate", file, "domain"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_define_and_undefine(node, files):
    assert "Domain 'new' defined" in node.virsh("define", files("new.xml", GUEST))
    guest = dumped(node, "new")
    assert guest.findtext("uuid") == "11111111-2222-4333-8444-555555555555"
    assert guest.find("metadata")[0].text == "here"
    assert guest.find("devices/disk/alias").get("name") == "ua-root"
    valid(node, files, "new")
    # The same name with another UUID, the same UUID with another name.
    assert "already exists with uuid" in node.refused("define", files("b.xml", GUEST.replace("11111111", "99999999")))
    assert "already defined with uuid" in node.refused("define", files("c.xml", GUEST.replace(">new<", ">other<")))
    # Anew, and without a UUID: it stays what it was.
    node.virsh("define", files("d.xml", GUEST.replace("512", "768").replace("  <uuid>11111111-2222-4333-8444-555555555555</uuid>\n", "")))
    guest = dumped(node, "new")
    assert guest.findtext("memory") == "786432" and guest.findtext("uuid").startswith("11111111-")
    assert "defined from" in node.virsh("define", "--validate", files("e.xml", GUEST))
    node.virsh("undefine", "new")
    assert "failed to get domain 'new'" in node.refused("dumpxml", "new")


def test_what_cannot_be_is_refused_by_its_path(node, files):
    said = node.refused("define", files("a.xml", GUEST.replace("<console type='pty'/>", "<redirdev bus='usb' type='spicevmc'/>")))
    assert "/domain/devices/redirdev" in said
    assert "XML error" in node.refused("define", files("b.xml", "<domain"))
    assert 'no [pool "nowhere"]' in node.refused("define", files("c.xml", GUEST.replace(
        "type='file' device='disk'", "type='volume' device='disk'").replace(
            "file='/data/images/new.img'", "pool='nowhere' volume='x'")))
    assert "already" in node.refused("define", files("d.xml", GUEST.replace("52:54:00:aa:00:01", "52:54:00:11:22:33")))
    assert "new" not in node.virsh("list", "--all", "--name")


def test_transient(node, files):
    file = files("new.xml", GUEST)
    assert "Domain 'new' created" in node.virsh("create", file)
    assert re.search(r"Persistent: +no", node.virsh("dominfo", "new"))
    assert "already active" in node.refused("create", file)
    assert "transient" in node.refused("autostart", "new")
    # virt-install's way: defined while it runs, and there once it has ended.
    node.virsh("define", file)
    assert re.search(r"Persistent: +yes", node.virsh("dominfo", "new"))
    node.virsh("destroy", "new")
    assert "new" in node.virsh("list", "--inactive", "--name")
    node.virsh("undefine", "new")
    node.virsh("create", "--paused", file)
    assert "paused" in node.virsh("domstate", "new")
    node.virsh("destroy", "new")
    assert "new" not in node.virsh("list", "--all", "--name")


def test_devices(node, files):
    node.virsh("define", files("new.xml", GUEST))
    node.virsh("attach-device", "new", files("disk.xml", MORE_DISK.format("vdb")), "--config")
    assert "already" in node.refused("attach-device", "new", files("same.xml", MORE_DISK.format("vdb")), "--config")
    node.virsh("attach-disk", "new", "/data/images/third.img", "vdc", "--config", "--serial", "S3")
    node.virsh("attach-interface", "new", "network", "quiet", "--model", "virtio", "--mac", "52:54:00:aa:00:02", "--config")
    guest = dumped(node, "new")
    assert [d.get("dev") for d in guest.findall("devices/disk/target")] == ["vda", "vdb", "vdc"]
    assert [s.get("network") for s in guest.findall("devices/interface/source")] == ["default", "quiet"]
    assert guest.find("devices/disk/alias").get("name") == "ua-root"
    valid(node, files, "new")
    node.virsh("detach-disk", "new", "vdb", "--config")
    node.virsh("detach-interface", "new", "network", "--mac", "52:54:00:aa:00:02", "--config")
    node.virsh("detach-device", "new", files("gone.xml", MORE_DISK.format("vdc")), "--config")
    assert "device not found" in node.refused("detach-device", "new", files("gone.xml", MORE_DISK.format("vdx")), "--config")
    guest = dumped(node, "new")
    assert [d.get("dev") for d in guest.findall("devices/disk/target")] == ["vda"]
    assert len(guest.findall("devices/interface")) == 1
    node.virsh("update-device", "new", "--config", files("down.xml", "<interface type='network'><mac address='52:54:00:aa:00:01'/>"
               "<source network='quiet'/><model type='virtio'/><link state='down'/></interface>"))
    assert dumped(node, "new").find("devices/interface/link").get("state") == "down"
    node.virsh("detach-device-alias", "new", "ua-root", "--config")
    assert dumped(node, "new").find("devices/disk") is None
    node.virsh("start", "new")
    # Of one that runs: at once alone, or for good as well.
    assert "Disk attached" in node.virsh("attach-disk", "new", "/data/images/third.img", "vdc", "--live")
    assert dumped(node, "new", "--inactive").find("devices/disk") is None
    assert "Disk attached" in node.virsh("attach-disk", "new", "/data/images/third.img", "vdc", "--live", "--config")
    assert dumped(node, "new", "--inactive").find("devices/disk/target").get("dev") == "vdc"
    assert "only disks and interfaces" in node.refused("attach-device", "new", "--live", files(
        "watchdog.xml", "<watchdog model='i6300esb' action='reset'/>"))


def test_tuning(node):
    node.virsh("vcpupin", "web", "1", "0", "--config")
    assert re.search(r"^ 1 +0$", node.virsh("vcpupin", "web"), re.M)
    node.virsh("emulatorpin", "web", "0", "--config")
    node.virsh("schedinfo", "web", "--set", "cpu_shares=300", "--set", "global_quota=150000", "--config")
    said = node.virsh("schedinfo", "web")
    assert re.search(r"cpu_shares +: 300", said) and re.search(r"global_quota +: 150000", said)
    node.virsh("blkdeviotune", "web", "vda", "--read-bytes-sec", "1048576", "--write-iops-sec", "500", "--config")
    assert re.search(r"read_bytes_sec *: 1048576", node.virsh("blkdeviotune", "web", "vda"))
    node.virsh("domiftune", "web", "52:54:00:11:22:33", "--inbound", "1000,2000,512", "--config")
    assert re.search(r"inbound.average *: 1000", node.virsh("domiftune", "web", "52:54:00:11:22:33"))
    assert "unlimited" in node.virsh("memtune", "web")
    node.virsh("numatune", "web", "--mode", "preferred", "--nodeset", "0", "--config")
    assert "preferred" in node.virsh("numatune", "web")
    node.virsh("set-lifecycle-action", "web", "reboot", "destroy")
    assert "setmem" in node.refused("memtune", "web", "--hard-limit", "1048576")
    assert "not there" in node.refused("blkdeviotune", "web", "vda", "--total-bytes-sec", "1048576", "--config")
    guest = dumped(node, "web")
    assert guest.find("cputune/vcpupin").attrib == {"vcpu": "1", "cpuset": "0"}
    assert guest.find("cputune/emulatorpin").get("cpuset") == "0"
    assert guest.findtext("on_reboot") == "destroy"
    node.virsh("start", "web")
    node.virsh("schedinfo", "web", "--set", "cpu_shares=200", "--live")
    # The process alone, then the definition as well.
    node.virsh("blkdeviotune", "web", "vda", "--read-bytes-sec", "2097152", "--live")
    assert re.search(r"read_bytes_sec *: 1048576", node.virsh("blkdeviotune", "web", "vda", "--config"))
    node.virsh("blkdeviotune", "web", "vda", "--read-bytes-sec", "2097152", "--live", "--config")
    assert re.search(r"read_bytes_sec *: 2097152", node.virsh("blkdeviotune", "web", "vda", "--config"))
    assert "not there" in node.refused("blkdeviotune", "web", "vda", "--total-bytes-sec", "1048576", "--live")
    assert "vdz" in node.refused("blkdeviotune", "web", "vdz", "--read-bytes-sec", "2097152", "--live")
    node.virsh("domiftune", "web", "52:54:00:11:22:33", "--outbound", "500", "--live", "--config")
    assert re.search(r"outbound.average *: 500", node.virsh("domiftune", "web", "52:54:00:11:22:33"))


def test_places_of_devices(node, files):
    """A guest that runs says where its devices are, and what they may be called; its definition says what the user said."""
    node.virsh("define", files("new.xml", GUEST.replace("<model type='virtio'/>", """<model type='virtio'/><alias name='net7'/>
        <address type='pci' domain='0x0000' bus='0x00' slot='0x1e' function='0x0'/>""")))
    node.virsh("start", "new")
    guest = dumped(node, "new")
    names = {device.tag: (device.find("alias").get("name"), device.find("address"))
             for device in guest.findall("devices/*") if device.find("alias") is not None}
    assert {tag: (name, address is not None and address.get("slot")) for tag, (name, address) in names.items()} == {
        "disk": ("ua-root", "0x01"), "interface": ("net0", "0x02"), "serial": ("serial0", False), "console": ("serial0", False),
        "memballoon": ("balloon0", "0x04"), "rng": ("rng0", "0x03")}
    defined = dumped(node, "new", "--inactive")
    assert {one.get("name") for one in defined.iter("alias")} == {"ua-root"}
    assert {one.get("slot") for one in defined.iter("address")} == {"0x1e"}
    assert not list(dumped(node, "new", "--migratable").iter("target"))[1].get("dev")
    assert "no device with alias 'net3'" in node.refused("detach-device-alias", "new", "net3", "--live")
    node.virsh("detach-device-alias", "new", "ua-root", "--config")
    node.virsh("detach-device-alias", "new", "net0", "--config", "--live")
    assert {one.tag for one in dumped(node, "new", "--inactive").find("devices")}.isdisjoint({"disk", "interface"})


def test_media(node):
    assert "Successfully inserted" in node.virsh("change-media", "web", "hda", "/var/lib/libvirt/images/cd.iso", "--insert", "--config")
    assert dumped(node, "web").find("devices/disk[@device='cdrom']/source").get("file") == "/var/lib/libvirt/images/cd.iso"
    assert "Successfully updated" in node.virsh("change-media", "web", "hda", "/var/lib/libvirt/images/b.iso", "--update", "--config")
    assert "Successfully ejected" in node.virsh("change-media", "web", "hda", "--eject", "--config")
    assert "doesn't have media" in node.refused("change-media", "web", "hda", "--eject", "--config")
    node.virsh("change-media", "web", "hda", "/var/lib/libvirt/images/cd.iso", "--insert", "--config")
    # What clients answer with a change of the definition.
    node.virsh("start", "web")
    assert "Operation not supported" in node.refused("change-media", "web", "hda", "--eject", "--live")
    node.virsh("change-media", "web", "hda", "--eject", "--config")
    assert dumped(node, "web", "--inactive").find("devices/disk[@device='cdrom']/source") is None


def test_rename(node):
    uuid = node.virsh("domuuid", "web").strip()
    node.virsh("domrename", "web", "shop")
    assert node.virsh("domuuid", "shop").strip() == uuid
    assert "already exists" in node.refused("domrename", "shop", "db")
    node.virsh("start", "shop")
    assert "active" in node.refused("domrename", "shop", "web")


def test_virt_xml(node, files):
    node.virsh("define", files("new.xml", GUEST))
    for arguments in (["--edit", "--memory", "1024"], ["--add-device", "--disk", f"{node.store}/disk.img,format=raw,bus=virtio"],
                      ["--edit", "--metadata", "title=a title"], ["--remove-device", "--disk", "target.dev=vdb"]):
        done = subprocess.run(["virt-xml", "--connect", node.uri(), "new", *arguments], capture_output=True, text=True, check=False,
                              timeout=60)
        assert done.returncode == 0, done.stdout + done.stderr
    guest = dumped(node, "new")
    assert guest.findtext("memory") == "1048576" and guest.findtext("title") == "a title"
    assert guest.find("metadata")[0].text == "here"
    assert len(guest.findall("devices/disk")) == 1
    valid(node, files, "new")


def test_virt_install_is_steered(node):
    """Of what it adds unasked nothing is in the way of a definition: no parts for SPICE."""
    done = subprocess.run(["virt-install", "--connect", node.uri(), "--name", "made", "--memory", "256", "--import", "--disk", "none",
                           "--osinfo", "linux2020", "--print-xml", "--dry-run"], capture_output=True, text=True, check=False, timeout=60,
                          env={**os.environ, "DISPLAY": ":0"})
    assert "<graphics type=\"vnc\"" in done.stdout and "spice" not in done.stdout and "<sound" not in done.stdout, done.stderr
    node.run("/usr/bin/virsh", "define", "/dev/stdin", text=done.stdout)
    assert dumped(node, "made").find("devices/graphics").get("type") == "vnc"


@pytest.mark.parametrize("case", ["disk", "no-disk", "unknown"])
def test_virt_install(node, files, case):
    """The whole way of virt-install: transient, then defined. For a system that it does not know it writes SATA and e1000e."""
    disk = {"disk": f"{node.store}/disk.img,format=raw,bus=virtio", "no-disk": "none",
            "unknown": f"{node.store}/disk.img,format=raw"}[case]
    done = subprocess.run(["virt-install", "--connect", node.uri(), "--name", "made", "--memory", "256", "--vcpus", "1", "--import",
                           "--disk", disk, "--network", "network=default", "--graphics", "none", "--noautoconsole",
                           "--osinfo", "detect=on,require=off" if case == "unknown" else "debian11",
                           "--boot", "kernel=/data/boot/vmlinuz,kernel_args=quiet"],
                          capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Domain creation completed" in done.stdout
    assert re.search(r"Persistent: +yes", node.virsh("dominfo", "made"))
    valid(node, files, "made")
    guest = dumped(node, "made")
    assert guest.find("devices/interface/model").get("type") == "virtio"
    assert [one.attrib for one in guest.findall("devices/disk/target")] == ([] if case == "no-disk" else [{"dev": "vda", "bus": "virtio"}])
    assert guest.findtext("os/kernel") == "/data/boot/vmlinuz"
    node.virsh("destroy", "made")
    assert "made" in node.virsh("list", "--inactive", "--name")
