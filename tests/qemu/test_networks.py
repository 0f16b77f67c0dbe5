# SPDX-License-Identifier: GPL-2.0-only
"""Networks between two nodes: what guests get and reach, what is kept from them, and uplinks that come and go."""

import contextlib
import ipaddress
import re

import pytest
from harness import BOOT_SECONDS, OUT
from networks import FIRMWARES, NODE, OUTSIDE, Guest, machine_on_the_wall, make_pair, set_link

# On one worker, or each would boot a pair.
pytestmark = pytest.mark.xdist_group("networks")

WEB = ("web", "default", "virbr0", "52:54:00:11:22:33")
DB = ("db", "second", "br-second", "52:54:00:44:55:66")


@pytest.fixture(scope="module")
def pair(tmp_path_factory):
    node, peer = make_pair(tmp_path_factory.mktemp("pair"))
    yield node, peer
    node.stop()
    peer.stop()


@contextlib.contextmanager
def guest(node, *arguments, **options):
    made = Guest(node, *arguments, **options)
    try:
        yield made
    finally:
        made.remove()


@contextlib.contextmanager
def listener(node, port: int, word: str, prefix: str = ""):
    """Somebody who greets on a TCP port, each who comes; the port is never without its listener."""
    pid = node.run(f"{prefix} tcpsvd 0 {port} echo {word} > /dev/null 2>&1 & echo $!").strip()
    node.wait_until(f"{prefix} netstat -lnt | grep -q ':{port} '")
    try:
        yield
    finally:
        node.ssh(f"kill {pid}")


def outside_sees(peer, port: int) -> set:
    """The addresses that connections to that port of the outside came from."""
    lines = peer.run(f"grep 'dport={port} ' /proc/net/nf_conntrack || true").splitlines()
    return {next(word[4:] for word in line.split() if word.startswith("src=")) for line in lines}


def status(node) -> str:
    return " ".join(node.ssh("berth status").stdout.decode().split())


def test_lease_names_tftp_and_the_way_out(pair):
    node, peer = pair
    with guest(node, *WEB) as web:
        lease = web.lease()
        assert lease["ip"] == "192.168.122.10" and lease["router"] == lease["dns"] == "192.168.122.1"
        assert lease["domain"] == "lab.example" and lease["boot"] == "pxelinux.0" and lease["ntp"] == "192.168.122.7"
        # RFC 4578, section 2.1: 7 is UEFI on x86-64.
        assert web.lease(options="-x 0x5d:0007")["boot"] == "berth.efi"
        for name, address in (("web", "192.168.122.10"), ("web.lab.example", "192.168.122.10"),
                              ("gw.lab.example", "192.168.122.1"), ("outside.example", OUTSIDE)):
            assert address in web.run(f"nslookup -type=a {name} 192.168.122.1"), name
        assert web.run("sh -c 'cd /tmp && tftp -g -r pxelinux.0 192.168.122.1 && cat pxelinux.0'") == "loader\n"
        with listener(peer, 8000, "outside"):
            assert web.run(f"nc -w 10 {OUTSIDE} 8000 < /dev/null") == "outside\n"
        # The first uplink's address, not its own.
        assert outside_sees(peer, 8000) == {"203.0.113.2"}


def test_node_and_guests_know_each_other_by_name(pair):
    """A guest that the file names but gives no address, and that calls itself something else."""
    node, _ = pair
    with guest(node, *WEB) as web, guest(node, "mail", "default", "virbr0", "52:54:00:77:00:01") as mail:
        web.lease()
        mail.node.run("true")
        address = mail.lease()["ip"]
        assert address.startswith("192.168.122.1")
        assert address in web.run("nslookup mail.lab.example 192.168.122.1")
        web.run("ping -c 1 -W 20 " + address)
        node.wait_until("ping -c 1 -W 2 mail")
        node.run("ping -c 1 -W 20 web && ping -c 1 -W 20 web.lab.example")
        assert f"{address}\tmail mail.lab.example" in node.run("cat /etc/hosts")


