# SPDX-License-Identifier: GPL-2.0-only
"""Update files as an operator makes them, and as nobody should."""

import base64
import functools
import hashlib
import io
import subprocess
import tarfile
from pathlib import Path

from harness import OUT


class Signer:
    """A key pair for update files."""

    def __init__(self, folder: Path, name: str = "update"):
        self.path = folder / f"{name}.pem"
        subprocess.run(["openssl", "ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", self.path], check=True)

    @functools.cached_property
    def public(self) -> str:
        """As it stands in berth.conf."""
        done = subprocess.run(["openssl", "pkey", "-in", self.path, "-pubout", "-outform", "DER"], check=True,
                              capture_output=True)
        return base64.b64encode(done.stdout).decode()

    def sign(self, data: bytes) -> bytes:
        return subprocess.run(["openssl", "dgst", "-sha256", "-sign", self.path], input=data, check=True,
                              capture_output=True).stdout


def image_parts() -> dict:
    """The image that is tested, as an update."""
    return {name: (OUT / "images" / name).read_bytes() for name in ("vmlinuz", "initrd")}


def small_parts(mark: bytes = b"1", size: int = 4000) -> dict:
    """Parts that nobody boots."""
    return {name: (name.encode() + mark) * (size // (len(name) + len(mark))) for name in ("vmlinuz", "initrd")}


def archive(members: dict) -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return made.getvalue()


def manifest(parts: dict, version: str = "9.0.0", build: str = "test", machine: str = "x86_64") -> bytes:
    lines = ["berth-update 1", f"version {version}", f"build {build}", f"machine {machine}"]
    lines += [f"file {name} {len(data)} {hashlib.sha256(data).hexdigest()}" for name, data in parts.items()]
    return ("\n".join(lines) + "\n").encode()


def update(signer: Signer, parts: dict, **says) -> bytes:
    text = manifest(parts, **says)
    return archive({"manifest": text, "manifest.sig": signer.sign(text), **parts})
