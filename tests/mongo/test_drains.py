"""Drains that were begun before each had an id of its own, and whose worker is of another release by now."""

from __future__ import annotations

from typing import Any

import pytest

from tests.mongo.test_clusters import connect, server
from tests.support.people import a_user
from tests.support.tls_api_server import TlsApiServer
from tests.support.wait import until
from tests.support.workers import working

__all__ = ["server"]


@pytest.mark.parametrize("is_canceled", [False, True])
def test_a_drain_of_before_ends_and_holds_the_node_no_longer(
    server: TlsApiServer, mongo: Any, is_canceled: bool
) -> None:
    from bson import ObjectId

    from clusters.nodes import jobs, store
    from clusters.nodes.actions import JOB
    from kubeorch.base.clock import now
    from kubeorch.jobs import queue

    person = a_user("admin")
    cluster = ObjectId(connect(person, server).body["id"])
    of_then = {"cluster_id": cluster, "node": "a", "team_id": person.team_id, "by": person.email, "state": "running"}
    asked = {"delete_data": False, "delete_unmanaged": False, "timeout_s": 900, "cancel_requested": False}
    far = {"total": 0, "gone": 0, "pods": [], "message": "", "created_at": now(), "ended_at": None}
    mongo.drains.insert_one({**of_then, **asked, **far})
    queue.enqueue(JOB, {"cluster_id": cluster, "node": "a"}, key=f"{cluster}:a", in_lanes=[f"cluster:{cluster}"])
    if is_canceled:
        assert person.post(f"clusters/{cluster}/nodes/a/drain/cancel").status == 200
    with working():
        until(lambda: not store.runs_on(cluster, "a"), what="it has ended")
    found = mongo.drains.find_one({})
    expected = ("canceled", "canceled") if is_canceled else ("failed", jobs.OF_BEFORE)
    assert (found["state"], found["message"]) == expected
