"""A build of a private repository with submodules on a real Gitea: which come along, and with whose credential."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.git_server import git
from tests.support.gitea import PASSWORD, Gitea, a_gitea
from tests.support.image_builds import Shop, an_app
from tests.support.people import a_user
from tests.support.workers import working

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def gitea(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gitea]:
    with a_gitea(tmp_path_factory.mktemp("gitea")) as running:
        yield running


def connected(shop: Shop, gitea: Gitea) -> str:
    token = gitea.new_token(gitea.owner, "reads", ("read:repository", "read:user"))
    given = {"name": "gitea", "provider": "gitea", "address": gitea.url, "token": token}
    made = a_user("admin", shop.person.team_id).post("git-connections", given)
    assert made.status == 201, made.body
    return str(made.body["connection"]["id"])


def put(gitea: Gitea, folder: Path, name: str, path: str, url: str, commit: str) -> None:
    """A submodule in a repository, as `git submodule add` puts it there."""
    address = gitea.url.replace("://", f"://{gitea.owner}:{PASSWORD}@")
    folder.mkdir()
    git(folder, "clone", "-q", f"{address}/{gitea.owner}/{name}.git", ".")
    (folder / ".gitmodules").write_text(f'[submodule "{path}"]\n\tpath = {path}\n\turl = {url}\n')
    git(folder, "add", ".gitmodules")
    git(folder, "update-index", "--add", "--cacheinfo", f"160000,{commit},{path}")
    git(folder, "commit", "-q", "-m", "Use it")
    git(folder, "push", "-q", "origin", "HEAD:refs/heads/main")


def test_private_submodules_of_the_owner_come_along_and_those_of_others_are_read_as_public(
    shop: Shop, gitea: Gitea, tmp_path: Path
) -> None:
    lib = gitea.repository("lib", {"greeting": "hello from a submodule\n"})
    gitea.repository("app", an_app("COPY lib/greeting /greeting\nRUN cat /greeting\n"))
    put(gitea, tmp_path / "app", "app", "lib", "../lib.git", lib)
    connection = connected(shop, gitea)
    place: dict[str, Any] = {
        "repository": f"{gitea.url}/{gitea.owner}/app.git",
        "connection": connection,
        "ref": "main",
    }
    source = shop.source("app", **place, builder={"submodules": True})
    off = shop.source("off", **place)
    with working():
        built = shop.build(source)
        assert built["state"] == "succeeded", (built["reason"], shop.text(built))
        assert "hello from a submodule" in shop.text(built)
        assert f"fetching {lib} of {gitea.url}/{gitea.owner}/lib.git" in shop.text(built)
        again = shop.build(source)
        assert (again["digest"], again["answered_by"]) == (built["digest"], built["id"])
        refused = shop.build(off)
        assert (refused["state"], refused["reason"]["code"]) == ("failed", "git.refused")
        assert "switch that on in the source" in refused["reason"]["detail"]

        gitea.call("POST", "orgs", {"username": "vault", "visibility": "private"})
        gitea.call("POST", "orgs/vault/repos", {"name": "secret", "private": True, "auto_init": True})
        gitea.repository("bait", an_app("COPY lib /lib\n"))
        put(gitea, tmp_path / "bait", "bait", "lib", "../../vault/secret.git", "1" * 40)
        bait = shop.source(
            "bait", **{**place, "repository": f"{gitea.url}/{gitea.owner}/bait.git"}, builder={"submodules": True}
        )
        taken = shop.build(bait)
    assert (taken["state"], taken["reason"]["code"]) == ("failed", "git.submodule")
    assert "the submodule lib: there is no such repository, or it is not public" in taken["reason"]["detail"]
