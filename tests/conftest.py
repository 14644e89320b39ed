"""Shared by every test: one embedded mongod a session, fresh databases, people and paths.

`tests/unit` uses none of it and must not import Django.
"""

from __future__ import annotations

import base64
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("KUBEORCH_SECRET_KEY", base64.b64encode(b"k" * 32).decode())
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kubeorch.settings")


@pytest.fixture(scope="session")
def mongod(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """URI of a real mongod of this test session."""
    from kubeorch.mongo import server

    given = os.environ.get("TEST_MONGODB_URI")
    if given:
        yield given
        return
    running = server.start(tmp_path_factory.mktemp("mongod"))
    try:
        yield running.uri
    finally:
        running.stop()


@pytest.fixture(scope="session")
def django_ready(mongod: str) -> None:
    """Django set up against the session's mongod, with migrations and indexes in `kubeorch_test`."""
    import django

    os.environ["MONGODB_URI"] = mongod
    os.environ["MONGODB_DB"] = f"kubeorch_test_{os.getpid()}"
    from django.conf import settings

    settings.DATABASES["default"]["HOST"] = mongod
    settings.DATABASES["default"]["NAME"] = os.environ["MONGODB_DB"]
    django.setup()
    from django.core.management import call_command

    call_command("setup", verbosity=0)


@pytest.fixture
def mongo(django_ready: None) -> Iterator[object]:
    """The real database, emptied before each test (indexes stay)."""
    from kubeorch.mongo.client import db

    database = db()
    for name in database.list_collection_names():
        if not name.startswith(("system.", "django_migrations", "django_content_type", "auth_permission")):
            database[name].delete_many({})
    yield database
