# SPDX-License-Identifier: GPL-2.0-only
"""Whether a second build, from nothing, in another folder, gives the same bytes."""

import os
from pathlib import Path

from .keys import file_digest
from .paths import Paths
from .pipeline import Pipeline

COMPARED = ("vmlinuz", "initrd", "berth.efi", "berth.img", "berth.iso")


def collect(paths: Paths) -> dict:
    return {name: file_digest(paths.images / name) for name in COMPARED}


def second_paths(paths: Paths) -> Paths:
    """A folder of another length, with an empty store; downloads are shared."""
    second = Paths(paths.out / "repro" / "a-folder-with-a-longer-name", paths.out / "repro" / "cache")
    second.downloads = paths.downloads
    return second


def compare(first: Paths, second: Paths) -> bool:
    same = True
    one, two = collect(first), collect(second)
    for name in COMPARED:
        verdict = "equal" if one[name] == two[name] else "DIFFERENT"
        same = same and one[name] == two[name]
        print(f"{name:10} {one[name]}\n{'':10} {two[name]}  {verdict}")
        if one[name] != two[name]:
            _first_difference(first.images / name, second.images / name)
    return same


def _first_difference(one: Path, two: Path) -> None:
    a, b = one.read_bytes(), two.read_bytes()
    at = next((i for i, (x, y) in enumerate(zip(a, b)) if x != y), min(len(a), len(b)))
    print(f"{'':10} sizes {len(a)} and {len(b)}, first difference at byte {at}")


def rebuild(paths: Paths, names) -> Paths:
    """Build the named packages and all that they need anew, without the store and without ccache, as another machine would."""
    second = second_paths(paths)
    os.environ["CCACHE_DISABLE"] = "1"
    Pipeline(second, use_store=False).build(names)
    return second
