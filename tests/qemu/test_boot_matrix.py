# SPDX-License-Identifier: GPL-2.0-only
"""The same bytes boot by BIOS and UEFI, from disk, stick, CD and net; Secure Boot starts what the owner signed only."""

import functools
import http.server
import os
import shutil
import subprocess
import threading

import efi
import pytest
from harness import OUT, REPO, seconds
from updates import Signer

ISO = OUT / "images" / "berth.iso"
SNAKEOIL = "/usr/share/ovmf/PkKek-1-snakeoil"
UEFI_SECONDS = 240


@pytest.fixture(scope="session")
def pxe(tmp_path_factory):
    """The folder that `make pxe` writes; each worker's own."""
    folder = tmp_path_factory.mktemp("pxe")
    subprocess.run([REPO / "image-build" / "pxe.sh"], check=True, env={**os.environ, "OUT": str(OUT), "PXE": str(folder)})
    return folder


@pytest.fixture(scope="session")
def signed(tmp_path_factory):
    """What `make sign` writes, with the key whose certificate OVMF's variables for tests hold."""
    folder = tmp_path_factory.mktemp("signed")
    key = folder / "owner.key"
    subprocess.run(["openssl", "rsa", "-passin", "pass:snakeoil", "-in", f"{SNAKEOIL}.key", "-out", key], check=True,
                   capture_output=True)
    subprocess.run([REPO / "image-build" / "sign.sh", key, f"{SNAKEOIL}.pem"], check=True,
                   env={**os.environ, "OUT": str(OUT), "SIGNED": str(folder)})
    return folder


@pytest.fixture
def http_server(pxe):
    """A server of that folder on this machine's loopback; its port."""
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=pxe)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_address[1]
    server.shutdown()


def comes_up_without_a_file(node) -> None:
    """No config partition: the built-in default, and no waiting for a partition that cannot be there."""
    with node:
        node.console.timeout = seconds(UEFI_SECONDS)
        screen = node.wait_for_status()
        assert "default (built in)" in screen
        assert "booted without a config partition" in screen


@pytest.mark.parametrize("disk", ["usb", "nvme"])
def test_uefi_disk(make_node, disk):
    node = make_node(disk=disk, firmware="uefi", memory=768)
    with node:
        node.wait_for_ssh()
        assert node.run("head -n 1 /run/berth/state/config") == "ok\n"
        assert node.run("cat /run/berth/medium").startswith("/dev/nvme0n1p" if disk == "nvme" else "/dev/sda")
        assert node.run("ls /run/berth/state/notes") == ""


def test_uefi_bad_file_and_no_file(make_node):
    node = make_node("[node]\n    hostnam = x\n", firmware="uefi", memory=768)
    with node:
        screen = node.wait_for_status()
        assert "berth.conf is refused" in screen and 'did you mean' in screen
    node.config.remove("/berth.conf")
    with node:
        assert "there is no berth.conf on the config partition" in node.wait_for_status()


def test_uefi_takes_the_stick_it_booted_from(make_node, tmp_path):
    """The other has the same GUIDs, as every written image has, and another file."""
    node = make_node(firmware="uefi", memory=768)
    other = tmp_path / "other.img"
    shutil.copyfile(node.image, other)
    node.config.write("/berth.conf", f"[node]\n    hostname = rightone\n    admin-key = {node.key.public}\n".encode())
    node.extra = ["-drive", f"if=none,id=other,file={other},format=raw", "-device", "nvme,drive=other,serial=other,bootindex=2"]
    with node:
        node.wait_for_ssh()
        assert node.run("hostname") == "rightone\n"
        assert node.run("cat /run/berth/medium") == "/dev/vda2\n"


@pytest.mark.parametrize("disk", ["cd", "usb"])
@pytest.mark.parametrize("firmware", ["bios", "uefi"])
def test_iso(make_node, firmware, disk):
    comes_up_without_a_file(make_node(None, image=ISO, disk=disk, firmware=firmware, memory=768, readonly=disk == "cd"))


