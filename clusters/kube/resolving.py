"""The addresses of a server's name, within the time of a request: the system's resolver knows no deadline."""

from __future__ import annotations

import ipaddress
import socket
import threading
from collections.abc import Callable, Sequence

from clusters.kube.allowance import Allowance
from clusters.kube.errors import AddressUnknown

ADDRESSES_MOST = 4
"""How many addresses of a name are tried."""
AT_ONCE = 32
"""Names that are being resolved in this process; one whose server is silent takes the resolver's own time."""

Addresses = Callable[[str, int, Allowance], Sequence[str]]
"""Host, port and the request's allowance → IP addresses that a connection may lead to, in order. Raises without any."""

_slots = threading.BoundedSemaphore(AT_ONCE)


def addresses_of(host: str, port: int, allowance: Allowance) -> list[str]:
    """Every address of a name. Raises AddressUnknown, and ClusterTimeout when the resolver takes too long."""
    try:
        return [str(ipaddress.ip_address(host.strip("[]")))]
    except ValueError:
        pass
    found: list[str] = []

    def look_up() -> None:
        try:
            rows = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            found.extend(dict.fromkeys(str(where[0]) for *_, where in rows))
        except (OSError, UnicodeError):
            pass  # none found
        finally:
            _slots.release()

    while not _slots.acquire(timeout=allowance.slice_s()):
        pass
    looking = threading.Thread(target=look_up, name="resolve", daemon=True)
    looking.start()
    while looking.is_alive():
        looking.join(allowance.slice_s())
    if not found:
        raise AddressUnknown(host)
    return found[:ADDRESSES_MOST]
