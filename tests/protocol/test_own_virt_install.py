# SPDX-License-Identifier: GPL-2.0-only
"""The node's virt-install beside Debian's: the same guest for the same words; and what it makes."""

import functools
import http.server
import os
import pprint
import re
import subprocess
import threading
import xml.etree.ElementTree as ET

import pytest

from conftest import CONFIGURATION, OUT, REPO

# STORE is the folder of pool "store".
SAME = """
--memory 256 --import --disk STORE/disk.img --graphics none
--ram=512 --vcpus=2 --file STORE/disk.img --import --vnc --accelerate --hvm --network network:default
-r 512 --import -f STORE/disk.img --nographics --network=bridge:virbr0 --mac 52:54:00:00:00:99
-r 512 --disk vol=store/disk.img,perms=sh --pxe --network network=quiet,mac=52:54:00:00:00:98 --nographics --vcpus 2 --cpuset=0-1
-r 512 --disk STORE/web.qcow2,perms=ro,bus=sata,cache=none --cdrom STORE/disk.img --graphics vnc,port=5903,listen=0.0.0.0,password=x
-r 512 --pxe --nodisks --nonetworks --nographics --metadata title=a --description b --watchdog i6300esb,action=poweroff
--memory 512,maxmemory=1024 --vcpus 2,maxvcpus=4,sockets=1,cores=4,threads=1 --import --disk STORE/disk.img --graphics none
-r 512 --nodisks --boot kernel=/data/boot/vmlinuz,initrd=/data/boot/initrd,kernel_args=quiet --nographics
-r 512 --disk STORE/disk.img --boot network,hd --nographics --sound ich6
"""


def plain(element: ET.Element) -> tuple:
    """An element without what the other makes up or adds for buses; order does not count."""
    # The system's name is of a data base that the node does without.
    children = sorted(plain(child) for child in element
                      if child.tag not in ("uuid", "metadata", "emulator", "controller")
                      and not (child.tag == "mac" and child.get("address", "") not in ("52:54:00:00:00:99", "52:54:00:00:00:98")))
    kept = {name: str(int(value, 0)) if element.tag == "address" and value.startswith("0x") else value
            for name, value in element.attrib.items() if name != "dies"}
    # Files of a tree have other names with each.
    text = (element.text or "").strip() if element.tag not in ("kernel", "initrd") else element.tag
    return element.tag, text, tuple(sorted(kept.items())), tuple(children)


def documents(text: str) -> list:
    return [plain(document) for document in ET.fromstring(f"<all>{text}</all>")]


@pytest.fixture(name="node")
def fixture_node(serve, tmp_path):
    """With the pool for kernels of trees, which is made on a node's data volume otherwise."""
    (tmp_path / "boot").mkdir()
    return serve(f'{CONFIGURATION}\n[pool "boot-scratch"]\n    type = dir\n    path = {tmp_path}/boot\n')


@pytest.fixture(name="tools")
def fixture_tools(node, tmp_path):
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/virt-install").symlink_to(OUT / "host/virsh")
    tree = tmp_path / "tree/install.amd"
    tree.mkdir(parents=True)
    (tree / "vmlinuz").write_bytes(b"a kernel" * 100)
    (tree / "initrd.gz").write_bytes(b"an initrd" * 100)
    (tmp_path / "tree/.disk").mkdir()
    (tmp_path / "tree/.disk/info").write_text("Debian", encoding="utf-8")

    def run(program, *words, code=0):
        words = [word.replace("STORE", str(node.store)).replace("TREE", str(tmp_path / "tree")) for word in words]
        done = subprocess.run([program, "--connect", node.uri(), *words], capture_output=True, text=True, check=False, timeout=60,
                              stdin=subprocess.DEVNULL, env={**os.environ, "LC_ALL": "C.UTF-8"})
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout if code == 0 else done.stderr

    run.ours = str(tmp_path / "bin/virt-install")
    run.tree = tmp_path / "tree"
    return run


@pytest.fixture(name="address")
def fixture_address(tools):
    """The tree by http."""

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=tools.tree))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


def test_same_guest(tools):
    for line in SAME.strip().splitlines():
        words = ["--name", "made", *line.split()]
        if "--vcpus" not in line:
            words += ["--vcpus", "1"]
        theirs = documents(tools("/usr/bin/virt-install", "--print-xml", "--dry-run", "--osinfo", "linux2020", *words))
        ours = documents(tools(tools.ours, "--print-xml", "--os-variant", "linux2020", *words))
        assert len(ours) == len(theirs)
        for one, other in zip(ours, theirs):
            assert pprint.pformat(one) == pprint.pformat(other), line
    for name in ("00:1a.7", "pci_0000_00_1a_7", "0000:00:1a.7"):
        xml = tools(tools.ours, "--print-xml", "-n", "a", "-r", "256", "--nodisks", "--import", "--host-device", name)
        assert ET.fromstring(xml).find("devices/hostdev/source/address").attrib == {"domain": "0", "bus": "0", "slot": "26", "function": "7"}


