# SPDX-License-Identifier: GPL-2.0-only
"""Debian's virsh, unmodified, against the node's server."""

import re
import subprocess
import xml.etree.ElementTree as ET

import pexpect
import pytest

from conftest import REPO


def columns(text: str) -> list:
    return [line.split() for line in text.splitlines()[2:] if line.strip()]


def test_list(node):
    assert columns(node.virsh("list", "--all")) == [["-", "db", "shut", "off"], ["-", "web", "shut", "off"]]
    assert columns(node.virsh("list")) == []
    assert node.virsh("list", "--all", "--autostart", "--name") == "web\n\n"
    assert node.virsh("list", "--inactive", "--uuid", "--no-autostart").strip() == "6f4d2b9e-1c0a-4f53-9a52-0d4c7e1b8f21"
    assert "web shop" in node.virsh("list", "--all", "--title")


def test_power(node):
    assert node.virsh("start", "web") == "Domain 'web' started\n\n"
    assert columns(node.virsh("list")) == [["1", "web", "running"]]
    assert "already active" in node.refused("start", "web")
    assert "suspended" in node.virsh("suspend", "web")
    assert node.virsh("domstate", "web", "--reason") == "paused (user)\n\n"
    assert "resumed" in node.virsh("resume", "web")
    assert "being rebooted" in node.virsh("reboot", "web")
    assert "was reset" in node.virsh("reset", "web")
    assert "being shutdown" in node.virsh("shutdown", "web")
    assert node.virsh("domstate", "web", "--reason") == "shut off (shutdown)\n\n"
    assert "not running" in node.refused("destroy", "web")
    node.virsh("start", "web", "--paused")
    assert columns(node.virsh("list")) == [["2", "web", "paused"]]
    assert "destroyed" in node.virsh("destroy", "2")


def test_guest_information(node):
    node.virsh("start", "web")
    info = dict(line.split(":", 1) for line in node.virsh("dominfo", "web").splitlines() if line)
    assert {k: v.strip() for k, v in info.items()} | {"UUID": ""} == {
        "Id": "1", "Name": "web", "UUID": "", "OS Type": "hvm", "State": "running", "CPU(s)": "2", "CPU time": "1.5s",
        "Max memory": "2097152 KiB", "Used memory": "1048576 KiB", "Persistent": "yes", "Autostart": "enable",
        "Managed save": "no"}
    assert node.virsh("domid", "web") == "1\n\n"
    assert node.virsh("domname", "6f4d2b9e-1c0a-4f53-9a52-0d4c7e1b8f21") == "db\n\n"
    assert node.virsh("domuuid", "db") == "6f4d2b9e-1c0a-4f53-9a52-0d4c7e1b8f21\n\n"
    assert node.virsh("desc", "web").strip() == "front of the shop"
    assert columns(node.virsh("domiflist", "web")) == [["vnet0", "network", "default", "virtio", "52:54:00:11:22:33"]]
    assert columns(node.virsh("domblklist", "web")) == [["vda", "/var/lib/libvirt/images/web.qcow2"], ["hda", "-"]]
    assert "vda rd_bytes 4096" in node.virsh("domblkstat", "web", "vda")
    assert "vnet0 tx_bytes 200" in node.virsh("domifstat", "web", "vnet0")
    assert "actual 1048576" in node.virsh("dommemstat", "web")
    assert "<stats period='10'/>" in node.virsh("dumpxml", "web")
    node.virsh("dommemstat", "web", "--period", "3", "--live")
    node.virsh("dommemstat", "web", "--period", "5", "--live", "--config")
    assert "<stats period='5'/>" in node.virsh("dumpxml", "web", "--inactive")
    assert "a period of 86401 s: use 0 to 86400" in node.refused("dommemstat", "web", "--period", "86401", "--live")
    assert re.search(r"maximum +live +4", node.virsh("vcpucount", "web"))
    assert node.virsh("ttyconsole", "web") == "/dev/pts/7\n\n"
    stats = node.virsh("domstats")
    assert "block.0.rd.bytes=4096" in stats and "Domain: 'db'" in stats
    assert "Domain: 'db'" not in node.virsh("domstats", "--list-active")
    assert node.virsh("domstats", "--state", "db") == "Domain: 'db'\n  state.state=5\n  state.reason=0\n\n"


