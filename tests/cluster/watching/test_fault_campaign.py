"""Faults of watches, of an API server and of the network, one after the other on a watched cluster whose objects
change meanwhile: after each the local picture is the server's, nothing is left running, and nothing was thrown."""

from __future__ import annotations

import logging
import os
import random
import sys
import threading
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
from bson import ObjectId

from clusters.kube.pacing import Timing
from clusters.kube.transport import CONNECTIONS
from kubeorch.base.backoff import Backoff
from tests.support.control_plane import ControlPlane
from tests.support.faulty_api import FaultyApi, Stream, status_of
from tests.support.processes import rss_bytes
from tests.support.seeds import SEED
from tests.support.wait import until
from tests.support.watching import Watching, a_deployment, all_differences, an_environment, expect, labelled, watching

pytestmark = pytest.mark.timeout(600 if SEED == 1 else 7200)
QUICK = Timing(
    retry=Backoff(first_s=0.02, most_s=0.3, jitter=1.0),
    look=Backoff(first_s=0.05, most_s=0.3),
    refused_s=0.3,
    server_timeout_s=2,
    read_slack_s=0.5,
    expires_again_s=0.05,
    short_watch_s=0.01,
)
"""A watch ends after two to four seconds, so that one that is half-open is noticed while a test waits."""
NODES = tuple(f"conf-{number}" for number in range(4))
EXPIRED = status_of(410, "Expired", "The resourceVersion for the provided watch is too old.")
TOO_LARGE = status_of(504, "Timeout", "Too large resource version", "ResourceVersionTooLarge")
Fault = Callable[[FaultyApi, random.Random], None]


def streams(strike: Callable[[Stream], object]) -> Fault:
    def begin(api: FaultyApi, dice: random.Random) -> None:
        for stream in api.some_streams(dice):
            strike(stream)

    return begin


def answered(status: dict[str, Any], *, watches: bool = False, retry_after: str | None = None) -> Fault:
    """Some requests are answered so, and the watches are cut, so that there are some."""

    def begin(api: FaultyApi, dice: random.Random) -> None:
        left = dice.randint(1, 6)

        def answer(path: str, is_watch: bool) -> tuple[dict[str, Any], str | None] | None:
            nonlocal left
            if left <= 0 or (watches and not is_watch):
                return None
            left -= 1
            return status, retry_after

        api.answers = answer
        for stream in api.some_streams(dice):
            stream.cut()

    return begin


def down(api: FaultyApi, dice: random.Random) -> None:
    def refuse() -> None:
        raise ConnectionResetError

    api.before = refuse
    api.drop_connections()


def silent(api: FaultyApi, dice: random.Random) -> None:
    """Requests get no answer, and what is open falls silent."""
    api.healed.clear()
    api.before = lambda: void(api.healed.wait(60))
    for stream in tuple(api.streams):
        stream.mute()


def deaf(api: FaultyApi, dice: random.Random) -> None:
    """One way alone: what is open goes on, and nothing new arrives."""
    api.healed.clear()
    api.before = lambda: void(api.healed.wait(60))


def slow(api: FaultyApi, dice: random.Random) -> None:
    api.piece, api.pause_s = 512, 0.01
    for stream in api.some_streams(dice):
        stream.cut()


def void(_: object) -> None:
    """Leaves a value out."""


FAULTS: dict[str, Fault] = {
    "reset": streams(Stream.reset),
    "end without a word": streams(Stream.cut),
    "clean end": streams(Stream.end),
    "half-open": streams(Stream.mute),
    "cut in a line": streams(Stream.cut_in_a_line),
    "cut in a chunk": streams(Stream.cut_in_a_chunk),
    "no JSON": streams(Stream.babble),
    "410 event": streams(lambda stream: stream.tell(EXPIRED)),
    "500 event": streams(lambda stream: stream.tell(status_of(500, "InternalError", "etcdserver: no leader"))),
    "repeated events": streams(lambda stream: stream.repeat(backwards=False)),
    "reordered events": streams(lambda stream: stream.repeat(backwards=True)),
    "410 status": answered(EXPIRED, watches=True),
    "version too large": answered(TOO_LARGE),
    "429": answered(status_of(429, "TooManyRequests", "slow down")),
    "429 with Retry-After": answered(status_of(429, "TooManyRequests", "slow down"), retry_after="1"),
    "500": answered(status_of(500, "InternalError", "etcdserver: request timed out")),
    "503": answered(status_of(503, "ServiceUnavailable", "shutting down"), retry_after="1"),
    "504": answered(status_of(504, "Timeout", "context deadline exceeded")),
    "down": down,
    "silent": silent,
    "deaf": deaf,
    "slow": slow,
}
COUNT = len(FAULTS) if SEED == 1 else max(220, len(FAULTS))
"""Each once in every run of the tests; `make soak` makes 220 for each of its seeds."""


BOTH_ENDS = 3
"""Of a connection through the proxy: ours, the proxy's, and its own to the API server."""
GROWS = 1.05
"""Of the memory of the whole process, over 200 faults."""


