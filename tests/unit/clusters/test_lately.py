"""Answers of an API server that several plans may share for a short time."""

from __future__ import annotations

import pytest

from clusters.kube.lately import MOST, Lately


class Server:
    def __init__(self) -> None:
        self.asked = 0

    def __call__(self) -> int:
        self.asked += 1
        return self.asked


def test_an_answer_serves_again_for_whoever_takes_it_as_old_as_it_is() -> None:
    lately, server = Lately(), Server()

    assert [lately.answer("version", 60.0, server) for _ in range(3)] == [1, 1, 1]


def test_whoever_takes_none_that_is_old_asks_and_leaves_the_new_one_to_others() -> None:
    lately, server = Lately(), Server()

    assert [lately.answer("version", age_s, server) for age_s in (60.0, 0.0, 60.0)] == [1, 2, 2]


def test_another_who_asks_has_an_answer_of_its_own() -> None:
    lately, server = Lately(), Server()

    assert [lately.answer(("version", user), 60.0, server) for user in ("ann", "bob", "ann")] == [1, 2, 1]


def test_what_was_forgotten_is_asked_again_and_what_failed_is_not_kept() -> None:
    lately, server = Lately(), Server()
    lately.answer("version", 60.0, server)
    lately.forget("version")

    def fails() -> int:
        raise OSError("the connection was refused")

    with pytest.raises(OSError, match="refused"):
        lately.answer("version", 60.0, fails)
    assert lately.answer("version", 60.0, server) == 2


def test_it_keeps_a_bounded_number_of_answers_and_lets_the_oldest_go() -> None:
    lately, server = Lately(), Server()
    for number in range(MOST + 1):
        lately.answer(number, 60.0, server)

    assert lately.answer(1, 60.0, server) == 2
    assert lately.answer(0, 60.0, server) == MOST + 2
