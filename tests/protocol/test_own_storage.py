# SPDX-License-Identifier: GPL-2.0-only
"""Volumes and pools by the node's virsh beside Debian's: what they say, and what they leave."""

import random

import pytest

from beside import OURS, THEIRS, run, same

MIB = 1 << 20

XML = {
    "vol.xml": "<volume><name>x.img</name><capacity unit='M'>2</capacity><allocation>0</allocation></volume>",
    "bad.xml": "<volume><name>../x</name></volume>",
    "data": random.Random(3).randbytes(700000),
    "blocks": b"a" * 65536 + bytes(4 * MIB) + b"b" * 65536,
}

VOLUMES = [
    "vol-create-as store a.img 1M; vol-create-as store a.img 1M; vol-create-as store b.img 2MB --allocation 0 --format raw; vol-list store; "
    "vol-info a.img --pool store; vol-create-as store c.img 1Q; vol-create-as store c.img -1; vol-create-as ghost c.img 1M",
    "vol-create-as store 'a b.img' 10k --allocation 1k --format raw --print-xml; "
    "vol-create-as store c.img 1M --backing-vol disk.img --backing-vol-format raw --print-xml; "
    "vol-create-as store c.img 1M --backing-vol disk.img; vol-create-as store c.img 1M --backing-vol ghost; "
    "vol-create-as store c.img 1M --format qcow2; vol-create-as store c.img 1M --prealloc-metadata; vol-create-as far c.img 1M",
    "vol-create store vol.xml; vol-create store bad.xml; vol-create store vol.xml --validate; vol-create store ghost.xml; vol-list store --details",
    "vol-create-from store vol.xml disk.img --inputpool store; vol-create-from store vol.xml disk.img; vol-create-from store vol.xml ghost --inputpool store; "
    "vol-create-from store bad.xml disk.img --inputpool store; vol-list store",
    "vol-clone disk.img new.img --pool store; vol-clone disk.img new.img --pool store; vol-clone disk.img other.img; "
    "vol-clone ghost new.img --pool store; vol-clone disk.img r.img --pool store --reflink",
    "vol-resize disk.img 2M --pool store; vol-resize disk.img 1M --delta --pool store; vol-resize disk.img 1M --pool store; "
    "vol-resize disk.img --capacity -1M --pool store; vol-resize disk.img --capacity -1M --shrink --pool store; vol-resize disk.img 64k --shrink --allocate --pool store; "
    "vol-resize disk.img 1x --pool store; vol-resize ghost 1M --pool store; vol-info disk.img --pool store --bytes",
    "vol-wipe disk.img --pool store; vol-wipe disk.img --pool store --algorithm trim; vol-wipe disk.img --pool store --algorithm bogus; "
    "vol-wipe disk.img store --algorithm nnsa; vol-wipe ghost",
    "vol-delete disk.img store; vol-delete disk.img store; vol-delete web.qcow2 store --delete-snapshots; vol-list store",
    "vol-upload disk.img data --pool store; vol-upload disk.img data --pool store --offset 1000; vol-upload disk.img ghost --pool store; "
    "vol-upload disk.img data --pool store --offset x; vol-upload disk.img data --pool store --offset -1",
    "vol-upload disk.img blocks --pool store --sparse; vol-download disk.img FILE --pool store --sparse; vol-upload ghost data --pool store",
    "vol-download disk.img FILE --pool store; vol-download disk.img FILE --pool store --offset 1048000 --length 100; "
    "vol-download disk.img /nonexistent/file store; vol-download ghost FILE --pool store; vol-download disk.img FILE store --length 5 --offset 99999999",
    "vol-pool disk.img --uuid; vol-path disk.img far; vol-info disk.img default; pool-destroy store; vol-path disk.img store",
]


POOLS = [
    "pool-define-as new dir --target DESK/new; pool-list --all; pool-dumpxml new; pool-build new; pool-start new --build; pool-define-as store dir; "
    "pool-define-as far2 netfs --source-host h --source-path /x --target /t; pool-define-as new2 dir --target /elsewhere",
    "pool-create-as new dir --target DESK/new; pool-create-as new dir --target DESK/new --build; pool-create-as x bogus",
    "pool-define-as p dir --target /t --source-host h --source-path /sp --source-dev /dev/x --source-name sn --source-format auto "
    "--auth-type chap --auth-username u --secret-usage su --adapter-name an --source-protocol-ver 4 --source-initiator iqn.x --print-xml; "
    "pool-create-as p scsi --adapter-wwnn a --adapter-wwpn b --adapter-parent host5 --auth-type ceph --auth-username u --secret-uuid x --print-xml; "
    "pool-define-as p scsi --adapter-wwnn a --adapter-wwpn b --adapter-parent-wwnn c --adapter-parent-wwpn d --adapter-parent-fabric-wwn e --print-xml; "
    "pool-define-as p dir --auth-type x --print-xml; pool-define-as p dir2; pool-define-as p --type",
    "pool-define pool.xml; pool-define pool.xml --validate; pool-create pool.xml; pool-create pool.xml --build; pool-define ghost.xml; pool-define bad.xml",
    "pool-build store --overwrite; pool-build store --no-overwrite; pool-start store --build --overwrite; pool-delete far; pool-undefine far; pool-undefine far",
    "pool-edit default; pool-edit ghost; pool-edit far; pool-autostart store; pool-autostart store --disable; pool-autostart ghost",
]
XML["pool.xml"] = "<pool type='dir'><name>p.xml</name><target><path>DESK/pool</path></target></pool>"


