"""Objects and requests that somebody made up to break a page: each is answered, and breaks nothing else."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from bson import ObjectId

from tests.cluster.resources.test_changes import changed, put
from tests.support.control_plane import ControlPlane
from tests.support.people import Person, a_user
from tests.support.wait import until
from tests.support.workflows import a_node, a_workflow

GROUP = "hostile.example.org"


@pytest.fixture
def things(control_plane: ControlPlane) -> Iterator[str]:
    """A kind whose objects may hold anything; it has no status of its own."""
    schema = {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}
    version = {"name": "v1", "served": True, "storage": True, "schema": schema}
    names = {"plural": "things", "kind": "Thing", "listKind": "ThingList", "singular": "thing"}
    control_plane.apply(
        {
            "apiVersion": "apiextensions.k8s.io/v1",
            "kind": "CustomResourceDefinition",
            "metadata": {"name": f"things.{GROUP}"},
            "spec": {"group": GROUP, "names": names, "scope": "Namespaced", "versions": [version]},
        }
    )
    path = f"/apis/{GROUP}/v1/things"
    until(lambda: control_plane.call("GET", path)[0] == 200, what="the kind is served")
    yield f"Thing.{GROUP}"
    control_plane.delete("apiextensions.k8s.io/v1", "CustomResourceDefinition", f"things.{GROUP}")


def a_thing(plane: ControlPlane, namespace: str, name: str, text: str) -> None:
    body = f'{{"apiVersion":"{GROUP}/v1","kind":"Thing","metadata":{{"name":"{name}"}},{text}}}'
    status, answer = plane.call("POST", f"/apis/{GROUP}/v1/namespaces/{namespace}/things", body.encode())
    assert status == 201, answer


def test_an_object_that_is_nested_very_deep_is_shown_in_part_deleted_and_never_edited(
    anna: Person, cluster: str, things: str, control_plane: ControlPlane
) -> None:
    namespace = control_plane.namespace("deep")
    a_thing(control_plane, namespace, "deep", f'"spec":{"{" + chr(34) + "a" + chr(34) + ":"}{"[" * 800}{"]" * 800}}}')
    path = f"{cluster}/resources/{things}/{namespace}/deep"
    seen = anna.get(path)
    assert seen.status == 200, seen.body
    assert "nested deeper than" in json.dumps(seen.body["object"])
    refused = anna.get(f"{path}/yaml")
    assert (refused.status, refused.body["code"]) == (400, "object.too_deep")
    assert anna.get(f"{cluster}/resources?kind={things}&namespace={namespace}").status == 200
    assert anna.get(f"{cluster}/diagnosis?kind={things}&namespace={namespace}&name=deep").status == 200
    assert anna.post(f"{path}/actions/delete", {"uid": seen.body["uid"]}).status == 200


def test_edits_keep_what_names_the_object_and_reach_a_status_that_is_content(
    anna: Person, cluster: str, things: str, control_plane: ControlPlane
) -> None:
    namespace = control_plane.namespace("edited")
    a_thing(control_plane, namespace, "one", '"spec":{"a":1},"status":{"seen":false}')
    path = f"{cluster}/resources/{things}/{namespace}/one"
    base = anna.get(f"{path}/yaml").body["yaml"]
    for change in (
        lambda m: m.update(metadata={}),
        lambda m: m["metadata"].pop("name"),
        lambda m: m["metadata"].update(namespace="default"),
        lambda m: m.update(kind="Other"),
        lambda m: m.pop("apiVersion"),
    ):
        refused = put(anna, path, base, changed(base, change))
        assert (refused.status, refused.body["code"]) == (400, "edit.fixed_field"), refused.body
    # A base that was made up, too, names no other object.
    lied = changed(base, lambda m: m["metadata"].update(name="other", namespace="default"))
    answer = put(anna, path, lied, changed(lied, lambda m: m["spec"].update(a=2)))
    assert answer.status == 200, answer.body
    live = control_plane.get(f"{GROUP}/v1", "Thing", "one", namespace) or {}
    assert (live["spec"], live["metadata"]["name"]) == ({"a": 2}, "one")
    base = anna.get(f"{path}/yaml").body["yaml"]
    seen = put(anna, path, base, changed(base, lambda m: m["status"].update(seen=True)))
    assert [row["path"] for row in seen.body["fields"]] == ["status.seen"]
    assert (control_plane.get(f"{GROUP}/v1", "Thing", "one", namespace) or {})["status"] == {"seen": True}


def test_a_long_chain_of_owners_is_followed_to_its_bound_and_says_so(
    anna: Person, cluster: str, control_plane: ControlPlane
) -> None:
    namespace = control_plane.namespace("chain")
    owner: dict[str, Any] | None = None
    for number in range(30):
        metadata: dict[str, Any] = {"name": f"c{number:02}", "namespace": namespace}
        if owner is not None:
            about = owner["metadata"]
            row = {"apiVersion": "v1", "kind": "ConfigMap", "name": about["name"], "uid": about["uid"]}
            metadata["ownerReferences"] = [row]
        control_plane.apply({"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata})
        owner = control_plane.get("v1", "ConfigMap", f"c{number:02}", namespace)
    found = anna.get(f"{cluster}/resources/ConfigMap/{namespace}/c00/relations").body
    levels, rows = 0, found["dependants"]
    while rows:
        levels, rows = levels + 1, rows[0]["children"]
    assert levels == 20
    assert "more of them" in found["not_looked"]
    # An owner in a namespace is none of what has no namespace: the API server takes it, the page says nothing of it.
    row = {"apiVersion": "v1", "kind": "ConfigMap", "name": "c00", "uid": "none"}
    role = {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "rules": []}
    control_plane.apply({**role, "metadata": {"name": f"owned-{namespace}", "ownerReferences": [row]}})
    of_role = f"{cluster}/resources/ClusterRole.rbac.authorization.k8s.io/-/owned-{namespace}"
    above = anna.get(f"{of_role}/relations")
    assert above.status == 200, above.body
    assert [one["name"] for one in above.body["owners"]] == ["c00"]


def test_a_namespace_with_a_protected_environment_goes_by_no_click(
    anna: Person, cluster: str, control_plane: ControlPlane, mongo: Any
) -> None:
    namespace = control_plane.namespace("fenced")
    from clusters.domain.objects import Ref
    from clusters.uses import Trace
    from workflows.environments.belonging import belonging_of

    place = {"name": "prod", "cluster": cluster.removeprefix("clusters/"), "namespace": namespace}
    workflow = a_workflow(anna, a_node("web"), name="fenced", environment=place)
    path = f"{cluster}/resources/Namespace/-/{namespace}"
    uid = anna.get(path).body["uid"]
    assert all(row["reason"] == "" for row in anna.get(f"{path}/actions").body["results"])
    environment = ObjectId(workflow["environments"][0]["id"])
    mongo.environments.update_one({"_id": environment}, {"$set": {"protected": True}})
    refused = anna.post(f"{path}/actions/delete", {"uid": uid})
    assert (refused.status, refused.body["code"]) == (409, "object.protected")
    stranger = a_user("admin").principal
    trace = Trace(Ref("v1", "Namespace", "", namespace), uid, {})
    told = belonging_of(stranger, ObjectId(place["cluster"]), [trace])
    assert told is not None
    assert (told["protected"], told["workflow"], told["environment"]) == (True, "", "")
    assert control_plane.get("v1", "Namespace", namespace) is not None


def test_health_is_asked_of_kinds_that_say_it_alone(anna: Person, cluster: str) -> None:
    refused = anna.get(f"{cluster}/resources?kind=ConfigMap&health=failed")
    assert (refused.status, refused.body["code"]) == (400, "list.no_health")
