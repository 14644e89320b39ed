"""What BuildKit says, as lines and steps."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from builds.domain.log_lines import (
    CUT,
    GATHERED_MOST,
    LINE_MOST,
    OPEN_MOST,
    STEPS_MOST,
    Line,
    Progress,
    in_words,
    time_of,
)
from builds.domain.masking import Masks

AT, LATER = "2026-11-26T18:05:27.907550739Z", "2026-11-26T18:05:28.1Z"


def said(**rows: Any) -> bytes:
    return json.dumps(rows).encode()


def printed(text: bytes, vertex: str = "v1", stream: int = 1) -> bytes:
    return said(logs=[{"vertex": vertex, "stream": stream, "data": base64.b64encode(text).decode()}])


@pytest.fixture
def progress() -> Progress:
    made = Progress(Masks(["hunter2secret"]))
    made.read(said(vertexes=[{"digest": "v1", "name": "[1/1] RUN make", "started": AT}]))
    return made


def test_a_line_may_come_in_pieces(progress: Progress) -> None:
    assert progress.read(printed(b"one\ntw")) == [Line("one", 1, "stdout")]
    assert progress.read(printed(b"err\n", stream=2)) == [Line("err", 1, "stderr")]
    assert progress.read(printed(b"o\n\nthree")) == [Line("two", 1, "stdout"), Line("", 1, "stdout")]
    assert progress.rest() == [Line("three", 1, "stdout")]


def test_what_a_server_begins_without_end_is_bounded(progress: Progress) -> None:
    for number in range(3_000):
        progress.read(printed(b"x" * 1000, f"unknown-{number}"))
    assert sum(map(len, progress._open.values())) <= GATHERED_MOST
    found = []
    for number in range(2 * OPEN_MOST):
        progress.read(said(vertexes=[{"digest": f"v{number}", "name": "RUN", "started": AT}]))
        found += progress.read(printed(b"y", f"v{number}"))
    assert len(progress._open) <= OPEN_MOST
    assert len([line for line in [*found, *progress.rest()] if line.text == "y"]) == 2 * OPEN_MOST


def test_a_secret_in_two_pieces_is_hidden(progress: Progress) -> None:
    assert progress.read(printed(b"the hunter2")) == []
    assert progress.read(printed(b"secret\n")) == [Line("the ***", 1, "stdout")]


def test_a_line_has_an_end_and_a_secret_across_it_is_hidden(progress: Progress) -> None:
    [line] = progress.read(printed(b"x" * (LINE_MOST - 10) + b"hunter2secret" + b"y" * 1_000_000 + b"\n"))
    assert len(line.text.encode()) <= LINE_MOST
    assert line.text.endswith(CUT)
    assert "hunter2" not in line.text


def test_a_line_that_never_ends_takes_bounded_room(progress: Progress) -> None:
    for _ in range(50):
        progress.read(printed(b"z" * 60_000))
    assert max(map(len, progress._open.values())) <= GATHERED_MOST


def test_what_was_written_over_shows_its_last_state(progress: Progress) -> None:
    assert progress.read(printed(b"10%\r50%\r100%\r\n")) == [Line("100%", 1, "stdout")]


def test_broken_text_and_nul_stay_readable(progress: Progress) -> None:
    assert progress.read(printed(b"\xff\x00a\n")) == [Line("\ufffd\u2400a", 1, "stdout")]


def test_steps_count_from_their_start_in_the_order_of_the_dockerfile() -> None:
    progress = Progress(Masks([]))
    progress.read(said(vertexes=[{"digest": "b", "name": "second"}, {"digest": "a", "name": "first", "started": AT}]))
    progress.read(said(vertexes=[{"digest": "b", "name": "second", "started": AT, "completed": LATER, "cached": True}]))
    found = [(step.number, step.name, step.is_cached, step.ended) for step in progress.steps.values()]
    assert found == [(1, "first", False, ""), (2, "second", True, LATER)]


def test_an_error_of_a_step_is_a_line_of_it_once(progress: Progress) -> None:
    failed = said(vertexes=[{"digest": "v1", "started": AT, "completed": LATER, "error": "exit code: 7"}])
    assert progress.read(failed) == [Line("exit code: 7", 1, "", "error")]
    assert progress.read(failed) == []


def test_the_engines_own_words_are_lines() -> None:
    progress = Progress(Masks(["hunter2secret"]))
    assert progress.read(b"error: failed hunter2secret") == [Line("error: failed ***", level="error")]
    assert progress.read(b"{broken") == [Line("{broken")]
    assert progress.read(said(warnings=[{"vertex": "x", "short": base64.b64encode(b"old\nsyntax").decode()}])) == [
        Line("old syntax", level="warning")
    ]


def test_a_push_is_noticed(progress: Progress) -> None:
    assert not progress.is_pushing
    progress.read(said(statuses=[{"id": "pushing layers", "vertex": "v1"}]))
    assert progress.is_pushing


@pytest.mark.parametrize(
    "line",
    [
        b"{}",
        b"[]",
        b'{"vertexes": 1}',
        b'{"vertexes": [1, null]}',
        b'{"logs": [{"data": 5}]}',
        b'{"logs": [{"data": "%"}]}',
    ],
)
def test_what_is_not_as_expected_breaks_nothing(progress: Progress, line: bytes) -> None:
    progress.read(line)
    progress.rest()


def test_there_is_a_most_of_steps() -> None:
    progress = Progress(Masks([]))
    rows = [{"digest": str(number), "name": "n", "started": AT} for number in range(STEPS_MOST + 10)]
    progress.read(said(vertexes=rows))
    assert len(progress.steps) == STEPS_MOST


def test_times_are_read() -> None:
    assert time_of(AT) == datetime(2026, 11, 26, 18, 5, 27, 907550, tzinfo=UTC)
    assert time_of(LATER) == datetime(2026, 11, 26, 18, 5, 28, 100000, tzinfo=UTC)
    assert time_of("2026-11-26T18:05:28Z") == datetime(2026, 11, 26, 18, 5, 28, tzinfo=UTC)
    assert time_of("0001-01-01T00:00:00Z") is None
    assert time_of("") is None


@pytest.mark.parametrize(
    ("size", "words"),
    [(0, "0 bytes"), (1, "1 byte"), (1200, "1 KB"), (999_499, "999 KB"), (999_500, "1.0 MB"), (9_000_000, "9.0 MB")],
)
def test_a_size_is_said_in_the_unit_that_shows_it(size: int, words: str) -> None:
    assert in_words(size) == words
