# SPDX-License-Identifier: GPL-2.0-only
"""The image boots from whatever the BIOS calls a disk, and finds its config partition on it."""

import pytest


@pytest.mark.parametrize("disk", ["ide", "nvme", "usb", "virtio", "ahci"])
def test_boots_from(make_node, disk):
    # The ide bus of this machine type is AHCI; the older machine has the real thing.
    node = make_node(disk="ide" if disk == "ahci" else disk)
    if disk == "ide":
        node.extra = ["-machine", "pc"]
    with node:
        node.wait_for_ssh()
        assert node.run("head -n 1 /run/berth/state/config") == "ok\n"
        device = node.run("cat /run/berth/medium").strip()
        assert device.startswith({"nvme": "/dev/nvme0n1p", "virtio": "/dev/vda"}.get(disk, "/dev/sda"))
        # Wherever it came from: no step failed, and nothing waits.
        assert node.run("grep -Lv '^ok ' /run/berth/state/boot/* | wc -l; grep -l -v '^ok ' /run/berth/state/boot/* || :"
                        ).splitlines()[1:] == []
