"""Programs that end are started again: soon at first, ever later when they keep ending, and never while held back."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from kubeorch.processes import spawn
from kubeorch.processes.keep_up import STEADY_AFTER_S, UNSTARTABLE_AGAIN_S, Child, KeepUp
from tests.support.wait import until


class Program:
    """Runs until the test ends it."""

    def __init__(self) -> None:
        self.returncode: int | None = None

    def poll(self) -> int | None:
        return self.returncode


class House:
    """One program, a clock that moves on request, and what was reported."""

    def __init__(self) -> None:
        self.now_s = 100.0
        self.started: list[Program] = []
        self.pauses: list[float] = []
        self.refusals: list[str] = []
        self.answer: Any = None
        """What starting again gives: None for a fresh program, `later`, or an error to raise."""
        self.keep_up = KeepUp(
            self.start,
            on_end=lambda child, pause_s: self.pauses.append(pause_s),
            on_unstartable=lambda child, error: self.refusals.append(f"{child.name}: {error.strerror}"),
            clock=lambda: self.now_s,
        )
        first: Any = Program()
        self.keep_up.add("web", first)

    def start(self, name: str) -> Any:
        if isinstance(self.answer, OSError):
            raise self.answer
        if self.answer == "later":
            return None
        self.started.append(Program())
        return self.started[-1]

    @property
    def child(self) -> Child:
        return self.keep_up.children["web"]

    def end(self) -> None:
        program: Any = self.child.process
        program.returncode = 1
        self.keep_up.look()

    def wait(self, seconds: float) -> None:
        self.now_s += seconds
        self.keep_up.look()


@pytest.fixture
def house() -> House:
    return House()


def test_a_program_that_runs_is_left_alone(house: House) -> None:
    house.wait(1000)
    assert (house.started, house.pauses) == ([], [])
    assert house.keep_up.are_all_started


def test_it_is_started_again_after_its_pause_and_not_before(house: House) -> None:
    house.end()
    assert not house.keep_up.are_all_started
    house.wait(0.4)
    assert house.started == []
    house.wait(0.2)
    assert len(house.started) == 1
    assert house.keep_up.are_all_started
    assert house.child.process is house.started[0]


def test_each_end_in_a_row_is_waited_for_longer_up_to_half_a_minute(house: House) -> None:
    for _ in range(9):
        house.end()
        house.wait(30)
    assert house.pauses == [0.5, 1, 2, 4, 8, 16, 30, 30, 30]


def test_a_program_that_ran_steadily_is_started_again_at_once(house: House) -> None:
    house.wait(STEADY_AFTER_S + 1)
    house.end()
    house.wait(0)
    assert len(house.started) == 1
    house.end()
    house.wait(1)
    house.end()
    house.wait(2)
    house.wait(STEADY_AFTER_S + 1)
    house.end()
    assert house.pauses == [0, 0.5, 1, 0]


def test_a_program_that_is_halted_is_killed_and_started_again(tmp_path: Path) -> None:
    silent: list[str] = []
    ends: list[float] = []

    def start(_: str) -> subprocess.Popen[bytes]:
        return spawn.spawn([sys.executable, "-c", "import time; time.sleep(600)"], log=tmp_path / "log")

    keep_up = KeepUp(
        start,
        on_end=lambda child, pause_s: ends.append(pause_s),
        on_unstartable=lambda child, error: None,
        is_silent=lambda child: child.name in silent,
    )
    first = start("worker")
    keep_up.add("worker", first)
    try:
        first.send_signal(signal.SIGSTOP)
        keep_up.look()
        assert first.poll() is None
        silent.append("worker")
        keep_up.look()
        silent.clear()
        assert first.returncode == -signal.SIGKILL
        until(lambda: (keep_up.look(), keep_up.children["worker"].process is not first)[1], what="it is started again")
        assert len(ends) == 1
    finally:
        spawn.kill(keep_up.children["worker"].process)


def test_one_that_cannot_be_started_is_tried_again_later(house: House) -> None:
    house.end()
    house.answer = OSError(28, "No space left on device")
    house.wait(1)
    house.wait(1)
    assert house.refusals == ["web: No space left on device"]
    house.answer = None
    house.wait(UNSTARTABLE_AGAIN_S)
    assert len(house.started) == 1


def test_one_that_is_held_back_is_asked_about_at_every_look(house: House) -> None:
    house.end()
    house.answer = "later"
    house.wait(1)
    house.wait(0.01)
    assert not house.keep_up.are_all_started
    house.answer = None
    house.wait(0.01)
    assert house.keep_up.are_all_started
    assert house.pauses == [0.5], "it ended once"
