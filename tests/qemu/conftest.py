# SPDX-License-Identifier: GPL-2.0-only
"""Nodes for tests: one that many share, for tests that leave it as it was, and fresh ones."""

import last_words
import pytest
from harness import IMAGE, Node

DEFAULT = "[node]\n    hostname = node1\n"


def pytest_configure(config):
    if not IMAGE.exists():
        pytest.exit(f"{IMAGE} is missing; run: make image", returncode=1)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    """Each worker would start a shared node of its own."""
    for item in items:
        if "shared" in item.fixturenames and not item.get_closest_marker("xdist_group"):
            item.add_marker(pytest.mark.xdist_group("shared"))


@pytest.fixture(scope="session")
def shared(tmp_path_factory):
    """A node with the test's key in its file, up. Tests leave it as they found it."""
    node = Node(tmp_path_factory.mktemp("shared"), serials=2)
    node.set_config(DEFAULT)
    node.restrict = "off"
    with node:
        node.wait_for_ssh()
        yield node


@pytest.fixture
def make_node(tmp_path):
    """Makes nodes of one test, with the key in their file; they end with it."""
    nodes = []

    def make(config: str = DEFAULT, **options) -> Node:
        folder = tmp_path / f"node{len(nodes)}"
        folder.mkdir()
        node = Node(folder, **options)
        if config is not None:
            node.set_config(config)
        nodes.append(node)
        return node

    make.nodes = nodes
    yield make
    for node in nodes:
        node.stop()


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """What the nodes of a failed test say: those that it took along have said it, those that run are asked. And the last of
    their serial lines; out/test-qemu keeps all of those."""
    report = (yield).get_result()
    if report.failed:
        running = [node for node in Node.running if "shared" in item.fixturenames or not node.folder.name.startswith("shared")]
        made = getattr(item.funcargs.get("make_node"), "nodes", [])
        for node in dict.fromkeys([*Node.last_words, *running, *made]):
            said = Node.last_words.get(node) or last_words.of(node)
            report.sections += [(f"serial lines of {node.folder.name}", node.console_tail()), (f"last words of {node.folder.name}", said)]
    Node.last_words.clear()
