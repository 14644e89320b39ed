"""Where a request comes from, as far as it can be believed."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence

UNKNOWN = "unknown"


def source_of(peer: str | None, forwarded_for: str | None, trusted: Sequence[str]) -> str:
    """The address to hold responsible: the peer's, or the last one a trusted proxy vouches for.

    `X-Forwarded-For` is read from the right and only as far as each address that added an entry is
    in `trusted` (addresses or networks); what a stranger wrote further left is never believed.
    Source: ASVS 5.0 15.3.4.
    """
    networks = [ipaddress.ip_network(entry, strict=False) for entry in trusted]
    hops = [part.strip() for part in (forwarded_for or "").split(",") if part.strip()]
    address = _address(peer)
    while hops and address is not None and any(address in network for network in networks):
        earlier = _address(hops.pop())
        if earlier is None:
            break
        address = earlier
    return str(address) if address is not None else UNKNOWN


def is_untrusted_proxy(peer: str | None, trusted: Sequence[str]) -> bool:
    """Whether a peer that forwards requests is near enough to be a proxy of ours, and not trusted.

    A forwarding header from far away says nothing: anybody may send one.
    """
    address = _address(peer)
    if address is None or not (address.is_private or address.is_loopback or address.is_link_local):
        return False
    return not any(address in ipaddress.ip_network(entry, strict=False) for entry in trusted)


def throttled_as(source: str) -> str:
    """The key one source is counted under: IPv6 by its /64, which is what one customer is given."""
    try:
        address = ipaddress.ip_address(source)
    except ValueError:
        return source
    if address.version == 6:
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)


def _address(text: str | None) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        address = ipaddress.ip_address((text or "").strip("[]"))
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        return address.ipv4_mapped
    return address
