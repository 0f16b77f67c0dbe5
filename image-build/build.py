#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""build.py VERB: the pipeline's command line; the Makefile's verbs call it."""

import filecmp
import os
import shutil
import sys
from pathlib import Path

from pipeline import bill, fetch, repro
from pipeline.errors import BuildError
from pipeline.keys import Keys
from pipeline.paths import Paths
from pipeline.pipeline import Pipeline
from pipeline.recipe import load_recipe


# What the verbs build when no package is named: these, and what they depend on.
IMAGE = ("disk-image", "iso-image")
GUEST = ("guest-kernel", "guest-initramfs")


def publish(pipeline: Pipeline, part: str, target: Path) -> None:
    """Gather what the packages made for the boot medium ("images"), or for guests, in one folder."""
    target.mkdir(parents=True, exist_ok=True)
    for name in pipeline.recipes:
        for file in sorted((pipeline.paths.stage / name / part).glob("*")):
            place = target / file.name
            if not place.exists() or not filecmp.cmp(file, place, shallow=False):
                aside = target / f".{file.name}.new"
                shutil.copyfile(file, aside)
                aside.rename(place)


def verb_image(pipeline: Pipeline, arguments: list) -> int:
    """image [PACKAGE...]: build what is not current, then gather the image's files"""
    pipeline.build(arguments or IMAGE)
    if not arguments:
        publish(pipeline, "images", pipeline.paths.images)
        for name in ("vmlinuz", "initrd", "berth.efi", "berth.img", "berth.iso"):
            size = (pipeline.paths.images / name).stat().st_size
            print(f"{os.path.relpath(pipeline.paths.images / name)}  {size / 1e6:.1f} MB")
    return 0


def verb_guest(pipeline: Pipeline, arguments: list) -> int:
    """guest: build the small guest for tests and measurements"""
    pipeline.build(GUEST)
    publish(pipeline, "guest", pipeline.paths.guest)
    return 0


def verb_fetch(pipeline: Pipeline, arguments: list) -> int:
    """fetch [PACKAGE...]: download and verify every source; all else then works offline"""
    pipeline.fetch(arguments or None)
    return 0


def verb_record(pipeline: Pipeline, arguments: list) -> int:
    """record PACKAGE...: write the versions that stood in for missing ones into the recipes"""
    for name in arguments or list(pipeline.recipes):
        if name not in pipeline.recipes:
            raise BuildError(f"no package \"{name}\"; there are: {' '.join(pipeline.recipes)}")
        # As it is written, without the stand-ins that this tree uses.
        for line in fetch.record(load_recipe(pipeline.recipes[name].folder), pipeline.paths):
            print(line)
    return 0


def verb_sbom(pipeline: Pipeline, arguments: list) -> int:
    """sbom: write the bill of materials (SPDX 2.3 JSON)"""
    print(bill.write_sbom(pipeline.paths, pipeline.recipes, Keys(pipeline.recipes)))
    return 0


def verb_licences(pipeline: Pipeline, arguments: list) -> int:
    """licences: gather the licence texts and their manifest"""
    pipeline.build()
    print(bill.write_licences(pipeline.paths, pipeline.recipes))
    return 0


def verb_repro(pipeline: Pipeline, arguments: list) -> int:
    """repro: build again from nothing in another folder and compare byte by byte"""
    verb_image(pipeline, [])
    second = repro.rebuild(pipeline.paths, IMAGE)
    publish(Pipeline(second, use_store=False), "images", second.images)
    return 0 if repro.compare(pipeline.paths, second) else 1


VERBS = {"image": verb_image, "guest": verb_guest, "fetch": verb_fetch, "record": verb_record, "sbom": verb_sbom,
         "licences": verb_licences, "repro": verb_repro}


def main(arguments: list) -> int:
    if not arguments or arguments[0] not in VERBS:
        print("usage: build.py VERB\n" + "\n".join(f"  {v.__doc__}" for v in VERBS.values()), file=sys.stderr)
        return 100
    try:
        return VERBS[arguments[0]](Pipeline(Paths.from_environment()), arguments[1:])
    except BuildError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("interrupted; what is finished is kept", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
