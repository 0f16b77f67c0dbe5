# SPDX-License-Identifier: GPL-2.0-only
"""Configuration files of Xen become guests of the node, by Debian's virsh and by the node's own."""

import os
import subprocess

from conftest import OUT, REPO

OURS, THEIRS = str(OUT / "host/virsh"), "/usr/bin/virsh"
FILES = REPO / "tests/golden/xen"


def both(node, *words):
    """What both say, which must be the same."""
    answers = [(done.returncode, done.stdout.strip(), done.stderr) for done in (node.run(program, *words) for program in (OURS, THEIRS))]
    assert answers[0] == answers[1]
    return answers[0]


def test_xml_of_xen_files(node):
    for name in ("guide-paravirtual", "guide-full", "every-parameter"):
        code, xml, _ = both(node, "domxml-from-native", "xen-xm", str(FILES / f"{name}.cfg"))
        assert code == 0 and (FILES / f"{name}.out").read_text(encoding="utf-8").startswith(f"==== of the file\n{xml}")
    code, _, errors = both(node, "domxml-from-native", "xen-xm", str(FILES / "guide-full-uuid-as-printed.cfg"))
    assert code == 1 and errors.startswith("error: unsupported configuration: line 6: uuid: ")
    code, _, errors = both(node, "domxml-from-native", "xen-xm", "/etc/passwd")
    assert code == 1 and errors.startswith("error: configuration file syntax error: line 1: ")
    code, _, errors = both(node, "domxml-from-native", "qemu-argv", str(FILES / "guide-full.cfg"))
    assert code == 1 and errors == "error: invalid argument: unsupported config type qemu-argv\n"


def test_import(node, tmp_path):
    """berth import runs virsh, and the guest is there."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/virsh").symlink_to(OURS)
    file = tmp_path / "mail.cfg"
    file.write_text("name = 'mail'\nmemory = 256\ndisk = ['file:/var/lib/libvirt/images/mail.img,xvda,w']\n"
                    "vif = ['mac=00:16:3e:49:1d:11, bridge=virbr0']\n", encoding="utf-8")
    environment = {**os.environ, "PATH": f"{tmp_path}/bin:{os.environ['PATH']}", "VIRSH_DEFAULT_CONNECT_URI": node.uri()}

    def berth(*words):
        return subprocess.run([OUT / "host/berth", *words], capture_output=True, text=True, check=False, env=environment)

    done = berth("import", str(file))
    assert done.returncode == 0 and done.stdout == f"Domain 'mail' defined from {file}\n\n", done.stderr
    assert "mail" in node.virsh("list", "--all", "--name").split()
    assert "00:16:3e:49:1d:11" in node.virsh("dumpxml", "mail")
    file.write_text("name = 'mail'\nioports = ['02f8']\n", encoding="utf-8")
    done = berth("import", str(file))
    assert done.returncode == 1 and "line 2: ioports: " in done.stderr and f"Failed to define domain from {file}" in done.stderr
    assert berth("import").returncode == 100
