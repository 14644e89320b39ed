"""A Namespace stays while anything is in it that is not the environment's, of whatever kind; plan and run say why."""

from __future__ import annotations

import json
from typing import Any

import pytest
from bson import ObjectId

from tests.support.control_plane import ControlPlane, folder_of
from tests.support.people import Person, a_user
from tests.support.plans import looked_at, made, planned
from tests.support.requests import counted_requests
from tests.support.runs import Bench
from tests.support.wait import until
from tests.support.workflows import a_config_map, a_held_config_map, a_manifest, a_node

INGRESS = ("networking.k8s.io/v1", "Ingress")
CLAIM = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
WAY = {"defaultBackend": {"service": {"name": "x", "port": {"number": 80}}}}


@pytest.fixture
def drawn(bench: Bench) -> str:
    """The name of a Namespace that the environment has made, and draws no more."""
    name = f"drawn-{ObjectId()}"
    bench.draw(a_manifest(name, apiVersion="v1", kind="Namespace"), a_config_map("conf"))
    bench.applied()
    bench.draw(a_config_map("conf"))
    return name


def put(bench: Bench, namespace: str, api_version: str, kind: str, name: str, **content: Any) -> dict[str, Any]:
    """Somebody makes an object; how the cluster has it."""
    metadata = {"name": name, "namespace": namespace, **content.pop("metadata", {})}
    body = json.dumps({"apiVersion": api_version, "kind": kind, "metadata": metadata, **content}).encode()
    path = folder_of(api_version, kind, namespace)
    status, answer = bench.plane.call("POST", path, body, content_type="application/json")
    assert status == 201, answer
    return dict(json.loads(answer))


def owned_by(owner: dict[str, Any], *others: dict[str, Any]) -> dict[str, Any]:
    rows = [
        {"apiVersion": one["apiVersion"], "kind": one["kind"], **{k: one["metadata"][k] for k in ("name", "uid")}}
        for one in (owner, *others)
    ]
    return {"ownerReferences": rows}


def placed(namespace: str, name: str, **content: Any) -> dict[str, Any]:
    """A node whose object goes into another namespace than the environment's."""
    node = a_manifest(name, **content)
    return {**node, "parameters": {**node["parameters"], "namespace": namespace}}


def is_going(bench: Bench, namespace: str) -> bool:
    live = bench.plane.get("v1", "Namespace", namespace, "")
    return live is None or "deletionTimestamp" in live["metadata"]


def stays(bench: Bench, namespace: str) -> str:
    """Why, in a plan and in the run of it alike."""
    plan = made(bench, delete_volumes=True)
    one = planned(plan, namespace)
    assert one["effect"] == "keep", one
    run = bench.until(bench.start(plan=plan["id"]), "verifying", "succeeded")
    [step] = [step for step in run["steps"] if step["ref"]["name"] == namespace]
    assert (step["action"], step["reason"]) == ("keep", one["reason"])
    assert not is_going(bench, namespace)
    assert f"Namespace/{namespace}" in bench.owned()
    return str(one["reason"])


def test_what_only_somebody_elses_object_owns_is_not_made_by_the_cluster(bench: Bench, drawn: str) -> None:
    theirs = put(bench, drawn, *INGRESS, "theirs", spec=WAY)
    put(bench, drawn, "v1", "PersistentVolumeClaim", "data", metadata=owned_by(theirs), spec=CLAIM)
    put(bench, drawn, "v1", "Secret", "password", metadata=owned_by(theirs))
    assert stays(bench, drawn) == (
        "3 objects in it (Ingress, PersistentVolumeClaim, Secret), made by others, would be deleted with it"
    )


