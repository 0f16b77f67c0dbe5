# SPDX-License-Identifier: GPL-2.0-only
"""Guests of the file on a booted node: started with it, shown, steered, and none the worse for berthd's end. One node for
all; each test starts the guests that it needs (eight, as many as the status screen shows one by one)."""

import re

import pexpect
import pytest
from guests import GUEST, Virsh, guest_state, id_of, node_with_guests, process_of, wait_running, wait_state
from harness import Node

pytestmark = pytest.mark.xdist_group("berthd")

NETWORK = ('[network "default"]\n    address = 192.168.122.1/24\n    dhcp = 192.168.122.2-192.168.122.254\n'
           "    host = 52:54:00:11:22:33 192.168.122.10 www\n    forward = tcp 8080 www:80\n")
CONFIG = (NETWORK + GUEST.format("web").replace("quiet", "quiet panic=-1") + "    autostart = yes\n" +
          GUEST.format("spare") + "    nic = default in=1M\n" +
          '[guest "lost"]\n    kernel = boot/none\n    autostart = yes\n' +
          GUEST.format("worker") + "    disk = default/worker.raw\n" +
          GUEST.format("back") + "    on-crash = restart\n" +
          GUEST.format("loop").replace("quiet", "quiet test=reboot,-f") +
          GUEST.format("panic").replace("quiet", "quiet panic=0 test=echo,c,>/proc/sysrq-trigger") +
          GUEST.format("www").replace("quiet", "quiet test=guest-tool,serve,80") + "    nic = default mac=52:54:00:11:22:33\n")


def status(node) -> str:
    return " ".join(node.ssh("berth status").stdout.decode().split())


@pytest.fixture(scope="module")
def node(tmp_path_factory):
    def make(config: str, **options) -> Node:
        made = Node(tmp_path_factory.mktemp("berthd"), **options)
        made.set_config(config)
        return made

    with node_with_guests(make, CONFIG) as made:
        made.wait_for_ssh()
        yield made


@pytest.fixture
def virsh(node):
    """Debian's; no guest runs afterwards."""
    with Virsh(node) as made:
        yield made
        for name in made("list", "--name").split():
            made("destroy", name)


def start(node, virsh, *names: str) -> None:
    for name in names:
        virsh("start", name)
        wait_running(node, name)


def new_disk(node, size: str) -> None:
    node.run(f"rm -f /data/images/worker.raw; truncate -s {size} /data/images/worker.raw")


def test_guest_of_the_file_starts_with_the_node(node, virsh):
    wait_running(node, "web")
    wait_state(node, "lost", "failed")
    text = status(node)
    assert "web running, 96 MiB, 1 vcpu, id 1" in text
    assert "spare off" in text
    assert "guest lost: kernel boot/none: cannot open /data/boot/none: there is no such file" in text
    node.wait_until("logread | grep berthd | grep -q 'kernel boot/none' && grep -q 'kernel boot/none' /data/log/lost.log")
    listed = [line.split() for line in virsh("list", "--all").splitlines()[2:] if line]
    assert listed[0] == ["1", "web", "running"]
    assert ["-", "lost", "shut", "off"] in listed and ["-", "spare", "shut", "off"] in listed
    assert [row[0] for row in listed[1:]] == ["-"] * (CONFIG.count('[guest "') - 1)
    with virsh.console("web") as console:
        assert console.run("hostname") == "web\n"
    # Nobody who runs a guest has any right on the node.
    pid = process_of(node, "web")
    who = node.run(f"cat /proc/{pid}/status")
    assert "CapEff:\t0000000000000000" in who
    assert f"Uid:\t{100000 + id_of(node, 'web')}" in who
    virsh("shutdown", "web")
    wait_state(node, "web", "off")
    assert virsh("domstate", "web", "--reason").strip() == "shut off (shutdown)"


