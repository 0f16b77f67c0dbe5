# SPDX-License-Identifier: GPL-2.0-only
"""Guests of the file on a node: started at power-on, with disk, network and console; what operators do to them."""

import functools
import http.server
import socket
import threading

import pytest
from small_guests import NODE, GuestConsole, guest, make_data, make_ext4, state, wait_for_line, wait_for_state
from harness import Node, free_port, seconds

pytestmark = pytest.mark.xdist_group("guest-life")

WEB_MAC = "52:54:00:11:22:33"
CONFIG = (NODE + f"    host = {WEB_MAC} 192.168.122.10 web\n    forward = tcp 8080 web:80\n"
          + guest("web", "disk = default/web.raw", "disk = default/files.raw", f"nic = default mac={WEB_MAC}", words="test=guest-tool,serve,80")
          + guest("db", "nic = default", "vcpus = 2", "balloon-period = 0s", words="test=guest-tool,serve,80"))


@pytest.fixture(scope="module")
def node(tmp_path_factory):
    """A node with a web server's guest (one processor, a disk) and a database's (two processors), both up."""
    made = Node(tmp_path_factory.mktemp("guests"), memory=1024)
    made.restrict = "off"
    made.set_config(CONFIG)
    make_data(made, {"web.raw": 64, "files.raw": make_ext4(made.folder / "files.raw", 64)})
    with made:
        made.wait_for_ssh()
        for name in ("web", "db"):
            wait_for_line(made, name, f"guest: {name} is up")
            wait_for_line(made, name, "guest: eth0 has")
        yield made


def test_they_boot_at_power_on_and_are_seen(node):
    listed = [line.split() for line in node.run("virsh list").splitlines()[2:] if line]
    assert {row[1]: row[2] for row in listed} == {"web": "running", "db": "running"}
    screen = node.run("berth status")
    assert "web" in screen and "db" in screen
    # Each guest is one process, and none of the node's users.
    assert node.run("pgrep berth-vmm | wc -l").strip() == "2"
    assert "0" not in node.run("for p in $(pgrep berth-vmm); do awk '/^Uid/ { print $3 }' /proc/$p/status; done").split()


def test_lease_and_name(node):
    wait_for_line(node, "web", "guest: eth0 has 192.168.122.10")
    with GuestConsole(node, "db") as console:
        assert "192.168.122.10" in console.run("nslookup web")
        assert "web" in console.run("nslookup 192.168.122.10")


def test_two_processors(node):
    wait_for_line(node, "db", "guest: db is up, 2 processors")
    wait_for_line(node, "web", "guest: web is up, 1 processors")


def test_reaches_the_outside_by_nat(node, tmp_path):
    (tmp_path / "outside").write_text("from the outside\n")
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=tmp_path)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with GuestConsole(node, "web") as console:
        assert "from the outside" in console.run(f"wget -q -O - http://10.0.2.2:{server.server_address[1]}/outside")
    server.shutdown()


def test_is_reached_by_its_port_forward(node):
    port = free_port()
    node.monitor.command("human-monitor-command", **{"command-line": f"hostfwd_add lan tcp:127.0.0.1:{port}-:8080"})
    with socket.create_connection(("127.0.0.1", port), timeout=seconds(30)) as line:
        assert line.recv(100) == b"this is web\n"


def test_guest_to_guest(node):
    with GuestConsole(node, "db") as console:
        assert "this is web" in console.run("nc web 80 < /dev/null")


def test_console_is_attached_and_left_and_taken(node):
    first = GuestConsole(node, "web")
    with first:
        assert first.run("hostname") == "web\n"
        first.detach()
    # Left alone: what the guest says meanwhile is in its log, and does not hold it up.
    with GuestConsole(node, "web") as console:
        console.run("(sleep 1; seq 100000 109999; echo sa''id alone) > /dev/hvc0 & true")
        console.detach()
    wait_for_line(node, "web", "said alone")
    with GuestConsole(node, "web") as console:
        assert console.run("hostname") == "web\n"


