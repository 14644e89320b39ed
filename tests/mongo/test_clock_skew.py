"""The clock of a cluster may be wrong: what its objects say is judged by its own time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from clusters import actions
from clusters.domain.kubeconfig import parse_kubeconfig
from clusters.kube.client import KubeClient
from clusters.kube.skew import NO_SKEW, skew_of
from clusters.watching.runner import Probing
from tests.support.fake_api_server import FakeApiServer, fake_api_server
from tests.support.watching import a_deployment, an_environment, expect, watching

HOUR_S = 3600.0


@pytest.fixture
def server() -> Iterator[FakeApiServer]:
    with fake_api_server() as running:
        yield running


def a_pod(environment: dict[str, Any], *conditions: dict[str, Any]) -> dict[str, Any]:
    labels = a_deployment(environment, "web")["metadata"]["labels"]
    owner = {"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "web-1", "uid": "rs", "controller": True}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "web-1-a", "namespace": "shop", "labels": labels, "ownerReferences": [owner]},
        "spec": {"containers": [{"name": "main", "image": "a:1"}]},
        "status": {"phase": "Pending", "conditions": list(conditions)},
    }


@pytest.mark.parametrize("ahead_s", [-HOUR_S, 0.0, HOUR_S])
def test_what_pods_and_events_say_counts_whatever_the_clock_of_the_cluster_is(
    mongo: Any, server: FakeApiServer, ahead_s: float
) -> None:
    server.ahead_s = ahead_s
    their_now = datetime.now(UTC) + timedelta(seconds=ahead_s)
    cluster_id = actions.register_sandbox(server.kubeconfig)
    environment = an_environment(cluster_id, "shop")
    expect(environment, "web", server.put(a_deployment(environment, "web", replicas=1)))
    since = (their_now - timedelta(minutes=2)).strftime("%Y-%m-%dT%H:%M:%SZ")
    unscheduled = {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": "no node fits"}
    with watching(cluster_id, probing=Probing(every_s=0.1)) as live:
        server.put(a_pod(environment, {**unscheduled, "lastTransitionTime": since}))
        found = live.until(environment, "web", health="degraded")
        assert found["reason"] == "The pod cannot be scheduled: no node fits"
        pod = server.put(a_pod(environment))
        server.put(
            {
                "apiVersion": "v1",
                "kind": "Event",
                "metadata": {"name": "web-1-a.1", "namespace": "shop"},
                "type": "Warning",
                "reason": "FailedMount",
                "message": "no route",
                "involvedObject": {"uid": pod["metadata"]["uid"]},
                "lastTimestamp": since,
            }
        )
        live.until(environment, "web", reason="A volume cannot be mounted: no route")


@pytest.mark.parametrize(
    "date", ["", "x", "Thu, 01 Jan 1970 00:00:00 GMT", "Wed, 31 Dec 9999 23:59:59 GMT", "1", "\x00"]
)
def test_a_date_that_says_nothing_changes_nothing(date: str) -> None:
    assert skew_of(datetime(2026, 3, 1, tzinfo=UTC), date) == NO_SKEW


def test_a_clock_that_is_off_by_no_more_than_an_answer_takes_is_right() -> None:
    at = datetime(2026, 3, 1, 12, 0, 2, tzinfo=UTC)
    assert skew_of(at, "Sun, 01 Mar 2026 12:00:00 GMT") == NO_SKEW
    assert skew_of(at, "Sun, 01 Mar 2026 11:00:00 GMT") == timedelta(seconds=-3602)


def test_every_client_of_a_cluster_goes_by_its_last_answer(server: FakeApiServer) -> None:
    server.ahead_s = HOUR_S
    client = KubeClient(parse_kubeconfig(server.kubeconfig, allow_http=True))
    try:
        client.while_alive(lambda: None).request("GET", "/api/v1/pods")
        ahead = client.clock.now() - datetime.now(UTC)
        assert abs(ahead - timedelta(seconds=HOUR_S)) < timedelta(seconds=5)
    finally:
        client.close()
