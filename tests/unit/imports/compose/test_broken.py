"""Broken files are refused with a place, or read; nothing else happens, and it does not take long."""

from __future__ import annotations

import random
from functools import partial

import pytest

from imports.domain.compose.load import load
from imports.domain.problems import ImportInvalid
from imports.domain.sources import Files
from tests.oracles.compose.generate import Case, cases
from tests.oracles.compose.mutate import mutated
from tests.support.cpu import takes_less_than
from tests.support.memory import peak_bytes
from tests.support.seeds import SEED

FILES = 2_000 if SEED == 1 else 3_000
PARTS = 10
LONGEST_CPU_S = 1.0
MOST_BYTES = 200_000_000
PROJECTS = cases(40, seed=SEED)


@pytest.mark.parametrize("part", range(PARTS))
def test_a_broken_file_is_refused_with_its_place_or_read(part: int):
    assert peak_bytes(partial(read_many, part)) < MOST_BYTES


def read_many(part: int) -> None:
    rng = random.Random(f"{SEED}/{part}")
    for _ in range(FILES // PARTS):
        case = rng.choice(PROJECTS)
        name = rng.choice([case.main[-1], case.main[0], *case.files])
        files = {path: text.encode() for path, text in case.files.items()}
        files[name] = mutated(rng, case.files[name])
        assert takes_less_than(LONGEST_CPU_S, partial(read_or_refused, case, files, name)), files[name]


def read_or_refused(case: Case, files: dict[str, bytes], name: str) -> None:
    refused = None
    try:
        load(Files(files), case.main, profiles=case.profiles, env_files=case.env_files)
    except ImportInvalid as error:
        refused = error
    if refused:
        assert refused.place, (refused.detail, files[name])
        assert refused.place.path in files, refused.detail
