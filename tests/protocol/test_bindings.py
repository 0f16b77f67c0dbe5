# SPDX-License-Identifier: GPL-2.0-only
"""libvirt's bindings as Debian has them: Python's, with its event loop, and Perl's, with the old lists."""

import subprocess
import threading

import libvirt
import pytest


@pytest.fixture
def connection(node):
    opened = libvirt.open(node.uri())
    yield opened
    opened.close()


def test_python_sees_what_virsh_sees(node, connection):
    assert connection.getType() == "QEMU" and connection.getHostname() == node.virsh("hostname").strip()
    assert sorted(domain.name() for domain in connection.listAllDomains()) == ["db", "web"]
    web = connection.lookupByName("web")
    assert not web.isActive() and web.create() == 0 and web.isActive()
    assert web.state()[0] == libvirt.VIR_DOMAIN_RUNNING and web.ID() == int(node.virsh("domid", "web"))
    assert web.memoryStats()["actual"] == 1048576 and web.blockStats("vda")[1] == 4096
    assert web.XMLDesc() + "\n" == node.virsh("dumpxml", "web")
    ((domain, statistics),) = connection.getAllDomainStats(flags=libvirt.VIR_CONNECT_GET_ALL_DOMAINS_STATS_RUNNING)
    assert domain.UUID() == web.UUID() and statistics["block.0.rd.bytes"] == 4096
    assert web.destroy() == 0
    assert [network.name() for network in connection.listAllNetworks()] == ["default", "quiet"]
    store = connection.storagePoolLookupByName("store")
    assert sorted(store.listVolumes()) == ["disk.img", "web.qcow2"]
    assert "computer" in [device.name() for device in connection.listAllDevices()]
    with pytest.raises(libvirt.libvirtError) as fault:
        connection.lookupByName("ghost")
    assert fault.value.get_error_code() == libvirt.VIR_ERR_NO_DOMAIN


def test_what_there_is_none_of(node, connection):
    """Empty lists and the codes that clients branch on, of what is asked for all the same."""
    web = connection.lookupByName("web")
    assert web.snapshotNum() == 0 and web.snapshotListNames() == [] and web.hasCurrentSnapshot() == 0
    assert web.listAllCheckpoints() == [] and web.blockJobInfo("vda") == {}
    assert web.securityLabel() == ["", False] and web.securityLabelList() == [] and connection.getSecurityModel() == ["", ""]
    assert connection.getMaxVcpus("kvm") == 64
    assert connection.listSecrets() == [] and connection.listNWFilters() == []
    network = connection.networkLookupByName("default")
    assert network.listAllPorts() == []
    for code, ask in ((libvirt.VIR_ERR_NO_SECRET, lambda: connection.secretLookupByUUIDString(web.UUIDString())),
                      (libvirt.VIR_ERR_NO_NWFILTER, lambda: connection.nwfilterLookupByName("clean-traffic")),
                      (libvirt.VIR_ERR_INVALID_ARG, lambda: connection.getDomainCapabilities(None, None, "virt", "kvm", 0)),
                      (libvirt.VIR_ERR_NO_SUPPORT, lambda: web.snapshotCreateXML("<domainsnapshot/>"))):
        with pytest.raises(libvirt.libvirtError) as fault:
            ask()
        assert fault.value.get_error_code() == code, fault.value


def test_python_hears_events(node):
    libvirt.virEventRegisterDefaultImpl()
    ended = threading.Event()

    def turn():
        while not ended.is_set():
            libvirt.virEventRunDefaultImpl()

    thread = threading.Thread(target=turn)
    thread.start()
    opened = libvirt.open(node.uri())
    heard = []
    started = threading.Event()

    def happened(_, domain, event, detail, __):
        heard.append((domain.name(), event, detail))
        if event == libvirt.VIR_DOMAIN_EVENT_STOPPED:
            started.set()

    try:
        callback = opened.domainEventRegisterAny(None, libvirt.VIR_DOMAIN_EVENT_ID_LIFECYCLE, happened, None)
        opened.setKeepAlive(1, 3)
        node.virsh("start", "web")
        node.virsh("destroy", "web")
        assert started.wait(60)
        opened.domainEventDeregisterAny(callback)
    finally:
        opened.close()
        # The loop ends with its next event.
        timer = libvirt.virEventAddTimeout(0, lambda *_: None, None)
        ended.set()
        thread.join(60)
        libvirt.virEventRemoveTimeout(timer)
    assert heard == [("web", libvirt.VIR_DOMAIN_EVENT_STARTED, 0), ("web", libvirt.VIR_DOMAIN_EVENT_STOPPED, 1)]


def test_perl_and_the_old_lists(node):
    node.virsh("start", "web")
    script = """
        my $c = Sys::Virt->new(uri => $ARGV[0]);
        print join(" ", map { $_->get_name } $c->list_domains), "\\n";
        print join(" ", map { $_->get_name } $c->list_defined_domains), "\\n";
        print join(" ", map { $_->get_name } $c->list_networks), "\\n";
        print join(" ", sort map { $_->get_name } $c->get_storage_pool_by_name("store")->list_volumes), "\\n";
        my $d = $c->get_domain_by_name("web");
        print $d->get_info->{nrVirtCpu}, " ", $d->is_persistent, "\\n";
        eval { $c->get_domain_by_name("ghost") };
        print $@->code == Sys::Virt::Error::ERR_NO_DOMAIN ? "no domain\\n" : "$@\\n";
    """
    done = subprocess.run(["perl", "-MSys::Virt", "-e", script, node.uri()], capture_output=True, text=True, timeout=60,
                          check=False)
    assert done.stdout.splitlines() == ["web", "db", "default quiet", "disk.img web.qcow2", "2 1", "no domain"], done.stderr
