# SPDX-License-Identifier: GPL-2.0-only
"""Nodes that take their configuration from a server: found by what tells one node from another, checked, kept, looked for
again; and what they do when the server is down, is another, or has a bad file."""

import os
import subprocess

import pytest
from harness import OUT, REPO
from web import Certificate, Web

UUID = "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0"


@pytest.fixture
def web():
    server = Web().start()
    yield server
    server.stop()


def file_of(node, name: str, more: str = "") -> bytes:
    return f"[node]\n    hostname = {name}\n    admin-key = {node.key.public}\n{more}".encode()


def status(node) -> str:
    return " ".join(node.ssh("berth status").stdout.decode().split())


def state(node) -> str:
    return node.run("head -n 1 /run/berth/state/config").strip()


def test_fetched_kept_and_looked_for_again(make_node, web):
    """One node's life: the first boot, changes, a server that is down, a bad file, a server that comes back."""
    node = make_node("[node]\n    hostname = stick\n")
    node.restrict = "off"
    node.extra = ["-smbios", f"type=1,uuid={UUID},serial=S 1/2"]
    node.set_kernel_words(f"berth.config={web.url('/{mac}/{uuid}/{serial}/{hostname}.conf')} hostname=node7")
    path = f"/52-54-00-12-34-56/{UUID}/S%201%2F2/node7.conf"
    web.files[path] = file_of(node, "first")
    with node:
        node.wait_for_ssh()
        assert set(web.asked) == {path}
        assert node.run("hostname") == "first\n" and state(node) == "ok"
        shown = status(node)
        assert "Config ok (fetched)" in shown and ", fetched 20" in shown and "last failure" not in shown
        assert node.run("head -n 1 /run/berth/state/fetch") == web.url(path) + "\n"
        # By hand: a file that is refused, with where; one that is good, to be confirmed.
        web.files[path] = file_of(node, "second", "    hostnam = x\n")
        refused = node.ssh("berth config pull")
        assert refused.returncode == 1
        assert b'berth.conf:4:5: unknown key "hostnam" in [node]; did you mean "hostname"?' in refused.stdout
        assert node.run("hostname") == "first\n"
        web.files[path] = file_of(node, "second")
        said = node.run("berth config pull")
        assert "~ node hostname: first -> second  (live)" in said and "berth config confirm" in said
        assert node.run("hostname") == "second\n"
        node.run("berth config revert")
        assert node.run("hostname") == "first\n"
        node.run("berth config pull --confirm")
        assert node.run("hostname") == "second\n" and state(node) == "ok"
        assert "Config ok (fetched)" in status(node)
        # What comes from a server is a last good one; the stick's own file stays the owner's.
        node.run("sync")
        node.stop()
        assert b"hostname = second" in node.config.read("/good/berth.conf")
        assert b"hostname = stick" in node.config.read("/berth.conf")
        # The server is down: each try is told, and the node comes up as it was.
        web.stop()
        node.start()
        node.console.expect("trying again \\(1 of 3 failed\\)")
        node.wait_for_ssh()
        assert node.run("hostname") == "second\n" and state(node) == "last-good"
        assert "Could not connect" in status(node)
        # It comes back, with another file, which is kept for the server can be reached with it.
        web.files[path] = file_of(node, "third", "    config-pull = 10s\n")
        web.start()
        # It may be looking there by itself just then.
        node.ssh("/usr/lib/berth/config-pull", timeout=150)
        node.wait_until("test \"$(hostname)\" = third && grep -qx ok /run/berth/state/config && ! test -e /run/berth/apply", 120)
        # By interval, a bad file: told, with where, and passed by.
        web.files[path] = file_of(node, "fourth", "[netwrok \"x\"]\n")
        node.wait_until("grep -q 'refused: berth.conf:4:' /run/berth/state/notes/config-pull", 120)
        assert node.run("hostname") == "third\n"
        # One with which the server cannot be reached any more is not kept.
        web.files[path] = file_of(node, "fifth", "[uplink \"gone\"]\n    nic = mac:52:54:00:00:00:99\n")
        node.ssh("/usr/lib/berth/config-pull", timeout=150)
        node.wait_until("grep refused /run/berth/state/notes/config-pull | grep -v 'berth.conf:4:' && ! test -e /run/berth/apply", 150)
        assert node.run("hostname") == "third\n"
        assert "the configuration on the server is refused" in status(node)
        node.stop()
        # Garbage at boot.
        web.files[path] = bytes(range(256)) * 4
        node.start()
        node.wait_for_ssh()
        assert node.run("hostname") == "third\n" and state(node) == "last-good"
        assert "berth.conf is refused" in status(node) and "berth.conf:1:1" in status(node)