class Cluster:
    """What there is, as its own API server has it, and what the pages should show of it."""

    def __init__(self, plane: ControlPlane, environment: dict[str, Any]) -> None:
        self.plane = plane
        self.environment = environment
        self.there: dict[str, int] = {}

    def change(self, dice: random.Random) -> None:
        name = dice.choice(NODES)
        if self.there.get(name) and dice.random() < 0.3:
            self.plane.delete("v1", "ConfigMap", name, self.environment["namespace"])
            self.there[name] = 0
        elif dice.random() < 0.3:
            self.plane.apply(a_deployment(self.environment, "web", replicas=dice.randint(1, 3)))
        else:
            self.put(name, dice.randint(1, 1 << 30), large=dice.random() < 0.1)

    def put(self, name: str, value: int, *, large: bool = False) -> None:
        """Also one of a megabyte, which is an event of as much."""
        data = {"value": str(value), **({"large": "x" * 900_000} if large else {})}
        config = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": data}
        self.plane.apply(labelled(self.environment, name, config))
        self.there[name] = 1

    def expected(self) -> dict[str, str]:
        return {"web": "healthy", **{name: "healthy" if here else "missing" for name, here in self.there.items()}}


@pytest.fixture
def api(control_plane: ControlPlane) -> Iterator[FaultyApi]:
    running = FaultyApi(control_plane.kubeconfig)
    yield running
    running.stop()


@pytest.fixture
def cluster(
    mongo: Any, control_plane: ControlPlane, api: FaultyApi, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Cluster, Watching]]:
    from clusters import actions
    from clusters.watching.cluster_watch import ClusterWatch

    monkeypatch.setattr("clusters.watching.runner.ClusterWatch", partial(ClusterWatch, timing=QUICK))
    cluster_id: ObjectId = actions.register_sandbox(api.kubeconfig)
    environment = an_environment(cluster_id, control_plane.namespace("faults"))
    found = Cluster(control_plane, environment)
    web = a_deployment(environment, "web", replicas=1)
    for name in NODES:
        expect(
            environment, name, {"apiVersion": "v1", "kind": "ConfigMap", "metadata": labelled_name(environment, name)}
        )
        found.put(name, 0)
    expect(environment, "web", web)
    control_plane.apply(web)
    with watching(cluster_id) as live:
        yield found, live


def labelled_name(environment: dict[str, Any], name: str) -> dict[str, Any]:
    return {"name": name, "namespace": environment["namespace"]}


def test_after_every_fault_what_is_shown_is_what_there_is(
    api: FaultyApi,
    cluster: tuple[Cluster, Watching],
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found, live = cluster
    dice = random.Random(SEED)
    thrown: list[Any] = []
    monkeypatch.setattr(threading, "excepthook", thrown.append)
    caplog.set_level(logging.ERROR)

    def shown() -> dict[str, str]:
        rows = {name: live.status(found.environment, name) for name in found.expected()}
        return {
            name: "stale" if row["stale_since"] else str(row["health"]) for name, row in rows.items() if row is not None
        }

    def is_true() -> bool:
        watch = live.watch
        return watch is not None and shown() == found.expected() and not all_differences(live)

    until(is_true, what="the first picture")
    watches, threads, files, memory = live.open_watches, own_threads(), open_files(), 0
    for number in range(COUNT):
        name = list(FAULTS)[number % len(FAULTS)]
        try:
            until(lambda: len(api.streams) >= watches * 2 // 3)  # each ends by itself after some seconds
        except AssertionError:
            missing = sorted(paths_of(live) - {stream.path for stream in tuple(api.streams)})
            raise AssertionError(f"seed {SEED}, before fault {number}, {name}: not watched: {missing}") from None
        FAULTS[name](api, dice)
        for _ in range(dice.randint(1, 3)):
            found.change(dice)
        before = api.requests
        if dice.random() < 0.5:
            until(lambda: api.requests > before)  # noqa: B023  (called here)
        found.change(dice)
        api.heal()
        try:
            until(is_true, every_s=0.05)
        except AssertionError:
            said = f"seed {SEED}, fault {number}, {name}: {shown()} is not {found.expected()}"
            raise AssertionError(said) from None
        assert not thrown, (number, name, thrown)
        if number == len(FAULTS):
            memory = rss_bytes(os.getpid())  # each fault has been met once, and nothing is loaded any more
    assert [record.getMessage() for record in caplog.records] == []
    until(lambda: live.open_watches == watches, what="as many watches as before")
    until(lambda: api.connections <= watches + CONNECTIONS + 2, what="connections are closed, but for those kept open")
    until(lambda: own_threads() <= threads * 1.05 + 4, what="threads have ended")
    until(lambda: open_files() <= files + BOTH_ENDS * (CONNECTIONS + 2), what="files and sockets are closed")
    if memory:
        grown = rss_bytes(os.getpid()) / memory
        print(
            f"seed {SEED}: {COUNT} faults, {watches} watches, memory {memory >> 20} MB, afterwards {grown:.3f} of that"
        )
        assert grown <= GROWS, f"{memory >> 20} MB have become {grown:.2f} of that"


def paths_of(live: Watching) -> set[str]:
    """Of all collections that should be watched."""
    return {one.listing.path for informer in live.watch.informers.all for one in informer.reflectors}


def open_files() -> int:
    return len(os.listdir("/proc/self/fd")) if sys.platform == "linux" else 0


def own_threads() -> int:
    """Without those of the proxy, which has one for each connection that is kept open."""
    return sum("process_request_thread" not in thread.name for thread in threading.enumerate())
