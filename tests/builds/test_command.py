"""`manage.py build`: an image of a folder or a repository, without a database."""

from __future__ import annotations

import base64
import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from tests.support.image_builds import Shop, an_app
from tests.support.registry import PASSWORD, USER

pytestmark = pytest.mark.slow


def run(*arguments: str) -> tuple[str, str]:
    out, error = StringIO(), StringIO()
    call_command("build", *arguments, stdout=out, stderr=error)
    return out.getvalue().strip(), error.getvalue()


@pytest.fixture
def signed_in(shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shop:
    """As `docker login` leaves it."""
    auth = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
    (tmp_path / "config.json").write_text(json.dumps({"auths": {shop.registry.host: {"auth": auth}}}))
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    from django.conf import settings

    from builds.engines.local.place import Trust, place_in

    place_in(settings.DATA_DIR).tell({shop.registry.host: Trust(False, shop.registry.ca)})
    return shop


def test_a_folder_is_built_and_pushed(signed_in: Shop, tmp_path: Path) -> None:
    folder = tmp_path / "app"
    folder.mkdir()
    for name, content in an_app("RUN echo made by hand\n").items():
        (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    digest, said = run(str(folder), "--image", f"{signed_in.registry.host}/shop/hand:1")
    assert digest.startswith("sha256:")
    assert "made by hand" in said
    assert signed_in.registry.is_tag("shop/hand", "1")


def test_a_repository_is_built_and_a_failure_is_a_failure(signed_in: Shop) -> None:
    signed_in.repository("by-hand", an_app("RUN exit 3\n"))
    with pytest.raises(CommandError, match="failed"):
        run(signed_in.server.url("by-hand.git"))


@pytest.mark.parametrize(
    "given", [("/none",), (".", "--root", "../x"), (".", "--image", "UPPER"), (".", "--arg", "1=2")]
)
def test_what_cannot_be_is_refused_in_words(engine: Any, given: tuple[str, ...]) -> None:
    with pytest.raises(CommandError):
        run(*given)
