# SPDX-License-Identifier: GPL-2.0-only
"""A certificate authority of the test's own, made with openssl."""

import subprocess
import time
from pathlib import Path

CONFIG = """\
[ca]
default_ca = own
[own]
dir = {folder}
database = {folder}/index
new_certs_dir = {folder}
serial = {folder}/serial
crlnumber = {folder}/crlnumber
certificate = {folder}/cacert.pem
private_key = {folder}/cakey.pem
default_md = sha256
default_crl_days = 30
policy = any
unique_subject = no
copy_extensions = copy
[req]
distinguished_name = none
[none]
[any]
organizationName = optional
commonName = supplied
[authority]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign,cRLSign
[server]
keyUsage = critical,digitalSignature,keyEncipherment
extendedKeyUsage = serverAuth
subjectAltName = IP:127.0.0.1,DNS:localhost
[client]
keyUsage = critical,digitalSignature,keyEncipherment
extendedKeyUsage = clientAuth
"""


def day(days: int) -> str:
    """So many days from now. Clocks differ: what is valid begins before today."""
    return time.strftime("%Y%m%d%H%M%SZ", time.gmtime(time.time() + days * 86400))


class Authority:
    def __init__(self, folder: Path):
        folder.mkdir()
        self.folder, self.certificate, self.crl = folder, folder / "cacert.pem", folder / "crl.pem"
        (folder / "config").write_text(CONFIG.format(folder=folder), encoding="utf-8")
        (folder / "index").touch()
        (folder / "serial").write_text("01\n", encoding="ascii")
        (folder / "crlnumber").write_text("01\n", encoding="ascii")
        self.openssl("req", "-x509", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30",
                     "-subj", "/CN=Authority of a test", "-extensions", "authority", "-keyout", "cakey.pem",
                     "-out", "cacert.pem")
        self.write_crl()

    def openssl(self, *arguments: str) -> None:
        options = ["-config", "config"] if arguments[0] in ("req", "ca") else []
        done = subprocess.run(["openssl", arguments[0], *options, *arguments[1:]], cwd=self.folder, capture_output=True,
                              text=True, check=False)
        assert done.returncode == 0, done.stderr

    def write_crl(self) -> None:
        self.openssl("ca", "-gencrl", "-crl_lastupdate", day(-1), "-crl_nextupdate", day(20), "-out", "crl.pem")

    def issue(self, name: str, use: str, subject: str, *dates: str) -> Path:
        """A folder as clients want it with pkipath=; `dates` are openssl's -startdate and -enddate with their values."""
        own = self.folder / name
        own.mkdir()
        self.openssl("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", subject,
                     "-keyout", f"{name}/{use}key.pem", "-out", f"{name}/request.pem")
        self.openssl("ca", "-batch", "-notext", "-extensions", use, *(dates or ("-startdate", day(-1), "-enddate", day(20))), "-in", f"{name}/request.pem",
                     "-out", f"{name}/{use}cert.pem")
        (own / "cacert.pem").write_bytes(self.certificate.read_bytes())
        return own

    def revoke(self, name: str) -> None:
        self.openssl("ca", "-revoke", f"{name}/clientcert.pem")
        self.write_crl()
