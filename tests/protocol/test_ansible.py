# SPDX-License-Identifier: GPL-2.0-only
"""Ansible's community.libvirt as Debian has it: guests, networks and pools of a playbook, and the same once more."""

import os
import re
import subprocess

PLAY = """\
- hosts: localhost
  connection: local
  gather_facts: no
  tasks:
  - community.libvirt.virt: {uri: "{{ uri }}", command: define, autostart: yes, xml: "{{ guest }}"}
    tags: again
  - community.libvirt.virt: {uri: "{{ uri }}", name: made, state: running}
    tags: again
  - community.libvirt.virt: {uri: "{{ uri }}", command: info}
    register: guests
  - assert: {that: guests.made.state == "running" and guests.made.autostart == 1}
  - community.libvirt.virt_net: {uri: "{{ uri }}", command: define, name: lab, xml: "{{ network }}"}
  - community.libvirt.virt_net: {uri: "{{ uri }}", name: lab, state: active}
    tags: again
  - community.libvirt.virt_net: {uri: "{{ uri }}", name: lab, autostart: yes}
  - community.libvirt.virt_net: {uri: "{{ uri }}", name: lab, command: modify, xml: "{{ host }}"}
    tags: again
  - community.libvirt.virt_net: {uri: "{{ uri }}", command: info}
    register: networks
  - assert: {that: networks.networks.lab.bridge == "br-lab" and networks.networks.lab.state == "active"}
  - community.libvirt.virt_pool: {uri: "{{ uri }}", command: info}
    register: pools
  - assert: {that: pools.pools.default.status == "running"}
  vars:
    ansible_python_interpreter: /usr/bin/python3
    uri: @URI@
    guest: <domain type='kvm'><name>made</name><memory unit='MiB'>96</memory><os><type>hvm</type><kernel>/data/boot/vmlinuz</kernel></os>
      <devices><console type='pty'/></devices></domain>
    network: <network><name>lab</name><forward mode='nat'/><ip address='10.44.0.1' netmask='255.255.255.0'><dhcp>
      <range start='10.44.0.100' end='10.44.0.200'/></dhcp></ip></network>
    host: <host mac='52:54:00:44:00:02' name='two' ip='10.44.0.2'/>
"""


def changes(node, tmp_path, *options: str) -> int:
    play = tmp_path / "play.yml"
    play.write_text(PLAY.replace("@URI@", node.uri()), encoding="utf-8")
    done = subprocess.run(["ansible-playbook", "-i", "localhost,", *options, play], capture_output=True, text=True, timeout=180, check=False,
                          env={**os.environ, "LC_ALL": "C.UTF-8", "HOME": str(tmp_path), "ANSIBLE_PIPELINING": "1"})
    assert done.returncode == 0, done.stdout + done.stderr
    return int(re.search(r"changed=(\d+)", done.stdout).group(1))


def test_a_playbook(node, tmp_path):
    assert changes(node, tmp_path) == 6
    assert node.virsh("domstate", "made").strip() == "running" and "made" in node.virsh("list", "--autostart", "--name")
    assert "10.44.0.2" in node.virsh("net-dumpxml", "lab")
    # What is as it should be stays.
    assert changes(node, tmp_path, "--tags", "again") == 0
