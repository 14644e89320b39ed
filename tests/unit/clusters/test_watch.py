"""The reflector against scripted histories: whatever happens, its picture ends equal to the server's."""

from __future__ import annotations

import random
import threading
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clusters.kube.errors import ClusterUnavailable, error_from_status
from clusters.kube.listing import Listing
from clusters.kube.pacing import RETRY, Retries, Timing
from clusters.kube.watch import Reflector
from kubeorch.base.backoff import Backoff
from tests.support.scripted_api_server import CUTS, PATH, ScriptedApiServer, play
from tests.support.searches import searched
from tests.support.wait import PATIENCE_S
from tests.support.watching import differences

AT_ONCE = Timing(retry=Backoff(first_s=0, most_s=0), refused_s=0, short_watch_s=0)


class Stored(NamedTuple):
    uid: str
    resource_version: str
    name: str


def decode(manifest: dict[str, Any]) -> Stored:
    metadata = manifest["metadata"]
    if metadata["name"] == "poison":
        raise ValueError("cannot be read")
    return Stored(metadata["uid"], metadata["resourceVersion"], metadata["name"])


class Watched:
    """A reflector on a fake server, with what it reported."""

    def __init__(self, server: ScriptedApiServer, **options: Any) -> None:
        self.server = server
        self.changes: list[tuple[Stored | None, Stored | None]] = []
        self.model: dict[str, Stored] = {}
        self.states: list[str] = []
        self.versions: list[int] = []
        options.setdefault("timing", AT_ONCE)
        self.reflector: Reflector[Stored] = Reflector(
            server,
            Listing(PATH),
            decode,
            changed=self.changed,
            fresh=lambda: self.states.append("fresh"),
            broken=lambda since, error: self.states.append("broken"),
            seed=1,
            **options,
        )

    def changed(self, old: Stored | None, new: Stored | None) -> None:
        self.changes.append((old, new))
        if new is None:
            assert old is not None
            del self.model[old.name]
        else:
            assert self.model.get(new.name) == old
            self.model[new.name] = new

    def step(self, times: int = 1) -> Watched:
        for _ in range(times):
            before = self.reflector.mirror.version
            self.reflector.step()
            if before and self.reflector.mirror.version:
                assert int(self.reflector.mirror.version) >= int(before), "the version went back"
        return self

    def assert_equal(self) -> None:
        truth = {name: found["metadata"]["resourceVersion"] for name, found in self.server.objects.items()}
        ours = {name: stored.resource_version for (_, name), stored in self.reflector.store.items()}
        assert ours == truth
        assert {name: stored.resource_version for name, stored in self.model.items()} == truth
        assert differences(self.server, self.reflector) == []


@given(seed=st.integers(0, 2**32), streaming=st.booleans(), bookmarks=st.booleans(), paged=st.booleans())
@searched(400)
def test_after_any_history_the_copy_equals_the_server(seed: int, streaming: bool, bookmarks: bool, paged: bool) -> None:
    dice = random.Random(seed)
    server = ScriptedApiServer(streaming_lists=streaming, bookmarks=bookmarks, page=2 if paged else None)
    watched = Watched(server)
    for _ in range(dice.randint(5, 60)):
        play(server, dice)
        if dice.random() < 0.4:
            watched.step()
    server.faults = type(server.faults)()
    watched.step(6)
    watched.assert_equal()


@pytest.mark.parametrize("streaming", [True, False])
def test_the_first_list_is_complete_before_synced_is_set(streaming: bool) -> None:
    server = ScriptedApiServer(streaming_lists=streaming, page=2)
    for number in range(5):
        server.put(f"pod-{number}")
    watched = Watched(server)
    assert not watched.reflector.synced.is_set()
    watched.step(2)
    assert watched.reflector.synced.is_set()
    assert watched.reflector.mirror.lists == 1
    watched.assert_equal()


def test_a_streaming_list_that_breaks_before_its_end_is_discarded() -> None:
    server = ScriptedApiServer()
    for number in range(5):
        server.put(f"pod-{number}")
    server.faults.cut_after, server.faults.cut = 3, "rst"
    watched = Watched(server).step()
    assert watched.reflector.store == {}
    assert watched.changes == []
    watched.step()
    watched.assert_equal()


def test_a_server_that_ignores_streaming_lists_is_listed_by_pages() -> None:
    server = ScriptedApiServer()
    server.ignores_streaming = True
    server.put("a")
    watched = Watched(server).step(3)
    assert len(server.lists) == 1
    watched.assert_equal()


