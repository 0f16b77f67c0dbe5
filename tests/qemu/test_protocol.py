# SPDX-License-Identifier: GPL-2.0-only
"""The management protocol of a booted node: its own virsh, and Debian's over ssh."""

import os
import random
import stat
import subprocess
import sys

import pytest
from guests import Virsh
from harness import REPO, Node, free_port, seconds

sys.path.insert(0, str(REPO / "tests"))
from certificates import Authority  # noqa: E402
from raw_client import CAPABILITIES, GET_TYPE, answer, call, connect, flood, is_closed  # noqa: E402

pytestmark = pytest.mark.xdist_group("protocol")

TLS = """
[node]
    tls = tls/node.pem key=tls/node.key ca=tls/ca.pem crl=tls/crl.pem
    tls-allow = "O=Example, CN=desk*"
    allow = tcp 16514
"""

CONFIG = """
[guest "web"]
    memory = 64M
    nic = default mac=52:54:00:11:22:33
[guest "db"]
    memory = 128M
    vcpus = 2
"""


@pytest.fixture(scope="module")
def node(tmp_path_factory):
    one = Node(tmp_path_factory.mktemp("protocol"))
    one.set_config(CONFIG + TLS)
    one.authority = Authority(one.folder / "ca")
    own = one.authority.issue("node", "server", "/CN=localhost")
    one.config.make_folder("/tls")
    for name, file in (("node.pem", own / "servercert.pem"), ("node.key", own / "serverkey.pem"),
                       ("ca.pem", one.authority.certificate), ("crl.pem", one.authority.crl)):
        one.config.write(f"/tls/{name}", file.read_bytes())
    with one:
        yield one.wait_for_ssh()


def over_ssh(node, *arguments: str, more: str = "") -> subprocess.CompletedProcess:
    """Debian's virsh on this machine, as an administrator at a desk runs it; `more` goes to the URI."""
    ssh = node.folder / "ssh"
    ssh.write_text(f"#!/bin/sh\nexec ssh -F none -i {node.key.path} -o IdentitiesOnly=yes -o BatchMode=yes -o LogLevel=ERROR "
                   f"-o UserKnownHostsFile={node.folder / 'known_hosts'} -o StrictHostKeyChecking=accept-new \"$@\"\n")
    ssh.chmod(ssh.stat().st_mode | stat.S_IXUSR)
    uri = f"qemu+ssh://root@127.0.0.1:{node.port}/system?command={ssh}{more}"
    return subprocess.run(["/usr/bin/virsh", "-c", uri, *arguments], capture_output=True, text=True, timeout=seconds(120),
                          check=False, env={**os.environ, "LC_ALL": "C.UTF-8"})


def test_the_nodes_own_virsh(node):
    assert node.run("virsh list --all --name").split() == ["db", "web"]
    assert "Max memory:     65536 KiB" in node.run("virsh dominfo web")
    assert "QEMU 10.0.0" in node.run("virsh version")
    assert node.run("virsh -q net-list").split() == ["default", "active", "yes", "yes"]
    assert node.run("virsh hostname").strip() == node.run("hostname").strip()
    assert "52:54:00:11:22:33" in node.run("virsh domiflist web")
    # Read-only, by the socket for everybody.
    done = node.ssh("virsh -r start web")
    assert done.returncode == 1 and b"read only access prevents virDomainCreate" in done.stderr


def test_debians_virsh_over_ssh(node):
    done = over_ssh(node, "list", "--all")
    assert done.returncode == 0, done.stderr
    assert [line.split() for line in done.stdout.splitlines()[2:] if line] == [["-", "db", "shut", "off"],
                                                                              ["-", "web", "shut", "off"]]
    for command in (["dominfo", "db"], ["dumpxml", "web"], ["nodeinfo"], ["capabilities"], ["net-dumpxml", "default"],
                    ["domstats"], ["pool-list", "--all"]):
        ours = node.run("virsh " + " ".join(command))
        done = over_ssh(node, *command)
        assert (done.returncode, done.stdout) == (0, ours), done.stderr
    done = over_ssh(node, "start", "ghost")
    assert done.returncode == 1 and "failed to get domain 'ghost'" in done.stderr


def test_sockets_are_as_they_should_be(node):
    modes = node.run("stat -c '%a %U' /var/run/libvirt/libvirt-sock /var/run/libvirt/libvirt-sock-ro").split()
    assert modes == ["770", "root", "777", "root"]


def test_autostart_edits_the_file(node):
    """What a client changes is a line of berth.conf, and stays over a reboot."""
    assert "marked as autostarted" in node.run("virsh autostart db")
    assert "autostart = yes" in node.run("sed -n '/guest \"db\"/,$p' /run/berth/berth.conf")
    assert "Autostart:      enable" in node.run("virsh dominfo db")
    assert "unmarked" in node.run("virsh autostart --disable db")


def test_changes_of_definitions_outlive_a_reboot(make_node):
    node = make_node(CONFIG)
    with node:
        node.wait_for_ssh()
        node.run("virsh 'desc db --title the database; setvcpus db 3 --config; undefine web'")
        assert node.run("virsh list --all --name").split() == ["db"]
        # Give the config partition back whole.
        node.ssh("reboot")
        node.wait_off(180)
        node.start().wait_for_ssh()
        assert node.run("virsh list --all --name").split() == ["db"]
        assert node.run("virsh desc db --title").strip() == "the database"
        assert "CPU(s):         3" in node.run("virsh dominfo db")
        assert '[guest "web"]' not in node.config.read("/berth.conf").decode()


