# SPDX-License-Identifier: GPL-2.0-only
"""Stamps: the hash of everything that a step's result follows from.

Stamps are content hashes, never times: a file touched or checked out anew rebuilds nothing, and a finished stage
tree can be shared by all clones on a machine.
"""

import functools
import hashlib
import shutil
import subprocess
from pathlib import Path

from .errors import BuildError
from .paths import REPO, STEP_LIBRARY
from .recipe import Recipe

# Raised when the executor itself changes what steps see.
ENGINE = "1"


def digest(*parts) -> str:
    h = hashlib.sha256()
    for part in parts:
        data = part if isinstance(part, bytes) else str(part).encode()
        h.update(len(data).to_bytes(8, "big") + data)
    return h.hexdigest()


def file_digest(path: Path) -> str:
    with open(path, "rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def tree_digest(path: Path) -> str:
    """Names, modes' execute bits and contents of the files below `path` (or of the one file)."""
    if path.is_file():
        return digest(path.name, file_digest(path))
    if not path.is_dir():
        raise BuildError(f"{path}: named as an input of a recipe, but it does not exist")
    parts = []
    for entry in sorted(path.rglob("*")):
        if "__pycache__" in entry.parts:
            continue
        name = str(entry.relative_to(path))
        if entry.is_symlink():
            parts += [name, "link", entry.readlink()]
        elif entry.is_file():
            parts += [name, bool(entry.stat().st_mode & 0o100), file_digest(entry)]
    return digest(*parts)


@functools.lru_cache(maxsize=None)
def tool_version(tool: str) -> str:
    """What a host tool says of itself; part of the stamp of each step that its output reaches."""
    path = shutil.which(tool, path="/usr/sbin:/usr/bin:/sbin:/bin")
    if not path:
        raise BuildError(f"host tool \"{tool}\" is not installed; run: make deps")
    owner = subprocess.run(["dpkg", "-S", str(Path(path).resolve())], capture_output=True, text=True, check=False)
    if owner.returncode == 0:
        package = owner.stdout.split(": ")[0].split(",")[0]
        version = subprocess.run(["dpkg-query", "-W", "-f", "${Version}", package], capture_output=True, text=True,
                                 check=True)
        return f"{tool} {package} {version.stdout}"
    return f"{tool} {file_digest(Path(path))}"


def toolchain() -> str:
    return digest(*(tool_version(t) for t in ("gcc", "ld", "make")))


class Keys:
    """Stamps of all steps of all recipes; computed once a run, in dependency order."""

    def __init__(self, recipes: dict):
        self.recipes = recipes
        self._steps = {}

    def steps(self, name: str) -> dict:
        """Step name -> stamp. The last one, "stage", stands for the package as a whole."""
        if name not in self._steps:
            self._steps[name] = self._compute(self.recipes[name])
        return self._steps[name]

    def key(self, name: str) -> str:
        return self.steps(name)["stage"]

    def _compute(self, recipe: Recipe) -> dict:
        source = digest(ENGINE, *(f"{s.sha256} {s.inner}" for s in recipe.sources))
        patch = digest(source, *(file_digest(p) for p in recipe.patches()),
                       *(name for s in recipe.sources for name in s.debian_patches))
        surroundings = [toolchain(), file_digest(STEP_LIBRARY), recipe.name, recipe.version,
                        sorted(recipe.options.items()), recipe.relocate]
        surroundings += [self.key(dep) for dep in recipe.depends]
        surroundings += [tool_version(tool) for tool in recipe.tools]
        surroundings += [tree_digest(REPO / folder) for folder in recipe.inputs]
        surroundings += [tree_digest(p) for p in recipe.extra_files()]
        stamps = {"extract": source, "patch": patch}
        last = digest(patch, *surroundings)
        for step in ("configure", "build", "stage"):
            script = recipe.script(step)
            last = digest(last, step, file_digest(script) if script.exists() else "none")
            stamps[step] = last
        return stamps
