"""What a cluster sends is bounded where it is kept: by a flood a kind goes blind with a reason, and memory stays."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clusters.domain.projection import project
from clusters.kube.client import KubeClient
from clusters.kube.decoding import DEPTH_MOST, document
from clusters.kube.errors import AnswerTooLarge, NotKubernetes, error_from_status
from clusters.kube.holding import Copy, Held, Pace, TooMuch, weight
from clusters.kube.limits import Limits
from clusters.kube.listing import Listing
from clusters.kube.pacing import Timing
from clusters.kube.watch import Reflector
from kubeorch.base.backoff import Backoff
from kubeorch.base.errors import KubeOrchError
from tests.support.hostile_api_server import Visit, credentials_for, head, hostile_api_server
from tests.support.processes import rss_bytes
from tests.support.searches import searched
from tests.support.wait import PATIENCE_S, until

QUICK = Timing(retry=Backoff(first_s=0.05, most_s=0.05), refused_s=0.05, too_much_s=PATIENCE_S, short_watch_s=0)
MB = 1_048_576


class Following:
    """A reflector of pods at a hostile server, in a thread of its own; `errors` is what broke it."""

    def __init__(self, server: Any, *, client: KubeClient | None = None, timing: Timing = QUICK) -> None:
        self.errors: list[KubeOrchError] = []
        self.client = client or KubeClient(credentials_for(server.server), limits=Limits(answer_s=PATIENCE_S))
        self.reflector: Any = Reflector(
            self.client,
            Listing("/api/v1/pods"),
            lambda manifest: project("v1", "Pod", manifest),
            changed=lambda old, new: None,
            broken=lambda since, error: self.errors.append(error),
            timing=timing,
            seed=1,
        )
        self._thread = threading.Thread(target=self.reflector.run, daemon=True)

    def __enter__(self) -> Following:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.reflector.stop()
        self._thread.join(PATIENCE_S)
        assert not self._thread.is_alive()


def pod(number: int, **metadata: Any) -> dict[str, Any]:
    known = {
        "name": f"pod-{number:09d}",
        "namespace": "shop",
        "uid": f"uid-{number}",
        "resourceVersion": str(number + 1),
    }
    return {"metadata": known | metadata, "spec": {}, "status": {"phase": "Running"}}


def event(found: dict[str, Any], kind: str = "ADDED") -> bytes:
    return orjson.dumps({"type": kind, "object": found}) + b"\n"


END = event({"metadata": {"resourceVersion": "9", "annotations": {"k8s.io/initial-events-end": "true"}}}, "BOOKMARK")


def streaming(lines: Callable[[], Iterator[bytes]]) -> Callable[[Visit], None]:
    def answer(visit: Visit) -> None:
        assert visit.read_request()
        visit.send(head())
        for line in lines():
            visit.send(line)
        visit.stop.wait(PATIENCE_S)

    return answer


def distinct_pods(**metadata: Any) -> Iterator[bytes]:
    number = 0
    while True:
        yield b"".join(event(pod(number + n, **metadata)) for n in range(200))
        number += 200


FLOODS: dict[str, Callable[[], Iterator[bytes]]] = {
    "objects without end": distinct_pods,
    "objects with long names of owners": lambda: distinct_pods(
        ownerReferences=[{"controller": True, "kind": "k" * 50_000, "name": "n" * 50_000, "uid": "u" * 50_000}]
    ),
    "one line without end": lambda: iter(lambda: b"x" * 65_536, None),
    "one object of many values": lambda: iter([event({"metadata": {}, "spec": [[]] * 600_000})]),
}


@pytest.mark.parametrize("name", FLOODS)
def test_a_flooding_server_makes_its_kind_blind_with_a_reason_and_memory_stays(name: str) -> None:
    before = rss_bytes(os.getpid())
    with hostile_api_server(streaming(FLOODS[name])) as server, Following(server) as following:
        error = until(lambda: following.errors)[0]
        assert isinstance(error, (TooMuch, AnswerTooLarge)), error.detail
        assert following.reflector.store == {}
    assert rss_bytes(os.getpid()) - before < 150 * MB


def test_pages_without_end_make_the_kind_blind_with_a_reason() -> None:
    pages: list[int] = []

    def answer(visit: Visit) -> None:
        while visit.read_request():
            if b"watch=true" in visit.head:
                visit.answer(b'{"kind":"Status","message":"no sendInitialEvents"}', status="422 Invalid")
            else:
                pages.append(1)
                visit.answer(b'{"items":[],"metadata":{"continue":"again"}}')

    with hostile_api_server(answer) as server, Following(server) as following:
        error = until(lambda: following.errors)[0]
    assert isinstance(error, TooMuch)
    assert len(pages) <= 1000


def test_a_list_without_end_stops_after_a_bounded_number_of_objects_and_pages() -> None:
    def pages_of(items: bytes) -> Callable[[Visit], None]:
        def answer(visit: Visit) -> None:
            while visit.read_request():
                visit.answer(b'{"items":[' + items + b'],"metadata":{"continue":"again"}}')

        return answer

    for items in (b"", b",".join([b'{"metadata":{}}'] * 500), b'{"data":"' + b"x" * 5_000_000 + b'"}'):
        with hostile_api_server(pages_of(items)) as server:
            client = KubeClient(credentials_for(server.server), limits=Limits(list_s=PATIENCE_S))
            with pytest.raises(TooMuch):
                client.list("v1", "Pod")


def test_pages_that_are_too_large_are_asked_for_in_smaller_pieces() -> None:
    limits: list[int] = []

    def answer(visit: Visit) -> None:
        while visit.read_request():
            limit = int(visit.head.split(b"limit=")[1].split(b" ")[0].split(b"&")[0])
            limits.append(limit)
            item = b'{"metadata":{"name":"a"},"data":"' + b"x" * 10_000 + b'"}'
            visit.answer(b'{"items":[' + b",".join([item] * limit) + b'],"metadata":{"resourceVersion":"7"}}')

    with hostile_api_server(answer) as server:
        client = KubeClient(credentials_for(server.server), limits=Limits(answer_bytes=1_000_000))
        items, version = client.list("v1", "Pod")
    assert (len(items), version, limits) == (62, "7", [500, 62])


POISON = {
    "a name of a million characters": event(pod(1, name="x" * 1_000_000)),
    "NUL in its name": event(pod(1, name="a\x00b")),
    "no name": event(pod(1, name=None)),
    "a list for metadata": event({"metadata": [1]}),
}


@pytest.mark.parametrize("name", POISON)
def test_one_object_that_cannot_be_kept_is_left_out_with_a_note_and_the_rest_goes_on(name: str) -> None:
    lines = [event(pod(7)), POISON[name], event(pod(8)), END, event(pod(9, resourceVersion="20"))]
    with hostile_api_server(streaming(lambda: iter(lines))) as server, Following(server) as following:
        until(lambda: len(following.reflector.store) == 3)
        assert following.errors == []
        assert len(following.reflector.mirror.unreadable) == 1
        assert len(str(following.reflector.mirror.unreadable)) < 1000


MENDED = {
    "deep nesting": event(pod(1)).replace(b'"spec":{}', b'"spec":' + b"[" * 5000 + b"]" * 5000),
    "invalid UTF-8": event(pod(1)).replace(b'"spec":{}', b'"spec":"\xff\xfe\xc3"'),
    "half a surrogate": event(pod(1)).replace(b'"spec":{}', b'"spec":"\\ud800"'),
}


@pytest.mark.parametrize("name", MENDED)
def test_what_no_strict_reader_takes_is_mended_where_the_rest_is_sound(name: str) -> None:
    with hostile_api_server(streaming(lambda: iter([MENDED[name], END]))) as server, Following(server) as following:
        until(lambda: len(following.reflector.store) == 1)
        assert (following.errors, following.reflector.mirror.unreadable) == ([], {})


def fill(copy: Copy[str], count: int) -> None:
    for n in range(count):
        copy.put(("", str(n)), "x" * 1000)


def test_a_copy_that_is_replaced_by_an_equal_one_needs_no_second_place() -> None:
    held = Held(most_bytes=100 * weight("x" * 1000))
    copy: Copy[str] = Copy(held, "/x")
    fill(copy, 60)
    for _ in range(3):
        with copy.successor() as fresh:
            fill(fresh, 60)
            fresh.take_over()
        copy = fresh
    with copy.successor() as given_up, pytest.raises(TooMuch):
        fill(given_up, 200)
    copy.give_back()
    Copy(held, "/x").put(("", "all is free again"), "x" * 90_000)


def test_a_number_that_no_database_holds_is_no_part_of_an_object() -> None:
    assert weight((2**63 - 1, -(2**63))) > 0
    for number in (2**63, 2**64 - 1, -(2**63) - 1):
        with pytest.raises(ValueError, match="64 bits"):
            weight(("a", (number,)))


def test_a_flood_is_read_at_a_bounded_pace() -> None:
    pace = Pace(per_s=1000, burst=5000)
    assert pace.delay_s(5000) == 0
    assert 0.9 < pace.delay_s(1000) <= 1.0
    assert 1.9 < pace.delay_s(1000) <= 2.0


KEYS = (
    *("kind", "metadata", "name", "namespace", "uid", "resourceVersion", "items", "continue", "status", "spec", "type"),
    *("conditions", "details", "causes", "message", "reason", "field", "code", "annotations", "labels", "object"),
    *("ownerReferences", "managedFields"),
)
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(min_value=-(2**63), max_value=2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(KEYS),
            inner,
            max_size=6,
        )
    ),
    max_leaves=25,
)


@searched(100)
@given(JSON)
def test_any_status_becomes_an_error_of_ours(found: Any) -> None:
    body = found if isinstance(found, dict) else {}
    for status in (0, 400, 401, 403, 404, 409, 410, 422, 429, 500):
        error = error_from_status(status, body)
        assert isinstance(error, KubeOrchError)
        assert len(error.detail) < 3000
        assert all(character.isprintable() for character in error.detail)


@searched(100)
@given(st.lists(JSON, max_size=8))
def test_any_objects_are_kept_or_left_out_and_nothing_breaks(objects: list[Any]) -> None:
    from tests.support.scripted_api_server import ScriptedApiServer

    class Any_(ScriptedApiServer):
        def request(self, *args: Any, **options: Any) -> Any:
            return 200, {"metadata": {"resourceVersion": "5"}, "items": objects}

    broken: list[Any] = []
    reflector: Any = Reflector(
        Any_(streaming_lists=False),
        Listing("/api/v1/pods"),
        lambda manifest: project("v1", "Pod", manifest),
        changed=lambda old, new: None,
        broken=lambda since, error: broken.append(error),
        timing=QUICK,
        wait=lambda _: None,
    )
    reflector.step()
    reflector.step()
    assert broken == []


@searched(100)
@given(st.binary(max_size=200) | JSON.map(orjson.dumps))
def test_any_bytes_are_a_document_or_not_kubernetes(data: bytes) -> None:
    with suppress(NotKubernetes):
        document(data)


def test_a_document_that_is_too_deep_keeps_its_upper_levels() -> None:
    deep = b'{"a":1,"b":' + b'{"c":' * 3000 + b'"}{"' + b"}" * 3000 + b',"d":[2]}'
    found = document(deep)
    assert (found["a"], found["d"]) == (1, [2])
    for _ in range(DEPTH_MOST - 1):
        found = found.get("b") or found.get("c")
    assert found == {"c": None}


def test_a_string_that_does_not_end_is_refused_in_time_that_grows_with_its_length_alone() -> None:
    program = """
from clusters.kube.decoding import document
from clusters.kube.errors import NotKubernetes

for data in (b'"' + b'\\\\"' * 1_000_000, b'"' + b'\\\\"' * 1_000_000 + b'\\\\', b'}' * 1_000_000, b'""' * 500_000):
    try:
        document(data)
    except NotKubernetes:
        continue
    raise AssertionError(data[:10])
"""
    # In a process of its own: whoever tries each quote anew takes hours and lets no other thread of its process run.
    subprocess.run([sys.executable, "-c", program], check=True, timeout=PATIENCE_S)
