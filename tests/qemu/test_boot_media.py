# SPDX-License-Identifier: GPL-2.0-only
"""The image boots from whatever the BIOS calls a disk, and finds its config partition on it."""

import pytest


def is_well(node, device: str) -> None:
    """Wherever it came from: no step failed, and nothing waits."""
    assert node.run("head -n 1 /run/berth/state/config") == "ok\n"
    assert node.run("cat /run/berth/medium").startswith(device)
    assert node.run("grep -Lv '^ok ' /run/berth/state/boot/* | wc -l; grep -l -v '^ok ' /run/berth/state/boot/* || :"
                    ).splitlines()[1:] == []


def test_boots_from_virtio(shared):
    is_well(shared, "/dev/vda")


@pytest.mark.parametrize("disk", ["ide", "nvme", "usb", "ahci"])
def test_boots_from(make_node, disk):
    # The ide bus of this machine type is AHCI; the older machine has the real thing.
    node = make_node(disk="ide" if disk == "ahci" else disk)
    if disk == "ide":
        node.extra = ["-machine", "pc"]
    with node:
        node.wait_for_ssh()
        is_well(node, "/dev/nvme0n1p" if disk == "nvme" else "/dev/sda")
