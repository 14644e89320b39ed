"""A start that takes long is said to, and taken back once it is over."""

from __future__ import annotations

from pathlib import Path

from kubeorch.processes.start_words import StartWords

URL, LOG = "http://127.0.0.1:8000", Path("/data/logs/web.log")


def said(*moments: tuple[float, bool]) -> list[str]:
    words = StartWords(URL, LOG)
    return [found for at, is_ready in moments if (found := words.now(at, is_ready=is_ready))]


def test_a_start_is_said_once_it_is_over_and_only_once() -> None:
    assert said((0.1, False), (1.26, True), (2.0, True), (90.0, True)) == [
        f"KubeOrch is ready at {URL} (1.3 s). Ctrl-C stops it."
    ]


def test_a_start_that_takes_long_is_not_given_up_and_its_end_is_said() -> None:
    assert said((59.9, False), (60.1, False), (75.0, False), (80.0, True), (81.0, True)) == [
        f"web: not ready after 60 s, and waited for; see {LOG}",
        f"KubeOrch is ready at {URL} (80.0 s, later than it should be). Ctrl-C stops it.",
    ]
