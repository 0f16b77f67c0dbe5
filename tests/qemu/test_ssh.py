# SPDX-License-Identifier: GPL-2.0-only
"""SSH: keys of berth.conf and nothing else."""

import subprocess

from harness import Key, seconds


def test_owner_of_the_key_gets_in(shared):
    assert shared.run("id -un").strip() == "root"


def test_another_key_is_refused(shared, tmp_path):
    done = shared.ssh("true", key=Key(tmp_path, "other"))
    assert done.returncode == 255
    assert b"Permission denied (publickey)" in done.stderr


def test_password_login_is_not_offered(shared):
    done = shared.ssh("true", options=["-o", "PubkeyAuthentication=no", "-o", "BatchMode=no", "-o",
                                       "NumberOfPasswordPrompts=0"])
    assert done.returncode == 255
    # The server names the methods that it takes.
    assert b"Permission denied (publickey)" in done.stderr


def test_commands_keep_their_exit_code_and_bytes(shared):
    done = shared.ssh("cat; exit 7", stdin=bytes(range(256)) * 1000)
    assert done.returncode == 7
    assert done.stdout == bytes(range(256)) * 1000


def test_files_can_be_copied(shared, tmp_path):
    (tmp_path / "file").write_bytes(b"content" * 10000)
    options = ["-O", "-q", "-i", str(shared.key.path), "-P", str(shared.port), "-o", "StrictHostKeyChecking=no", "-o",
               f"UserKnownHostsFile={tmp_path / 'kh'}"]
    subprocess.run(["scp", *options, str(tmp_path / "file"), "root@127.0.0.1:/tmp/file"], check=True, timeout=seconds(60))
    assert shared.run("md5sum < /tmp/file; rm /tmp/file").split()[0] == "".join(
        subprocess.run(["md5sum", str(tmp_path / "file")], check=True, capture_output=True, text=True).stdout.split()[:1])


def test_host_key_is_the_same_after_a_reboot_and_only_made_once(make_node):
    node = make_node()
    with node:
        node.wait_for_ssh()
        first = node.run("cat /run/berth/state/ssh-fingerprint")
        assert first.startswith("SHA256:")
        node.restart().wait_for_ssh()
        assert node.run("cat /run/berth/state/ssh-fingerprint") == first
        assert "host key" not in node.run("berth status || :").lower().replace("ssh host key", "")
        node.stop()
        # Now a power cut has left half of it.
        key = node.config.read("/ssh/dropbear_ed25519_host_key")
        node.config.write("/ssh/dropbear_ed25519_host_key", key[: len(key) // 2])
        node.start()
        assert "the SSH host key was damaged and has been replaced" in " ".join(node.wait_for_status().split())
        (node.folder / "known_hosts").unlink()
        node.wait_for_ssh()
        second = node.run("cat /run/berth/state/ssh-fingerprint")
        assert second.startswith("SHA256:") and second != first
        node.restart().wait_for_ssh()
        assert node.run("cat /run/berth/state/ssh-fingerprint") == second
