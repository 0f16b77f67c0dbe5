# SPDX-License-Identifier: GPL-2.0-only
"""Where the pipeline keeps things; every other module asks here."""

import os
from pathlib import Path

REPO = Path(__file__).resolve().parents[2]
PACKAGES = REPO / "image-build" / "packages"
STEP_LIBRARY = REPO / "image-build" / "step.sh"


class Paths:
    """One build's folders. `out` may be anywhere; `cache` is shared by all clones of a user."""

    def __init__(self, out: Path, cache: Path):
        self.out = out
        self.cache = cache
        self.downloads = cache / "downloads"
        self.stages = cache / "stages"
        self.ccache = cache / "ccache"
        self.work = out / "work"
        self.stage = out / "stage"
        self.logs = out / "logs"
        self.images = out / "images"
        self.guest = out / "guest"
        self.substitutions = out / "substitutions.json"

    @classmethod
    def from_environment(cls) -> "Paths":
        out = Path(os.environ.get("OUT") or "out")
        cache = os.environ.get("BERTH_CACHE")
        if not cache:
            base = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
            cache = os.path.join(base, "berth")
        return cls((REPO / out).resolve(), Path(cache).expanduser().resolve())