def test_statistics_of_a_disk_that_is_used(node):
    before = stats(node, "web")
    with GuestConsole(node, "web") as console:
        console.run("dd if=/dev/zero of=/dev/vda bs=64k count=32 conv=fsync")
        console.run("dd if=/dev/vda of=/dev/null bs=64k count=16 iflag=direct")
    after = stats(node, "web")
    assert int(after["block.0.wr.bytes"]) - int(before.get("block.0.wr.bytes", 0)) >= 2 << 20
    assert int(after["block.0.rd.bytes"]) - int(before.get("block.0.rd.bytes", 0)) >= 1 << 20
    assert int(after["block.0.fl.reqs"]) > int(before.get("block.0.fl.reqs", 0))


def stats(node, name: str) -> dict:
    rows = (line.strip().partition("=") for line in node.run(f"virsh domstats {name}").splitlines())
    return {key: value for key, _, value in rows}


def test_suspend_and_resume(node):
    with GuestConsole(node, "web") as console:
        console.run("(while :; do cut -d ' ' -f 1 /proc/uptime >> /tmp/ticks; usleep 100000; done) & true")
        node.run("virsh suspend web")
        assert state(node, "web") == "paused"
        node.run("sleep 1; virsh resume web")
        assert state(node, "web") == "running"
        console.run("was=$(wc -l < /tmp/ticks); until [ $(wc -l < /tmp/ticks) -gt $was ]; do usleep 100000; done")
        console.run("kill %1")


def test_memory_is_taken_and_given_back(node):
    """By the balloon: what the guest has, and what the node has of it."""
    def free(console) -> int:
        return int(console.run("awk '/^MemFree/ { print $2 }' /proc/meminfo"))

    # The balloon's own figure is exact. What a guest that lives sees of the 32 MiB is the most of them: its page tables, caches and
    # processes take and give some MiB meanwhile.
    most = 24 * 1024
    with GuestConsole(node, "db") as console:
        before = free(console)
        node.run("virsh setmem db 64M --live")
        node.wait_until("[ $(virsh dommemstat db | awk '$1 == \"actual\" { print $2 }') = 65536 ]")
        least = free(console)
        assert before - least >= most
        node.run("virsh setmem db 96M --live")
        node.wait_until("[ $(virsh dommemstat db | awk '$1 == \"actual\" { print $2 }') = 98304 ]")
        assert free(console) - least >= most
    # The file says that it is never asked, so that what it had at its start is what is known of it.
    last_update = "virsh dommemstat db | awk '$1 == \"last_update\" { print $2 }'"
    first = int(node.run(last_update) or 0)
    node.run("virsh dommemstat db --period 1 --live")
    node.wait_until(f"[ $({last_update}) -gt {first + 1} ]")


def test_a_disk_and_a_nic_come_and_go_by_the_file(node):
    """By `berth config apply`; a daemon that comes later knows them, and what one has only asked for goes."""
    key = f"[node]\n    admin-key = {node.key.public}\n"
    base = CONFIG + key
    more = CONFIG + "    disk = default/more.raw serial=MORE\n    nic = default mac=52:54:00:11:22:99\n" + key
    node.run("truncate -s 32M /data/images/more.raw")
    plan = node.ssh("berth config plan -", stdin=more.encode()).stdout.decode()
    assert "restart" not in plan and plan.count("live") >= 2, plan
    process = node.run("pgrep berth-vmm")
    assert node.ssh("berth config apply --confirm -", stdin=more.encode(), timeout=60).returncode == 0
    with GuestConsole(node, "db") as console:
        console.run("while ! [ -b /dev/vda ] || ! [ -e /sys/class/net/eth1 ]; do usleep 100000; done")
        assert "MORE" in console.run("echo $(cat /sys/block/vda/serial)")
        assert "52:54:00:11:22:99" in console.run("cat /sys/class/net/eth1/address")
        console.run("echo kept > /dev/vda; sync")
    node.run("kill -9 $(pidof berthd)")
    node.wait_until("virsh domstate db | grep -q running")
    assert "more.raw" in node.run("virsh domblklist db")
    assert "52:54:00:11:22:99" in node.run("virsh domiflist db")
    assert "changes take effect" not in node.run("cat /run/berth/state/guests/db")
    assert "block.0.wr.bytes" in node.run("virsh domstats db --block") and "net.1.name" in node.run("virsh domstats db --interface")
    assert node.ssh("berth config apply --confirm -", stdin=base.encode(), timeout=60).returncode == 0
    node.wait_until("! virsh domblklist db | grep -q more.raw && ! virsh domiflist db | grep -q 22:99")
    with GuestConsole(node, "db") as console:
        assert "gone" in console.run("while [ -b /dev/vda ] || [ -e /sys/class/net/eth1 ]; do usleep 100000; done; echo go''ne")
    assert node.run("head -n 1 /data/images/more.raw").strip() == "kept"
    assert node.run("pgrep berth-vmm") == process


