# SPDX-License-Identifier: GPL-2.0-only
"""try-vmm: a command in a machine with KVM; its output and status come back."""

import subprocess
from pathlib import Path

TRY = Path(__file__).resolve().parent / "try-vmm"


def attempt(*words: str) -> subprocess.CompletedProcess:
    return subprocess.run([TRY, *words], capture_output=True, text=True, check=False)


def test_files_kvm_output_and_status(tmp_path):
    program = tmp_path / "given"
    program.write_text("#!/bin/sh\necho a line; echo an error line >&2; exit 7\n")
    program.chmod(0o755)
    done = attempt("-f", str(program), "test -c /dev/kvm && test -s guest/vmlinux && test -s guest/initrd && ./given")
    assert done.stdout.replace("\n\n", "\n").strip() == "a line\nan error line"
    assert done.returncode == 7


def test_a_command_that_does_not_end(tmp_path):
    done = attempt("-t", "3", "sleep 1000")
    assert done.returncode == 124
    assert "did not end in time" in done.stderr


def test_a_missing_file_is_named():
    done = attempt("-f", "/nonexistent/vmm", "true")
    assert done.returncode == 100 and "/nonexistent/vmm" in done.stderr
