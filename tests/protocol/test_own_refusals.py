# SPDX-License-Identifier: GPL-2.0-only
"""What is refused over a read-only connection, and what nodes have none of: the node's virsh says it as Debian's does."""

import types

import pytest

from beside import OURS, THEIRS, run

WRITES = """
destroy web
shutdown web
reboot web
suspend web
start db
setmem web 100000
setvcpus web 1
undefine db
managedsave web
autostart db
domrename db x
vcpupin web 0 0
memtune web 5
blkdeviotune web vda --total-iops-sec 10
schedinfo web --set cpu_shares=3 --live
desc web --title hello
dommemstat web --period 4
dumpxml web --security-info
domjobabort web
send-key web 1
attach-interface web network default
domcapabilities
net-destroy default
net-autostart default
net-update default add ip-dhcp-host <host/>
pool-refresh store
pool-define-as x dir - - - - /x
vol-delete disk.img --pool store
vol-create-as store x 1M
iface-start lo
"""

NONE = """
pool-capabilities
pool-capabilities x
iothreadinfo web
iothreadinfo db --config
iothreadinfo web --live --current
iothreadinfo ghost
net-port-list default
net-port-list default --uuid
net-port-list ghost
qemu-monitor-command web --hmp info cpus
qemu-monitor-command ghost info
qemu-monitor-command web
qemu-agent-command web {"execute":"guest-ping"}
cpu-compare cpu.xml
cpu-compare guest.xml --error
cpu-compare declared.xml
cpu-compare nothing.xml
cpu-compare nosuch.xml
cpu-baseline cpu.xml
cpu-baseline guest.xml --features --migratable
cpu-baseline nothing.xml
hypervisor-cpu-compare cpu.xml --virttype kvm
hypervisor-cpu-compare nothing.xml
hypervisor-cpu-baseline cpu.xml
hypervisor-cpu-baseline --model qemu64
hypervisor-cpu-baseline
hypervisor-cpu-baseline cpu.xml --model qemu64
"""


@pytest.fixture(name="folder")
def fixture_folder(tmp_path):
    cpu = "<cpu mode='custom' match='exact'><model>Nehalem</model></cpu>\n"
    (tmp_path / "cpu.xml").write_text(cpu + cpu)
    (tmp_path / "guest.xml").write_text(f"<domain>{cpu}</domain>\n")
    (tmp_path / "declared.xml").write_text(f"<?xml version='1.0' encoding='UTF-8'?>\n{cpu}")
    (tmp_path / "nothing.xml").write_text("<network/>\n")
    return tmp_path


def differences(node, folder, lines: str, *options: str) -> list:
    """And what Debian's says, line by line."""
    found = []
    for line in lines.split("\n")[1:-1]:
        ours, theirs = (run(node, program, line.split(), *options, cwd=folder) for program in (OURS, THEIRS))
        found.append((line, ours if ours != theirs else None, theirs))
    return found


def test_read_only(node, folder):
    """Told so, a client refuses by itself; not told, it hears it from the node."""
    node.virsh("start", "web")
    served = types.SimpleNamespace(uri=lambda: node.uri(node.read_only_socket))
    said = differences(served, folder, WRITES, "-r")
    assert not [one for one in said if one[1]]
    assert not [one for one in said if "operation forbidden: " not in one[2][1] or one[2][2] != 1]
    assert [one for one in said if "read only access prevents virDomainDestroy\n" in one[2][1]]
    heard = differences(served, folder, WRITES)
    assert not [one for one in heard if one[1]]
    assert not [one for one in heard if "operation forbidden: " not in one[2][1] or one[2][2] != 1]
    assert node.virsh("domstate", "web") == "running\n\n" and node.virsh("domstate", "db") == "shut off\n\n"


def test_what_nodes_have_none_of(node, folder):
    node.virsh("start", "web")
    said = differences(node, folder, NONE)
    assert not [one for one in said if one[1]]
    texts = {line: "".join(theirs[:2]) for line, _, theirs in said}
    assert texts["iothreadinfo web"] == "No IOThreads found for the domain\n"
    assert "guests here are not QEMU's" in texts["qemu-monitor-command web --hmp info cpus"]
    assert "unknown procedure: 158" in texts["cpu-compare cpu.xml"] and "unknown procedure: 158" in texts["cpu-compare declared.xml"]
