# SPDX-License-Identifier: GPL-2.0-only
"""Each rule catches what it is for."""

import rules


def test_layers():
    layers = {"lib": [], "conf": ["lib"]}
    good = {"lib/a.h": "", "conf/b.c": '#include "lib/a.h"\n'}
    assert rules.layer_faults(good, layers) == []
    assert rules.layer_faults({**good, "lib/c.c": '#include "conf/d.h"\n', "conf/d.h": ""}, layers)
    assert rules.layer_faults({**good, "lib/c.c": '#include "a.h"\n'}, layers)
    assert rules.layer_faults({**good, "lib/a.c": '#include "lib/b.h"\n#include "lib/a.h"\n', "lib/b.h": ""}, layers)
    assert rules.layer_faults({"lib/a.h": "", "conf/b.c": ""}, layers)
    assert rules.layer_faults({**good, "new/x.c": ""}, layers)
    assert rules.layer_faults(good, {**layers, "gone": []})
    both = {"lib/a.h": '#include "conf/b.h"\n', "conf/b.h": "", "conf/c.c": '#include "lib/a.h"\n'}
    assert rules.layer_faults(both, {"lib": ["conf"], "conf": ["lib"]}) == ["layers.txt: cycle: conf -> lib -> conf"]


def test_cycles():
    assert rules.cycle_faults({"a.h": '#include "b.h"\n', "b.h": ""}) == []
    assert rules.cycle_faults({"a.h": '#include "b.h"\n', "b.c": '#include "a.h"\n', "b.h": ""})


def test_budgets():
    long = "static int f(void)\n{\n" + "\tx();\n" * 100 + "}\n"
    assert rules.budget_faults({"a.c": long}, {}) == ["a.c:f: 102 lines; split it"]
    assert rules.budget_faults({"a.c": long}, {"a.c:f": 102}) == []
    assert rules.budget_faults({"a.c": long}, {"a.c:f": 110})
    assert rules.budget_faults({"a.c": "int x;\n"}, {"a.c:f": 102})
    assert rules.budget_faults({"a.h": "\n" * 151}, {})


def test_texts():
    assert rules.text_faults("a", "/* TO" + "DO: later */")
    assert rules.text_faults("a", "see http://ftp.de.debian" + ".org/x")
    assert rules.text_faults("a", "cd /work" + "/main")
    assert rules.text_faults("a", "the framework/main and out/work/x of it") == []


def test_spdx():
    assert rules.spdx_faults("a", "int x;\n")
    assert rules.spdx_faults("a", f"\n\n# {rules.SPDX}\n")
    assert rules.spdx_faults("a", f"#!/bin/sh\n# {rules.SPDX}\n") == []


def test_shell_is_found_by_its_first_line():
    assert all(map(rules.is_shell, ["#!/bin/sh\n", "#!/bin/ash -e\n", "#!/usr/bin/env bash\n", "#!/bin/bash\n"]))
    assert not any(map(rules.is_shell, ["#!/usr/bin/python3\n", "echo #!/bin/sh\n", ""]))


def test_changelog():
    assert rules.changelog_faults("# Changelog\n\n## [Unreleased]\n\n## [0.1.0] - 2026-01-01\n") == []
    assert rules.changelog_faults("# Changelog\n\n## 0.1\n")


def test_titles():
    assert rules.title_faults(["conf: one thing", "lib, conf: two", "image-build: x"]) == []
    assert rules.title_faults(["fix stuff", "conf: " + "x" * 70, "conf:x"])


def test_manual():
    assert rules.manual_faults("x.1", ".Ss \\&An update\n.It Cm mtu Bq node\nends in .Pq x\n") == []
    assert len(rules.manual_faults("x.1", ".Ss An update\n.It Cm mtu .Pq Bq node\n")) == 2


def test_schema():
    page = ".It Cm mtu\nBq uplink\nValue: bytes.\nDefault: none.\nChange: nothing.\n.Dl mtu = 9000\n"
    row = "uplink\tmtu\tbytes\tsingle\tnone\tnothing\t9000\n"
    assert rules.schema_faults(page, row) == []
    assert rules.schema_faults(page.replace("9000", "1500"), row)
    assert rules.schema_faults("", row)


def test_tools():
    assert rules.tool_faults(["false"], ["x"])
    assert rules.tool_faults(["true"], ["x"]) == []
