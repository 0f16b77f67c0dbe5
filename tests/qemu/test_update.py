# SPDX-License-Identifier: GPL-2.0-only
"""Another version in the other slot: taken when it is whole and signed, tried once, kept when it is well; else the node is
what it was, and says why."""

import socketserver
import subprocess
import threading
import time

import efi
import pytest
from harness import BOOT_SECONDS, OUT, REPO, seconds
from small_guests import GuestConsole, guest, make_data, wait_for_line
from updates import Signer, archive, image_parts, manifest, small_parts, update
from web import HOST, Certificate, Web


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
    done = node.ssh(f"berth update {options} -", stdin=data, timeout=300)
    return done.returncode, words((done.stdout + done.stderr).decode())


def take(node, data: bytes, options: str = "--later") -> None:
    result, said = asked(node, data, options)
    assert result == 0, said


def reboot(node) -> None:
    """Into whatever is booted next; it is up, or about to be."""
    node.ssh("berth reboot")
    node.wait_off(180)
    node.start()


def settled(node, state: str) -> None:
    node.wait_for_ssh()
    node.wait_until(f"grep -qx state={state} /run/berth/boot/update", 240)


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


class CutOff(socketserver.BaseRequestHandler):
    """A server that promises more than it sends."""

    def handle(self):
        self.request.recv(4096)
        self.request.sendall(b"HTTP/1.0 200 OK\r\nContent-Length: 9000\r\n\r\n" + bytes(500))


@pytest.fixture
def cut_off():
    with socketserver.TCPServer(("127.0.0.1", 0), CutOff) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://{HOST}:{server.server_address[1]}/berth.update"
        server.shutdown()


@pytest.fixture
def web():
    server = Web().start()
    yield server
    server.stop()


def test_what_is_refused_changes_nothing(make_node, signer, tmp_path, web, cut_off):
    node = make_node(config(signer))
    node.restrict = "off"
    # Room for the image's own files and little more.
    node.boot.write("/filler", bytes(33 << 20))
    before = node.boot.raw(54 << 20)
    rows = refusals(signer, tmp_path)
    web.files["/bad"] = rows["it is not signed"]
    urls = {"returned error: 404": web.url("/none"), "it is not signed": web.url("/bad"), "Could not connect": f"http://{HOST}:1/",
            "bytes missing": cut_off}
    with node:
        node.wait_for_ssh()
        for said, data in rows.items():
            result, text = asked(node, data)
            assert result == 1 and said in text, f"{said}: {result} {text}"
            assert "Nothing was changed" in text or "this node boots" in text, text
        for said, url in urls.items():
            done = node.ssh(f"berth update --yes {url}")
            text = words(done.stderr.decode())
            assert done.returncode == 1 and said in text and "Nothing was changed" in text, f"{url}: {text}"
        assert "cannot be read" in words(node.ssh("berth update /tmp/none").stderr.decode())
        assert node.ssh("berth update").returncode == 100
        assert "holds no whole version" in words(node.ssh("berth rollback --yes").stdout.decode())
        node.run("[ ! -e /run/berth/boot/update ] && sync")
    assert node.boot.raw(54 << 20) == before


def test_no_key(shared):
    """Without update-key nothing is taken; the message says what to do."""
    result, text = asked(shared, archive({"manifest": manifest(small_parts()), "manifest.sig": b"x"}))
    assert result == 1 and "give [node] update-key in berth.conf" in text


@pytest.fixture(scope="module")
def made(signer, tmp_path_factory) -> bytes:
    """As `make update` makes it: the image over itself, which must be meant."""
    out = tmp_path_factory.mktemp("out")
    for name in ("images", "stage"):
        (out / name).symlink_to(OUT / name)
    subprocess.run([REPO / "image-build" / "update.sh", signer.path], check=True, env={"OUT": str(out), "PATH": "/usr/bin:/bin"},
                   capture_output=True)
    return (out / f"berth-{(REPO / 'VERSION').read_text().strip()}.update").read_bytes()


