# SPDX-License-Identifier: GPL-2.0-only
"""The rules that a program can hold. Each takes files or texts and gives complaints, one string a fault."""

import re
import subprocess
from pathlib import Path

FUNCTION_LINES, SOURCE_LINES, HEADER_LINES, SCRIPT_LINES = 100, 900, 150, 500
INCLUDE = re.compile(r'^#include "([^"]+)"', re.M)
# Split so that this file does not hold what it looks for.
OPEN_ENDS = re.compile(r"\b(" + "|".join(["TO" + "DO", "FIX" + "ME", "XX" + "X", "not " + "implemented"]) + r")\b")
HOSTS = re.compile(r"(deb|security|ftp[0-9.a-z]*|snapshot)\.debian" + r"\.org|registry\.npm" + "js")
MACHINE_PATHS = re.compile(r"(^|[^\w.$}/-])/(work|farm|home/\w+|tmp/bash_" + r"jobs)/\w")
SPDX = "SPDX-License-Identifier: GPL-2.0-only"


def unit_of(path: str) -> str:
    """foo.c and foo.h are one node of the graph."""
    return path.rpartition(".")[0]


def folder_of(path: str) -> str:
    return path.rpartition("/")[0]


def includes(path: str, text: str) -> list:
    return INCLUDE.findall(text)


def layer_faults(sources: dict, layers: dict) -> list:
    """`sources`: path -> text of each .c and .h; `layers`: folder -> folders it may include."""
    faults, used = [], set()
    for path, text in sources.items():
        folder = folder_of(path)
        if folder not in layers:
            faults.append(f"{path}: folder {folder} is not in layers.txt")
            continue
        found = includes(path, text)
        for target in found:
            if target not in sources:
                faults.append(f"{path}: includes \"{target}\", which is not a path from the repository's root")
            elif folder_of(target) != folder:
                used.add((folder, folder_of(target)))
                if folder_of(target) not in layers[folder]:
                    faults.append(f"{path}: {folder} may not include {folder_of(target)} (\"{target}\")")
        own = path[:-1] + "h"
        if path.endswith(".c") and own in sources and (not found or found[0] != own):
            faults.append(f"{path}: its own header \"{own}\" does not come first")
    for folder, allowed in layers.items():
        faults += [f"layers.txt: {folder} does not include {target} any more" for target in allowed
                   if (folder, target) not in used]
    faults += [f"layers.txt: folder {folder} has no sources any more" for folder in layers
               if not any(folder_of(p) == folder for p in sources)]
    return faults + graph_faults({folder: set(allowed) for folder, allowed in layers.items()}, "layers.txt: cycle")


def cycle_faults(sources: dict) -> list:
    graph = {}
    for path, text in sources.items():
        graph.setdefault(unit_of(path), set()).update(unit_of(t) for t in includes(path, text) if unit_of(t) != unit_of(path))
    return graph_faults(graph, "include cycle")


def graph_faults(graph: dict, what: str) -> list:
    faults, done = [], set()

    def visit(node, trail):
        if node in trail:
            faults.append(f"{what}: " + " -> ".join([*trail[trail.index(node):], node]))
        elif node not in done:
            for target in sorted(graph.get(node, ())):
                visit(target, [*trail, node])
            done.add(node)

    for node in sorted(graph):
        visit(node, [])
    return faults


def long_functions(text: str) -> list:
    """(name, lines) of each C function over its budget: from a line that begins in column 0 to its closing brace."""
    found, start, name = [], None, ""
    lines = text.splitlines()
    for number, line in enumerate(lines):
        if line == "{" and start is None:
            head = " ".join(lines[max(0, number - 6):number])
            names = re.findall(r"(\w+)\(", head)
            start, name = number, names[-1] if names else "?"
            match = [m for m in re.finditer(r"^(?:[\w*].*?)?(\w+)\(", "\n".join(lines[max(0, number - 6):number]), re.M)]
            name = match[-1].group(1) if match else name
        elif line == "}" and start is not None:
            if number - start + 1 > FUNCTION_LINES:
                found.append((name, number - start + 1))
            start = None
    return found


def budget_of(path: str) -> int:
    if path.endswith(".h"):
        return HEADER_LINES
    return SOURCE_LINES if path.endswith(".c") else SCRIPT_LINES


