"""Ownership in the answers of hostile API servers, read by all that reads it afterwards."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from clusters.domain import handover
from clusters.domain.ownership.owners import owners
from clusters.kube.answers import parsed
from workflows.domain.planning.basis import basis_of, local_outcome, outcome_of
from workflows.domain.planning.classify import field_changes, local_changes, untouched
from workflows.domain.planning.paths import Reading


def nested(levels: int) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for _ in range(levels):
        fields = {"f:a": fields}
    return fields


ODD = {
    "deep": nested(900),
    "key that is no JSON": {"f:spec": {"k:{bad": {"f:a": {}}}},
    "value that is no JSON": {"f:spec": {"v:x": {}}},
    "position that is none": {"f:spec": {"i:x": {}, "i:-5": {}}},
    "key that is a list": {"f:spec": {"k:[1]": {"f:a": {}}}},
    "key that is a number": {"f:spec": {"k:5": {"f:a": {}}}},
    "list in place of fields": {"f:spec": [1]},
    "text in place of fields": {"f:spec": "x"},
    "number below": {"f:spec": {"f:a": 5}},
    "null below": {"f:spec": {"f:a": None}},
    "list": [1],
    "nothing": None,
}


@pytest.mark.parametrize("manager", ["x", "kubeorch"])
@pytest.mark.parametrize("name", ODD)
def test_ownership_that_no_api_server_writes_is_left_out(name: str, manager: str) -> None:
    entry = {"manager": manager, "operation": "Apply", "time": "t", "fieldsV1": ODD[name]}
    sent = {"metadata": {"name": "a", "uid": "u", "resourceVersion": "1", "managedFields": [entry]}, "spec": [{"a": 1}]}
    live = parsed(orjson.dumps(sent) if name != "deep" else deep(sent))
    drawn = {**live, "spec": [{"a": 2}]}
    read = Reading(live)
    basis = basis_of(live, read, read, adopted=(), released=(), force=False, taken=[], replaces=False)
    assert outcome_of(basis, read).uid == "u"
    assert local_outcome(live, drawn, force=True).effect
    assert field_changes(read, Reading(drawn))[0]
    assert local_changes(live, drawn)[0]
    assert untouched(live)["acts"] == 0
    assert owners(live).by_path() is not None
    assert handover.unmanaged(live) is not None


def deep(sent: dict[str, Any]) -> bytes:
    """orjson writes no more than 254 levels."""
    text = '{"f:a":' * 900 + "{}" + "}" * 900
    entries = sent["metadata"]["managedFields"]
    entries[0]["fieldsV1"] = {"f:mark": {}}
    return orjson.dumps(sent).replace(b'{"f:mark":{}}', text.encode())


@pytest.mark.parametrize("entries", [None, "x", [1], {"a": 1}])
def test_managers_that_are_no_list_of_entries_are_none(entries: Any) -> None:
    live = parsed(orjson.dumps({"items": [{"metadata": {"name": "a", "managedFields": entries}}, 5]}))
    assert live["items"][0]["metadata"]["managedFields"] == []
