# SPDX-License-Identifier: GPL-2.0-only
"""A node that stands still comes back by itself, and says why it went: watchdogs, panics. After a power cut and an end in order:
test_storage_and_networks.py, test_saved_guests.py."""

from test_data_volume import attach, make_disk

CONFIG = """[node]
    hostname = node1
    data = serial:DATA0 format=if-blank
    watchdog = softdog timeout=10s
"""


def last_boot(node) -> list:
    return node.run("cat /run/berth/state/last-boot").splitlines()


def comes_back(node, command: str) -> list:
    """Run what brings the node down; how it says, once it is up again, that it ended."""
    node.ssh(f"({command}) > /dev/null 2>&1 &")
    node.console.expect("SYSLINUX")
    node.wait_for_ssh()
    return last_boot(node)


def test_it_comes_back_and_says_why(make_node, tmp_path):
    node = make_node(memory=512)
    # A machine with a watchdog of its own: Intel 6300ESB, which keeps its word over the reset that it made.
    node.extra += ["-device", "i6300esb"]
    attach(node, make_disk(tmp_path / "data"))
    node.set_config(CONFIG)
    node.start()
    node.monitor.command("set-action", reboot="reset", watchdog="reset")
    node.console.expect("SYSLINUX")
    node.wait_for_ssh()
    assert last_boot(node)[0] == "cold"
    node.wait_until("grep -q 'softdog 10' /run/berth/state/watchdog", 30)

    # What ramoops keeps is where the command line says, wherever a kernel puts itself.
    why = "sysrq triggered crash"
    assert comes_back(node, "echo 1 > /proc/sys/kernel/panic; sleep 1; echo c > /proc/sysrq-trigger") == ["panic", why]
    assert why in node.run("cat /data/crash/*/dmesg-ramoops-*") and why in node.run("berth report")

    # Killed is not stopped: init's own takes over, and nothing is reset.
    node.run("kill -9 $(pidof berth-watchdog | tr ' ' '\\n' | sort -n | head -n 1)")
    # Services are looked at from half a minute after the boot steps on: those of this boot ended long ago.
    node.run("echo -30 > /run/berth/state/ready")
    word, why = comes_back(node, "kill -STOP $(pidof berthd)")
    assert word == "watchdog" and "berthd has stood still" in why

    # The machine's own, chosen while the node runs; its feeder stands still.
    changed = node.run("cat /run/berth/berth.conf").replace("softdog", "auto")
    assert node.ssh("berth config apply -", stdin=changed.encode()).returncode == 0
    node.run("berth config confirm")
    node.wait_until("grep -q i6300ESB /run/berth/state/watchdog", 30)
    assert node.run("cat /run/berth/state/watchdog") == "i6300ESB timer 10\n"
    assert comes_back(node, "kill -STOP $(pidof berth-watchdog)")[0] == "watchdog"
