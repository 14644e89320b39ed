"""What is kept of an object stays small: a cluster of 50,000 is watched within the memory that is said."""

from __future__ import annotations

import sys
import tracemalloc
from typing import Any

import orjson
import pytest

from clusters.kube.holding import Held
from clusters.kube.informer import decoder_of
from clusters.kube.mirror import Mirror
from clusters.kube.watched_kinds import KindOf
from clusters.watching.object_index import ObjectIndex
from tests.perf.five_kinds import an_object

MANY = 1000
ENVIRONMENT = {"_id": "6740a1b2c3d4e5f601234567", "namespace": "many"}


def as_served(kind: str, number: int) -> dict[str, Any]:
    made = an_object(ENVIRONMENT, kind, number)
    made["metadata"].update(
        namespace="many",
        uid=f"7f5c63bd-0d5e-4e6c-9f45-{number:012d}",
        resourceVersion=str(100_000 + number),
        creationTimestamp="2026-11-27T08:00:00Z",
        generation=1,
    )
    return {**made, "status": {"observedGeneration": 1}}


@pytest.mark.parametrize(
    ("kind", "most_bytes"), [("Pod", 640), ("ConfigMap", 640), ("Service", 720), ("Deployment", 1020)]
)
def test_so_many_bytes_are_kept_of_an_object_of_each_kind(kind: str, most_bytes: int) -> None:
    written = [orjson.dumps(as_served(kind, number)) for number in range(MANY)]
    api_version = orjson.loads(written[0])["apiVersion"]
    index = ObjectIndex()
    mirror = Mirror(Held(), f"/{kind}", decoder_of(KindOf(api_version, kind)), index.change, stores=True)
    labels = [sys.intern(f"web-{number}") for number in range(MANY)]  # else the table of all interned texts may grow
    tracemalloc.start(1)
    try:
        before = tracemalloc.get_traced_memory()[0]
        with mirror.successor() as fresh:
            for body in written:
                mirror.add(fresh, orjson.loads(body))
            mirror.replace(fresh, "200000", from_quorum=False)
        kept = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    assert len(mirror.store) == len(labels)
    assert kept / MANY <= most_bytes
