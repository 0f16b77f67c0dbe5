# SPDX-License-Identifier: GPL-2.0-only
"""The bill of materials and the licence texts."""

import hashlib

from pipeline import bill
from pipeline.keys import Keys
from pipeline.recipe import load_all


def test_every_recipe_is_in_the_bill_with_its_sources():
    recipes = load_all()
    table = bill.sbom(recipes, Keys(recipes), "1.2.3")
    assert table["spdxVersion"] == "SPDX-2.3" and table["name"] == "berth-1.2.3"
    rows = {row["name"]: row for row in table["packages"]}
    assert set(rows) == set(recipes)
    for name, recipe in recipes.items():
        assert rows[name]["versionInfo"] == recipe.version and rows[name]["licenseDeclared"] == recipe.licence
        for source in recipe.sources:
            assert source.sha256 in rows[name]["sourceInfo"]
            assert any(source.package in ref["referenceLocator"] for ref in rows[name]["externalRefs"])


def test_relations_lead_to_packages():
    recipes = load_all()
    table = bill.sbom(recipes, Keys(recipes), "1")
    ids = {row["SPDXID"] for row in table["packages"]} | {"SPDXRef-DOCUMENT"}
    assert len(ids) == len(recipes) + 1
    for relation in table["relationships"]:
        assert relation["spdxElementId"] in ids and relation["relatedSpdxElement"] in ids


def test_bill_follows_from_the_recipes_alone():
    recipes = load_all()
    assert bill.sbom(recipes, Keys(recipes), "1") == bill.sbom(load_all(), Keys(load_all()), "1")


def test_every_third_party_recipe_names_its_licence_texts():
    for recipe in load_all().values():
        if recipe.sources and recipe.licence != "LicenseRef-public-domain":
            assert recipe.licence_files, recipe.name


def test_licence_texts_are_gathered(workshop):
    text = "the licence\n"
    workshop.recipe("one", '[licence-files]\n"doc/COPYING" = "' + hashlib.sha256(text.encode()).hexdigest() + '"',
                    build=f"mkdir doc; printf '{text}' > doc/COPYING\n".replace("\n'", "\\n'"))
    pipeline = workshop.pipeline()
    pipeline.build()
    target = bill.write_licences(workshop.paths, pipeline.recipes)
    assert (target / "one" / "doc_COPYING").read_text() == text
    assert "one\t1\tGPL-2.0-only\tone/doc_COPYING" in (target / "manifest.tsv").read_text()
    assert (target / "LICENSE").exists()
