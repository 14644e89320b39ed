"""An edit that has to be tried again asks anew whether the object may be changed."""

from __future__ import annotations

from typing import Any, cast

import pytest

from clusters.kube.errors import ApiConflict
from clusters.kube.kinds import ServedKind
from clusters.questions.asking import Place, Question
from clusters.resources import editing
from clusters.resources.editing import Draft, edit
from kubeorch.base.errors import Forbidden


class Kind:
    resource, subresources = None, frozenset({"status"})


class Where:
    @staticmethod
    def title() -> str:
        return "ConfigMap flags"


class Asking:
    client = allowance = None


def flags(version: str, value: str, **labels: str) -> dict[str, Any]:
    metadata = {"name": "flags", "uid": "u1", "resourceVersion": version, "labels": labels}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": {"a": value}}


def test_what_was_taken_over_meanwhile_is_not_written(monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[Any] = []

    def update(client: Any, resource: Any, wanted: Any, **more: Any) -> Any:
        written.append(wanted)
        raise ApiConflict("the object has been modified", status=409)

    taken_over = flags("2", "1", environment="prod")
    monkeypatch.setattr(editing, "update", update)
    monkeypatch.setattr(editing, "read_object", lambda *_, **__: (Kind, taken_over))

    def require(live: Any) -> None:
        if "environment" in live["metadata"]["labels"]:
            raise Forbidden("it belongs to a protected environment")

    with pytest.raises(Forbidden):
        edit(
            cast(Question, Asking),
            cast(Place, Where),
            Draft(flags("1", "2"), flags("1", "1")),
            flags("1", "1"),
            cast(ServedKind, Kind),
            dry_run=False,
            require=require,
        )
    assert len(written) == 1
