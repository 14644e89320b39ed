"""Runs on a real API server, end to end: request → job → worker → server-side apply → health."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.control_plane import ControlPlane
from tests.support.people import Person, a_user
from tests.support.runs import Bench
from tests.support.workers import working


@pytest.fixture
def person(mongo: Any) -> Person:
    return a_user("admin")


@pytest.fixture
def cluster(mongo: Any, control_plane: ControlPlane) -> str:
    """The control plane, registered as the sandbox cluster; its id."""
    from clusters import actions

    return str(actions.register_sandbox(control_plane.kubeconfig))


@pytest.fixture
def bench(person: Person, cluster: str, control_plane: ControlPlane) -> Bench:
    return Bench(person, cluster, control_plane, control_plane.namespace("runs"))


@pytest.fixture(autouse=True)
def worker(mongo: Any) -> Iterator[None]:
    with working():
        yield
