"""Where the next page of a list of objects begins: opaque to whoever holds it, and signed for its list and filters."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass

from django.core.signing import BadSignature, Signer

from kubeorch.mongo.pages import BadCursor

CURSOR_MOST = 8_000


@dataclass(frozen=True, slots=True)
class Position:
    """The namespace that is being listed, "" where the list is of the whole cluster; and the API server's token."""

    namespace: str = ""
    token: str = ""
    skip: int = 0
    """Rows of the page at `token` that were given already."""
    version: str = ""
    """As of which the first page is read again, of which rows were given: without a token it would be another one."""


FIRST = Position()


def sealed_position(position: Position, scope: tuple[str, ...]) -> str:
    """`scope` is all that the list is made from; a cursor opens for the same scope alone."""
    return _signer(scope).sign_object([position.namespace, position.token, position.skip, position.version])


def opened_position(cursor: str, scope: tuple[str, ...]) -> Position:
    """FIRST for an empty cursor. Raises BadCursor."""
    if not cursor:
        return FIRST
    if len(cursor) > CURSOR_MOST:
        raise BadCursor
    try:
        namespace, token, skip, version = _signer(scope).unsign_object(cursor)
    except (BadSignature, ValueError):
        raise BadCursor from None
    return Position(namespace, token, skip, version)


def _signer(scope: tuple[str, ...]) -> Signer:
    digest = hashlib.sha256(json.dumps(scope).encode()).hexdigest()
    return Signer(salt=f"list of objects {digest}")
