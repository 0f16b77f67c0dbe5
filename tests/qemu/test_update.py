# SPDX-License-Identifier: GPL-2.0-only
"""Another version in the other slot: taken when it is whole and signed, tried once, kept when it is well; else the node is
what it was, and says why."""

import subprocess

import efi
import pytest
from harness import OUT, REPO
from updates import Signer, archive, image_parts, manifest, small_parts, update



@pytest.fixture(scope="module")
def signer(tmp_path_factory):
    return Signer(tmp_path_factory.mktemp("signer"))


def config(signer) -> str:
    return f"[node]\n    hostname = node1\n    update-key = {signer.public}\n"


def words(text: str) -> str:
    return " ".join(text.split())


def status(node) -> str:
    return words(node.ssh("berth status").stdout.decode())


def asked(node, data: bytes, options: str = "--later"):
    done = node.ssh(f"berth update {options} -", stdin=data, timeout=120)
    return done.returncode, words((done.stdout + done.stderr).decode())


def take(node, data: bytes, options: str = "--later") -> None:
    result, said = asked(node, data, options)
    assert result == 0, said


def reboot(node) -> None:
    """Into whatever is booted next; it is up, or about to be."""
    node.ssh("berth reboot")
    node.wait_off()
    node.start()


def settled(node, state: str) -> None:
    node.wait_for_ssh()
    node.wait_until(f"grep -qx state={state} /run/berth/boot/update")


def refusals(signer, folder) -> dict:
    """File by what must be said of it."""
    parts = small_parts()
    good = update(signer, parts)
    text = manifest(parts)
    return {
        "it is no update file": b"#!/bin/sh\necho hello\n",
        "it is no update file, or it is cut off": good[:700],
        "it is not signed": archive({"manifest": text, **parts}),
        "it is not signed by a key of this node": update(Signer(folder, "other"), parts),
        "not signed by a key": good.replace(b"version 9.0.0", b"version 9.0.1"),
        'its file "initrd" is damaged, cut off': good[:7000],
        'its file "vmlinuz" is damaged': good.replace(parts["vmlinuz"], b"x" + parts["vmlinuz"][1:]),
        "it is for aarch64, and this machine is x86_64": update(signer, parts, machine="aarch64"),
        "it may be of a later Berth": signed_text(signer, text.replace(b"berth-update 1", b"berth-update 2"), parts),
        "does not say version, build, machine and files": signed_text(signer, b"berth-update 1\nversion 9\n", parts),
        "0.0.9 is older than": update(signer, parts, version="0.0.9"),
        "the update has no initrd, which this node boots": update(signer, {"vmlinuz": b"x"}),
        "KiB for slot B, and the update needs": update(signer, small_parts(size=4 << 20)),
    }


def signed_text(signer, text: bytes, parts: dict) -> bytes:
    return archive({"manifest": text, "manifest.sig": signer.sign(text), **parts})


def test_what_is_refused_changes_nothing(make_node, signer, tmp_path):
    node = make_node(config(signer))
    # Room for the image's own files and little more.
    node.boot.write("/filler", bytes(33 << 20))
    before = node.boot.raw(54 << 20)
    with node:
        node.wait_for_ssh()
        for said, data in refusals(signer, tmp_path).items():
            result, text = asked(node, data)
            assert result == 1 and said in text, f"{said}: {result} {text}"
            assert "Nothing was changed" in text or "this node boots" in text, text
        assert "cannot be read" in words(node.ssh("berth update /tmp/none").stderr.decode())
        assert node.ssh("berth update").returncode == 100
        assert "holds no whole version" in words(node.ssh("berth rollback --yes").stdout.decode())
        node.run("[ ! -e /run/berth/boot/update ] && sync")
    assert node.boot.raw(54 << 20) == before


def test_no_key(shared):
    """Without update-key nothing is taken; the message says what to do."""
    result, text = asked(shared, archive({"manifest": manifest(small_parts()), "manifest.sig": b"x"}))
    assert result == 1 and "give [node] update-key in berth.conf" in text


def left(node, why: str) -> None:
    """The old version runs, and says why; so it does until that is taken note of."""
    node.wait_for_ssh()
    assert node.run("cat /run/berth/slot") == "a\n"
    said = status(node)
    assert "the update to 9.0.0 was left: " in said and why in said, said
    done = node.ssh("berth rollback --yes")
    assert done.returncode == 1 and b"which was left" in done.stdout
    node.run("berth update --forget; berth status")


def initrd_that(folder, does: str) -> bytes:
    """An initrd whose init says a word on the console, and then does this."""
    (folder / "init.c").write_text('#include <fcntl.h>\n#include <unistd.h>\n#include <sys/stat.h>\n#include <sys/sysmacros.h>\n'
                                   'int main(void)\n{\n\tmknod("/tty", S_IFCHR | 0600, makedev(4, 64));\n'
                                   '\tint fd = open("/tty", O_RDWR | O_NOCTTY);\n'
                                   f'\twrite(fd, "berth-test: here\\n", 17);\n\t{does}\n}}\n')
    subprocess.run(["gcc", "-static", "-O1", "-o", folder / "init", folder / "init.c"], check=True, capture_output=True)
    return subprocess.run(["cpio", "--quiet", "-o", "-H", "newc"], input=b"init\n", cwd=folder, check=True,
                          capture_output=True).stdout


