"""Which addresses a cluster's API server may have; checked at every connection, since names resolve anew.

Clusters are private by nature, so private networks are fine. Never: link-local and other addresses of cloud metadata,
multicast, none at all, in whatever form of IPv6 they hide. Loopback only for the sandbox, and while this server itself
is used from this machine alone: HOST is loopback, and no setting tells of a proxy or another name. The setting
CLUSTER_NETWORKS (`KUBEORCH_CLUSTER_NETWORKS`), when given, is the whole list of what is allowed, but opens nothing
of what is never.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable

from django.conf import settings

from kubeorch.base.errors import InvalidInput

NEVER = tuple(
    ipaddress.ip_network(text)
    for text in (
        # metadata of clouds, and what else they serve beside it
        *("100.100.100.200/32", "168.63.129.16/32", "192.0.0.192/32", "fd00:ec2::/32", "fd20:ce::254/128"),
        *("fd00:c1::a9fe:a9fe/128", "fd00:42::42/128", "fd00:a9fe:a9fe::1/128", "fd00:100::100:200/128"),
        *("0.0.0.0/8", "240.0.0.0/4", "::/128"),  # this network, and none
    )
)
WITH_IPV4_AT_END = tuple(
    ipaddress.ip_network(text) for text in ("64:ff9b::/96", "64:ff9b:1::/48", "::ffff:0:0:0/96", "::/96")
)
"""NAT64, local NAT64, the form of stateless translators (SIIT), and the old compatible form."""
OWN_NAMES = frozenset({"127.0.0.1", "localhost", "[::1]", "testserver"})
"""Names of a server that is used on its own machine; the last one is that of Django's test client."""
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class AddressRefused(InvalidInput):
    """The server's address, or one its name resolves to, is not allowed for a cluster."""

    code = "cluster.address"

    def __init__(self) -> None:
        super().__init__(
            "this server address is not allowed; an administrator can allow its network with KUBEORCH_CLUSTER_NETWORKS",
            field="kubeconfig",
        )


def check_addresses(found: Iterable[str], *, is_sandbox: bool = False) -> None:
    """Raise AddressRefused unless connections may lead to all of these IP addresses."""
    if not all(_is_allowed(_address(address), is_sandbox=is_sandbox) for address in found):
        raise AddressRefused


def tells_causes() -> bool:
    """Whether people are told what is at an address where no API server answers: where an administrator has named the
    networks of clusters, and where everybody uses this server on its own machine. Elsewhere it would map the network
    for whoever may connect a cluster."""
    return bool(getattr(settings, "CLUSTER_NETWORKS", [])) or is_private_server()


def _is_allowed(address: Address, *, is_sandbox: bool) -> bool:
    """Whether connections may lead there: to the address itself, and to every IPv4 address that it stands for."""
    embedded = embedded_in(address)
    meant = (address, *embedded)
    if is_sandbox:
        return all(one.is_loopback for one in embedded or meant)
    if any(is_never(one) for one in meant):
        return False
    networks = [ipaddress.ip_network(text, strict=False) for text in getattr(settings, "CLUSTER_NETWORKS", [])]
    if networks:
        return any(
            all(any(one in network for network in networks) for one in ones) for ones in ((address,), embedded) if ones
        )
    return all(is_fit(one) for one in meant)


def is_fit(address: Address) -> bool:
    """Whether it is one of a machine, near or far, and none that serves what only this machine may know."""
    return not is_never(address) and (not address.is_loopback or is_private_server())


def is_never(address: Address) -> bool:
    """Whether no list of networks opens it: link-local, of cloud metadata, of many machines, or of none."""
    return address.is_link_local or address.is_multicast or any(address in network for network in NEVER)


def is_private_server() -> bool:
    """This server is reached from this machine alone: it listens on loopback, and nothing passes others on to it."""
    is_behind_a_proxy = settings.TRUSTED_PROXIES or settings.HTTPS or settings.CSRF_TRUSTED_ORIGINS
    return (
        settings.HOST in ("127.0.0.1", "localhost", "::1")
        and set(settings.ALLOWED_HOSTS) <= OWN_NAMES
        and not is_behind_a_proxy
    )


def embedded_in(address: Address) -> list[Address]:
    """The IPv4 addresses to which a translator on the way, or this machine, may send what goes to an IPv6 address."""
    if not isinstance(address, ipaddress.IPv6Address) or address.is_loopback or address.is_unspecified:
        return []
    found = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
    if any(address in network for network in WITH_IPV4_AT_END):
        found.append(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
    return [one for one in found if one is not None]


def _address(text: str) -> Address:
    return ipaddress.ip_address(text.partition("%")[0])
