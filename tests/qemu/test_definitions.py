# SPDX-License-Identifier: GPL-2.0-only
"""Guests that libvirt's clients make on a booted node: virt-install, virt-xml, virt-clone; what stays of them."""

import re
import subprocess
import xml.etree.ElementTree as ET

import pexpect
from guests import GUEST_FILES, Virsh, node_with_guests, wait_running
from harness import seconds
from small_guests import GuestConsole, wait_for_state
from web import Web

# A distribution's tree, with its files where both programs look for them.
TREE = "/debian/dists/bullseye/main/installer-amd64"
IMAGES = f"{TREE}/current/images"
KEPT = """<domain type='kvm'>
  <name>kept</name>
  <uuid>11111111-2222-4333-8444-555555555555</uuid>
  <metadata><my:note xmlns:my="http://example.org/my">over a reboot</my:note></metadata>
  <memory unit='MiB'>64</memory>
  <os><type>hvm</type></os>
  <devices><controller type='usb' model='qemu-xhci'/><console type='pty'/></devices>
</domain>
"""


def run(virsh: Virsh, program: str, *words: str) -> str:
    uri = virsh.command()[2]
    done = subprocess.run([program, "--connect", uri, *words], capture_output=True, text=True, timeout=seconds(180), check=False)
    assert done.returncode == 0, f"{program}: {done.stdout}{done.stderr}"
    return done.stdout


def test_guests_are_made_by_libvirts_clients(make_node):
    node = node_with_guests(make_node, "")
    node.restrict = "off"
    web = Web()
    web.files = {f"{IMAGES}/MANIFEST": b"netboot/debian-installer: debian"} | {
        f"{IMAGES}/netboot/debian-installer/amd64/{theirs}": (GUEST_FILES / ours).read_bytes()
        for theirs, ours in (("linux", "vmlinuz"), ("initrd.gz", "initrd"))}
    web.start()
    with node:
        node.wait_for_ssh()
        node.wait_until("grep -q mounted /run/berth/state/data")
        with Virsh(node) as virsh:
            # A new volume, a transient guest that runs, its definition.
            said = run(virsh, "virt-install", "--name", "made", "--memory", "96", "--vcpus", "1", "--import",
                       # As many bytes as are no whole sectors.
                       "--disk", "pool=default,size=0.02,format=raw,bus=virtio", "--network", "network=default,model=virtio",
                       "--graphics", "none", "--noautoconsole", "--osinfo", "debian11", "--boot",
                       "kernel=/data/boot/vmlinuz,initrd=/data/boot/initrd,kernel_args=console=ttyS0 quiet guest.name=made")
            assert "Domain creation completed" in said
            wait_running(node, "made")
            devices_come_and_go(node, virsh)
            conf = node.run("sed -n '/guest \"made\"/,$p' /run/berth/berth.conf")
            assert "disk = default/made" in conf and "kernel = boot/vmlinuz" in conf
            assert "more of its XML is in guest-xml/" in node.run("berthconf print /run/berth/berth.conf")
            virsh("destroy", "made")
            is_gone_with_its_end(node, virsh)
            run(virsh, "virt-xml", "made", "--edit", "--memory", "80")
            assert "memory = 80M" in node.run("cat /run/berth/berth.conf")
            run(virsh, "virt-clone", "--original", "made", "--name", "copy", "--auto-clone")
            assert "[guest \"copy\"]" in node.run("cat /run/berth/berth.conf")
            virsh("start", "copy")
            wait_running(node, "copy")
            virsh("destroy", "copy")
            installed_from_a_tree(node, virsh, f"http://127.0.0.1:{web.port}{TREE}/")
            made_on_the_node(node, web.url(TREE))
            refuses_what_cannot_be_kept(node, virsh)
        stays_over_a_reboot(node)


