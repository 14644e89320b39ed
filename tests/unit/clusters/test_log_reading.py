"""Lines of logs: cut out of bytes, read on after a cut, merged by time."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest

from clusters.domain.logs.containers import pod_logs
from clusters.domain.logs.lines import LogLine, Splitter, Track
from clusters.domain.logs.merging import FULL_BYTES, HELD_S, SETTLE_S, Merger
from clusters.domain.logs.positions import Position, event_id, positions_of
from tests.support.seeds import SEED

T = "2026-11-26T14:10:{:02d}.{:09d}Z"


def at(second: int, nano: int = 0) -> str:
    return T.format(second, nano)


def lines_of(data: bytes, piece: int, most: int = 100) -> list[LogLine]:
    splitter = Splitter(most)
    found = []
    for start in range(0, len(data), piece):
        found += splitter.feed(data[start : start + piece])
    return found + splitter.end()


@pytest.mark.parametrize("piece", [1, 7, 64, 10_000])
def test_lines_come_out_whole_however_the_bytes_arrive(piece: int) -> None:
    texts = [b"one", b"", b"  two\r", b"\xff\xfe broken", "größer".encode(), b"x" * 100]
    data = b"".join(at(1, n).encode() + b" " + text + b"\n" for n, text in enumerate(texts))
    found = lines_of(data + at(2).encode() + b" without an end", piece)
    assert [line.raw for line in found] == [*texts, b"without an end"]
    assert [line.at for line in found] == [*(at(1, n) for n in range(len(texts))), at(2)]
    assert not any(line.is_cut for line in found)
    assert found[3].text == "�� broken"


@pytest.mark.parametrize("piece", [1, 50, 100_000])
def test_the_rest_of_a_line_that_is_too_long_is_left_out_and_the_next_one_is_whole(piece: int) -> None:
    data = at(1).encode() + b" " + b"x" * 5000 + b"\n" + at(2).encode() + b" next\n"
    long, after = lines_of(data, piece)
    assert (long.at, long.is_cut, long.raw) == (at(1), True, b"x" * 100)
    assert after == LogLine(at(2), b"next", False)


def test_a_line_without_end_holds_no_more_than_the_longest_line() -> None:
    splitter = Splitter(1000)
    found = [line for _ in range(1000) for line in splitter.feed(b"y" * 1000)]
    assert len(found) == 1
    assert len(splitter._rest) <= 2000


def test_a_long_line_that_comes_byte_by_byte_takes_time_by_its_length() -> None:
    def steps(length: int) -> int:
        splitter = Splitter(length)
        copied = 0
        for _ in range(length):
            before = id(splitter._rest)
            splitter.feed(b"x")
            copied += id(splitter._rest) != before
        return copied

    assert steps(4000) == 0, "what waits is added to, and never made anew"


def test_a_line_that_is_cut_ends_between_two_characters() -> None:
    [line] = lines_of(at(1).encode() + b" " + "ä€😀".encode() * 40 + b"\n", 64)
    assert line.is_cut
    assert "\ufffd" not in line.text
    assert 96 <= len(line.raw) <= 100
    [broken] = lines_of(at(1).encode() + b" " + b"\x80" * 200 + b"\n", 64)
    assert len(broken.raw) == 100


@pytest.mark.parametrize(
    "stamp", ["2026-11-26Tx\r\rdata: ,/,.123456789Z", "a" * 10 + "T" + "b" * 8 + "." + "c" * 9 + "Z"]
)
def test_what_only_looks_like_a_time_is_none(stamp: str) -> None:
    [line] = lines_of(f"{stamp} text\n".encode(), 1000)
    assert (line.at, line.text) == ("", f"{stamp} text")


@pytest.mark.parametrize(
    ("stamp", "expected"),
    [
        ("2026-11-26T16:10:44.5+02:00", "2026-11-26T14:10:44.500000000Z"),
        ("2026-11-26T14:10:44Z", "2026-11-26T14:10:44.000000000Z"),
        ("2026-02-31T14:10:44Z", ""),
        ("failed", ""),
    ],
)
def test_times_are_of_one_form(stamp: str, expected: str) -> None:
    [line] = lines_of(f"{stamp} text\n".encode(), 1000)
    assert line.at == expected
    assert line.raw == (b"text" if expected else f"{stamp} text".encode())


@pytest.mark.parametrize("case", range(30))
def test_a_log_that_is_read_with_cuts_is_the_log(case: int) -> None:
    dice = random.Random(SEED * 1000 + case)
    log: list[LogLine] = []
    second, nano = 0, 0
    for number in range(dice.randrange(1, 60)):
        if dice.random() < 0.6:
            second, nano = (
                (second + dice.randrange(0, 3), dice.randrange(0, 3)) if dice.random() < 0.3 else (second, nano + 1)
            )
        log.append(LogLine(at(second % 60, nano), str(number).encode(), False))
    log = [one for _, one in sorted(enumerate(log), key=lambda pair: (pair[1].at, pair[0]))]
    read: list[tuple[LogLine, int]] = []
    track = Track()
    while len(read) < len(log):
        track.read_again()
        known = [one for one in log if one.at[:19] >= track.since[:19]]
        cut = dice.randrange(0, len(known) + 1)
        sent = 0
        while sent < cut:
            piece = dice.randrange(1, 5)
            fresh, is_gap = track.fresh(known[sent : min(cut, sent + piece)])
            assert not is_gap
            read += fresh
            sent += piece
        if read and dice.random() < 0.5:  # somebody else goes on from the id of the last event
            track = Track(read[-1][0].at, read[-1][1])
    assert [line for line, _ in read] == log


def test_times_that_go_back_repeat_no_line_and_are_no_gap() -> None:
    log = [
        LogLine(stamp, name.encode(), False) for name, stamp in (("out", at(5, 2)), ("err", at(5, 1)), ("on", at(5, 3)))
    ]
    track = Track()
    assert track.fresh(log[:2])[1] is False
    position = Position("u", "c", "i", track.at, track.ordinal, track.latest)
    [back] = positions_of(event_id([position])).values()
    track = Track(back.at, back.ordinal, back.latest)
    track.read_again()
    assert track.fresh(log) == ([(log[2], 0)], False)


def test_a_line_with_an_earlier_time_that_comes_while_nobody_reads_is_asked_for() -> None:
    assert Track(at(5), 0).since < at(5)[:19]


def test_after_a_rotation_lines_that_are_not_later_than_all_that_was_read_come_too() -> None:
    later, now = LogLine(at(7), b"after the clock was set back", False), LogLine(at(9), b"now", False)
    track = Track(at(5), 0, at(8))
    track.read_again()
    assert track.fresh([later]) == ([], False), "it may have been read before"
    assert track.fresh([now]) == ([(later, 0), (now, 0)], True)
    track = Track(at(5), 0, at(8))
    track.read_again()
    assert track.fresh([later]) == ([], False)
    assert track.left_over() == [later]
    assert track.left_over() == []


def test_a_log_that_was_rotated_in_between_says_so() -> None:
    track = Track(at(5), 0)
    track.read_again()
    fresh, is_gap = track.fresh([LogLine(at(6), b"later", False)])
    assert is_gap
    assert [line.raw for line, _ in fresh] == [b"later"]


def test_the_id_of_an_event_says_where_each_source_is() -> None:
    positions = [Position("abcd1234", "web", "0123456789ab", at(1, 7), 2), Position("abcd1234", "db", "", at(2), 0)]
    assert list(positions_of(event_id(positions)).values()) == positions
    assert positions_of("nonsense,,a/b/c,../../x/y/z/1") == {}
    hostile = Position("abcd1234", "web\r\ndata: mine", "0123456789ab", at(1), 0)
    assert event_id([hostile, positions[1]]) == event_id(positions[1:]), "an id holds nothing that ends its line"


def test_what_several_sources_say_is_merged_by_time_whatever_comes_first() -> None:
    merger: Merger[str] = Merger(exact=True)
    for source in (0, 1):
        merger.open(source, 0.0)
    for second in (1, 4, 5):
        merger.add(1, at(second), f"b{second}", 10, 0.0)
    assert merger.take(99.0, 1000) == [], "the other one may have earlier lines"
    for second in (2, 3, 6):
        merger.add(0, at(second), f"a{second}", 10, 0.0)
    assert [entry.value for entry in merger.take(0.0, 1000)] == ["b1", "a2", "a3", "b4", "b5"]
    merger.close(1)
    assert [entry.value for entry in merger.take(0.0, 1000)] == ["a6"]


def test_a_silent_source_delays_the_others_no_longer_than_a_moment() -> None:
    merger: Merger[str] = Merger()
    merger.open(0, 0.0)
    merger.open(1, 0.0)
    merger.add(0, at(1), "a", 10, 0.05)
    assert merger.take(0.1, 1000) == []
    assert merger.due_s(0.1) is not None
    assert [entry.value for entry in merger.take(SETTLE_S + 0.01, 1000)] == ["a"]
    merger.add(1, at(2), "late", 10, 1.0)
    merger.add(0, at(3), "b", 10, 1.0)
    assert [entry.value for entry in merger.take(1.0, 1000)] == ["late"]
    merger.open(1, 1.0 + HELD_S)
    assert [entry.value for entry in merger.take(1.01 + HELD_S, 1000)] == ["b"]


def test_a_source_keeps_its_own_order_and_a_note_stands_where_it_was_said() -> None:
    merger: Merger[str] = Merger()
    for stamp, value in ((at(2), "one"), ("", "note"), (at(1), "clock went back"), (at(3), "two")):
        merger.add(0, stamp, value, 10, 0.0)
    merger.add(1, at(2, 1), "other", 10, 0.0)
    merger.close(0), merger.close(1)
    found = merger.take(1.0, 1000)
    assert [entry.value for entry in found] == ["one", "note", "clock went back", "other", "two"]
    assert all(earlier.at <= later.at for earlier, later in pairwise(found))


def test_which_instance_of_a_container_is_read_is_what_the_kubelet_reads() -> None:
    ended = {"containerID": "containerd://" + "a" * 64, "exitCode": 3, "reason": "Error", "finishedAt": at(1)}
    pod = {
        "metadata": {"name": "web", "namespace": "shop", "uid": "u" * 36},
        "spec": {
            "containers": [{"name": "loops"}, {"name": "runs"}, {"name": "new"}],
            "initContainers": [{"name": "i"}],
        },
        "status": {
            "phase": "Running",
            "containerStatuses": [
                {
                    "name": "loops",
                    "state": {"waiting": {"reason": "CrashLoopBackOff"}},
                    "lastState": {"terminated": ended},
                },
                {
                    "name": "runs",
                    "containerID": "cri://bbb",
                    "state": {"running": {}},
                    "lastState": {"terminated": ended},
                },
            ],
        },
    }
    init, loops, runs, new = pod_logs(pod).containers
    assert (init.type, init.container_id) == ("init", "")
    assert (loops.container_id, loops.loops, loops.previous) == ("a" * 12, True, None)
    assert loops.ended is not None
    assert loops.ended.exit_code == 3
    assert (runs.container_id, runs.ended) == ("bbb", None)
    assert runs.previous is not None
    assert runs.previous.container_id == "a" * 12
    assert (new.state, new.container_id) == ("waiting", "")


def test_a_source_that_writes_much_does_not_wait_for_one_that_writes_nothing() -> None:
    merger: Merger[str] = Merger()
    merger.open(0, 0.0)
    merger.open(1, 0.0)
    for number in range(10):
        merger.add(0, at(1, number), "much", FULL_BYTES // 10 + 1, 0.0)
    assert len(merger.take(0.0, 1 << 20)) == 10