BOOT_ID = "cat /proc/sys/kernel/random/boot_id"


def started_anew(node, command: str) -> None:
    """Without the machine's firmware, which would end QEMU: the kernel starts the next one."""
    boot = node.run(BOOT_ID).strip()
    assert node.ssh(command, timeout=300).returncode == 0
    # To ask a node that goes down may take as long as it may wait for an answer.
    deadline = time.monotonic() + seconds(BOOT_SECONDS)
    while node.answers_ssh() and time.monotonic() < deadline:
        time.sleep(0.1)
    node.wait_until(f"[ $({BOOT_ID}) != {boot} ] && test -e /run/berth/state/ready", 150)


def slot(node) -> str:
    return node.run("cat /run/berth/slot").strip()


def not_on_trial(node) -> None:
    assert "trial" not in node.run("cat /proc/cmdline; ps") and node.run("ls /run/berth/state/notes") == ""


def guest_says(node) -> str:
    with GuestConsole(node, "web") as console:
        return console.run(BOOT_ID)


def test_kept_and_the_guests_go_on(make_node, signer, made, web):
    """By the web, with a guest that runs; started by the kernel. The next one through the firmware, back into the first slot."""
    node = make_node(config(signer) + "    data = serial:DATA0\n    guests = suspend\n" + guest("web"), memory=1024)
    node.restrict = "off"
    make_data(node, {}, size=256)
    web.files["/berth.update"] = made
    with node:
        node.wait_for_ssh()
        wait_for_line(node, "web", "guest: web is up")
        assert "Slot A, by BIOS" in status(node)
        key = node.run("cat /run/berth/state/ssh-fingerprint")
        result, said = asked(node, made)
        assert result == 1 and "this very build runs already" in said
        before = guest_says(node)
        started_anew(node, f"berth update --yes {web.url('/berth.update')}")
        assert slot(node) == "b" and node.run("head -n 1 /run/berth/state/last-boot") == "ended\n"
        settled(node, "good")
        assert guest_says(node) == before, "the guest was started anew"
        assert "on trial" not in status(node) and "Slot B, by BIOS" in status(node)
        assert node.run("cat /run/berth/state/ssh-fingerprint") == key
        # It stays, without any trial.
        reboot(node)
        node.wait_for_ssh()
        assert slot(node) == "b"
        not_on_trial(node)
        take(node, made, "--yes --later")
        reboot(node)
        settled(node, "good")
        assert slot(node) == "a" and "expect=guest web" in node.run("cat /run/berth/boot/update")


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


def test_kept_and_the_way_back_by_uefi(make_node, signer, made, web, tmp_path):
    """By TLS, whatever the certificate; through the firmware."""
    node = make_node(config(signer), firmware="uefi", memory=768)
    node.restrict = "off"
    web.stop()
    web.start(Certificate(tmp_path, "server"))
    web.files["/berth.update"] = made
    with node:
        node.wait_for_ssh()
        assert "Slot A, by UEFI" in status(node)
        node.run(f"berth update --yes --later {web.url('/berth.update', 'https')}", 300)
        reboot(node)
        settled(node, "good")
        assert slot(node) == "b" and "Slot B, by UEFI" in status(node)
        # It stays, without any trial, and without the firmware.
        started_anew(node, "berth reboot --kexec")
        assert slot(node) == "b" and "Slot B, by UEFI" in status(node)
        not_on_trial(node)
        assert "Slot A has" in node.run("berth rollback --yes --later")
        reboot(node)
        node.wait_for_ssh()
        assert node.run("cat /run/berth/slot; hostname") == "a\nnode1\n"
        failsafe_of_the_slot(node)