def test_address_by_dhcpv6(pair):
    """Of the range, with the route that the node announces; and the way to the node."""
    node, _ = pair
    with guest(node, *DB) as db:
        node.run("printf '#!/bin/sh\n[ \"$1\" != bound ] || echo $ipv6 > /tmp/got6\n' > /tmp/lease6; chmod +x /tmp/lease6; rm -f /tmp/got6")
        node.wait_until("ip netns exec db ip -6 address show dev db0 scope link -tentative | grep -q fe80:")
        db.run("udhcpc6 -i db0 -n -q -f -t 20 -T 2 -s /tmp/lease6")
        got = ipaddress.ip_address(node.run("cat /tmp/got6").strip())
        assert ipaddress.ip_address("fd00:100::100") <= got <= ipaddress.ip_address("fd00:100::1ff")
        db.run(f"ip -6 address add {got}/64 dev db0 nodad")
        db.run("ping -6 -c 1 -W 20 fd00:100::1")
        node.wait_until("ip netns exec db ip -6 route show default | grep -q 'via fe80:.* proto ra'")


def test_a_port_listens_before_it_forwards(pair):
    """With STP, nothing of a guest passes before its port has listened and learned. Then it has an address of the prefix that
    the node made, and the name server's from there."""
    node, _ = pair
    with guest(node, "leaf", "lab", "br-lab", "52:54:00:77:00:03") as leaf:
        leaf.address("10.40.0.9/24")
        # The kernel's log, as it is when the first ping is answered.
        states = node.run("until ip netns exec leaf ping -c 1 -W 1 10.40.0.1 > /dev/null; do :; done; "
                          "dmesg | sed -n 's/.*(t-leaf) entered \\(.*\\) state.*/\\1/p'").split()
        assert states[-3:] == ["listening", "learning", "forwarding"]
        assert node.run("cat /sys/class/net/br-lab/bridge/forward_delay") == "200\n"
        own = re.search(r"inet6 (fd\S+)/64", node.run("ip -6 address show dev br-lab scope global")).group(1)
        node.wait_until("ip netns exec leaf ip -6 address show dev leaf0 scope global -tentative | grep -q ' fd'")
        got = re.search(r"inet6 (fd\S+)/64", leaf.run("ip -6 address show dev leaf0 scope global")).group(1)
        assert ipaddress.ip_address(got) in ipaddress.ip_network(f"{own}/64", strict=False)
        node.run("printf '#!/bin/sh\n[ -z \"$dns\" ] || echo $dns > /tmp/dns6\n' > /tmp/inform6; chmod +x /tmp/inform6; rm -f /tmp/dns6")
        leaf.run("udhcpc6 -i leaf0 -n -q -f -l -t 20 -T 2 -s /tmp/inform6")
        assert ipaddress.ip_address(node.run("cat /tmp/dns6").strip()) == ipaddress.ip_address(own)
        assert "10.40.0.1" in leaf.run(f"nslookup -type=a door.lab {own}")


def test_machines_boot_from_a_network_of_the_node(pair):
    """Each firmware is given its own file by DHCP, fetches it by TFTP and starts it: pxelinux, which asks on the serial port as
    the file says that it fetches next, and a program that says what it lacks."""
    node, _ = pair
    loader = OUT / "stage/syslinux/host/lib/syslinux"
    files = {name: (loader / name).read_bytes() for name in ("pxelinux.0", "ldlinux.c32")}
    files["pxelinux.cfg/default"] = b"SERIAL 0 115200\nPROMPT 1\n"
    files["hello.efi"] = (OUT / "stage/efi-image/host/lib/berth.efi.stub").read_bytes()
    for name, data in files.items():
        done = node.ssh(f"mkdir -p /data/tftp/lab/pxelinux.cfg && cat > /data/tftp/lab/{name}", stdin=data)
        assert done.returncode == 0, done.stderr
    machines = [machine_on_the_wall(node, firmware) for firmware in FIRMWARES]
    try:
        for machine, word in zip(machines, (r"PXELINUX .*boot: ", r"Unable to locate embedded \.linux section")):
            machine.expect(word)
    finally:
        for machine in machines:
            machine.close(force=True)


