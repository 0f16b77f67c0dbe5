# SPDX-License-Identifier: GPL-2.0-only
"""Whatever boot step fails or hangs, the consoles name it and the node stays within reach."""

import pytest
from harness import REPO

STEPS = [path.name.partition("-")[2] for path in sorted((REPO / "rootfs/usr/lib/berth/boot.d").iterdir())]
# Without these the node has no disks, no file, no key or no address, and so no SSH; the failsafe shell is the way in.
NEEDED_FOR_SSH = {"devices", "medium", "config", "identity", "network"}


def names(screen: str, step: str, verdict: str) -> bool:
    return f"boot step {step}: {verdict}" in " ".join(screen.split())


def words(steps: list, kind: str = "fail") -> str:
    return f"berth.{kind}={','.join(steps)}"


def every_second(needed: bool) -> list:
    """The steps in two groups, so that between two that fail there is one that does not."""
    steps = [step for step in STEPS if (step in NEEDED_FOR_SSH) == needed]
    return [steps[::2], steps[1::2]]


@pytest.mark.parametrize("steps", every_second(True), ids=",".join)
def test_failsafe_shell_without(make_node, steps):
    node = make_node()
    node.set_kernel_words(words(steps), label="failsafe")
    with node:
        screen = node.wait_for_status()
        assert [step for step in steps if not names(screen, step, "failed")] == [], screen
        assert screen.rstrip().endswith("Failsafe:")
        node.console.send("\r")
        node.console.expect("# ")
        node.console.send("id -u; tty\r")
        node.console.expect(r"\n0\r\n/dev/ttyS0\r\n")


@pytest.mark.parametrize("steps", every_second(False), ids=",".join)
def test_ssh_without(make_node, steps):
    node = make_node()
    node.set_kernel_words(words(steps))
    with node:
        screen = node.wait_for_status()
        assert [step for step in steps if not names(screen, step, "failed")] == [], screen
        node.wait_for_ssh()
        assert node.run("hostname").strip() == "node1"
        assert node.run("cat /run/berth/state/ssh-fingerprint").startswith("SHA256:")
        assert node.ssh("berth status").returncode == 1


def test_steps_that_hang_are_cut(make_node):
    node = make_node()
    node.set_kernel_words(words(["identity", "services"], "hang"))
    with node:
        screen = node.wait_for_status()
        assert names(screen, "identity", "timeout") and names(screen, "services", "timeout"), screen
