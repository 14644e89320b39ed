"""Which addresses a cluster's API server may have; checked at every connection, since names resolve anew.

Clusters are private by nature, so private networks are fine. Never: link-local (cloud metadata),
multicast, unspecified; loopback only while this server itself is reachable from loopback alone. The
setting CLUSTER_NETWORKS (`KUBEORCH_CLUSTER_NETWORKS`), when given, is the whole list of what is allowed.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable

from django.conf import settings

from kubeorch.base.errors import InvalidInput

METADATA = tuple(ipaddress.ip_network(net) for net in ("fd00:ec2::/32", "100.100.100.200/32", "168.63.129.16/32"))
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class AddressRefused(InvalidInput):
    """The server's address, or one its name resolves to, is not allowed for a cluster."""

    code = "cluster.address"

    def __init__(self) -> None:
        super().__init__(
            "clusters may not have this server address here; an administrator can allow its network",
            field="kubeconfig",
        )


def check_addresses(found: Iterable[str], *, is_sandbox: bool = False) -> None:
    """Raise AddressRefused unless connections may lead to all of these IP addresses."""
    if not all(_is_allowed(_address(address), is_sandbox=is_sandbox) for address in found):
        raise AddressRefused


def _is_allowed(address: Address, *, is_sandbox: bool) -> bool:
    if is_sandbox:
        return address.is_loopback
    networks = [ipaddress.ip_network(text, strict=False) for text in getattr(settings, "CLUSTER_NETWORKS", [])]
    if networks:
        return any(address in network for network in networks)
    if address.is_link_local or address.is_multicast or address.is_unspecified:
        return False
    if any(address in network for network in METADATA):
        return False
    if address.is_loopback:
        return settings.HOST in ("127.0.0.1", "localhost", "::1")
    return True


def _address(text: str) -> Address:
    address = ipaddress.ip_address(text.partition("%")[0])
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if address.ipv4_mapped or (inner is not None and (inner.is_link_local or inner.is_loopback)):
            return inner if inner is not None else address
    return address
