"""Which addresses a git server may have: looked up once, judged, and then the only ones that are connected to.

Public addresses, the networks of KUBEORCH_GIT_NETWORKS, and, while this server is used from its own machine alone, the
private ones of that machine. Never those of cloud metadata. Only what is not public may be read without TLS.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence

from django.conf import settings

from builds.domain.repositories import Repository
from builds.git.errors import GitAddressRefused, GitUnavailable
from clusters.addresses import Address, embedded_in, is_fit, is_never, is_private_server
from clusters.kube.allowance import Allowance
from clusters.kube.errors import AddressUnknown, ClusterTimeout
from clusters.kube.resolving import addresses_of

LOOK_UP_S = 8.0


def allowed_addresses(repository: Repository) -> list[str]:
    """The IP addresses of its host. Raises GitAddressRefused when one is not allowed, GitUnavailable without any."""
    try:
        found = addresses_of(repository.host, repository.port, Allowance(LOOK_UP_S, 0))
    except AddressUnknown:
        raise GitUnavailable(
            f"the name {repository.host} was not found; check it, and the DNS or proxy of the machine that asks"
        ) from None
    except ClusterTimeout:
        raise GitUnavailable(f"the name {repository.host} could not be looked up in {LOOK_UP_S:.0f} s") from None
    addresses = [ipaddress.ip_address(text.partition("%")[0]) for text in found]
    if any(is_never(one) for address in addresses for one in (address, *embedded_in(address))):
        raise GitAddressRefused(is_never=True)
    if not all(_is_allowed(address) for address in addresses):
        raise GitAddressRefused
    if repository.scheme == "http" and any(_is_public(address) for address in addresses):
        raise GitAddressRefused(is_plain=True)
    return [str(address) for address in addresses]


def are_public(addresses: Sequence[str]) -> bool:
    """Whether all of these are addresses that everybody on the internet has the same machine at."""
    return all(_is_public(ipaddress.ip_address(one.partition("%")[0])) for one in addresses)


def _is_allowed(address: Address) -> bool:
    networks = [ipaddress.ip_network(text, strict=False) for text in settings.GIT_NETWORKS]
    meant = (address, *embedded_in(address))
    if any(is_never(one) for one in meant):
        return False
    if all(_is_public(one) or any(one in network for network in networks) for one in meant):
        return True
    return is_private_server() and all(is_fit(one) for one in meant)


def _is_public(address: Address) -> bool:
    return address.is_global and is_fit(address) and all(one.is_global for one in embedded_in(address))
