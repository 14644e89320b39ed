"""Submodules come along from a real git server, and nothing that a repository says of them leads anywhere else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from builds.domain.repositories import Repository, repository_of
from builds.domain.submodules import MODULES_MOST, SubmoduleRefused
from builds.git.errors import GitRefused, GitUnavailable
from builds.git.export import Exported, export
from builds.git.fetching import fetched
from builds.git.submodules import Submodules, Ways
from builds.git.workspace import Access
from tests.support.git_server import GitServer, a_commit, a_git_server, a_repository

LINK, MODULE = "120000", "160000"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GitServer]:
    with a_git_server(tmp_path_factory.mktemp("git")) as found:
        yield found


def modules(**addresses: str) -> str:
    return "".join(f'[submodule "{path}"]\n\tpath = {path}\n\turl = {url}\n' for path, url in addresses.items())


def a_parent(server: GitServer, name: str, files: dict[str, Any], **modes: str) -> None:
    a_repository(server.root / f"{name}.git", {"x": "x"})
    a_commit(server.root / f"{name}.git", files, modes=modes)


def whole(
    server: GitServer, name: str, folder: Path, *, root: str = "", ways: Ways | None = None
) -> tuple[Path, Exported]:
    context = folder / "context"
    context.mkdir()
    repository = repository_of(server.url(f"{name}.git"))
    ways = ways or Ways(lambda _: Access(), lambda *_: None, lambda _: None)
    with fetched(repository, "main", Access(), check=lambda: None) as snapshot:
        made = export(snapshot, root, context, lambda: None, with_submodules=True)
        return context, Submodules(ways, lambda: None, made).export(snapshot, repository, root, context)


def written(context: Path) -> dict[str, str]:
    return {one.relative_to(context).as_posix(): one.read_text() for one in sorted(context.rglob("*")) if one.is_file()}


def test_submodules_and_theirs_are_written_where_they_stand(
    django_ready: str, server: GitServer, tmp_path: Path
) -> None:
    inner = a_repository(server.root / "inner.git", {"deep.txt": "deep"})
    lib = a_repository(server.root / "lib.git", {"x": "x"})
    listed = modules(inner="../inner.git")
    lib = a_commit(
        server.root / "lib.git", {"lib.txt": "lib", ".gitmodules": listed, "inner": inner}, modes={"inner": MODULE}
    )
    a_commit(server.root / "lib.git", {"lib.txt": "newer"})
    files = {
        "app/main": "x",
        "app/vendor/lib": lib,
        ".gitmodules": modules(**{"app/vendor/lib": server.url("lib.git")}),
    }
    a_parent(server, "whole", files, **{"app/vendor/lib": MODULE})
    met: list[str] = []

    def keep(repository: Repository, *_: Any) -> None:
        met.append(repository.name)

    ways = Ways(lambda _: Access(), keep, lambda _: None)
    context, made = whole(server, "whole", tmp_path, root="app", ways=ways)
    assert written(context) == {
        "main": "x",
        "vendor/lib/.gitmodules": listed,
        "vendor/lib/lib.txt": "lib",
        "vendor/lib/inner/deep.txt": "deep",
    }
    assert (met, made.files) == (["lib", "inner"], 4)


def test_what_is_not_below_the_root_is_not_fetched(django_ready: str, server: GitServer, tmp_path: Path) -> None:
    a_parent(server, "beside", {"app/main": "x", "lib": "1" * 40}, lib=MODULE)
    assert written(whole(server, "beside", tmp_path, root="app")[0]) == {"main": "x"}


@pytest.mark.parametrize(
    "url",
    [
        *("ext::sh -c touch% {canary}", "EXT::sh -c touch% {canary}", "file://{root}/gone.git", "{root}/gone.git"),
        *("--upload-pack=touch {canary}", "-u./x", "ssh://-oProxyCommand=touch{canary}/x", "git://127.0.0.1/x"),
        *("../../../../../../etc", "http://169.254.169.254/latest", "https://user:word@127.0.0.1/x"),
    ],
)
def test_an_address_of_another_kind_is_refused_and_nothing_runs(
    django_ready: str, server: GitServer, tmp_path: Path, request: pytest.FixtureRequest, url: str
) -> None:
    canary = tmp_path / "canary"
    listed = modules(sub=url.format(canary=canary, root=server.root)) + f"\tupdate = !touch {canary}\n"
    name = f"hostile-{request.node.callspec.indices['url']}"
    a_parent(server, name, {"sub": "1" * 40, ".gitmodules": listed}, sub=MODULE)
    with pytest.raises(SubmoduleRefused, match="the submodule sub: ") as refused:
        whole(server, name, tmp_path)
    assert refused.value.problems[0].field == "builder.submodules"
    assert not canary.exists()
    assert "word" not in refused.value.detail


@pytest.mark.parametrize(
    ("files", "modes", "words"),
    [
        ({"sub": "1" * 40}, {}, "not a file"),
        ({"sub": "1" * 40, ".gitmodules": "x", "x": "x"}, {".gitmodules": LINK}, "not a file"),
        ({"sub": "1" * 40, ".gitmodules": "[core]\n"}, {}, "has no address for it"),
        ({"sub": "1" * 40, ".gitmodules": b"\xff"}, {}, "not UTF-8"),
        ({"sub": "1" * 40, ".gitmodules": "x" * 200_000}, {}, "not a file"),
        ({"sub": "1" * 40, ".gitmodules": "[submodule"}, {}, "line 1 is none"),
        ({"sub": "1" * 40, ".gitmodules": modules(sub="../there.git")}, {}, "no branch or tag"),
        ({"sub": "1" * 40, ".gitmodules": modules(sub="../nowhere.git")}, {}, "no such repository"),
    ],
)
def test_what_cannot_be_fetched_says_which_and_why(
    django_ready: str,
    server: GitServer,
    tmp_path: Path,
    request: pytest.FixtureRequest,
    files: dict[str, Any],
    modes: dict[str, str],
    words: str,
) -> None:
    if not (server.root / "there.git").exists():
        a_repository(server.root / "there.git", {"x": "x"})
    name = f"odd-{request.node.callspec.indices['files']}"
    a_parent(server, name, files, sub=MODULE, **modes)
    with pytest.raises(SubmoduleRefused, match=words):
        whole(server, name, tmp_path)


def test_links_of_a_submodule_stay_in_it_and_none_leads_it_elsewhere(
    django_ready: str, server: GitServer, tmp_path: Path
) -> None:
    out = a_repository(server.root / "out.git", {"x": "x"})
    out = a_commit(server.root / "out.git", {"link": "../secret"}, modes={"link": LINK})
    a_parent(server, "links", {"secret": "x", "sub": out, ".gitmodules": modules(sub="../out.git")}, sub=MODULE)
    with pytest.raises(SubmoduleRefused, match="leads out"):
        whole(server, "links", tmp_path)


def test_a_repository_that_is_its_own_submodule_ends(django_ready: str, server: GitServer, tmp_path: Path) -> None:
    a_repository(server.root / "loop.git", {"x": "x"})
    commit = "1" * 40
    for _ in range(7):
        commit = a_commit(
            server.root / "loop.git", {"s": commit, ".gitmodules": modules(s="../loop.git")}, modes={"s": MODULE}
        )
    with pytest.raises(SubmoduleRefused, match="5 deep at most"):
        whole(server, "loop", tmp_path)


def test_many_submodules_and_large_ones_are_refused(
    django_ready: str, server: GitServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = a_repository(server.root / "small.git", {"x": "x" * 600})
    paths = [f"s{number}" for number in range(MODULES_MOST + 1)]
    listed = modules(**dict.fromkeys(paths, "../small.git"))
    files = {**dict.fromkeys(paths, small), ".gitmodules": listed}
    a_parent(server, "many", files, **dict.fromkeys(paths, MODULE))
    monkeypatch.setattr("builds.git.submodules.MODULES_MOST", 2)
    (tmp_path / "1").mkdir()
    with pytest.raises(SubmoduleRefused, match="the submodule s10: 2 submodules"):
        whole(server, "many", tmp_path / "1")
    monkeypatch.setattr("builds.git.export.CONTEXT_MOST", len(listed) + 1000)
    (tmp_path / "2").mkdir()
    with pytest.raises(SubmoduleRefused, match="the submodule s1: the files to build have more than"):
        whole(server, "many", tmp_path / "2")


def test_a_server_that_breaks_off_may_be_tried_again(django_ready: str, server: GitServer, tmp_path: Path) -> None:
    files = {"sub": "1" * 40, ".gitmodules": modules(sub="http://127.0.0.1:1/x.git")}
    a_parent(server, "broken", files, sub=MODULE)
    with pytest.raises(GitUnavailable, match="the submodule sub: "):
        whole(server, "broken", tmp_path)


def test_without_the_switch_they_are_refused_with_the_cure(
    django_ready: str, server: GitServer, tmp_path: Path
) -> None:
    a_parent(server, "off", {"sub": "1" * 40}, sub=MODULE)
    with (
        fetched(repository_of(server.url("off.git")), "main", Access(), check=lambda: None) as snapshot,
        pytest.raises(GitRefused, match="switch that on in the source"),
    ):
        export(snapshot, "", tmp_path, lambda: None)