def test_power_actions(node):
    ups = int(node.run("cat /data/log/db@* | grep -c -F 'guest: db is up'"))
    for action, wanted in (("reboot", "guest: power button"), ("reset", "")):
        node.run(f"virsh {action} db")
        ups += 1
        wait_for_line(node, "db", "guest: db is up", ups)
        assert state(node, "db") == "running", wanted
    node.run("virsh shutdown db")
    wait_for_state(node, "db", "shut off")
    wait_for_line(node, "db", "guest: power button")
    node.run("virsh start db")
    wait_for_line(node, "db", "guest: db is up", ups + 1)
    node.run("virsh destroy db")
    assert state(node, "db") == "shut off"
    node.run("virsh start db")
    wait_for_line(node, "db", "guest: db is up", ups + 2)
    assert state(node, "web") == "running"


def test_data_is_kept_over_the_guests_reboot_and_the_nodes(node):
    with GuestConsole(node, "web") as console:
        console.run("mount -t ext4 /dev/vdb /mnt")
        console.run("echo kept > /mnt/file; dd if=/dev/urandom of=/mnt/big bs=1M count=8")
        digest = console.run("md5sum < /mnt/big")
        console.line.send("reboot\r")
        wait_for_line(node, "web", "guest: web is up", 2)
    with GuestConsole(node, "web") as console:
        console.run("mount -t ext4 /dev/vdb /mnt")
        assert console.run("cat /mnt/file; md5sum < /mnt/big") == "kept\n" + digest
        console.run("umount /mnt")
    # The node shuts its guests down before itself.
    node.ssh("berth reboot")
    node.wait_off(120)
    node.start()
    node.wait_for_ssh()
    wait_for_line(node, "web", "guest: web is up", 3)
    with GuestConsole(node, "web") as console:
        console.run("mount -t ext4 /dev/vdb /mnt")
        assert console.run("cat /mnt/file; md5sum < /mnt/big") == "kept\n" + digest


def test_pinned_on_a_node_of_two_processors(make_node):
    """The vCPU runs where it may, the rest of the guest's threads where they may; of the running guest and of the next start."""
    node = make_node(NODE + guest("web"), processors=2)
    make_data(node, {})
    allowed = ("for t in /proc/$(pidof berth-vmm)/task/*; do echo $(cat $t/comm) $(sed -n 's/^Cpus_allowed_list:.//p' $t/status); done | "
               "grep -E '^(vcpu0|io) ' | sort")
    with node:
        node.wait_for_ssh()
        wait_for_line(node, "web", "guest: web is up")
        assert "CPU(s):              2" in node.run("virsh nodeinfo")
        assert node.run(allowed) == "io 0-1\nvcpu0 0-1\n"
        node.run("virsh 'vcpupin web 0 1 --live --config; emulatorpin web 0 --live --config'")
        node.wait_until(f"[ \"$({allowed} | xargs)\" = 'io 0 vcpu0 1' ]")
        node.run("virsh 'destroy web; start web'")
        assert node.run(allowed) == "io 0\nvcpu0 1\n"
        # What is taken out of the file is taken back.
        node.run("grep -v -E 'pin = |emulator-cpus' /run/berth/berth.conf > /tmp/unpinned && berth config apply /tmp/unpinned; berth config confirm")
        node.wait_until(f"[ \"$({allowed} | xargs)\" = 'io 0-1 vcpu0 0-1' ]")
