# SPDX-License-Identifier: GPL-2.0-only
"""The check that each wanted line of a Kconfig fragment survived the merge."""

import subprocess
from pathlib import Path

REPO = Path(__file__).resolve().parents[2]
CHECK = REPO / "kernel-config" / "check-merged"


def check(tmp_path, config: str, fragment: str):
    (tmp_path / "config").write_text(config)
    (tmp_path / "fragment").write_text(fragment)
    return subprocess.run([CHECK, tmp_path / "config", tmp_path / "fragment"], capture_output=True, text=True,
                          check=False)


def test_all_there(tmp_path):
    assert check(tmp_path, "CONFIG_KVM=m\nCONFIG_A=y\n", "# why\nCONFIG_KVM=m\n# CONFIG_B is not set\n").returncode == 0


def test_lost_line_is_named(tmp_path):
    done = check(tmp_path, "CONFIG_A=y\n", "CONFIG_A=y\nCONFIG_KVM=m\n")
    assert done.returncode == 1
    assert "fragment:2: CONFIG_KVM=m did not survive" in done.stdout


def test_other_value_is_named(tmp_path):
    done = check(tmp_path, "CONFIG_KVM=y\n", "CONFIG_KVM=m\n")
    assert done.returncode == 1 and "it is y" in done.stdout


def test_unwanted_line_is_named(tmp_path):
    done = check(tmp_path, "CONFIG_SOUND=y\n", "# CONFIG_SOUND is not set\n")
    assert done.returncode == 1 and "CONFIG_SOUND=n" in done.stdout


def test_two_fragments_that_disagree_are_named(tmp_path):
    done = check(tmp_path, "CONFIG_A=y\n", "CONFIG_A=m\nCONFIG_A=y\n")
    assert done.returncode == 1 and "says m" in done.stdout


def test_the_kernel_fragments_hold_only_settings():
    for fragment in (REPO / "kernel-config" / "host").glob("*.config"):
        done = subprocess.run([CHECK, fragment, fragment], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout
