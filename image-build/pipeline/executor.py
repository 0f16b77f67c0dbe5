# SPDX-License-Identifier: GPL-2.0-only
"""Runs the steps of one package: extract, patch, configure, build, stage.

Steps run in a clean environment, in the package's own work folder, and leave a stage tree:

    target/   goes into the node's root          sysroot/  headers and libraries for other packages
    host/     programs run on the build machine  images/   files for the boot medium
    guest/    the guest for tests, no part of the node

A changed patch, configure or build step starts from freshly extracted sources, so that no object of an older
recipe can stay behind; a changed stage step runs alone.
"""

import os
import shutil
import subprocess
from pathlib import Path

from .errors import BuildError
from .keys import Keys
from .paths import REPO, STEP_LIBRARY, Paths
from .recipe import Recipe

# 2026-01-01 00:00:00 UTC: the one time stamp in everything that is built.
EPOCH = "1767225600"
LOG_TAIL = 25


class Executor:
    def __init__(self, paths: Paths, recipes: dict, keys: Keys, fetcher, progress):
        self.paths = paths
        self.recipes = recipes
        self.keys = keys
        self.fetcher = fetcher
        self.progress = progress

    def work(self, recipe: Recipe) -> Path:
        return self.paths.work / recipe.name

    def stage(self, name: str) -> Path:
        return self.paths.stage / name

    def stage_licences(self, recipe: Recipe) -> Path:
        """Where a package's licence texts go, inside its stage tree."""
        folder = self.work(recipe) / "stage" / "licences"
        folder.mkdir(exist_ok=True)
        return folder

    def run(self, recipe: Recipe) -> None:
        """Bring a package's stage tree up to date, running only the steps whose stamp changed."""
        work = self.work(recipe)
        stamps = self.keys.steps(recipe.name)
        if any(self._stamp(work, step) != stamps[step] for step in ("extract", "patch", "configure", "build")):
            self._fresh(recipe, work, stamps)
            for step in ("configure", "build"):
                self._script(recipe, step)
                self._set_stamp(work, step, stamps[step])
        self._set_stamp(work, "stage", "")
        shutil.rmtree(work / "stage", ignore_errors=True)
        (work / "stage").mkdir()
        self._script(recipe, "stage")
        self._set_stamp(work, "stage", stamps["stage"])

    def _stamp(self, work: Path, step: str) -> str:
        try:
            return (work / "stamps" / step).read_text()
        except OSError:
            return ""

    def _set_stamp(self, work: Path, step: str, value: str) -> None:
        (work / "stamps").mkdir(parents=True, exist_ok=True)
        (work / "stamps" / step).write_text(value)

    def _fresh(self, recipe: Recipe, work: Path, stamps: dict) -> None:
        shutil.rmtree(work, ignore_errors=True)
        (work / "src").mkdir(parents=True)
        if recipe.sources:
            self.progress.step(f"{recipe.name} {recipe.version}: extract")
        debian = work / "debian"
        for source in recipe.sources:
            file = self.fetcher.file(source)
            if source.kind == "binary":
                self._unpack_deb(recipe, file, source.inner, work)
            elif source.file.partition(".debian.")[1]:
                _unpack_tar(file, work / "debian-packaging", strip=False)
                debian = work / "debian-packaging" / "debian"
            else:
                _unpack_tar(file, work / "src", strip=True)
        self._set_stamp(work, "extract", stamps["extract"])
        patches = [debian / "patches" / name for s in recipe.sources for name in s.debian_patches]
        for patch in patches + recipe.patches():
            with open(patch, "rb") as stream, self._log(recipe, "patch") as log:
                done = subprocess.run(["patch", "-p1", "--no-backup-if-mismatch"], cwd=work / "src", stdin=stream,
                                      stdout=log, stderr=subprocess.STDOUT, check=False)
            if done.returncode != 0:
                raise self._failure(recipe, "patch", f"{patch.name} does not apply")
        self._set_stamp(work, "patch", stamps["patch"])

    def _unpack_deb(self, recipe: Recipe, file: Path, inner: str, work: Path) -> None:
        """A binary package's files into src/; with `inner`, only the tarball that it carries, unpacked."""
        target = work / "deb" if inner else work / "src"
        done = subprocess.run(["dpkg-deb", "-x", str(file), str(target)], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise BuildError(f"{recipe.name}: {file.name}: {done.stderr.strip()}")
        if inner:
            _unpack_tar(target / inner, work / "src", strip=True)
            shutil.rmtree(target)

    def _log(self, recipe: Recipe, step: str):
        self.paths.logs.mkdir(parents=True, exist_ok=True)
        return open(self._log_path(recipe, step), "ab")

    def _log_path(self, recipe: Recipe, step: str) -> Path:
        return self.paths.logs / f"{recipe.name}-{step}.log"

    def _script(self, recipe: Recipe, step: str) -> None:
        script = recipe.script(step)
        if not script.exists():
            return
        self.progress.step(f"{recipe.name} {recipe.version}: {step}")
        self._log_path(recipe, step).unlink(missing_ok=True)
        with self._log(recipe, step) as log:
            done = subprocess.run(["/bin/sh", "-eu", "-c", '. "$STEP_LIBRARY"; . "$STEP_SCRIPT"'],
                                  cwd=self.work(recipe) / "src", env=self._environment(recipe, script),
                                  stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, umask=0o022,
                                  check=False)
        if done.returncode != 0:
            raise self._failure(recipe, step, f"{step}.sh ended with {done.returncode}")

    def _failure(self, recipe: Recipe, step: str, what: str) -> BuildError:
        path = self._log_path(recipe, step)
        tail = path.read_text(errors="replace").splitlines()[-LOG_TAIL:] if path.exists() else []
        return BuildError("\n".join([f"{recipe.name}: {what}; the end of {path}:", *("  | " + t for t in tail)]))

    def _environment(self, recipe: Recipe, script: Path) -> dict:
        work = self.work(recipe)
        env = {
            "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
            "LC_ALL": "C",
            "TZ": "UTC",
            "HOME": str(work),
            "SOURCE_DATE_EPOCH": EPOCH,
            "JOBS": str(len(os.sched_getaffinity(0))),
            "REPO": str(REPO),
            "RECIPE": str(recipe.folder),
            "WORK": str(work),
            "SRC": str(work / "src"),
            "STAGE": str(work / "stage"),
            "NAME": recipe.name,
            "VERSION": recipe.version,
            "BUILD": self.keys.key(recipe.name)[:16],
            "CCACHE_DIR": str(self.paths.ccache),
            "CCACHE_MAXSIZE": "2G",
            "STEP_LIBRARY": str(STEP_LIBRARY),
            "STEP_SCRIPT": str(script),
        }
        if "CCACHE_DISABLE" in os.environ:
            env["CCACHE_DISABLE"] = os.environ["CCACHE_DISABLE"]
        for dep in self._closure(recipe):
            env["DEP_" + dep.replace("-", "_")] = str(self.stage(dep))
        for option, value in recipe.options.items():
            env["OPT_" + option.replace("-", "_")] = str(value)
        return env

    def _closure(self, recipe: Recipe) -> list:
        seen = []
        for dep in recipe.depends:
            for name in [*self._closure(self.recipes[dep]), dep]:
                if name not in seen:
                    seen.append(name)
        return seen


def _unpack_tar(file: Path, target: Path, strip: bool) -> None:
    target.mkdir(parents=True, exist_ok=True)
    command = ["tar", "-xf", str(file), "-C", str(target), "--no-same-owner"]
    if strip:
        command.append("--strip-components=1")
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise BuildError(f"{file.name}: cannot be unpacked: {done.stderr.strip()[-300:]}")
