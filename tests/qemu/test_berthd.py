# SPDX-License-Identifier: GPL-2.0-only
"""Guests of the file on a booted node: started with it, shown, steered, and none the worse for berthd's end."""

import pexpect
from guests import GUEST, Virsh, guest_state, id_of, node_with_guests, process_of, wait_running, wait_state

NO_SUCH = '[guest "lost"]\n    kernel = boot/none\n    autostart = yes\n'


def status(node) -> str:
    return " ".join(node.ssh("berth status").stdout.decode().split())


def test_guest_of_the_file_starts_with_the_node(make_node):
    node = node_with_guests(make_node, GUEST.format("web") + "    autostart = yes\n" + GUEST.format("spare") + NO_SUCH)
    with node:
        node.wait_for_ssh()
        wait_running(node, "web")
        wait_state(node, "lost", "failed")
        text = status(node)
        assert "web running, 96 MiB, 1 vcpu, id 1" in text
        assert "spare off" in text
        assert "guest lost: kernel boot/none: cannot open /data/boot/none: there is no such file" in text
        assert "kernel boot/none" in node.run("logread | grep berthd")
        assert "kernel boot/none" in node.run("cat /data/log/lost.log")
        with Virsh(node) as virsh:
            assert [line.split() for line in virsh("list", "--all").splitlines()[2:5]] == [
                ["1", "web", "running"], ["-", "lost", "shut", "off"], ["-", "spare", "shut", "off"]]
            with virsh.console("web") as console:
                console.send("echo it is $(hostname)\r")
                console.expect("it is web")
            # Nobody who runs a guest has any right on the node.
            pid = process_of(node, "web")
            who = node.run(f"cat /proc/{pid}/status")
            assert "CapEff:\t0000000000000000" in who
            assert f"Uid:\t{100000 + id_of(node, 'web')}" in who
            virsh("shutdown", "web")
            wait_state(node, "web", "off")
            assert virsh("domstate", "web", "--reason").strip() == "shut off (shutdown)"


def test_guests_outlive_the_daemon(make_node):
    """Killed in the middle of the guest's work, the daemon finds it again; what ended meanwhile is treated as it should be."""
    node = node_with_guests(make_node, GUEST.format("web") + "    autostart = yes\n    disk = default/web.raw\n" +
                            GUEST.format("crash") + "    autostart = yes\n    on-crash = restart\n" + GUEST.format("off") +
                            "    autostart = yes\n")
    with node:
        node.wait_for_ssh()
        node.run("truncate -s 32M /data/images/web.raw && sv hup /run/service/berthd")
        for name in ("web", "crash", "off"):
            wait_running(node, name)
        pid = process_of(node, "web")
        with Virsh(node) as virsh, virsh.console("web") as console:
            console.send("guest-tool stamp /dev/vda 0 > /tmp/stamps & echo on its way\r")
            console.expect("on its way")
            node.run("kill -9 $(pidof berthd)")
        node.wait_until("pidof berthd")
        wait_running(node, "web")
        assert process_of(node, "web") == pid
        # Both ends at once, with nobody there to see the one guest die.
        crash = process_of(node, "crash")
        node.run(f"sv down /run/service/berthd; kill -9 {crash}; sleep 1; sv up /run/service/berthd")
        node.wait_until(f"[ $(sed -n 's/^pid=//p' /run/berth/guests/crash/state) != {crash} ]")
        wait_running(node, "crash")
        assert process_of(node, "web") == pid
        with Virsh(node) as virsh, virsh.console("web") as console:
            console.send("kill %1; guest-tool check /dev/vda $(grep -c flushed /tmp/stamps)\r")
            console.expect(r"guest-tool: [1-9]\d* blocks are as stamped")


def test_a_killed_guest_harms_no_other(make_node):
    node = node_with_guests(make_node, GUEST.format("a") + "    autostart = yes\n" + GUEST.format("b") +
                            "    autostart = yes\n    on-crash = restart\n")
    with node:
        node.wait_for_ssh()
        wait_running(node, "a")
        wait_running(node, "b")
        other = process_of(node, "b")
        node.run(f"kill -9 {process_of(node, 'a')}")
        lines = wait_state(node, "a", "crashed")
        assert lines[2] == "its process was killed by signal 9 (Killed)"
        assert process_of(node, "b") == other
        node.run(f"kill -9 {other}")
        node.wait_until(f"[ $(sed -n 's/^pid=//p' /run/berth/guests/b/state) -gt {other} ]")
        wait_running(node, "b")
        assert id_of(node, "b") == 3


