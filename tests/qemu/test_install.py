# SPDX-License-Identifier: GPL-2.0-only
"""A node onto an internal disk: with its configuration and host key, and only where nothing is lost that nobody named."""

import subprocess
import sys

from gpt import BOOT, CONFIG, Partition
from harness import OUT, REPO
from updates import Signer, image_parts, update

sys.path.insert(0, str(REPO / "tests"))
from certificates import Authority  # noqa: E402

DATA_GUID = "6D9D6F5E-3B5C-4A0E-9D5F-62657274680D"


def disk(node, name: str, serial: str, more: str = "") -> list:
    """A further disk of the node, blank."""
    path = node.folder / f"{name}.img"
    subprocess.run(["truncate", "-s", "200M", path], check=True)
    return ["-drive", f"if=none,id={name},file={path},format=raw,cache=unsafe", "-device",
            f"virtio-blk-pci,drive={name},serial={serial}{more}"]


def refused(node, words: str, why: str) -> None:
    done = node.ssh(f"berth install {words}")
    said = " ".join((done.stdout + done.stderr).decode().split())
    assert done.returncode == 1 and why in said and "Nothing was changed" in said, said


def put_beside(node, folder) -> dict[str, bytes]:
    """What the config partition has beside berth.conf: certificates, and of a guest what the file has no key for."""
    authority = Authority(folder / "ca")
    own = authority.issue("node", "server", "/CN=inside")
    beside = {"/tls/node.pem": (own / "servercert.pem").read_bytes(), "/tls/node.key": (own / "serverkey.pem").read_bytes(),
              "/tls/ca.pem": authority.certificate.read_bytes(),
              "/guest-xml/f3b2c1d0-0000-4000-8000-000000000001.xml": b"<metadata/>"}
    for name in ("/tls", "/guest-xml"):
        node.config.make_folder(name)
    for name, data in beside.items():
        node.config.write(name, data)
    return beside


def test_from_the_stick_to_a_disk_that_boots_alone(make_node, tmp_path):
    signer = Signer(tmp_path)
    node = make_node(f"[node]\n    hostname = inside\n    data = serial:DATA format=if-blank\n    update-key = {signer.public}\n"
                     "    tls = tls/node.pem key=tls/node.key ca=tls/ca.pem\n", memory=768)
    beside = put_beside(node, tmp_path)
    large = disk(node, "large", "LARGE", ",logical_block_size=4096,physical_block_size=4096")
    node.extra = [*disk(node, "blank", "BLANK"), *disk(node, "data", "DATA"), *disk(node, "other", "OTHER"), *large]
    other = node.folder / "other.img"
    subprocess.run(["sgdisk", "--new=1:143360:0", f"--partition-guid=1:{DATA_GUID}", "--change-name=1:berth-data", other], check=True,
                   capture_output=True)
    subprocess.run(["/sbin/mke2fs", "-q", "-t", "ext4", "-E", f"offset={143360 * 512}", other, "100M"], check=True)
    kept = other.read_bytes()[143360 * 512:180 << 20]
    with node:
        node.wait_for_ssh()
        key = node.run("cat /run/berth/state/ssh-fingerprint")
        refused(node, "vda", "the node booted from it")
        refused(node, "vdc", "it is in use")
        refused(node, "vdd", "to lose that, give its serial number: --serial OTHER")
        refused(node, "vdd --serial BLANK", "to lose that, give its serial number: --serial OTHER")
        assert "there is no disk" in node.ssh("berth install vdx").stderr.decode()
        assert "is a partition" in node.ssh("berth install vdd1").stderr.decode()
        node.wait_until("[ -s /run/berth/tls/ca.pem ]")
        done = node.ssh("berth install serial:BLANK", timeout=120)
        assert done.returncode == 0 and not done.stderr, done.stdout + done.stderr
        assert "The data volume on vdd1 stays as it is" in node.run("berth install vdd --serial OTHER", timeout=120)
        # From a file, as a node does that did not boot from a slot.
        assert node.ssh("cat > /tmp/update", stdin=update(signer, image_parts())).returncode == 0
        assert "it boots by UEFI only" in node.run("berth install vde --from /tmp/update", timeout=120)
        node.run("sync")
    assert other.read_bytes()[143360 * 512:180 << 20] == kept
    said = subprocess.run(["sgdisk", "--info=3", other], check=True, capture_output=True, text=True).stdout
    assert DATA_GUID in said and "First sector: 143360 " in said
    blank = node.folder / "blank.img"
    subprocess.run(["sgdisk", "--verify", blank], check=True, capture_output=True)
    assert subprocess.run(["sgdisk", "--info=2", blank], capture_output=True, text=True, check=True).stdout.count("62657274680C") == 0
    assert (OUT / "images/initrd").read_bytes() == Partition(blank, BOOT).read("/a/initrd")
    assert {name: Partition(blank, CONFIG).read(name) for name in beside} == beside
    # Each disk alone, by the firmware that it is for.
    node.diskless = True
    for firmware, alone, version in (("bios", disk(node, "blank", "BLANK"), ""), ("uefi", large, "9.0.0")):
        node.firmware, node.extra = firmware, alone
        with node:
            node.wait_for_ssh()
            assert node.run("hostname; cat /run/berth/slot; cat /run/berth/state/ssh-fingerprint") == f"inside\na\n{key}"
            assert node.run("head -n 1 /run/berth/state/config; cat /run/berth/medium") == "ok\n/dev/vda2\n"
            assert version in node.run("mount -o ro $(cat /run/berth/boot-partition) /mnt && cat /mnt/a/release")
