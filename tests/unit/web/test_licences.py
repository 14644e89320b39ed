"""What the page shows of third-party licences."""

from __future__ import annotations

import json
from pathlib import Path

from kubeorch.web import licences

LOCK = Path(__file__).resolve().parents[3] / "requirements.lock"


def test_every_installed_package_of_the_server_has_a_licence_and_its_text() -> None:
    found = {package["name"]: package for package in licences.installed(LOCK)}
    assert found["django"]["licence"] == "BSD-3-Clause"
    assert found["django"]["url"] == "https://www.djangoproject.com/"
    assert "Django Software Foundation" in found["django"]["text"]
    assert [name for name, package in found.items() if not (package["licence"] and package["text"])] == []


def test_a_locked_package_that_this_platform_does_not_need_is_left_out(tmp_path: Path) -> None:
    lock = tmp_path / "requirements.lock"
    lock.write_text("not-installed-anywhere==1.0\n    --hash=sha256:00\n")
    assert licences.installed(lock) == ()


def test_the_packages_of_the_page_are_those_that_its_build_wrote(tmp_path: Path) -> None:
    assert licences.built_in(tmp_path) == []
    rows = [{"name": "react", "version": "19.3.1", "licence": "MIT", "url": None, "text": "MIT License"}]
    (tmp_path / "licences.json").write_text(json.dumps(rows))
    assert licences.built_in(tmp_path) == rows