@pytest.mark.parametrize("line", POOLS)
def test_pools(serve, tmp_path, monkeypatch, line):
    monkeypatch.setenv("EDITOR", "sed -i s,images,pictures,")
    desk = f"{tmp_path}/desk"
    files = {name: text.replace("DESK", desk) if isinstance(text, str) else text for name, text in XML.items()}
    same(serve, tmp_path, line.replace("DESK", desk), files)


@pytest.mark.parametrize("line", VOLUMES)
def test_volumes(serve, tmp_path, line):
    same(serve, tmp_path, line, XML)


@pytest.mark.parametrize("program", [OURS, THEIRS], ids=["ours", "theirs"])
def test_an_upload_is_refused_on_the_way(node, tmp_path, program):
    """Long before all of it is sent."""
    (tmp_path / "much").write_bytes(b"x" * 64 * MIB)
    _, errors, code = run(node, program, ["vol-upload", "disk.img", str(tmp_path / "much"), "--pool", "store", "--length", "100"])
    assert code == 1 and "cannot send data to volume disk.img" in errors and "more data came than was to be written" in errors
    assert (node.store / "disk.img").read_bytes() == bytes(MIB)


def test_what_xml_would_mistake(node):
    """Debian's writes it as it comes, which is no XML then."""
    for command in (["vol-create-as", "store", "a<&'\"", "1k", "--print-xml"], ["vol-clone", "disk.img", "a<&'\"", "--pool", "store", "--print-xml"]):
        out, _, code = run(node, OURS, command)
        assert code == 0 and "  <name>a&lt;&amp;&apos;&quot;</name>\n" in out
    assert not list(node.store.glob("a*"))


def blocks(path) -> int:
    return path.stat().st_blocks * 512


@pytest.mark.parametrize("program", [OURS, THEIRS], ids=["ours", "theirs"])
def test_holes(node, tmp_path, program):
    """They are holes on both sides, at the start, between, and at the end."""
    file = tmp_path / "file"
    with open(file, "wb") as out:
        for at in (3 * MIB, 9 * MIB):
            out.seek(at)
            out.write(b"data" * 25000)
        out.truncate(64 * MIB)
    assert run(node, program, ["vol-create-as", "store", "s.img", "1M", "--allocation", "0"])[2] == 0
    assert run(node, program, ["vol-upload", "s.img", str(file), "--pool", "store", "--sparse"]) == ("\n", "", 0)
    assert (node.store / "s.img").read_bytes() == file.read_bytes() and blocks(node.store / "s.img") < MIB
    back = tmp_path / "back"
    assert run(node, program, ["vol-download", "s.img", str(back), "--pool", "store", "--sparse"]) == ("\n", "", 0)
    assert back.read_bytes() == file.read_bytes() and blocks(back) < MIB


@pytest.mark.parametrize("line", [
    "undefine db --remove-all-storage; vol-list store; list --all",
    "undefine db --storage vdb --wipe-storage; vol-list store; undefine db --storage vdb",
    "undefine db --storage STORE/disk.img,vda; vol-list store",
    "start db; undefine db --remove-all-storage; undefine db --wipe-storage; destroy db; undefine db --storage vdz; vol-list store",
    "undefine ghost --remove-all-storage; undefine db --wipe-storage; undefine db --nvram --tpm --snapshots-metadata --checkpoints-metadata --managed-save",
])
def test_undefined_with_its_disks(serve, tmp_path, line):
    said, errors, _, left = same(serve, tmp_path, ("attach-disk db STORE/disk.img vdb --config; domblklist db; " + line).replace("STORE", f"{tmp_path}/store"))
    assert f"vdb      {tmp_path}/store/disk.img" in said, errors
    assert ("store/disk.img" in left) != ("disk.img) removed" in said)