def test_guests_do_not_serve_each_other(pair):
    """A guest with a DHCP server and router advertisements of its own: nobody gets anything of it."""
    node, _ = pair
    with guest(node, *WEB) as web, guest(node, "free", "default", "virbr0", "52:54:00:77:00:02") as free:
        free.address("192.168.122.151/24")
        free.run("ip -6 address add fd00:bad::1/64 dev free0 nodad")
        pid = node.run("ip netns exec free dnsmasq -k -C /dev/null --port=0 -i free0 --dhcp-authoritative --log-dhcp --log-facility=/tmp/rogue "
                       "--dhcp-range=192.168.122.200,192.168.122.210 --dhcp-host=52:54:00:11:22:33,192.168.122.201 "
                       "--dhcp-range=fd00:bad::100,fd00:bad::1ff --enable-ra --ra-param=free0,4,1800 > /dev/null 2>&1 & echo $!").strip()
        try:
            # It sees the question, and answers; the node's answer is the one that arrives.
            node.wait_until("grep -q 'RTR-ADVERT' /tmp/rogue")
            assert web.lease()["ip"] == "192.168.122.10"
            node.wait_until("grep -q 'DHCP\\(OFFER\\|NAK\\)' /tmp/rogue")
            node.wait_until(dropped("t-free", "dst_port 68"))
            node.wait_until(dropped("t-free", "icmp_type 134"))
            assert "fd00:bad" not in web.run("ip -6 address show dev web0; ip -6 route")
        finally:
            node.ssh(f"kill {pid}; rm -f /tmp/rogue")


def dropped(port: str, rule: str) -> str:
    """A command that succeeds once that rule of a port has dropped something."""
    return f"tc -s filter show dev {port} ingress | grep -A 9 '{rule}' | grep -q 'Sent .*(dropped [1-9]'"


def test_port_forward(pair):
    node, peer = pair
    with guest(node, *WEB) as web, guest(node, *DB) as db:
        web.lease()
        db.lease()
        with listener(node, 80, "web-page", "ip netns exec web"):
            for address in ("203.0.113.2", "10.30.0.2"):
                assert peer.run(f"nc -w 10 {address} 8080 < /dev/null") == "web-page\n"
            # By the node's address, from its own network and from another.
            assert web.run("nc -w 10 192.168.122.1 8080 < /dev/null") == "web-page\n"
            assert peer.ssh("nc -w 3 203.0.113.2 80 < /dev/null").stdout == b""


def none_succeeds(node, *commands: str) -> None:
    """All at once, for each waits for an answer that does not come."""
    done = node.run(" ".join(f"({command}) < /dev/null > /dev/null 2>&1 && echo {number} &" for number, command in enumerate(commands))
                    + " wait")
    assert not done, [commands[int(number)] for number in done.split()]


