"""Who watches a cluster: leases, and the thread that keeps a watch running."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from bson import ObjectId
from pymongo.errors import AutoReconnect

from clusters import actions
from clusters.domain.objects import Identity, Ref
from clusters.kube.informers import KindOf
from clusters.watching.contract import NodeChange, NodeKey, WatchView
from clusters.watching.leases import is_watched, lease_name, take_unwatched
from clusters.watching.runner import ClusterRunner, Probing
from kubeorch.base.clock import now
from kubeorch.mongo import lease
from tests.support.tls_api_server import tls_api_server
from tests.support.wait import until


def test_a_lease_has_one_holder_until_it_is_released_or_expires(mongo: Any) -> None:
    first = lease.acquire("watcher:x", "a", ttl_s=10)
    assert first is not None
    assert lease.acquire("watcher:x", "b") is None
    assert first.renew()
    assert first.is_safe()
    first.release()
    second = lease.acquire("watcher:x", "b", ttl_s=10)
    assert second is not None
    assert not first.renew()
    mongo.leases.update_one({"_id": "watcher:x"}, {"$set": {"until": now() - timedelta(seconds=1)}})
    assert not second.renew(), "one that ran out is not brought back: others may have it by now"
    third = lease.acquire("watcher:x", "c")
    assert third is not None
    first.release()
    assert third.renew(), "giving back what is no longer ours takes nothing from the next holder"


def test_a_lease_not_renewed_in_time_is_not_safe_to_write_under() -> None:
    held = lease.Lease("watcher:x", "token", 10.0, _renewed_at=0.0)
    assert not held.is_safe()


def test_the_end_of_a_watch_is_given_out_once_and_not_before_its_grace(mongo: Any) -> None:
    cluster_id = ObjectId()
    held = lease.acquire(lease_name(cluster_id), "a")
    assert held is not None
    lease.acquire("something else", "a")
    assert is_watched(cluster_id)
    assert take_unwatched(grace_s=2.0) is None
    held.release()
    assert not is_watched(cluster_id)
    assert take_unwatched(grace_s=2.0) is None, "another watcher may take it over in a moment"
    ended = now() - timedelta(seconds=30)
    mongo.leases.update_many({}, {"$set": {"until": ended}})
    found = take_unwatched(grace_s=2.0)
    assert found is not None
    assert found[0] == cluster_id
    assert abs((found[1] - ended).total_seconds()) < 0.01
    assert take_unwatched(grace_s=2.0) is None
    assert lease.acquire(lease_name(cluster_id), "b")
    mongo.leases.update_many({}, {"$set": {"until": ended}})
    assert take_unwatched(grace_s=2.0), "the next end is another one"


class Forgetful:
    """A listener without environments, whose first one finds the database away."""

    begun = 0
    ended = 0

    def __init__(self, _: ObjectId) -> None:
        pass

    def begin(self, view: WatchView) -> None:
        Forgetful.begun += 1
        if Forgetful.begun == 1:
            raise AutoReconnect("the database is away")

    def end(self) -> None:
        Forgetful.ended += 1

    def namespaces(self) -> list[str]:
        return []

    def namespace_of(self, environment_id: str) -> str | None:
        return None

    def owned_by(self, key: NodeKey) -> list[Ref]:
        return []

    def left_claims(self) -> dict[Identity, NodeKey]:
        return {}

    def kinds(self) -> list[KindOf]:
        return []

    def nodes(self) -> list[NodeKey]:
        return []

    def record(self, changes: Sequence[NodeChange], stale_since: datetime | None, stale_reason: str = "") -> None: ...

    def written(self, changes: Sequence[NodeChange]) -> None: ...

    def came_or_went(self, ref: Ref) -> None: ...

    def mark_stale(self, since: datetime | None, reason: str = "") -> None: ...

    def out_of_date(self) -> None: ...


def test_a_watch_that_an_error_ended_is_started_again_and_the_lease_given_back_at_the_end(
    mongo: Any, tmp_path: Path
) -> None:
    with tls_api_server(tmp_path) as server:
        cluster_id = actions.register_sandbox(server.kubeconfig())
        held = lease.acquire(f"watcher:{cluster_id}", "a", ttl_s=600)
        assert held is not None
        runner = ClusterRunner(cluster_id, held, Forgetful, Probing(every_s=0.1))
        runner.start()
        until(lambda: Forgetful.begun == 2, what="a second watch")
        assert Forgetful.ended == 1
        runner.stop()
        until(lambda: lease.acquire(f"watcher:{cluster_id}", "b"), what="the lease is free")
        assert Forgetful.ended == 2
