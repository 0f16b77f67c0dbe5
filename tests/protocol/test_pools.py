# SPDX-License-Identifier: GPL-2.0-only
"""Pools defined, started, stopped and removed by Debian's virsh; they are sections of the file, which keeps its comments."""

import re

import pexpect
import pytest

from conftest import CONFIGURATION

UUID = "0a4a2a3c-6f0e-4d0a-9a0b-0c0d0e0f1011"


def pools(node, *options: str) -> list:
    return [line.split() for line in node.virsh("pool-list", *options).splitlines()[2:] if line.strip()]


def write(tmp_path, text: str) -> str:
    file = tmp_path / "pool.xml"
    file.write_text(text, encoding="utf-8")
    return str(file)


def test_the_usual_way(node, tmp_path):
    """What virt-manager and OpenTofu do."""
    folder = tmp_path / "new" / "deep"
    assert "Pool new defined" in node.virsh("pool-define-as", "new", "dir", "--target", str(folder))
    assert ["new", "inactive", "no"] in pools(node, "--all")
    assert "cannot open path" in node.refused("pool-start", "new")
    node.virsh("pool-build", "new")
    assert folder.is_dir() and folder.stat().st_mode & 0o7777 == 0o711
    node.virsh("pool-start", "new")
    assert "already active" in node.refused("pool-start", "new")
    node.virsh("pool-autostart", "new")
    assert ["new", "active", "yes"] in pools(node)
    node.virsh("vol-create-as", "new", "v.img", "1M")
    assert "still active" in node.refused("pool-undefine", "new")
    node.virsh("pool-destroy", "new")
    assert "not active" in node.refused("vol-list", "new")
    assert "failed to remove pool" in node.refused("pool-delete", "new")
    (folder / "v.img").unlink()
    node.virsh("pool-delete", "new")
    assert not folder.exists()
    node.virsh("pool-undefine", "new")
    assert "new" not in node.virsh("pool-list", "--all", "--name")


def test_what_was_written_comes_back(node, tmp_path):
    text = f"<pool type='dir'><name>p</name><uuid>{UUID}</uuid><target><path>{tmp_path}/p</path></target></pool>"
    node.virsh("pool-define", write(tmp_path, text))
    back = node.virsh("pool-dumpxml", "p")
    assert f"<uuid>{UUID}</uuid>" in back and f"<path>{tmp_path}/p</path>" in back
    # Again, out of what came back; and changed, under the same identity.
    node.virsh("pool-define", write(tmp_path, back))
    node.virsh("pool-define", write(tmp_path, back.replace(f"{tmp_path}/p<", f"{tmp_path}/q<")))
    assert f"<path>{tmp_path}/q</path>" in node.virsh("pool-dumpxml", UUID)
    assert "already defined" in node.refused("pool-define", write(tmp_path, back.replace(UUID, UUID.replace("0a4a", "0b4b"))))
    assert "already exists" in node.refused("pool-define", write(tmp_path, back.replace("<name>p<", "<name>other<")))


def test_the_clients_default(node):
    """virt-install and virt-manager look for a pool with this folder; where there is one they make none."""
    assert "<path>/var/lib/libvirt/images</path>" in node.virsh("pool-dumpxml", "default")
    node.virsh("pool-define-as", "boot-scratch", "dir", "--target", "/var/lib/libvirt/boot")
    assert "<path>/var/lib/libvirt/boot</path>" in node.virsh("pool-dumpxml", "boot-scratch")


def test_a_built_in_pool_can_go_and_come_back(serve):
    node = serve(CONFIGURATION.replace('[pool "default"]\n    type = dir\n    path = images\n', "").replace("default/", "/x/"))
    node.virsh("pool-autostart", "--disable", "default")
    assert ["default", "active", "no"] in pools(node)
    node.virsh("pool-destroy", "default")
    node.virsh("pool-undefine", "default")
    assert "default" not in node.virsh("pool-list", "--all", "--name").split()
    assert "Storage pool not found" in node.refused("pool-info", "default")
    node.virsh("pool-define-as", "default", "dir", "--target", "/var/lib/libvirt/images")
    assert ["default", "inactive", "no"] in pools(node, "--all")


@pytest.mark.parametrize("type_, told", [("netfs", "type netfs"), ("logical", "type logical"), ("iscsi", "type iscsi"),
                                         ("rbd", "type rbd")])
def test_other_types_are_refused_by_name(node, tmp_path, type_, told):
    text = (f"<pool type='{type_}'><name>p</name><source><host name='h'/><dir path='/e'/></source>"
            f"<target><path>{tmp_path}</path></target></pool>")
    error = node.refused("pool-define", write(tmp_path, text))
    assert "unsupported configuration" in error and told in error


def test_created(node, tmp_path):
    """Defined and started: there is nothing beside the file."""
    node.virsh("pool-create-as", "p", "dir", "--target", f"{tmp_path}/made", "--build")
    said = node.virsh("pool-info", "p")
    assert re.search(r"State: +running", said) and re.search(r"Persistent: +yes", said) and re.search(r"Autostart: +no", said)
    assert "already active" in node.refused("pool-create-as", "p", "dir", "--target", f"{tmp_path}/made")
    node.virsh("pool-destroy", "p")
    node.virsh("pool-create-as", "p", "dir", "--target", f"{tmp_path}/made")
    node.virsh("pool-destroy", "p")
    node.virsh("pool-undefine", "p")


def test_refusals(node, tmp_path):
    assert "XML error" in node.refused("pool-define", write(tmp_path, "<pool type='dir'><name>p</name></pool>"))
    assert "XML error" in node.refused("pool-define", write(tmp_path, "no XML"))
    features = "<pool type='dir'><name>p</name><features><cow state='yes'/></features><target><path>/p</path></target></pool>"
    assert "pool/features" in node.refused("pool-define", write(tmp_path, features))
    # One that cannot be started is not defined either.
    assert "cannot open path" in node.refused("pool-create-as", "p", "dir", "--target", f"{tmp_path}/none")
    # A guest's disk is in it, so it cannot go.
    node.virsh("pool-destroy", "default")
    assert "pool 'default' is used by guest 'web': take it out of the guest's definition first" in node.refused("pool-undefine", "default")
    assert "p" not in node.virsh("pool-list", "--all", "--name").split()


def test_events(node, tmp_path):
    child = pexpect.spawn("/usr/bin/virsh", ["-c", node.uri(), "pool-event", "--event", "lifecycle", "--loop"],
                          encoding="utf-8", timeout=60)
    # Its registration is not told, so there is something to hear until it hears it.
    for _ in range(60):
        node.virsh("pool-destroy", "store")
        node.virsh("pool-start", "store")
        if child.expect(["'lifecycle' for storage pool store: Stopped", pexpect.TIMEOUT], timeout=1) == 0:
            break
    node.virsh("pool-define-as", "new", "dir", "--target", f"{tmp_path}/new")
    child.expect("'lifecycle' for storage pool new: Defined")
    node.virsh("pool-build", "new")
    child.expect("'lifecycle' for storage pool new: Created")
    node.virsh("pool-undefine", "new")
    child.expect("'lifecycle' for storage pool new: Undefined")
    child.close(force=True)
    assert re.search("web", node.virsh("list", "--all"))