def installed_from_a_tree(node, virsh, tree: str) -> None:
    """The installer's kernel goes to the node, and is gone once it runs; its reboot is the end of it, and what is defined then is
    another start."""
    run(virsh, "virt-install", "--name", "fresh", "--memory", "96", "--vcpus", "1", "--location", tree, "--disk",
        "pool=default,size=0.001,format=raw", "--network", "none", "--graphics", "none", "--noautoconsole", "--osinfo", "debian11",
        "--extra-args", "console=ttyS0 quiet guest.name=fresh")
    assert "virtinst" not in virsh("vol-list", "boot-scratch")
    with GuestConsole(node, "fresh") as console:
        assert "guest.name=fresh" in console.run("cat /proc/cmdline")
        console.line.send("reboot -f\r")
        wait_for_state(node, "fresh", "shut off")
    defined = virsh("dumpxml", "fresh")
    assert "<kernel>" not in defined and "<on_reboot>restart</on_reboot>" in defined and "debian/11" in defined
    virsh("undefine", "fresh", "--remove-all-storage")


def made_on_the_node(node, tree: str) -> None:
    """By the node's own virt-install, from the same tree; seen by xm, and copied by the node's virt-clone."""
    node.run(f"virt-install -n own -r 96 --disk pool=default,size=0.001 --location {tree} "
             "-x 'console=ttyS0 quiet guest.name=own' --nographics --noautoconsole")
    wait_running(node, "own")
    assert "own " in node.run("xm list") and "own-kernel" not in node.run("ls /var/lib/libvirt/boot")
    node.run("xm destroy own")
    assert "own-clone" in node.run("virt-clone -o own --auto-clone")
    assert "/own-clone.img" in node.run("virsh domblklist own-clone")
    node.run("virsh 'undefine own; undefine own-clone'")


