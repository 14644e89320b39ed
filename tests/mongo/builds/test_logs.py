"""Logs of builds: numbered, bounded, followed."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from bson import ObjectId

from builds.domain.log_lines import Line
from builds.domain.masking import Masks
from builds.running import log_store, logbook
from builds.running.log_reading import LogStream, TextOfLog, numbered_after
from builds.running.logbook import Logbook
from tests.support.wait import until


def test_lines_are_numbered_on_by_whoever_comes_after(mongo: Any) -> None:
    build_id = ObjectId()
    for part in (["a", "b"], ["c"]):
        book = Logbook(build_id, Masks([]))
        book.stage = "building"
        book.add(Line(text) for text in part)
        book.flush()
    found = numbered_after(build_id, 0, 10_000)
    assert [(line["seq"], line["text"]) for line in found] == [(1, "a"), (2, "b"), (3, "c")]
    assert [line["seq"] for line in numbered_after(build_id, 2, 10_000)] == [3]
    assert numbered_after(build_id, 3, 10_000) == []


def test_of_a_long_log_the_beginning_and_the_end_are_kept(mongo: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (log_store, logbook):
        monkeypatch.setattr(module, "HEAD_BYTES", 20_000)
        monkeypatch.setattr(module, "TAIL_BYTES", 40_000)
        monkeypatch.setattr(module, "BATCH_BYTES", 5_000)
    build_id = ObjectId()
    book = Logbook(build_id, Masks([]))
    for number in range(1, 3001):
        book.add([Line(f"line {number}")])
    book.flush()
    kept = sum(row["bytes"] for row in mongo.build_logs.find({"build_id": build_id}))
    assert kept <= 65_000
    shown = numbered_after(build_id, 0, 10_000_000)
    [gap] = [number for number, line in enumerate(shown) if "left out" in line["text"]]
    assert shown[0]["text"] == "line 1"
    assert shown[-1]["text"] == "line 3000"
    assert shown[gap]["level"] == "warning"
    assert shown[gap]["seq"] == shown[gap + 1]["seq"] - 1
    left_out = int(shown[gap]["text"].split()[1].replace(",", ""))
    assert left_out + len(shown) - 1 == 3000
    assert [line["text"] for line in shown if "left out" not in line["text"]] == [
        f"line {line['seq']}" for line in shown if "left out" not in line["text"]
    ]


def test_the_first_error_is_found(mongo: Any) -> None:
    book = Logbook(ObjectId(), Masks([]))
    book.add([Line("a"), Line("b", level="error"), Line("c", level="error")])
    book.flush()
    assert book.error_seq == 2


def test_our_own_lines_hide_secrets_as_well(mongo: Any) -> None:
    build_id = ObjectId()
    book = Logbook(build_id, Masks(["hunter2secret"]))
    book.say("it is hunter2secret")
    book.flush()
    assert [line["text"] for line in numbered_after(build_id, 0, 1000)] == ["it is ***"]


def test_a_stream_goes_on_where_its_reader_was_and_ends_with_the_build(mongo: Any) -> None:
    build_id = ObjectId()
    mongo.builds.insert_one({"_id": build_id, "state": "building"})
    book = Logbook(build_id, Masks([]))
    book.add([Line("one"), Line("two")])
    book.flush()
    stream = LogStream(build_id, 1)
    got: list[bytes] = []

    def take(wanted: bytes) -> bool:
        got.extend(stream.take(10_000).pieces)
        return wanted in b"".join(got)

    stream.start(lambda: None)
    try:
        until(lambda: take(b'"text":"two"'))
        assert b"one" not in b"".join(got)
        book.add([Line("three")])
        book.flush()
        until(lambda: take(b"id: 3\nevent: lines"))
        mongo.builds.update_one({"_id": build_id}, {"$set": {"state": "succeeded"}})
        until(lambda: take(b"id: 3\nevent: ended"))
        until(lambda: stream.take(10_000).is_over)
    finally:
        stream.stop()


class Waits(threading.Condition):
    """Notes how long it was waited for."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[float | None] = []

    def wait(self, timeout: float | None = None) -> bool:
        self.asked.append(timeout)
        return super().wait(timeout)


def test_a_quiet_log_is_looked_at_less_often_until_something_comes(mongo: Any) -> None:
    build_id = ObjectId()
    mongo.builds.insert_one({"_id": build_id, "state": "building"})
    stream = LogStream(build_id, 0)
    stream._room = waits = Waits()
    stream.start(lambda: None)
    try:
        until(lambda: waits.asked[:6] == [0.04, 0.08, 0.16, 0.32, 0.64, 1.0])
        book = Logbook(build_id, Masks([]))
        book.add([Line("one")])
        book.flush()
        until(lambda: 0.04 in waits.asked[6:])
    finally:
        stream.stop()


def test_a_download_is_the_text(mongo: Any) -> None:
    build_id = ObjectId()
    mongo.builds.insert_one({"_id": build_id, "state": "failed"})
    book = Logbook(build_id, Masks([]))
    book.stage = "cloning"
    book.add([Line("one"), Line("two")])
    book.flush()
    text = TextOfLog(build_id)
    text.start(lambda: None)
    got: list[bytes] = []
    until(lambda: (made := text.take(10_000)).is_over or bool(got.extend(made.pieces)))
    lines = b"".join(got).decode().splitlines()
    assert [line.split(" ", 1)[1] for line in lines] == ["cloning one", "cloning two"]