@pytest.mark.parametrize(
    ("api_version", "kind", "content"),
    [
        (*INGRESS, {"spec": WAY}),
        ("networking.k8s.io/v1", "NetworkPolicy", {"spec": {"podSelector": {}}}),
        ("rbac.authorization.k8s.io/v1", "Role", {"rules": []}),
        ("v1", "ServiceAccount", {}),
        ("v1", "Secret", {"metadata": {"name": "default"}}),
        ("coordination.k8s.io/v1", "Lease", {}),
        ("gateway.networking.k8s.io/v1", "HTTPRoute", {"spec": {}}),
    ],
)
def test_a_single_object_of_any_kind_is_enough(
    bench: Bench, drawn: str, api_version: str, kind: str, content: dict[str, Any]
) -> None:
    put(bench, drawn, api_version, kind, "theirs", **content)
    assert stays(bench, drawn) == f"1 object in it ({kind}), made by others, would be deleted with it"


def test_an_object_of_which_somebody_else_is_an_owner_too_is_theirs_as_well(bench: Bench, drawn: str) -> None:
    bench.draw(
        a_manifest(drawn, apiVersion="v1", kind="Namespace"),
        placed(drawn, "ours", apiVersion="v1", kind="ConfigMap"),
        a_config_map("conf"),
    )
    bench.applied()
    ours = bench.plane.get("v1", "ConfigMap", "ours", drawn)
    assert ours is not None
    theirs = put(bench, drawn, *INGRESS, "theirs", spec=WAY)
    owners = owned_by({"apiVersion": "v1", "kind": "ConfigMap", **ours}, theirs)
    put(bench, drawn, "v1", "Secret", "both", metadata=owners)
    bench.draw(a_config_map("conf"))
    assert stays(bench, drawn).startswith("2 objects in it (Ingress, Secret)")


@pytest.mark.parametrize("is_protected", [False, True])
def test_what_another_environment_owns_in_it_is_asked_of_its_inventory(
    bench: Bench, person: Person, cluster: str, control_plane: ControlPlane, drawn: str, is_protected: bool
) -> None:
    other = Bench(person, cluster, control_plane, drawn)
    other.draw(a_node("way", kind="ingress", default_service="x", default_service_port=80))
    other.applied()
    if is_protected:
        person.patch(f"environments/{other.environment['id']}", {"protected": True})
    way = f"/apis/networking.k8s.io/v1/namespaces/{drawn}/ingresses/way"
    off = b'{"metadata":{"labels":{"kubeorch.dev/environment":"%s"}}}' % bench.environment["id"].encode()
    other.plane.call("PATCH", way, off, content_type="application/merge-patch+json")
    said = f"the environment prod of the workflow {other.workflow['name']} has objects in it"
    assert stays(bench, drawn) == said


def test_another_teams_environment_is_not_named_and_a_protected_one_counts_before_it_runs(
    bench: Bench, person: Person, cluster: str, control_plane: ControlPlane, drawn: str
) -> None:
    other = Bench(person, cluster, control_plane, drawn)
    person.patch(f"environments/{other.environment['id']}", {"protected": True})
    assert "has its place in it" in stays(bench, drawn)
    from kubeorch.mongo.client import db

    them = a_user("admin")
    db().environments.update_one(
        {"_id": ObjectId(other.environment["id"])}, {"$set": {"team_id": ObjectId(them.team_id)}}
    )
    assert stays(bench, drawn) == "another environment has its place in it"


def a_workload(namespace: str) -> list[dict[str, Any]]:
    """Objects of ours of which controllers make others: a set of pods and a Service with its endpoints."""
    labels = {"app": "web"}
    pod = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "web", "image": "nginx"}]}}
    spec = {"replicas": 2, "selector": {"matchLabels": labels}, "template": pod}
    ports = {"selector": labels, "ports": [{"port": 80}]}
    return [
        a_manifest(namespace, apiVersion="v1", kind="Namespace"),
        placed(namespace, "web", apiVersion="apps/v1", kind="Deployment", spec=spec),
        placed(namespace, "ports", apiVersion="v1", kind="Service", spec=ports),
    ]


