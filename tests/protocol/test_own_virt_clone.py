# SPDX-License-Identifier: GPL-2.0-only
"""The node's virt-clone beside Debian's: the same copy, and what is refused."""

import os
import subprocess
import xml.etree.ElementTree as ET

import pytest

from conftest import OUT

GUEST = """
<domain type='kvm'><name>one</name><uuid>6f4d2b9e-1c0a-4f53-9a52-0d4c7e1b8f22</uuid><title>not copied</title><description>kept &amp; copied</description>
<memory unit='MiB'>256</memory><os><type>hvm</type></os><devices>
<disk type='file' device='disk'><driver name='qemu' type='raw'/><source file='STORE/disk.img'/><target dev='vda' bus='virtio'/></disk>
<disk type='file' device='disk'><driver name='qemu' type='raw'/><source file='STORE/shared.img'/><target dev='vdb' bus='virtio'/><readonly/></disk>
<interface type='network'><mac address='52:54:00:00:00:71'/><source network='default'/></interface>
<interface type='network'><mac address='52:54:00:00:00:72'/><source network='quiet'/></interface>
</devices></domain>
"""


@pytest.fixture(name="tools")
def fixture_tools(node, tmp_path):
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/virt-clone").symlink_to(OUT / "host/virsh")
    (node.store / "disk.img").write_bytes(os.urandom(1 << 20))
    (node.store / "shared.img").write_bytes(bytes(1 << 20))
    node.virsh("pool-refresh", "store")
    (tmp_path / "one.xml").write_text(GUEST.replace("STORE", str(node.store)), encoding="utf-8")
    node.virsh("define", str(tmp_path / "one.xml"))

    def run(program, *words, code=0):
        done = subprocess.run([program, "--connect", node.uri(), *words], capture_output=True, text=True, check=False, timeout=60,
                              stdin=subprocess.DEVNULL, env={**os.environ, "LC_ALL": "C.UTF-8"})
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout if code == 0 else done.stderr

    run.ours = str(tmp_path / "bin/virt-clone")
    return run


def identity(node, name):
    """What must be another's, and the rest."""
    guest = ET.fromstring(node.virsh("dumpxml", name, "--inactive"))
    own = [guest.findtext("uuid"), *(mac.get("address") for mac in guest.iter("mac"))]
    files = [source.get("file") for source in guest.iter("source") if source.get("file")]
    for parent in list(guest.iter()):
        for child in list(parent):
            if child.tag in ("uuid", "name", "title", "mac") or (child.tag == "source" and child.get("file")):
                parent.remove(child)
    return own, files, ET.tostring(guest)


def test_auto_clone(node, tools):
    """By both, under names of their own: copies alike but for what must not be."""
    assert tools(tools.ours, "-o", "one", "--auto-clone") == "\nClone 'one-clone' created successfully.\n"
    (own, files, rest), (copied, copies, again) = identity(node, "one"), identity(node, "one-clone")
    # What is not written the node makes up.
    assert len(own) == 3 and not set(own) & set(copied)
    assert ET.fromstring(node.virsh("dumpxml", "one-clone")).find("title") is None
    assert copies == [f"{node.store}/disk-clone.img", files[1]] and rest == again
    assert (node.store / "disk-clone.img").read_bytes() == (node.store / "disk.img").read_bytes()
    tools("/usr/bin/virt-clone", "-o", "one", "--name", "theirs", "--file", f"{node.store}/theirs.img")
    assert identity(node, "theirs")[2] == again
    tools(tools.ours, "--original=one", "-nmine", "-f", f"{node.store}/mine.img", "--mac", "52:54:00:00:00:81", "-q",
          "--uuid", "6f4d2b9e-1c0a-4f53-9a52-0d4c7e1b8f99")
    assert identity(node, "mine")[0][:2] == ["6f4d2b9e-1c0a-4f53-9a52-0d4c7e1b8f99", "52:54:00:00:00:81"]
    assert "<name>one-clone1</name>" in tools(tools.ours, "-o", "one", "--auto-clone", "--print-xml")


def test_refusals(node, tools):
    for words, why in ((["-n", "x"], "An original machine name is required"), (["-o", "one"], "A name is required"),
                       (["-o", "ghost", "-n", "x"], "ghost"), (["-o", "one", "-n", "db"], "Guest name 'db' is already in use"),
                       (["-o", "one", "-n", "x"], "A disk path must be specified to clone"),
                       (["-o", "one", "-n", "x", "-f", "/elsewhere/a.img"], "copies stay in the pool"),
                       (["-o", "one", "--bogus"], "unrecognized arguments: --bogus")):
        assert why in tools(tools.ours, *words, code=1), words
    node.virsh("start", "one")
    assert "must be shutoff" in tools(tools.ours, "-o", "one", "--auto-clone", code=1)
    assert "--auto-clone" in tools(tools.ours, "--help")