def test_node_information(node):
    assert "Running hypervisor: QEMU 10.0.0" in node.virsh("version")
    assert re.search(r"CPU\(s\): +[1-9]", node.virsh("nodeinfo"))
    assert node.virsh("hostname").strip()
    assert "Total" in node.virsh("freecell", "--all")
    assert "idle" in node.virsh("nodecpustats")
    assert "total" in node.virsh("nodememstats")
    assert "CPUs present" in node.virsh("nodecpumap")
    assert node.virsh("nwfilter-list").count("\n") <= 3 and node.virsh("secret-list").count("\n") <= 3


def test_networks(node):
    assert columns(node.virsh("net-list")) == [["default", "active", "yes", "yes"], ["quiet", "active", "yes", "yes"]]
    assert re.search(r"Bridge: +virbr0", node.virsh("net-info", "default"))
    name = node.virsh("net-uuid", "quiet").strip()
    assert node.virsh("net-name", name).strip() == "quiet"
    assert "no network with matching name" in node.refused("net-info", "none")


def test_pools_and_volumes(node):
    assert columns(node.virsh("pool-list", "--all")) == [["default", "active", "yes"], ["far", "active", "yes"],
                                                         ["store", "active", "no"]]
    assert columns(node.virsh("vol-list", "store")) == [["disk.img", f"{node.store}/disk.img"],
                                                        ["web.qcow2", f"{node.store}/web.qcow2"]]
    info = node.virsh("vol-info", "--bytes", f"{node.store}/web.qcow2")
    assert re.search(r"Capacity: +3145728 bytes", info) and re.search(r"Type: +file", info)
    assert "<format type='qcow2'/>" in node.virsh("vol-dumpxml", f"{node.store}/web.qcow2")
    assert node.virsh("vol-pool", f"{node.store}/disk.img").strip() == "store"
    # Nothing outside a pool's folder, and nothing hidden in it.
    for path in (f"{node.store}/../berth.conf", f"{node.store}/.hidden", "/etc/passwd", f"{node.store}/"):
        assert "Storage volume not found" in node.refused("vol-path", path)
    assert "Storage volume not found" in node.refused("vol-delete", f"{node.store}/../berth.conf")
    assert (node.store / "disk.img").exists()


