"""Ports in the short syntax. Source: Compose Specification, 05-services.md, "ports", "Short syntax"."""

from __future__ import annotations

import ipaddress
import re
from typing import Any

MAX_RANGE = 5_000
"""Ports of one range. Every port of it becomes an entry."""
_RANGE = re.compile(r"([0-9]{1,5})(?:-([0-9]{1,5})(?:-.*)?)?\Z", re.ASCII)


def read_ports(text: str) -> list[dict[str, Any]]:
    """`[ip:][published:]target[/protocol]` in the long syntax, one entry a port, in the order of their names as text.

    Raises ValueError with what is wrong.
    """
    *host, target = text.split(":")
    published = host.pop() if host else ""
    address = _address(":".join(host))
    target, slash, protocol = target.partition("/")
    protocol = protocol.lower() if slash and protocol else "tcp"
    if protocol not in ("tcp", "udp", "sctp"):
        raise ValueError(f"{text[:60]!r}: the protocol {protocol[:20]!r} is not tcp, udp or sctp")
    first, last = _range(target, text)
    low, high = _range(published, text) if published else (0, 0)
    if published and last - first != high - low and last != first:
        raise ValueError(f"{text[:60]!r}: the two ranges are not equally long")
    if last - first >= MAX_RANGE:
        raise ValueError(f"{text[:60]!r}: a range of more than {MAX_RANGE:,} ports")
    entries = []
    for at in range(last - first + 1):
        entry: dict[str, Any] = {"mode": "ingress", "target": first + at, "protocol": protocol}
        if address:
            entry["host_ip"] = address
        if published:
            dynamic = f"-{high}" if last == first and high != low else ""
            entry["published"] = f"{low + at}{dynamic}"
        entries.append(entry)
    return sorted(entries, key=lambda entry: str(entry["target"]))


def is_address(text: str) -> bool:
    """Whether it is an IP address, without a zone."""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return "%" not in text


def _address(text: str) -> str:
    bare = text[1:-1] if text.startswith("[") and text.endswith("]") else text
    if bare and not is_address(bare):
        raise ValueError(f"{text[:60]!r} is not an IP address")
    return bare


def _range(text: str, whole: str) -> tuple[int, int]:
    found = _RANGE.match(text)
    first = int(found[1]) if found else -1
    last = int(found[2] or first) if found else -1
    if not 0 <= first <= last <= 65_535:
        raise ValueError(f"{whole[:60]!r}: {text[:30]!r} is not a port or a range of ports; write 8080:80 or 80")
    return first, last
