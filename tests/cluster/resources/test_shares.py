"""What guests of a cluster see of it: asked in the name of their share, and nothing beside it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.cluster.test_sharing import connected, share
from tests.support.control_plane import ControlPlane
from tests.support.narrow import RBAC
from tests.support.people import Person, a_team, a_user


@pytest.fixture
def owner(mongo: Any) -> Person:
    return a_user("admin", team=a_team("Platform"))


@pytest.fixture
def guest(mongo: Any) -> Person:
    return a_user("editor", team=a_team("Guests"))


def node_of(plane: ControlPlane) -> str:
    return str(plane.list("v1", "Node")[0]["metadata"]["name"])


def test_lists_and_diagnoses_of_several_namespaces_are_asked_for_in_the_name_of_the_share(
    control_plane: ControlPlane, owner: Person, guest: Person
) -> None:
    cluster = connected(owner, control_plane.kubeconfig)
    one, other = control_plane.namespace(), control_plane.namespace()
    given = share(owner, cluster, team="Guests", role="editor", namespaces=[one, other])
    lost = {"selector": {"app": "nobody"}, "ports": [{"port": 80}]}
    for namespace in (one, other):
        metadata = {"name": "lost", "namespace": namespace}
        control_plane.apply({"apiVersion": "v1", "kind": "Service", "metadata": metadata, "spec": lost})

    def services() -> set[str]:
        found = guest.get(f"clusters/{cluster}/resources?kind=Service")
        return {row["namespace"] for row in found.body["results"]}

    def told() -> tuple[set[str], set[str]]:
        found = guest.get(f"clusters/{cluster}/diagnosis").body
        return {row["ref"]["namespace"] for row in found["findings"]}, {row["kind"] for row in found["unread"]}

    assert services() == {one, other}
    assert told() == ({one, other}, set())
    # The role goes in the cluster itself: what the API server no longer lets the share read, we do not read for it.
    control_plane.delete(f"{RBAC}/v1", "RoleBinding", f"kubeorch-share-{given['id']}", other)
    seen, unread = told()
    assert other not in seen
    assert "Service" in unread
    listed = guest.get(f"clusters/{cluster}/resources?kind=Service").body
    assert ({row["namespace"] for row in listed["results"]}, listed["namespaces"]) == (
        {one},
        {"names": [one], "total": 2, "unasked": 0},
    )


def test_no_address_leads_a_guest_to_what_belongs_to_the_whole_cluster(
    control_plane: ControlPlane, owner: Person, guest: Person
) -> None:
    from clusters import store

    cluster = connected(owner, control_plane.kubeconfig)
    theirs = control_plane.namespace()
    share(owner, cluster, team="Guests", role="editor", namespaces=[theirs])
    from bson import ObjectId

    from kubeorch.mongo.client import db

    # As where the credentials may not impersonate: our own fence alone holds it.
    db()["clusters"].update_one({"_id": ObjectId(cluster)}, {"$set": {"shares.0.unenforced": "alone"}})
    assert store.find(ObjectId(cluster))["shares"][0]["unenforced"]
    node = node_of(control_plane)
    for kind, name in (("Node", node), ("rbac.authorization.k8s.io/ClusterRole", "cluster-admin")):
        refused = guest.get(f"clusters/{cluster}/diagnosis?kind={kind}&namespace={theirs}&name={name}")
        assert (refused.status, refused.body["code"]) == (404, "cluster.namespace"), refused.body
    assert guest.get(f"clusters/{cluster}/diagnosis?kind=Node&name={node}").status == 403
    for kind in ("../../api/v1/nodes/Pod", "x%3Fwatch=true/Pod", "apps%2F..%2F../Pod"):
        refused = guest.get(f"clusters/{cluster}/diagnosis?kind={kind}&namespace={theirs}&name=web")
        assert refused.status in (400, 404), refused.body
        assert refused.body["code"] in ("kind.name", "object.name")
    for name in ("..", ".", "a%2Fb"):
        refused = guest.get(f"clusters/{cluster}/diagnosis?kind=Pod&namespace={theirs}&name={name}")
        assert (refused.status, refused.body["code"]) == (404, "object.name"), refused.body


def test_a_persons_share_gives_them_its_role_whatever_they_are_in_their_teams(
    control_plane: ControlPlane, owner: Person
) -> None:
    cluster = connected(owner, control_plane.kubeconfig)
    theirs, looked = control_plane.namespace(), control_plane.namespace()
    viewer, editor = a_user("viewer", team=a_team("A")), a_user("editor", team=a_team("B"))
    share(owner, cluster, person=viewer.email, role="editor", namespaces=[theirs])
    share(owner, cluster, person=editor.email, role="viewer", namespaces=[looked])
    for namespace in (theirs, looked):
        metadata = {"name": "conf", "namespace": namespace}
        control_plane.apply({"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": {"a": "b"}})

    def edit(person: Person, namespace: str) -> Any:
        path = f"clusters/{cluster}/resources/ConfigMap/{namespace}/conf"
        base = person.get(f"{path}/yaml").body["yaml"]
        offered = {row["action"]: row["allowed"] for row in person.get(f"{path}/actions").body["results"]}
        answer = person.put(f"{path}/yaml", {"base": base, "yaml": base.replace("a: b", "a: c")})
        return offered["edit"], answer.status

    assert edit(viewer, theirs) == (True, 200)
    assert edit(editor, looked) == (False, 403)
    assert json.dumps(control_plane.get("v1", "ConfigMap", "conf", theirs)).count('"a": "c"') == 1


def test_a_person_sees_the_buttons_of_the_widest_of_their_shares(
    control_plane: ControlPlane, owner: Person, guest: Person
) -> None:
    cluster, namespace = connected(owner, control_plane.kubeconfig), control_plane.namespace()
    metadata = {"name": "conf", "namespace": namespace}
    control_plane.apply({"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata})
    path = f"clusters/{cluster}/resources/ConfigMap/{namespace}/conf"
    share(owner, cluster, person=guest.email, role="viewer", namespaces=[namespace])
    refused = guest.get(f"{path}/actions").body["results"]
    assert not any(row["allowed"] for row in refused)
    assert {row["reason"] for row in refused} == {
        "this cluster is shared with you as viewer; this needs editor. Ask the team that owns the cluster."
    }, "they are editor of their own team, which has nothing to do with it"
    unlisted = guest.get(f"clusters/{cluster}/resources?kind=Secret").body
    assert (unlisted["code"], unlisted["detail"]) == (
        "cluster.nothing_listable",
        "this cluster is shared with you as viewer, which lets you list secrets in none of the namespaces; ask the "
        "team that owns the cluster",
    )
    share(owner, cluster, team="Guests", role="editor", namespaces=[namespace])
    rows = guest.get(f"{path}/actions").body["results"]
    assert [(row["action"], row["reason"]) for row in rows] == [("edit", ""), ("delete", "")]
    assert guest.post(f"{path}/actions/delete", {"uid": guest.get(path).body["uid"]}).status == 200
