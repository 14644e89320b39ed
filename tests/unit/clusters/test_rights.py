"""What credentials may do, out of what an API server says of single verbs."""

from __future__ import annotations

from typing import Any, cast

import pytest

from clusters.connecting.rights import Allowed, rights_of
from clusters.kube.client import KubeClient


class Reviewing:
    """An API server that allows these (verb, resource, subresource, namespace)."""

    class limits:
        question_s = 1.0

    def __init__(self, *allowed: tuple[str, str, str, str]) -> None:
        self.allowed = set(allowed)

    def request(self, method: str, path: str, *, body: Any, timeout_s: float) -> tuple[int, Any]:
        asked = body["spec"]["resourceAttributes"]
        key = (asked["verb"], asked["resource"], asked.get("subresource", ""), asked.get("namespace", ""))
        return 201, {"status": {"allowed": key in self.allowed}}


EVICT, CORDON = ("create", "pods", "eviction", ""), ("patch", "nodes", "", "")


@pytest.mark.parametrize(
    ("allowed", "drain"),
    [
        ((("create", "pods", "eviction", "shop"),), Allowed.NO),
        ((EVICT,), Allowed.NO),
        ((CORDON,), Allowed.NO),
        ((EVICT, CORDON), Allowed.EVERYWHERE),
    ],
)
def test_draining_takes_the_nodes_and_the_pods_of_the_whole_cluster(
    allowed: tuple[tuple[str, str, str, str], ...], drain: Allowed
) -> None:
    found = {right.id: answer for right, answer in rights_of(cast(KubeClient, Reviewing(*allowed)), "shop")}
    assert found["drain"] is drain
