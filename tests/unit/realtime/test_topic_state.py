"""The hub's law: a snapshot, then everything sent after it, equals the snapshot taken at the end."""

from __future__ import annotations

from typing import Any

import orjson
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from kubeorch.realtime import state as state_module
from kubeorch.realtime.state import Frame, TopicState
from tests.support.searches import searched

KEYS = st.sampled_from([f"node:{n}" for n in range(6)])
CHANGES = st.lists(st.tuples(KEYS, st.one_of(st.none(), st.integers(0, 99)), st.integers(0, 40)), max_size=60)


class Reader:
    """A browser: keeps what it was sent, newest snapshot first."""

    def __init__(self) -> None:
        self.data: dict[str, Any] = {}
        self.seq: int | None = None
        self.epoch: str | None = None
        self.kinds: list[str] = []

    def take(self, frame: Frame | None) -> None:
        if frame is None:
            return
        message = orjson.loads(frame.body)
        self.kinds.append(message["type"])
        if message["type"] == "snapshot":
            self.data = dict(message["data"])
            self.epoch = message["epoch"]
        else:
            assert self.seq is not None
            assert message["seq"] > self.seq
            for key, value in message["data"].items():
                if value is None:
                    self.data.pop(key, None)
                else:
                    self.data[key] = value
        self.seq = message["seq"]


def plain(state: TopicState) -> dict[str, Any]:
    return {key: orjson.loads(body) for key, body in state.values().items()}


def put(state: TopicState, key: str, value: int | None, rev: int) -> bool:
    return state.put(key, None if value is None else orjson.dumps({"v": value, "rev": rev}), rev)


@given(before=CHANGES, after=CHANGES, reads=st.lists(st.booleans(), min_size=60, max_size=60))
@searched(300)
def test_a_snapshot_plus_later_events_equals_a_later_snapshot(before: Any, after: Any, reads: Any) -> None:
    state = TopicState("environment:1")
    for change in before:
        put(state, *change)
    reader = Reader()
    reader.take(state.frame_for(None))
    for change, reads_now in zip(after, reads, strict=False):
        put(state, *change)
        if reads_now:
            reader.take(state.frame_for(reader.seq, reader.epoch))
    reader.take(state.frame_for(reader.seq, reader.epoch))
    assert reader.data == plain(state)
    assert reader.kinds.count("snapshot") == 1


@given(CHANGES)
def test_the_newest_revision_of_every_entity_stays(changes: Any) -> None:
    state = TopicState("t")
    newest: dict[str, tuple[int, int | None]] = {}
    for key, value, rev in changes:
        put(state, key, value, rev)
        if key not in newest or rev > newest[key][0] or (rev == newest[key][0] and value is None):
            newest[key] = (rev, value)
    assert {key: body["v"] for key, body in plain(state).items()} == {
        key: value for key, (_, value) in newest.items() if value is not None
    }


def test_readers_at_one_position_share_one_encoded_frame() -> None:
    state = TopicState("t")
    put(state, "a", 1, 1)
    seq = state.seq
    put(state, "b", 2, 1)
    assert state.frame_for(seq) is state.frame_for(seq)


def test_a_reader_older_than_the_remembered_removals_gets_a_snapshot() -> None:
    state = TopicState("t")
    put(state, "keep", 1, 1)
    reader = Reader()
    reader.take(state.frame_for(None))
    for n in range(state_module.MAX_TOMBSTONES + 5):
        put(state, f"k{n}", 1, 1)
        put(state, f"k{n}", None, 2)
    reader.take(state.frame_for(reader.seq, reader.epoch))
    assert reader.kinds == ["snapshot", "snapshot"]
    assert reader.data == plain(state) == {"keep": {"v": 1, "rev": 1}}


def test_another_epoch_or_a_sequence_from_the_future_gets_a_snapshot() -> None:
    state = TopicState("t")
    put(state, "a", 1, 1)
    for frame in (state.frame_for(1, "other"), state.frame_for(9, state.epoch), state.frame_for(None)):
        assert frame is not None
        assert frame.kind == "snapshot"
    assert state.frame_for(1, state.epoch) is None


def test_capped_keys_drop_the_oldest_and_readers_are_informed() -> None:
    state = TopicState("run:1", caps={"log:": 3})
    put(state, "log:0", 0, 0)
    reader = Reader()
    reader.take(state.frame_for(None))
    for n in range(1, 6):
        put(state, f"log:{n}", n, 0)
    reader.take(state.frame_for(reader.seq, reader.epoch))
    assert sorted(reader.data) == sorted(plain(state)) == ["log:3", "log:4", "log:5"]


class Readers(RuleBasedStateMachine):
    """Readers that lag, drop off, come back with their position or without, and a state reloaded from its source."""

    def __init__(self) -> None:
        super().__init__()
        self.state = TopicState("t")
        self.readers = [Reader() for _ in range(3)]
        self.rev = 0

    @rule(key=KEYS, value=st.one_of(st.none(), st.integers(0, 99)))
    def change(self, key: str, value: int | None) -> None:
        self.rev += 1
        put(self.state, key, value, self.rev)

    @rule(n=st.integers(0, 2))
    def read(self, n: int) -> None:
        reader = self.readers[n]
        reader.take(self.state.frame_for(reader.seq, reader.epoch))
        assert reader.data == plain(self.state)

    @rule(n=st.integers(0, 2))
    def come_back_without_a_position(self, n: int) -> None:
        self.readers[n] = Reader()

    @rule()
    def the_hub_restarts(self) -> None:
        fresh = TopicState("t")
        fresh.replace({key: (body, orjson.loads(body)["rev"]) for key, body in self.state.values().items()})
        assert plain(fresh) == plain(self.state)
        self.state = fresh

    @rule(lost=st.dictionaries(KEYS, st.one_of(st.none(), st.integers(0, 99)), max_size=4))
    def history_was_lost_and_the_source_is_read_again(self, lost: dict[str, int | None]) -> None:
        truth = {key: (body, orjson.loads(body)["rev"]) for key, body in self.state.values().items()}
        for key, value in lost.items():
            self.rev += 1
            if value is None:
                truth.pop(key, None)
            else:
                truth[key] = (orjson.dumps({"v": value, "rev": self.rev}), self.rev)
        self.state.replace(truth)
        assert self.state.values() == {key: body for key, (body, _) in truth.items()}

    @invariant()
    def sequences_grow_with_the_order_of_changes(self) -> None:
        seqs = [entry.seq for entry in self.state._entries.values()]
        assert seqs == sorted(seqs)


TestReaders = Readers.TestCase
TestReaders.settings = searched(60, stateful_step_count=40)
