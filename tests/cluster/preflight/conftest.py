"""Credentials for one namespace, with a worker beside the test."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.people import Person, a_user
from tests.support.workers import working


@pytest.fixture
def person(mongo: Any) -> Person:
    return a_user("admin")


@pytest.fixture(autouse=True)
def worker(mongo: Any) -> Iterator[None]:
    with working():
        yield