def left(node, why: str) -> None:
    """The old version runs, and says why."""
    node.wait_for_ssh()
    assert node.run("cat /run/berth/slot") == "a\n"
    said = status(node)
    assert "the update to 9.0.0 was left: " in said and why in said, said
    done = node.ssh("berth rollback --yes")
    assert done.returncode == 1 and b"which was left" in done.stdout


def initrd_that(folder, does: str) -> bytes:
    """An initrd whose init says a word on the console, and then does this."""
    (folder / "init.c").write_text('#include <fcntl.h>\n#include <unistd.h>\n#include <sys/stat.h>\n#include <sys/sysmacros.h>\n'
                                   'int main(void)\n{\n\tmknod("/tty", S_IFCHR | 0600, makedev(4, 64));\n'
                                   '\tint fd = open("/tty", O_RDWR | O_NOCTTY);\n'
                                   f'\twrite(fd, "berth-test: here\\n", 17);\n\t{does}\n}}\n')
    subprocess.run(["gcc", "-static", "-O1", "-o", folder / "init", folder / "init.c"], check=True, capture_output=True)
    return subprocess.run(["cpio", "--quiet", "-o", "-H", "newc"], input=b"init\n", cwd=folder, check=True,
                          capture_output=True).stdout


def edit_entry(node, firmware: str, word: str) -> None:
    """Another word for the slot that is tried, in the menu that starts it. What syslinux reads of its menu is read anew; the
    one-shot command names the entry."""
    path = "/syslinux.cfg" if firmware == "bios" else "/loader/entries/try-b+1.conf"
    node.boot.write(path, node.boot.read(path).decode().replace("berth.slot=b", f"berth.slot=b {word}").encode())


@pytest.mark.parametrize("firmware", ["bios", "uefi"])
def test_what_fails_is_left(make_node, signer, firmware, tmp_path):
    """One version after the other: the node is the old one every time."""
    node = make_node(config(signer), firmware=firmware, memory=768)
    for path in ("/syslinux.cfg", "/loader/entries/a.conf"):
        node.boot.edit(path, "panic=30", "panic=1")
    with node:
        node.wait_for_ssh()
        assert f"Slot A, by {firmware.upper()}" in status(node)
        assert node.run("head -n 1 /run/berth/state/config; cat /run/berth/medium; ls /run/berth/state/notes") == "ok\n/dev/vda2\n"
        # To the menu it is one thing: the kernel's first program never returns, and somebody, or a watchdog, resets the machine;
        # or it panics, and nobody does anything.
        hangs = firmware == "bios"
        take(node, update(signer, {**image_parts(), "initrd": initrd_that(tmp_path, "for (;;) pause();" if hangs else "return 0;")}))
        reboot(node)
        if hangs:
            node.console.expect("berth-test: here")
            node.stop()
        node.wait_off(180)
        node.start()
        left(node, "it did not come as far as its boot steps")
        node.run("berth update --forget && /usr/lib/berth/boot.d/32-slot")
        assert "was left" not in status(node)
        # A boot step of it fails. What is not well by then is told; on a slow machine the boot itself is not over.
        try_failing(node, signer, firmware, "20s")
        node.wait_off(180)
        node.start()
        left(node, "not well within 20 s: ")
        assert "boot step keep-good" in status(node) or "the boot steps are not done" in status(node)
        if firmware == "bios":
            # With what watches it stopped, it is ended all the same.
            try_failing(node, signer, firmware, "120s")
            node.wait_until("pkill -STOP -f 'trial watch'")
            # The end of its time, and of the half minute after it, without waiting for them.
            node.ssh("pkill -f '^sleep 150$'")
            node.wait_off(180)
            node.start()
            left(node, "it started, and ended before it was found well")


def try_failing(node, signer, firmware: str, within: str) -> None:
    """A version whose last boot step fails, so that it is never well, is tried."""
    take(node, update(signer, image_parts()), f"--later --within {within}")
    node.ssh("berth reboot")
    node.wait_off(180)
    edit_entry(node, firmware, "berth.fail=keep-good")
    node.start()
