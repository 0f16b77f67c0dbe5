# SPDX-License-Identifier: GPL-2.0-only
"""What a person sees while the pipeline works: one line a step."""

import sys
import time


class Progress:
    def __init__(self, total: int, stream=None):
        self.total = total
        self.number = 0
        self.start = time.monotonic()
        self.stream = stream or sys.stdout

    def step(self, what: str) -> None:
        self.number += 1
        self._print(f"{self.number:3d}/{self.total}", what)

    def note(self, what: str) -> None:
        self._print("  note ", what)

    def _print(self, head: str, what: str) -> None:
        seconds = int(time.monotonic() - self.start)
        print(f"[{head}  {seconds // 60:02d}:{seconds % 60:02d}] {what}", file=self.stream, flush=True)