def test_what_the_firewall_denies(pair):
    node, peer = pair
    with guest(node, *WEB) as web, guest(node, *DB) as db, \
            guest(node, "inner", "closed", "br-closed", "52:54:00:99:00:01") as inner, \
            guest(node, "spare", "second", "br-second", "52:54:00:99:00:03") as spare:
        web.lease()
        assert 128 <= int(spare.lease()["ip"].removeprefix("192.168.100.")) <= 254
        assert db.lease()["ip"] == "192.168.100.20"
        assert inner.lease()["router"] == ""
        # The node is reached for what a network serves, and by ping.
        for one, gateway in ((web, "192.168.122.1"), (db, "192.168.100.1"), (inner, "192.168.150.1")):
            one.run(f"ping -c 1 -W 20 {gateway}")
            one.run(f"nc -w 20 {gateway} 53 < /dev/null")
        # TFTP where the file says so only.
        none_succeeds(node, web.command("nc -w 3 192.168.122.1 22"), db.command("nc -w 3 192.168.100.1 22"),
                      inner.command("nc -w 3 192.168.150.1 22"), web.command("nc -w 3 203.0.113.2 22"),
                      db.command("sh -c 'cd /tmp && timeout 3 tftp -g -r pxelinux.0 192.168.100.1'"))
        inner.run("ip route add default via 192.168.150.1")
        with listener(node, 8001, "db", "ip netns exec db"), listener(peer, 8001, "outside"):
            assert db.run("nc -w 10 192.168.100.20 8001 < /dev/null") == "db\n"
            none_succeeds(node, *(one.command(f"nc -w 3 {target} 8001") for one, target in (
                (web, "192.168.100.20"), (inner, "192.168.100.20"), (inner, OUTSIDE))))
            assert web.run(f"nc -w 10 {OUTSIDE} 8001 < /dev/null") == "outside\n"
            # From outside to a guest, by a route that the node did not ask for.
            peer.run("ip route add 192.168.100.0/24 via 203.0.113.2")
            assert peer.ssh("nc -w 3 192.168.100.20 8001 < /dev/null").returncode != 0
            peer.run("ip route del 192.168.100.0/24")
        # From outside, the node answers SSH and ping, and nothing else.
        peer.run("ping -c 1 -W 20 203.0.113.2")
        assert peer.run("nc -w 20 203.0.113.2 22 < /dev/null | head -c 4") == "SSH-"
        none_succeeds(peer, *(f"nc -w 3 203.0.113.2 {port}" for port in (53, 69, 8081)))


def default_device(node) -> str:
    return node.run(f"ip route get {OUTSIDE} 2> /dev/null || true").partition(" dev ")[2].split(" ")[0]


def wait_for_default(node, device: str) -> None:
    node.wait_until(f"ip route get {OUTSIDE} 2>&1 | grep -q '{f' dev {device} ' if device else 'unreachable'}'")


