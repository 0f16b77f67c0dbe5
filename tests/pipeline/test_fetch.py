# SPDX-License-Identifier: GPL-2.0-only
"""Fetch and verify, with a real small package of the machine's own mirror."""

import re

import pytest
from pipeline import fetch, mirror
from pipeline.errors import BuildError
from pipeline.paths import PACKAGES
from pipeline.recipe import load_recipe

TZDATA = (PACKAGES / "tzdata" / "recipe.toml").read_text()
PIN = TZDATA[TZDATA.index("[[source]]"):]


def tzdata(workshop, change=lambda text: text):
    return workshop.recipe("tzdata", change(PIN), stage='mkdir -p "$TARGET"; touch "$TARGET/file"\n')


def dropped_version(text: str) -> str:
    """A pin that no mirror has: an older version under a hash that nothing matches."""
    text = re.sub(r'version = "[^"]*"', 'version = "2026-0dropped"', text)
    text = re.sub(r'file = "[^"]*"', 'file = "tzdata_2026-0dropped_all.deb"', text)
    return re.sub(r'sha256 = "[^"]*"', 'sha256 = "' + "d" * 64 + '"', text)


def test_fetched_file_is_kept_under_its_hash(workshop):
    tzdata(workshop)
    workshop.pipeline().fetch()
    (file,) = workshop.paths.downloads.iterdir()
    source = load_recipe(workshop.packages / "tzdata").sources[0]
    assert file.name == source.stored_name()


@pytest.mark.parametrize("damage", [lambda d: d[: len(d) // 2], lambda d: b"\0" + d[1:]])
def test_half_or_corrupted_file_is_fetched_again(workshop, damage, capsys):
    tzdata(workshop)
    workshop.pipeline().fetch()
    (file,) = workshop.paths.downloads.iterdir()
    whole = file.read_bytes()
    file.write_bytes(damage(whole))
    workshop.pipeline().fetch()
    assert file.read_bytes() == whole
    assert "damaged in the downloads folder" in capsys.readouterr().out


def test_present_file_needs_no_network(workshop, monkeypatch):
    tzdata(workshop)
    workshop.pipeline().fetch()
    monkeypatch.setattr(mirror, "HELPER", "/bin/false")
    workshop.pipeline().build()


def test_dropped_version_is_stood_in_for_loudly_and_can_be_recorded(workshop, capsys):
    folder = tzdata(workshop, dropped_version)
    workshop.pipeline().build()
    said = capsys.readouterr().out
    assert "the mirror does not give tzdata 2026-0dropped" in said
    assert "make record PACKAGE=tzdata" in said
    changed = fetch.record(load_recipe(folder), workshop.paths)
    assert len(changed) == 1 and "2026-0dropped -> 2026" in changed[0]
    assert "dropped" not in (folder / "recipe.toml").read_text()
    # What is recorded is what was built.
    assert workshop.pipeline().build() == []


def test_strict_takes_no_other_version(workshop, monkeypatch):
    monkeypatch.setenv("STRICT", "1")
    tzdata(workshop, dropped_version)
    with pytest.raises(BuildError) as error:
        workshop.pipeline().fetch()
    for part in ("tzdata", "2026-0dropped", "STRICT=1", str(workshop.paths.downloads)):
        assert part in str(error.value)


def test_series_that_is_gone_says_what_to_do(workshop):
    tzdata(workshop, lambda text: dropped_version(text).replace('series = "2026"', 'series = "1999"'))
    with pytest.raises(BuildError) as error:
        workshop.pipeline().fetch()
    assert "series 1999" in str(error.value)
    assert "copy the file to" in str(error.value)


def test_error_names_no_host(workshop, monkeypatch):
    monkeypatch.setenv("STRICT", "1")
    tzdata(workshop, dropped_version)
    with pytest.raises(BuildError) as error:
        workshop.pipeline().fetch()
    assert "://" not in str(error.value)


@pytest.mark.parametrize("version, series, inside", [
    ("1:1.37.0-6", "1.37", True), ("1.370-1", "1.37", False), ("6.12.117-1", "6.12", True), ("6.120-1", "6.12", False),
    ("2026b-0+deb12u1", "2026", True), ("1.2.5", "1.2.5", True)])
def test_series(version, series, inside):
    assert mirror.in_series(version, series) is inside
