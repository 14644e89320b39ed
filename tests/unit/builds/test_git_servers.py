"""Addresses of git servers, as people write them."""

from __future__ import annotations

import pytest

from builds.domain.git_servers import GitProvider, GitServerInvalid, address_of


@pytest.mark.parametrize("port", ["12310x", "0", "65536", "-1", "+1", "123456"])
def test_a_wrong_port_is_named_and_nothing_is_asked_of_a_repository(port: str) -> None:
    for text in (f"http://127.0.0.1:{port}", f"git.example.com:{port}/gitea", f"https://[2001:db8::1]:{port}"):
        with pytest.raises(GitServerInvalid, match="a port is a number") as refused:
            address_of(GitProvider.GITEA, text)
        assert "repository" not in refused.value.detail


def test_addresses_of_servers_are_taken_with_a_port_and_without() -> None:
    for text in (
        "http://127.0.0.1:3000",
        "https://[2001:db8::1]:8443",
        "https://git.example.com",
        "https://[2001:db8::1]",
    ):
        assert address_of(GitProvider.GITEA, text).url == text
    with pytest.raises(GitServerInvalid, match="of a server"):
        address_of(GitProvider.GITEA, "https://git.example.com/?a=b")
