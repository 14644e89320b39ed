"""Git connections as people add them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.support.people import Person


def connected(person: Person, given: Mapping[str, Any]) -> dict[str, Any]:
    """The connection, as the API shows it."""
    made = person.post("git-connections", dict(given))
    assert made.status == 201, made.body
    return dict(made.body["connection"])
