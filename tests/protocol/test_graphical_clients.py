# SPDX-License-Identifier: GPL-2.0-only
"""virt-manager and virt-viewer as Debian has them, on a screen of the test's own."""

import contextlib
import os
import re
import signal
import subprocess
import threading
import time

import pytest


class Screen:
    """Xvfb, and the programs on it. What they say is told of in lines."""

    def __init__(self, folder):
        (folder / "run").mkdir(mode=0o700)
        reader, writer = os.pipe()
        self.server = subprocess.Popen(["Xvfb", "-displayfd", str(writer), "-screen", "0", "1024x768x24", "-nolisten", "tcp"],
                                       pass_fds=[writer], stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(writer)
        with open(reader, encoding="ascii") as told:
            number = told.readline().strip()
        self.environment = {**os.environ, "DISPLAY": f":{number}", "GDK_BACKEND": "x11", "HOME": str(folder), "LC_ALL": "C.UTF-8",
                            "XDG_RUNTIME_DIR": str(folder / "run"), "GSETTINGS_BACKEND": "memory", "NO_AT_BRIDGE": "1"}

    @contextlib.contextmanager
    def run(self, *words: str):
        program = subprocess.Popen(["dbus-run-session", "--", *words], env=self.environment, stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True)
        # With its session's bus; who waits for its words hears the end of them.
        limit = threading.Timer(180, os.killpg, [program.pid, signal.SIGKILL])
        limit.start()
        try:
            yield program
        finally:
            limit.cancel()
            with contextlib.suppress(ProcessLookupError):
                os.killpg(program.pid, signal.SIGKILL)
            program.communicate(timeout=60)

    def tool(self, *words: str) -> str:
        return subprocess.run(["xdotool", *words], env=self.environment, capture_output=True, text=True, check=True, timeout=180).stdout

    def stop(self) -> None:
        self.server.terminate()
        self.server.wait(60)


@pytest.fixture
def screen(tmp_path):
    (tmp_path / "screen").mkdir()
    shown = Screen(tmp_path / "screen")
    yield shown
    shown.stop()


def until(program: subprocess.Popen, words: str) -> list:
    """The lines that a program says up to one with these words."""
    lines = []
    for line in program.stdout:
        lines.append(line)
        if words in line:
            return lines
    raise AssertionError(f"ended without \"{words}\"\n{''.join(lines)}")


def test_virt_viewer_says_that_a_guest_has_no_screen(node, screen):
    """It has looked for one, and says so in a window of its own, until that is closed."""
    node.virsh("start", "db")
    with screen.run("virt-viewer", "--debug", "--connect", node.uri(), "db") as viewer:
        until(viewer, "Guest db is running, determining display")
        told = screen.tool("search", "--sync", "--onlyvisible", "--class", "virt-viewer", "getwindowgeometry", "%@")
        width, height = map(int, re.search(r"Geometry: (\d+)x(\d+)", told).groups())
        # Its button takes clicks once it is drawn.
        while viewer.poll() is None:
            screen.tool("mousemove", str(width // 2), str(height - 18), "click", "1")
            time.sleep(0.2)
        assert viewer.returncode == 0


def test_virt_manager(node, screen):
    """Its window of a guest opens, with graphs and details; it hears what happens, and finds nothing to complain of."""
    node.virsh("start", "db")
    with screen.run("virt-manager", "--debug", "--no-fork", "--connect", node.uri(), "--show-domain-performance", "db") as manager:
        said = until(manager, "Showing VM details")
        screen.tool("search", "--sync", "--onlyvisible", "--name", "^db on QEMU/KVM")
        node.virsh("destroy", "db")
        said += until(manager, "domain=db state=VIR_DOMAIN_EVENT_STOPPED reason=VIR_DOMAIN_EVENT_STOPPED_DESTROYED")
    assert any("domain=db status=Running added" in line for line in said)
    assert any("changed to state=Active" in line for line in said)
    assert not [line for line in said if re.search(r"Traceback|Exception|ERROR|[Ee]rror (polling|setting|reading)", line)]
