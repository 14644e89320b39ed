"""Signs of life: who is halted is noticed, who is slow to start, or slept with the machine, is not blamed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from kubeorch.processes.pulse import Pulses, beat, beat_always
from tests.support.wait import until


class House:
    """Pulses whose clock moves on request, looked at four times a second as `up` does."""

    def __init__(self, folder: Path) -> None:
        self.now_s = 100.0
        self.pulses = Pulses(folder, silence_s=30.0, clock=lambda: self.now_s)

    def wait(self, seconds: float, *, while_beating: str = "") -> None:
        for _ in range(int(seconds * 4)):
            self.now_s += 0.25
            if while_beating:
                self.beat(while_beating)
            self.pulses.look()

    def beat(self, name: str) -> None:
        path = self.pulses.path_of(name)
        path.touch()
        os.utime(path, ns=(0, int(self.now_s * 1e9)))


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


def test_a_process_that_beats_is_never_silent(house: House) -> None:
    house.pulses.begin("web")
    house.wait(100, while_beating="web")
    assert not house.pulses.is_silent("web")


def test_a_process_that_stops_beating_is_silent_after_the_limit_and_not_before(house: House) -> None:
    house.pulses.begin("web")
    house.wait(5, while_beating="web")
    house.wait(29)
    assert not house.pulses.is_silent("web")
    house.wait(2)
    assert house.pulses.is_silent("web")


def test_nothing_is_expected_before_the_first_sign(house: House) -> None:
    house.beat("web")  # of the process before it
    house.pulses.begin("web")
    house.wait(600)
    assert not house.pulses.is_silent("web")


def test_a_restarted_process_is_not_blamed_for_the_silence_before(house: House) -> None:
    house.pulses.begin("web")
    house.wait(1, while_beating="web")
    house.wait(40)
    house.pulses.begin("web")
    assert not house.pulses.is_silent("web")


def test_after_a_sleep_of_the_listener_everybody_has_the_whole_time_again(house: House) -> None:
    house.pulses.begin("web")
    house.wait(1, while_beating="web")
    house.now_s += 3600
    house.pulses.look()
    assert not house.pulses.is_silent("web")
    house.wait(31)
    assert house.pulses.is_silent("web")


def test_what_answers_instead_of_beating_is_heard(house: House) -> None:
    house.pulses.begin("database")
    house.pulses.heard("database")
    house.wait(31)
    assert house.pulses.is_silent("database")


def test_a_thread_beats_for_its_process(tmp_path: Path) -> None:
    path = tmp_path / "worker.pulse"
    beat_always(path)
    first = until(lambda: path.exists() and path.stat().st_mtime_ns, what="the first beat")
    until(lambda: path.stat().st_mtime_ns != first, what="another beat")


def test_a_folder_that_is_gone_is_no_error(tmp_path: Path) -> None:
    beat(tmp_path / "gone" / "web.pulse")
