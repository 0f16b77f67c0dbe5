# SPDX-License-Identifier: GPL-2.0-only
"""libvirt's TLS transport: Debian's virsh, with certificates of all kinds, to the node's TLS end."""

import socket
import ssl
import subprocess
import sys

import pytest

from conftest import OUT, REPO

sys.path.insert(0, str(REPO / "tests"))
from certificates import Authority  # noqa: E402


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    made = Authority(tmp_path_factory.mktemp("pki") / "ca")
    made.issue("node", "server", "/CN=localhost")
    made.issue("good", "client", "/O=Example/CN=desk1")
    made.issue("other", "client", "/O=Example/CN=printer")
    made.issue("expired", "client", "/O=Example/CN=desk2", "-startdate", "20200101000000Z", "-enddate", "20210101000000Z")
    made.issue("revoked", "client", "/O=Example/CN=desk3")
    made.revoke("revoked")
    return made


class End:
    """One berth-tls in front of a node."""

    def __init__(self, node, authority, *options: str):
        self.authority = authority
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        own = authority.folder / "node"
        self.process = subprocess.Popen(
            [OUT / "unit/berth-tls", f"--ca={authority.certificate}", f"--certificate={own}/servercert.pem",
             f"--key={own}/serverkey.pem", f"--crl={authority.crl}", f"--door={node.door}", f"--port={self.port}", *options],
            stderr=subprocess.PIPE, text=True)
        line = self.process.stderr.readline()
        assert "serving port" in line, line

    def virsh(self, name: str, *command: str) -> subprocess.CompletedProcess:
        return self.virsh_with(self.authority.folder / name, *command)

    def virsh_with(self, folder, *command: str) -> subprocess.CompletedProcess:
        return subprocess.run(["/usr/bin/virsh", "-c", f"qemu+tls://127.0.0.1:{self.port}/system?pkipath={folder}", *command],
                              capture_output=True, text=True, timeout=60, check=False)

    def connect(self, certificate=None, key=None, version=None) -> bytes:
        """What comes first of the node, for a client that checks nothing of its own; without a word when it is refused."""
        context = ssl.create_default_context(cafile=self.authority.certificate)
        if certificate:
            context.load_cert_chain(certificate, key)
        if version:
            context.minimum_version = context.maximum_version = version
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=60) as plain:
                with context.wrap_socket(plain, server_hostname="localhost") as wrapped:
                    return wrapped.recv(100)
        except (ssl.SSLError, ConnectionError):
            return b""

    def said(self) -> str:
        self.process.terminate()
        return self.process.communicate(timeout=60)[1]


@pytest.fixture
def end(node, authority):
    started = []

    def start(*options: str) -> End:
        started.append(End(node, authority, *options))
        return started[-1]

    yield start
    for one in started:
        text = "" if one.process.stderr.closed else one.said()
        assert "Sanitizer" not in text and "runtime error" not in text, text


def test_a_good_certificate(node, end):
    served = end()
    done = served.virsh("good", "list", "--all", "--name")
    assert done.returncode == 0 and done.stdout == "db\nweb\n\n", done.stderr
    # Everything that a client may over the socket, and much of it: an answer of many records.
    assert served.virsh("good", "start", "web").returncode == 0
    assert "running" in node.virsh("domstate", "web")
    assert served.virsh("good", "capabilities").stdout == node.virsh("capabilities")


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3], ids=["1.2", "1.3"])
def test_the_byte_comes_first(end, authority, version):
    """No session ticket stands where clients expect the byte; plain bytes and old versions get nowhere."""
    served = end()
    own = authority.folder / "good"
    assert served.connect(own / "clientcert.pem", own / "clientkey.pem", version) == b"\x01"
    with socket.create_connection(("127.0.0.1", served.port), timeout=60) as plain:
        plain.sendall(b"\x00\x00\x00\x1c\x20\x00\x80\x86" + bytes(20))
        try:
            assert b"\x20\x00\x80\x86" not in plain.recv(100)
        except ConnectionError:
            pass


@pytest.mark.parametrize("name,reason", [("expired", "expired"), ("revoked", "revoked")])
def test_a_bad_certificate(end, authority, name, reason):
    served = end()
    done = served.virsh(name, "list")
    assert done.returncode == 1 and "error: failed to connect" in done.stderr
    # libvirt's client may have refused its own certificate; one that does not look at it gets no further.
    own = authority.folder / name
    assert served.connect(own / "clientcert.pem", own / "clientkey.pem") == b""
    assert served.virsh("good", "list").returncode == 0
    assert reason in served.said()


def test_another_authority(end, tmp_path):
    stranger = Authority(tmp_path / "stranger")
    own = stranger.issue("good", "client", "/O=Example/CN=desk1")
    served = end()
    assert served.virsh_with(own, "list").returncode == 1
    assert served.connect(own / "clientcert.pem", own / "clientkey.pem") == b""
    assert "not correctly signed by the trusted CA" in served.said()


def test_no_certificate_of_a_client(end, authority):
    served = end()
    own = authority.folder / "node"
    assert served.connect() == b""
    # A certificate of a server is none of a client.
    assert served.connect(own / "servercert.pem", own / "serverkey.pem") == b""


def test_subjects(end):
    served = end("--allow=O=Example,CN=desk*", "--allow=CN=nobody")
    assert served.virsh("good", "list").returncode == 0
    assert served.virsh("other", "list").returncode == 1
    assert "tls-allow does not name O=Example, CN=printer" in served.said()


def test_who_says_nothing_makes_room(end):
    """Connections that go no further do not keep others out, nor does one that leaves in the middle."""
    served = end()
    silent = [socket.create_connection(("127.0.0.1", served.port), timeout=60) for _ in range(40)]
    silent[-1].sendall(b"\x16\x03\x01")
    silent[-2].close()
    done = served.virsh("good", "list", "--name")
    assert done.returncode == 0, done.stderr
    for one in silent:
        one.close()


def test_files_that_do_not_fit(node, authority, tmp_path):
    own = authority.folder / "node"
    good = {"ca": authority.certificate, "certificate": own / "servercert.pem", "key": own / "serverkey.pem",
            "crl": authority.crl, "door": node.door}
    broken = tmp_path / "broken.pem"
    broken.write_text("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", encoding="ascii")
    for name, file, complaint in (("ca", tmp_path / "none", "certificate of the CA"), ("certificate", broken, "node's certificate"),
                                  ("key", authority.folder / "good/clientkey.pem", "not its certificate's"),
                                  ("crl", broken, "revocation list")):
        done = subprocess.run([OUT / "unit/berth-tls", *(f"--{key}={value}" for key, value in (good | {name: file}).items())],
                              capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 111 and complaint in done.stderr and str(file) in done.stderr
    assert subprocess.run([OUT / "unit/berth-tls"], capture_output=True, timeout=60, check=False).returncode == 100
