# SPDX-License-Identifier: GPL-2.0-only
"""The order of work: which packages are needed, which are current, which come from the cache, which are built."""

import fcntl
import hashlib
import shutil

from .errors import BuildError
from .executor import Executor
from .fetch import Fetcher
from .keys import Keys
from .paths import PACKAGES, Paths
from .progress import Progress
from .recipe import Recipe, load_all
from .store import Store


class Pipeline:
    def __init__(self, paths: Paths, packages=PACKAGES, use_store: bool = True):
        self.paths = paths
        self.recipes = load_all(packages)
        self.store = Store(paths)
        self.use_store = use_store
        self.keys = Keys(self.recipes)
        self.progress = Progress(0)
        self.fetcher = Fetcher(paths, self.progress.note)
        self.fetcher.apply_substitutions(self.recipes)

    def fetch(self, only=None) -> None:
        wanted = [r for r in self.recipes.values() if r.sources and (only is None or r.name in only)]
        self._restart_progress(len(wanted))
        for recipe in wanted:
            self.progress.step(f"{recipe.name} {recipe.version}: fetch and verify")
            self.fetcher.fetch(recipe)

    def build(self, names=None) -> list:
        """Bring the named packages (all by default) up to date; the names of those that were built here."""
        wanted = self._closure(names or list(self.recipes))
        with self._lock():
            self.keys = Keys(self.recipes)
            todo = [r for r in wanted if not self.store.is_current(r, self.keys.key(r.name))]
            self._restart_progress(sum(self._steps_of(r) for r in todo))
            built = [r.name for r in todo if self._bring_up(r)]
            self.store.prune()
        return built

    def _bring_up(self, recipe: Recipe) -> bool:
        key = self.keys.key(recipe.name)
        if self.use_store and self.store.has(recipe, key):
            self.progress.step(f"{recipe.name} {recipe.version}: from the cache")
            if self.store.restore(recipe, key):
                return False
            self.progress.note(f"{recipe.name}: its file in the cache is damaged; building it")
        if recipe.sources:
            self.progress.step(f"{recipe.name} {recipe.version}: fetch and verify")
            if self.fetcher.fetch(recipe):
                self.keys = Keys(self.recipes)
        executor = Executor(self.paths, self.recipes, self.keys, self.fetcher, self.progress)
        executor.run(recipe)
        self._check_licences(recipe, executor)
        self.store.keep(recipe, self.keys.key(recipe.name), executor.work(recipe) / "stage")
        return True

    def _check_licences(self, recipe: Recipe, executor: Executor) -> None:
        """A licence text that changed under a new version wants a person's eyes: the build stops there."""
        texts = executor.stage_licences(recipe)
        for name, recorded in recipe.licence_files.items():
            file = executor.work(recipe) / "src" / name
            if not file.is_file():
                raise BuildError(f"{recipe.folder}/recipe.toml: licence file {name} is not in the sources")
            found = hashlib.sha256(file.read_bytes()).hexdigest()
            if found != recorded:
                raise BuildError(f"{recipe.folder}/recipe.toml: licence file {name} has hash {found}, recorded is "
                                 f"{recorded}: read the text, then record the new hash")
            shutil.copyfile(file, texts / name.replace("/", "_"))

    def _steps_of(self, recipe: Recipe) -> int:
        if self.use_store and self.store.has(recipe, self.keys.key(recipe.name)):
            return 1
        return (2 if recipe.sources else 0) + sum(recipe.script(s).exists() for s in ("configure", "build", "stage"))

    def _closure(self, names: list) -> list:
        needed = set()

        def visit(name: str):
            if name not in self.recipes:
                raise BuildError(f"no package \"{name}\"; there are: {' '.join(self.recipes)}")
            if name not in needed:
                needed.add(name)
                for dep in self.recipes[name].depends:
                    visit(dep)

        for name in names:
            visit(name)
        return [r for r in self.recipes.values() if r.name in needed]

    def _restart_progress(self, total: int) -> None:
        self.progress = Progress(total)
        self.fetcher.say = self.progress.note

    def _lock(self):
        """One build at a time in a build tree; the second waits and says so."""
        self.paths.out.mkdir(parents=True, exist_ok=True)
        lock = open(self.paths.out / ".lock", "w", encoding="ascii")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            print(f"another build works in {self.paths.out}: waiting for it", flush=True)
            fcntl.flock(lock, fcntl.LOCK_EX)
        return lock
