"""A release has one version."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_the_page_says_the_version_of_the_server_that_it_belongs_to() -> None:
    server = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    page = json.loads((ROOT / "frontend" / "package.json").read_text())["version"]
    assert page == server
