# SPDX-License-Identifier: GPL-2.0-only
"""Pipeline tests: real recipes in a folder of their own, the real fetch, a real store; only the packages are small."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "image-build"))

from pipeline.paths import Paths  # noqa: E402
from pipeline.pipeline import Pipeline  # noqa: E402


class Workshop:
    """A folder of recipes, a build tree and a cache, all of one test."""

    def __init__(self, root: Path):
        self.packages = root / "packages"
        self.paths = Paths(root / "out", root / "cache")

    def recipe(self, name: str, extra: str = "", **scripts) -> Path:
        folder = self.packages / name
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "recipe.toml").write_text(f'name = "{name}"\nversion = "1"\nsummary = "a test package"\n'
                                            f'licence = "GPL-2.0-only"\n{extra}\n')
        for step, text in scripts.items():
            (folder / f"{step}.sh").write_text(text)
        return folder

    def pipeline(self, **options) -> Pipeline:
        return Pipeline(self.paths, self.packages, **options)

    def staged(self, name: str, file: str) -> str:
        return (self.paths.stage / name / file).read_text()


@pytest.fixture
def workshop(tmp_path):
    return Workshop(tmp_path)
