"""Real BuildKit, a real registry with a password and TLS, and a real git server."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.django_setup import configure

_DATA = tempfile.TemporaryDirectory(prefix="kubeorch-builds-")
os.environ["DATA_DIR"] = _DATA.name
configure()

from tests.support.git_server import GitServer, a_git_server  # noqa: E402
from tests.support.image_builds import Shop, need_everything  # noqa: E402
from tests.support.people import a_user  # noqa: E402
from tests.support.registry import Registry, a_registry  # noqa: E402


@pytest.fixture(scope="session")
def data_dir() -> Iterator[Path]:
    from django.conf import settings

    settings.DATA_DIR = Path(_DATA.name)
    yield settings.DATA_DIR
    _DATA.cleanup()


@pytest.fixture(scope="session")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    need_everything()
    with a_registry(tmp_path_factory.mktemp("registry"), password=True, tls=True) as running:
        yield running


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GitServer]:
    with a_git_server(tmp_path_factory.mktemp("git")) as running:
        yield running


@pytest.fixture(scope="session")
def engine(data_dir: Path) -> Iterator[Any]:
    """The local engine, ready."""
    need_everything()
    from builds.engines.local.place import place_in
    from builds.engines.local.role import running

    with running(place_in(data_dir)):
        yield place_in(data_dir)


@pytest.fixture
def shop(mongo: Any, server: GitServer, registry: Registry, engine: Any) -> Shop:
    """An editor whose team has the registry."""
    owner = a_user("admin", name="Ada")
    given = {"name": "shop", "path_prefix": "shop", "is_default": True, **registry.given()}
    added = owner.post("registries", given)
    assert added.status == 201, added.body
    return Shop(a_user("editor", owner.team_id, name="Anna"), server, registry)
