# SPDX-License-Identifier: GPL-2.0-only
"""Two nodes with cables between them, and guests that are namespaces of a node.

The node under test has its uplinks on the other one, "peer", which serves DHCP and DNS on bridges of its own and has the
outside world, 192.0.2.80, behind them. SSH reaches both by a port that plays no part.
"""

from pathlib import Path

import pexpect
from harness import BOOT_SECONDS, Node, seconds

OUTSIDE = "192.0.2.80"
MANAGEMENT = "[uplink \"mgmt\"]\n    nic = mac:52:54:00:12:34:56\n    address = 10.0.2.15/24\n    ipv6 = off\n"

NODE = MANAGEMENT + """
[node]
    hostname = node1
    data = serial:DATA0 format=if-blank
[uplink "fix"]
    nic = mac:52:54:00:aa:00:00
    address = 203.0.113.2/24
    gateway = 203.0.113.1
[uplink "dyn"]
    nic = mac:52:54:00:aa:00:01
    address = dhcp
[uplink "tagged"]
    vlan = 20 on=dyn
    address = 10.20.0.2/24
[uplink "trunk"]
    nic = mac:52:54:00:aa:00:02
    nic = mac:52:54:00:aa:00:03
    bond = active-backup
    address = 10.30.0.2/24
    mtu = 9000
[network "office"]
    mode = bridge
    uplink = trunk
[network "default"]
    address = 192.168.122.1/24
    dhcp = 192.168.122.100-192.168.122.199
    domain = lab.example
    ipv6 = fd00:122::1/64
    host = 52:54:00:11:22:33 192.168.122.10 web
    record = gw.lab.example 192.168.122.1
    forward = tcp 8080 web:80
    tftp = tftp/
    boot-file = pxelinux.0
    boot-file = berth.efi arch=uefi
    option = ntp-server 192.168.122.7
[network "second"]
    address = 192.168.100.1/24
    dhcp = 192.168.100.128-192.168.100.254
    ipv6 = fd00:100::1/64
    dhcp6 = fd00:100::100-fd00:100::1ff
    out = dyn
    host = 52:54:00:44:55:66 192.168.100.20 db
[network "closed"]
    mode = isolated
    address = 192.168.150.1/24
    dhcp = 192.168.150.10-192.168.150.20
[uplink "wall"]
    nic = mac:52:54:00:aa:00:04
    address = none
[network "lab"]
    mode = isolated
    uplink = wall
    stp = yes
    forward-delay = 2s
    address = 10.40.0.1/24
    dhcp = 10.40.0.10-10.40.0.20
    ipv6 = ula
    record = door.lab 10.40.0.1
    tftp = tftp/lab
    boot-file = pxelinux.0 arch=bios
    boot-file = hello.efi arch=uefi
[guest "mail"]
    memory = 64M
    nic = default mac=52:54:00:77:00:01
"""

PEER = MANAGEMENT + """
[node]
    hostname = peer
[uplink "p0"]
    nic = mac:52:54:00:bb:00:00
    address = none
[uplink "p1"]
    nic = mac:52:54:00:bb:00:01
    address = none
[uplink "p2"]
    nic = mac:52:54:00:bb:00:02
    address = none
    mtu = 9000
[uplink "p3"]
    nic = mac:52:54:00:bb:00:03
    address = none
    mtu = 9000
[network "fix"]
    mode = routed
    address = 203.0.113.1/24
[network "dyn"]
    mode = routed
    address = 198.51.100.1/24
    dhcp = 198.51.100.100-198.51.100.199
    ipv6 = 2001:db8:51::1/64
    lease = 10m
    record = outside.example 192.0.2.80
[network "trunk"]
    mode = routed
    address = 10.30.0.1/24
    ipv6 = 2001:db8:30::1/64
    mtu = 9000
"""

PORTS = 4
# The sockets of the wall, where machines plug themselves in.
FIRMWARES = ("bios", "uefi")


def cable(node: Node, number: int, server: bool) -> None:
    """Port `number` of a node; the two ends of a cable are a socket of this machine."""
    place = node.folder.parent / f"cable{number}"
    mac = f"52:54:00:{'bb' if server else 'aa'}:00:{number:02x}"
    node.extra += ["-netdev", f"stream,id=c{number},server={'on' if server else 'off'},addr.type=unix,addr.path={place}",
                   "-device", f"virtio-net-pci,netdev=c{number},id=nic{number},romfile=,mac={mac},speed=1000,duplex=full"
                   + (",bus=hotplug0" if number == 1 and not server else "")]


def plug(node: Node, name: str, here: str, there: str) -> str:
    """One end of a cable to the wall, for QEMU; datagrams, for a machine comes and goes there."""
    return f"dgram,id={name},local.type=unix,local.path={node.folder / here},remote.type=unix,remote.path={node.folder / there}"


def wall(node: Node) -> None:
    """One more port of the node: a switch, with a cable for a machine of each firmware."""
    node.extra += ["-netdev", "hubport,id=wall,hubid=0", "-device", "virtio-net-pci,netdev=wall,romfile=,mac=52:54:00:aa:00:04"]
    for name in FIRMWARES:
        node.extra += ["-netdev", plug(node, name, f"{name}-node", f"{name}-machine"),
                       "-netdev", f"hubport,id=wall-{name},hubid=0,netdev={name}"]