def test_guests_outlive_the_daemon(node, virsh):
    """Killed in the middle of the guest's work, the daemon finds it again; what ended meanwhile is treated as it should be."""
    new_disk(node, "32M")
    start(node, virsh, "worker", "back")
    pid = process_of(node, "worker")
    with virsh.console("worker") as console:
        console.run("guest-tool stamp /dev/vda 0 > /tmp/stamps & until [ -s /tmp/stamps ]; do usleep 20000; done")
        node.run("kill -9 $(pidof berthd)")
    node.wait_until("pidof berthd")
    wait_running(node, "worker")
    assert process_of(node, "worker") == pid
    # Both ends at once, with nobody there to see the one guest die.
    back = process_of(node, "back")
    # sv(8) does not wait, and "up" does nothing as long as runsv has not taken the "down" before it.
    node.run("sv down /run/service/berthd; while pidof berthd; do usleep 50000; done")
    node.run(f"kill -9 {back}; while [ -e /proc/{back}/exe ]; do usleep 50000; done; sv up /run/service/berthd")
    node.wait_until(f"[ $(sed -n 's/^pid=//p' /run/berth/guests/back/state) != {back} ]")
    wait_running(node, "back")
    assert process_of(node, "worker") == pid
    with virsh.console("worker") as console:
        said = console.run("kill %1; guest-tool check /dev/vda $(grep -c flushed /tmp/stamps)")
        assert re.search(r"guest-tool: [1-9]\d* blocks are as stamped", said), said


def test_a_killed_guest_harms_no_other(node, virsh):
    new_disk(node, "32M")
    start(node, virsh, "worker", "back")
    other, number = process_of(node, "back"), id_of(node, "back")
    node.run(f"kill -9 {process_of(node, 'worker')}")
    lines = wait_state(node, "worker", "crashed")
    assert lines[2] == "its process was killed by signal 9 (Killed)"
    assert process_of(node, "back") == other
    node.run(f"kill -9 {other}")
    node.wait_until(f"[ $(sed -n 's/^pid=//p' /run/berth/guests/back/state) -gt {other} ]")
    wait_running(node, "back")
    assert id_of(node, "back") == number + 1


def test_ends_and_what_follows(node, virsh):
    """Power-off, reboot, panic, reset loop: each as the guest does it, each followed as the file says."""
    start(node, virsh, "web")
    pid = process_of(node, "web")
    with virsh.console("web") as console:
        console.send("reboot -f\r")
        console.expect("guest-init: up after")
        console.expect("web is up")
    # A reset keeps the machine, and who looks at it.
    assert process_of(node, "web") == pid
    with virsh.console("web") as console:
        console.send("poweroff -f\r")
        # The stream ends with the guest, and with it virsh.
        console.expect(pexpect.EOF)
    wait_state(node, "web", "off")
    virsh("start", "panic")
    assert wait_state(node, "panic", "crashed")[2].startswith("crashed: ")
    assert virsh("domstate", "panic", "--reason").strip() == "shut off (crashed)"
    virsh("start", "loop")
    node.wait_until("grep -q 'resets over and over' /data/log/loop.log", 600)
    node.wait_until("grep -q 'starts again in 1 s' /data/log/loop.log")
    wait_running(node, "loop")
    virsh("destroy", "loop")
    assert guest_state(node, "loop")[0] == "off"


def test_full_volume_pauses_and_nothing_is_lost(node, virsh):
    new_disk(node, "64M")
    node.run("fallocate -l $(($(df -k /data | awk 'NR == 2 { print $4 }') - 4096))K /data/images/fill")
    start(node, virsh, "worker")
    states_find_no_room(node, virsh)
    with virsh.console("worker") as console:
        console.run("guest-tool stamp /dev/vda 0 > /tmp/stamps & until [ -s /tmp/stamps ]; do usleep 20000; done")
        lines = wait_state(node, "worker", "paused", 120)
        assert lines[2].startswith("disk vda: no space is left")
        assert virsh("domstate", "worker", "--reason").strip() == "paused (I/O error)"
        assert virsh("domblkerror", "worker").strip() == "vda: no space"
        assert "no room is left" in status(node)
        # Without room it is paused again, as often as somebody tries.
        for _ in range(2):
            virsh("resume", "worker")
            wait_state(node, "worker", "paused", 120)
        node.run("rm /data/images/fill")
        virsh("resume", "worker")
        wait_running(node, "worker")
        assert len(guest_state(node, "worker")) == 2
        said = console.run("kill %1; guest-tool check /dev/vda $(grep -c flushed /tmp/stamps)")
        assert re.search(r"guest-tool: [1-9]\d+ blocks are as stamped", said), said
    # What found no room before does now.
    virsh("managedsave", "worker", timeout=120)
    virsh("start", "worker")
    assert virsh("domstate", "worker", "--reason").strip() == "running (restored)"