def budget_faults(texts: dict, exemptions: dict) -> list:
    over = {}
    for path, text in texts.items():
        lines = text.count("\n")
        if lines > budget_of(path):
            over[path] = lines
        if path.endswith(".c"):
            over.update({f"{path}:{name}": size for name, size in long_functions(text)})
    faults = [f"{what}: {size} lines; split it" for what, size in over.items() if what not in exemptions]
    for what, size in exemptions.items():
        if over.get(what, 0) != size:
            faults.append(f"exemptions.txt: {what} lines {size}: it has {over.get(what, 'no more than its budget')} now")
    return faults


def text_faults(path: str, text: str) -> list:
    faults = []
    for number, line in enumerate(text.splitlines(), 1):
        for pattern, what in ((OPEN_ENDS, "left open"), (HOSTS, "host of a registry"), (MACHINE_PATHS, "path of a machine")):
            if pattern.search(line):
                faults.append(f"{path}:{number}: {what}: {line.strip()[:80]}")
    return faults


def spdx_faults(path: str, text: str) -> list:
    return [] if SPDX in "\n".join(text.splitlines()[:2]) else [f"{path}: no SPDX line in its first two"]


def changelog_faults(text: str) -> list:
    faults = [] if text.startswith("# Changelog\n") else ["CHANGELOG.md: does not begin with \"# Changelog\""]
    heads = re.findall(r"^## (.*)$", text, re.M)
    if not heads:
        faults.append("CHANGELOG.md: no \"## \" section")
    for head in heads:
        if head != "[Unreleased]" and not re.fullmatch(r"\[\d+\.\d+\.\d+\] - \d{4}-\d{2}-\d{2}", head):
            faults.append(f"CHANGELOG.md: \"## {head}\" is neither [Unreleased] nor [x.y.z] - date")
    return faults


def title_faults(titles: list) -> list:
    return [f"commit title: \"{t}\": not \"area: summary\" within 72 columns" for t in titles
            if len(t) > 72 or not re.match(r"^[\w./-]+(, [\w./-]+)*: \S", t)]


def tool_faults(command: list, paths: list) -> list:
    if not paths:
        return []
    done = subprocess.run([*command, *map(str, paths)], capture_output=True, text=True, check=False)
    return [] if done.returncode == 0 else [(done.stdout + done.stderr)[-3000:]]


def manual_faults(path: str, text: str) -> list:
    """What mandoc passes by: a macro with a dot as a word of another, a heading whose first word is a macro's name."""
    return [f"{path}:{number}: \"{line}\" shows or runs a macro by mistake" for number, line in enumerate(text.splitlines(), 1)
            if re.match(r"\.[A-Z][a-z] .*\s\.[A-Z][a-z]\b|\.S[hs] [A-Z][a-z] ", line)]


def schema_faults(page: str, schema: str) -> list:
    """berth.conf(5) against the table of conf/schema.c: each key with its type, default, cost and example."""
    flat = " ".join(re.sub(r"\\&|\\", "", page).split())
    faults = []
    for row in schema.splitlines():
        section, key, kind, repeat, fallback, cost, example = row.split("\t")
        head = f".It Cm {key} Bq {section}"
        if head not in flat:
            faults.append(f"berth.conf.5: no entry for {key} of [{section}] (\"{head}\")")
            continue
        entry = flat[flat.index(head) + len(head):]
        entry = entry[:entry.index(".It Cm")] if ".It Cm" in entry else entry
        wanted = [f"Value: {kind}.", f"Default: {fallback}.", f"Change: {cost}.", f".Dl {key} = {example}"]
        if repeat == "list":
            wanted.append("May be given more than once.")
        faults += [f"berth.conf.5: {key} of [{section}]: missing \"{w}\"" for w in wanted if w not in entry]
    return faults


def is_shell(text: str) -> bool:
    return re.match(r"#! ?(/usr)?/bin/(env )?(ba|da|a)?sh\b", text) is not None


def read_layers(text: str) -> dict:
    rows = [line.split(":") for line in text.splitlines() if line and not line.startswith("#")]
    return {folder.strip(): targets.split() for folder, targets in rows}


def read_exemptions(text: str) -> dict:
    rows = [line.split(" lines ") for line in text.splitlines() if line and not line.startswith("#")]
    return {what: int(size) for what, size in rows}


def tracked(repo: Path) -> list:
    out = subprocess.run(["git", "ls-files", "-z"], cwd=repo, capture_output=True, text=True, check=True).stdout
    return [name for name in out.split("\0") if name and (repo / name).is_file()]
