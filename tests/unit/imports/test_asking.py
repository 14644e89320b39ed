"""What is made of what a container was asked."""

from __future__ import annotations

import pytest

from clusters.kube.commands import Ran
from imports.comparing.asking import _read


@pytest.mark.parametrize(
    ("ran", "said"),
    [
        (
            Ran(None, b"", "sh did not end within 8 s", is_cut=True),
            "did not answer to the end: sh did not end within 8 s",
        ),
        (Ran(127, b"", ""), "no program that can be asked for it (not found)"),
        (Ran(None, b"", 'exec: "sh": executable file not found in $PATH'), "no program that can be asked for it (exec"),
    ],
)
def test_a_container_that_does_not_answer_is_not_said_to_lack_a_program(ran: Ran, said: str) -> None:
    answer = _read("name", ran, ["db:5432"])
    assert said in answer.why
    assert not answer.found
