"""Compose files of others against Docker Compose, where both are here; CONTRIBUTING.md says how to get them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.oracles.compose.foreign import FIXTURES, difference, projects
from tests.oracles.compose.oracle import PROGRAM

NOT_FOLLOWED = ("json: error calling MarshalJSON for type types.SSHKey",)
"""Refusals of Docker Compose that are faults of its own: it cannot print keys for a build that have a path."""


def test_compose_files_of_others_become_what_docker_compose_makes_of_them():
    program, folder = os.environ.get(PROGRAM), os.environ.get(FIXTURES)
    if not program or not folder:
        pytest.skip(f"NOT TESTED: set {PROGRAM} and {FIXTURES} to compare with files of others; see CONTRIBUTING.md")
    found = list(projects(Path(folder)))
    assert found, f"{folder} has no Compose files"
    different = [
        f"{root.relative_to(folder)} {files}: {line}"
        for root, files in found
        for line in difference(root, files, program)
        if not any(known in line for known in NOT_FOLLOWED)
    ]
    assert different == []