def one_that_hangs_early(node, signer, folder) -> None:
    """The kernel's first program never returns; somebody, or a watchdog, resets the machine."""
    take(node, update(signer, {**image_parts(), "initrd": initrd_that(folder, "for (;;) pause();")}))
    reboot(node)
    node.console.expect("berth-test: here")
    node.restart()
    left(node, "it did not come as far as its boot steps")


def a_good_one(node, signer, firmware: str) -> None:
    """As `make update` makes it: the image over itself, which must be meant."""
    subprocess.run([REPO / "image-build" / "update.sh", signer.path], check=True, env={"OUT": str(OUT), "PATH": "/usr/bin:/bin"},
                   capture_output=True)
    data = (OUT / f"berth-{(REPO / 'VERSION').read_text().strip()}.update").read_bytes()
    key = node.run("cat /run/berth/state/ssh-fingerprint")
    result, said = asked(node, data)
    assert result == 1 and "this very build runs already" in said
    take(node, data, "--yes --later")
    reboot(node)
    node.wait_for_ssh()
    assert node.run("cat /run/berth/slot") == "b\n"
    settled(node, "good")
    assert "on trial" not in status(node) and f"Slot B, by {firmware.upper()}" in status(node)
    assert node.run("cat /run/berth/state/ssh-fingerprint") == key


def the_way_back(node) -> None:
    # It stays, without any trial.
    reboot(node)
    node.wait_for_ssh()
    assert node.run("cat /run/berth/slot; cat /proc/cmdline").startswith("b\n") and "trial" not in node.run("cat /proc/cmdline")
    assert node.run("ls /run/berth/state/notes") == ""
    assert "Slot A has" in node.run("berth rollback --yes --later")
    reboot(node)
    node.wait_for_ssh()
    assert node.run("cat /run/berth/slot; hostname") == "a\nnode1\n"
    assert "was left" not in status(node)


def failsafe_of_the_slot(node) -> None:
    """The menu's failsafe went along to each slot, and is of the one that is booted."""
    node.stop()
    efi.choose_entry(node.variables(), "failsafe.conf")
    node.start()
    assert "failsafe (built in)" in node.wait_for_status()
    node.console.send("\r")
    node.console.expect("# ")
    node.console.send("grep -o 'berth.slot=.' /proc/cmdline; cat /run/berth/slot\r")
    node.console.expect(r"\nberth\.slot=a\r\na\r\n")


@pytest.mark.parametrize("firmware", ["bios", "uefi"])
def test_one_that_hangs_is_left_and_a_good_one_is_kept(make_node, signer, firmware, tmp_path):
    node = make_node(config(signer), firmware=firmware, memory=768)
    with node:
        node.wait_for_ssh()
        assert f"Slot A, by {firmware.upper()}" in status(node)
        assert node.run("head -n 1 /run/berth/state/config; cat /run/berth/medium; ls /run/berth/state/notes") == "ok\n/dev/vda2\n"
        one_that_hangs_early(node, signer, tmp_path)
        a_good_one(node, signer, firmware)
        the_way_back(node)
        if firmware == "uefi":
            failsafe_of_the_slot(node)


def one_that_panics(node, signer, folder) -> None:
    take(node, update(signer, {**image_parts(), "initrd": initrd_that(folder, "return 0;")}))
    reboot(node)
    # Nobody does anything.
    node.wait_off()
    node.start()
    left(node, "it did not come as far as its boot steps")


def one_that_is_not_well(node, signer) -> None:
    take(node, update(signer, image_parts()), "--later --within 20s")
    node.ssh("berth reboot")
    node.wait_off()
    # What syslinux reads of its menu is read anew; the one-shot command names the entry.
    text = node.boot.read("/syslinux.cfg").decode()
    node.boot.write("/syslinux.cfg", text.replace("berth.slot=b", "berth.slot=b berth.fail=host-key").encode())
    node.start()
    node.wait_off()
    node.start()
    left(node, "not well within 20 s: boot step host-key")


def one_that_nobody_watches(node, signer) -> None:
    take(node, update(signer, image_parts()), "--later --within 20s")
    reboot(node)
    node.wait_until("pkill -STOP -f 'trial watch'")
    node.wait_off(120)
    node.start()
    left(node, "it started, and ended before it was found well")


def test_what_panics_or_is_not_well_is_left(make_node, signer, tmp_path):
    node = make_node(config(signer))
    node.boot.edit("/syslinux.cfg", "panic=30", "panic=1")
    with node:
        node.wait_for_ssh()
        one_that_panics(node, signer, tmp_path)
        one_that_is_not_well(node, signer)
        one_that_nobody_watches(node, signer)
