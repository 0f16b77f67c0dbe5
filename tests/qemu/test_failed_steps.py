# SPDX-License-Identifier: GPL-2.0-only
"""Whatever boot step fails or hangs, the consoles name it and the node stays within reach."""

import pytest
from harness import REPO

STEPS = [path.name.partition("-")[2] for path in sorted((REPO / "rootfs/usr/lib/berth/boot.d").iterdir())]
# Without these the node has no disks, no file, no key or no address, and so no SSH; the failsafe shell is the way in.
NEEDED_FOR_SSH = {"devices", "medium", "config", "identity", "network"}


def names(screen: str, step: str, verdict: str) -> bool:
    return f"boot step {step}: {verdict}" in " ".join(screen.split())


@pytest.mark.parametrize("step", [step for step in STEPS if step in NEEDED_FOR_SSH])
def test_failsafe_shell_without_step(make_node, step):
    node = make_node()
    node.set_kernel_words(f"berth.fail={step}", label="failsafe")
    with node:
        screen = node.wait_for_status()
        assert names(screen, step, "failed")
        assert screen.rstrip().endswith("Failsafe:")
        node.console.send("\r")
        node.console.expect("# ")
        node.console.send("id -u; tty\r")
        node.console.expect(r"\n0\r\n/dev/ttyS0\r\n")


@pytest.mark.parametrize("step", [step for step in STEPS if step not in NEEDED_FOR_SSH])
def test_ssh_without_step(make_node, step):
    node = make_node()
    node.set_kernel_words(f"berth.fail={step}")
    with node:
        assert names(node.wait_for_status(), step, "failed")
        node.wait_for_ssh()
        assert node.run("hostname").strip() == "node1"
        assert node.run("cat /run/berth/state/ssh-fingerprint").startswith("SHA256:")
        assert node.ssh("berth status").returncode == 1


@pytest.mark.parametrize("step", ["identity", "services"])
def test_step_that_hangs_is_cut(make_node, step):
    node = make_node()
    node.set_kernel_words(f"berth.hang={step}")
    with node:
        assert names(node.wait_for_status(), step, "timeout")