def machine_on_the_wall(node: Node, firmware: str) -> pexpect.spawn:
    """A machine with nothing to boot from but the network; what it writes to its serial port."""
    variables = []
    if firmware == "uefi":
        copy = node.folder / "wall-variables.fd"
        copy.write_bytes(Path("/usr/share/OVMF/OVMF_VARS_4M.fd").read_bytes())
        variables = ["-drive", "if=pflash,unit=0,format=raw,readonly=on,file=/usr/share/OVMF/OVMF_CODE_4M.fd",
                     "-drive", f"if=pflash,unit=1,format=raw,file={copy}"]
    return pexpect.spawn("qemu-system-x86_64", [
        "-accel", "kvm" if Node.kvm else "tcg", "-cpu", "host" if Node.kvm else "max", "-machine", "q35", "-m", "256", "-nodefaults",
        "-no-user-config", "-display", "none", "-vga", "std", "-no-reboot", *variables, "-serial", "stdio",
        "-netdev", plug(node, "wall", f"{firmware}-machine", f"{firmware}-node"),
        # UEFI's own PXE client; BIOS has that of the port's ROM, which is iPXE.
        "-device", f"virtio-net-pci,netdev=wall,bootindex=1,mac=52:54:00:cc:00:{FIRMWARES.index(firmware):02x}"
        + (",romfile=" if firmware == "uefi" else "")], encoding="utf-8", codec_errors="replace", timeout=seconds(3 * BOOT_SECONDS))


def make_pair(folder) -> tuple:
    """The node and its peer, both up; the peer's ports are in its bridges."""
    nodes = []
    for name, config in (("peer", PEER), ("node", NODE)):
        place = folder / name
        place.mkdir()
        node = Node(place, memory=512)
        node.set_config(config)
        node.one_connection = True
        for number in range(PORTS):
            cable(node, number, name == "peer")
        if name == "node":
            wall(node)
        nodes.append(node)
    peer, node = nodes
    disk = folder / "data.img"
    disk.write_bytes(b"")
    with open(disk, "r+b") as stream:
        stream.truncate(200 << 20)
    node.extra += ["-drive", f"if=none,id=data,file={disk},format=raw,cache=unsafe",
                   "-device", "virtio-blk-pci,drive=data,serial=DATA0"]
    peer.start()
    node.start()
    peer.wait_for_ssh()
    peer.run("ip link set p0 master br-fix; ip link set p1 master br-dyn; ip link set p2 master br-trunk; "
             "ip link set p3 master br-trunk; ip link add out type dummy; ip link set out up; "
             f"ip address add {OUTSIDE}/32 dev out; ip link add link p1 name v20 type vlan id 20; ip link set v20 up; "
             "ip address add 10.20.0.1/24 dev v20; iptables -I INPUT -p tcp --dport 8000:8099 -j ACCEPT")
    node.wait_for_ssh()
    node.wait_until("ip -4 route show default | grep -q 'dev dyn'")
    # Its volume is made at the first boot, which goes on beside the node when it takes long.
    node.wait_until("test -d /data/tftp && echo loader > /data/tftp/pxelinux.0")
    return node, peer


def set_link(node: Node, number: int, up: bool) -> None:
    """Pull a node's end of a cable, or put it back; the other end has its link."""
    node.monitor.command("set_link", name=f"nic{number}", up=up)


class Guest:
    """A namespace on a bridge of the node, in the place of a guest; its port is held to its addresses as a guest's is."""

    def __init__(self, node: Node, name: str, network: str, bridge: str, mac: str, port_of: str = ""):
        self.node = node
        self.name = name
        node.run(f"ip netns add {name}; ip link add t-{name} type veth peer name {name}0 address {mac}; "
                 f"/usr/lib/berth/guest-port t-{name} {network} {port_of or mac} && ip link set t-{name} master {bridge} up; "
                 f"ip link set {name}0 netns {name}; ip netns exec {name} ip link set {name}0 up; "
                 f"ip netns exec {name} ip link set lo up")

    def command(self, command: str) -> str:
        return f"ip netns exec {self.name} {command}"

    def run(self, command: str, timeout: float = 60) -> str:
        return self.node.run(self.command(command), timeout)

    def soon(self, command: str) -> None:
        """It comes true: who asked for what is refused waits for a moment before it asks again."""
        self.node.wait_until(self.command(command))

    def can(self, command: str) -> bool:
        return self.node.ssh(self.command(command)).returncode == 0

    def address(self, address: str, router: str = "") -> None:
        self.run(f"ip address add {address} dev {self.name}0")
        if router:
            self.run(f"ip route add default via {router}")

    def lease(self, timeout: float = 60, options: str = "") -> dict:
        """What DHCP gives, put to use. `options` are udhcpc's."""
        self.node.run("cat > /tmp/lease <<'E'\n#!/bin/sh\n[ \"$1\" = bound ] || exit 0\n"
                      "printf '%s\\n' ip=$ip router=$router dns=$dns domain=$domain boot=${bootfile:-$boot_file} server=$siaddr ntp=$ntpsrv > /tmp/got\n"
                      "ip -4 address flush dev $interface scope global\nip address add $ip/24 dev $interface\n"
                      "[ -z \"$router\" ] || ip route replace default via $router\nE\nchmod +x /tmp/lease")
        self.run(f"udhcpc -i {self.name}0 -n -q -f -t 20 -T 2 -s /tmp/lease -O bootfile {options}", timeout)
        return dict(line.split("=", 1) for line in self.node.run("cat /tmp/got").splitlines())

    def remove(self) -> None:
        self.node.ssh(f"ip netns pids {self.name} | xargs -r kill; ip netns del {self.name}; ip link del t-{self.name}")
