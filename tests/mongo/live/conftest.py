"""One web role serves all tests of this folder; after them nothing else works on the database of the tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.web_role import Web


@pytest.fixture(autouse=True)
def _orm_beside_a_running_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests here are coroutines and still create people with Django's ORM."""
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")


@pytest.fixture(scope="package")
def web(django_ready: str) -> Iterator[Web]:
    running = Web()
    yield running
    running.stop()
