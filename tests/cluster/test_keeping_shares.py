"""Bindings of shares are kept as the shares say, whatever happens meanwhile and however many clusters wait."""

from __future__ import annotations

from datetime import UTC, timedelta
from typing import Any

import pytest

from kubeorch.base.clock import now
from tests.cluster.test_sharing import bindings, connected, share
from tests.support.control_plane import ControlPlane
from tests.support.fault_proxy import OPEN, REFUSED, door_to
from tests.support.narrow import RBAC, an_account, grant
from tests.support.people import Person, a_team, a_user

pytestmark = pytest.mark.usefixtures("mongo")

A_SHARE = {"id": "s", "team_id": None, "user_id": None, "role": "viewer", "namespaces": ["a"], "unenforced": ""}


@pytest.fixture
def owner() -> Person:
    return a_user("admin", team=a_team("Platform"))


@pytest.fixture
def guest() -> Person:
    return a_user("editor", team=a_team("Guests"))


def test_a_keeper_that_read_the_cluster_before_a_share_ended_leaves_nothing_of_it(
    control_plane: ControlPlane, owner: Person, mongo: Any
) -> None:
    from bson import ObjectId

    from clusters import store
    from clusters.sharing.keeping import keep_bindings, keep_shares

    a_team("Guests")
    a_team("Others")
    namespace = control_plane.namespace()
    with door_to(control_plane) as (door, kubeconfig):
        cluster = connected(owner, kubeconfig)
        first = share(owner, cluster, team="Guests", role="editor", namespaces=[namespace])
        before = store.find(ObjectId(cluster))
        assert owner.call("DELETE", f"clusters/{cluster}/shares/{first['id']}").body["bindings_left"] == []
        keep_bindings(before)
        assert bindings(control_plane, namespace) == {}, "it is not made again"

        second = share(owner, cluster, team="Others", role="viewer", namespaces=[namespace])
        before = store.find(ObjectId(cluster))
        door.become(REFUSED)
        path = f"clusters/{cluster}/shares/{second['id']}"
        assert owner.call("DELETE", path).body["bindings_left"] == [namespace]
        door.become(OPEN)
        keep_bindings(before)
        mongo.clusters.update_many({}, {"$unset": {"shares_kept_at": ""}})
        keep_shares()
        assert bindings(control_plane, namespace) == {}, "that it is to go is not forgotten"


def test_a_binding_that_may_not_be_removed_is_tried_ever_more_rarely(
    control_plane: ControlPlane, owner: Person, mongo: Any
) -> None:
    from clusters.sharing.keeping import keep_shares

    a_team("Guests")
    namespace = control_plane.namespace()
    cluster = connected(owner, control_plane.kubeconfig)
    given = share(owner, cluster, team="Guests", role="editor", namespaces=[namespace])
    account = an_account(control_plane, namespace)
    rules = [{"apiGroups": [""], "resources": ["namespaces"], "verbs": ["get", "list"]}]
    role = {"apiVersion": f"{RBAC}/v1", "kind": "ClusterRole", "metadata": {"name": "sees-names"}, "rules": rules}
    grant(control_plane, [role], namespace)
    assert owner.patch(f"clusters/{cluster}", {"kubeconfig": account}).status == 200
    ended = owner.call("DELETE", f"clusters/{cluster}/shares/{given['id']}")
    assert (ended.status, ended.body["bindings_left"]) == (200, [namespace])

    def turn(**left: Any) -> tuple[int, float]:
        """The tries after one more turn, and how many seconds after it the next one is."""
        change = {"$unset": {"shares_kept_at": ""}, **({"$set": left} if left else {})}
        mongo.clusters.update_many({}, change)
        before = now()
        keep_shares()
        rows = mongo.clusters.find_one({})["bindings_left"]
        [row] = {row["at"]: row for row in rows}.values()
        return row.get("tries", 0), (row["at"].replace(tzinfo=UTC) - before).total_seconds()

    due = {"bindings_left.0.at": now() - timedelta(seconds=1)}
    tries, first_s = turn(**due)
    assert tries == 1
    assert turn()[0] == 1, "its time has not come"
    for _ in range(4):
        tries, last_s = turn(**due)
    assert tries == 5
    assert last_s > 8 * first_s
    assert owner.patch(f"clusters/{cluster}", {"kubeconfig": control_plane.kubeconfig}).status == 200
    mongo.clusters.update_many({}, {"$unset": {"shares_kept_at": ""}, "$set": due})
    keep_shares()
    assert bindings(control_plane, namespace) == {}


def test_a_team_with_many_clusters_whose_shares_are_due_does_not_hold_up_those_of_others(
    owner: Person, guest: Person, mongo: Any
) -> None:
    from clusters import shares, store
    from clusters.sharing import keeping

    for number in range(5):
        made = store.insert(store.new_cluster(f"many-{number}", team_id=owner.team_id, created_by=None))
        mongo.clusters.update_one({"_id": made["_id"]}, {"$set": {"state": "ready", "shares": [A_SHARE]}})
    late = store.insert(store.new_cluster("one", team_id=guest.team_id, created_by=None))
    mongo.clusters.update_one({"_id": late["_id"]}, {"$set": {"state": "ready", "shares": [A_SHARE]}})
    keeping.keep_shares()  # none of them answers: they have no credentials
    kept = list(mongo.clusters.find({"shares_kept_at": {"$ne": None}}))
    assert sorted(str(one["team_id"]) for one in kept) == sorted(map(str, (owner.team_id, guest.team_id)))
    assert shares.claim_due(keeping.EVERY, besides=[owner.team_id]) is None
