# SPDX-License-Identifier: GPL-2.0-only
"""What the node's virsh tells of events, beside Debian's."""

import re
import select
import signal
import subprocess

import pytest

from beside import OURS, THEIRS


def listen(node, program: str, *words: str) -> subprocess.Popen:
    # Debian's at times says at its end that it has lost references.
    return subprocess.Popen([program, "-c", node.uri(), *words], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)


def until_it_ends(node, child: subprocess.Popen, *lines: str) -> str:
    """Do the same again and again: nothing says when the client has registered."""
    for _ in range(300):
        for line in lines:
            node.run(OURS, line)
        if child.poll() is not None:
            return child.communicate()[0]
    child.kill()
    raise AssertionError(child.communicate()[0])


@pytest.mark.parametrize("words,lines", [
    ("event --event lifecycle", ("start web; destroy web",)),
    ("event --all --domain web", ("start web; destroy web",)),
    ("event --domain 6f4d2b9e-1c0a-4f53-9a52-0d4c7e1b8f21 --event lifecycle", ("start web; start db; destroy db; destroy web",)),
    ("event --event balloon-change", ("start web; setmem web 700M; setmem web 800M",)),
    ("event --event io-error", ("start web; inject-nmi web",)),
    ("event --event io-error-reason", ("start web; inject-nmi web",)),
    ("event --event job-completed", ("start web; dump web /dev/null/none",)),
    ("net-event --event lifecycle", ("net-destroy default; net-start default",)),
    ("net-event --event lifecycle --network quiet", ("net-destroy default; net-destroy quiet; net-start default; net-start quiet",)),
    ("pool-event --event lifecycle --pool store", ("pool-destroy store; pool-start store",)),
    ("pool-event --event refresh", ("pool-refresh store",)),
])
def test_one_event(node, words, lines):
    """Which one comes first is chance; that it is one of these, and how it is told, is not."""
    told = []
    for program in (OURS, THEIRS):
        child = listen(node, program, *words.split())
        told.append(re.sub(r"Started \w+|Stopped \w+|Started|Stopped|\d+KiB", "CHANGE", until_it_ends(node, child, *lines)))
        assert child.returncode == 0
    assert told[0] == told[1] and "events received: 1" in told[0]


@pytest.mark.parametrize("program", [OURS, THEIRS], ids=["ours", "theirs"])
def test_many_events(node, program):
    """All in their order, with the time; Ctrl+C ends it in order."""
    child = listen(node, program, "event", "--event", "lifecycle", "--loop", "--timestamp")
    node.run(OURS, "start web")
    for _ in range(300):
        node.run(OURS, "suspend web; resume web")
        if has_line(child):
            break
    seen = child.stdout.readline()
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}\+0000: event 'lifecycle' for domain 'web': (Started Booted|Suspended Paused|Resumed Unpaused)\n", seen)
    node.run(OURS, "destroy web")
    while "Stopped Destroyed" not in seen:
        seen = child.stdout.readline()
    child.send_signal(signal.SIGINT)
    rest = child.communicate(timeout=60)[0]
    assert re.fullmatch(r"event loop interrupted\nevents received: \d+\n\n", rest) and child.returncode == 0


def has_line(child: subprocess.Popen) -> bool:
    return bool(select.select([child.stdout], [], [], 0)[0])


def test_all_there_are(node):
    """Debian's knows all but those that came later."""
    ours, theirs = (node.run(program, "event", "--list").stdout.split() for program in (OURS, THEIRS))
    assert ours[:len(theirs)] == theirs and len(ours) == 28
