# SPDX-License-Identifier: GPL-2.0-only
"""The node's virsh beside Debian's: what both say when they are asked the same of nodes that are the same."""

import difflib
import os
import re
import shutil
import subprocess
from pathlib import Path

from conftest import CONFIGURATION, OUT

OURS, THEIRS = str(OUT / "host/virsh"), "/usr/bin/virsh"


def once_more(program: str, asked):
    """The other one hangs when a thread of its own (of save, dump) ends before its main loop begins: it is asked once more."""
    try:
        return asked()
    except subprocess.TimeoutExpired:
        if program != THEIRS:
            raise
    return asked()


def ask(node, program: str, command: list, *options: str, cwd=None) -> tuple:
    done = subprocess.run([program, "-c", node.uri(), *options, *command], capture_output=True, text=True, timeout=60, cwd=cwd, check=False,
                          stdin=subprocess.DEVNULL, env={**os.environ, "LC_ALL": "C.UTF-8"})
    # Others use this machine's disk meanwhile.
    out = re.sub(r"(allocation|available) unit='bytes'>\d+", r"\1", done.stdout)
    return re.sub(r"(?:(?<=Allocation:)|(?<=Available:)) +\d[\d.]*(?: [KMGT]iB)?|\d+\.\d\d [KMGT]iB *", "SIZE", out), done.stderr, done.returncode


def run(node, program: str, command: list, *options: str, cwd=None) -> tuple:
    return once_more(program, lambda: ask(node, program, command, *options, cwd=cwd))


def of_new_node(serve, tmp_path: Path, program: str, line: str, files: dict) -> tuple:
    """What `program` says of `line`, and what it leaves."""
    shutil.rmtree(tmp_path / "store", ignore_errors=True)
    shutil.rmtree(tmp_path / "desk", ignore_errors=True)
    for left in tmp_path.glob("*.save"):
        left.unlink()
    desk = tmp_path / "desk"
    desk.mkdir()
    for name, text in files.items():
        (desk / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    node = serve(CONFIGURATION)
    try:
        said = ask(node, program, [line.replace("FILE", str(desk / "file"))], cwd=desk)
        # Saved guests have a time in them, and what is in a folder has none.
        left = {str(path.relative_to(tmp_path)): path.read_bytes() if path.parent == node.store else path.stat().st_size
                for folder in (node.store, desk) for path in sorted(folder.iterdir())}
    finally:
        node.stop()
    return *said, left


def same(serve, tmp_path: Path, line: str, files: dict = None) -> tuple:
    """Run `line` by both, in a folder that holds `files`, each with a node of its own; FILE is a path that is not there at first.
    What both left in the pool and the folder is the same too; it is answered after what both said."""
    results = [once_more(program, lambda program=program: of_new_node(serve, tmp_path, program, line, files or {}))
               for program in (OURS, THEIRS)]
    told = [[*one[0].splitlines(), "-- errors", *one[1].splitlines(), f"-- exit code {one[2]}", f"-- left {one[3]}"[:2000]] for one in results]
    assert results[0] == results[1], "\n".join(difflib.unified_diff(*told, "ours", "theirs", lineterm=""))
    return results[0]
