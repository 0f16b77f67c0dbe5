# SPDX-License-Identifier: GPL-2.0-only
"""The built-in networks: DHCP on the port, virbr0 with DHCP, DNS and NAT, and the firewall between them."""

import socket
import threading

from harness import seconds

GUEST = ("ip netns add guest; ip link add g0 type veth peer name g1; ip link set g0 master virbr0 up; "
         "ip link set g1 netns guest; ip netns exec guest ip link set g1 up; ip netns exec guest ip link set lo up; ")


def test_port_has_its_lease(shared):
    assert "10.0.2.15/24" in shared.run("ip -4 address show dev eth0")
    assert "default via 10.0.2.2" in shared.run("ip route")
    assert "nameserver 10.0.2.3" in shared.run("cat /etc/resolv.conf")


def test_guest_gets_a_lease_and_a_name_server(shared):
    shared.run("cat > /tmp/lease <<'E'\n#!/bin/sh\n[ \"$1\" = bound ] && echo \"$ip $router $dns\" > /tmp/got "
               "&& ip address add $ip/24 dev $interface && ip route add default via $router\nexit 0\nE\nchmod +x /tmp/lease")
    shared.run(GUEST)
    try:
        shared.run("ip netns exec guest udhcpc -i g1 -n -q -f -s /tmp/lease", 90)
        address, router, dns = shared.run("cat /tmp/got").split()
        assert address.startswith("192.168.122.") and router == dns == "192.168.122.1"
        shared.run("ip netns exec guest ping -c 1 -W 5 192.168.122.1")
        # The guest reaches the node for DNS, not for SSH; outwards it is translated.
        assert shared.ssh("ip netns exec guest nc -w 3 192.168.122.1 22 < /dev/null").returncode != 0
        assert shared.ssh("ip netns exec guest nc -w 3 10.0.2.15 22 < /dev/null").returncode != 0
        shared.run("ip netns exec guest nc -w 3 192.168.122.1 53 < /dev/null")
        shared.run("ip netns exec guest ping -c 1 -W 5 10.0.2.2 || :")
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


def test_log_and_clock_servers(make_node):
    """The log reaches a server, and the clock asks one: both are this test, behind the node's gateway."""
    received = {"syslog": [], "ntp": []}
    servers = {}
    for name in received:
        server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        server.bind(("127.0.0.1", 0))
        server.settimeout(seconds(90))
        servers[name] = server

    def listen(name: str):
        try:
            received[name].append(servers[name].recvfrom(2000)[0])
        except TimeoutError:
            pass

    threads = [threading.Thread(target=listen, args=("syslog",), daemon=True)]
    threads[0].start()
    port = servers["syslog"].getsockname()[1]
    node = make_node(f"[node]\n    syslog = udp://10.0.2.2:{port}\n    ntp = 10.0.2.2\n")
    node.restrict = "off"
    with node:
        node.wait_for_ssh()
        node.run("logger -t test remote-marker")
        threads[0].join(seconds(90))
        assert received["syslog"], "nothing came"
        assert "run: /run/service/ntpd" in node.run("sv status /run/service/ntpd")
        assert "10.0.2.2" in node.run("ps -o args | grep '[n]tpd'")
