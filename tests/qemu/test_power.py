# SPDX-License-Identifier: GPL-2.0-only
"""Off and on again, cleanly."""

import pytest


@pytest.mark.parametrize("how", ["berth poweroff", "berth reboot", "button"])
def test_clean_end(make_node, how):
    node = make_node()
    with node:
        node.wait_for_ssh()
        if how == "button":
            node.monitor.command("system_powerdown")
        else:
            node.ssh(how)
        node.wait_off(60)
    # What was kept is whole.
    assert node.config.read("/ssh/dropbear_ed25519_host_key")
    assert node.config.read("/good/berth.conf") == node.config.read("/berth.conf")


def test_power_cut_while_starting(make_node):
    """Cut at whatever moment: the next boot is a good one."""
    node = make_node()
    with node:
        node.console.expect("boot:")
        node.wait_for_ssh()
        node.stop()
        node.start()
        node.console.expect("boot:")
        node.stop()
        node.start()
        node.wait_for_ssh()
        assert node.run("head -n 1 /run/berth/state/config") == "ok\n"
