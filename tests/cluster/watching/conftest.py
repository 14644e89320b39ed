"""A watched environment in a namespace of its own on the control plane, and a watcher that runs beside the test."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from bson import ObjectId

from tests.support.control_plane import ControlPlane
from tests.support.wait import until
from tests.support.watching import Watching, all_differences, an_environment, watching


@pytest.fixture
def cluster_id(mongo: Any, control_plane: ControlPlane) -> ObjectId:
    from clusters import actions

    return actions.register_sandbox(control_plane.kubeconfig)


@pytest.fixture
def environment(cluster_id: ObjectId, control_plane: ControlPlane) -> dict[str, Any]:
    return an_environment(cluster_id, control_plane.namespace("watch"))


@pytest.fixture
def live(cluster_id: ObjectId, environment: dict[str, Any]) -> Iterator[Watching]:
    """After every test the local picture has to be the server's: it is listed again and compared."""
    with watching(cluster_id) as running:
        yield running
        until(lambda: not all_differences(running), what="the local picture equals the server's")
