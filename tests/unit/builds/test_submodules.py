"""`.gitmodules` as git reads it, and where the addresses in it lead."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from builds.domain.repositories import RepositoryInvalid, repository_of
from builds.domain.submodules import SubmoduleRefused, addresses_in, is_beside, repository_at
from tests.support.git_server import ENV, GIT

PARENT = repository_of("https://git.example.test/team/shop.git")
TEXTS = [
    '[submodule "lib"]\n\tpath = lib\n\turl = https://git.example.test/team/lib.git\n',
    '[submodule "a b"]\r\n  PATH=a b\r\n  url = "../x.git" ; why\r\n[core]\n\tpath = no\n',
    '# first\n[submodule "q\\"q"]\n path = "d/e" # said\n url = ./y\\\\z\n update = !touch /tmp/x\n',
    '[submodule "n"] path = n\n url = a\n[submodule "n"]\n url = b\n[Submodule "m"]\nshallow\npath=m\nurl="c#d"\n',
]


@pytest.mark.parametrize("text", TEXTS)
def test_paths_and_addresses_are_those_that_git_reads(text: str, tmp_path: Path) -> None:
    file = tmp_path / "modules"
    file.write_bytes(text.encode())
    command = [GIT, "config", "--file", str(file), "--null", "--list"]
    said = subprocess.run(command, env=ENV, capture_output=True, check=True).stdout.decode()
    named: dict[str, dict[str, str]] = {}
    for row in said.split("\0")[:-1]:
        key, _, value = row.partition("\n")
        section, _, name = key.partition(".")
        name, _, last = name.rpartition(".")
        if section == "submodule":
            named.setdefault(name, {})[last] = value
    expected = {one["path"]: one["url"] for one in named.values() if one.get("path") and one.get("url")}
    assert addresses_in(text) == expected
    assert expected


@pytest.mark.parametrize(
    "text", ["[submodule", "path", '[submodule "a"]\nurl = "x', '[submodule "a"]\nurl = x\\', "=x"]
)
def test_what_git_does_not_read_is_refused(text: str) -> None:
    if text == "path":
        assert addresses_in(text) == {}
        return
    with pytest.raises(SubmoduleRefused):
        addresses_in(text)


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("https://other.test/a.git", "https://other.test/a.git"),
        ("git@other.test:a/b.git", "git@other.test:a/b.git"),
        ("../lib.git", "https://git.example.test/team/lib.git"),
        ("../../other/lib.git", "https://git.example.test/other/lib.git"),
        ("./.././lib.git", "https://git.example.test/team/lib.git"),
    ],
)
def test_addresses_are_read_from_where_the_repository_is(url: str, found: str) -> None:
    assert repository_at(url, PARENT).url == found


@pytest.mark.parametrize(
    "url",
    [
        *("ext::sh -c touch% /tmp/x", "EXT::sh", "file:///etc", "/etc", "git://other.test/a", "ftp://other.test/a"),
        *(
            "--upload-pack=touch /tmp/x",
            "-u",
            "-oProxyCommand=x@y:z",
            "ssh://-oProxyCommand=x/y",
            "https://a@other.test/b",
        ),
        *("../../../x.git", "../../../../../etc", "../%2e%2e/x", "../a/../../../b", "https://other.test/a?x=1"),
        *("../lib.git\nx", "../-x", "https://0x7f.1/a", "fd::17/foo", "https://other.test/" + "a" * 2000),
    ],
)
def test_other_transports_options_and_files_are_no_addresses(url: str) -> None:
    with pytest.raises(RepositoryInvalid):
        repository_at(url, PARENT)


@pytest.mark.parametrize(
    ("url", "beside"),
    [
        ("https://git.example.test/team/lib.git", True),
        ("https://git.example.test/team/deep/lib.git", True),
        ("https://git.example.test/other/lib.git", False),
        ("https://git.example.test/team2/lib.git", False),
        ("https://git.example.test:8443/team/lib.git", False),
        ("http://git.example.test/team/lib.git", False),
        ("ssh://git@git.example.test/team/lib.git", False),
    ],
)
def test_only_what_is_in_the_folder_of_the_repository_is_beside_it(url: str, beside: bool) -> None:
    assert is_beside(repository_of(url), PARENT) is beside


def test_at_the_top_of_a_server_nothing_is_beside() -> None:
    top = repository_of("https://git.example.test/shop.git")
    assert not is_beside(repository_of("https://git.example.test/lib.git"), top)
