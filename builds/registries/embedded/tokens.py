"""Tokens that the embedded registry takes: which scopes an entry has, and a signed statement of that.

Source: Distribution, "Token Authentication Specification" and "Token Authentication Implementation" (JWT, signed with
ES256; the chain in `x5c` is checked against the bundle of the registry's configuration).
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from builds.domain.images import ImageInvalid, path_of
from builds.registries.embedded.accounts import Entry

ISSUER = "kubeorch"
SERVICE = "kubeorch-registry"
LIFE_S = 900
EARLY_S = 30
"""How far the clock of a registry may be behind; it is on this machine."""
SCOPES_MOST = 20
PULL_LIFE_S = 300
"""Of a token that only reads."""
_SCOPE = re.compile(r"repository:([a-z0-9][-a-z0-9._/]{0,255}):([a-z*,]{1,60})")
"""Of the name only the length; it is judged as names of images are."""
_CHANGING = frozenset({"push"})


@dataclass(frozen=True, slots=True)
class Granted:
    name: str
    actions: tuple[str, ...]


def granted(entry: Entry, scopes: Iterable[str], *, is_full: bool) -> list[Granted]:
    """What of the asked scopes an entry has; what it has not is left out, and the registry then says no. Where the
    registry is full, nothing is pushed."""
    found = []
    for scope in list(scopes)[:SCOPES_MOST]:
        match = _SCOPE.fullmatch(scope)
        if match is None or not _is_path(match[1]) or not entry.may_touch(match[1]):
            continue
        asked = frozenset(match[2].split(","))
        allowed = entry.actions - (_CHANGING if is_full else frozenset())
        actions = tuple(sorted(allowed if "*" in asked else allowed & asked))
        if actions:
            found.append(Granted(match[1], actions))
    return found


def life_of(grants: Iterable[Granted]) -> int:
    """Seconds that a token lasts."""
    changes = any(action != "pull" for one in grants for action in one.actions)
    return LIFE_S if changes else PULL_LIFE_S


def _is_path(text: str) -> bool:
    try:
        return bool(path_of(text))
    except ImageInvalid:
        return False


def token_of(
    entry: Entry,
    grants: Collection[Granted],
    *,
    key: ec.EllipticCurvePrivateKey,
    chain: bytes,
    at_s: int,
    token_id: str,
) -> str:
    """`chain` is the certificate of `key` as DER."""
    head = {"typ": "JWT", "alg": "ES256", "x5c": [base64.b64encode(chain).decode()]}
    claims: Mapping[str, Any] = {
        "iss": ISSUER,
        "sub": entry.username,
        "aud": SERVICE,
        "exp": at_s + life_of(grants),
        "nbf": at_s - EARLY_S,
        "iat": at_s,
        "jti": token_id,
        "access": [{"type": "repository", "name": one.name, "actions": one.actions} for one in grants],
    }
    signed = f"{_encoded(json.dumps(head).encode())}.{_encoded(json.dumps(claims).encode())}"
    r, s = decode_dss_signature(key.sign(signed.encode(), ec.ECDSA(hashes.SHA256())))
    return f"{signed}.{_encoded(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"


def _encoded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()