def test_the_first_list_may_be_old_and_the_next_never_goes_back() -> None:
    server = ScriptedApiServer(streaming_lists=False)
    for number in range(4):
        server.put(f"pod-{number}")
    server.stale_cache_by = 2
    watched = Watched(server).step(2)
    assert server.lists[0]["resourceVersion"] == "0"
    watched.assert_equal()
    version = watched.reflector.mirror.version
    server.faults.open_errors.append(error_from_status(500, {"message": "no"}))
    watched.step(3)
    assert server.lists[-1]["resourceVersion"] == version
    assert "limit" not in server.lists[-1]


@pytest.mark.parametrize("form", ["status", "event"])
def test_an_expired_version_lists_again_from_the_quorum_and_reports_deletions(form: str) -> None:
    server = ScriptedApiServer(streaming_lists=False)
    server.put("stays")
    server.put("goes")
    watched = Watched(server).step(2)
    watched.changes.clear()
    if form == "event":
        server.faults.cut_after, server.faults.cut = 0, "expired"
        watched.step()
        server.delete("goes")
    else:
        server.delete("goes")
        server.put("other")
        server.compact()
        watched.step()
    watched.step(2)
    assert "resourceVersion" not in server.lists[-1]
    assert server.lists[-1]["limit"]
    assert [(old.name if old else None, new) for old, new in watched.changes if new is None] == [("goes", None)]
    watched.assert_equal()


def test_a_version_the_server_does_not_know_yet_is_read_from_the_quorum() -> None:
    server = ScriptedApiServer()
    server.put("a")
    watched = Watched(server).step()
    server.version = 50  # restored from an old backup
    server.history.clear()
    server.objects.clear()
    server.put("b")
    server.faults.open_errors.append(error_from_status(500, {"message": "no"}))
    for _ in range(3):
        watched.reflector.step()
    watched.assert_equal()


@pytest.mark.parametrize("status", [429, 503])
def test_after_429_and_503_the_watch_resumes_without_a_new_list(status: int) -> None:
    server = ScriptedApiServer(streaming_lists=False)
    server.put("a")
    watched = Watched(server).step(2)
    lists = len(server.lists)
    for _ in range(3):
        server.faults.open_errors.append(error_from_status(status, {"message": "busy"}))
    server.put("b")
    watched.step(4)
    assert len(server.lists) == lists
    assert "broken" in watched.states
    assert watched.states[-1] == "fresh"
    watched.assert_equal()


def test_a_cut_connection_resumes_from_the_same_version() -> None:
    server = ScriptedApiServer(streaming_lists=False)
    server.put("a")
    watched = Watched(server).step(2)
    lists = len(server.lists)
    for cut in ("rst", "half_line", "silence"):
        server.put("a", n=cut)
        server.put("b", n=cut)
        server.faults.cut_after, server.faults.cut = 1, cut
        watched.step(2)
        watched.reflector.heard_at = 0
    assert len(server.lists) == lists
    watched.assert_equal()


def test_an_expired_page_token_starts_the_list_again() -> None:
    server = ScriptedApiServer(streaming_lists=False, page=2)
    for number in range(7):
        server.put(f"pod-{number}")
    server.expire_pages = 1
    watched = Watched(server).step(2)
    assert "limit" not in server.lists[-1]
    watched.assert_equal()


def test_repeated_and_reordered_events_change_nothing() -> None:
    server = ScriptedApiServer()
    server.put("a")
    watched = Watched(server).step()
    server.put("a", n=1)
    server.put("a", n=2)
    server.delete("a")
    server.put("a", n=3)
    server.faults.repeat = True
    watched.step(3)
    watched.assert_equal()


def test_an_object_that_cannot_be_read_is_left_out_and_the_others_go_on() -> None:
    server = ScriptedApiServer()
    server.put("poison")
    server.put("a")
    watched = Watched(server).step()
    assert [name for _, name in watched.reflector.store] == ["a"]
    assert list(watched.reflector.mirror.unreadable) == ["shop/poison"]
    server.put("poison", n=1)
    server.put("b")
    watched.step()
    assert sorted(name for _, name in watched.reflector.store) == ["a", "b"]


def test_a_handler_that_raises_does_not_end_the_watch() -> None:
    server = ScriptedApiServer()
    seen: list[str] = []

    def changed(old: Stored | None, new: Stored | None) -> None:
        assert new is not None
        seen.append(new.name)
        raise RuntimeError("a bug in a handler")

    reflector = Reflector(server, Listing(PATH), decode, changed=changed, timing=AT_ONCE)
    server.put("a")
    reflector.step()
    server.put("b")
    reflector.step()
    assert seen == ["a", "b"]


def test_an_object_created_again_under_the_same_name_is_another_one() -> None:
    server = ScriptedApiServer()
    server.put("a")
    watched = Watched(server).step()
    server.delete("a")
    server.put("a")
    server.compact()
    watched.step(3)
    watched.assert_equal()
    assert watched.changes[-1][1] is not None
    assert watched.changes[-1][0] is None or watched.changes[-1][0].uid != watched.changes[-1][1].uid


