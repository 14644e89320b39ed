"""Where connections to a cluster may lead, asked anew for each of them."""

from __future__ import annotations

import socket
from typing import Any

import pytest

from tests.support.hostile_api_server import Visit, credentials_for, hostile_api_server

REFUSED = (
    *("169.254.169.254", "fe80::1", "224.0.0.1", "ff02::1", "0.0.0.0", "0.1.2.3", "::", "255.255.255.255"),
    *("fd00:ec2::254", "100.100.100.200", "168.63.129.16", "192.0.0.192"),
    *("::ffff:169.254.169.254", "::ffff:0.0.0.0", "2002:a9fe:a9fe::1", "64:ff9b::a9fe:a9fe", "64:ff9b::6464:64c8"),
    *("::ffff:0:169.254.169.254", "::ffff:0:6464:64c8", "::ffff:0:0:0", "64:ff9b::c000:c0", "::ffff:192.0.0.192"),
    *("fd20:ce::254", "fd00:c1::a9fe:a9fe", "fd00:42::42", "fd00:a9fe:a9fe::1", "fd00:100::100:200", "fd00:ec2::23"),
    *("64:ff9b:1::a9fe:a9fe", "::169.254.169.254", "2001:0:a9fe:a9fe::1"),
)
LOOPBACK = (
    "127.0.0.1",
    "127.9.9.9",
    "::1",
    "::ffff:127.0.0.1",
    "64:ff9b::7f00:1",
    "2002:7f00:1::",
    "::127.0.0.1",
    "::ffff:0:7f00:1",
)
FINE = (
    "10.0.0.1",
    "192.168.1.1",
    "172.16.0.1",
    "8.8.8.8",
    "fd12::1",
    "2001:db8::1",
    "64:ff9b::a00:1",
    "::ffff:0:a00:1",
)


def is_allowed(address: str, **options: Any) -> bool:
    from clusters.addresses import AddressRefused, check_addresses

    try:
        check_addresses([address], **options)
    except AddressRefused:
        return False
    return True


def test_metadata_and_addresses_of_nobody_are_refused_in_every_spelling() -> None:
    assert [address for address in REFUSED if is_allowed(address)] == []
    assert [address for address in FINE if not is_allowed(address)] == []


def test_one_bad_address_of_a_name_refuses_them_all() -> None:
    from clusters.addresses import AddressRefused, check_addresses

    with pytest.raises(AddressRefused):
        check_addresses(["10.0.0.1", "169.254.169.254"])


@pytest.mark.parametrize(
    "changes",
    [
        {"HOST": "0.0.0.0"},
        {"ALLOWED_HOSTS": ["127.0.0.1", "kube.example.com"]},
        {"TRUSTED_PROXIES": ["127.0.0.1"]},
        {"HTTPS": True},
        {"CSRF_TRUSTED_ORIGINS": ["https://kube.example.com"]},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_loopback_is_for_a_server_that_is_used_on_its_own_machine_alone(settings: Any, changes: Any) -> None:
    assert [address for address in LOOPBACK if not is_allowed(address)] == []
    for name, value in changes.items():
        setattr(settings, name, value)
    assert [address for address in LOOPBACK if is_allowed(address)] == []
    assert is_allowed("127.0.0.1", is_sandbox=True)
    settings.CLUSTER_NETWORKS = ["127.0.0.0/8"]
    assert is_allowed("127.0.0.1")
    assert not is_allowed("10.0.0.1"), "the list is the whole of what is allowed"


@pytest.mark.parametrize(
    ("address", "allowed"),
    [
        ("10.1.2.3", True),
        ("fd12::7", True),
        ("::ffff:10.1.2.3", True),
        ("64:ff9b::a01:203", True),
        ("192.168.1.1", False),
        ("8.8.8.8", False),
        ("127.0.0.1", False),
        ("::ffff:192.168.1.1", False),
        ("2001:0:a01:203::1", False),  # its Teredo server is in the network, what it leads to is not
        ("2001:0:808:808:0:0:f5fe:fdfc", False),
        ("2002:808:808::1", False),
    ],
)
def test_the_named_networks_are_all_that_is_allowed(settings: Any, address: str, allowed: bool) -> None:
    settings.CLUSTER_NETWORKS = ["10.0.0.0/8", "fd12::/16"]
    assert is_allowed(address) is allowed


@pytest.mark.parametrize(
    "address", ["169.254.169.254", "100.100.100.200", "fd00:ec2::254", "fd20:ce::254", "224.0.0.1"]
)
def test_no_list_of_networks_opens_what_clouds_tell_their_machines(settings: Any, address: str) -> None:
    settings.CLUSTER_NETWORKS = ["0.0.0.0/0", "::/0"]
    assert not is_allowed(address)
    assert is_allowed("10.1.2.3")


def test_only_loopback_is_the_sandbox() -> None:
    assert not is_allowed("10.0.0.1", is_sandbox=True)


def test_a_name_that_resolves_otherwise_later_is_refused_at_its_next_connection(
    monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    from clusters.addresses import AddressRefused
    from clusters.connections import new_client

    def once(visit: Visit) -> None:
        visit.read_request()
        visit.answer(b'{"gitVersion":"v1.36.3"}')

    where, real = "127.0.0.1", socket.getaddrinfo

    def resolve(host: str, port: int, *more: Any, **options: Any) -> Any:
        if host != "api.example.test":
            return real(host, port, *more, **options)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (where, port))]

    with hostile_api_server(once) as server:
        client = new_client(credentials_for(f"http://api.example.test:{server.port}"))
        monkeypatch.setattr(socket, "getaddrinfo", resolve)
        assert client.version() == "v1.36.3"
        assert f"Host: api.example.test:{server.port}\r\n".encode() in server.visits[0].head
        where = "169.254.169.254"
        with pytest.raises(AddressRefused):
            client.version()
        where = "127.0.0.1"
        assert client.version() == "v1.36.3"