def test_import(node, tools):
    said = tools(tools.ours, "-n", "mail", "--ram", "256", "--disk", "pool=store,size=0.001", "--import", "--nographics", "--autostart")
    assert said == "\nStarting install...\nDomain creation completed.\n"
    made = (node.store / "mail.img").stat()
    assert made.st_size == 1073741824 // 1000 // 512 * 512 + 512 and made.st_blocks == 0
    assert re.search(r"Persistent: +yes\nAutostart: +enable", node.virsh("dominfo", "mail"))
    assert node.virsh("domuuid", "mail") == node.virsh("domuuid", "1")
    assert node.virsh("domblklist", "mail").split()[-1] == f"{node.store}/mail.img"
    # Another of the same name is another guest's; its disk would be another one.
    assert "mail" in tools(tools.ours, "-n", "mail", "--ram", "256", "--nodisks", "--import", "--nographics", code=1)
    node.virsh("destroy", "mail")
    node.virsh("undefine", "mail")
    tools(tools.ours, "-n", "mail", "--ram", "256", "--disk", "pool=store,size=0.001", "--nonsparse", "--import", "--transient", "-q")
    made = (node.store / "mail-1.img").stat()
    assert made.st_blocks * 512 >= made.st_size and re.search(r"Persistent: +no", node.virsh("dominfo", "mail"))


def test_installation(node, tools):
    """From a tree: the first start has its kernel, the definition has not; the guest's end ends the installation."""
    said = tools(tools.ours, "-n", "fresh", "--ram", "256", "--disk", "STORE/fresh.img,size=0.001", "--location", "TREE",
                 "-x", "console=ttyS0", "--vnc")
    assert "still in progress" in said
    defined = ET.fromstring(node.virsh("dumpxml", "fresh", "--inactive"))
    assert defined.find("os/kernel") is None and defined.find("os/boot").get("dev") == "hd" and defined.findtext("on_reboot") != "destroy"
    # They were removed when it had started.
    assert node.virsh("vol-list", "boot-scratch").strip().endswith("-")
    tools(tools.ours, "-n", "once", "--ram", "256", "--nodisks", "--location", "TREE,kernel=install.amd/vmlinuz,initrd=install.amd/initrd.gz",
          "-x", "console=ttyS0", "--nographics", "--transient")
    live = ET.fromstring(node.virsh("dumpxml", "once"))
    assert live.findtext("os/cmdline") == "console=ttyS0" and live.findtext("os/kernel").endswith("/once-kernel")
    assert live.findtext("os/initrd").endswith("/once-initrd") and live.findtext("on_reboot") == "destroy"


def test_installation_from_an_address(node, tools, address):
    """What a tree has not is not spoken of; what keeps it from being asked is, and nothing stays of the attempt."""
    words = ["-n", "fresh", "--ram", "256", "--disk", "pool=store,size=0.001", "-x", "console=ttyS0", "--nographics", "--noautoconsole"]
    for tree, why in ((f"{address}/none", "Couldn't find kernel and initrd"), ("http://127.0.0.1:1", "cannot fetch http://127.0.0.1:1/.*: curl: .7.")):
        told = tools(tools.ours, *words, "--location", tree, code=1)
        assert re.match(f"error: {why}", told) and len(told.splitlines()) == 1
        assert not (node.store / "fresh.img").exists()
    done = subprocess.run([tools.ours, "--connect", node.uri(), *words, "--location", f"{address}/", "--transient"], capture_output=True,
                          text=True, check=False, timeout=60, stdin=subprocess.DEVNULL)
    assert done.returncode == 0 and not done.stderr
    assert ET.fromstring(node.virsh("dumpxml", "fresh")).findtext("os/kernel").endswith("/fresh-kernel")
    # The name is taken: the disk that was made for the other one goes again.
    assert "already" in tools(tools.ours, *words, "--location", address, code=1)
    assert [path.name for path in node.store.glob("fresh*")] == ["fresh.img"]
    assert node.virsh("vol-list", "boot-scratch").strip().endswith("-")


def test_refusals(tools):
    for words, why in (
            (["--ram", "256", "--import", "--nodisks"], "--name is required"),
            (["-n", "a", "--import", "--nodisks"], "--memory amount in MiB is required"),
            (["-n", "a", "--ram", "256", "--import"], "--disk storage must be specified"),
            (["-n", "a", "--ram", "256", "--nodisks"], "An install method must be specified"),
            (["-n", "a", "--ram", "256", "--nodisks", "--pxe", "--import"], "exclude each other"),
            (["-n", "a", "--ram", "lots"], '--memory: "lots" is no number|--ram: "lots" is no number'),
            (["-n", "a", "--ram", "256", "--bogus"], "unrecognized arguments: --bogus"),
            (["-n", "a", "--ram", "256", "--import", "--disk", "STORE/none.img"], "Size must be specified for non existent volume 'none.img'"),
            (["-n", "a", "--ram", "256", "--import", "--disk", "vol=store/none"], "the pool store has no volume none"),
            (["-n", "a", "--ram", "256", "--import", "--disk", "pool=ghost,size=1"], "ghost"),
            (["-n", "a", "--ram", "256", "--import", "--disk", "/nowhere/a.img,size=1"], "no pool has the folder of /nowhere/a.img"),
            (["-n", "a", "--ram", "256", "--nodisks", "--location", "/nowhere"], "Couldn't find kernel and initrd for /nowhere"),
            (["-n", "a", "--ram", "256", "--nodisks", "--import", "--host-device", "pci_8086_10bd"], "is no PCI device"),
            (["-n", "a", "--ram", "256", "--nodisks", "--import", "--network", "bridge=nosuch"], "nosuch")):
        assert re.search(why, tools(tools.ours, *words, code=1)), words


def test_help(tools):
    told = re.findall(r"^  (?:-\w, |    )--(\S+)", tools(tools.ours, "--help"), re.M)
    rows = re.findall(r'^\t\{ "([a-z-]+)", (?:\'|0)', (REPO / "cli/virsh/install_args.c").read_text(encoding="utf-8"), re.M)
    assert told == rows and len(rows) > 55
