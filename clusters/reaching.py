"""Where connections may lead: names are resolved and judged at every connection."""

from __future__ import annotations

from urllib.parse import urlsplit

from clusters.addresses import check_addresses
from clusters.kube.allowance import Allowance
from clusters.kube.limits import LIMITS
from clusters.kube.resolving import addresses_of


def allowed_addresses(host: str, port: int, allowance: Allowance, *, is_sandbox: bool = False) -> list[str]:
    """The addresses a connection may lead to: what the name resolves to at this moment, in order.

    Raises AddressRefused if any of them is not allowed, AddressUnknown without any.
    """
    found = addresses_of(host, port, allowance)
    check_addresses(found, is_sandbox=is_sandbox)
    return found


def check_server(server: str, *, is_sandbox: bool = False) -> None:
    """Raise AddressRefused or AddressUnknown for a server's address, as each connection to it does anew."""
    parts = urlsplit(server)
    allowed_addresses(parts.hostname or "", parts.port or 443, Allowance(LIMITS.question_s, 0), is_sandbox=is_sandbox)
