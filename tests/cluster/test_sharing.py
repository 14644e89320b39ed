"""A cluster shared with teams and people: what they may is held by the API server itself, and ends at once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.control_plane import ControlPlane
from tests.support.fault_proxy import OPEN, REFUSED, door_to
from tests.support.narrow import RBAC, an_account, grant
from tests.support.people import Person, a_team, a_user
from tests.support.runs import Bench
from tests.support.wait import until
from tests.support.workers import working
from tests.support.workflows import a_config_map

pytestmark = pytest.mark.usefixtures("mongo")


@pytest.fixture
def owner() -> Person:
    return a_user("admin", team=a_team("Platform"))


@pytest.fixture
def guest() -> Person:
    return a_user("editor", team=a_team("Guests"))


@pytest.fixture
def worker(mongo: Any) -> Iterator[None]:
    with working():
        yield


def share(owner: Person, cluster: str, **given: Any) -> dict[str, Any]:
    """The new share, as the API shows it."""
    answer = owner.post(f"clusters/{cluster}/shares", given)
    assert answer.status == 201, answer.body
    return dict(answer.body["results"][-1])


def connected(owner: Person, kubeconfig: str) -> str:
    answer = owner.post("clusters", {"name": "east", "kubeconfig": kubeconfig})
    assert answer.status == 201, answer.body
    return str(answer.body["id"])


def test_a_team_runs_in_the_shared_namespaces_as_its_share_until_the_moment_it_ends(
    control_plane: ControlPlane, owner: Person, guest: Person, worker: None
) -> None:
    from bson import ObjectId

    from clusters import store
    from clusters.connections import client_for_team
    from clusters.kube.errors import ApiForbidden

    cluster = connected(owner, control_plane.kubeconfig)
    theirs, other = control_plane.namespace(), control_plane.namespace()
    assert guest.get(f"clusters/{cluster}").status == 404, "nothing is shared yet"
    given = share(owner, cluster, team="Guests", role="editor", namespaces=[theirs])
    assert (given["enforced"], given["why_not"]) == (True, "")
    bound = control_plane.get(f"{RBAC}/v1", "RoleBinding", f"kubeorch-share-{given['id']}", theirs)
    assert bound is not None
    assert bound["roleRef"]["name"] == "edit"
    assert guest.get("clusters").body["results"][0]["name"] == "east"
    assert guest.get(f"clusters/{cluster}/namespaces").body["results"] == [theirs]
    assert guest.get(f"clusters/{cluster}/shares").status == 403
    again = owner.post(f"clusters/{cluster}/shares", {"team": str(guest.team_id), "role": "viewer"})
    assert (again.status, again.body["code"]) == (409, "share.exists")

    bench, beside = (Bench(guest, cluster, control_plane, namespace) for namespace in (theirs, other))
    bench.draw(a_config_map("conf"))
    bench.until(bench.start(), "verifying", "succeeded")
    beside.draw(a_config_map("conf"))
    refused = beside.ask()
    assert (refused.status, refused.body["code"]) == (403, "run.namespace_not_shared")

    # The API server holds it, too: whatever our own fence let through.
    acting = client_for_team(ObjectId(cluster), guest.team_id)
    config_map = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "beyond", "namespace": other}}
    with pytest.raises(ApiForbidden, match=f"kubeorch:share:{given['id']}"):
        acting.apply(config_map)
    person = a_user("viewer", team=a_team("Elsewhere"))
    share(owner, cluster, person=person.email, role="viewer", namespaces=[other])
    assert person.get(f"clusters/{cluster}/namespaces").body["results"] == [other]

    bench.see_all_healthy()
    shown = f"environments/{bench.environment['id']}/status"
    [node] = [row for key, row in guest.get(shown).body["data"].items() if key.startswith("node:")]
    assert (node["health"], node["stale_since"]) == ("healthy", None)
    stays = owner.get(f"clusters/{cluster}/shares").body["results"][0]["stays"]
    assert stays == sorted([theirs, other])
    ended = owner.call("DELETE", f"clusters/{cluster}/shares/{given['id']}")
    assert (ended.status, ended.body["namespaces"], ended.body["bindings_left"]) == (200, stays, [])
    assert guest.get(f"clusters/{cluster}").status == 404
    bench.see_all_healthy()  # the watch of the cluster goes on
    [node] = [row for key, row in guest.get(shown).body["data"].items() if key.startswith("node:")]
    assert "not shared with your team any more" in node["stale_reason"]
    with pytest.raises(ApiForbidden):
        acting.apply({**config_map, "metadata": {"name": "late", "namespace": theirs}})
    assert bench.ask().status == 403
    assert control_plane.get("v1", "ConfigMap", "conf", theirs) is not None, "what the team made stays"
    told = [entry["action"] for entry in owner.get(f"clusters/{cluster}/log").body["results"]]
    assert told == ["unshared", "shared", "shared", "connected"]
    assert store.find(ObjectId(cluster))["impersonates"] is True


def test_a_share_by_credentials_that_may_not_impersonate_says_that_we_alone_hold_it(
    control_plane: ControlPlane, owner: Person, guest: Person
) -> None:
    namespace = control_plane.namespace()
    account = an_account(control_plane, namespace)
    rules = [{"apiGroups": [""], "resources": ["namespaces", "nodes"], "verbs": ["get", "list"]}]
    role = {"apiVersion": f"{RBAC}/v1", "kind": "ClusterRole", "metadata": {"name": "looks"}, "rules": rules}
    grant(control_plane, [role], namespace)
    cluster = connected(owner, account)
    shown = owner.get(f"clusters/{cluster}").body
    assert (shown["impersonates"], shown["size"]["nodes"]) == (False, 3)
    given = share(owner, cluster, team="Guests", role="viewer", namespaces=[namespace])
    assert given["enforced"] is False
    assert "may not impersonate" in given["why_not"]
    assert guest.get(f"clusters/{cluster}/namespaces").body["results"] == [namespace]
    made = guest.post(
        "workflows", {"name": "w", "environment": {"name": "p", "cluster": cluster, "namespace": namespace}}
    )
    assert made.body["code"] == "environment.cluster", "a viewer's share is for looking"


def bindings(control_plane: ControlPlane, namespace: str) -> dict[str, str]:
    """Of shares, in a namespace: id of the share → role."""
    found = control_plane.list(f"{RBAC}/v1", "RoleBinding", namespace, query="labelSelector=kubeorch.dev/share")
    return {one["metadata"]["labels"]["kubeorch.dev/share"]: one["roleRef"]["name"] for one in found}


def test_an_edited_share_allows_nothing_more_of_what_it_allowed_before(
    control_plane: ControlPlane, owner: Person, guest: Person
) -> None:
    from bson import ObjectId

    from clusters.connections import client_for_team
    from clusters.kube.errors import ApiForbidden

    cluster = connected(owner, control_plane.kubeconfig)
    first, second = control_plane.namespace(), control_plane.namespace()
    given = share(owner, cluster, team="Guests", role="editor", namespaces=[first])
    path = f"clusters/{cluster}/shares/{given['id']}"
    acting = client_for_team(ObjectId(cluster), guest.team_id)
    edited = owner.patch(path, {"role": "viewer", "namespaces": [second]})
    assert edited.status == 200, edited.body
    [after] = edited.body["results"]
    assert (after["role"], after["namespaces"], after["enforced"]) == ("viewer", [second], True)
    assert bindings(control_plane, first) == {}
    assert bindings(control_plane, second) == {after["id"]: "view"}
    with pytest.raises(ApiForbidden):
        acting.apply({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "late", "namespace": first}})
    assert guest.get(f"clusters/{cluster}/namespaces").body["results"] == [second]
    assert owner.patch(path, {"role": "editor"}).status == 404, "whoever edits what was seen before is told"
    assert owner.patch(f"clusters/{cluster}/shares/{after['id']}", {"role": "viewer"}).body["results"] == [after]
    ahead = owner.patch(f"clusters/{cluster}/shares/{after['id']}", {"namespaces": ["is-not-there"]})
    assert "there is no namespace" in ahead.body["results"][0]["why_not"]
    assert bindings(control_plane, second) == {}


def test_bindings_of_a_share_that_ends_while_the_cluster_is_away_are_removed_once_it_answers(
    control_plane: ControlPlane, owner: Person, guest: Person, mongo: Any
) -> None:
    from clusters.sharing.keeping import keep_shares

    namespace = control_plane.namespace()
    with door_to(control_plane) as (door, kubeconfig):
        cluster = connected(owner, kubeconfig)
        given = share(owner, cluster, team="Guests", role="editor", namespaces=[namespace])
        assert bindings(control_plane, namespace) == {given["id"]: "edit"}
        door.become(REFUSED)
        ended = owner.call("DELETE", f"clusters/{cluster}/shares/{given['id']}")
        assert (ended.status, ended.body["bindings_left"]) == (200, [namespace])
        assert guest.get(f"clusters/{cluster}").status == 404
        keep_shares()
        assert bindings(control_plane, namespace) == {given["id"]: "edit"}
        door.become(OPEN)
        mongo.clusters.update_many({}, {"$unset": {"shares_kept_at": ""}})  # its turn has come again
        keep_shares()
        assert bindings(control_plane, namespace) == {}
        assert mongo.clusters.find_one({})["bindings_left"] == []


def test_what_somebody_takes_from_a_share_in_the_cluster_comes_back_and_a_removed_cluster_is_left_without_bindings(
    control_plane: ControlPlane, owner: Person, mongo: Any
) -> None:
    from clusters.sharing.keeping import keep_shares

    a_team("Guests")
    cluster = connected(owner, control_plane.kubeconfig)
    namespace = control_plane.namespace()
    given = share(owner, cluster, team="Guests", role="editor", namespaces=[namespace])
    control_plane.delete(f"{RBAC}/v1", "RoleBinding", f"kubeorch-share-{given['id']}", namespace)
    keep_shares()
    assert bindings(control_plane, namespace) == {given["id"]: "edit"}

    mongo.clusters.update_many({}, {"$set": {"impersonates": False}, "$unset": {"shares_kept_at": ""}})
    keep_shares()
    [shown] = owner.get(f"clusters/{cluster}/shares").body["results"]
    assert (shown["enforced"], "may not impersonate" in shown["why_not"]) == (False, True), "nobody is locked out by it"
    mongo.clusters.update_many({}, {"$set": {"impersonates": True}, "$unset": {"shares_kept_at": ""}})
    keep_shares()
    [shown] = owner.get(f"clusters/{cluster}/shares").body["results"]
    assert shown["enforced"] is True

    assert owner.delete(f"clusters/{cluster}").status == 204
    assert bindings(control_plane, namespace) == {}


def test_a_namespace_that_is_being_deleted_leaves_the_share_held_by_the_api_server_in_the_others(
    control_plane: ControlPlane, owner: Person, mongo: Any
) -> None:
    from clusters.sharing.keeping import keep_shares

    a_team("Guests")
    a_team("Others")
    cluster = connected(owner, control_plane.kubeconfig)
    stays, going = control_plane.namespace(), control_plane.namespace()
    given = share(owner, cluster, team="Guests", role="editor", namespaces=[going, stays])
    held = {"name": "held", "namespace": going, "finalizers": ["tests.kubeorch.dev/held"]}
    control_plane.apply({"apiVersion": "v1", "kind": "ConfigMap", "metadata": held})
    control_plane.delete("v1", "Namespace", going)
    until(lambda: bindings(control_plane, going) == {}, what="the namespace takes its bindings along")
    control_plane.delete(f"{RBAC}/v1", "RoleBinding", f"kubeorch-share-{given['id']}", stays)
    keep_shares()
    assert owner.get(f"clusters/{cluster}/shares").body["results"][0]["enforced"] is True
    assert bindings(control_plane, stays) == {given["id"]: "edit"}
    beside = share(owner, cluster, team="Others", role="viewer", namespaces=[going, stays])
    assert (beside["enforced"], bindings(control_plane, stays)[beside["id"]]) == (True, "view")
    control_plane.apply({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {**held, "finalizers": []}})


def test_bindings_of_a_share_go_with_it_also_when_it_was_held_by_us_alone_meanwhile(
    control_plane: ControlPlane, owner: Person, mongo: Any
) -> None:
    from clusters.sharing.keeping import keep_shares

    a_team("Guests")
    a_team("Others")
    cluster = connected(owner, control_plane.kubeconfig)
    namespace = control_plane.namespace()
    given = share(owner, cluster, team="Guests", role="editor", namespaces=[namespace])
    beside = share(owner, cluster, team="Others", role="viewer", namespaces=[namespace])
    mongo.clusters.update_many({}, {"$set": {"impersonates": False}})
    keep_shares()
    assert owner.get(f"clusters/{cluster}/shares").body["results"][0]["enforced"] is False
    assert owner.call("DELETE", f"clusters/{cluster}/shares/{given['id']}").body["bindings_left"] == []
    assert bindings(control_plane, namespace) == {beside["id"]: "view"}
    assert owner.delete(f"clusters/{cluster}").status == 204
    assert bindings(control_plane, namespace) == {}


def test_namespaces_of_guests_are_compared_also_where_they_may_not_be_listed(
    control_plane: ControlPlane, owner: Person, guest: Person
) -> None:
    from bson import ObjectId

    from clusters import store
    from clusters.monitoring.made import compare_made
    from workflows.environments.namespace_store import made_by, note_made

    mine, anew, hidden = (control_plane.namespace() for _ in range(3))
    rules = [
        {"apiGroups": [""], "resources": ["namespaces"], "verbs": ["get"], "resourceNames": [mine, anew]},
    ]
    role = {"apiVersion": f"{RBAC}/v1", "kind": "ClusterRole", "metadata": {"name": "sees-two"}, "rules": rules}
    account = an_account(control_plane, mine)
    grant(control_plane, [role], mine)
    cluster = ObjectId(connected(owner, account))
    uids = {name: control_plane.get("v1", "Namespace", name)["metadata"]["uid"] for name in (mine, hidden)}  # type: ignore[index]
    for name, uid in {**uids, anew: "of the one before"}.items():
        note_made(cluster, name, guest.team_id, uid)
    note_made(cluster, "own", owner.team_id, "not asked about")
    compare_made(store.find(cluster))
    assert made_by(cluster, [guest.team_id]) == {mine: uids[mine]}
    assert made_by(cluster, [owner.team_id]) == {"own": "not asked about"}