def test_default_route_moves_and_nat_and_names_follow(pair):
    """Static uplink first, DHCP second: each loses its link in turn, then both; then a new uplink's resolver is used. The
    second network leaves by the second uplink, or not at all."""
    node, peer = pair
    with guest(node, *WEB) as web, guest(node, *DB) as db:
        web.lease()
        db.lease()
        assert default_device(node) == "fix"
        with listener(peer, 8004, "outside"):
            assert web.run(f"nc -w 10 {OUTSIDE} 8004 < /dev/null") == "outside\n"
            assert not db.can(f"nc -w 3 {OUTSIDE} 8004 < /dev/null")
        set_link(node, 0, False)
        wait_for_default(node, "dyn")
        with listener(peer, 8002, "outside"):
            for one in (web, db):
                assert one.run(f"nc -w 10 {OUTSIDE} 8002 < /dev/null") == "outside\n"
        assert all(source.startswith("198.51.100.1") for source in outside_sees(peer, 8002))
        set_link(node, 0, True)
        wait_for_default(node, "fix")
        with listener(peer, 8003, "outside"):
            assert web.run(f"nc -w 10 {OUTSIDE} 8003 < /dev/null") == "outside\n"
        assert outside_sees(peer, 8003) == {"203.0.113.2"}
        # Its name servers, that of DHCP and that of the IPv6 router, go with an uplink's link, and come back with it.
        router = peer.run("sed -n 's/^dyn node \\(fe80:[^ ]*\\).*/\\1/p' /run/berth/conf/net/guests").strip()
        node.wait_until(f"grep -A 1 'nameserver 198.51.100.1' /etc/resolv.conf | grep -q 'nameserver {router}%dyn'")
        # Who reads what the router says can do nothing else; killed, it is there again, and what was kept before does not stay.
        ear = "grep -l '^Uid:.*[[:space:]]103$' /proc/[0-9]*/status | cut -d / -f 3"
        first = node.run(ear).strip()
        rights = node.run(f"cat /proc/{first}/status")
        assert "Seccomp:\t2" in rights and "CapEff:\t0000000000000000" in rights and "NoNewPrivs:\t1" in rights
        assert not node.run(f"ls /proc/{first}/root/")
        node.run(f"echo dns=192.0.2.99 > /run/berth/router/gone; kill -9 {first}")
        node.wait_until("! test -e /run/berth/router/gone && test -s /run/berth/router/dyn")
        node.wait_until(f"{ear} | grep -q -v -x {first}")
        set_link(node, 1, False)
        node.wait_until("! grep -q -e 198.51.100.1 -e %dyn /etc/resolv.conf")
        node.wait_until("grep -q 'uplink dyn has no link' /run/berth/state/notes/link-dyn")
        assert "uplink dyn has no link: look at the cable and the switch's port" in status(node)
        # With no uplink at all, the network of the guests goes on.
        set_link(node, 0, False)
        wait_for_default(node, "")
        assert web.lease()["ip"] == "192.168.122.10"
        assert "192.168.122.10" in web.run("nslookup web.lab.example 192.168.122.1")
        web.run("sh -c 'cd /tmp && tftp -g -r pxelinux.0 192.168.122.1'")
        assert not web.can(f"nc -w 3 {OUTSIDE} 8003 < /dev/null")
        set_link(node, 1, True)
        wait_for_default(node, "dyn")
        node.wait_until("grep -q 198.51.100.1 /etc/resolv.conf && grep -q %dyn /etc/resolv.conf")
        node.wait_until("ip netns exec web nslookup outside.example 192.168.122.1 | grep -q 192.0.2.80")
        set_link(node, 0, True)
        wait_for_default(node, "fix")
        node.wait_until("! test -e /run/berth/state/notes/link-dyn && ! test -e /run/berth/state/notes/link-fix")


def test_another_resolver_in_the_lease(pair):
    """The uplink's DHCP names another name server: guests' questions go there."""
    node, peer = pair
    peer.run("ip address add 198.51.100.2/24 dev br-dyn; "
             "sed -i 's/^resolv-file=.*/no-resolv/; $a dhcp-option=6,198.51.100.2' /run/berth/conf/net/dnsmasq/dyn.conf; "
             "sed -i 's/^host-record=outside.example,.*/host-record=outside.example,192.0.2.81/' "
             "/run/berth/conf/net/dnsmasq/dyn.conf; sv restart /run/service/dnsmasq-dyn")
    with guest(node, *WEB) as web:
        web.lease()
        node.run("sv 1 /run/service/udhcpc-dyn")
        node.wait_until("grep -q 'nameserver 198.51.100.2' /etc/resolv.conf && ! grep -q 198.51.100.1$ /etc/resolv.conf")
        node.wait_until("ip netns exec web nslookup outside.example 192.168.122.1 | grep -q 192.0.2.81")
    peer.run("sed -i 's/192.0.2.81/192.0.2.80/; /^dhcp-option=6,/d' /run/berth/conf/net/dnsmasq/dyn.conf; "
             "sv restart /run/service/dnsmasq-dyn")


def test_vlan(pair):
    node, peer = pair
    node.run("ping -c 1 -W 20 10.20.0.1")
    assert "vlan protocol 802.1Q id 20" in node.run("ip -d link show dev tagged")
    peer.run("ip link set v20 down")
    assert node.ssh("ping -c 1 -W 2 10.20.0.1").returncode != 0
    node.run("ping -c 1 -W 20 198.51.100.1")
    peer.run("ip link set v20 up && ip address replace 10.20.0.1/24 dev v20")
    node.wait_until("ping -c 1 -W 5 10.20.0.1")


