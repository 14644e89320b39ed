"""Addresses that servers write: none is a fault of ours, none opens what no list of networks may open."""

from __future__ import annotations

import ipaddress
from typing import Any

import pytest

from tests.support.django_setup import configure

configure()

from builds.domain.registries import Provider  # noqa: E402
from builds.git.addresses import _is_allowed  # noqa: E402
from builds.registries.accounts import Account, AccountInvalid, checked  # noqa: E402
from builds.registries.errors import RegistryRefused  # noqa: E402
from builds.registries.exchanges import joined, parts_of  # noqa: E402

BAD = ("https://[x/", "http://[::1", "https://a:b/", "https://a:99999/", "https://\u2100.example/")


@pytest.mark.parametrize("text", BAD)
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(RegistryRefused):
        parts_of(joined("https://registry.example/v2/", text))


@pytest.mark.parametrize(
    "text",
    [
        "169.254.169.254",
        "fe80::1",
        "100.100.100.200",
        "fd00:ec2::254",
        "::ffff:169.254.169.254",
        "0.0.0.0",
        "224.0.0.1",
    ],
)
def test_no_list_of_networks_opens_the_metadata_of_a_cloud(text: str, settings: Any) -> None:
    settings.GIT_NETWORKS = ["0.0.0.0/0", "::/0"]
    assert not _is_allowed(ipaddress.ip_address(text))
    assert _is_allowed(ipaddress.ip_address("10.0.0.7"))
    assert _is_allowed(ipaddress.ip_address("127.0.0.1")), "loopback may be allowed"


def test_the_port_of_tls_is_not_spoken_to_without_it() -> None:
    with pytest.raises(AccountInvalid) as refused:
        checked(Account(Provider.GENERIC, "registry.example:443", plain_http=True))
    assert refused.value.problems[0].field == "host"
    assert checked(Account(Provider.GENERIC, "registry.example:443")).host == "registry.example"
