# SPDX-License-Identifier: GPL-2.0-only
"""Networks defined, started, changed and removed by Debian's virsh; they are sections of the file."""

import re

import pexpect
import pytest

from conftest import CONFIGURATION, REPO

UUID = "98361b46-1581-acb7-1643-85a412626e70"
# After the guide's: a network that an administrator of KVM hosts writes.
VNET1 = f"""<network>
  <name>vnet1</name>
  <uuid>{UUID}</uuid>
  <forward dev='eth0' mode='nat'/>
  <bridge name='vnet1' stp='on' delay='4'/>
  <mtu size='1400'/>
  <domain name='lab.example'/>
  <dns>
    <forwarder addr='192.0.2.53'/>
    <host ip='192.168.100.1'>
      <hostname>gw.lab.example</hostname>
    </host>
  </dns>
  <ip address='192.168.100.1' netmask='255.255.255.0'>
    <tftp root='/data/tftp'/>
    <dhcp>
      <range start='192.168.100.128' end='192.168.100.254'/>
      <host mac='52:54:00:00:00:01' name='one' ip='192.168.100.10'/>
      <bootp file='pxelinux.0'/>
    </dhcp>
  </ip>
  <ip family='ipv6' address='2001:db8:1::1' prefix='64'/>
  <route address='10.9.0.0' prefix='16' gateway='192.168.100.20'/>
</network>
"""


def networks(node, *options: str) -> list:
    return [line.split() for line in node.virsh("net-list", *options).splitlines()[2:] if line.strip()]


def write(tmp_path, text: str) -> str:
    file = tmp_path / "net.xml"
    file.write_text(text, encoding="utf-8")
    return str(file)


def test_the_usual_way(node, tmp_path):
    assert node.virsh("net-define", write(tmp_path, VNET1)) == f"Network vnet1 defined from {tmp_path}/net.xml\n\n"
    assert ["vnet1", "inactive", "no", "yes"] in networks(node, "--all")
    node.virsh("net-start", "vnet1")
    assert "already active" in node.refused("net-start", "vnet1")
    node.virsh("net-autostart", "vnet1")
    assert ["vnet1", "active", "yes", "yes"] in networks(node)
    assert node.virsh("net-uuid", "vnet1").strip() == UUID
    assert "net-destroy" in node.refused("net-undefine", "vnet1")
    node.virsh("net-destroy", "vnet1")
    assert "not active" in node.refused("net-destroy", "vnet1")
    assert ["vnet1", "inactive", "yes", "yes"] in networks(node, "--all")
    node.virsh("net-undefine", "vnet1")
    assert "Network not found" in node.refused("net-info", "vnet1")


def test_what_was_written_comes_back(node, tmp_path):
    node.virsh("net-define", write(tmp_path, VNET1))
    back = node.virsh("net-dumpxml", "vnet1")
    for part in ("<forward dev='eth0' mode='nat'>", "<interface dev='eth0'/>", "<bridge name='vnet1' stp='on' delay='4'/>", "<mtu size='1400'/>", UUID,
                 "<domain name='lab.example'/>", "<forwarder addr='192.0.2.53'/>", "<hostname>gw.lab.example</hostname>",
                 "<tftp root='/data/tftp'/>", "<range start='192.168.100.128' end='192.168.100.254'/>",
                 "<host mac='52:54:00:00:00:01' name='one' ip='192.168.100.10'/>", "<bootp file='pxelinux.0'/>",
                 "<ip family='ipv6' address='2001:db8:1::1' prefix='64'/>",
                 "<route address='10.9.0.0' prefix='16' gateway='192.168.100.20'/>"):
        assert part in back, back
    # Out of what came back, the same; less of it, less.
    node.virsh("net-define", write(tmp_path, back))
    assert node.virsh("net-dumpxml", "vnet1") == back
    node.virsh("net-define", write(tmp_path, re.sub(r"<route .*?/>|<tftp .*?/>", "", back)))
    less = node.virsh("net-dumpxml", "vnet1")
    assert "<route" not in less and "<tftp" not in less and "<bootp" in less
    assert "already defined" in node.refused("net-define", write(tmp_path, back.replace(UUID, UUID.replace("98", "99"))))
    assert "already exists" in node.refused("net-define", write(tmp_path, back.replace("<name>vnet1", "<name>other")))


def test_how_a_delay_was_spelled_once(node, tmp_path):
    node.virsh("net-define", write(tmp_path, VNET1.replace("delay='4'", "forwardDelay='5'")))
    assert "<bridge name='vnet1' stp='on' delay='5'/>" in node.virsh("net-dumpxml", "vnet1")


