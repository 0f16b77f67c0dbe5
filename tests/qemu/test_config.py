# SPDX-License-Identifier: GPL-2.0-only
"""Which configuration is in force, and what the node says of it."""

import subprocess

GOOD = "[node]\n    hostname = good\n"


def test_refused_file_falls_back_on_the_last_good_one(make_node):
    node = make_node(GOOD)
    with node:
        node.wait_for_ssh()
        assert node.run("hostname").strip() == "good"
        node.stop()
        assert b"hostname = good" in node.config.read("/good/berth.conf")
        node.set_config("[node]\n    hostnam = x\n    ntp = a..b\n[netwrok \"x\"]\n")
        node.start()
        screen = " ".join(node.wait_for_status().split())
        assert "last-good" in screen
        assert "berth.conf:2:5: unknown key \"hostnam\" in [node]; did you mean \"hostname\"?" in screen
        assert "3 errors; all of them: berthconf check /run/berth/boot/berth.conf" in screen
        node.wait_for_ssh()
        assert node.run("hostname").strip() == "good"
        assert node.run("berthconf check /run/berth/boot/berth.conf; true").count("\n") == 3
        assert node.ssh("berth status").returncode == 1
        node.stop()
        # The refused file is still the owner's, and the good one is still good.
        assert b"hostnam = x" in node.config.read("/berth.conf")
        assert b"hostname = good" in node.config.read("/good/berth.conf")


def test_refused_file_with_no_good_one(make_node):
    node = make_node("[node]\n    hostname = -\n")
    with node:
        screen = " ".join(node.wait_for_status().split())
        assert "default (built in) berth.conf is refused" in screen
        assert "berth.conf:2:16:" in screen


def test_missing_file(make_node):
    node = make_node()
    node.config.remove("/berth.conf")
    with node:
        screen = " ".join(node.wait_for_status().split())
        assert "default (built in) there is no berth.conf on the config partition" in screen
        assert "Log in over SSH" not in screen


def test_empty_partition(make_node):
    node = make_node()
    offset = int(node.config.drive.rpartition("@@")[2])
    subprocess.run(["mkfs.vfat", "-F", "12", f"--offset={offset // 512}", str(node.image), "12288"], check=True,
                   capture_output=True)
    with node:
        assert "there is no berth.conf on the config partition" in " ".join(node.wait_for_status().split())


def test_partition_of_garbage(make_node):
    node = make_node()
    offset = int(node.config.drive.rpartition("@@")[2])
    with open(node.image, "r+b") as disk:
        disk.seek(offset)
        disk.write(b"\xa5" * (1 << 20))
    with node:
        screen = " ".join(node.wait_for_status().split())
        assert "the config partition /dev/vda2 cannot be read" in screen
        assert "there is no config partition to read" in screen


def test_full_partition(make_node):
    node = make_node()
    node.config.write("/fill", b"\0" * (12 * 1024 * 1024 - 80 * 1024))
    while True:
        try:
            node.config.write(f"/f{len(node.config.names())}", b"\0" * 2048)
        except subprocess.CalledProcessError:
            break
    with node:
        node.wait_for_ssh()
        status = " ".join(node.ssh("berth status").stdout.decode().split())
        assert "the SSH host key cannot be saved" in status
        assert "the last good configuration cannot be saved" in status
        node.stop()
        names = node.config.names()
        assert not [name for name in names if name.endswith(".new")]
        assert node.key.public.encode() in node.config.read("/berth.conf")


def test_read_only_medium(make_node):
    node = make_node(readonly=True)
    with node:
        node.wait_for_ssh()
        assert "the SSH host key cannot be saved" in " ".join(node.ssh("berth status").stdout.decode().split())


def test_stick_pulled_and_put_back(make_node):
    node = make_node(disk="usb")
    with node:
        node.wait_for_ssh()
        node.monitor.command("device_del", id="stick-dev")
        node.wait_until("grep -q 'was removed' /run/berth/state/notes/medium-gone")
        assert "no change can be saved until it is back" in " ".join(node.ssh("berth status").stdout.decode().split())
        # The root is whole without it.
        node.run("find / -xdev -type f -exec cat {} + > /dev/null", 120)
        node.monitor.command("blockdev-add", **{"node-name": "again", "driver": "file", "filename": str(node.image)})
        node.monitor.command("device_add", driver="usb-storage", drive="again", id="again-dev", removable=True)
        node.wait_until("test ! -e /run/berth/state/notes/medium-gone && berth status")


def test_settings_take_effect(make_node):
    node = make_node("[node]\n    hostname = berlin\n    timezone = Europe/Berlin\n")
    with node:
        node.wait_for_ssh()
        assert node.run("hostname").strip() == "berlin"
        assert node.run("date -d '2026-07-01 12:00 UTC' +%H:%M 2>/dev/null || date -u -d @1782907200 +%Z")
        assert node.run("date -d @1782907200 '+%H:%M %Z'").strip() == "14:00 CEST"
        assert node.run("date -d @1767225600 '+%H:%M %Z'").strip() == "01:00 CET"
