# SPDX-License-Identifier: GPL-2.0-only
"""What clients note of a guest, by Debian's virsh and bindings."""

import xml.etree.ElementTree as ET

import pexpect
import pytest

from conftest import Node

URI = "http://example.org/note"
NOTE = "<note by=\"me\"><line>a &lt; b</line><own xmlns='urn:other'><x/></own><empty/></note>"


def dumped(node: Node) -> ET.Element:
    return ET.fromstring(node.virsh("dumpxml", "db", "--inactive"))


def test_a_note_of_a_namespace(node):
    assert node.virsh("metadata", "db", URI, "--key", "my", "--set", NOTE) == "Metadata modified\n\n"
    noted = dumped(node).find(f"metadata/{{{URI}}}note")
    assert noted.get("by") == "me" and noted.findtext(f"{{{URI}}}line") == "a < b"
    assert noted.find("{urn:other}own/{urn:other}x") is not None and noted.find(f"{{{URI}}}empty") is not None
    # It comes back as it was written: the namespace is what it was asked for by.
    assert node.virsh("metadata", "db", URI).strip() == NOTE
    assert node.virsh("metadata", "db", URI, "--config").strip() == NOTE
    assert f"<my:note xmlns:my='{URI}' by=" in node.virsh("dumpxml", "db")


def test_notes_stand_side_by_side(node):
    node.virsh("metadata", "db", "urn:one", "--key", "one", "--set", "<a/>")
    node.virsh("metadata", "db", "urn:two", "--key", "two", "--set", "<b>2</b>")
    node.virsh("metadata", "db", "urn:one", "--key", "uno", "--set", "<c k='v'>1</c>")
    assert [one.tag for one in dumped(node).find("metadata")] in (["{urn:one}c", "{urn:two}b"], ["{urn:two}b", "{urn:one}c"])
    assert node.virsh("metadata", "db", "urn:one").strip() == "<c k='v'>1</c>"
    assert node.virsh("metadata", "db", "urn:one", "--remove") == "Metadata removed\n\n"
    assert "metadata not found" in node.refused("metadata", "db", "urn:one")
    assert node.virsh("metadata", "db", "urn:two").strip() == "<b>2</b>"
    node.virsh("metadata", "db", "urn:two", "--remove")
    assert dumped(node).find("metadata") is None
    assert "xmlns" not in node.virsh("dumpxml", "db")


@pytest.mark.parametrize("note,key", [("<a>", "k"), ("text", "k"), ("<a/><b/>", "k"), ("<a/>", "1k"), ("<a/>", "k:l"), ("<a/>", "k k")])
def test_what_is_no_note(node, note, key):
    assert "XML error" in node.refused("metadata", "db", URI, "--key", key, "--set", note)
    assert dumped(node).find("metadata") is None


def test_a_note_that_came_with_the_definition(node, tmp_path):
    text = node.virsh("dumpxml", "db", "--inactive").replace(
        "</domain>", "<metadata><d xmlns='urn:default'><e/></d><p:f xmlns:p=\"urn:p\"><p:g h='1'/></p:f></metadata></domain>")
    (tmp_path / "db.xml").write_text(text, encoding="utf-8")
    node.virsh("define", str(tmp_path / "db.xml"))
    assert node.virsh("metadata", "db", "urn:default").strip() == "<d><e/></d>"
    assert node.virsh("metadata", "db", "urn:p").strip() == "<f><g h='1'/></f>"


def test_texts(node):
    lines = "first line\nsecond & last"
    node.virsh("desc", "db", "--config", "--new-desc", lines)
    assert node.virsh("desc", "db") == lines + "\n"
    assert dumped(node).findtext("description") == lines
    node.virsh("desc", "db", "--new-desc", "one line")
    assert node.virsh("desc", "db") == "one line\n"
    node.virsh("desc", "db", "--title", "--new-desc", "a <title>")
    assert node.virsh("desc", "db", "--title") == "a <title>\n"
    node.virsh("desc", "db", "--title", "--new-desc", "")
    assert "No title for domain: db" in node.virsh("desc", "db", "--title")


def test_changes_are_told(node):
    watch = pexpect.spawn("/usr/bin/virsh", ["-c", node.uri(), "event", "db", "--event", "metadata-change", "--loop", "--timeout", "60"],
                          encoding="utf-8", timeout=60)
    # It says nothing once it listens: noted again until it has heard of it.
    for _ in range(60):
        node.virsh("metadata", "db", URI, "--key", "my", "--set", "<a/>")
        if watch.expect([rf"event 'metadata-change' for domain 'db': type element, uri {URI}", pexpect.TIMEOUT], timeout=1) == 0:
            break
    else:
        pytest.fail("nothing was told")
    node.virsh("desc", "db", "--title", "--new-desc", "new")
    watch.expect("event 'metadata-change' for domain 'db': type title")
    watch.sendintr()
    watch.expect("events received: [2-9]")
    watch.close()
