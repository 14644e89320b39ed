"""One control plane for all tests of this folder; each takes a namespace of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.control_plane import ControlPlane, start_or_skip
from tests.support.django_setup import configure
from tests.support.gateway_api import install_gateway_api

configure()


@pytest.fixture(scope="session")
def control_plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ControlPlane]:
    """A real API server with controllers, scheduler, three fake nodes, and the Gateway API."""
    running = start_or_skip(tmp_path_factory.mktemp("control-plane"))
    try:
        install_gateway_api(running)
        yield running
    finally:
        running.stop()