@pytest.mark.parametrize("cut", CUTS)
def test_every_way_a_stream_can_end_is_survived(cut: str) -> None:
    server = ScriptedApiServer()
    server.put("a")
    watched = Watched(server).step()
    server.put("b")
    server.delete("a")
    server.faults.cut_after, server.faults.cut = 1, cut
    watched.step(4)
    watched.assert_equal()


def test_the_delay_doubles_with_jitter_to_a_ceiling_and_starts_again_after_a_healthy_while() -> None:
    now = [0.0]
    retries = Retries(RETRY, 120.0, clock=lambda: now[0], dice=random.Random(3).random)
    delays = [retries.next_delay_s() for _ in range(10)]
    for delay, base in zip(delays, [0.8, 1.6, 3.2, 6.4, 12.8, 25.6, 30, 30, 30, 30], strict=True):
        assert base <= delay <= base * 2
    now[0] = 121
    assert 0.8 <= retries.next_delay_s() <= 1.6


def test_a_watch_that_ends_at_once_without_events_is_reopened_with_a_delay() -> None:
    server = ScriptedApiServer(streaming_lists=False, bookmarks=False)
    waited: list[float] = []
    watched = Watched(server, timing=Timing(), wait=waited.append)
    watched.step(4)
    assert len(waited) >= 2
    assert waited[0] >= 0.8


def test_a_server_that_ends_every_watch_at_once_is_not_trusted_before_it_sends_a_line() -> None:
    server = ScriptedApiServer(streaming_lists=False, bookmarks=False)
    watched = Watched(server, timing=Timing(retry=Backoff(first_s=0, most_s=0)))
    watched.step(4)
    assert watched.states[:2] == ["fresh", "broken"], "the list was complete, and the watches are over"
    assert watched.states[-1] == "broken"
    assert "fresh" not in watched.states[watched.states.index("broken") :]
    server.put("a")
    watched.step()
    assert watched.states[-1] == "fresh"
    watched.assert_equal()


def test_a_watch_that_once_ends_at_once_is_trusted_again_as_soon_as_it_is_open() -> None:
    server = ScriptedApiServer(streaming_lists=False, bookmarks=False)
    watched = Watched(server, timing=Timing(retry=Backoff(first_s=0, most_s=0)))
    watched.step(2)
    server.faults.open_errors.append(error_from_status(503, {"message": "it restarts"}))
    watched.step(2)
    assert watched.states == ["fresh", "broken", "fresh"]


@pytest.mark.parametrize("streaming", [True, False])
def test_a_server_whose_versions_always_expire_is_listed_with_growing_delays_and_not_trusted_meanwhile(
    streaming: bool,
) -> None:
    class Forgetful(ScriptedApiServer):
        def stream(self, *args: Any, **options: Any) -> Any:
            if "sendInitialEvents" not in options["query"]:
                self.faults.open_errors.append(error_from_status(410, {"reason": "Expired", "message": "too old"}))
            elif streaming:
                self.faults.cut_after, self.faults.cut = len(self.objects) + 1, "expired"
            return super().stream(*args, **options)

    server = Forgetful(streaming_lists=streaming)
    server.put("a")
    waited: list[float] = []
    watched = Watched(server, timing=Timing(), wait=waited.append)
    watched.step(12)
    assert watched.reflector.mirror.lists >= 3
    assert len(waited) >= watched.reflector.mirror.lists - 2, "a list each, with a delay between any two"
    assert max(waited) > 4 * min(waited)
    assert "broken" in watched.states
    watched.assert_equal()


def test_stop_ends_a_watch_that_is_waiting() -> None:
    is_open = threading.Event()

    class Waiting(ScriptedApiServer):
        def stream(self, *args: Any, **options: Any) -> Any:
            return Blocking()

    class Blocking:
        def __init__(self) -> None:
            self.closed = threading.Event()

        def __enter__(self) -> Blocking:
            return self

        def __exit__(self, *_: object) -> None:
            self.close()

        def __iter__(self) -> Any:
            is_open.set()
            self.closed.wait()
            return iter(())

        def close(self) -> None:
            self.closed.set()

    watched = Watched(Waiting())
    thread = threading.Thread(target=watched.reflector.run)
    thread.start()
    assert is_open.wait(PATIENCE_S)
    watched.reflector.stop()
    thread.join(PATIENCE_S)
    assert not thread.is_alive()


def test_an_unreachable_server_is_reported_as_broken_and_then_as_fresh() -> None:
    server = ScriptedApiServer()
    server.put("a")
    watched = Watched(server).step()
    server.faults.open_errors += [ClusterUnavailable("refused")] * 3
    watched.step(5)
    assert watched.states[0] == "fresh"
    assert watched.states[-1] == "fresh"
    assert "broken" in watched.states
    watched.assert_equal()
