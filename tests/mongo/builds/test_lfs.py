"""Files of Git LFS come into the places of their pointers, within bounds, and nothing that a server says leads them
anywhere else. A real server of it, Gitea's, is asked by tests/builds/test_lfs.py."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from builds.connections import lfs
from builds.domain.lfs import FILES_MOST, LfsRefused, Pointer, pointer_of
from builds.domain.repositories import Repository, repository_of
from builds.git.errors import GitAddressRefused, GitDenied, GitTooLarge, GitUnavailable
from builds.git.export import FILE_MOST, export
from builds.git.fetching import fetched
from builds.git.workspace import Access
from builds.registries import exchanges
from builds.registries.errors import RegistryAddressRefused
from clusters.kube.allowance import Allowance
from tests.support.git_server import GitServer, a_git_server, a_repository
from tests.support.lfs_server import LfsServer, an_lfs_server, pointer_to

TOKEN = "canary-of-a-git-token"
BIG = os.urandom(1000) * 20_000
"""Of three parts."""


@pytest.fixture
def server(django_ready: str) -> Iterator[LfsServer]:
    with an_lfs_server() as running:
        yield running


@pytest.fixture
def git(tmp_path: Path, django_ready: str) -> Iterator[GitServer]:
    with a_git_server(tmp_path / "git") as running:
        yield running


def repository(server: LfsServer) -> Repository:
    return repository_of(f"{server.url}/ada/shop.git")


def written(folder: Path, **texts: str) -> dict[str, Pointer]:
    """Pointers, as an export leaves them."""
    found = {}
    for path, text in texts.items():
        (folder / path).write_text(text)
        pointer = pointer_of(text.encode())
        assert pointer is not None
        found[path] = pointer
    return found


def fetch(server: LfsServer, folder: Path, *, access: Access | None = None, **texts: str) -> None:
    lfs.fetch_files(repository(server), access or Access(), written(folder, **texts), folder, check=lambda: None)


def test_files_take_the_places_of_their_pointers(server: LfsServer, tmp_path: Path) -> None:
    logo = server.put(b"a logo")
    fetch(
        server,
        tmp_path,
        access=Access(token=TOKEN),
        logo=logo,
        twice=logo,
        big=server.put(BIG),
        empty=pointer_to(b""),
    )
    assert (tmp_path / "logo").read_bytes() == (tmp_path / "twice").read_bytes() == b"a logo"
    assert (tmp_path / "big").read_bytes() == BIG
    assert (tmp_path / "empty").read_bytes() == b""
    batches = [one for one in server.asked if one[0] == "POST"]
    assert [one[1] for one in batches] == ["/ada/shop.git/info/lfs/objects/batch"]
    parts = [one[3] for one in server.asked if one[0] == "GET"]
    assert sorted(parts) == [
        "",
        "bytes=0-7999999",
        "bytes=16000000-19999999",
        "bytes=8000000-15999999",
    ]
    assert all(one[2].startswith("Basic ") for one in server.asked)


def test_the_credential_goes_to_no_other_server(server: LfsServer, tmp_path: Path) -> None:
    with an_lfs_server() as other:
        server.href = other.url
        fetch(server, tmp_path, access=Access(token=TOKEN), logo=server.put(b"a logo") and other.put(b"a logo"))
        assert [one[2] for one in other.asked] == [""]
    assert (tmp_path / "logo").read_bytes() == b"a logo"


@pytest.mark.parametrize("href", ["http://169.254.169.254", "http://8.8.8.8", "file:///etc/passwd#", "ext::id "])
def test_what_a_server_names_is_judged_as_every_address_is(server: LfsServer, tmp_path: Path, href: str) -> None:
    server.href = href
    with pytest.raises((GitAddressRefused, LfsRefused)):
        fetch(server, tmp_path, logo=server.put(b"a logo"))


def test_it_leads_to_some_hosts_at_most(server: LfsServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exchanges, "PLACES_MOST", 1)
    with an_lfs_server() as other:
        other.put(b"a logo")
        server.leads_to = other.url
        with pytest.raises(LfsRefused, match="more than 1 hosts"):
            fetch(server, tmp_path, logo=server.put(b"a logo"))
        assert other.asked == []


@pytest.mark.parametrize("leads", [False, True], ids=["named", "led to"])
def test_it_leads_to_no_machine_that_only_we_reach(server: LfsServer, tmp_path: Path, leads: bool) -> None:
    """Beside its own host, whose name says nothing of others on this machine."""
    with an_lfs_server() as other:
        pointer, elsewhere = server.put(b"a logo"), f"http://localhost:{other.port}"
        other.put(b"a logo")
        if leads:
            server.leads_to = elsewhere
        else:
            server.href = elsewhere
        with pytest.raises(GitAddressRefused):
            fetch(server, tmp_path, logo=pointer)
        assert other.asked == []


def test_a_public_server_leads_to_public_machines_alone(server: LfsServer, monkeypatch: pytest.MonkeyPatch) -> None:
    allowance = Allowance(5.0, 0)
    monkeypatch.setattr(lfs, "allowed_addresses", lambda _: ["8.8.8.8"])
    reach = lfs._Reach(repository_of("https://git.example.com/a/b"))
    assert reach("https", "git.example.com")("git.example.com", 443, allowance) == ["8.8.8.8"], "looked up once"
    assert reach("https", "8.8.4.4")("8.8.4.4", 443, allowance) == ["8.8.4.4"]
    for scheme, host in (("https", "127.0.0.1"), ("https", "localhost"), ("http", "git.example.com")):
        with pytest.raises(RegistryAddressRefused):
            reach(scheme, host)(host, 443, allowance)  # type: ignore[arg-type]


def test_what_lets_in_at_one_place_goes_to_no_other(server: LfsServer, tmp_path: Path) -> None:
    server.entry = {"Authorization": "Bearer of-the-server", "X-Amz-Security-Token": "of-the-server"}
    with an_lfs_server() as other:
        other.put(BIG)
        server.leads_to = other.url
        fetch(server, tmp_path, big=server.put(BIG))
        assert {"authorization", "x-amz-security-token", "range"} <= server.heads[0].keys()
        assert [one["range"] for one in other.heads][:1] == ["bytes=0-7999999"]
        assert not any({"authorization", "x-amz-security-token"} & one.keys() for one in other.heads)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (b"another", "another file"),
        (b"a", "as it was asked"),
        (b"a logo and more", "as it was asked"),
        (b"", "as it was asked"),
        (b"x" * 9_000_000, "more than"),
    ],
)
def test_another_content_is_no_file(server: LfsServer, tmp_path: Path, given: bytes, words: str) -> None:
    with pytest.raises(LfsRefused, match=words):
        fetch(server, tmp_path, logo=server.put(b"a logo!", given))


def test_a_large_file_that_comes_otherwise_is_refused(server: LfsServer, tmp_path: Path) -> None:
    pointer = server.put(BIG, BIG[:8_000_000] + b"x" * 12_000_000)
    with pytest.raises(LfsRefused, match="another file"):
        fetch(server, tmp_path, big=pointer)
    server.put(BIG, BIG[:9_000_000])
    with pytest.raises((LfsRefused, GitUnavailable)):
        fetch(server, tmp_path, big=pointer)
    server.put(BIG)
    server.gives_parts = False
    with pytest.raises(LfsRefused, match="gives no parts"):
        fetch(server, tmp_path, big=pointer)


@pytest.mark.parametrize(
    ("batch", "file", "raised"),
    [
        (401, 200, GitDenied),
        (403, 200, GitDenied),
        (404, 200, LfsRefused),
        (422, 200, LfsRefused),
        (429, 200, GitUnavailable),
        (500, 200, GitUnavailable),
        (200, 404, LfsRefused),
        (200, 503, GitUnavailable),
    ],
)
def test_what_a_server_refuses_is_told_apart(
    server: LfsServer, tmp_path: Path, batch: int, file: int, raised: type[Exception]
) -> None:
    server.batch_status, server.file_status = batch, file
    with pytest.raises(raised) as caught:
        fetch(server, tmp_path, access=Access(token=TOKEN), logo=server.put(b"a logo"))
    assert TOKEN not in str(caught.value)


def test_there_are_not_more_than_so_many(server: LfsServer, tmp_path: Path) -> None:
    pointers = {f"f{number}": Pointer(f"{number:064x}", 1) for number in range(FILES_MOST + 1)}
    with pytest.raises(LfsRefused, match="2,001 files"):
        lfs.fetch_files(repository(server), Access(), pointers, tmp_path, check=lambda: None)
    assert server.asked == []


def test_whoever_cancels_ends_it(server: LfsServer, tmp_path: Path) -> None:
    class Canceled(Exception):
        pass

    def check() -> None:
        if any(one[0] == "GET" for one in server.asked):
            raise Canceled

    with pytest.raises(Canceled):
        lfs.fetch_files(repository(server), Access(), written(tmp_path, big=server.put(BIG)), tmp_path, check=check)
    assert sum(one[0] == "GET" for one in server.asked) == 1


def exported(git: GitServer, folder: Path, files: dict[str, Any], **more: Any) -> Any:
    a_repository(git.root / f"{folder.name}.git", files)
    folder.mkdir()
    with fetched(repository_of(git.url(f"{folder.name}.git")), "main", Access(), check=lambda: None) as snapshot:
        return export(snapshot, "", folder, lambda: None, **more)


def test_pointers_are_not_built_as_files(git: GitServer, tmp_path: Path) -> None:
    pointer = pointer_to(b"a logo")
    with pytest.raises(LfsRefused, match=r"a\.png, img/b\.png: kept in Git LFS.*switch that on in the source"):
        exported(git, tmp_path / "off", {"a.png": pointer, "img/b.png": pointer, "c.txt": "c"})
    made = exported(git, tmp_path / "on", {"a.png": pointer, "c.txt": "c"}, with_lfs=True)
    assert (list(made.pointers), made.bytes) == (["a.png"], len(pointer) + 1 + len(b"a logo"))


@pytest.mark.parametrize(("count", "size"), [(1, FILE_MOST + 1), (6, FILE_MOST)])
def test_what_pointers_stand_for_is_bounded_before_anything_comes(
    git: GitServer, tmp_path: Path, count: int, size: int
) -> None:
    files = {f"f{n}": pointer_to(b"x").replace("size 1\n", f"size {size}\n") for n in range(count)}
    with pytest.raises(GitTooLarge):
        exported(git, tmp_path / "context", files, with_lfs=True)
