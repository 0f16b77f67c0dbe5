# SPDX-License-Identifier: GPL-2.0-only
"""Many guests on one node, which is promised away twice over: what they hold, give back, and do not get."""

import re

import pytest
from harness import Node
from small_guests import NODE, GuestConsole, guest, make_data, state, wait_for_line, wait_for_state

pytestmark = pytest.mark.xdist_group("guest-memory")

NAMES = [f"g{number}" for number in range(16)]
ON_DEMAND = {"hog": guest("hog", memory="64M", kernel="vmlinuz").replace("autostart = yes", "memory-max = 1G"),
             "large": guest("large", memory="1000M").replace("autostart = yes", "autostart = no")}


@pytest.fixture(scope="module")
def node(tmp_path_factory):
    """Sixteen guests, each up and with a lease: 48 MiB each, up to 96."""
    made = Node(tmp_path_factory.mktemp("memory"), memory=1280)
    made.set_config(NODE + "".join(guest(name, "nic = default", "memory-max = 96M", memory="48M") for name in NAMES)
                    + "".join(ON_DEMAND.values()))
    make_data(made, {})
    with made:
        made.wait_for_ssh()
        for name in NAMES:
            wait_for_line(made, name, "guest: eth0 has", timeout=600)
        yield made


HELD = "awk '/^RssAnon/ {{ print int($2 / 1024) }}' /proc/$(sed -n 's/^pid=//p' /run/berth/guests/{}/state)/status"


def held(node, name: str) -> int:
    """MiB of the node's memory that a guest's process has."""
    return int(node.run(HELD.format(name)))


def wait_for_size(node, name: str, mib: int) -> None:
    node.wait_until(f"[ $(virsh dommemstat {name} | awk '$1 == \"actual\" {{ print $2 }}') = {mib * 1024} ]")


def start_hog(node) -> None:
    if state(node, "hog") != "running":
        node.run("virsh start hog")
    wait_for_line(node, "hog", "guest: hog is up")


def test_sixteen_at_once(node):
    leases = node.run("cat /data/log/*@* | grep -o 'guest: eth0 has [0-9.]*' | sort -u").splitlines()
    assert len(leases) == len(NAMES)
    assert sorted(node.run("virsh list --name").split()) == sorted(NAMES)
    # Each was given `memory`, and not `memory-max`.
    for name in NAMES:
        wait_for_size(node, name, 48)


def test_a_guest_grows_and_gives_back(node):
    start_hog(node)
    with GuestConsole(node, "hog") as console:
        console.run("dd if=/dev/urandom of=/tmp/kept bs=1M count=4 2> /dev/null; md5sum /tmp/kept > /tmp/sum")
        node.run("virsh setmem hog 512M --live")
        wait_for_size(node, "hog", 512)
        before = held(node, "hog")
        console.run("(guest-tool eat 240 > /tmp/ate & true); while ! grep -q ate /tmp/ate; do usleep 100000; done")
        # Some of it may be pages that it had used before, and so were held.
        assert before < 140 and held(node, "hog") >= 240
        # Reporting of free pages: nobody asks for them. What the guest keeps back is up to it.
        console.run("killall guest-tool")
        node.wait_until(f"[ $({HELD.format('hog')}) -le {before + 120} ]")
        node.run("virsh setmem hog 64M --live")
        wait_for_size(node, "hog", 64)
        # A page that it uses may be part of a huge one.
        assert held(node, "hog") <= 128
        console.run("md5sum -c /tmp/sum")


def test_what_there_is_not_is_refused(node):
    done = node.ssh("virsh start large")
    assert done.returncode != 0
    said = re.search(r"not enough memory: it is to have 1000 MiB, and of the (\d+) that the node has for guests (\d+) are free",
                     done.stderr.decode())
    assert said and int(said.group(2)) < 1000 < int(said.group(1)), done.stderr
    for place in ("berth status", "cat /data/log/large.log", "cat /run/berth/state/guests/large"):
        assert "not enough memory: it is to have 1000 MiB" in " ".join(node.ssh(place).stdout.decode().split())


def test_the_largest_ends_before_the_node_does(node):
    """What guests hold is bounded: the node goes on, and it is told why one ended. While that one goes, which takes
    its time under emulation, the kernel may take one more."""
    services = "pidof berthd; pidof dnsmasq"
    start_hog(node)
    before = node.run(services)
    node.run("virsh setmem hog 1G --live")
    with GuestConsole(node, "hog") as console:
        console.line.send("guest-tool eat 900\r")
        wait_for_state(node, "hog", "shut off", 240)
    for place in ("berth status", "cat /data/log/hog.log"):
        assert "the node ran out of memory for guests, and ended this one" in " ".join(node.ssh(place).stdout.decode().split())
    assert node.run(services) == before
    running = node.run("virsh list --name").split()
    assert len(running) >= len(NAMES) - 1
    with GuestConsole(node, running[-1]) as console:
        assert console.run("hostname").strip() == running[-1]


def test_all_go_down_with_the_node(node):
    node.ssh("berth poweroff")
    node.wait_off(300)
