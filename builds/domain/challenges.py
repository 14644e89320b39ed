"""What a registry asks for when it answers 401.

Sources: RFC 9110, section 11.6.1; Distribution, "Token Authentication Specification".
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from builds.domain.registries import is_same_site

CHALLENGE_MAX = 4_000
_VALUE = re.compile(r'([A-Za-z]{1,20})\s{0,5}=\s{0,5}(?:"([^"\\]{0,2000})"|([^\s",]{1,2000}))')


@dataclass(frozen=True, slots=True)
class Challenge:
    """`basic`, or `bearer` with the address of its token server."""

    scheme: str
    realm: str = ""
    service: str = ""


def challenge_of(header: str) -> Challenge | None:
    """None where nothing is asked for that we can give."""
    scheme, _, rest = header[:CHALLENGE_MAX].strip().partition(" ")
    scheme = scheme.lower()
    if scheme == "basic":
        return Challenge("basic")
    if scheme != "bearer":
        return None
    values = {name.lower(): quoted or bare for name, quoted, bare in _VALUE.findall(rest)}
    return Challenge("bearer", values.get("realm", ""), values.get("service", ""))


def may_be_sent(registry_url: str, realm: str) -> bool:
    """Whether credentials of a registry may go to its token server: over TLS and within one site, or to the registry's
    own host in the way in which the registry itself is spoken to."""
    try:
        ours, theirs = urlsplit(registry_url), urlsplit(realm)
        ports = (ours.port, theirs.port)  # raises for what is none
    except ValueError:
        return False
    if not ours.hostname or not theirs.hostname or theirs.username is not None or 0 in ports:
        return False
    if theirs.scheme != "https" and (ours.scheme, ours.hostname) != (theirs.scheme, theirs.hostname):
        return False
    return is_same_site(ours.hostname, theirs.hostname)
