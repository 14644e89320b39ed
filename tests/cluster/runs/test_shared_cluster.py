"""A cluster that several teams use: what a run may create there, and that a withdrawn cluster is not used."""

from __future__ import annotations

from typing import Any

import pytest
from bson import ObjectId

from tests.support.control_plane import ControlPlane
from tests.support.people import a_user
from tests.support.runs import Bench
from tests.support.wait import until
from tests.support.workflows import a_config_map, a_manifest, a_node

RBAC = "rbac.authorization.k8s.io/v1"


@pytest.fixture
def neighbour(cluster: str, control_plane: ControlPlane) -> Bench:
    """Another team, with an environment on the same cluster."""
    return Bench(a_user("admin"), cluster, control_plane, control_plane.namespace("neighbour"))


def manifest(name: str, text: str, **parameters: Any) -> dict[str, Any]:
    return a_node(name, kind="manifest", manifest=text, **parameters)


def a_role_binding(name: str) -> dict[str, Any]:
    text = (
        f"apiVersion: {RBAC}\nkind: RoleBinding\nmetadata: {{name: {name}}}\n"
        f"roleRef: {{apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: cluster-admin}}\n"
        "subjects: [{kind: ServiceAccount, name: default}]\n"
    )
    return manifest(name, text)


def a_cluster_role(name: str) -> dict[str, Any]:
    return manifest(name, f"apiVersion: {RBAC}\nkind: ClusterRole\nmetadata: {{name: {name}}}\nrules: []\n")


def a_config_map_in(namespace: str, name: str) -> dict[str, Any]:
    text = f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}}}\ndata: {{a: b}}\n"
    return manifest(name, text, namespace=namespace)


@pytest.mark.parametrize("kind", ["role binding", "cluster role", "namespace of another team", "system namespace"])
def test_a_run_that_would_reach_other_teams_of_the_cluster_is_refused_at_its_start(
    bench: Bench, neighbour: Bench, kind: str, mongo: Any
) -> None:
    name = f"reach-{ObjectId()}"
    node = {
        "role binding": lambda: a_role_binding(name),
        "cluster role": lambda: a_cluster_role(name),
        "namespace of another team": lambda: a_config_map_in(neighbour.namespace, name),
        "system namespace": lambda: a_config_map_in("kube-system", name),
    }[kind]()
    bench.draw(a_config_map("conf", a="b"), node)
    refused = bench.ask()
    assert (refused.status, refused.body["code"]) == (400, "run.reaches_too_far")
    assert [row["node_ids"] for row in refused.body["errors"]] == [[name]]
    assert mongo.runs.count_documents({}) == 0


def test_what_only_the_cluster_knows_to_be_beyond_a_team_fails_its_run_before_anything_is_applied(
    bench: Bench, neighbour: Bench
) -> None:
    group = f"g{ObjectId()}.example.com"
    names = {"kind": "Zone", "listKind": "ZoneList", "plural": "zones", "singular": "zone"}
    schema = {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}
    versions = [{"name": "v1", "served": True, "storage": True, "schema": schema}]
    definition = {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"zones.{group}"},
        "spec": {"group": group, "scope": "Cluster", "names": names, "versions": versions},
    }
    bench.plane.apply(definition)
    until(lambda: bench.plane.call("GET", f"/apis/{group}/v1/zones")[0] == 200, what="the kind is served")
    bench.draw(a_config_map("conf", a="b"), a_manifest("north", apiVersion=f"{group}/v1", kind="Zone"))

    run = bench.until(bench.start(), "failed")

    assert run["error"]["code"] == "run.reaches_too_far", run["error"]
    assert "Zone north is cluster-scoped" in run["error"]["detail"]
    assert run["steps"] == [], "nothing is planned, and so nothing applied"
    assert bench.get("v1", "ConfigMap", "conf") is None
    bench.plane.delete("apiextensions.k8s.io/v1", "CustomResourceDefinition", f"zones.{group}")


def test_a_team_may_use_all_namespaces_of_its_own_environments(
    bench: Bench, neighbour: Bench, control_plane: ControlPlane, cluster: str
) -> None:
    other = Bench(bench.person, cluster, control_plane, control_plane.namespace("second"))
    bench.draw(a_config_map_in(other.namespace, "elsewhere"))
    bench.until(bench.start(), "verifying", "succeeded")
    assert control_plane.get("v1", "ConfigMap", "elsewhere", other.namespace)


def test_a_team_that_has_the_cluster_for_itself_may_create_rights_and_cluster_wide_objects(bench: Bench) -> None:
    name = f"alone-{ObjectId()}"
    bench.draw(a_cluster_role(name), a_role_binding(f"{name}-binding"))
    bench.applied()
    assert bench.plane.get(RBAC, "ClusterRole", name)
    bench.draw()
    run = bench.until(bench.start(), "succeeded")
    assert [row["ref"]["kind"] for row in run["kept"]] == ["ClusterRole"], "others may be bound to it"
    bench.until(bench.start(delete_volumes=True), "succeeded")
    assert bench.plane.get(RBAC, "ClusterRole", name) is None


def test_a_cluster_that_is_no_longer_shared_is_used_by_no_run_of_the_guest(
    mongo: Any, cluster: str, control_plane: ControlPlane
) -> None:
    owner, guest = a_user("admin"), a_user("admin")
    mongo.clusters.update_one(
        {"_id": ObjectId(cluster)}, {"$set": {"team_id": owner.team_id, "is_sandbox": False, "shared": True}}
    )
    bench = Bench(guest, cluster, control_plane, control_plane.namespace("guest"))
    bench.draw(a_config_map("conf", a="b"))
    bench.until(bench.start(), "verifying", "succeeded")
    mongo.clusters.update_one({"_id": ObjectId(cluster)}, {"$set": {"shared": False}})
    answer = guest.post(f"workflows/{bench.workflow['id']}/runs", {"environment": bench.environment["id"]})
    assert (answer.status, answer.body["code"]) == (403, "run.cluster_withdrawn")
