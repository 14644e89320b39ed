"""What is tried names a stored one, or all that it takes: an id of spaces is none."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.people import a_user


@pytest.mark.parametrize(
    ("path", "field"),
    [("registries/tests", "registry"), ("build-engines/tests", "engine"), ("git-connections/test", "connection")],
)
@pytest.mark.parametrize("blank", ["", " ", "\t"])
def test_an_id_of_spaces_is_none_and_what_is_missing_is_named(mongo: Any, path: str, field: str, blank: str) -> None:
    refused = a_user("admin").post(path, {field: blank})
    assert (refused.status, {one["code"] for one in refused.body["errors"]}) == (400, {"required"})
