# SPDX-License-Identifier: GPL-2.0-only
"""The built-in networks: DHCP on the port, virbr0 with DHCP, DNS and NAT, and the firewall between them."""

import contextlib
import socket
import struct
import threading
import time

import pytest
from harness import free_port, seconds

GUEST = ("ip netns add guest; ip link add g0 type veth peer name g1; ip link set g0 master virbr0 up; "
         "ip link set g1 netns guest; ip netns exec guest ip link set g1 up; ip netns exec guest ip link set lo up; ")


def test_port_has_its_lease(shared):
    # The name server comes last.
    shared.wait_until("grep -q 'nameserver 10.0.2.3' /etc/resolv.conf")
    assert "10.0.2.15/24" in shared.run("ip -4 address show dev eth0")
    assert "default via 10.0.2.2" in shared.run("ip route")


def greet(server: socket.socket) -> None:
    line, _ = server.accept()
    with line:
        line.sendall(b"outside")


def test_guest_gets_a_lease_and_a_name_server(shared):
    shared.run("cat > /tmp/lease <<'E'\n#!/bin/sh\n[ \"$1\" = bound ] && echo \"$ip $router $dns\" > /tmp/got "
               "&& ip address add $ip/24 dev $interface && ip route add default via $router\nexit 0\nE\nchmod +x /tmp/lease")
    shared.run(GUEST)
    try:
        shared.run("ip netns exec guest udhcpc -i g1 -n -q -f -t 20 -s /tmp/lease", 90)
        address, router, dns = shared.run("cat /tmp/got").split()
        assert address.startswith("192.168.122.") and router == dns == "192.168.122.1"
        shared.run("ip netns exec guest ping -c 1 -W 20 192.168.122.1")
        # The guest reaches the node for DNS, not for SSH; outwards it is translated.
        assert shared.ssh("ip netns exec guest nc -w 3 192.168.122.1 22 < /dev/null").returncode != 0
        assert shared.ssh("ip netns exec guest nc -w 3 10.0.2.15 22 < /dev/null").returncode != 0
        shared.run("ip netns exec guest nc -w 20 192.168.122.1 53 < /dev/null")
        with socket.create_server(("127.0.0.1", 0)) as outside:
            answer = threading.Thread(target=greet, args=(outside,), daemon=True)
            answer.start()
            port = outside.getsockname()[1]
            assert shared.run(f"ip netns exec guest nc -w 20 10.0.2.2 {port} < /dev/null") == "outside"
            answer.join()
        assert "MASQUERADE" in shared.run("iptables-save -t nat")
    finally:
        shared.ssh("ip netns del guest; rm -f /tmp/lease /tmp/got")


def test_nothing_but_ssh_listens_outwards(shared):
    listening = [line.split() for line in shared.run("netstat -lntu").splitlines()[2:]]
    # dnsmasq serves the bridge, by its IPv6 link address as well.
    outward = {fields[3] for fields in listening if not fields[3].startswith(("192.168.122.1:", "127.", "::1:", "fe80:"))}
    assert all(place.endswith((":22", ":67", ":68")) for place in outward), outward
    assert "-P INPUT DROP" in shared.run("iptables -S INPUT")
    assert "-P INPUT DROP" in shared.run("ip6tables -S INPUT")


