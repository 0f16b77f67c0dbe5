# SPDX-License-Identifier: GPL-2.0-only
"""The rules over the whole tree."""

import os
import stat
import subprocess
from pathlib import Path

import pytest
import rules

REPO = Path(__file__).resolve().parents[2]
OUT = REPO / os.environ.get("OUT", "out")
FILES = rules.tracked(REPO)
TEXTS = {name: (REPO / name).read_text(encoding="utf-8", errors="replace") for name in FILES}
C_FILES = {name: text for name, text in TEXTS.items() if name.endswith((".c", ".h"))
           and not name.startswith("image-build/")}
PYTHON = [name for name, text in TEXTS.items() if name.endswith(".py") or text.startswith("#!/usr/bin/python3")]
SHELL = [name for name, text in TEXTS.items() if name.endswith(".sh") or rules.is_shell(text)]


def none(faults: list) -> None:
    assert not faults, "\n" + "\n".join(faults)


def test_layers():
    none(rules.layer_faults(C_FILES, rules.read_layers((REPO / "tests/style/layers.txt").read_text())))


def test_no_include_cycle():
    none(rules.cycle_faults(C_FILES))


def test_budgets():
    texts = {name: text for name, text in TEXTS.items() if name in C_FILES or name in PYTHON or name in SHELL}
    none(rules.budget_faults(texts, rules.read_exemptions((REPO / "tests/style/exemptions.txt").read_text())))


def test_nothing_left_open_no_hosts_no_machine_paths():
    none([fault for name, text in TEXTS.items() if name != "LICENSE" for fault in rules.text_faults(name, text)])


def test_spdx():
    sources = [*C_FILES, *PYTHON, *SHELL, *(n for n in FILES if n.endswith((".mk", ".5", ".7", ".8", ".1")))]
    none([fault for name in sources for fault in rules.spdx_faults(name, TEXTS[name])])


def test_c_format():
    none(rules.tool_faults(["clang-format", "--dry-run", "-Werror"], [REPO / name for name in C_FILES]))


def test_shellcheck():
    none(rules.tool_faults(["shellcheck", "-x"], [REPO / name for name in SHELL]))


def test_python_compiles():
    none([f"{name}: {error}" for name in PYTHON for error in compile_errors(name)])


def compile_errors(name: str) -> list:
    try:
        compile(TEXTS[name], name, "exec")
        return []
    except SyntaxError as error:
        return [str(error)]


def test_manual_pages():
    none(rules.tool_faults(["mandoc", "-T", "lint", "-W", "warning"],
                           [REPO / name for name in FILES if name.startswith("docs/man/")]))
    none([fault for name in FILES if name.startswith("docs/man/") for fault in rules.manual_faults(name, TEXTS[name])])


def test_berth_conf_page_matches_the_table():
    schema = subprocess.run([OUT / "host" / "berthconf", "schema"], capture_output=True, text=True, check=True).stdout
    none(rules.schema_faults((REPO / "docs/man/berth.conf.5").read_text(), schema))


def test_procedures_page():
    said = subprocess.run([REPO / "node/rpc/list-procedures"], capture_output=True, text=True, check=True).stdout
    assert (REPO / "docs/procedures.md").read_text() == said, "node/rpc/list-procedures --write"


def test_changelog():
    none(rules.changelog_faults(TEXTS["CHANGELOG.md"]))


def test_commit_titles():
    log = subprocess.run(["git", "log", "--no-merges", "--format=%s", "-n", "200"], cwd=REPO, capture_output=True,
                         text=True, check=False)
    if log.returncode != 0:
        pytest.skip("not a git clone")
    none(rules.title_faults(log.stdout.splitlines()))


def test_sizes():
    none([f"{name}: larger than 400 KiB" for name in FILES if (REPO / name).stat().st_size > 400 * 1024])


def test_executables_say_what_runs_them():
    none([f"{name}: executable without #!" for name in FILES
          if (REPO / name).stat().st_mode & stat.S_IXUSR and not TEXTS[name].startswith("#!")])
