"""A cluster that several teams use: what a run may create there, and that a withdrawn cluster is not used."""

from __future__ import annotations

from typing import Any

import pytest
from bson import ObjectId

from tests.support.control_plane import ControlPlane
from tests.support.people import a_user
from tests.support.runs import Bench
from tests.support.wait import until
from tests.support.workflows import a_config_map, a_held_config_map, a_manifest, a_node

OF_OWNER = (403, "run.namespace_of_owner")
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
    _owned_by(mongo, owner, cluster)
    bench = Bench(guest, cluster, control_plane, f"guest-{ObjectId()}")
    bench.draw(a_config_map("conf", a="b"))
    bench.until(bench.start(), "verifying", "succeeded")
    mongo.clusters.update_one({"_id": ObjectId(cluster)}, {"$set": {"shared": False}})
    answer = guest.post(f"workflows/{bench.workflow['id']}/runs", {"environment": bench.environment["id"]})
    assert (answer.status, answer.body["code"]) == (403, "run.cluster_withdrawn")


def test_a_run_that_waits_while_its_cluster_is_withdrawn_changes_nothing(
    mongo: Any, cluster: str, control_plane: ControlPlane
) -> None:
    """The right is asked for again when the run's turn comes, not only when it was started."""
    owner, guest = a_user("admin"), a_user("admin")
    _owned_by(mongo, owner, cluster)
    bench = Bench(guest, cluster, control_plane, f"guest-{ObjectId()}")
    bench.draw(a_held_config_map("held"), a_config_map("conf"))
    bench.applied()
    bench.draw(a_config_map("conf"))
    deleting = bench.start()
    bench.until(deleting, "applying")
    bench.draw(a_config_map("conf"), a_config_map("late"))
    waiting = bench.start()
    mongo.clusters.update_one({"_id": ObjectId(cluster)}, {"$set": {"shared": False}})
    bench.release("held")
    ended = bench.until(waiting, "failed")
    assert ended["error"]["code"] == "run.cluster_withdrawn", ended["error"]
    assert bench.get("v1", "ConfigMap", "late") is None


def test_a_guest_that_names_a_namespace_of_the_owner_gets_no_right_to_what_is_in_it(
    mongo: Any, cluster: str, control_plane: ControlPlane
) -> None:
    owner, guest = a_user("admin"), a_user("admin")
    _owned_by(mongo, owner, cluster)
    payments = control_plane.namespace("payments")
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "card-key", "namespace": payments}}
    control_plane.apply({**secret, "stringData": {"key": "canary"}})
    bench = Bench(guest, cluster, control_plane, payments)
    bench.draw(a_config_map("conf", a="b"))

    refused = bench.ask()
    assert (refused.status, refused.body["code"]) == OF_OWNER, refused.body
    assert f"share {payments} with your team" in refused.body["detail"]
    planned = guest.post(f"workflows/{bench.workflow['id']}/plans", {"environment": bench.environment["id"]})
    assert (planned.status, planned.body["code"]) == OF_OWNER, planned.body
    rights = guest.post(f"environments/{bench.environment['id']}/preflight")
    assert (rights.status, rights.body["code"]) == OF_OWNER, rights.body
    assert guest.get(f"clusters/{cluster}/namespaces").body["results"] == []
    for path in (
        f"resources/Secret/{payments}/card-key",
        f"resources/Secret/{payments}/card-key/yaml",
        f"resources?kind=Secret&namespaces={payments}",
        f"diagnosis?namespaces={payments}",
        f"pods/{payments}/any/logs",
    ):
        answer = guest.get(f"clusters/{cluster}/{path}")
        assert answer.status in (403, 404) or "card-key" not in str(answer.body), path
    assert bench.get("v1", "ConfigMap", "conf") is None

    theirs = Bench(owner, cluster, control_plane, payments)
    theirs.draw(a_config_map("conf", a="b"))
    theirs.until(theirs.start(), "verifying", "succeeded")


