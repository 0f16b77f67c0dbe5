# SPDX-License-Identifier: GPL-2.0-only
"""The machine's own package mirror, through apt: no host is named here, none is needed.

apt gives the mirror's base address, its transport (proxies included) and the check of the index's signature.
"""

import re
import subprocess
from pathlib import Path

from .errors import BuildError

HELPER = "/usr/lib/apt/apt-helper"
KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"


def _run(command: list) -> subprocess.CompletedProcess:
    return subprocess.run(command, capture_output=True, text=True, check=False,
                          env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C"})


def archive_bases() -> list:
    """Base addresses of the Debian archives that this machine is set up with, the main one first."""
    codename = ""
    for line in Path("/etc/os-release").read_text().splitlines():
        if line.startswith("VERSION_CODENAME="):
            codename = line.partition("=")[2].strip('"')
    listing = _run(["apt-get", "indextargets", "--format", "$(REPO_URI)|$(RELEASE)|$(COMPONENT)"])
    rows = [line.split("|") for line in listing.stdout.splitlines() if line.count("|") == 2]
    # A shorter release name is the main archive (bookworm before bookworm-updates before bookworm-security).
    ours = sorted({(len(release), release, uri.rstrip("/")) for uri, release, component in rows
                   if component == "main" and (release == codename or release.startswith(codename + "-"))})
    bases = list(dict.fromkeys(uri for _, _, uri in ours))
    if not bases:
        raise BuildError(f"apt knows no Debian archive for \"{codename}\" on this machine: see /etc/apt/sources.list "
                         "and run: apt-get update")
    return bases


def download(path: str, file: str, sha256: str, target: Path) -> str:
    """Fetch `path/file` into `target`; an empty string, or why it did not come."""
    reasons = []
    for base in archive_bases():
        target.unlink(missing_ok=True)
        result = _run([HELPER, "-o", "Acquire::Retries=2", "download-file", f"{base}/{path}/{file}", str(target),
                       f"SHA256:{sha256}"])
        if result.returncode == 0 and target.exists():
            return ""
        lines = [line[3:] for line in result.stderr.splitlines() if line.startswith("E: ")]
        reasons.append(without_hosts(lines[0]) if lines else f"apt-helper ended with {result.returncode}")
    target.unlink(missing_ok=True)
    return "; ".join(dict.fromkeys(reasons))


def without_hosts(text: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"\w+://\S*/|\[IP:[^]]*\]", "", text)).strip()


class Index:
    """A private, signed package index of one suite, so that the machine's own apt set-up is left alone."""

    def __init__(self, folder: Path, suite: str):
        self.folder = folder / suite
        self.suite = suite
        for name in ("lists/partial", "cache/archives/partial", "etc"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        sources = self.folder / "etc" / "sources.list"
        base = archive_bases()[0]
        sources.write_text("".join(f"{kind} [signed-by={KEYRING}] {base}/ {suite} main\n"
                                   for kind in ("deb", "deb-src")))
        self.options = []
        for key, value in {"Dir::State::lists": self.folder / "lists", "Dir::State::status": "/dev/null",
                           "Dir::Cache": self.folder / "cache", "Dir::Etc::sourcelist": sources,
                           "Dir::Etc::sourceparts": "/dev/null", "APT::Sandbox::User": "root"}.items():
            self.options += ["-o", f"{key}={value}"]
        result = _run(["apt-get", *self.options, "update"])
        if result.returncode != 0:
            raise BuildError(f"the mirror's index of \"{suite}\" cannot be read: "
                             + without_hosts(result.stderr.strip()[-300:]))

    def newest_source(self, package: str, series: str, like: str) -> dict:
        """The newest source version within `series`: version, path and the file that looks like `like`."""
        text = _run(["apt-cache", *self.options, "showsrc", "--only-source", package]).stdout
        found = []
        for stanza in text.split("\n\n"):
            version = re.search(r"^Version: (\S+)", stanza, re.M)
            folder = re.search(r"^Directory: (\S+)", stanza, re.M)
            sums = re.search(r"^Checksums-Sha256:\s*\n((?: .*\n?)+)", stanza, re.M)
            if version and folder and sums and in_series(version.group(1), series):
                for line in sums.group(1).splitlines():
                    sha256, _, file = line.split()
                    if kind_of(file) == kind_of(like):
                        found.append({"version": version.group(1), "path": folder.group(1), "file": file,
                                      "sha256": sha256})
        return newest(found)

    def newest_binary(self, package: str, series: str) -> dict:
        text = _run(["apt-cache", *self.options, "show", package]).stdout
        found = []
        for stanza in text.split("\n\n"):
            fields = dict(re.findall(r"^(Version|Filename|SHA256): (\S+)", stanza, re.M))
            if len(fields) == 3 and in_series(fields["Version"], series):
                path, _, file = fields["Filename"].rpartition("/")
                found.append({"version": fields["Version"], "path": path, "file": file, "sha256": fields["SHA256"]})
        return newest(found)


def kind_of(file: str) -> str:
    """ "orig" for the upstream tarball, "debian" for the packaging, whatever their compression."""
    match = re.search(r"\.(orig|debian)\.tar\.\w+$", file)
    return match.group(1) if match else file


def in_series(version: str, series: str) -> bool:
    """Debian version within an upstream series: 1.37.0-6 is in 1.37, not in 1.3."""
    upstream = version.partition(":")[2] or version
    return upstream == series or (upstream.startswith(series) and not upstream[len(series)].isdigit())


def newest(found: list) -> dict:
    best = {}
    for row in found:
        if not best or subprocess.run(["dpkg", "--compare-versions", row["version"], "gt", best["version"]],
                                      check=False).returncode == 0:
            best = row
    return best
