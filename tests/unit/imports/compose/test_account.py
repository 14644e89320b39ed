"""Every key and every item that somebody wrote stands in the model, or is said not to, and why."""

from __future__ import annotations

import pytest

from imports.domain.compose.load import load
from imports.domain.problems import ImportInvalid
from imports.domain.sources import Files
from tests.oracles.compose.generate import cases
from tests.support.seeds import SEED

PARTS = 5
PROJECTS = cases(150, seed=SEED)


@pytest.mark.parametrize("part", range(PARTS))
def test_every_key_as_written_is_in_the_model_or_overridden(part: int):
    missing = []
    for at, case in enumerate(PROJECTS):
        if at % PARTS != part:
            continue
        tree = Files({name: text.encode() for name, text in case.files.items()})
        try:
            project = load(tree, case.main, profiles=case.profiles, env_files=case.env_files)
        except ImportInvalid:
            continue
        known = {*project.places.values(), *(gone.place for gone in project.overridden)}
        missing += [(at, str(place), path) for path, place in project.keys if place not in known]
    assert missing == []
