# SPDX-License-Identifier: GPL-2.0-only
"""A node that runs takes a changed berth.conf: what differs and nothing else, to be confirmed, else it goes back."""

import socket
import subprocess
import threading

import pexpect
import pytest
from harness import Key, Node, seconds

pytestmark = pytest.mark.xdist_group("config-change")

BASE = "[node]\n    hostname = node1\n"
LAB = "[network \"lab\"]\n    address = 10.9.0.1/24\n    dhcp = 10.9.0.10-10.9.0.20\n"
SECOND = "52:54:00:12:34:57"
SECOND_NIC = ["-netdev", "user,id=second,restrict=on,net=10.0.7.0/24", "-device",
              f"virtio-net-pci,netdev=second,romfile=,mac={SECOND}"]


def with_key(node: Node, text: str) -> bytes:
    return (text + f"[node]\n    admin-key = {node.key.public}\n").encode()


def apply(node: Node, text: str, options: str = "--confirm", timeout: float = 60) -> subprocess.CompletedProcess:
    return node.ssh(f"berth config apply {options} -", stdin=with_key(node, text), timeout=timeout)


def applied(node: Node, text: str, options: str = "--confirm") -> str:
    done = apply(node, text, options)
    assert done.returncode == 0, done.stdout.decode() + done.stderr.decode()
    return done.stdout.decode()


def status(node: Node) -> str:
    return " ".join(node.ssh("berth status").stdout.decode().split())


def pid(node: Node, network: str) -> str:
    return node.run(f"cat /run/service/dnsmasq-{network}/supervise/pid").strip()


# Everything of the network that a change could leave behind. Numbers of interfaces and times of leases differ, and whether
# the kernel has noticed yet that an empty bridge has no carrier.
SNAPSHOT = ("ip -o -details link | sed 's/^[0-9]*: //; s/ qlen [0-9]*//; s/ state [A-Z]*//; s/ gso_max.*//; s/@if[0-9]*//"
            "; s/ [a-z]*_timer *[0-9.]*//g; s/ designated_root.*//; s/<[^>]*>//' | sort; "
            "ip -o -4 address | sed 's/^[0-9]*: //; s/valid_lft.*//' | sort; "
            "ip route | sed 's/ dead//; s/ linkdown//; s/ *$//' | sort; ip neighbour show nud permanent; "
            "iptables-save | grep -v '^[#:]'; ip6tables-save | grep -v '^[#:]'; ls /run/service; find /run/berth/port -type f 2> /dev/null | sort; "
            "cat /etc/resolv.conf; hostname; sysctl net.ipv4.ip_forward net.ipv6.conf.all.forwarding; "
            "grep . /proc/sys/net/ipv6/conf/*/disable_ipv6 /proc/sys/net/ipv6/conf/*/accept_ra; cat /proc/mounts")


def snapshot(node: Node) -> str:
    return node.run(SNAPSHOT)


@pytest.fixture(scope="module")
def booted(tmp_path_factory):
    node = Node(tmp_path_factory.mktemp("change"), extra=SECOND_NIC)
    node.set_config(BASE)
    node.restrict = "off"
    with node:
        node.wait_for_ssh()
        node.wait_until("ip -4 address show dev eth1 | grep -q 10.0.7.15")
        yield node


@pytest.fixture
def node(booted):
    """A node that is as it was booted; it is so again afterwards."""
    yield booted
    booted.ssh("test ! -e /run/berth/apply || berth config revert")
    applied(booted, BASE)


