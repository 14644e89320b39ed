"""One node and one running copy of the product for all tests; each takes namespaces of its own."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.support.node import enclosed
from tests.support.node.configuration import ADDRESS
from tests.support.node.node import Node
from tests.support.node.product import Product, running
from tests.support.registry import Registry, a_registry


@pytest.fixture(scope="session", autouse=True)
def enclosure() -> None:
    """Outside of one every test here is left out, aloud."""
    if enclosed.CGROUP not in os.environ:
        pytest.skip("runs in namespaces of its own: make test-node")


@pytest.fixture(scope="session")
def node() -> Iterator[Node]:
    started = Node()
    try:
        yield started
    finally:
        started.stop()


@pytest.fixture(scope="session")
def registry(node: Node, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    """With a password and TLS, at the node's own address: containers, builds and the node reach it, and the node trusts
    its certificate. What is pulled needs the password."""
    with a_registry(tmp_path_factory.mktemp("registry"), password=True, tls=True, address=ADDRESS) as running:
        node.trust(running.host, running.ca)
        yield running


@pytest.fixture(scope="session")
def product(node: Node, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    with running(tmp_path_factory.mktemp("product") / "data", node) as copy:
        yield copy
