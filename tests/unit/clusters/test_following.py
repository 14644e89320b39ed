"""Followed lists of API servers that fail, forget and refuse: those who look are told, and no watch outlives them."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, cast

import pytest
from pymongo.errors import AutoReconnect

from clusters.domain.kind_names import KindName
from clusters.kube.client import KubeClient
from clusters.kube.tables import Row, table_change
from clusters.resources import live
from clusters.resources.following import Followed, Watches, _Watch
from clusters.resources.listing import Wanted
from kubeorch.base.clock import now
from kubeorch.base.errors import KubeOrchError
from tests.support.hostile_api_server import Visit, credentials_for, head, hostile_api_server
from tests.support.wait import until

TABLE = {"kind": "Table", "metadata": {"resourceVersion": "7"}, "columnDefinitions": [], "rows": []}


class Looking:
    def __init__(self) -> None:
        self.told: list[str] = []

    def changed(self, uid: str, row: Row | None, shown: Mapping[str, Any]) -> None:
        self.told.append("changed")

    def stale(self, in_s: float = 0.0) -> None:
        self.told.append("stale")

    def lost(self) -> None:
        self.told.append("lost")

    def interrupted(self, one: Followed, error: KubeOrchError) -> None:
        self.told.append("interrupted")

    def resumed(self, one: Followed) -> None:
        self.told.append("resumed")

    def refuse(self, error: KubeOrchError) -> None:
        self.told.append("refused")

    def hears(self, *words: str) -> None:
        until(lambda: self.told[: len(words)] == list(words), what=f"{words}", every_s=0.05)


class Scripted:
    """Lists are answered; a watch as `mode` says: 0 for a quiet one, or a status."""

    def __init__(self, mode: int = 0) -> None:
        self.mode = mode
        self.watched: list[bytes] = []
        self.may_begin = threading.Event()
        self.may_begin.set()
        self.left = threading.Event()

    def __call__(self, visit: Visit) -> None:
        while visit.read_request():
            if b"watch=true" not in visit.head:
                visit.answer(json.dumps(TABLE).encode())
                continue
            self.watched.append(visit.head)
            status = 400 if b"resourceVersion=bad" in visit.head else self.mode
            if status:
                visit.answer(json.dumps({"kind": "Status", "code": status}).encode(), status=f"{status} No")
                continue
            self.may_begin.wait()
            visit.send(head("200 OK", "application/json", "Transfer-Encoding: chunked"))
            visit.read_request()
            self.left.set()
            return


class Kind:
    group, kind = "", "ConfigMap"


@contextmanager
def followed(
    script: Scripted, version: str = "5", *, first: Callable[[], None] = lambda: None
) -> Iterator[tuple[Watches, Followed, Looking, Callable[[], KubeClient]]]:
    watches, one = Watches(), Followed("c", "k", "", "/api/v1/configmaps", "", "", cast(Any, Kind))
    with hostile_api_server(script) as server:
        asked: list[int] = []

        def client() -> KubeClient:
            asked.append(1)
            if len(asked) == 1:
                first()
            return KubeClient(credentials_for(server.server))

        looking = Looking()
        watches.join(one, client, version, looking)
        try:
            yield watches, one, looking, client
        finally:
            watches.leave(one, looking)
            script.may_begin.set()
            until(lambda: not watches._alive, what="its thread has ended", every_s=0.05)


def test_a_row_leaves_out_who_manages_what() -> None:
    managed = [{"manager": "kubectl", "fieldsV1": {"f:data": {}}}]
    metadata = {"name": "conf", "resourceVersion": "8", "managedFields": managed}
    event = {"type": "MODIFIED", "object": {**TABLE, "rows": [{"cells": ["conf"], "object": {"metadata": metadata}}]}}
    [row] = table_change(json.dumps(event).encode()).rows
    assert row.object == {"metadata": {"name": "conf", "resourceVersion": "8"}}


def test_a_cluster_that_does_not_answer_is_told_and_so_is_its_return() -> None:
    script = Scripted(503)
    with followed(script) as (watches, one, looking, client):
        looking.hears("interrupted")
        late = Looking()
        watches.join(one, client, "5", late)
        assert "interrupted" in late.told, "who comes meanwhile hears it too"
        script.mode = 0
        until(lambda: looking.told[-1] == late.told[-1] == "resumed", what="it is back", every_s=0.05)
        assert "lost" in looking.told, "the version is not trusted after a failure that is not a cut"
        watches.leave(one, late)


def test_a_malformed_version_refuses_nobody() -> None:
    script = Scripted()
    with followed(script, "bad") as (_, _, looking, _):
        until(lambda: len(script.watched) == 2, what="it is watched from the newest state", every_s=0.05)
        assert b"resourceVersion=7" in script.watched[1]
        looking.hears("lost")


def test_a_server_that_always_forgets_is_a_failure() -> None:
    with followed(Scripted(410)) as (_, _, looking, _):
        looking.hears("lost", "interrupted")


def test_a_watch_that_is_left_while_it_connects_ends_and_is_counted_until_then() -> None:
    script = Scripted()
    script.may_begin.clear()
    with followed(script) as (watches, one, looking, _):
        until(lambda: script.watched, what="it connects", every_s=0.05)
        watches.leave(one, looking)
        assert (len(watches), watches._alive["c"]) == (0, 1)
        script.may_begin.set()
        until(script.left.is_set, what="the stream is closed", every_s=0.05)


@pytest.mark.parametrize(
    ("error", "told"), [(AutoReconnect("no"), ("interrupted", "resumed")), (RuntimeError("ours"), ("refused",))]
)
def test_other_errors_do_not_end_it_silently(error: Exception, told: tuple[str, ...]) -> None:
    def fail() -> None:
        raise error

    with followed(Scripted(), first=fail) as (_, _, looking, _):
        looking.hears(*told)


def test_cells_that_are_no_list_are_none() -> None:
    row = {"cells": 5, "object": {"metadata": {"resourceVersion": "8"}}}
    change = table_change(json.dumps({"type": "ADDED", "object": {"rows": [row]}}).encode())
    assert (change.rows[0].cells, change.version) == ([], "8")


def test_a_list_is_read_again_when_only_time_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    """A grace period ends without any change: whoever looks is told to load again, once."""
    now = [1_000.0]
    monkeypatch.setattr(live.time, "monotonic", lambda: now[0])
    stream = live.ListStream([], Wanted(KindName("", "Pod")), "")
    stream.take(1)
    stream.stale(12.0)
    stream.stale(40.0)
    made = stream.take(1)
    assert (list(made.pieces), made.again_in_s) == ([], 12.0 + live.LATER_S)
    now[0] += 12.0 + live.LATER_S
    assert stream.take(1).pieces == [b"event: reload\ndata: {}\n\n"]
    now[0] += 60
    assert (list(stream.take(1).pieces), stream.take(1).again_in_s) == ([], None)
    stream.stale()
    assert len(stream.take(1).pieces) == 1, "at once where something has changed"
    now[0] += 1
    stream.stale()
    assert stream.take(1).again_in_s == live.AGAIN_EVERY_S - 1, "and no more often than that"


class Telling:
    def __init__(self, kind: Any) -> None:
        self.stale_in: list[float] = []
        self.watch = _Watch(Followed("c", None, "", "/x", "", "", kind), cast(Any, None), "", cast(Any, self))

    def changed(self, uid: str, row: Row | None, shown: Mapping[str, Any]) -> None:
        self.shown = shown

    def stale(self, in_s: float = 0.0) -> None:
        self.stale_in.append(in_s)


def test_a_row_in_its_grace_is_looked_at_again() -> None:
    since = (now() - timedelta(seconds=5)).isoformat()
    row = {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "lastTransitionTime": since}
    pods = Telling(Served("", "Pod", "v1"))
    metadata = {"name": "web", "uid": "u1"}
    pods.watch._tell(Row([], {"metadata": metadata, "status": {"phase": "Pending", "conditions": [row]}}), False)
    assert pods.shown["health"]["state"] == "progressing"
    assert pods.stale_in == [pytest.approx(10, abs=1)]
    deployments = Telling(Served("apps", "Deployment", "apps/v1"))
    deployments.watch._tell(Row([], {"metadata": metadata, "spec": {"replicas": 1}, "status": {}}), False)
    assert deployments.stale_in == [0.0], "its pods say more than it does"
    deployments.watch._tell(Row([], {"metadata": metadata}), True)
    assert deployments.stale_in == [0.0]


class Served:
    """As much of a kind as judging takes."""

    def __init__(self, group: str, kind: str, api_version: str) -> None:
        self.group, self.kind, self.api_version = group, kind, api_version