def test_one_way_out(serve, tmp_path):
    """Its uplink's name, said once or twice; not two of them, and not what is no uplink."""
    node = serve("[uplink \"lan\"]\n    nic = mac:52:54:00:00:00:01\n[uplink \"dsl\"]\n    nic = mac:52:54:00:00:00:02\n" + CONFIGURATION)
    one = VNET1.replace("dev='eth0' mode='nat'/>", "dev='lan'><interface dev='lan'/></forward>")
    for text in (one, one.replace(" dev='lan'", "", 1), VNET1.replace("eth0", "lan")):
        node.virsh("net-define", write(tmp_path, text))
        assert "<forward dev='lan' mode='nat'>\n    <interface dev='lan'/>" in node.virsh("net-dumpxml", "vnet1")
        node.virsh("net-undefine", "vnet1")
    for wrong in (VNET1, one.replace("'lan'", "'dsl'", 1), one.replace("<interface", "<interface dev='dsl'/><interface")):
        assert re.search(r"no \[uplink \"eth0\"\]|network/forward/interface", node.refused("net-define", write(tmp_path, wrong)))
    node.virsh("net-define", write(tmp_path, one))
    node.virsh("net-define", write(tmp_path, one.replace("lan", "dsl")))
    assert "<forward dev='dsl'" in node.virsh("net-dumpxml", "vnet1")
    node.virsh("net-define", write(tmp_path, VNET1.replace("dev='eth0' ", "")))
    assert "<forward mode='nat'/>" in node.virsh("net-dumpxml", "vnet1")


def test_the_default_network_is_defined_anew(node):
    """From the file that every KVM host has."""
    node.virsh("net-define", str(REPO / "rootfs/usr/share/libvirt/networks/default.xml"))
    back = node.virsh("net-dumpxml", "default")
    for part in ("<forward mode='nat'", "name='virbr0'", "<ip address='192.168.122.1'", "<range start='192.168.122.2' end='192.168.122.254'/>"):
        assert part in back, back


def test_what_xml_has_no_place_for_stays(serve, tmp_path):
    node = serve(CONFIGURATION.replace("[pool \"default\"]", """[network "lab"]  ; our lab
    address = 10.7.0.1/24
    host = 52:54:00:00:00:07 10.7.0.7 seven
    # the shop
    forward = tcp 8080 seven:80
    lease = 2h
    option = ntp-server 10.7.0.1
    boot-file = bios.0 arch=bios
    ipv6 = ula
[pool "default"]""", 1))
    back = node.virsh("net-dumpxml", "lab")
    node.virsh("net-define", write(tmp_path, back.replace("</ip>", "<dhcp><range start='10.7.0.50' end='10.7.0.60'/></dhcp></ip>", 1)
                                   if "<dhcp>" not in back else back.replace("<dhcp>", "<dhcp><range start='10.7.0.50' end='10.7.0.60'/>")))
    assert "<range start='10.7.0.50' end='10.7.0.60'/>" in node.virsh("net-dumpxml", "lab")
    # A host that a forward leads to cannot go: so the forward is still there.
    assert "named \"seven\"" in node.refused("net-update", "lab", "delete", "ip-dhcp-host",
                                             "<host mac='52:54:00:00:00:07'/>", "--config")


@pytest.mark.parametrize("change,path", [
    (("<mtu size='1400'/>", "<virtualport type='openvswitch'/>"), "network/virtualport"),
    (("mode='nat'", "mode='open'"), "network/forward/@mode"),
    (("mode='nat'", "mode='bridge'"), "network/forward/@mode"),
    (("<forwarder addr='192.0.2.53'/>", "<txt name='a' value='b'/>"), "network/dns/txt"),
    (("end='192.168.100.254'", "end='192.168.101.254'"), "the DHCP range is not inside"),
    (("192.168.100.1'", "192.168.122.9'"), "overlaps"),
    (("<bridge name='vnet1'", "<bridge name='virbr0'"), "virbr0")])
def test_what_cannot_be_done_is_named(node, tmp_path, change, path):
    assert change[0] in VNET1
    assert path in node.refused("net-define", write(tmp_path, VNET1.replace(*change)))
    assert "vnet1" not in node.virsh("net-list", "--all", "--name").split()


def test_bad_xml(node, tmp_path):
    for text in ("<network/>", "<domain/>", "nothing", VNET1.replace("192.168.100.1'", "here'")):
        assert "XML error" in node.refused("net-define", write(tmp_path, text))
    assert "XML error" in node.refused("net-create", write(tmp_path, "<network/>"))


def test_created(node, tmp_path):
    """Defined and started: there is nothing beside the file."""
    assert "Network vnet1 created from" in node.virsh("net-create", write(tmp_path, VNET1))
    assert ["vnet1", "active", "no", "yes"] in networks(node)
    assert "already active" in node.refused("net-create", write(tmp_path, VNET1))
    assert "bridge" in node.refused("net-create", write(tmp_path, VNET1.replace("mode='nat'", "mode='bridge'")))
    node.virsh("net-destroy", "vnet1")
    node.virsh("net-create", write(tmp_path, VNET1))
    assert node.virsh("net-uuid", "vnet1").strip() == UUID


