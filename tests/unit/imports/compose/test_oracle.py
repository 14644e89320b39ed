"""Our models against what Docker Compose says, which `tests/oracles/compose/oracle.py` has recorded."""

from __future__ import annotations

import gzip
import json

import pytest

from tests.oracles.compose.generate import cases
from tests.oracles.compose.oracle import COUNT, GOLDEN, compared, ours

PARTS = 10
PROJECTS = cases(COUNT)
ANSWERS = json.loads(gzip.decompress(GOLDEN.read_bytes()))


@pytest.mark.parametrize("part", range(PARTS))
def test_generated_projects_become_what_docker_compose_makes_of_them(part: int):
    assert [case.digest() for case in PROJECTS] == [answer["case"] for answer in ANSWERS], (
        "the generator changed: record"
    )
    different = [
        f"{at}: {line}" for at in range(part, COUNT, PARTS) for line in compared(ANSWERS[at], ours(PROJECTS[at]))
    ]
    assert different == []


def test_at_least_two_hundred_of_the_generated_projects_are_valid():
    assert sum("model" in answer for answer in ANSWERS) >= 200
