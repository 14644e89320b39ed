"""Which address is held responsible."""

from __future__ import annotations

import pytest

from kubeorch.web.source import source_of, throttled_as

PROXY = "10.0.0.5"


@pytest.mark.parametrize(
    ("peer", "forwarded", "trusted", "expected"),
    [
        ("198.51.100.1", None, [], "198.51.100.1"),
        ("198.51.100.1", "203.0.113.7", [], "198.51.100.1"),
        ("198.51.100.1", "203.0.113.7", [PROXY], "198.51.100.1"),
        (PROXY, "203.0.113.7", [PROXY], "203.0.113.7"),
        (PROXY, "1.1.1.1, 203.0.113.7", [PROXY], "203.0.113.7"),
        (PROXY, "203.0.113.7, 10.0.0.6", ["10.0.0.0/24"], "203.0.113.7"),
        (PROXY, "garbage", [PROXY], PROXY),
        (PROXY, "203.0.113.7, garbage", [PROXY], PROXY),
        (PROXY, "", [PROXY], PROXY),
        ("::ffff:10.0.0.5", "203.0.113.7", [PROXY], "203.0.113.7"),
        (None, "203.0.113.7", [PROXY], "unknown"),
        ("", None, [], "unknown"),
    ],
)
def test_only_addresses_added_by_a_trusted_proxy_count(
    peer: str | None, forwarded: str | None, trusted: list[str], expected: str
) -> None:
    assert source_of(peer, forwarded, trusted) == expected


def test_one_ipv6_network_is_one_source() -> None:
    assert throttled_as("2001:db8::1") == throttled_as("2001:db8::ffff:2")
    assert throttled_as("2001:db8::1") != throttled_as("2001:db8:0:1::1")
    assert throttled_as("192.0.2.1") != throttled_as("192.0.2.2")