def test_updates(node):
    host = "<host mac='52:54:00:00:00:02' name='two' ip='192.168.122.20'/>"
    node.virsh("net-update", "default", "add", "ip-dhcp-host", host, "--live", "--config")
    assert host in node.virsh("net-dumpxml", "default")
    assert "already" in node.refused("net-update", "default", "add", "ip-dhcp-host", host, "--live", "--config")
    moved = host.replace(".20'", ".21'")
    node.virsh("net-update", "default", "modify", "ip-dhcp-host", moved, "--config")
    assert moved in node.virsh("net-dumpxml", "default") and host not in node.virsh("net-dumpxml", "default")
    node.virsh("net-update", "default", "delete", "ip-dhcp-host", "<host mac='52:54:00:00:00:02'/>", "--config")
    assert "52:54:00:00:00:02" not in node.virsh("net-dumpxml", "default")
    assert "couldn't locate" in node.refused("net-update", "default", "delete", "ip-dhcp-host", moved, "--config")
    name = "<host ip='192.168.122.1'><hostname>gw</hostname><hostname>door</hostname></host>"
    node.virsh("net-update", "default", "add", "dns-host", name, "--config")
    assert "<hostname>door</hostname>" in node.virsh("net-dumpxml", "default")
    node.virsh("net-update", "default", "delete", "dns-host", name, "--config")
    assert "<hostname>" not in node.virsh("net-dumpxml", "default")
    range_ = "<range start='192.168.122.2' end='192.168.122.254'/>"
    node.virsh("net-update", "default", "delete", "ip-dhcp-range", range_, "--config")
    assert range_ not in node.virsh("net-dumpxml", "default")
    assert "in force is the file" in node.refused("net-update", "default", "add", "ip-dhcp-range", range_, "--live")
    assert "not inside" in node.refused("net-update", "default", "add", "ip-dhcp-host",
                                        host.replace("192.168.122.20", "10.0.0.1"), "--config")
    assert "net-edit" in node.refused("net-update", "default", "modify", "domain", "<domain name='x'/>", "--config")


def test_a_network_that_a_guest_has(node):
    """Stopped it can be, as on every host; gone it cannot, and which guest holds it is told."""
    node.virsh("start", "web")
    node.virsh("net-destroy", "default")
    assert ("network 'default' is used by guest 'web': take it out of the guest's definition first (virsh edit web)"
            in node.refused("net-undefine", "default"))
    node.virsh("destroy", "web")
    node.virsh("undefine", "web")
    node.virsh("net-undefine", "default")
    assert "default" not in node.virsh("net-list", "--all", "--name").split()


def test_a_built_in_network(serve, tmp_path):
    node = serve(re.sub(r'\[network "default"\].*?\n\n', "", CONFIGURATION, flags=re.S).replace("nic = default mac=52:54:00:11:22:33", ""))
    before = node.virsh("net-dumpxml", "default")
    node.virsh("net-update", "default", "add", "ip-dhcp-host",
               "<host mac='52:54:00:00:00:02' name='two' ip='192.168.122.20'/>", "--config")
    assert "<range start='192.168.122.2'" in node.virsh("net-dumpxml", "default")
    node.virsh("net-destroy", "default")
    node.virsh("net-undefine", "default")
    assert "default" not in node.virsh("net-list", "--all", "--name").split()
    node.virsh("net-define", write(tmp_path, before))
    assert ["default", "inactive", "no", "yes"] in networks(node, "--all")
    assert node.virsh("net-dumpxml", "default") == before


def test_a_network_on_an_uplink_is_left_alone(serve):
    node = serve(CONFIGURATION.replace("[pool \"default\"]", """[uplink "lan"]
    nic = mac:52:54:00:aa:bb:cc
[network "office"]
    mode = bridge
    uplink = lan
[pool "default"]""", 1))
    for command in (["net-destroy"], ["net-undefine"], ["net-autostart", "--disable"]):
        assert "uplink 'lan'" in node.refused(*command, "office")
    assert ["office", "active", "yes", "yes"] in networks(node)


def test_events(node, tmp_path):
    child = pexpect.spawn("/usr/bin/virsh", ["-c", node.uri(), "net-event", "--event", "lifecycle", "--loop"],
                          encoding="utf-8", timeout=60)
    # Its registration is not told, so there is something to hear until it hears it.
    for _ in range(60):
        node.virsh("net-destroy", "quiet")
        node.virsh("net-start", "quiet")
        if child.expect(["'lifecycle' for network quiet: Stopped", pexpect.TIMEOUT], timeout=1) == 0:
            break
    node.virsh("net-define", write(tmp_path, VNET1))
    child.expect("'lifecycle' for network vnet1: Defined")
    node.virsh("net-undefine", "vnet1")
    child.expect("'lifecycle' for network vnet1: Undefined")
    child.close(force=True)
