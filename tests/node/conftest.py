"""One node and one running copy of the product for all tests; each takes namespaces of its own."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.support.builds.slim import to_make
from tests.support.gitea import Gitea, a_gitea
from tests.support.image_builds import lacking_of_the_system
from tests.support.node import buildkit, enclosed
from tests.support.node.configuration import ADDRESS
from tests.support.node.hub import Hub, a_hub
from tests.support.node.node import Node
from tests.support.node.product import Product, running
from tests.support.ports import free_port
from tests.support.registry import Registry, a_registry

IMAGES = "apps"
"""Where in the registry images go that nobody named a place for."""


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
def hub(node: Node, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    """Docker Hub, as the copy of the product finds it."""
    if to_make():
        pytest.skip(f"no base images: {to_make()[0]}")
    with a_hub(tmp_path_factory.mktemp("hub"), ADDRESS) as running_hub:
        yield running_hub


@pytest.fixture(scope="session")
def gitea(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gitea]:
    with a_gitea(tmp_path_factory.mktemp("gitea")) as server:
        yield server


@pytest.fixture(scope="session")
def product(node: Node, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """Where images can be built, they go to the registry, or to the embedded one where somebody says so, and what they
    stand on comes from the hub."""
    environ = {"KUBEORCH_BUILDKIT_IMAGE": buildkit.NAME}
    if not (lacking_of_the_system() or to_make()):
        registry, hub = request.getfixturevalue("registry"), request.getfixturevalue("hub")
        embedded = f"{ADDRESS}:{free_port()}"
        own = {"KUBEORCH_BUILD_IMAGES": f"{registry.host}/{IMAGES}", "KUBEORCH_EMBEDDED_REGISTRY_ADDRESS": embedded}
        environ |= {**hub.environ, **own}
    with running(tmp_path_factory.mktemp("product") / "data", node, environ) as copy:
        yield copy


@pytest.fixture(scope="module", autouse=True)
def module_namespaces(product: Product) -> Iterator[None]:
    """What the tests of a module share ends with them: pods that restart and are probed cost as much as a test."""
    before = len(product.node.namespaces)
    yield
    product.node.remove_namespaces(before)


@pytest.fixture(autouse=True)
def put_right(product: Product) -> Iterator[None]:
    """A test that ends in the middle of a drain leaves a node that takes no pod: all others would wait for one.
    What it made for itself alone ends with it."""
    before = len(product.node.namespaces)
    yield
    product.put_node_right()
    product.node.remove_namespaces(before)


@pytest.fixture(scope="session")
def images(product: Product, registry: Registry) -> Registry:
    """The registry, with an account that the team keeps, and that nodes pull with."""
    given = {"name": "images", "is_default": True, "pulls": "same", **registry.given()}
    made = product.person.post("registries", given)
    assert made.status == 201, made.body
    return registry