def states_find_no_room(node, virsh) -> None:
    """The guest runs on, and nothing is left of what was written."""
    before = node.run("cd /data && find . -type f ! -path './log/*'")
    for command in ("save worker /data/worker.save", "managedsave worker", "dump worker /data/worker.core"):
        error = virsh.refused(*command.split())
        assert re.search(r"No space left on device: [34] MiB are free there, up to 96 MiB are needed", error), error
        assert virsh("domstate", "worker").strip() == "running"
    assert node.run("cd /data && find . -type f ! -path './log/*'") == before


def test_network_of_a_guest(node, virsh):
    """Its lease by its MAC address, its name, the way to it from the node, NAT, and its speed limit's way in."""
    start(node, virsh, "www", "spare")
    node.wait_until("[ \"$(nc 192.168.122.10 80 < /dev/null)\" = 'this is www' ]", 90)
    node.run("grep -q 192.168.122.10 /var/lib/misc/dnsmasq-default.leases")
    tap = node.run("sed -n 's/^taps=//p' /run/berth/guests/www/state").strip()
    assert "master virbr0" in node.run(f"ip link show {tap}")
    # A network that was stopped has its guests again once it is started, and is not taken from them.
    virsh("net-destroy", "default")
    assert "used by guest 'spare'" in virsh.refused("net-undefine", "default")
    virsh("net-start", "default")
    assert "master virbr0" in node.run(f"ip link show {tap}")
    node.wait_until("[ \"$(nc 192.168.122.10 80 < /dev/null)\" = 'this is www' ]", 90)
    with virsh.console("spare") as console:
        assert "this is www" in console.run("until ifconfig eth0 | grep -q 'inet addr'; do sleep 1; done; nc 192.168.122.10 80")
        virsh("destroy", "www")
        node.wait_until(f"[ ! -e /sys/class/net/{tap} ]")


def spare_of_the_file(node) -> str:
    """Its section, which is the one before that of "lost"."""
    return node.run("sed -n '/guest \"spare\"/,/guest \"lost\"/p' /run/berth/berth.conf | sed '$d'")


def test_node_leads_its_guests_down_and_up(node):
    """After an end in order, and after a power cut right behind a client's change of the file."""
    with Virsh(node) as virsh:
        start(node, virsh, "web")
        with virsh.console("web") as console:
            node.ssh("berth poweroff")
            console.expect("power button")
    node.wait_off(120)
    node.start().wait_for_ssh()
    wait_running(node, "web")
    assert "ended: poweroff" in node.run("cat /data/log/web.log")
    with Virsh(node) as virsh:
        virsh("autostart", "spare")
        assert "autostart = yes" in spare_of_the_file(node)
    node.restart().wait_for_ssh()
    wait_running(node, "web")
    wait_running(node, "spare")
    assert "autostart = yes" in spare_of_the_file(node)


def test_no_virtualization_is_told(node):
    """The last of this node."""
    with Virsh(node) as virsh:
        for name in virsh("list", "--name").split():
            virsh("destroy", name)
        # The last process that has it may still be going.
        node.wait_until("rmmod kvm_amd kvm_intel 2> /dev/null; ! lsmod | grep -q -e ^kvm_amd -e ^kvm_intel")
        node.run("rm -f /dev/kvm; [ ! -e /dev/kvm ]")
        assert "no KVM: the module kvm_" in virsh.refused("start", "web")
    assert "guest web: no KVM: the module kvm_" in status(node)
