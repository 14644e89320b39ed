"""Which values a run of a plan takes: those that its plan has left to it."""

from __future__ import annotations

from typing import Any

import pytest

from workflows.plans.given import ValuesGiven, check_given

PLANNED = {"node_id": "keys", "ref": {"api_version": "v1", "kind": "Secret", "namespace": "shop", "name": "keys"}}


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"keys": {"left": ["token"], "known": {}}}, ""),
        ({"keys": {"left": [], "known": {"token": "1"}}}, "the plan knows a value for the key token"),
        ({}, "this plan is of an earlier release, which did not note whether it leaves the key token to its run"),
    ],
)
def test_a_value_that_is_given_is_refused_for_what_is_true(row: dict[str, Any], said: str) -> None:
    objects: Any = [{"planned": PLANNED, **row}]
    if not said:
        check_given(objects, {"keys": ["token"]}, protected=False)
        return
    with pytest.raises(ValuesGiven, match=said):
        check_given(objects, {"keys": ["token"]}, protected=False)
