"""What people write as the address of a repository, and what no text of theirs can become."""

from __future__ import annotations

import pytest

from builds.domain.host_keys import fingerprint, fingerprint_of
from builds.domain.repositories import RepositoryInvalid, ref_of, repository_of
from kubeorch.base.errors import InvalidInput


@pytest.mark.parametrize(
    ("text", "url", "name"),
    [
        ("https://github.com/team/shop", "https://github.com/team/shop", "shop"),
        ("https://GitHub.com:443/team/shop.git", "https://github.com/team/shop.git", "shop"),
        ("https://git.example.com:8443/~anna/shop.git/", "https://git.example.com:8443/~anna/shop.git/", "shop"),
        ("http://10.0.0.7:3000/team/shop", "http://10.0.0.7:3000/team/shop", "shop"),
        ("https://[2001:DB8::1]:8443/shop", "https://[2001:db8::1]:8443/shop", "shop"),
        ("git@github.com:team/shop.git", "git@github.com:team/shop.git", "shop"),
        ("github.com:team/shop.git", "git@github.com:team/shop.git", "shop"),
        ("ssh://anna@git.example.com:2222/srv/shop.git", "ssh://anna@git.example.com:2222/srv/shop.git", "shop"),
        ("git@git.example.com:/srv/shop.git", "ssh://git@git.example.com/srv/shop.git", "shop"),
    ],
)
def test_an_address_is_put_together_from_its_parts(text: str, url: str, name: str) -> None:
    found = repository_of(text)
    assert (found.url, found.name) == (url, name)
    assert repository_of(found.url) == found


@pytest.mark.parametrize(
    "text",
    [
        *("", "x" * 2000, "shop", "/srv/shop.git", "./shop", "../shop", "C:\\shop", "~/shop.git"),
        *("file:///etc/passwd", "FILE:///etc", "git://github.com/a/b", "ftp://github.com/a", "ext::sh -c id"),
        *("EXT::sh", "ext::sh", "fd::7", "transport::https://github.com/a/b", "https::https://github.com/a"),
        *("--upload-pack=touch /tmp/x", "-u:x", "-oProxyCommand=id:shop", "--upload-pack=id:a"),
        *("ssh://-oProxyCommand=id/shop", "git@-oProxyCommand=id:shop", "-x@github.com:a/b", "ssh://-x@github.com/a"),
        *("https://user:secret-word@github.com/a/b", "https://user@github.com/a/b", "ssh://a:b@github.com/a/b"),
        *("https://github.com", "https://github.com/", "https:///a/b", "https://github.com/a?x=1"),
        *("https://github.com/a#b", "https://github.com/a/../b", "https://github.com/a//b", "https://github.com/-x/b"),
        *("https://github.com/a b", "https://github.com/a\nb", "https://github.com/a\tb", "https://github.com/a%0ab"),
        *("https://github.com/a%zz", "https://github.com\\@evil.test/a", "https://gïthub.com/a/b", "https://a..b/c"),
        *(
            "https://0x7f.1/a",
            "https://2130706433/a",
            "https://127.1/a",
            "https://017700000001/a",
            "https://1.2.3.04/a",
        ),
        *(
            "https://[::1%25lo]/a",
            "https://[::1/a",
            "https://::1/a",
            "https://[github.com]/a",
            "https://github.com:0/a",
        ),
        *("https://github.com/a/%2e%2e/b", "https://github.com/a/%2E./b", "https://github.com/a/..%2fb"),
        *("https://github.com/a/..%5Cb", "https://github.com/a/%252e%252e/b", "ssh://git@github.com/a/%2e%2e/b"),
        *("https://github.com:99999/a", "https://github.com:x/a", "git@github.com:-x/b", "git@[::1:a/b"),
    ],
)
def test_whatever_else_is_written_is_refused_and_a_password_is_not_repeated(text: str) -> None:
    with pytest.raises(RepositoryInvalid) as refused:
        repository_of(text)
    assert "secret-word" not in refused.value.detail


@pytest.mark.parametrize(
    "text", ["main", "feature/größe", "v1.2.3", "refs/pull/7/head", "A" * 40, "release-1.x", "a@b"]
)
def test_a_branch_a_tag_and_a_whole_commit_are_taken(text: str) -> None:
    assert ref_of(text) in (text, text.lower())


@pytest.mark.parametrize(
    "text",
    [
        *("", "-x", "--upload-pack=id", "+main", "/main", ".main", "main/", "main.", "main.lock", "a.lock/b", "a..b"),
        *(
            "a//b",
            "a/.b",
            "@",
            "@{-1}",
            "a@{1}",
            "a b",
            "a\nb",
            "a:b",
            "HEAD:etc",
            "^main",
            "main~1",
            "a*",
            "a?",
            "a[b",
        ),
        *("a\\b", "a\x00b", "a\x7fb", "x" * 300),
    ],
)
def test_what_git_would_read_as_something_else_is_no_ref(text: str) -> None:
    with pytest.raises(RepositoryInvalid):
        ref_of(text)


def test_a_fingerprint_is_that_of_openssh() -> None:
    key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl"
    assert fingerprint_of(key) == "SHA256:+DiY3wvvV6TuJJhbpZisF/zLDA0zPMSvHdkr4UvCOqU", "that of github.com"
    assert fingerprint(fingerprint_of(key) + "=") == fingerprint_of(key)
    for wrong in ("", "MD5:aa", "SHA256:x", key):
        with pytest.raises(InvalidInput):
            fingerprint(wrong)
