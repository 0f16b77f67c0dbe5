# SPDX-License-Identifier: GPL-2.0-only
"""Off and on again, cleanly."""

import time

import pytest
from harness import BOOT_SECONDS, seconds


@pytest.mark.parametrize("how", ["berth poweroff", "berth reboot", "button"])
def test_clean_end(make_node, how):
    node = make_node()
    with node:
        node.wait_for_ssh()
        if how == "button":
            # SSH may be there before the one who listens to it.
            node.wait_until("ls -l /proc/$(pidof acpid)/fd | grep -q /dev/input/event")
            node.monitor.command("system_powerdown")
        else:
            node.ssh(how)
        node.wait_off(120)
    # What was kept is whole.
    assert node.config.read("/ssh/dropbear_ed25519_host_key")
    assert node.config.read("/good/berth.conf") == node.config.read("/berth.conf")


def test_power_cut_while_the_stick_is_written(make_node):
    """Cut at the first byte that changes, and once more where the boot after it writes: the next boot is a good one."""
    node = make_node()
    for _ in range(2):
        before = node.config.raw()
        with node:
            deadline = time.monotonic() + seconds(BOOT_SECONDS)
            while node.config.raw() == before:
                assert time.monotonic() < deadline, "nothing was written"
                time.sleep(0.01)
        assert node.key.public.encode() in node.config.read("/berth.conf")
    with node:
        node.wait_for_ssh()
        assert node.run("head -n 1 /run/berth/state/config") == "ok\n"
        first = node.run("cat /run/berth/state/ssh-fingerprint")
        node.restart().wait_for_ssh()
        assert node.run("cat /run/berth/state/ssh-fingerprint") == first
        assert node.run("berth status")
