# SPDX-License-Identifier: GPL-2.0-only
"""Commands of the node's virsh take what Debian's take: the same options, of the same kinds, in the same places."""

import re
import subprocess

import pytest

from beside import OURS, THEIRS


def said(node, program: str, lines: list) -> subprocess.CompletedProcess:
    return subprocess.run([program, "-q", "-c", node.uri()], input="".join(line + "\n" for line in lines), capture_output=True,
                          text=True, timeout=60, check=False)


def names(program: str) -> list:
    done = subprocess.run([program, "help"], capture_output=True, text=True, timeout=60, check=True)
    return re.findall(r"^    (\S+)", done.stdout, re.M)


def shapes(node, program: str, commands: list) -> dict:
    """What help says of each but for its words: the synopsis, and the form of each option."""
    pages = said(node, program, [f"help {name}" for name in commands]).stdout.split("  NAME\n")[1:]
    assert len(pages) == len(commands)
    found = {}
    for name, page in zip(commands, pages):
        options = page.split("  OPTIONS\n")[1] if "  OPTIONS\n" in page else ""
        found[name] = (re.search(r"SYNOPSIS\n    (.*)\n", page)[1],
                       re.findall(r"^    (\[?--[a-z0-9-]+\]?(?: <\w+>)?|<\w+>)(?:  .*)?$", options, re.M))
    return found


@pytest.fixture(name="both")
def fixture_both(node):
    ours = names(OURS)
    return node, ours, shapes(node, OURS, ours), shapes(node, THEIRS, ours)


def test_help_is_the_same(both):
    _, commands, ours, theirs = both
    assert not set(commands) - set(names(THEIRS))
    different = [f"{name}\nours:   {ours[name]}\ntheirs: {theirs[name]}" for name in commands if ours[name] != theirs[name]]
    assert not different, "\n\n".join(different)


def test_places_are_the_same(both):
    """How many words go to options without their names, and which options these are: one that was named leaves its place to the next."""
    node, _, shape, _ = both
    words = " ".join(f"w{number:02}" for number in range(60))
    lines = []
    for name, (synopsis, options) in shape.items():
        if options and "..." not in synopsis and name != "help":
            lines.append(f"{name} {words}")
            lines += [f"{name} {option} v {words}" for option in re.findall(r"--[a-z0-9-]+(?=\]? <)", " ".join(options))]
    results = [re.findall(r"^error: (unexpected data .*)$", said(node, program, lines).stderr, re.M) for program in (OURS, THEIRS)]
    assert len(lines) == len(results[0]) == len(results[1]) > 400
    assert not [(line.replace(words, "..."), *pair) for line, *pair in zip(lines, *results) if pair[0] != pair[1]]
