"""Which addresses a cluster's API server may have; checked at every connection, since names resolve anew.

Clusters are private by nature, so private networks are fine. Never: link-local (cloud metadata),
multicast, unspecified; loopback only while this server itself is reachable from loopback alone. The
setting CLUSTER_NETWORKS (`KUBEORCH_CLUSTER_NETWORKS`), when given, is the whole list of what is allowed.
"""

from __future__ import annotations

import ipaddress
import socket
from urllib.parse import urlsplit

from django.conf import settings

from kubeorch.base.errors import InvalidInput, Unavailable

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


class AddressUnknown(Unavailable):
    """The server's name does not resolve."""

    code = "cluster.unresolved"

    def __init__(self, host: str) -> None:
        super().__init__(f"the name {host} does not resolve; check the cluster's address")


def check_address(server: str, *, is_sandbox: bool = False) -> None:
    """Raise AddressRefused if any address of the server's name is not allowed, AddressUnknown if it has none."""
    parts = urlsplit(server)
    host = parts.hostname or ""
    try:
        found = socket.getaddrinfo(host, parts.port or 443, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise AddressUnknown(host) from None
    for *_, where in found:
        if not _is_allowed(_address(str(where[0])), is_sandbox=is_sandbox):
            raise AddressRefused


def check_peer(address: str, *, is_sandbox: bool = False) -> None:
    """Raise AddressRefused unless a connection may lead to this IP address: a name may resolve to another by now."""
    if not _is_allowed(_address(address), is_sandbox=is_sandbox):
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
