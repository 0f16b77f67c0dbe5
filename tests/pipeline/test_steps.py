# SPDX-License-Identifier: GPL-2.0-only
"""What is rebuilt when, and what comes from the store."""

import os

import pytest
from pipeline.errors import BuildError
from pipeline.recipe import load_all

STAGE = 'mkdir -p "$TARGET"; echo {0} > "$TARGET/file"\n'


def three(workshop):
    """base <- middle <- top, and one that depends on nothing."""
    workshop.recipe("base", stage=STAGE.format("base"))
    workshop.recipe("middle", 'depends = ["base"]',
                    stage='mkdir -p "$TARGET"; cat "$DEP_base/target/file" > "$TARGET/file"; echo middle >> "$TARGET/file"\n')
    workshop.recipe("top", 'depends = ["middle"]', stage=STAGE.format("top"))
    workshop.recipe("alone", stage=STAGE.format("alone"))


def test_first_build_builds_all_in_order(workshop):
    three(workshop)
    built = workshop.pipeline().build()
    assert sorted(built) == ["alone", "base", "middle", "top"]
    assert built.index("base") < built.index("middle") < built.index("top")
    assert workshop.staged("middle", "target/file") == "base\nmiddle\n"


def test_second_build_does_nothing(workshop):
    three(workshop)
    workshop.pipeline().build()
    assert workshop.pipeline().build() == []


def test_touched_recipe_rebuilds_nothing(workshop):
    three(workshop)
    workshop.pipeline().build()
    (workshop.packages / "base" / "stage.sh").touch()
    assert workshop.pipeline().build() == []


def test_changed_recipe_rebuilds_its_dependents_and_nothing_else(workshop):
    three(workshop)
    workshop.pipeline().build()
    (workshop.packages / "middle" / "stage.sh").write_text(STAGE.format("changed"))
    assert workshop.pipeline().build() == ["middle", "top"]
    assert workshop.staged("middle", "target/file") == "changed\n"


def test_changed_stage_step_runs_alone(workshop):
    workshop.recipe("one", build="echo run >> \"$WORK/builds\"\n", stage=STAGE.format("a"))
    workshop.pipeline().build()
    (workshop.packages / "one" / "stage.sh").write_text(STAGE.format("b"))
    assert workshop.pipeline().build() == ["one"]
    assert (workshop.paths.work / "one" / "builds").read_text() == "run\n"
    assert workshop.staged("one", "target/file") == "b\n"


def test_changed_summary_rebuilds_nothing(workshop):
    three(workshop)
    workshop.pipeline().build()
    file = workshop.packages / "base" / "recipe.toml"
    file.write_text(file.read_text().replace("a test package", "another summary"))
    assert workshop.pipeline().build() == []


def test_fresh_tree_takes_all_from_the_store(workshop, tmp_path):
    three(workshop)
    workshop.pipeline().build()
    workshop.paths.__init__(tmp_path / "second", workshop.paths.cache)
    assert workshop.pipeline().build() == []
    assert workshop.staged("top", "target/file") == "top\n"


def test_damaged_file_in_the_store_is_built_again(workshop, tmp_path):
    workshop.recipe("one", stage=STAGE.format("a"))
    workshop.pipeline().build()
    (stored,) = workshop.paths.stages.iterdir()
    stored.write_bytes(stored.read_bytes()[:20])
    workshop.paths.__init__(tmp_path / "second", workshop.paths.cache)
    assert workshop.pipeline().build() == ["one"]
    assert workshop.staged("one", "target/file") == "a\n"


def test_old_files_leave_the_store_whoever_else_is_at_it(workshop):
    """A name that leads nowhere stands for a file that another build renames or removes once it was listed."""
    workshop.recipe("one", stage=STAGE.format("a"))
    workshop.paths.stages.mkdir(parents=True)
    old = workshop.paths.stages / "old.tar.zst"
    old.touch()
    os.utime(old, (0, 0))
    (workshop.paths.stages / ".gone.1").symlink_to("nowhere")
    assert workshop.pipeline().build() == ["one"]
    assert not old.exists()


def test_relocated_files_know_their_place(workshop):
    workshop.recipe("one", 'relocate = ["host/tool"]', stage='mkdir -p "$HOST"; echo /@STAGE@/host > "$HOST/tool"\n')
    workshop.pipeline().build()
    assert workshop.staged("one", "host/tool") == f"{workshop.paths.stage}/one/host\n"


def test_failing_step_shows_the_end_of_its_log(workshop):
    workshop.recipe("one", build="echo the reason; exit 3\n")
    with pytest.raises(BuildError) as error:
        workshop.pipeline().build()
    assert "build.sh ended with 3" in str(error.value)
    assert "the reason" in str(error.value)
    assert str(workshop.paths.logs / "one-build.log") in str(error.value)


def test_failed_build_goes_on_where_it_failed(workshop):
    three(workshop)
    good = (workshop.packages / "middle" / "stage.sh").read_text()
    (workshop.packages / "middle" / "stage.sh").write_text("exit 1\n")
    with pytest.raises(BuildError):
        workshop.pipeline().build(["top"])
    (workshop.packages / "middle" / "stage.sh").write_text(good)
    assert workshop.pipeline().build(["top"]) == ["middle", "top"]


def test_step_sees_a_clean_environment(workshop, monkeypatch):
    monkeypatch.setenv("CFLAGS", "-O9")
    monkeypatch.setenv("LC_ALL", "de_DE.UTF-8")
    workshop.recipe("one", stage='mkdir -p "$TARGET"; echo "${CFLAGS-none} $LC_ALL $TZ" > "$TARGET/file"\n')
    workshop.pipeline().build()
    assert workshop.staged("one", "target/file") == "none C UTC\n"


def test_circle_of_recipes_is_named(workshop):
    workshop.recipe("a", 'depends = ["b"]')
    workshop.recipe("b", 'depends = ["a"]')
    with pytest.raises(BuildError, match="a -> b -> a"):
        load_all(workshop.packages)


def test_unknown_key_is_named(workshop):
    workshop.recipe("a", 'dependz = ["b"]')
    with pytest.raises(BuildError, match="dependz"):
        load_all(workshop.packages)


def test_changed_licence_text_stops_the_build(workshop):
    workshop.recipe("one", '[licence-files]\n"COPYING" = "' + "0" * 64 + '"', build="echo text > COPYING\n")
    with pytest.raises(BuildError, match="read the text, then record the new hash"):
        workshop.pipeline().build()
