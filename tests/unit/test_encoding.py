"""Documents as JSON."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from types import MappingProxyType
from typing import Any

import pytest
from bson import ObjectId

from kubeorch.accounts.roles import Role
from kubeorch.mongo.encoding import dumps, jsonable

ITEM = ObjectId("0123456789abcdef01234567")
MOMENT = datetime(2026, 1, 2, 3, 4, 5, 678_000, UTC)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (ITEM, "0123456789abcdef01234567"),
        (MOMENT, "2026-01-02T03:04:05.678Z"),
        (MOMENT.replace(tzinfo=None), "2026-01-02T03:04:05.678Z"),
        (MOMENT.astimezone(timezone(timedelta(hours=2))), "2026-01-02T03:04:05.678Z"),
        (Role.ADMIN, "admin"),
        ({"roles": {Role.EDITOR}, "ids": (ITEM,)}, {"roles": ["editor"], "ids": [str(ITEM)]}),
        (MappingProxyType({1: None}), {"1": None}),
    ],
)
def test_a_document_becomes_json(value: Any, expected: Any) -> None:
    assert jsonable(value) == expected


def test_what_has_no_json_is_refused() -> None:
    with pytest.raises(TypeError, match="bytes"):
        dumps({"blob": b"secret"})