def devices_come_and_go(node, virsh) -> None:
    """A disk and a NIC that a client brings to the running guest, and takes away: seen in the guest, and told of."""
    words = virsh.command("event", "--all", "--loop")
    watch = pexpect.spawn(words[0], words[1:], encoding="utf-8", timeout=seconds(60))
    # It says nothing once it listens; this is the last of what it listens to here.
    virsh("desc", "made", "--live", "watched")
    while watch.expect(["event 'metadata-change' for domain 'made'", pexpect.TIMEOUT], timeout=2):
        virsh("desc", "made", "--live", "watched")
    virsh("vol-create-as", "default", "more.img", "8M", "--format", "raw")
    with GuestConsole(node, "made") as console:
        assert console.run("cat /sys/block/vda/size").split() == [str(-(-int(0.02 * (1 << 30)) // 512))]
        run(virsh, "virt-xml", "made", "--add-device", "--disk", "vol=default/more.img,bus=virtio", "--update", "--no-define")
        watch.expect("event 'device-added' for domain 'made': virtio-disk1")
        console.run("until [ -e /sys/block/vdb ]; do sleep 1; done")
        virsh("blkdeviotune", "made", "vdb", "--read-iops-sec", "100", "--live")
        assert "read_iops_sec  : 100" in virsh("blkdeviotune", "made", "vdb")
        virsh("attach-interface", "made", "network", "default", "--mac", "52:54:00:00:00:77", "--model", "virtio", "--live")
        watch.expect(r"event 'device-added' for domain 'made': (net\d+)")
        nic = watch.match[1]
        console.run("until grep -q 52:54:00:00:00:77 /sys/class/net/*/address; do sleep 1; done")
        places_are_true(virsh, console)
        assert "52:54:00:00:00:77" in virsh("domiflist", "made") and "vdb" in virsh("domblklist", "made")
        virsh("blockresize", "made", "vdb", "12M")
        console.run(f"until [ $(cat /sys/block/vdb/size) = {(12 << 20) // 512} ]; do sleep 1; done")
        assert "shrink" in virsh.refused("blockresize", "made", "vdb", "4M")
        assert "vdb" not in virsh("domblklist", "made", "--inactive")
        virsh("detach-disk", "made", "vdb", "--live")
        watch.expect("event 'device-removed' for domain 'made': virtio-disk1")
        virsh("detach-device-alias", "made", nic, "--live")
        watch.expect(f"event 'device-removed' for domain 'made': {nic}")
        console.run("[ ! -e /sys/block/vdb ] && ! grep -q 52:54:00:00:00:77 /sys/class/net/*/address")
    # The definition never had them.
    assert "vdb" not in virsh("domblklist", "made", "--inactive")
    virsh("setmem", "made", "80M", "--live")
    watch.expect(r"event 'balloon-change' for domain 'made': \d+KiB")
    virsh("dump", "made", "/data/made.core", "--memory-only")
    watch.expect(r"event 'job-completed' for domain 'made':.*operation: \d")
    node.run("rm /data/made.core")
    watch.close(force=True)


def places_are_true(virsh, console) -> None:
    """Where the node says that a device is, the guest's kernel has it."""
    running = ET.fromstring(virsh("dumpxml", "made"))
    for device, kind, name in ((one, *what) for one in running.findall("devices/*") for what in (
            [("block", one.find("target").get("dev"))] if one.tag == "disk" else
            [("net", one.find("mac").get("address"))] if one.tag == "interface" else
            [("drivers", "virtio_balloon")] if one.tag == "memballoon" else [])):
        slot = int(device.find("address").get("slot"), 16)
        assert device.find("alias").get("name")
        look = {"block": f"ls -d /sys/bus/pci/devices/0000:00:{slot:02x}.0/virtio*/block/{name}",
                "net": f"cat /sys/bus/pci/devices/0000:00:{slot:02x}.0/virtio*/net/*/address",
                "drivers": f"readlink /sys/bus/pci/devices/0000:00:{slot:02x}.0/virtio*/driver"}[kind]
        assert name in console.run(look), ET.tostring(device, encoding="unicode")


def is_gone_with_its_end(node, virsh) -> None:
    """A guest without a section: what clients ask of definitions is answered of what it runs with."""
    text = virsh("dumpxml", "made", "--inactive", "--security-info")
    for part in (r"<uuid>.*?</uuid>", r"<disk .*?</disk>", r"<interface .*?</interface>", r"<description>.*?</description>"):
        text = re.sub(part, "", text, flags=re.S)
    (node.folder / "brief.xml").write_text(text.replace("<name>made<", "<name>brief<").replace(
        "</devices>", "</devices><description>one\ntwo</description>"))
    virsh("create", str(node.folder / "brief.xml"))
    assert "no device with alias 'none'" in virsh.refused("detach-device-alias", "brief", "none", "--live")
    assert virsh("desc", "brief") == "one\ntwo\n"
    assert "persistent" in virsh.refused("metadata", "brief", "urn:x", "--key", "x", "--set", "<x/>")
    virsh("destroy", "brief")
    assert "brief" not in virsh("list", "--all", "--name")


def refuses_what_cannot_be_kept(node, virsh) -> None:
    (node.folder / "kept.xml").write_text(KEPT)
    before = node.run("cat /run/berth/berth.conf")
    node.run("mv /run/berth/medium /run/berth/medium.aside")
    assert "no config partition" in virsh.refused("define", str(node.folder / "kept.xml"))
    assert node.run("cat /run/berth/berth.conf") == before
    assert "kept" not in virsh("list", "--all", "--name")
    assert "11111111" not in node.run("ls /run/berth/guest-xml")
    node.run("mv /run/berth/medium.aside /run/berth/medium")
    virsh("define", str(node.folder / "kept.xml"))


def stays_over_a_reboot(node) -> None:
    node.ssh("reboot")
    node.wait_off(90)
    node.start().wait_for_ssh()
    assert node.run("virsh list --all --name").split() == ["copy", "kept", "made"]
    kept = node.run("virsh dumpxml kept")
    assert "over a reboot" in kept and "qemu-xhci" in kept
    # What was kept goes with the guest.
    node.run("virsh undefine kept")
    assert "11111111" not in node.run("ls /run/berth/guest-xml")
