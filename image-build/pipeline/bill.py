# SPDX-License-Identifier: GPL-2.0-only
"""What is in the image, for people and for scanners: the SPDX bill of materials and the licence texts."""

import json
import shutil
from datetime import datetime, timezone
from pathlib import Path

from .executor import EPOCH
from .keys import digest
from .paths import REPO, Paths
from .recipe import Recipe


def _created() -> str:
    return datetime.fromtimestamp(int(EPOCH), timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def _spdx_id(name: str) -> str:
    return "SPDXRef-" + "".join(c if c.isalnum() or c in ".-" else "-" for c in name)


def _package(recipe: Recipe) -> dict:
    row = {"SPDXID": _spdx_id(recipe.name), "name": recipe.name, "versionInfo": recipe.version,
           "summary": recipe.summary, "downloadLocation": "NOASSERTION", "filesAnalyzed": False,
           "licenseConcluded": recipe.licence, "licenseDeclared": recipe.licence, "copyrightText": "NOASSERTION"}
    refs = [{"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl",
             "referenceLocator": f"pkg:deb/debian/{s.package}@{s.version}"
             + ("?arch=source" if s.kind == "source" else "")} for s in recipe.sources]
    if refs:
        row["externalRefs"] = refs
        row["checksums"] = [{"algorithm": "SHA256", "checksumValue": recipe.sources[0].sha256}]
        row["sourceInfo"] = "; ".join(f"{s.file} sha256:{s.sha256}" for s in recipe.sources)
        row["packageFileName"] = recipe.sources[0].file
    return row


def sbom(recipes: dict, keys, version: str) -> dict:
    """SPDX 2.3 (JSON): one package a recipe, and who depends on whom."""
    relations = [{"spdxElementId": "SPDXRef-DOCUMENT", "relationshipType": "DESCRIBES",
                  "relatedSpdxElement": _spdx_id("disk-image")}]
    for recipe in recipes.values():
        relations += [{"spdxElementId": _spdx_id(recipe.name), "relationshipType": "DEPENDS_ON",
                       "relatedSpdxElement": _spdx_id(dep)} for dep in recipe.depends]
    name = f"berth-{version}"
    unique = digest(*(keys.key(n) for n in recipes))[:32]
    return {"spdxVersion": "SPDX-2.3", "dataLicense": "CC0-1.0", "SPDXID": "SPDXRef-DOCUMENT", "name": name,
            "documentNamespace": f"urn:berth:{name}:{unique}",
            "creationInfo": {"created": _created(), "creators": ["Tool: berth-image-build"]},
            "packages": [_package(r) for r in recipes.values()], "relationships": relations}


def write_sbom(paths: Paths, recipes: dict, keys) -> Path:
    version = (REPO / "VERSION").read_text().strip()
    target = paths.out / "berth.spdx.json"
    target.write_text(json.dumps(sbom(recipes, keys, version), indent=1) + "\n")
    return target


def write_licences(paths: Paths, recipes: dict) -> Path:
    """Copy each package's texts from its stage tree, and list them in one manifest."""
    target = paths.out / "licences"
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    rows = []
    for recipe in recipes.values():
        texts = sorted((paths.stage / recipe.name / "licences").glob("*"))
        names = []
        for text in texts:
            (target / recipe.name).mkdir(exist_ok=True)
            shutil.copyfile(text, target / recipe.name / text.name)
            names.append(f"{recipe.name}/{text.name}")
        rows.append(f"{recipe.name}\t{recipe.version}\t{recipe.licence}\t{' '.join(names) or '(see LICENSE)'}")
    shutil.copyfile(REPO / "LICENSE", target / "LICENSE")
    (target / "manifest.tsv").write_text("package\tversion\tlicence\ttexts\n" + "\n".join(rows) + "\n")
    return target