@pytest.fixture(scope="module")
def certificates(tmp_path_factory):
    folder = tmp_path_factory.mktemp("certificates")
    return Certificate(folder, "server"), Certificate(folder, "other"), Certificate(folder, "elsewhere", "10.0.2.9")


def fetch(node):
    """What config-fetch says; the last line of it when it fails."""
    done = node.ssh("/usr/lib/berth/config-fetch")
    return done.stdout.decode().strip().rpartition("\n")[2] if done.returncode else "fetched"


def test_tls_by_key_and_by_ca(make_node, web, certificates):
    """The file on the stick says where the real one is, and whom to believe."""
    server, other, elsewhere = certificates
    web.stop()
    web.start(server)
    url = web.url("/node.conf", "https")
    node = make_node(f"[node]\n    config-url = {url} key={server.fingerprint}\n")
    node.restrict = "off"
    web.files["/node.conf"] = file_of(node, "trusted")
    with node:
        node.wait_for_ssh()
        assert node.run("hostname") == "trusted\n" and state(node) == "ok"
        # The file that was fetched need not repeat where it comes from.
        assert fetch(node) == "fetched"
        web.stop()
        web.start(other)
        assert "SSL public key does not match pinned public key" in fetch(node)
        assert "SSL public key does not match" in status(node)

        def with_trust(words: str):
            text = file_of(node, "trusted", f"    config-url = {url} {words}\n")
            return node.ssh("berth config apply --confirm -", stdin=text)

        assert with_trust("").returncode == 1
        assert with_trust(f"ca={server.ca}").returncode == 0
        assert "certificate is not correctly signed by the trusted CA" in fetch(node)
        assert with_trust(f"ca={other.ca}").returncode == 0
        assert fetch(node) == "fetched"
        # Both: the right CA, the wrong key.
        assert with_trust(f"ca={other.ca} key={server.fingerprint}").returncode == 0
        assert "does not match" in fetch(node)
        # A certificate of the right CA, for another server.
        web.stop()
        web.start(elsewhere)
        assert with_trust(f"ca={elsewhere.ca}").returncode == 0
        assert "does not match the expected" in fetch(node) or "expected CN" in fetch(node)


@pytest.fixture(scope="module")
def pxe(tmp_path_factory):
    """Makes a folder of `make pxe` with words of one's own."""
    def make(words: str):
        folder = tmp_path_factory.mktemp("pxe")
        subprocess.run([REPO / "image-build" / "pxe.sh"], check=True,
                       env={**os.environ, "OUT": str(OUT), "PXE": str(folder), "WORDS": words})
        return folder
    return make


def test_two_nodes_by_mac_from_one_server(make_node, web, pxe, tmp_path):
    """Booted from the net, without a config partition: one has a data volume that the command line names, one has nothing."""
    web.folder = pxe(f"berth.config={web.url('/{mac}.conf')}")
    web.files["/disk.ipxe"] = (web.folder / "boot.ipxe").read_bytes().replace(b" BOOTIF", b" berth.disk=serial:DATA0 BOOTIF")
    disk = tmp_path / "data.img"
    with open(disk, "wb") as stream:
        stream.truncate(100 << 20)
    one = make_node(None, net_boot=web.url("/disk.ipxe"), memory=768)
    two = make_node(None, net_boot=web.url("/boot.ipxe"), memory=768)
    one.extra = ["-drive", f"if=none,id=data,file={disk},format=raw,cache=unsafe",
                 # Sectors of 4 KiB: nothing of the volume's life minds.
                 "-device", "virtio-blk-pci,drive=data,serial=DATA0,logical_block_size=4096,physical_block_size=4096"]
    for number, node in enumerate((one, two), 1):
        node.restrict = "off"
        node.mac = f"52:54:00:12:34:0{number}"
    web.files["/52-54-00-12-34-01.conf"] = file_of(one, "one", "    data = serial:DATA0 format=if-blank\n")
    with one, two:
        # Nothing for the second one yet: it comes up as it can, says why, and takes the file once it is there.
        screen = " ".join(two.wait_for_status().split())
        assert "default (built in) it cannot be fetched: The requested URL returned error: 404" in screen
        web.files["/52-54-00-12-34-02.conf"] = file_of(two, "two")
        one.wait_for_ssh()
        assert one.run("hostname") == "one\n"
        one.wait_until("grep -q mounted /run/berth/state/data && test -s /data/berth/good/berth.conf")
        key = one.run("cat /run/berth/state/ssh-fingerprint")
        # With the server's file gone, the data volume has the last good one, and the host key.
        del web.files["/52-54-00-12-34-01.conf"]
        one.run("sync")
        one.restart()
        one.wait_for_ssh()
        assert one.run("hostname") == "one\n" and state(one) == "last-good"
        assert one.run("cat /run/berth/state/ssh-fingerprint") == key
        assert "good/berth.conf on the data volume" in status(one) and "404" in status(one)
        two.wait_for_ssh()
        two.wait_until("test \"$(hostname)\" = two && grep -qx ok /run/berth/state/config", 150)
        # What is changed by hand lasts until the next boot, and can be taken back.
        two.ssh("berth config apply --confirm -", stdin=file_of(two, "changed"))
        assert two.run("hostname") == "changed\n"
        assert "ok (berth.conf in memory, until the next boot)" in status(two)
        two.run("berth config revert --confirm")
        assert two.run("hostname") == "two\n"