def first_bytes(port: int, patience: float) -> bytes:
    """What the node sends there; nothing, if the firewall drops the connection that QEMU took in its name."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=patience) as line:
            return line.recv(4)
    except OSError:
        return b""


def test_firewall_drops_what_was_not_asked_for(shared):
    port, rule = free_port(), "INPUT -p tcp --dport 4444 -j ACCEPT"
    shared.monitor.command("human-monitor-command", **{"command-line": f"hostfwd_add lan tcp:127.0.0.1:{port}-:4444"})
    shared.run("(echo open | timeout 300 nc -l -p 4444) > /dev/null 2>&1 &")
    shared.wait_until("netstat -lnt | grep -q ':4444 '")
    try:
        assert first_bytes(port, 3) == b""
        # The same with the way opened: what held it back was the firewall.
        shared.run(f"iptables -I {rule}")
        assert first_bytes(port, seconds(60)) == b"open"
    finally:
        shared.ssh(f"iptables -D {rule}; pkill -f 'nc -l -p 4444'")
        shared.monitor.command("human-monitor-command", **{"command-line": f"hostfwd_remove lan tcp:127.0.0.1:{port}"})


def test_named_port_static_address_and_bridge(make_node):
    node = make_node("[uplink \"lan\"]\n    nic = mac:52:54:00:12:34:56\n    address = 10.0.2.15/24\n    gateway = 10.0.2.2\n"
                     "    dns = 10.0.2.3\n[network \"office\"]\n    mode = bridge\n    uplink = lan\n")
    with node:
        node.wait_for_ssh()
        assert "10.0.2.15/24" in node.run("ip -4 address show dev br-office")
        assert "master br-office" in node.run("ip link show dev lan")
        assert "nameserver 10.0.2.3" in node.run("cat /etc/resolv.conf")


def test_selector_that_matches_nothing_is_reported(make_node):
    node = make_node("[uplink \"lan\"]\n    nic = mac:52:54:00:99:99:99\n[uplink \"rest\"]\n    nic = any\n")
    with node:
        node.wait_for_ssh()
        assert "uplink lan: no port matches mac:52:54:00:99:99:99" in " ".join(
            node.ssh("berth status").stdout.decode().split())


def test_port_that_appears_later(shared):
    shared.monitor.command("netdev_add", type="user", id="late", restrict=True, net="10.0.9.0/24", dhcpstart="10.0.9.15")
    shared.monitor.command("device_add", driver="e1000e", netdev="late", id="late-nic", bus="hotplug0")
    shared.wait_until("ip -4 address | grep -q 10.0.9.15")
    assert "e1000e" in shared.run("lsmod")


def test_disk_behind_a_controller_that_appears_later(shared):
    assert "vmw_pvscsi" not in shared.run("lsmod")
    shared.monitor.command("device_add", driver="pvscsi", id="late-hba", bus="hotplug1")
    shared.monitor.command("blockdev-add", **{"node-name": "late-disk", "driver": "null-co", "size": 1 << 20})
    # Live: its probe is done, and a disk that comes now is told to it.
    shared.wait_until("grep -q '^vmw_pvscsi .* Live ' /proc/modules")
    shared.monitor.command("device_add", driver="scsi-hd", id="late-hd", drive="late-disk", bus="late-hba.0")
    shared.wait_until("test -b /dev/sda")


def udp_server(port: int = 0) -> socket.socket:
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind(("127.0.0.1", port))
    return server


def tell_time(server: socket.socket, ahead: int) -> None:
    """A stratum 1 clock that is ahead (RFC 5905, section 7.3), until the socket is closed."""
    while True:
        try:
            asked, client = server.recvfrom(2000)
        except OSError:
            return
        now = struct.pack(">II", int(time.time()) + 2208988800 + ahead, 0)
        server.sendto(struct.pack(">BBbbII4s", 0x24, 1, 4, -10, 0, 1, b"TEST") + now + asked[40:48] + now + now, client)


def test_log_server(make_node):
    """The log reaches a server: this test, behind the node's gateway."""
    with udp_server() as server:
        server.setblocking(False)
        node = make_node(f"[node]\n    syslog = udp://10.0.2.2:{server.getsockname()[1]}\n")
        node.restrict = "off"
        with node:
            node.wait_for_ssh()
            # What came until now would take the place of what comes.
            with contextlib.suppress(BlockingIOError):
                while server.recv(2000):
                    pass
            server.settimeout(seconds(90))
            node.run("logger -t test remote-marker")
            while b"test: remote-marker" not in server.recvfrom(2000)[0]:
                pass


def test_clock_server(make_node):
    """The clock follows a server: this test, where it may take NTP's port, with a clock that is 1000 days ahead."""
    try:
        server = udp_server(123)
    except OSError as error:
        pytest.skip(f"UDP port 123 of this machine: {error}")
    with server:
        threading.Thread(target=tell_time, args=(server, 86400 * 1000), daemon=True).start()
        node = make_node("[node]\n    ntp = 10.0.2.2\n")
        node.restrict = "off"
        with node:
            node.wait_for_ssh()
            node.wait_until(f"test \"$(date +%s)\" -gt {int(time.time()) + 86400 * 999}")