def test_a_guest_has_the_namespace_that_its_run_made_until_the_owner_makes_it_anew(
    mongo: Any, cluster: str, control_plane: ControlPlane
) -> None:
    owner, guest = a_user("admin"), a_user("admin")
    _owned_by(mongo, owner, cluster)
    name = f"made-{ObjectId()}"
    bench = Bench(guest, cluster, control_plane, name)
    bench.draw(a_config_map("conf", a="b"))
    bench.applied()
    assert guest.get(f"clusters/{cluster}/namespaces").body["results"] == [name]
    assert guest.get(f"clusters/{cluster}/resources/ConfigMap/{name}/conf").status == 200
    taken = owner.post("workflows", {"name": "w", "environment": {"name": "p", "cluster": cluster, "namespace": name}})
    assert taken.body["code"] == "environment.namespace_taken", "what a guest has made is not the owner's by a name"

    claim_id = f"{cluster}/{name}"
    assert (
        mongo.namespaces.find_one({"_id": claim_id})["uid"]
        == control_plane.get("v1", "Namespace", name)["metadata"]["uid"]
    )
    mongo.namespaces.update_one({"_id": claim_id}, {"$unset": {"uid": ""}})  # the worker was killed before it noted it
    bench.applied()
    assert mongo.namespaces.find_one({"_id": claim_id})["uid"]

    mongo.namespaces.update_one({"_id": claim_id}, {"$set": {"uid": "of another one, deleted since"}})
    control_plane.call(
        "PATCH",
        f"/api/v1/namespaces/{name}",
        b'{"metadata":{"labels":{"kubeorch.dev/environment":null}}}',
        content_type="application/merge-patch+json",
    )
    run = bench.until(bench.start(), "failed")
    assert run["error"]["code"] == "run.namespace_of_owner", run["error"]
    refused = bench.ask()
    assert (refused.status, refused.body["code"]) == OF_OWNER, refused.body
    assert guest.get(f"clusters/{cluster}/namespaces").body["results"] == []


def test_a_namespace_that_its_owner_makes_anew_is_not_the_guests_on_any_page(
    mongo: Any, cluster: str, control_plane: ControlPlane
) -> None:
    from clusters import store
    from clusters.monitoring.made import compare_made
    from workflows.environments.namespace_store import note_made

    owner, guest = a_user("admin"), a_user("admin")
    _owned_by(mongo, owner, cluster)
    mine, other = control_plane.namespace("mine"), control_plane.namespace("other")
    for name in (mine, other):
        Bench(guest, cluster, control_plane, name)
    uid = control_plane.get("v1", "Namespace", mine)["metadata"]["uid"]
    note_made(ObjectId(cluster), mine, guest.team_id, uid)
    note_made(ObjectId(cluster), other, guest.team_id, "of the one before")
    compare_made(store.find(cluster))
    assert guest.get(f"clusters/{cluster}/namespaces").body["results"] == [mine]


def test_a_namespace_whose_maker_did_not_note_it_is_the_guests_after_the_next_look(
    mongo: Any, cluster: str, control_plane: ControlPlane
) -> None:
    from clusters import store
    from clusters.monitoring.made import compare_made

    owner, guest, other = a_user("admin"), a_user("admin"), a_user("admin")
    _owned_by(mongo, owner, cluster)
    mine, theirs, bare, elsewhere = (control_plane.namespace(name) for name in ("mine", "theirs", "bare", "elsewhere"))
    environment = Bench(guest, cluster, control_plane, mine).environment["id"]
    for name in (theirs, bare):
        Bench(guest, cluster, control_plane, name)
    others = Bench(other, cluster, control_plane, elsewhere).environment["id"]
    for name, label in ((mine, environment), (theirs, others), (elsewhere, environment)):
        labels = {"app.kubernetes.io/managed-by": "kubeorch", "kubeorch.dev/environment": label}
        metadata = {"name": name, "labels": labels}
        control_plane.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": metadata})
    compare_made(store.find(cluster))
    assert guest.get(f"clusters/{cluster}/namespaces").body["results"] == [mine]
    assert other.get(f"clusters/{cluster}/namespaces").body["results"] == []


def test_a_guest_that_is_alone_on_another_teams_cluster_may_make_no_rights_and_nothing_of_the_whole_cluster(
    mongo: Any, cluster: str, control_plane: ControlPlane
) -> None:
    owner, guest = a_user("admin"), a_user("admin")
    _owned_by(mongo, owner, cluster)
    bench = Bench(guest, cluster, control_plane, f"alone-{ObjectId()}")
    bench.draw(a_cluster_role("all"), a_role_binding("bound"))
    refused = bench.ask()
    assert (refused.status, refused.body["code"]) == (400, "run.reaches_too_far"), refused.body


def _owned_by(mongo: Any, owner: Any, cluster: str) -> None:
    """The cluster is that team's, and everybody may use it."""
    mongo.clusters.update_one(
        {"_id": ObjectId(cluster)}, {"$set": {"team_id": owner.team_id, "is_sandbox": False, "shared": True}}
    )