@pytest.mark.parametrize("boot_file", ["pxelinux.0", "lpxelinux.0"])
def test_bios_pxe(make_node, pxe, boot_file):
    node = make_node(None, net_boot=boot_file, memory=768)
    node.tftp = pxe
    comes_up_without_a_file(node)


def test_ipxe_http(make_node, http_server):
    node = make_node(None, net_boot=f"http://10.0.2.2:{http_server}/boot.ipxe", memory=768)
    node.restrict = "off"
    comes_up_without_a_file(node)


def test_uefi_pxe(make_node, tmp_path):
    """The words of the folder count, though who starts the file has words of its own for it: iPXE, the network card's ROM."""
    node = make_node(None, net_boot="berth.efi", firmware="uefi", memory=768)
    node.tftp = tmp_path / "pxe"
    subprocess.run([REPO / "image-build" / "pxe.sh"], check=True, env={
        **os.environ, "OUT": str(OUT), "PXE": str(node.tftp), "WORDS": "berth.config=tftp://10.0.2.2/{mac}.conf",
        "SIGNED": str(tmp_path / "nothing")})
    (node.tftp / "52-54-00-12-34-56.conf").write_text(f"[node]\n    hostname = served\n    admin-key = {node.key.public}\n")
    with node:
        node.wait_for_ssh()
        assert node.run("hostname; head -n 1 /run/berth/state/config") == "served\nok\n"
        assert "panic=30" in node.run("cat /proc/cmdline")


def test_uefi_http(make_node, http_server):
    """By the firmware's own HTTP client, from an address in its boot options."""
    node = make_node(None, firmware="uefi", memory=768)
    node.diskless = True
    node.restrict = "off"
    efi.boot_from_url(node.variables(), f"http://10.0.2.2:{http_server}/berth.efi")
    comes_up_without_a_file(node)


@pytest.mark.parametrize("firmware", ["bios", "uefi"])
def test_memory_test(make_node, firmware):
    node = make_node(firmware=firmware, menu=firmware == "bios")
    if firmware == "uefi":
        efi.choose_entry(node.variables(), "memtest.conf")
    else:
        # Whoever types takes the time that it takes.
        node.boot.edit("/syslinux.cfg", "TIMEOUT 20", "TIMEOUT 0")
    with node:
        node.console.timeout = seconds(UEFI_SECONDS)
        if firmware == "bios":
            node.console.expect("boot:")
            node.console.send("memtest\r")
        node.console.expect(r"Memtest86\+")


def test_secure_boot(make_node, signed, tmp_path):
    """The signed image; then an update with what the same owner signed, which the firmware starts from the other slot."""
    signer = Signer(tmp_path)
    subprocess.run([REPO / "image-build" / "update.sh", signer.path], check=True, capture_output=True,
                   env={**os.environ, "OUT": str(OUT), "SIGNED": str(signed), "UPDATE": str(tmp_path / "update")})
    node = make_node(f"[node]\n    update-key = {signer.public}\n", image=signed / "berth.img", firmware="secure", memory=768)
    with node:
        node.wait_for_ssh()
        assert node.run("head -n 1 /run/berth/state/config") == "ok\n"
        # Attributes in front, then the value.
        secure = "/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c"
        assert node.run(f"hexdump -v -e '1/1 \"%u \"' {secure}").split()[-1] == "1"
        done = node.ssh("berth update --yes --later -", stdin=(tmp_path / "update").read_bytes(), timeout=120)
        assert done.returncode == 0, done.stdout + done.stderr
        node.ssh("berth reboot")
        node.wait_off()
        node.start()
        node.wait_for_ssh()
        assert node.run("cat /run/berth/slot") == "b\n"
        node.wait_until("grep -qx state=good /run/berth/boot/update")


def test_secure_boot_refuses(make_node, signed):
    node = make_node(image=signed / "berth.img", firmware="secure", memory=768)
    data = bytearray((signed / "berth.efi").read_bytes())
    # One bit in the middle of the initrd.
    data[len(data) - 3_000_000] ^= 1
    node.boot.write("/a/berth.efi", bytes(data))
    with node:
        node.console.timeout = seconds(UEFI_SECONDS)
        assert node.console.expect([r"Access Denied|Security Violation", r"EFI stub|Linux version"]) == 0
