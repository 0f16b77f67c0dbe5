# SPDX-License-Identifier: GPL-2.0-only
"""Recipes: what one package is made of, read from packages/NAME/recipe.toml."""

import os
import tomllib
from dataclasses import dataclass, field
from pathlib import Path

from .errors import BuildError
from .paths import PACKAGES

STEPS = ("configure", "build", "stage")
SOURCE_KEYS = {"kind", "package", "suite", "series", "version", "path", "file", "sha256", "inner", "debian-patches"}
RECIPE_KEYS = {"name", "version", "summary", "licence", "licence-files", "depends", "options", "inputs", "tools",
               "relocate", "source"}


@dataclass
class Source:
    """One file of the package mirror.

    `kind` is "source" (a file of a source package) or "binary" (a .deb). `series` is the version prefix within
    which another version may stand in when the mirror has dropped this one. `inner` names a tarball inside a .deb
    that is the actual source. `debian_patches` names the patches of a debian.tar that are applied, in order.
    """

    kind: str
    package: str
    suite: str
    series: str
    version: str
    path: str
    file: str
    sha256: str
    inner: str = ""
    debian_patches: list = field(default_factory=list)

    def stored_name(self) -> str:
        return f"{self.sha256}-{self.file}"


@dataclass
class Recipe:
    name: str
    version: str
    summary: str
    licence: str
    folder: Path
    licence_files: dict = field(default_factory=dict)
    depends: list = field(default_factory=list)
    options: dict = field(default_factory=dict)
    inputs: list = field(default_factory=list)
    tools: list = field(default_factory=list)
    relocate: list = field(default_factory=list)
    sources: list = field(default_factory=list)

    def script(self, step: str) -> Path:
        return self.folder / f"{step}.sh"

    def patches(self) -> list:
        return sorted((self.folder / "patches").glob("*.patch"))

    def extra_files(self) -> list:
        """Files that the scripts read: all but the recipe, the scripts and the patches."""
        known = {"recipe.toml"} | {f"{step}.sh" for step in STEPS}
        return sorted(p for p in self.folder.rglob("*")
                      if p.is_file() and p.name not in known and p.suffix not in (".patch", ".pyc"))


def _source(where: Path, table: dict) -> Source:
    unknown = set(table) - SOURCE_KEYS
    missing = {"kind", "package", "suite", "series", "version", "path", "file", "sha256"} - set(table)
    if unknown or missing:
        raise BuildError(f"{where}: [[source]]: unknown keys {sorted(unknown)}, missing keys {sorted(missing)}")
    if table["kind"] not in ("source", "binary"):
        raise BuildError(f"{where}: [[source]]: kind is \"{table['kind']}\"; use \"source\" or \"binary\"")
    return Source(debian_patches=table.get("debian-patches", []),
                  **{k: v for k, v in table.items() if k != "debian-patches"})


def _from_environment(value):
    """What stands for "$NAME": the builder's word, which may be none. A path is made absolute."""
    if not isinstance(value, str) or not value.startswith("$"):
        return value
    given = os.environ.get(value[1:], "")
    return str(Path(given).resolve()) if given else ""


def load_recipe(folder: Path) -> Recipe:
    path = folder / "recipe.toml"
    try:
        table = tomllib.loads(path.read_text())
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise BuildError(f"{path}: {error}") from error
    unknown = set(table) - RECIPE_KEYS
    missing = {"name", "version", "summary", "licence"} - set(table)
    if unknown or missing:
        raise BuildError(f"{path}: unknown keys {sorted(unknown)}, missing keys {sorted(missing)}")
    if table["name"] != folder.name:
        raise BuildError(f"{path}: name is \"{table['name']}\", the folder \"{folder.name}\"; make them the same")
    return Recipe(name=table["name"], version=table["version"], summary=table["summary"], licence=table["licence"],
                  folder=folder, licence_files=table.get("licence-files", {}), depends=table.get("depends", []),
                  options={name: _from_environment(value) for name, value in table.get("options", {}).items()},
                  inputs=[path for path in map(_from_environment, table.get("inputs", [])) if path], tools=table.get("tools", []),
                  relocate=table.get("relocate", []),
                  sources=[_source(path, s) for s in table.get("source", [])])


def load_all(root: Path = PACKAGES) -> dict:
    """Every recipe by name, dependencies before dependents; ties in order of name."""
    recipes = {p.parent.name: load_recipe(p.parent) for p in sorted(root.glob("*/recipe.toml"))}
    ordered, state = {}, {}

    def visit(name: str, chain: tuple):
        if name not in recipes:
            raise BuildError(f"{root / chain[-1]}/recipe.toml: depends on \"{name}\", which has no recipe")
        if state.get(name) == "open":
            raise BuildError("recipes depend on each other in a circle: " + " -> ".join(chain + (name,)))
        if name in ordered:
            return
        state[name] = "open"
        for dep in recipes[name].depends:
            visit(dep, chain + (name,))
        state[name] = "done"
        ordered[name] = recipes[name]

    for name in recipes:
        visit(name, ())
    return ordered
