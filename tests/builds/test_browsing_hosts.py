"""Folders and files as hosted git servers tell of them, in their recorded shapes, over real HTTP."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from builds.connections.client import GitApi, Way
from builds.connections.errors import GitHostNothing
from builds.connections.providers.bitbucket import Bitbucket
from builds.connections.providers.gitea import Gitea
from builds.connections.providers.github import GitHub
from builds.connections.providers.gitlab import GitLab
from builds.connections.providers.protocol import Host, Login
from builds.domain.browsing import FILE_MOST_BYTES, Folder
from tests.support.odd_registry import Answers, Asked, OddRegistry, Said, an_odd_registry

COMMIT = "5c1e3e1bd8b4a0e5cf4ad2dc6a1b5ab6ce8ec2b9"
TEXT = "FROM scratch\n"
ENCODED = base64.encodebytes(TEXT.encode()).decode()


def api(server: OddRegistry, host: Host) -> GitApi:
    return GitApi(Way("server", server.url, headers=host.headers(Login("", "canary"))))


def shown(folder: Folder) -> list[tuple[str, str, int | None]]:
    return [(one.name, one.kind, one.size_bytes) for one in folder.entries]


def tree(host: Host, answers: Answers, ref: str = "", path: str = "") -> tuple[Folder, list[str]]:
    with an_odd_registry(answers) as server, api(server, host) as asking:
        found = host.tree(asking, "acme/shop", ref, path)
    return found, [one.path for one in server.asked]


HOSTILE: list[Any] = [
    *({"name": name, "path": name, "type": "file", "size": 1} for name in ("..", "a/b", "", "x" * 300, "a\u202eb")),
    {"name": 7, "type": "file"},
    {"name": "odd", "type": ["file"]},
    {"name": "pipe", "type": "fifo"},
    "text",
]


@pytest.mark.parametrize("host", [GitHub(), Gitea()], ids=["github", "gitea"])
def test_a_folder_of_github_and_gitea_is_read(django_ready: str, host: Host) -> None:
    rows = [
        {"name": "README.md", "type": "file", "size": 9},
        {"name": "web", "type": "dir", "size": 0},
        {"name": "latest", "type": "symlink", "size": 3},
        {"name": "theirs", "type": "file", "size": 0, "submodule_git_url": "https://github.com/a/b"},
        {"name": "big", "type": "file", "size": -1},
        *HOSTILE,
    ]
    found, asked = tree(host, lambda _: Said(200, rows), "feature/a b", "my apps/web")
    assert shown(found) == [
        ("web", "folder", None),
        ("README.md", "file", 9),
        ("big", "file", None),
        ("latest", "link", None),
        ("theirs", "submodule", None),
    ]
    assert asked == ["/repos/acme/shop/contents/my%20apps/web?ref=feature%2Fa+b"]
    assert not found.is_cut
    assert tree(host, lambda _: Said(200, b"[]"))[1] == ["/repos/acme/shop/contents"]


@pytest.mark.parametrize("host", [GitHub(), Gitea()], ids=["github", "gitea"])
def test_a_folder_that_is_a_file_is_not_there(django_ready: str, host: Host) -> None:
    with pytest.raises(GitHostNothing, match="folder Dockerfile in acme/shop"):
        tree(host, lambda _: Said(200, {"type": "file", "name": "Dockerfile"}), path="Dockerfile")
    rows = [{"name": f"f{n}", "type": "file", "size": 1} for n in range(1_000)]
    assert tree(host, lambda _: Said(200, rows))[0].is_cut


@pytest.mark.parametrize(
    ("said", "text", "size"),
    [
        ({"type": "file", "size": 13, "encoding": "base64", "content": ENCODED}, TEXT, 13),
        ({"type": "file", "size": 2_000_000, "encoding": "none", "content": ""}, None, 2_000_000),
        ({"type": "file", "size": 2_000_000, "encoding": None, "content": None}, None, 2_000_000),
        ({"type": "file", "size": 3, "encoding": "base64", "content": "AP8="}, None, 2),
        ({"type": "file", "size": 1, "encoding": "base64", "content": "A" * 400_000}, None, 300_000),
        ({"type": "file", "size": "x", "encoding": "base64", "content": "é"}, None, None),
    ],
)
def test_a_file_is_shown_where_it_is_small_and_text(
    django_ready: str, said: dict[str, Any], text: str | None, size: int | None
) -> None:
    for host in (GitHub(), Gitea(), GitLab()):
        with an_odd_registry(lambda _: Said(200, said)) as server, api(server, host) as asking:
            found = host.file(asking, "acme/shop", "", "web/Dockerfile")
        assert (found.text, found.size_bytes) == (text, size)


@pytest.mark.parametrize("said", [[], {"type": "dir"}, {"type": "symlink"}, {"type": "file", "submodule_git_url": "x"}])
def test_a_file_that_is_none_is_not_there(django_ready: str, said: Any) -> None:
    body = said or b"[]"
    with (
        an_odd_registry(lambda _: Said(200, body)) as server,
        api(server, GitHub()) as asking,
        pytest.raises(GitHostNothing, match="file web in acme/shop at main"),
    ):
        GitHub().file(asking, "acme/shop", "main", "web")


def test_a_folder_of_gitlab_is_read_page_by_page(django_ready: str) -> None:
    def answers(asked: Asked) -> Said:
        if "&page=1" in asked.path:
            return Said(200, [{"name": f"f{n:03}", "type": "blob", "mode": "100644"} for n in range(100)])
        odd = [
            {"name": "web", "type": "tree", "mode": "040000"},
            {"name": "latest", "type": "blob", "mode": "120000"},
            {"name": "theirs", "type": "commit", "mode": "160000"},
        ]
        return Said(200, [*odd, *HOSTILE])

    found, asked = tree(GitLab(), answers, "main", "apps")
    assert len(found.entries) == 103
    assert shown(found)[0] == ("web", "folder", None)
    assert shown(found)[-2:] == [("latest", "link", None), ("theirs", "submodule", None)]
    assert asked[0] == "/projects/acme%2Fshop/repository/tree?path=apps&ref=main&per_page=100&page=1"
    assert len(asked) == 2
    with pytest.raises(GitHostNothing):
        tree(GitLab(), lambda _: Said(200, b"[]"), path="gone")
    assert shown(tree(GitLab(), lambda _: Said(200, b"[]"))[0]) == []


def test_a_folder_without_end_ends(django_ready: str) -> None:
    full = [{"name": f"f{n}", "type": "blob"} for n in range(100)]
    found, asked = tree(GitLab(), lambda _: Said(200, full))
    assert (found.is_cut, len(asked)) == (True, 10)
    more = {"values": [{"path": f"f{n}", "type": "commit_file"} for n in range(100)], "next": "https://evil.test/"}
    found, asked = tree(Bitbucket(), lambda _: Said(200, more), COMMIT)
    assert (found.is_cut, len(asked)) == (True, 10)


def test_a_folder_of_bitbucket_is_read_at_the_commit_that_a_name_stands_for(django_ready: str) -> None:
    def answers(asked: Asked) -> Said:
        if asked.path == "/repositories/acme/shop":
            return Said(200, {"mainbranch": {"name": "main"}})
        if "/commits/" in asked.path:
            return Said(200, {"values": [{"hash": COMMIT}]})
        rows = [
            {"path": "apps/web", "type": "commit_directory"},
            {"path": "apps/Dockerfile", "type": "commit_file", "size": 13, "attributes": []},
            {"path": "apps/latest", "type": "commit_file", "size": 3, "attributes": ["link"]},
            {"path": "apps/theirs", "type": "commit_file", "size": 0, "attributes": ["subrepository"]},
            {"path": 7, "type": "commit_file"},
            {"path": "..", "type": "commit_directory"},
        ]
        return Said(200, {"values": rows})

    found, asked = tree(Bitbucket(), answers, "feature/cart", "apps")
    assert shown(found) == [
        ("web", "folder", None),
        ("Dockerfile", "file", 13),
        ("latest", "link", None),
        ("theirs", "submodule", None),
    ]
    assert asked == [
        "/repositories/acme/shop/commits/feature/cart?pagelen=1",
        f"/repositories/acme/shop/src/{COMMIT}/apps/?pagelen=100",
    ]
    assert tree(Bitbucket(), answers)[1][:2] == [
        "/repositories/acme/shop",
        "/repositories/acme/shop/commits/main?pagelen=1",
    ]


@pytest.mark.parametrize(
    ("meta", "text", "asked_for"),
    [
        ({"type": "commit_file", "size": 13, "attributes": []}, TEXT, 2),
        ({"type": "commit_file", "size": 13, "attributes": ["lfs"]}, None, 1),
        ({"type": "commit_file", "size": FILE_MOST_BYTES + 1, "attributes": []}, None, 1),
    ],
)
def test_a_file_of_bitbucket_is_asked_for_where_it_is_small(
    django_ready: str, meta: dict[str, Any], text: str | None, asked_for: int
) -> None:
    def answers(asked: Asked) -> Said:
        return Said(200, meta) if "format=meta" in asked.path else Said(200, TEXT.encode())

    with an_odd_registry(answers) as server, api(server, Bitbucket()) as asking:
        found = Bitbucket().file(asking, "acme/shop", COMMIT, "web/Dockerfile")
    assert (found.text, len(server.asked)) == (text, asked_for)