def test_ends_and_what_follows(make_node):
    """Power-off, reboot, panic, reset loop: each as the guest does it, each followed as the file says."""
    shell = GUEST.replace("quiet", "quiet panic=-1")
    node = node_with_guests(make_node, shell.format("web") + "    autostart = yes\n" +
                            GUEST.format("loop").replace("quiet", "quiet test=reboot,-f") +
                            shell.format("panic").replace("panic=-1", "panic=0 test=echo,c,>/proc/sysrq-trigger"))
    with node:
        node.wait_for_ssh()
        wait_running(node, "web")
        pid = process_of(node, "web")
        with Virsh(node) as virsh:
            with virsh.console("web") as console:
                console.send("reboot -f\r")
                console.expect("guest-init: up after")
                console.expect("web is up")
            # A reset keeps the machine, and who looks at it.
            assert process_of(node, "web") == pid
            with virsh.console("web") as console:
                console.send("poweroff -f\r")
                # The stream ends with the guest, and with it virsh.
                console.expect(pexpect.EOF)
            wait_state(node, "web", "off")
            virsh("start", "panic")
            assert wait_state(node, "panic", "crashed")[2].startswith("crashed: ")
            assert virsh("domstate", "panic", "--reason").strip() == "shut off (crashed)"
            virsh("start", "loop")
            node.wait_until("grep -q 'resets over and over' /data/log/loop.log", 180)
            node.wait_until("grep -q 'starts again in 1 s' /data/log/loop.log")
            wait_running(node, "loop")
            virsh("destroy", "loop")
            assert guest_state(node, "loop")[0] == "off"


def test_node_leads_its_guests_down(make_node):
    node = node_with_guests(make_node, GUEST.format("web") + "    autostart = yes\n")
    with node:
        node.wait_for_ssh()
        wait_running(node, "web")
        with Virsh(node) as virsh, virsh.console("web") as console:
            node.ssh("berth poweroff")
            console.expect("power button")
        node.wait_off(120)
        node.start().wait_for_ssh()
        wait_running(node, "web")
        assert "ended: poweroff" in node.run("cat /data/log/web.log")


def test_full_volume_pauses_and_nothing_is_lost(make_node):
    node = node_with_guests(make_node, GUEST.format("web") + "    disk = default/web.raw\n", mib=64)
    with node:
        node.wait_for_ssh()
        node.run("truncate -s 64M /data/images/web.raw; dd if=/dev/zero of=/data/images/fill bs=1M count=24 2> /dev/null")
        with Virsh(node) as virsh:
            virsh("start", "web")
            with virsh.console("web") as console:
                console.send("guest-tool stamp /dev/vda 0 > /tmp/stamps & echo on its way\r")
                console.expect("on its way")
                lines = wait_state(node, "web", "paused", 120)
                assert lines[2].startswith("disk vda: no space is left")
                assert virsh("domstate", "web", "--reason").strip() == "paused (I/O error)"
                # Without room it is paused again, as often as somebody tries.
                for _ in range(2):
                    virsh("resume", "web")
                    wait_state(node, "web", "paused", 120)
                node.run("rm /data/images/fill")
                virsh("resume", "web")
                wait_running(node, "web")
                assert len(guest_state(node, "web")) == 2
                console.send("kill %1; guest-tool check /dev/vda $(grep -c flushed /tmp/stamps)\r")
                console.expect(r"guest-tool: [1-9]\d+ blocks are as stamped")


def test_network_of_a_guest(make_node):
    """Its lease by its MAC address, its name, the way to it from the node, NAT, and its speed limit's way in."""
    network = ('[network "default"]\n    address = 192.168.122.1/24\n    dhcp = 192.168.122.2-192.168.122.254\n'
               "    host = 52:54:00:11:22:33 192.168.122.10 web\n    forward = tcp 8080 web:80\n")
    test = GUEST.replace("quiet", "quiet test=guest-tool,serve,80")
    node = node_with_guests(make_node, network + test.format("web") +
                            "    autostart = yes\n    nic = default mac=52:54:00:11:22:33\n" +
                            GUEST.format("slow") + "    autostart = yes\n    nic = default in=1M\n")
    with node:
        node.wait_for_ssh()
        wait_running(node, "web")
        node.wait_until("[ \"$(nc 192.168.122.10 80 < /dev/null)\" = 'this is web' ]", 90)
        node.run("grep -q 192.168.122.10 /var/lib/misc/dnsmasq-default.leases")
        tap = node.run("sed -n 's/^taps=//p' /run/berth/guests/web/state").strip()
        assert "master virbr0" in node.run(f"ip link show {tap}")
        with Virsh(node) as virsh, virsh.console("slow") as console:
            console.send("until ifconfig eth0 | grep -q 'inet addr'; do sleep 1; done; nc 192.168.122.10 80 < /dev/null\r")
            console.expect("this is web")
            virsh("destroy", "web")
            node.wait_until(f"[ ! -e /sys/class/net/{tap} ]")


def test_clients_change_the_file(make_node):
    node = node_with_guests(make_node, GUEST.format("web"))
    with node:
        node.wait_for_ssh()
        with Virsh(node) as virsh:
            virsh("autostart", "web")
            assert "autostart = yes" in node.run("cat /run/berth/berth.conf")
        node.restart().wait_for_ssh()
        wait_running(node, "web")
        assert "autostart = yes" in node.run("cat /run/berth/berth.conf")


def test_no_virtualization_is_told(make_node):
    node = node_with_guests(make_node, GUEST.format("web") + "    autostart = yes\n")
    with node:
        node.wait_for_ssh()
        wait_running(node, "web")
        with Virsh(node) as virsh:
            virsh("destroy", "web")
            node.run("rmmod kvm_amd kvm_intel 2> /dev/null; rm -f /dev/kvm; [ ! -e /dev/kvm ]")
            assert "no KVM: the module kvm_" in virsh.refused("start", "web")
        assert "guest web: no KVM: the module kvm_" in status(node)
