# SPDX-License-Identifier: GPL-2.0-only
"""The archives of made-up firmware: what the modules ask for and no more, microcode where the kernel looks for it."""

import os
import subprocess

import pytest
from pipeline.errors import BuildError
from pipeline.paths import REPO

MAGIC = b"070701"


@pytest.fixture
def modules(tmp_path):
    """A module that names three files."""
    folder = tmp_path / "modules"
    folder.mkdir()
    names = "".join(f'__attribute__((section(".modinfo"), used)) static const char n{n}[] = "firmware={name}";\n'
                    for n, name in enumerate(("nic/one.fw", "nic/two.fw", "three.bin")))
    (folder / "nic.c").write_text(names)
    subprocess.run(["gcc", "-c", "-o", folder / "nic.ko", folder / "nic.c"], check=True)
    return folder


def make(folder, modules, out) -> subprocess.CompletedProcess:
    return subprocess.run([REPO / "image-build" / "firmware.sh", folder, modules, out], capture_output=True, text=True, check=False)


def unpack(archive, target):
    target.mkdir()
    with open(archive, "rb") as stream:
        subprocess.run(["cpio", "--quiet", "-id"], stdin=stream, cwd=target, check=True)
    return sorted(str(p.relative_to(target)) for p in target.rglob("*") if p.is_file())


def first_file(archive: bytes, wanted: str) -> bytes:
    """As the kernel finds microcode before anything is unpacked (lib/earlycpio.c): by walking the headers of the first archive."""
    at = 0
    while archive[at:at + 6] == MAGIC:
        size, length = int(archive[at + 54:at + 62], 16), int(archive[at + 94:at + 102], 16)
        name = archive[at + 110:at + 110 + length - 1].decode()
        data = (at + 110 + length + 3) & ~3
        if name == wanted:
            return archive[data:data + size]
        at = (data + size + 3) & ~3
    raise AssertionError(f"no {wanted}")


def test_what_the_modules_ask_for(tmp_path, modules):
    folder = tmp_path / "firmware"
    for name, text in {"nic/one.fw": "one" * 9999, "nic/two.fw.zst": "packed", "nic/other.fw": "not asked for",
                       "intel-ucode/06-01-01": "first", "intel-ucode/06-02-02": "second", "amd-ucode/microcode_amd.bin": "amd",
                       "amd-ucode/README": "text"}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    out = tmp_path / "out"
    assert make(folder, modules, out).returncode == 0
    assert unpack(out / "firmware.cpio", tmp_path / "behind") == ["lib/firmware/nic/one.fw.xz", "lib/firmware/nic/two.fw.zst"]
    done = subprocess.run(["xz", "-dc", tmp_path / "behind/lib/firmware/nic/one.fw.xz"], capture_output=True, check=True)
    assert done.stdout == b"one" * 9999
    # The kernel's decoder knows no other check.
    said = subprocess.run(["xz", "-lv", tmp_path / "behind/lib/firmware/nic/one.fw.xz"], capture_output=True, text=True, check=True)
    assert "CRC32" in said.stdout
    front = (out / "microcode.cpio").read_bytes()
    assert first_file(front, "kernel/x86/microcode/GenuineIntel.bin") == b"firstsecond"
    assert first_file(front, "kernel/x86/microcode/AuthenticAMD.bin") == b"amd"
    # Again, elsewhere, later: the same bytes.
    for path in folder.rglob("*"):
        os.utime(path)
    assert make(folder, modules, tmp_path / "again").returncode == 0
    for name in ("firmware.cpio", "microcode.cpio"):
        assert (out / name).read_bytes() == (tmp_path / "again" / name).read_bytes()


def test_a_folder_without_any_of_it(tmp_path, modules):
    (tmp_path / "nic").mkdir()
    (tmp_path / "nic/other.fw").write_text("not asked for")
    done = make(tmp_path, modules, tmp_path / "out")
    assert done.returncode == 1 and "nic/one.fw" in done.stderr


def test_the_builder_names_the_folder(workshop, monkeypatch, tmp_path):
    """An input "$NAME" is of the stamp, and absent where the builder says nothing."""
    stage = 'mkdir -p "$TARGET"; echo "folder=$OPT_folder" > "$TARGET/file"\n'
    workshop.recipe("one", 'inputs = ["$WORKSHOP_FOLDER"]\n[options]\nfolder = "$WORKSHOP_FOLDER"', stage=stage)
    assert workshop.pipeline().build() == ["one"]
    assert workshop.staged("one", "target/file") == "folder=\n"
    given = tmp_path / "given"
    given.mkdir()
    (given / "a").write_text("1")
    monkeypatch.setenv("WORKSHOP_FOLDER", str(given))
    assert workshop.pipeline().build() == ["one"]
    assert workshop.staged("one", "target/file") == f"folder={given}\n"
    assert workshop.pipeline().build() == []
    (given / "a").write_text("2")
    assert workshop.pipeline().build() == ["one"]
    monkeypatch.setenv("WORKSHOP_FOLDER", str(tmp_path / "none"))
    with pytest.raises(BuildError, match="does not exist"):
        workshop.pipeline().build()
