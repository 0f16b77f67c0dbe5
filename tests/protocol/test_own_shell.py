# SPDX-License-Identifier: GPL-2.0-only
"""How the node's virsh takes its words and options beside Debian's: lines, quotes, what comes before the command, an interactive session."""

import re
import subprocess

import pytest

from beside import OURS, THEIRS

# Words as a shell hands them over.
WORDS = [
    ['echo "a b" c\'d e\'f'], [r'echo a\ b'], [r'echo "a\"b"'], [r"echo 'a\b'"], ['echo "a'], ["echo 'a"], ["echo a;"], [";"], [""],
    ["echo a;;echo b"], ["echo a ; echo b;echo c"], ["echo", "a", ";", "echo", "b"], ["echo", "a;b"], ["echo a#b"], ["# x"], ["echo a # b"],
    [r"echo a\;b"], ["echo a\\"], ["echo a\necho b"], ["echo a \\\n b"], ["list --all --"], ["echo -- --shell"], ["list -- --all"],
    ["domid --domain=web"], ["domid --domain= "], ["domid ''"], ["echo --string a"], ["echo --shell=1 a"], ["domid --dom web"], ["list --al"],
    ["--", "list"], ["bogus"], ["bogus", "a"], ["help", "bogus"], ["snapshot"], ["exit"], ["quit; list"], ["connect; list"],
    ["connect --readonly; list"], ["cd /"], ["uri; hostname"], ["domid web; bogus; list"], ["domid web; domid; list"],
    ["-k", "0", "list"], ["-k", "x", "list"], ["-K", "x", "list"], ["-d", "9", "list"], ["-d", "x", "list"], ["--debug=4", "list"],
    ["-e", "^x", "list"], ["-e", "xx", "list"], ["--bogus", "list"], ["-z"], ["-c"], ["--connect"], ["-l", "/nonexistent/x", "list"],
    ["-q", "list"], ["-rq", "list"], ["-qr", "list", "--all"], ["--quiet", "--readonly", "list"],
]


def said(node, program: str, *words: str, text: str = "", cwd=None) -> tuple:
    done = subprocess.run([program, "-c", node.uri(), *words], capture_output=True, text=True, input=text, timeout=60, check=False, cwd=cwd)
    return done.stdout, done.stderr, done.returncode


def test_words_are_taken_the_same(node):
    node.virsh("start", "web")
    different = []
    for words in WORDS:
        ours, theirs = said(node, OURS, *words), said(node, THEIRS, *words)
        if ours != theirs:
            different.append(f"{words}\nours:   {ours}\ntheirs: {theirs}")
    assert not different, "\n\n".join(different)


SESSIONS = [
    "cd /\npwd\ncd /nonexistent\nconnect\nuri\nconnect --readonly\nlist\nbogus\necho \"a\nlist; domid\n\n   \n# c\nexit\n",
    "list --all\nquit\nlist\n",
    "echo a \\\nlist\n",
    "",
]


@pytest.mark.parametrize("text", SESSIONS)
def test_sessions_are_the_same(node, text):
    assert said(node, OURS, text=text) == said(node, THEIRS, text=text)


def test_timing(node):
    """As long as it takes, which is never the same."""
    results = [said(node, program, "-t", "list --all; domid db") for program in (OURS, THEIRS)]
    assert results[0][0].count("(Time: ") == 2
    ours, theirs = (re.sub(r"\d+\.\d{3} ms", "TIME", out) for out, _, _ in results)
    assert ours == theirs and results[0][1:] == results[1][1:]


def test_log(node, tmp_path):
    """Errors are in the file, with the time and the program's number; more is told by Debian's there."""
    logs = []
    for program in (OURS, THEIRS):
        log = tmp_path / "log"
        assert said(node, program, "--log", str(log), "domid ghost")[2] == 1
        logs.append([re.sub(r"^\[[\d.]+ [\d:]+ virsh \d+\]", "[]", line).strip() for line in log.read_text(encoding="utf-8").splitlines()])
        log.unlink()
    assert logs[0] and not set(logs[0]) - set(logs[1])


def test_help_lists_the_commands(node):
    out, errors, code = said(node, OURS, "--help")
    assert code == 0 and not errors and out.startswith("usage: virsh ") and out.endswith(said(node, OURS, "-q", "help")[0])
