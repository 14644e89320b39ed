"""Shared by every test: one embedded mongod a session, an emptied database a test.

`tests/unit` uses none of it and must not import Django.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
pytest_plugins = ["tests.support.searches"]
gc.disable()  # loading makes no garbage


def pytest_collection_finish() -> None:
    """As every role of the product does once it has loaded: thousands of tests are many objects to walk."""
    from kubeorch.processes.garbage import spare_what_is_loaded

    spare_what_is_loaded()


@pytest.fixture(scope="session")
def mongod(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """URI of a real mongod of this test session (`TEST_MONGODB_URI` gives another)."""
    from kubeorch.mongo import server

    given = os.environ.get("TEST_MONGODB_URI")
    if given:
        yield given
        return
    from tests.support.database import trust_the_process

    running = server.start(tmp_path_factory.mktemp("mongod"))
    try:
        trust_the_process(running.uri)
        yield running.uri
    finally:
        running.stop()


@pytest.fixture(scope="session")
def django_ready(mongod: str, request: pytest.FixtureRequest) -> str:
    """Django against the session's mongod, with migrations and indexes; gives the database's name.

    Processes that a test starts find the same database through MONGODB_URI and MONGODB_DB.
    """
    from tests.support.django_setup import configure

    name = f"kubeorch_test_{os.getpid()}"
    os.environ["MONGODB_URI"] = mongod
    os.environ["MONGODB_DB"] = name
    configure()
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connections

    options = {**settings.DATABASES["default"]["OPTIONS"], "journal": False}  # see trust_the_process
    settings.DATABASES["default"].update(HOST=mongod, NAME=name, OPTIONS=options)
    connections["default"].settings_dict.update(HOST=mongod, NAME=name, OPTIONS=options)
    blocker = request.getfixturevalue("django_db_blocker")
    if blocker is not None:
        blocker.unblock()  # these tests own their database; there is none to protect
    call_command("setup", verbosity=0)
    return name


@pytest.fixture
def mongo(django_ready: str) -> Any:
    """The real database, emptied before each test (indexes stay)."""
    from kubeorch.mongo.client import db
    from tests.support.database import empty

    empty(db())
    return db()
