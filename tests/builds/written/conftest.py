"""A bare BuildKit, and base images under their official names, made once and kept."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.builds.plain_engine import PlainEngine, a_plain_engine, lacking


@pytest.fixture(scope="session")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PlainEngine]:
    if missing := lacking():
        pytest.skip(f"no image can be built here: {', '.join(missing)} missing")
    folder: Path = tmp_path_factory.mktemp("engine")
    with a_plain_engine(folder) as running:
        yield running