def test_not_confirmed_goes_back_whoever_dies(node):
    caller = subprocess.Popen(["ssh", "-F", "none", "-i", str(node.key.path), "-p", str(node.port), "-o", "IdentitiesOnly=yes",
                               "-o", f"UserKnownHostsFile={node.folder / 'known_hosts'}", "-o", "BatchMode=yes",
                               "root@127.0.0.1", "berth config apply --within 15s - && sleep 600"],
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    caller.stdin.write(with_key(node, "[node]\n    hostname = other\n" + LAB).decode())
    caller.stdin.close()
    said = ""
    while "berth config confirm" not in said:
        line = caller.stdout.readline()
        assert line, said
        said += line
    assert "~ node hostname: node1 -> other  (live)" in said
    assert "+ network \"lab\"" in said
    assert "Should it cut you off, the node goes back by itself within 15 s." in said
    caller.kill()
    caller.wait()
    # In the time that it has.
    shown = " ".join(node.ssh("hostname; ip -4 -o address show dev br-lab || exit; berth status").stdout.decode().split())
    assert shown.startswith("other ") and "changed (apply-ssh-id@test) and not confirmed: goes back by itself" in shown, shown
    # The one who waits is killed, too.
    node.run("kill -9 $(cat /run/service/config/supervise/pid)")
    node.wait_until("test \"$(hostname)\" = node1 && test ! -e /run/berth/apply")
    assert node.ssh("ip link show dev br-lab").returncode != 0
    assert "the last change (apply-ssh-id@test) was undone: not confirmed within 15 s" in status(node)
    done = node.ssh("berth config confirm")
    assert done.returncode == 1 and b"nothing waits to be confirmed" in done.stderr


def test_killed_in_the_middle_goes_back(node):
    before = snapshot(node)
    node.run("mkdir -p /tmp/slow && cp /usr/lib/berth/config-switch /tmp/slow/ && "
             "sed -i 's:^switch_node$:until test -e /tmp/slow/go; do sleep 0.1; done:' /tmp/slow/config-switch && "
             "mount --bind /tmp/slow/config-switch /usr/lib/berth/config-switch")
    try:
        node.ssh("cat > /tmp/lab.conf; berth config apply /tmp/lab.conf > /tmp/said 2>&1 &", stdin=with_key(node, BASE + LAB))
        node.wait_until("ip link show dev br-lab")
    finally:
        node.run("umount -l /usr/lib/berth/config-switch")
    node.run("kill -9 $(cat /run/service/config/supervise/pid); touch /tmp/slow/go")
    node.wait_until("test ! -e /run/berth/apply")
    assert "the change was interrupted" in status(node)
    assert snapshot(node) == before


def test_bad_file_is_refused_with_every_error(node):
    before = snapshot(node)
    done = apply(node, "[node]\n    hostnam = x\n    ntp = a..b\n[netwrok \"x\"]\n")
    assert done.returncode == 1
    said = done.stdout.decode().splitlines()
    assert [line.split(": ")[0] for line in said] == ["berth.conf:2:5", "berth.conf:3:11", "berth.conf:4:1"], said
    assert snapshot(node) == before
    assert node.ssh("berth config check -", stdin=b"[node]\nx = 1\n").returncode == 1
    assert node.ssh("berth config check; berth config check /run/berth/berth.conf").returncode == 0


def test_port_that_is_missing_undoes_all(node):
    before = snapshot(node)
    done = apply(node, "[node]\n    hostname = other\n[uplink \"lan\"]\n    nic = mac:52:54:00:12:34:56\n"
                       "[uplink \"lost\"]\n    nic = mac:52:54:00:99:99:99\n    address = none\n"
                       "[uplink \"v\"]\n    vlan = 20 on=lost\n    address = 10.77.0.1/24\n" + LAB)
    assert done.returncode == 1
    assert b"everything is as it was before: the network: " in done.stderr
    assert b"lost" in done.stderr
    node.wait_until("ip -4 address show dev eth0 | grep -q 10.0.2.15 && ip -4 address show dev eth1 | grep -q 10.0.7.15")
    assert snapshot(node) == before
    assert "was undone: the network:" in status(node)


def test_server_that_cannot_bind_undoes_all(node):
    before = snapshot(node)
    node.run("sysctl -q net.ipv4.ip_nonlocal_bind=1; (nc -l -s 10.9.0.1 -p 53 > /dev/null 2>&1 & echo $! > /tmp/nc)")
    node.wait_until("netstat -ltn | grep -q 10.9.0.1:53")
    try:
        done = apply(node, "[node]\n    hostname = other\n" + LAB)
    finally:
        node.run("kill $(cat /tmp/nc); sysctl -q net.ipv4.ip_nonlocal_bind=0")
    assert done.returncode == 1
    assert b"the DHCP and DNS server of network lab does not start" in done.stderr
    assert b"ddress" in done.stderr, done.stderr
    assert snapshot(node) == before


def test_second_change_is_refused(node):
    applied(node, "[node]\n    hostname = first\n", "")
    done = apply(node, "[node]\n    hostname = second\n", "")
    assert done.returncode == 1
    assert b"refused: the configuration is changed (apply-ssh-id@test) and not confirmed" in done.stderr
    assert node.run("hostname").strip() == "first"
    # Two at the same moment: one of them is taken.
    node.run("berth config revert")
    text = with_key(node, "[node]\n    hostname = race\n").decode()
    node.run(f"cat > /tmp/race.conf <<'E'\n{text}E\nfor i in 1 2; do (berth config apply /tmp/race.conf > /tmp/race.$i 2>&1; "
             "echo $? >> /tmp/race.$i) & done; wait")
    assert sorted(node.run("tail -qn 1 /tmp/race.1 /tmp/race.2").split()) == ["0", "1"]
    node.run("berth config revert")
    assert node.run("hostname").strip() == "node1"


def test_settings_of_the_node_change_live(node, tmp_path):
    other = Key(tmp_path, "other")
    text = (f"[node]\n    hostname = berlin\n    timezone = Europe/Berlin\n    admin-key = {other.public}\n"
            "    console-password = $5$berthberth$8Y2Qm5h3rJ0vQm5J1mUe7p2G6mS5uT8Yq1xC0wZ4aB3\n"
            "    ntp = 192.0.2.1\n    syslog = udp://10.0.2.2:5514\n    allow = tcp 16514 from=192.0.2.0/24\n")
    node.run("logger -t test said-before")
    done = node.ssh("berth config apply -", stdin=text.encode())
    assert done.returncode == 0, done.stderr
    assert b"console-password: changed" in done.stdout
    try:
        assert node.ssh("true").returncode != 0
        run = "hostname; date -d @1782907200 '+%H:%M %Z'; grep -c berthberth /etc/shadow; " \
              "tr '\\0' ' ' < /proc/$(cat /run/service/syslogd/supervise/pid)/cmdline; iptables-save | grep -c 16514; " \
              "tail -n 1 /run/berth/hosts; while ! sv status /run/service/ntpd | grep -q ^run; do sleep 1; done; " \
              "while test -e /run/berth/earlier.log; do sleep 1; done"
        said = node.ssh(run, key=other).stdout.decode().splitlines()
        assert said == ["berlin", "14:00 CEST", "1", "syslogd -n -C256 -L -R 10.0.2.2:5514 1", "127.0.1.1\tberlin"]
    finally:
        assert node.ssh("berth config revert", key=other).returncode == 0
    # Over two starts of the log's service, each line once.
    node.wait_until("test $(logread | grep -c said-before) = 1 && test ! -e /run/berth/earlier.log")
    assert "said-before" in node.run("logread | grep 'earlier: [A-Z][a-z][a-z] .* test: said-before'")
    assert node.run("hostname; date -d @1782907200 +%Z; ls -d /run/service/ntpd 2> /dev/null; true").split() == ["node1", "UTC"]


def keep_line(server: socket.socket, received: list) -> None:
    line, _ = server.accept()
    with line:
        while data := line.recv(100):
            received.append(data)
            line.sendall(data)


def test_what_does_not_differ_does_not_notice(node):
    """A change of one network, of the firewall and of the node: the other network's server, an SSH session, a guest's
    connection through NAT and a guest's interface stay."""
    applied(node, BASE + LAB)
    default, lab = pid(node, "default"), pid(node, "lab")
    node.run("ip netns add guest; ip link add g0 type veth peer name g1; ip link set g0 master virbr0 up; "
             "ip link set g1 netns guest; ip netns exec guest ip link set g1 up; "
             "ip netns exec guest ip address add 192.168.122.50/24 dev g1; "
             "ip netns exec guest ip route add default via 192.168.122.1; "
             "ip link add l0 type dummy; ip link set l0 master br-lab up")
    session = subprocess.Popen(["ssh", "-F", "none", "-i", str(node.key.path), "-p", str(node.port), "-o", "BatchMode=yes",
                                "-o", "IdentitiesOnly=yes", "-o", f"UserKnownHostsFile={node.folder / 'known_hosts'}",
                                "root@127.0.0.1", "cat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)
    received = []
    try:
        with socket.create_server(("127.0.0.1", 0)) as server:
            threading.Thread(target=keep_line, args=(server, received), daemon=True).start()
            port = server.getsockname()[1]
            node.run(f"rm -f /tmp/line; mkfifo /tmp/line; (ip netns exec guest nc 10.0.2.2 {port} < /tmp/line > /tmp/echo &) ; "
                     "(sleep 300 > /tmp/line & echo $! > /tmp/holder); echo before > /tmp/line")
            node.wait_until("grep -qx before /tmp/echo")
            session.stdin.write("before\n")
            assert session.stdout.readline() == "before\n"
            applied(node, "[node]\n    hostname = other\n    allow = tcp 4444\n[network \"default\"]\n"
                          "    address = 192.168.122.1/24\n    dhcp = 192.168.122.2-192.168.122.254\n"
                          "    forward = tcp 8080 192.168.122.50:80\n"
                          + LAB.replace("10.9.0.20", "10.9.0.30") + LAB.replace("lab", "third").replace("10.9", "10.10"))
            node.run("echo after > /tmp/line")
            node.wait_until("grep -qx after /tmp/echo")
            session.stdin.write("after\n")
            assert session.stdout.readline() == "after\n"
            assert b"".join(received) == b"before\nafter\n"
        assert pid(node, "default") == default
        assert pid(node, "lab") != lab
        assert "10.9.0.30" in node.run("cat /run/berth/conf/net/dnsmasq/lab.conf")
        assert "master br-lab" in node.run("ip link show dev l0")
        assert "10.10.0.1/24" in node.run("ip -4 address show dev br-third")
        assert node.ssh("berth status").returncode == 0
    finally:
        session.kill()
        node.ssh("kill $(cat /tmp/holder); ip netns del guest; ip link del g0; ip link del l0")


UPLINKS = {
    "named and static": "[uplink \"lan\"]\n    nic = mac:52:54:00:12:34:56\n    address = 10.0.2.15/24\n    gateway = 10.0.2.2\n"
                        "    dns = 10.0.2.3\n    mtu = 1400\n    ipv6 = off\n    route = 198.51.100.0/24 10.0.2.9\n",
    "bridge": "[uplink \"lan\"]\n    nic = PCI\n[network \"office\"]\n    mode = bridge\n    uplink = lan\n",
    "bond and VLAN": "[uplink \"lan\"]\n    nic = mac:52:54:00:12:34:56\n"
                     f"[uplink \"two\"]\n    nic = mac:{SECOND}\n    bond = active-backup\n    address = none\n"
                     "[uplink \"v\"]\n    vlan = 20 on=two\n    address = 10.77.0.1/24\n    mtu = 1400\n",
    "names changed": f"[uplink \"two\"]\n    nic = mac:{SECOND}\n[uplink \"lan\"]\n    nic = mac:52:54:00:12:34:56\n",
    "names swapped": f"[uplink \"lan\"]\n    nic = mac:{SECOND}\n[uplink \"two\"]\n    nic = mac:52:54:00:12:34:56\n",
    "one left out": "[uplink \"lan\"]\n    nic = mac:52:54:00:12:34:56\n",
    "networks": "[uplink \"lan\"]\n    nic = mac:52:54:00:12:34:56\n[network \"default\"]\n    mode = off\n" + LAB
                + "    host = 52:54:00:11:22:33 10.9.0.11 web\n    ipv6 = ula\n    stp = yes\n",
}


def settle(node: Node) -> str:
    """The state once leases are there and IPv6 has had its duplicates looked for."""
    node.wait_until("for i in $(grep -v '*' /run/berth/conf/net/dhcp); do test -s /run/berth/lease/$i || exit 1; done; "
                    "! grep -qx '*' /run/berth/conf/net/dhcp || { ip -4 address show dev eth1 | grep -q 10.0.7.15; }")
    return snapshot(node)


def test_uplinks_change_and_leave_nothing_behind(node):
    """From each of these to the next, and each is as if the node had been booted with it: the same from both sides."""
    first = settle(node)
    pci = node.run("berthconf facts | sed -n 's/^nic eth0 .* \\(pci:[^ ]*\\) .*/\\1/p'").strip()
    forwards = {}
    for name, text in UPLINKS.items():
        applied(node, BASE + text.replace("PCI", pci))
        forwards[name] = settle(node)
        assert node.ssh("berth status").returncode == 0, name
    for name, text in reversed(UPLINKS.items()):
        applied(node, BASE + text.replace("PCI", pci))
        assert settle(node) == forwards[name], name
    applied(node, BASE)
    assert settle(node) == first


def test_generations(node):
    for name in ("one", "two", "three"):
        applied(node, f"[node]\n    hostname = {name}\n")
    lines = node.run("berth config log").splitlines()
    assert "in force" in lines[0] and not any("in force" in line for line in lines[1:])
    numbers = [int(line.split()[0]) for line in lines]
    assert numbers == sorted(numbers, reverse=True)
    one = next(line.split()[0] for line in lines if b"hostname = one" in node.ssh(f"berth config log {line.split()[0]}").stdout)
    assert "apply-ssh-id@test" in next(line for line in lines if line.split()[0] == one)
    assert "+    hostname = three" in node.run(f"berth config log {numbers[0]} --diff")
    node.run("berth config revert")
    assert node.run("hostname").strip() == "two"
    node.run("berth config confirm")
    node.run(f"berth config revert --confirm {one}")
    assert node.run("hostname").strip() == "one"
    assert f"revert-{one}-ssh-id@test" in node.run("berth config log | head -n 1")
    done = node.ssh("berth config revert 999")
    assert done.returncode == 111 and b"there is no generation 999" in done.stderr
    # Not more than 20.
    for i in range(20):
        applied(node, f"[node]\n    hostname = n{i}\n", f"--confirm --origin test{i}")
    assert len(node.run("berth config log").splitlines()) == 20


def test_comments_need_no_confirmation(node):
    assert "Nothing of the node changes." in applied(node, BASE + "# a comment\n", "")
    assert "# a comment" in node.run("cat /run/berth/berth.conf")
    assert node.ssh("test -e /run/berth/apply").returncode != 0


def vi_session(node: Node, command: str) -> pexpect.spawn:
    session = pexpect.spawn("ssh", ["-tt", "-F", "none", "-i", str(node.key.path), "-p", str(node.port), "-o", "IdentitiesOnly=yes",
                                    "-o", f"UserKnownHostsFile={node.folder / 'known_hosts'}", "-o", "BatchMode=yes",
                                    "root@127.0.0.1", command], timeout=seconds(60), encoding="utf-8", dimensions=(24, 80))
    session.delaybeforesend = 0.3
    return session


def test_edit(node):
    # Without a terminal vi would take no key before Enter; an editor that is named may do without one.
    refused = node.ssh("berth config edit")
    assert refused.returncode == 100 and b"ssh -t root@NODE berth config edit" in refused.stderr
    assert node.run("EDITOR='test -s' berth config edit").strip() == "Nothing was changed."
    session = vi_session(node, "berth config edit")
    session.expect("hostname = node1")
    session.send(":%s/hostname = node1/hostnam = edited/\r")
    session.expect("hostnam = edited")
    session.send(":wq\r")
    session.expect(r"berth.conf:2:5: unknown key \"hostnam\"")
    session.expect(r"\[e/d/k\] ")
    session.send("e\r")
    session.expect("hostnam = edited")
    session.send(":%s/hostnam /hostname /\r:wq\r")
    session.expect("hostname: node1 -> edited")
    session.expect("berth config confirm")
    session.expect(pexpect.EOF)
    assert node.run("hostname; berth config confirm").split()[0] == "edited"
    assert "edit-ssh-id@test" in node.run("berth config log | head -n 1")


def test_edit_drops_and_keeps_aside(node):
    for answer, said in (("d", None), ("k", "Kept until the next boot")):
        session = vi_session(node, "berth config edit")
        session.expect("hostname = node1")
        session.send(":%s/hostname = node1/hostnam = edited/\r:wq\r")
        session.expect(r"\[e/d/k\] ")
        session.send(f"{answer}\r")
        session.expect(said or pexpect.EOF)
    assert "hostnam = edited" in node.run("cat /run/berth/edited.conf")
    session = vi_session(node, "berth config edit")
    session.expect("hostname = node1")
    session.send(":q\r")
    session.expect("Nothing was changed.")
    assert node.run("hostname; ls -d /run/berth/edit-*; true").split() == ["node1"]


def test_confirmed_outlives_a_power_cut_and_else_the_old_file_is_booted(make_node):
    node = make_node(BASE)
    with node:
        node.wait_for_ssh()
        applied(node, "[node]\n    hostname = other\n", "")
        assert node.run("hostname").strip() == "other"
        node.restart()
        node.wait_for_ssh()
        assert node.run("hostname").strip() == "node1"
        assert b"hostname = node1" in node.config.read("/berth.conf")
        applied(node, "[node]\n    hostname = other\n", "")
        node.run("berth config confirm")
        node.restart()
        node.wait_for_ssh()
        assert node.run("hostname").strip() == "other"
        lines = node.run("berth config log").splitlines()
        assert [line.split()[4] for line in lines] == ["apply-ssh-id@test", "boot"]
        # By hand, on the stick.
        node.stop()
        node.set_config("[node]\n    hostname = hand\n")
        node.start()
        node.wait_for_ssh()
        assert node.run("hostname").strip() == "hand"
        assert [line.split()[4] for line in node.run("berth config log").splitlines()] == ["boot", "apply-ssh-id@test", "boot"]


def test_file_that_was_never_in_force_is_not_lost(make_node):
    node = make_node(BASE)
    with node:
        node.wait_for_ssh()
        node.stop()
        node.set_config("[node]\n    hostnam = mine\n")
        node.start()
        node.wait_for_ssh()
        assert b"berth.conf:2:5" in node.ssh("berth config plan").stdout
        applied(node, "[node]\n    hostname = other\n")
        assert "Config ok" in status(node)
        node.stop()
        assert b"hostnam = mine" in node.config.read("/berth.conf.old")
        assert b"hostname = other" in node.config.read("/berth.conf")


def test_partition_that_is_read_only(make_node):
    node = make_node(BASE, readonly=True)
    with node:
        node.wait_for_ssh()
        before = snapshot(node)
        done = apply(node, "[node]\n    hostname = other\n")
        assert done.returncode == 111
        assert b"not applied, for it could not be kept: the config partition is read-only" in done.stderr
        assert snapshot(node) == before


def test_partition_that_is_full(make_node):
    node = make_node(BASE)
    with node:
        node.wait_for_ssh()
        before = snapshot(node)
        fill = "mount -t vfat $(cat /run/berth/medium) /mnt && {} umount /mnt"
        node.run(fill.format("{ for size in 64k 1k; do dd if=/dev/zero bs=$size >> /mnt/fill 2> /dev/null; done; true; } &&"), 120)
        done = apply(node, "[node]\n    hostname = other\n")
        assert done.returncode == 111
        assert b"the config partition takes no file of" in done.stderr
        assert snapshot(node) == before
        # It is full only when the change is to be confirmed.
        node.run(fill.format("rm /mnt/fill &&"))
        applied(node, "[node]\n    hostname = other\n", "--within 30s")
        node.run(fill.format("{ for size in 64k 1k; do dd if=/dev/zero bs=$size >> /mnt/fill 2> /dev/null; done; true; } &&"), 120)
        done = node.ssh("berth config confirm")
        assert done.returncode == 111 and b"not confirmed, for it cannot be kept" in done.stderr
        node.wait_until("test \"$(hostname)\" = node1")
        node.stop()
        assert b"hostname = node1" in node.config.read("/berth.conf")
        assert b"hostname = node1" in node.config.read("/good/berth.conf")
        assert not [name for name in node.config.names() if name.endswith((".new", ".try"))]
