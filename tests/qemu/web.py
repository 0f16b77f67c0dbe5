# SPDX-License-Identifier: GPL-2.0-only
"""A web server on this machine's loopback, which a node reaches as 10.0.2.2: files by their path, with TLS if it has a
certificate, and what it was asked for."""

import http.server
import ssl
import subprocess
import threading
from pathlib import Path

from harness import free_port

HOST = "10.0.2.2"


class Certificate:
    """A certificate for an address that signs itself, so that it is its own CA."""

    def __init__(self, folder: Path, name: str, address: str = HOST):
        self.key, self.pem = folder / f"{name}.key", folder / f"{name}.pem"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                        "-keyout", self.key, "-out", self.pem, "-days", "3650", "-subj", f"/CN={name}", "-addext",
                        f"subjectAltName=IP:{address}"], check=True, capture_output=True)
        self.ca = "".join(self.pem.read_text().splitlines()[1:-1])

    @property
    def fingerprint(self) -> str:
        """By the command of berth-boot(7)."""
        return "sha256//" + subprocess.run(
            f"openssl x509 -in {self.pem} -noout -pubkey | openssl pkey -pubin -outform der | openssl dgst -sha256 -binary | base64",
            shell=True, check=True, capture_output=True, text=True).stdout.strip()


class Web:
    """Serves `files`, bytes by path; a path that is not there is a 404. `folder` is what else it serves."""

    def __init__(self, folder: Path = None):
        self.files = {}
        self.folder = folder
        self.asked = []
        self.port = free_port()
        self.server = None

    def start(self, certificate: Certificate = None) -> "Web":
        """Also again, on the same port."""
        web = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                web.asked.append(self.path)
                data = web.files.get(self.path)
                if data is None and web.folder and (web.folder / self.path.lstrip("/")).is_file():
                    data = (web.folder / self.path.lstrip("/")).read_bytes()
                self.send_response(404 if data is None else 200)
                self.send_header("Content-Length", str(len(data or b"")))
                self.end_headers()
                if self.command == "GET":
                    self.wfile.write(data or b"")

            do_HEAD = do_GET

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate.pem, certificate.key)
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True, do_handshake_on_connect=False)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def stop(self) -> None:
        if self.server:
            self.server.shutdown()
            self.server.server_close()
            self.server = None

    def url(self, path: str, scheme: str = "http") -> str:
        return f"{scheme}://{HOST}:{self.port}{path}"