def test_bond_loses_a_member_under_a_bridge(pair):
    """A guest on the bridge, with jumbo frames, goes on by the other port; without any, the uplink has no link."""
    node, peer = pair
    assert node.run("ls /sys/class/net").split().count("bond0") == 0
    with guest(node, "lan", "office", "br-office", "52:54:00:99:00:02") as lan:
        lan.run("ip link set lan0 mtu 9000")
        node.run("ip link set t-lan mtu 9000")
        lan.address("10.30.0.77/24", "10.30.0.1")
        lan.run("ping -c 1 -W 20 -s 8000 10.30.0.1")
        assert "mtu 9000" in node.run("ip link show dev br-office")
        # Reached from the network outside, by its own address.
        peer.run("ping -c 1 -W 20 10.30.0.77")
        node.wait_until("ip -6 route show default dev br-office | grep -q 'via fe80:.* proto ra'")
        assert "lladdr 52:54:00:99:00:02" in peer.run("ip neighbour show 10.30.0.77 dev br-trunk")
        active = node.run("cat /sys/class/net/trunk/bonding/active_slave").strip()
        number = 2 if active == "trunk-p0" else 3
        set_link(node, number, False)
        node.wait_until(f"! grep -qx {active} /sys/class/net/trunk/bonding/active_slave && ping -c 1 -W 2 10.30.0.1")
        node.wait_until("ip netns exec lan ping -c 1 -W 2 -s 8000 10.30.0.1")
        set_link(node, 5 - number, False)
        node.wait_until("test \"$(cat /sys/class/net/trunk/carrier)\" = 0 && grep -q ^0 /run/berth/link/br-office")
        # The guest's own port keeps the bridge up; the uplink has no link all the same, and no route that its routers gave.
        assert node.run("cat /sys/class/net/br-office/carrier") == "1\n"
        node.wait_until("! ip -6 route show default dev br-office | grep -q via")
        set_link(node, 2, True)
        set_link(node, 3, True)
        node.wait_until("grep -q ^1 /run/berth/link/br-office && ping -c 1 -W 2 10.30.0.1")
        node.wait_until("ip -6 route show default dev br-office | grep -q 'via fe80:.* proto ra'")


def test_uplink_is_unplugged_and_plugged_in_again(pair):
    node, _ = pair
    node.unplug("nic1")
    node.wait_until("! test -e /sys/class/net/dyn && ! grep -q -e 198.51.100 -e %dyn /etc/resolv.conf")
    node.wait_until("grep -q 'uplink dyn: no port matches mac:52:54:00:aa:00:01' /run/berth/state/notes/uplink-dyn")
    assert default_device(node) == "fix"
    node.run("ping -c 1 -W 20 203.0.113.1")
    node.monitor.command("device_add", driver="virtio-net-pci", netdev="c1", id="nic1", bus="hotplug0",
                         mac="52:54:00:aa:00:01")
    node.wait_until("ip -4 address show dev dyn | grep -q 198.51.100.1", BOOT_SECONDS)
    node.wait_until("grep -q 198.51.100.1 /etc/resolv.conf && ! test -e /run/berth/state/notes/uplink-dyn")
    # The VLAN on it as well.
    node.wait_until("ping -c 1 -W 5 10.20.0.1")
    assert "dev dyn" in node.run("ip route show default")