def test_transports_beside_the_helper(node):
    """nc -U, which libvirt's clients run where there is no helper, and a socket that OpenSSH forwards."""
    done = over_ssh(node, "list", "--all", "--name", more="&proxy=netcat")
    assert done.returncode == 0 and done.stdout.split() == ["db", "web"], done.stderr
    # What is not for a socket is BusyBox's, as graphics need it.
    assert "SSH-2.0-dropbear" in node.run("echo | nc 127.0.0.1 22 | head -n 1")
    local = node.folder / "forwarded"
    with subprocess.Popen(["ssh", "-F", "none", "-i", node.key.path, "-o", "IdentitiesOnly=yes", "-o", "BatchMode=yes", "-o",
                           f"UserKnownHostsFile={node.folder / 'known_hosts'}", "-o", "StrictHostKeyChecking=accept-new",
                           "-o", "ExitOnForwardFailure=yes", "-p", str(node.port), "-L",
                           f"{local}:/var/run/libvirt/libvirt-sock", "root@127.0.0.1", "echo there; cat"],
                          stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as tunnel:
        assert tunnel.stdout.readline() == "there\n"
        done = subprocess.run(["/usr/bin/virsh", "-c", f"qemu+unix:///system?socket={local}", "list", "--all", "--name"],
                              capture_output=True, text=True, timeout=seconds(60), check=False)
        assert done.returncode == 0 and done.stdout.split() == ["db", "web"], done.stderr
        tunnel.stdin.close()


def memory(node) -> int:
    """What berthd has of its own, in KiB."""
    return int(node.run("awk '/^RssAnon:/ { print $2 }' /proc/$(pidof berthd)/status"))


def test_a_flood_through_a_forwarded_socket(node):
    """Two hundred clients, some of whom send no messages, or read no answers, by way of one SSH connection: others are served."""
    with Virsh(node) as virsh:
        before = memory(node)
        clients = [connect(virsh.socket, patience=seconds(60)) for _ in range(200)]
        for serial, client in enumerate(clients):
            client.sendall(call(GET_TYPE, serial))
        assert "web" in node.run("virsh list --all --name").split()
        for serial, client in enumerate(clients):
            assert answer(client)[5] == serial
        for client in clients[:20]:
            client.sendall(random.Random(len(clients)).randbytes(4096))
        for client in clients[:20]:
            assert is_closed(client)
        # They are no longer read from: what they send waits with them.
        for client in clients[20:22]:
            assert flood(client, call(CAPABILITIES, 1)) < 32 << 20
        assert memory(node) - before < 16 << 10
        assert virsh("list", "--all", "--name").split() == node.run("virsh list --all --name").split() == ["db", "web"]
        for client in clients:
            client.close()
        node.wait_until("[ $(ls /proc/$(pidof berthd)/fd | wc -l) -lt 100 ]")
        assert virsh("list", "--all", "--name").split() == ["db", "web"]


# How often the TLS end has begun to listen, as the log tells.
SERVED = "logread | grep -c 'berth-tls.*serving'"
SERVING = f"[ $({SERVED})"


def over_tls(node, name: str, *arguments: str) -> subprocess.CompletedProcess:
    uri = f"qemu+tls://localhost:{node.tls_port}/system?pkipath={node.authority.folder / name}"
    return subprocess.run(["/usr/bin/virsh", "-c", uri, *arguments], capture_output=True, text=True, timeout=seconds(60),
                          check=False)


def test_over_tls(node):
    """A certificate of the CA gets in; one of another subject does not, nor one that is revoked once the node has the list."""
    for name, subject in (("good", "/O=Example/CN=desk1"), ("lost", "/O=Example/CN=desk2"), ("other", "/O=Example/CN=printer")):
        node.authority.issue(name, "client", subject)
    node.tls_port = free_port()
    node.monitor.command("human-monitor-command", **{"command-line": f"hostfwd_add lan tcp:127.0.0.1:{node.tls_port}-:16514"})
    served = node.wait_until(f"{SERVING} -gt 0 ]").run(SERVED).strip()
    for name in ("good", "lost"):
        done = over_tls(node, name, "list", "--all", "--name")
        assert done.returncode == 0 and done.stdout.split() == ["db", "web"], done.stderr
    assert over_tls(node, "other", "list").returncode == 1
    node.wait_until("logread | grep berth-tls | grep -q 'tls-allow does not name O=Example, CN=printer'")
    node.wait_until("logread | grep berthd | grep -q 'a client over TLS: O=Example, CN=desk1'")
    # It is nobody, sees nothing and can become nothing.
    status = node.run("cat /proc/$(pidof berth-tls)/status; ls /proc/$(pidof berth-tls)/root/")
    assert "Uid:\t101\t101\t101\t101" in status and "CapEff:\t0000000000000000" in status and "NoNewPrivs:\t1" in status
    assert status.splitlines()[-1] == "sock"
    assert node.run("stat -c '%a %U' /run/berth/tls/key.pem").strip() == "600 root"
    # A new list is put in, and in force.
    node.authority.revoke("lost")
    done = node.ssh("berth config put tls/crl.pem", stdin=node.authority.crl.read_bytes())
    assert done.returncode == 0 and done.stdout == b"tls/crl.pem is kept: the config partition\n", done.stderr
    node.wait_until(f"{SERVING} -gt {served} ]")
    assert over_tls(node, "good", "list").returncode == 0
    assert over_tls(node, "lost", "list").returncode == 1
    # Taken out of the file, it is gone; the firewall opens nothing by itself.
    node.run("sed '/^ *tls/d' /run/berth/berth.conf > /tmp/new.conf; berth config apply --confirm /tmp/new.conf")
    assert not node.ssh("pidof berth-tls").stdout and node.ssh("test -e /run/berth/tls").returncode == 1
