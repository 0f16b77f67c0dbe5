# SPDX-License-Identifier: GPL-2.0-only
"""Parts of a quick machine for try-vmm: a kernel with its modules, BusyBox, an initramfs put together from them.

What the pipeline built is taken; as long as it has not, Debian's packages of the same things, fetched once by apt.
"""

import fcntl
import lzma
import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

REPO = Path(__file__).resolve().parents[2]
OUT = (REPO / os.environ.get("OUT", "out")).resolve()
CACHE = Path(os.environ.get("BERTH_CACHE") or Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "berth")

GUEST_INIT = """#!/bin/sh
mount -t proc proc /proc; mount -t sysfs sys /sys; mount -t devtmpfs dev /dev 2> /dev/null
while read -r module; do insmod "$module"; done < /modules.list
echo "guest: up after $(cut -d ' ' -f 1 /proc/uptime) s: $(cat /proc/cmdline)"
for word in $(cat /proc/cmdline); do
	case $word in test=*) sh -c "$(echo "${word#test=}" | tr , ' ')" ;; esac
done
setsid -c sh < /dev/console
poweroff -f
"""


def clock_words() -> str:
    """For the command line of an emulated machine's kernel. It first measures the processor's clock for 10 ms, may be off by any
    factor when this machine is busy, and then refuses the better measure that follows. A saved guest goes on only where the clock
    is the same, and KVM that was loaded in between gives its guests timers that come late. Of this machine's processor the clock
    is known where it is a virtual one, whose frequency does not change."""
    facts = Path("/proc/cpuinfo").read_text()
    clocks = re.findall(r"^cpu MHz\s*: (\d+)\.(\d{3})$", facts, re.MULTILINE)
    return f"tsc_early_khz={''.join(clocks[0])}" if clocks and " hypervisor " in facts else ""


@dataclass
class Kernel:
    """A bzImage and the folder that holds lib/modules."""

    image: Path
    modules: Path

    def with_dependencies(self, names) -> list:
        """Files of the named modules in the order in which they load; what is built in, or absent, is left out."""
        release = next((self.modules / "lib/modules").iterdir()).name
        listed = subprocess.run(["/sbin/depmod", "-n", "-b", self.modules, release], capture_output=True, text=True, check=True)
        files, needs = {}, {}
        for line in listed.stdout.splitlines():
            path, colon, rest = line.partition(":")
            if colon and path.endswith(".ko"):
                files[Path(path).stem.replace("-", "_")] = path
                needs[path] = rest.split()
        ordered = []
        for name in names:
            if name in files:
                # depmod lists the farthest dependency last.
                ordered += [p for p in [*reversed(needs[files[name]]), files[name]] if p not in ordered]
        return [self.modules / "lib/modules" / release / path for path in ordered]


def debian(package: str) -> Path:
    """The unpacked files of a Debian package."""
    folder = CACHE / "debian" / package
    folder.mkdir(parents=True, exist_ok=True)
    # Tests of two workers may want it at once.
    with open(folder / "lock", "wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "whole").exists():
            subprocess.run(["apt-get", "download", "-q", package], cwd=folder, check=True, capture_output=True)
            subprocess.run(["dpkg-deb", "-x", next(folder.glob("*.deb")), folder], check=True)
            (folder / "whole").touch()
    return folder


def debian_kernel() -> Kernel:
    depends = subprocess.run(["apt-cache", "depends", "linux-image-amd64"], capture_output=True, text=True, check=True)
    folder = debian(next(line.split()[-1] for line in depends.stdout.splitlines() if "Depends: linux-image-" in line))
    return Kernel(next(folder.glob("boot/vmlinuz-*")), folder)


def node_kernel() -> Kernel:
    stage = OUT / "stage/linux"
    if (stage / "images/vmlinuz").exists():
        return Kernel(stage / "images/vmlinuz", stage / "target")
    return debian_kernel()


def busybox() -> Path:
    built = OUT / "stage/busybox/target/bin/busybox"
    return built if built.exists() else debian("busybox-static") / "bin/busybox"


def tools() -> dict:
    """Programs beside BusyBox, by their place; those that are built."""
    built = {"sbin/ip": OUT / "stage/iproute2/target/sbin/ip"}
    return {place: path for place, path in built.items() if path.exists()}


def initrd(target: Path, kernel: Kernel, modules, init: str, files: dict, texts: dict) -> Path:
    """An initramfs: BusyBox, modules in /modules.list, `init`, and the given files and texts by their place."""
    tree = target.with_suffix(".tree")
    for name in ("bin", "sbin", "usr/bin", "usr/sbin", "proc", "sys", "dev", "lib/modules"):
        (tree / name).mkdir(parents=True)
    (tree / "bin/busybox").write_bytes(busybox().read_bytes())
    (tree / "bin/busybox").chmod(0o755)
    for name in subprocess.run([tree / "bin/busybox", "--list-full"], capture_output=True, text=True, check=True).stdout.split():
        if not (tree / name).exists():
            (tree / name).symlink_to("/bin/busybox")
    loaded = kernel.with_dependencies(modules)
    texts = {"init": init, "modules.list": "".join(f"/lib/modules/{m.name}\n" for m in loaded), **texts}
    for place, path in [*files.items(), *((f"lib/modules/{m.name}", m) for m in loaded)]:
        (tree / place).parent.mkdir(parents=True, exist_ok=True)
        (tree / place).write_bytes(path.read_bytes())
        (tree / place).chmod(0o755 if os.access(path, os.X_OK) else 0o644)
    for place, text in texts.items():
        (tree / place).write_text(text)
    (tree / "init").chmod(0o755)
    names = "\n".join(str(p.relative_to(tree)) for p in sorted(tree.rglob("*")))
    with open(target, "wb") as stream:
        subprocess.run(["cpio", "--quiet", "-o", "-H", "newc", "-R", "0:0"], input=names.encode(), cwd=tree, stdout=stream,
                       check=True)
    return target


def elf_of(image: bytes) -> bytes:
    """The ELF kernel inside a bzImage whose payload is XZ (Debian's is)."""
    start = image.find(b"\xfd7zXZ\0")
    if start < 0:
        raise ValueError("the kernel's payload is not XZ")
    return lzma.LZMADecompressor().decompress(image[start:])


def guest_files(folder: Path) -> dict:
    """vmlinuz, vmlinux and initrd of the guest for tests; with Debian's kernel until the pipeline has made one."""
    built = {name: OUT / "guest" / name for name in ("vmlinuz", "vmlinux", "initrd")}
    if all(path.exists() for path in built.values()):
        return built
    kernel = debian_kernel()
    elf = CACHE / "debian" / f"{kernel.image.name}.elf"
    if not elf.exists():
        elf.write_bytes(elf_of(kernel.image.read_bytes()))
    made = initrd(folder / "guest-initrd", kernel, ("virtio_pci", "virtio_blk", "virtio_net", "virtio_console", "virtio_rng",
                                                    "virtio_balloon", "vmw_vsock_virtio_transport", "ext4"), GUEST_INIT, {}, {})
    return {"vmlinuz": kernel.image, "vmlinux": elf, "initrd": made}
