"""The files of a commit as a build gets them: nothing leads out of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from builds.domain.repositories import repository_of
from builds.git.errors import GitRefused, GitTooLarge
from builds.git.export import export
from builds.git.fetching import fetched
from builds.git.workspace import Access
from tests.support.git_server import GitServer, a_commit, a_git_server, a_repository

FILES = {"apps/web/run.sh": "#!/bin/sh\n", "apps/web/data/big": b"x" * 3_000_000, "README": "x"}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GitServer]:
    with a_git_server(tmp_path_factory.mktemp("git")) as found:
        yield found


def exported(server: GitServer, name: str, folder: Path, root: str = "") -> Path:
    context = folder / "context"
    context.mkdir()
    repository = repository_of(server.url(f"{name}.git"))
    with fetched(repository, "main", Access(), check=lambda: None, file_most=10_000_000) as snapshot:
        export(snapshot, root, context, lambda: None)
    return context


def a_tree(server: GitServer, name: str, files: dict[str, Any], modes: dict[str, str]) -> None:
    a_repository(server.root / f"{name}.git", {"x": "x"})
    a_commit(server.root / f"{name}.git", files, modes=modes)


def test_a_part_is_written_as_it_is_in_the_commit(django_ready: str, server: GitServer, tmp_path: Path) -> None:
    a_tree(
        server,
        "part",
        {**FILES, "apps/web/link": "data/big", "apps/web/data/up": "../run.sh"},
        {"apps/web/run.sh": "100755", "apps/web/link": "120000", "apps/web/data/up": "120000"},
    )
    context = exported(server, "part", tmp_path, "apps/web")
    assert {path.relative_to(context).as_posix() for path in context.rglob("*") if not path.is_dir()} == {
        *("run.sh", "data/big", "link", "data/up")
    }
    assert (context / "run.sh").stat().st_mode & 0o111
    assert not (context / "data/big").stat().st_mode & 0o111
    assert (context / "data/big").read_bytes() == FILES["apps/web/data/big"]
    assert (context / "data/up").read_text() == "#!/bin/sh\n"


@pytest.mark.parametrize(
    ("files", "modes"),
    [
        ({"a": "/etc/passwd"}, {"a": "120000"}),
        ({"a": "../x"}, {"a": "120000"}),
        ({"d/a": "../../x"}, {"d/a": "120000"}),
        ({"d/a": "..", "b": "d/a/../x"}, {"d/a": "120000", "b": "120000"}),
        ({"a": ""}, {"a": "120000"}),
        ({"sub": "1" * 40}, {"sub": "160000"}),
        ({"/".join("d" * 65): "x"}, {}),
        ({"n" * 256: "x"}, {}),
    ],
)
def test_what_leads_out_is_refused(
    django_ready: str,
    server: GitServer,
    tmp_path: Path,
    request: pytest.FixtureRequest,
    files: dict[str, str],
    modes: dict[str, str],
) -> None:
    name = f"out-{request.node.callspec.indices['files']}"
    a_tree(server, name, files, modes)
    with pytest.raises(GitRefused) as refused:
        exported(server, name, tmp_path)
    assert refused.value.problems[0].field == "root"


def test_names_that_no_file_can_have_are_refused_below_the_root_alone(
    django_ready: str, server: GitServer, tmp_path: Path
) -> None:
    a_tree(server, "names", {"a/x": "x", "b/" + "n" * 256: "x"}, {})
    assert (exported(server, "names", tmp_path, "a") / "x").exists()
    (tmp_path / "other").mkdir()
    with pytest.raises(GitRefused, match="rename"):
        exported(server, "names", tmp_path / "other", "b")


def test_folders_are_counted_before_anything_is_written(
    django_ready: str, server: GitServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_tree(server, "deep", {"a/b/c/x": "x", "a/b/d/x": "x"}, {})
    monkeypatch.setattr("builds.git.export.FOLDERS_MOST", 3)
    with pytest.raises(GitTooLarge, match="folders"):
        exported(server, "deep", tmp_path)
    assert list((tmp_path / "context").iterdir()) == []


def test_the_bounds_hold(django_ready: str, server: GitServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    a_tree(server, "large", FILES, {})
    monkeypatch.setattr("builds.git.export.CONTEXT_MOST", 2_000_000)
    with pytest.raises(GitTooLarge, match="GB"):
        exported(server, "large", tmp_path)