SERVER = """
[node]
    hostname = server
    data = serial:DATA0 format=if-blank
[uplink "mgmt"]
    nic = mac:52:54:00:12:34:56
[uplink "rack"]
    nic = mac:52:54:00:bb:00:00
    address = none
[uplink "tagged"]
    vlan = 20 on=rack
    address = none
[network "default"]
    mode = off
[network "rack"]
    mode = isolated
    uplink = rack
    address = 10.9.0.1/24
    dhcp = 10.9.0.10-10.9.0.99
    tftp = tftp/
    boot-file = pxelinux.0 arch=bios
[network "tagged"]
    mode = isolated
    uplink = tagged
    address = 10.20.0.1/24
    dhcp = 10.20.0.10-10.20.0.99
    tftp = tftp/
"""


def test_a_node_boots_another_over_its_own_network(make_node, pxe, tmp_path):
    """Kernel and initrd by TFTP from the other node's folder; the configuration from there as well, over a VLAN."""
    disk = tmp_path / "data.img"
    with open(disk, "wb") as stream:
        stream.truncate(200 << 20)
    place = tmp_path / "cable"
    server = make_node(SERVER)
    server.extra = ["-drive", f"if=none,id=data,file={disk},format=raw,cache=unsafe", "-device", "virtio-blk-pci,drive=data,serial=DATA0",
                    "-netdev", f"stream,id=rack,server=on,addr.type=unix,addr.path={place}",
                    "-device", "virtio-net-pci,netdev=rack,romfile=,mac=52:54:00:bb:00:00"]
    client = make_node(None, memory=768)
    client.diskless = True
    client.extra = ["-netdev", f"stream,id=rack,server=off,addr.type=unix,addr.path={place}",
                    "-device", "virtio-net-pci,netdev=rack,mac=52:54:00:aa:00:00,bootindex=1"]
    folder = pxe("berth.config=tftp://10.20.0.1/{mac}.conf berth.uplink=lan,nic=boot,address=none "
                 "berth.uplink=mgmt,vlan=20+on=lan,address=dhcp")
    with server:
        server.wait_for_ssh()
        server.wait_until("grep -q mounted /run/berth/state/data")
        for name in ("pxelinux.0", "ldlinux.c32", "vmlinuz", "initrd", "pxelinux.cfg/default"):
            done = server.ssh(f"mkdir -p /data/tftp/pxelinux.cfg && cat > /data/tftp/{name}", stdin=(folder / name).read_bytes())
            assert done.returncode == 0
        # SSH reaches the client by a port that plays no part.
        text = file_of(client, "served", '[uplink "away"]\n    nic = mac:52:54:00:12:34:56\n'
                       '[uplink "lan"]\n    nic = mac:52:54:00:aa:00:00\n    address = none\n'
                       '[uplink "mgmt"]\n    vlan = 20 on=lan\n    address = dhcp\n')
        assert server.ssh("cat > /data/tftp/52-54-00-aa-00-00.conf", stdin=text).returncode == 0
        with client:
            client.wait_for_ssh()
            assert client.run("hostname") == "served\n" and state(client) == "ok"
            assert client.run("head -n 1 /run/berth/state/fetch") == "tftp://10.20.0.1/52-54-00-aa-00-00.conf\n"
            assert "inet 10.20.0." in client.run("ip -4 address show dev mgmt")
            assert client.run("grep -L '^ok ' /run/berth/state/boot/* || :") == ""
