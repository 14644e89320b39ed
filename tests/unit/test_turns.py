"""The order of the suites, and when one more begins."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from pathlib import Path

from tests.turns import Cores, Turns


@dataclass(frozen=True)
class Suite:
    name: str
    needs: frozenset[str] = frozenset()


PLANE = frozenset({"plane"})


def test_the_first_whose_programs_are_there_is_next() -> None:
    turns = Turns([Suite("long", PLANE), Suite("short"), Suite("last", PLANE)])
    assert turns.next() == Suite("short")
    assert turns.ready() is None
    turns.prepared("plane")
    assert turns.ready() == Suite("long", PLANE)
    assert turns.next() == Suite("last", PLANE)
    assert turns.next() is None
    assert turns.ready() is None


def test_one_that_lacks_its_programs_is_waited_for() -> None:
    turns = Turns([Suite("long", PLANE)])
    found: list[Suite | None] = []
    waiting = threading.Thread(target=lambda: found.append(turns.next()))
    waiting.start()
    turns.wait_for(PLANE, timeout_s=0.01)
    assert not found
    turns.prepared("plane")
    turns.wait_for(PLANE, timeout_s=60)
    waiting.join(60)
    assert found == [Suite("long", PLANE)]


def test_the_use_of_the_cores_is_what_was_not_idle_since_the_last_look(tmp_path: Path) -> None:
    def ticks(user: int, idle: int, waiting: int) -> None:
        (tmp_path / "stat").write_text(f"cpu  {user} 0 0 {idle} {waiting} 0 0 0 0 0\ncpu0 1 2 3\n")

    ticks(user=1000, idle=500, waiting=0)
    cores = Cores(tmp_path)
    ticks(user=1075, idle=520, waiting=5)
    assert cores.look().share == 0.75
    ticks(user=1175, idle=520, waiting=5)
    assert cores.look().share == 1.0
    assert cores.by_minute() == [0.875]
    (tmp_path / "meminfo").write_text("MemTotal:  9 kB\nMemAvailable:    2048 kB\n")
    assert cores.free_bytes() == 2 * 1024 * 1024


def test_where_nothing_is_known_the_cores_pass_for_busy_and_memory_for_full(tmp_path: Path) -> None:
    cores = Cores(tmp_path)
    assert cores.by_minute() == []
    assert cores.look().share == 1.0
    assert cores.free_bytes() == 0