def test_guests_cannot_take_what_is_not_theirs(pair):
    node, _ = pair
    with guest(node, *WEB) as web, guest(node, "mail", "default", "virbr0", "52:54:00:77:00:01") as mail, \
            guest(node, "free", "default", "virbr0", "52:54:00:77:00:02") as free:
        web.lease()
        mail.address("192.168.122.150/24")
        free.address("192.168.122.151/24")
        for one in (mail, free):
            one.run("ping -c 1 -W 20 192.168.122.10")
            one.run("ping -c 1 -W 20 192.168.122.1")
        # Another's IPv4 address, and the node's: not as a source, not by ARP.
        for stolen, target in (("192.168.122.10", "192.168.122.1"), ("192.168.122.1", "192.168.122.10")):
            for one in (mail, free):
                one.run(f"ip address add {stolen}/32 dev {one.name}0")
            none_succeeds(node, *(one.command(f"ping -c 1 -W 2 -I {stolen} {target}") for one in (mail, free)))
            web.run("ip neighbour flush dev web0")
            node.run(" ".join(one.command(f"arping -c 2 -w 3 -U -s {stolen} -I {one.name}0 {target} > /dev/null &") for one in (mail, free))
                     + " wait")
            neighbours = web.run("ip neighbour show")
            assert "52:54:00:77:00:0" not in "".join(line for line in neighbours.splitlines() if stolen + " " in line)
            for one in (mail, free):
                one.run(f"ip address del {stolen}/32 dev {one.name}0")
        # A guest that the file gives an address has no other.
        web.run("ip address add 192.168.122.77/24 dev web0")
        assert not web.can("ping -c 1 -W 2 -I 192.168.122.77 192.168.122.1")
        web.run("ip address del 192.168.122.77/24 dev web0")
        web.soon("ping -c 1 -W 2 192.168.122.1")
        neighbour_discovery(node, web, free)
        stolen_macs(node, web, mail, free)
        tagged_as_if_not(web, mail)


def neighbour_discovery(node, web, free) -> None:
    """The node's IPv6 addresses, by advertisement and as a source."""
    node.wait_until("ip netns exec web ip -6 address show dev web0 scope global -tentative | grep -q fd00:122:")
    web.run("ping -6 -c 1 -W 20 fd00:122::1")
    free.run("ip -6 address add fd00:122::1/128 dev free0 nodad")
    for _ in range(3):
        web.run("ip -6 neighbour flush dev web0")
        web.can("ping -6 -c 1 -W 5 fd00:122::1")
        assert "52:54:00:77:00:02" not in web.run("ip -6 neighbour show fd00:122::1")
    counted = node.run("tc -s filter show dev t-free ingress")
    assert "drop" in counted
    free.run("ip -6 address del fd00:122::1/128 dev free0")


def stolen_macs(node, web, mail, free) -> None:
    for one in (mail, free):
        one.run(f"ip link set {one.name}0 address 52:54:00:11:22:33")
    none_succeeds(node, *(one.command("ping -c 1 -W 2 192.168.122.1") for one in (mail, free)))
    for one, own in ((mail, "52:54:00:77:00:01"), (free, "52:54:00:77:00:02")):
        one.run(f"ip link set {one.name}0 address {own}")
        one.soon("ping -c 1 -W 2 192.168.122.1")
    # The bridge still knows where the true one is.
    assert "dev t-web" in node.run("bridge fdb show br virbr0 | grep 52:54:00:11:22:33 | grep -v permanent")
    web.soon("ping -c 1 -W 2 192.168.122.1")


def tagged_as_if_not(web, mail) -> None:
    """A frame with the VLAN number 0 is taken for one without; it must not pass where that one would not."""
    mail.run("ip link add link mail0 name zero type vlan id 0")
    mail.run("ip address add 192.168.122.10/32 dev zero")
    mail.run("ip link set zero up")
    mail.run("ip route add 192.168.122.1/32 dev zero")
    assert not mail.can("ping -c 1 -W 2 -I 192.168.122.10 192.168.122.1")
    web.soon("ping -c 1 -W 2 192.168.122.1")
    mail.run("ip link del zero")


