"""`manage.py detect` tells what would be built from a folder, and writes nothing into it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.rooms import ROOT
from tests.unit.builds.detection.samples import SAMPLES


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    for path, text in SAMPLES["node-vite-npm"].items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    (tmp_path / "Dockerfile").symlink_to("/etc/passwd")
    (tmp_path / "requirements.txt").write_bytes(b"\xff\xfe\x00")
    return tmp_path


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "manage.py"), "detect", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)


def test_it_prints_proposals_and_what_each_of_them_begins_with(repository: Path) -> None:
    before = sorted(repository.rglob("*"))
    told = run(str(repository))
    assert told.stdout.startswith("shop: Node 22, Vite, static site on port 8080\n"), told.stderr
    assert "Dockerfile" not in told.stdout
    assert "FROM node:22-slim AS build" in run(str(repository), "--dockerfile", "shop").stdout
    assert "**/node_modules" in run(str(repository), "--dockerignore", "shop").stdout
    graph = json.loads(run(str(repository), "--graph", "shop").stdout)
    assert [node["kind"] for node in graph["nodes"]] == ["deployment", "service", "source"]
    assert sorted(repository.rglob("*")) == before


def test_what_is_not_there_is_told_with_what_is(repository: Path) -> None:
    assert "there are: shop" in run(str(repository), "--dockerfile", "web").stderr
    missing = run(str(repository / "none"))
    assert (missing.returncode, missing.stderr.strip()) == (1, f"CommandError: {repository / 'none'} is not a folder")