def test_it_goes_with_what_controllers_make_of_ours_and_what_every_namespace_has(bench: Bench) -> None:
    name = f"drawn-{ObjectId()}"
    bench.draw(*a_workload(name))
    bench.applied()
    until(lambda: len(bench.plane.list("v1", "Pod", name)) == 2, what="the pods are made")
    until(lambda: bench.plane.list("discovery.k8s.io/v1", "EndpointSlice", name), what="the endpoints are made")
    until(lambda: bench.plane.get("v1", "ConfigMap", "kube-root-ca.crt", name), what="the root certificate is there")
    bench.draw(a_config_map("conf"))
    assert planned(made(bench, delete_volumes=True), name)["effect"] == "delete"
    bench.start(delete_volumes=True)
    until(lambda: is_going(bench, name), what="the namespace goes")  # no kubelet ends its pods here


def test_a_group_that_nobody_answers_for_keeps_it(bench: Bench, drawn: str) -> None:
    service = {"namespace": "default", "name": "nobody", "port": 443}
    spec = {"group": "gone.example.com", "version": "v1", "groupPriorityMinimum": 10, "versionPriority": 10}
    api = {"apiVersion": "apiregistration.k8s.io/v1", "kind": "APIService", "metadata": {"name": "v1.gone.example.com"}}
    bench.plane.apply({**api, "spec": {**spec, "service": service, "insecureSkipTLSVerify": True}})
    try:
        until(lambda: b"gone.example.com" in bench.plane.call("GET", "/apis")[1], what="the group is told")
        why = stays(bench, drawn)
    finally:
        bench.plane.delete("apiregistration.k8s.io/v1", "APIService", "v1.gone.example.com", "")
    assert why.startswith("it cannot be seen whether objects of others are in it: gone.example.com/v1")


def test_what_came_into_it_while_the_run_waited_stays_with_it(bench: Bench) -> None:
    name = f"drawn-{ObjectId()}"
    bench.draw(a_manifest(name, apiVersion="v1", kind="Namespace"), a_held_config_map("held"), a_config_map("conf"))
    bench.applied()
    bench.draw(a_config_map("conf"))
    run = bench.start(delete_volumes=True)
    until(lambda: "deletionTimestamp" in bench.get("v1", "ConfigMap", "held")["metadata"], what="the run deletes")
    assert not is_going(bench, name)
    put(bench, name, *INGRESS, "theirs", spec=WAY)
    bench.release("held")
    ended = bench.until(run, "verifying", "succeeded")
    assert not is_going(bench, name)
    [step] = [step for step in ended["steps"] if step["ref"]["name"] == name]
    assert (step["action"], step["state"]) == ("delete", "unchanged")
    said = f"Namespace {name} stays: 1 object in it (Ingress), made by others, would be deleted with it"
    assert said in [line["message"] for line in bench.person.get(f"runs/{run['id']}/logs").body["results"]]
    assert f"Namespace/{name}" in bench.owned()


@pytest.mark.parametrize("delete_volumes", [True, False])
def test_it_is_not_taken_from_under_what_is_drawn_into_it(bench: Bench, delete_volumes: bool) -> None:
    name = f"drawn-{ObjectId()}"
    inside = placed(name, "inside", apiVersion="v1", kind="ConfigMap")
    bench.draw(a_manifest(name, apiVersion="v1", kind="Namespace"), inside)
    bench.applied()
    bench.draw(inside)
    one = planned(made(bench, delete_volumes=delete_volumes), name)
    assert one["effect"] == "keep"
    if delete_volumes:
        assert one["reason"] == "ConfigMap inside goes into it"
    bench.applied(delete_volumes=delete_volumes)
    assert not is_going(bench, name)


def test_what_is_in_it_is_not_read_anew_with_each_look_at_a_plan(bench: Bench, drawn: str) -> None:
    with counted_requests() as first:
        plan = made(bench, delete_volumes=True)
    assert planned(plan, drawn)["effect"] == "delete"
    with counted_requests() as again:
        assert looked_at(bench, plan)["still_true"] is True
    path = f"/api/v1/namespaces/{drawn}/secrets"
    assert (first.seen.count(("GET", path)), again.seen.count(("GET", path))) == (1, 0)
    put(bench, drawn, "v1", "ConfigMap", "theirs")
    run = bench.until(bench.start(plan=plan["id"]), "verifying", "failed", "succeeded")
    assert not is_going(bench, drawn), run
