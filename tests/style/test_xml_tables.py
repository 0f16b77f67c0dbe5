# SPDX-License-Identifier: GPL-2.0-only
"""What XML of clients may say: the code's tables are those of docs/protocol.md."""

import re
from pathlib import Path

REPO = Path(__file__).resolve().parents[2]


def test_documented():
    code = {}
    for file in sorted(REPO.glob("node/xml/*_in.c")):
        for name, rows in re.findall(r"xml_rule (\w+)_rules\[\] = \{(.*?)\{ 0 \}", file.read_text(encoding="utf-8"), re.S):
            pairs = re.findall(r'\{ "([^"]+)",\s*((?:"[^"]*"\s*)+)\}', rows)
            code[name] = [(path, "".join(re.findall(r'"([^"]*)"', fate))) for path, fate in pairs]
            assert len(pairs) == rows.count("{"), f"{file.name}: a row of {name}_rules that cannot be read"
    page = (REPO / "docs/protocol.md").read_text(encoding="utf-8")
    told = {name: re.findall(r"\| `([^`]+)` \| (.*?) \|\n", rows)
            for name, rows in re.findall(r"\| `(\w+)` \| What becomes of it \|\n\|---\|---\|\n((?:\|.*\n)+)", page)}
    assert code and {name: told.get(name) for name in code} == code
