# SPDX-License-Identifier: GPL-2.0-only
"""xm's words, and berth top: virsh by other names."""

import os
import re
import subprocess

import pexpect
import pytest

from conftest import OUT, REPO

OURS = str(OUT / "host/virsh")


@pytest.fixture(name="tools")
def fixture_tools(node, tmp_path):
    """What runs a program by name as it would on the node; and its environment."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in ("virsh", "xm"):
        (folder / name).symlink_to(OURS)
    environment = {**os.environ, "PATH": f"{folder}:{OUT / 'host'}:{os.environ['PATH']}", "VIRSH_DEFAULT_CONNECT_URI": node.uri(),
                   "LC_ALL": "C.UTF-8"}

    def run(*words, code=0):
        done = subprocess.run(words, capture_output=True, text=True, check=False, env=environment, cwd=tmp_path, timeout=60)
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout if code == 0 else done.stderr

    run.environment = environment
    run.folder = tmp_path
    return run


def test_words(node, tools):
    assert tools("xm", "list").split("\n")[1:] == [""]
    assert tools("xm", "start", "web") == ""
    title, row, end = tools("xm", "list").split("\n")
    assert title.split() == ["Name", "ID", "Mem(MiB)", "VCPUs", "State", "Time(s)"] and end == ""
    assert re.fullmatch(r"web +1 +1024 +2 +r----- +[0-9.]+", row)
    assert tools("xm", "list", "web").split("\n")[1] and "<name>web</name>" in tools("xm", "list", "--long", "web")
    rows = tools("xm", "vcpu-list").splitlines()
    assert len(rows) == 3 and re.fullmatch(r"web +1 +1 +-?[0-9]+ +\S{3} +[0-9.]+ .+", rows[2])
    assert tools("xm", "domid", "web") == "1\n" and tools("xm", "domname", "1") == "web\n"
    tools("xm", "pause", "web")
    assert "--p---" in tools("xm", "list") and node.virsh("domstate", "web").strip() == "paused"
    tools("xm", "unpause", "web")
    tools("xm", "dump-core", "-R", "web", "web.core")
    assert (tools.folder / "web.core").is_file()
    assert "mutually exclusive" in tools("xm", "dump-core", "-L", "-R", "web", "web.core", code=1)
    tools("xm", "destroy", "web")
    assert node.virsh("domstate", "web").strip() == "shut off"
    assert "Domain is already" not in tools("xm", "start", "-p", "web")
    assert node.virsh("domstate", "web").strip() == "paused"


def test_numbers_of_xen(node, tools):
    """A weight of 256 and MiB, as xm counts."""
    assert tools("xm", "sched-credit", "-d", "db") == "{'cap': 0, 'weight': 256}\n"
    tools("xm", "sched-credit", "-d", "db", "-w", "512", "-c", "25")
    assert tools("xm", "sched-credit", "-d", "db") == "{'cap': 25, 'weight': 512}\n"
    assert re.search(r"cpu_shares *: 200\n", node.virsh("schedinfo", "db"))
    tools("xm", "sched-credit", "-d", "db", "-c", "0")
    assert tools("xm", "sched-credit", "-d", "db") == "{'cap': 0, 'weight': 512}\n"
    assert "--weight: \"much\" is no number" in tools("xm", "sched-credit", "-d", "db", "-w", "much", code=1)
    tools("xm", "mem-set", "db", "256")
    assert "262144 KiB" in node.virsh("dominfo", "db")


def test_create(node, tools):
    (tools.folder / "mail").write_text("name = 'mail'\nmemory = 256\nvif = ['bridge=virbr0']\n", encoding="utf-8")
    assert tools("xm", "create", "mail") == ""
    assert node.virsh("domstate", "mail").strip() == "running" and "Persistent:     no" in node.virsh("dominfo", "mail")
    tools("xm", "create", "db")
    assert node.virsh("domstate", "db").strip() == "running"
    assert "failed to get domain 'ghost'" in tools("xm", "create", "ghost", code=1)
    (tools.folder / "bad").write_text("name = \n", encoding="utf-8")
    assert "line 1: a value is a text in quotes" in tools("xm", "create", "bad", code=1)


def test_help(tools):
    told = re.findall(r"^  (\S+) ", tools("xm", "help"), re.M)
    table = re.findall(r'^\t\{ "([a-z-]+)", ', (REPO / "cli/virsh/xm.c").read_text(encoding="utf-8"), re.M)
    assert told == table and len(told) > 30
    assert "unknown word: 'vnet-list'" in tools("xm", "vnet-list", code=1)
    # Each word's command is there.
    virsh = set(re.findall(r'^\t\{ "([a-z-]+)",', "".join(path.read_text(encoding="utf-8") for path in (REPO / "cli/virsh").glob("*.c")
                                                         if path.name != "xm.c"), re.M))
    assert set(re.findall(r'^\t\{ "[a-z-]+", "[^"]*", "([a-z-]+)"', (REPO / "cli/virsh/xm.c").read_text(encoding="utf-8"), re.M)) <= virsh


def test_top(tools):
    tools("xm", "start", "web")
    screens = tools("berth", "top", "--batch", "--times", "2", "--delay", "0").split("berth top - ")[1:]
    assert len(screens) == 2
    for screen in screens:
        lines = screen.splitlines()
        assert lines[1] == "guests: 1 running, 0 paused, 1 off"
        assert lines[4].split() == ["ID", "S", "RDBY", "WRBY", "RXBY", "TXBY", "%CPU", "%MEM", "TIME", "NAME"]
        assert re.fullmatch(r" +1 R( +[0-9]+[KMGT]?){4} +[0-9.]+ +[0-9.]+ +[0-9]+:[0-9]{2}\.[0-9]{2} web", lines[5])
    assert tools("xm", "top", "-b", "-n", "1").count("berth top - ") == 1
    assert "--times and --delay are numbers" in tools("berth", "top", "--times", "x", code=1)
    with pexpect.spawn("berth", ["top", "--delay", "3600"], env=tools.environment, encoding="utf-8", timeout=60) as child:
        child.expect("web")
        child.send("x")
        child.expect("berth top - .*web")
        child.send("q")
        child.expect(pexpect.EOF)
    assert child.exitstatus == 0