def test_refusals_are_what_clients_expect(node):
    assert "Domain not found" in node.refused("dominfo", "ghost") or "failed to get domain" in node.refused("dominfo", "ghost")
    assert "unknown procedure" in node.refused("snapshot-create", "web")
    done = subprocess.run(["/usr/bin/virsh", "-c", node.uri(node.read_only_socket), "start", "web"],
                          capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1 and "read-only" in done.stderr
    done = subprocess.run(["/usr/bin/virsh", "-c", node.uri().replace("qemu", "xen"), "list"],
                          capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1 and "no connection driver" in done.stderr


def test_autostart(node):
    assert "unmarked as autostarted" in node.virsh("autostart", "--disable", "web")
    assert re.search(r"Autostart: +disable", node.virsh("dominfo", "web"))
    assert "marked as autostarted" in node.virsh("autostart", "web")


def test_console(node):
    node.virsh("start", "web")
    child = pexpect.spawn("/usr/bin/virsh", ["-c", node.uri(), "console", "web"], encoding="utf-8", timeout=60)
    child.expect("login: ")
    child.send("root\r")
    child.expect("root")
    child.send("\x1d")
    child.expect(pexpect.EOF)
    assert child.wait() == 0


def test_events(node):
    child = pexpect.spawn("/usr/bin/virsh", ["-c", node.uri(), "event", "--all", "--loop"], encoding="utf-8", timeout=60)
    # Its registrations are not told, so there is something to hear until it hears it.
    for _ in range(60):
        node.virsh("start", "web")
        node.virsh("destroy", "web")
        if child.expect(["'lifecycle' for domain 'web': Started Booted", pexpect.TIMEOUT], timeout=1) == 0:
            break
    child.expect("'lifecycle' for domain 'web': Stopped Destroyed")
    child.close(force=True)


GOLDEN = sorted((REPO / "tests/golden/good").glob("guest-*.conf"))


@pytest.mark.parametrize("case", GOLDEN, ids=[c.stem for c in GOLDEN])
def test_xml_of_golden_guests_validates(serve, tmp_path, case):
    """Every guest of the golden cases, defined and running, by libvirt's own schema."""
    node = serve(case.read_text(encoding="utf-8"))
    names = node.virsh("list", "--all", "--name").split()
    assert names
    for name in names:
        for state in ("off", "running"):
            if state == "running":
                node.virsh("start", name)
            for options in ((), ("--inactive",), ("--security-info",)):
                file = tmp_path / "guest.xml"
                file.write_text(node.virsh("dumpxml", name, *options), encoding="utf-8")
                assert ET.parse(file).getroot().findtext("name") == name
                done = subprocess.run(["virt-xml-validate", file, "domain"], capture_output=True, text=True, check=False)
                assert done.returncode == 0, done.stdout + done.stderr + file.read_text(encoding="utf-8")


@pytest.mark.parametrize("command,schema", [(["capabilities"], "capability"), (["domcapabilities"], "domaincaps"),
                                            (["domcapabilities", "--machine", "pc-q35-8.1"], "domaincaps"),
                                            (["pool-capabilities"], "storagepoolcaps"),
                                            (["net-dumpxml", "default"], "network"), (["net-dumpxml", "quiet"], "network"),
                                            (["pool-dumpxml", "store"], "storagepool"), (["pool-dumpxml", "far"], "storagepool"),
                                            (["vol-dumpxml", "web.qcow2", "--pool", "store"], "storagevol")])
def test_other_xml_validates(node, tmp_path, command, schema):
    file = tmp_path / "some.xml"
    file.write_text(node.virsh(*command), encoding="utf-8")
    done = subprocess.run(["virt-xml-validate", file, schema], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_devices_and_interfaces_validate(node, tmp_path):
    """Each device and each interface of this machine, by libvirt's own schemas; the names are what is looked up."""
    devices = node.virsh("nodedev-list").split()
    assert "computer" in devices and [name for name in devices if name.startswith("net_lo_")]
    names = [row[0] for row in columns(node.virsh("iface-list", "--all"))]
    assert "lo" in names
    for command, schema, objects in (("nodedev-dumpxml", "nodedev", devices), ("iface-dumpxml", "interface", names)):
        for name in objects:
            file = tmp_path / "object.xml"
            file.write_text(node.virsh(command, name), encoding="utf-8")
            root = ET.parse(file).getroot()
            assert name in (root.get("name"), root.findtext("name"))
            done = subprocess.run(["virt-xml-validate", file, schema], capture_output=True, text=True, check=False)
            assert done.returncode == 0, done.stdout + done.stderr + file.read_text(encoding="utf-8")
    assert node.virsh("iface-mac", "lo").strip() == "00:00:00:00:00:00"
    for refused, reason in ((["iface-destroy", "lo"], "berth.conf"), (["nodedev-detach", "computer"], "not a PCI device"),
                            (["secret-define", "/dev/null"], "keeps no secrets"),
                            (["nwfilter-define", "/dev/null"], "keeps no network filters")):
        assert reason in node.refused(*refused)


def test_a_disk_without_room(node):
    """What the server in memory has happen when a guest gets an NMI."""
    node.virsh("start", "web")
    assert "No errors found" in node.virsh("domblkerror", "web")
    node.virsh("inject-nmi", "web")
    assert node.virsh("domblkerror", "web") == "vda: no space\n\n"
    node.virsh("inject-nmi", "web")
    assert "No errors found" in node.virsh("domblkerror", "web")
    assert "not running" in node.refused("domblkerror", "db")


def test_free_pages(node):
    free = re.search(r"^4KiB: ([0-9]+)$", node.virsh("freepages", "--cellno", "0", "--pagesize", "4"), re.MULTILINE)
    total = re.search(r"^total *: *([0-9]+) KiB", node.virsh("nodememstats"), re.MULTILINE)
    assert 0 < int(free[1]) * 4 < int(total[1])
    assert free[0].split(":")[0] in node.virsh("freepages", "--all")