def test_bond_by_lacp(pair):
    """Both ports in one aggregate with the peer's; it goes on by the one that is left."""
    node, peer = pair
    peer.run("ip link add lag type bond mode 802.3ad miimon 100 lacp_rate fast; for i in p2 p3; do ip link set $i nomaster; "
             "ip link set $i down; ip link set $i master lag; ip link set $i up; done; ip link set lag mtu 9000; "
             "ip link set lag master br-trunk up")
    text = NODE.replace("active-backup", "802.3ad rate=fast hash=layer3+4") + f"[node]\n    admin-key = {node.key.public}\n"
    done = node.ssh("berth config apply --confirm -", stdin=text.encode())
    assert done.returncode == 0, done.stdout + done.stderr
    node.wait_until("grep -q 'Number of ports: 2' /proc/net/bonding/trunk && ping -c 1 -W 2 10.30.0.1")
    mac = peer.run("cat /sys/class/net/lag/address").strip()
    node.wait_until(f"grep -q 'Partner Mac Address: {mac}' /proc/net/bonding/trunk")
    assert "Transmit Hash Policy: layer3+4" in node.run("cat /proc/net/bonding/trunk")
    for number in (2, 3):
        for end in pair:
            set_link(end, number, False)
        node.wait_until("grep -q 'Number of ports: 1' /proc/net/bonding/trunk && ping -c 1 -W 2 10.30.0.1")
        for end in pair:
            set_link(end, number, True)
        node.wait_until("grep -q 'Number of ports: 2' /proc/net/bonding/trunk && ping -c 1 -W 2 10.30.0.1")


BAD = ("[node]\n    hostnam = node1\n[network \"lab\"]\n    address = 192.168.122.1/24\n    dhcp = 10.0.0.1-10.0.0.9\n")
FIFTY = "".join(f"[network \"net{n}\"]\n    address = 10.99.{n}.1/24\n    dhcp = 10.99.{n}.10-10.99.{n}.99\n"
                f"    host = 52:54:00:50:00:{n:02x} 10.99.{n}.9 guest{n}\n" for n in range(50))


def test_errors_of_a_file_then_fifty_networks(make_node):
    """Every error of a file is there to be read; mended, fifty networks come up. Two ports of one address: none is taken."""
    node = make_node(BAD)
    for number in range(2):
        node.extra += ["-netdev", f"user,id=twin{number},restrict=on", "-device",
                       f"virtio-net-pci,netdev=twin{number},romfile=,mac=52:54:00:cc:00:01"]
    with node:
        screen = " ".join(node.wait_for_status().split())
        assert "default (built in) berth.conf is refused berth.conf:2:5: unknown key \"hostnam\" in [node]; did you mean " \
            "\"hostname\"? 3 errors; all of them: berthconf check /run/berth/boot/berth.conf" in screen
        node.stop()
        node.set_config("[node]\n    hostname = node1\n[uplink \"lan\"]\n    nic = mac:52:54:00:12:34:56\n"
                        "[uplink \"twin\"]\n    nic = mac:52:54:00:cc:00:01\n" + FIFTY)
        node.start()
        node.wait_for_ssh()
        assert "uplink twin: mac:52:54:00:cc:00:01 matches more than one port: eth" in status(node)
        # Neither is up.
        assert node.run("ip -o link | grep 52:54:00:cc:00:01 | grep -c 'state DOWN'") == "2\n"
        assert node.run("ls -d /sys/class/net/br-net* | wc -l").strip() == "50"
        node.wait_until("test $(netstat -lnu | grep -c '10.99.*:53 ') = 50", 120)
        print("steps:", node.run("cd /run/berth/state/boot && grep . network services"), node.run("cat /proc/uptime"))
        for number in (0, 49):
            with guest(node, f"guest{number}", f"net{number}", f"br-net{number}", f"52:54:00:50:00:{number:02x}") as one:
                assert one.lease()["ip"] == f"10.99.{number}.9"
                assert f"10.99.{number}.9" in one.run(f"nslookup -type=a guest{number} 10.99.{number}.1")
