# SPDX-License-Identifier: GPL-2.0-only
"""What goes wrong with guests, their processes, their disks and their node: told, bounded, and of no harm to others."""

import re

import pytest
from harness import Node
from phases import VERBS, Phases
from small_guests import NODE, GuestConsole, guest, make_data, make_ext4, state, wait_for_line, wait_for_state

pytestmark = pytest.mark.xdist_group("guest-faults")

CONFIG = (NODE
          + guest("calm", "nic = default", "disk = default/calm.raw", words="test=guest-tool,serve,80")
          + guest("wild", "nic = default", "disk = default/wild.raw", "disk = default/files.raw"))


@pytest.fixture(scope="module")
def node(tmp_path_factory):
    """A node with a guest to which nothing is done, and one that is ill-treated."""
    made = Node(tmp_path_factory.mktemp("faults"), memory=1024)
    made.set_config(CONFIG)
    make_data(made, {"calm.raw": 64, "wild.raw": 64, "files.raw": make_ext4(made.folder / "files.raw", 64)})
    with made:
        made.wait_for_ssh()
        yield made


@pytest.fixture(scope="module")
def phases(node):
    return Phases(node)


def ups(node) -> int:
    return int(node.run("cat /data/log/wild@* 2> /dev/null | grep -c -F 'guest: wild is up' || :"))


@pytest.fixture
def wild(node):
    """The ill-treated guest, freshly up; and the other one is as it was afterwards."""
    wait_for_line(node, "calm", "guest: eth0 has")
    count = ups(node)
    if state(node, "wild") != "running":
        node.run("virsh start wild")
        count += 1
    wait_for_line(node, "wild", "guest: wild is up", max(1, count))
    calm = node.run("virsh domid calm; pgrep -f -o berth-vmm")
    yield "wild"
    assert node.run("virsh domid calm; pgrep -f -o berth-vmm") == calm
    with GuestConsole(node, "calm") as console:
        console.run("dd if=/dev/vda of=/dev/null bs=64k count=16 iflag=direct")


def test_berthd_killed_under_load(node, wild):
    """Disk and network go on, checksums are right, and the new daemon knows the same guests."""
    before = node.run("virsh list --all; pgrep berth-vmm")
    with GuestConsole(node, "wild") as console:
        console.run("mount -t ext4 /dev/vdb /mnt")
        console.run("(dd if=/dev/urandom of=/mnt/a bs=1M count=24 2> /dev/null; sync; cp /mnt/a /mnt/b; sync; echo copied > /mnt/done) & true")
        console.run("(while nc calm 80 < /dev/null > /tmp/got; do cat /tmp/got >> /tmp/all; done; echo broken >> /tmp/all) & true")
        for _ in range(3):
            node.run("kill -9 $(pidof berthd); sleep 1")
    node.wait_until("virsh list > /dev/null")
    assert node.run("virsh list --all; pgrep berth-vmm") == before
    with GuestConsole(node, "wild") as console:
        console.run("while ! [ -e /mnt/done ]; do sleep 1; done", 120)
        console.run("echo 3 > /proc/sys/vm/drop_caches; cmp /mnt/a /mnt/b")
        lines = console.run("sort /tmp/all | uniq -c")
        assert "this is calm" in lines and "broken" not in lines
        console.run("kill %2; umount /mnt")


def test_a_guest_that_cannot_start_says_why(node, wild):
    node.run("virsh destroy wild; mv /data/images/wild.raw /data/images/away.raw")
    done = node.ssh("virsh start wild")
    node.run("mv /data/images/away.raw /data/images/wild.raw")
    assert done.returncode != 0 and "wild.raw" in done.stderr.decode()
    assert "wild.raw" in node.run("cat /run/berth/state/guests/wild")


@pytest.mark.parametrize("verb", VERBS)
def test_berthd_killed_in_a_phase_of(phases, wild, verb):
    killed = phases.walk(verb)
    assert any(said.startswith("killed before") for said in killed), killed


def test_flushed_data_survives_the_vmm(node, wild):
    with GuestConsole(node, "wild") as console:
        console.line.send("guest-tool stamp /dev/vda 0\r")
        console.line.expect(r"flushed 2\d\d\r")
        node.run("kill -9 $(awk -F= '/^pid=/ { print $2 }' /run/berth/guests/wild/state)")
    last = max(int(n) for n in re.findall(r"flushed (\d+)", node.run("cat /data/log/wild@*")))
    wait_for_state(node, "wild", "shut off")
    count = ups(node)
    node.run("virsh start wild")
    wait_for_line(node, "wild", "guest: wild is up", count + 1)
    with GuestConsole(node, "wild") as console:
        assert "as stamped" in console.run(f"guest-tool check /dev/vda {last + 1}")


def test_flushed_data_survives_the_nodes_power(make_node):
    node = make_node(NODE + guest("web", "disk = default/web.raw", words="test=guest-tool,stamp,/dev/vda,0"), memory=768)
    disk = make_data(node, {"web.raw": 64})
    with node:
        node.wait_for_ssh()
        wait_for_line(node, "web", "flushed 100")
        with GuestConsole(node, "web") as console:
            console.line.expect(r"flushed \d+50\r")
            last = int(re.search(r"flushed (\d+)", console.line.match.group()).group(1))
            node.stop()
    assert disk.exists()
    node.set_config(NODE + guest("web", "disk = default/web.raw"))
    with node:
        node.wait_for_ssh()
        wait_for_line(node, "web", "guest: web is up")
        with GuestConsole(node, "web") as console:
            assert "as stamped" in console.run(f"guest-tool check /dev/vda {last + 1}")


def test_no_kvm(make_node):
    node = make_node(NODE + guest("web"), memory=512, extra=["-cpu", "max,svm=off,vmx=off"])
    make_data(node, {})
    with node:
        node.wait_for_ssh()
        node.wait_until("berth status | grep -q 'no hardware virtualization'")
        done = node.ssh("virsh start web")
        assert done.returncode != 0 and "no KVM: " in done.stderr.decode(), done.stderr
        assert state(node, "web") == "shut off"
