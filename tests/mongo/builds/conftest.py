from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.git_sign_ins import GitLabOfTests, a_gitlab
from tests.support.people import Person, a_user


@pytest.fixture
def ada(mongo: Any) -> Person:
    return a_user("admin", name="Ada")


@pytest.fixture
def gitlab() -> Iterator[GitLabOfTests]:
    with a_gitlab() as found:
        yield found
