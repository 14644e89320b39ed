"""What is left on an object that goes back to those who had it before."""

from __future__ import annotations

from typing import Any

from clusters.domain.ownership.returning import Former, most_of, returned

NODE = "kubeorch.dev/node"


def entry(manager: str, operation: str, fields: dict[str, Any], **more: Any) -> dict[str, Any]:
    about = {"apiVersion": "v1", "time": "2026-01-02T03:04:05Z", "fieldsType": "FieldsV1"}
    return {"manager": manager, "operation": operation, **about, "fieldsV1": fields, **more}


def live(*entries: dict[str, Any], **labels: str) -> dict[str, Any]:
    return {"metadata": {"name": "conf", "labels": labels, "managedFields": list(entries)}}


OURS = entry("kubeorch", "Apply", {"f:data": {"f:a": {}}, "f:metadata": {"f:labels": {f"f:{NODE}": {}}}})


def test_our_fields_go_to_whoever_had_the_object_and_our_labels_go() -> None:
    found = returned(live(OURS, **{NODE: "n", "app": "mine"}), Former("helm", "Update"))
    assert found == {"labels": {NODE: None}, "managedFields": [entry("helm", "Update", {"f:data": {"f:a": {}}})]}


def test_they_join_what_that_one_has_written_since_and_nothing_of_others() -> None:
    again = entry("helm", "Update", {"f:data": {"f:b": {}}})
    scaled = entry("helm", "Update", {"f:spec": {}}, subresource="scale")
    found = returned(live(OURS, scaled, again, **{NODE: "n"}), Former("helm", "Update"))
    assert found is not None
    joined = entry("helm", "Update", {"f:data": {"f:a": {}, "f:b": {}}})
    assert found["managedFields"] == [scaled, joined]


def test_without_anybody_before_the_fields_belong_to_nobody() -> None:
    found = returned(live(OURS, **{NODE: "n"}), None)
    assert found == {"labels": {NODE: None}, "managedFields": [{}]}
    assert returned(live(entry("kubectl-edit", "Update", {})), None) is None, "nothing of ours is left"


def test_the_one_that_had_most_of_an_object_gets_it_back() -> None:
    few, most = entry("helm", "Update", {"f:data": {"f:a": {}}}), entry("kubectl", "Apply", {"f:x": {}, "f:y": {}})
    nobody = entry("before-first-apply", "Update", {f"f:{name}": {} for name in "abcdef"})
    at = few["time"]
    hands = {(one["manager"], one["operation"], at) for one in (few, most, nobody)}
    assert most_of(live(few, most, nobody, OURS), hands) == Former("kubectl", "Apply")
    assert most_of(live(few, OURS), ()) is None
