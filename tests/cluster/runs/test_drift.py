"""A person asks what others changed, after a run and edits by hand."""

from __future__ import annotations

import json
from typing import Any

from tests.support.runs import Bench
from tests.unit.kinds.samples import a_node


def by_hand(bench: Bench, path: str, patch: Any, manager: str = "kubectl-edit") -> None:
    status, answer = bench.plane.call(
        "PATCH",
        f"{path}?fieldManager={manager}",
        json.dumps(patch).encode(),
        content_type="application/merge-patch+json",
    )
    assert status == 200, answer


def the_drift(bench: Bench, query: str = "") -> dict[str, Any]:
    answer = bench.person.get(f"environments/{bench.environment['id']}/drift{query}")
    assert answer.status == 200, answer.body
    return dict(answer.body)


def test_a_change_by_hand_is_told_with_its_field_and_who_made_it(bench: Bench) -> None:
    assert the_drift(bench) == {"version": None, "objects": [], "left_out": 0}
    bench.draw(
        a_node("deployment", "web", id="web", replicas=1),
        a_node("configmap", "conf", id="conf", data={"color": "blue", "size": "1"}),
        a_node("secret", "keys", id="keys"),
    )
    bench.applied()
    found = the_drift(bench)
    assert {one["state"] for one in found["objects"]} == {"same"}, found
    assert found["version"] == 1

    place = f"/api/v1/namespaces/{bench.namespace}/configmaps/conf"
    by_hand(bench, place, {"data": {"color": "red", "size": None, "new": "x"}})
    by_hand(bench, f"/apis/apps/v1/namespaces/{bench.namespace}/deployments/web", {"spec": {"replicas": 2}}, "me")
    (conf,) = the_drift(bench, "?node=conf")["objects"]
    assert conf["state"] == "drifted"
    assert [(row["path"], row["ours"], row["live"], row["by"]) for row in conf["fields"]] == [
        ("data.color", "blue", "red", "kubectl edit"),
        ("data.size", "1", None, ""),
    ]
    assert conf["fields"][0]["at"]
    (web,) = [one for one in the_drift(bench)["objects"] if one["node_id"] == "web"]
    assert [(row["path"], row["live"], row["manager"]) for row in web["fields"]] == [("spec.replicas", 2, "me")]

    bench.plane.delete("v1", "ConfigMap", "conf", bench.namespace)
    assert [one["state"] for one in the_drift(bench, "?node=conf")["objects"]] == ["missing"]
    other = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "conf", "namespace": bench.namespace}}
    bench.plane.apply({**other, "data": {"color": "somebody else's"}})
    (conf,) = the_drift(bench, "?node=conf")["objects"]
    assert (conf["state"], conf["fields"]) == ("unknown", [])
    assert "somebody else" in conf["reason"]
