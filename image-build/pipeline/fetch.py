# SPDX-License-Identifier: GPL-2.0-only
"""Fetch and verify: every source file in the downloads folder under the hash that its recipe records.

A file is written aside, verified, then renamed, so that a file under its final name is whole. A version that the
mirror has dropped is replaced by the newest of the same series under the hash of the signed index, loudly, for this
build tree only, until `make record` writes it into the recipe. STRICT=1 refuses that.
"""

import dataclasses
import json
import os
import re

from . import mirror
from .errors import BuildError
from .keys import file_digest
from .paths import Paths
from .recipe import Recipe, Source


class Fetcher:
    def __init__(self, paths: Paths, say):
        self.paths = paths
        self.say = say
        self.strict = os.environ.get("STRICT") == "1"
        self._indexes = {}

    def file(self, source: Source):
        return self.paths.downloads / source.stored_name()

    def apply_substitutions(self, recipes: dict) -> None:
        """Let earlier stand-ins of this build tree take the place of the pins that they stand in for."""
        if self.strict or not self.paths.substitutions.exists():
            return
        table = json.loads(self.paths.substitutions.read_text())
        for recipe in recipes.values():
            recipe.sources = [dataclasses.replace(s, **table[s.sha256]) if s.sha256 in table else s
                              for s in recipe.sources]

    def is_present(self, source: Source) -> bool:
        """Whether the file is there and whole; a damaged one is removed and said so."""
        path = self.file(source)
        if not path.exists():
            return False
        if file_digest(path) == source.sha256:
            return True
        self.say(f"{source.file}: damaged in the downloads folder; fetching it again")
        path.unlink()
        return False

    def fetch(self, recipe: Recipe) -> bool:
        """Make every source of a recipe present. True when a stand-in took a pin's place."""
        substituted = False
        for index, source in enumerate(recipe.sources):
            if self.is_present(source):
                continue
            why = self._download(source)
            if why:
                recipe.sources[index] = self._substitute(recipe, source, why)
                substituted = True
        return substituted

    def _download(self, source: Source) -> str:
        self.paths.downloads.mkdir(parents=True, exist_ok=True)
        aside = self.paths.downloads / f".{source.stored_name()}.{os.getpid()}"
        why = mirror.download(source.path, source.file, source.sha256, aside)
        if why:
            return why
        if file_digest(aside) != source.sha256:
            aside.unlink()
            return "what came has another hash than the recipe records"
        with open(aside, "rb") as stream:
            os.fsync(stream.fileno())
        aside.rename(self.file(source))
        return ""

    def _substitute(self, recipe: Recipe, source: Source, why: str) -> Source:
        missing = (f"{recipe.name}: the mirror does not give {source.package} {source.version} "
                   f"({source.file}): {why}.")
        if self.strict:
            raise BuildError(f"{missing}\n  STRICT=1 takes no other version. Copy the file to "
                             f"{self.file(source)}, or build without STRICT=1.")
        found = self._newest(source)
        if not found:
            raise BuildError(f"{missing}\n  Nor does it offer another version of series {source.series} in "
                             f"{source.suite}. Check the network and /etc/apt, or copy the file to {self.file(source)}.")
        stand_in = dataclasses.replace(source, **found)
        if found["sha256"] != source.sha256 and not self.is_present(stand_in):
            again = self._download(stand_in)
            if again:
                raise BuildError(f"{missing}\n  Its stand-in {found['version']} did not come either: {again}.")
        elif found["sha256"] == source.sha256:
            raise BuildError(f"{missing}\n  It is still the newest of series {source.series}: try again later.")
        self._remember(source, found)
        self.say(f"WARNING: {missing}")
        self.say(f"WARNING: using {source.package} {found['version']} in its place, verified by the signed index.")
        self.say(f"WARNING: to keep it: make record PACKAGE={recipe.name}")
        return stand_in

    def _newest(self, source: Source) -> dict:
        if source.suite not in self._indexes:
            self._indexes[source.suite] = mirror.Index(self.paths.out / "apt", source.suite)
        index = self._indexes[source.suite]
        if source.kind == "source":
            return index.newest_source(source.package, source.series, source.file)
        return index.newest_binary(source.package, source.series)

    def _remember(self, source: Source, found: dict) -> None:
        path = self.paths.substitutions
        table = json.loads(path.read_text()) if path.exists() else {}
        table[source.sha256] = found
        path.parent.mkdir(parents=True, exist_ok=True)
        aside = path.with_suffix(".new")
        aside.write_text(json.dumps(table, indent=1, sort_keys=True))
        aside.rename(path)


def record(recipe: Recipe, paths: Paths) -> list:
    """Write the stand-ins of this build tree into the recipe; what changed, one line each."""
    if not paths.substitutions.exists():
        return []
    table = json.loads(paths.substitutions.read_text())
    file = recipe.folder / "recipe.toml"
    text = file.read_text()
    changed = []
    for source in recipe.sources:
        found = table.get(source.sha256)
        if not found:
            continue
        head, block, tail = _source_block(text, source.sha256)
        for key in ("version", "path", "file", "sha256"):
            block = re.sub(rf'^{key} = ".*"$', f'{key} = "{found[key]}"', block, flags=re.M)
        text = head + block + tail
        changed.append(f"{recipe.name}: {source.version} -> {found['version']} ({found['file']})")
        del table[source.sha256]
    file.write_text(text)
    paths.substitutions.write_text(json.dumps(table, indent=1, sort_keys=True))
    return changed


def _source_block(text: str, sha256: str) -> tuple:
    at = text.index(sha256)
    start = text.rindex("[[source]]", 0, at)
    end = text.find("\n[", at)
    return (text[:start], text[start:end], text[end:]) if end >= 0 else (text[:start], text[start:], "")
