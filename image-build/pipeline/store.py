# SPDX-License-Identifier: GPL-2.0-only
"""Finished stage trees, kept in the user's cache under their stamp, shared by all clones on a machine."""

import contextlib
import os
import shutil
import subprocess
import time
from pathlib import Path

from .errors import BuildError
from .paths import Paths
from .recipe import Recipe

# A stamp that nobody asked for in this long belongs to a tree that is gone.
KEEP_SECONDS = 30 * 86400


class Store:
    def __init__(self, paths: Paths):
        self.paths = paths

    def _file(self, recipe: Recipe, key: str) -> Path:
        return self.paths.stages / f"{recipe.name}-{key}.tar.zst"

    def _stamp(self, name: str) -> Path:
        return self.paths.stage / f".{name}.stamp"

    def is_current(self, recipe: Recipe, key: str) -> bool:
        """Whether this build tree already holds the stage tree of that stamp."""
        try:
            return self._stamp(recipe.name).read_text() == key
        except OSError:
            return False

    def has(self, recipe: Recipe, key: str) -> bool:
        return self._file(recipe, key).exists()

    def restore(self, recipe: Recipe, key: str) -> bool:
        """Unpack a finished stage tree. False, and the file gone, when it turns out damaged."""
        file = self._file(recipe, key)
        target = self._cleared(recipe)
        done = subprocess.run(["tar", "--zstd", "-xf", str(file), "-C", str(target)], capture_output=True, check=False)
        if done.returncode != 0:
            file.unlink(missing_ok=True)
            return False
        os.utime(file)
        self._settle(recipe, key, target)
        return True

    def keep(self, recipe: Recipe, key: str, tree: Path) -> None:
        """Store a stage tree that has just been built, and install it into this build tree."""
        self.paths.stages.mkdir(parents=True, exist_ok=True)
        file = self._file(recipe, key)
        aside = file.with_name(f".{file.name}.{os.getpid()}")
        done = subprocess.run(["tar", "--zstd", "-cf", str(aside), "--sort=name", "-C", str(tree), "."],
                              capture_output=True, text=True, check=False)
        if done.returncode != 0:
            aside.unlink(missing_ok=True)
            raise BuildError(f"{file}: cannot be written: {done.stderr.strip()}; is the disk full?")
        aside.rename(file)
        target = self._cleared(recipe)
        target.rmdir()
        shutil.copytree(tree, target, symlinks=True)
        self._settle(recipe, key, target)

    def prune(self) -> None:
        if not self.paths.stages.exists():
            return
        oldest = time.time() - KEEP_SECONDS
        for file in self.paths.stages.iterdir():
            # Another clone's build may have given it its name meanwhile, or taken it away.
            with contextlib.suppress(FileNotFoundError):
                if file.stat().st_mtime < oldest:
                    file.unlink()

    def _cleared(self, recipe: Recipe) -> Path:
        target = self.paths.stage / recipe.name
        self._stamp(recipe.name).unlink(missing_ok=True)
        shutil.rmtree(target, ignore_errors=True)
        target.mkdir(parents=True)
        return target

    def _settle(self, recipe: Recipe, key: str, target: Path) -> None:
        """Write this tree's place into the files that must know it, then mark the tree as whole."""
        for name in recipe.relocate:
            file = target / name
            file.write_bytes(file.read_bytes().replace(b"/@STAGE@", os.fsencode(target)))
        self._stamp(recipe.name).write_text(key)
