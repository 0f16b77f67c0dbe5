# SPDX-License-Identifier: GPL-2.0-only
"""The management protocol of a booted node: its own virsh, and Debian's over ssh."""

import os
import stat
import subprocess

import pytest
from harness import Node, seconds

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
    one.set_config(CONFIG)
    with one:
        yield one.wait_for_ssh()


def over_ssh(node, *arguments: str) -> subprocess.CompletedProcess:
    """Debian's virsh on this machine, as an administrator at a desk runs it."""
    ssh = node.folder / "ssh"
    ssh.write_text(f"#!/bin/sh\nexec ssh -F none -i {node.key.path} -o IdentitiesOnly=yes -o BatchMode=yes -o LogLevel=ERROR "
                   f"-o UserKnownHostsFile={node.folder / 'known_hosts'} -o StrictHostKeyChecking=accept-new \"$@\"\n")
    ssh.chmod(ssh.stat().st_mode | stat.S_IXUSR)
    uri = f"qemu+ssh://root@127.0.0.1:{node.port}/system?command={ssh}"
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
    assert done.returncode == 1 and b"read-only" in done.stderr


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
        node.wait_off(90)
        node.start().wait_for_ssh()
        assert node.run("virsh list --all --name").split() == ["db"]
        assert node.run("virsh desc db --title").strip() == "the database"
        assert "CPU(s):         3" in node.run("virsh dominfo db")
        assert '[guest "web"]' not in node.config.read("/berth.conf").decode()
