"""How much of what its person may do a token may do: to read, to read and run, or all of it.

A request needs `read` for a safe method and `full` for any other; a view's method that needs something else says so
with `needs_scope`. Where a token becomes a principal (`authentication`), the two are compared.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Any, TypeVar

Method = TypeVar("Method", bound=Callable[..., Any])

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class TokenScope(StrEnum):
    """read < run < full."""

    READ = "read"
    RUN = "run"
    FULL = "full"

    def covers(self, needed: TokenScope) -> bool:
        """True when a token of this scope may do whatever one of `needed` may."""
        return RANK[self] >= RANK[needed]


RANK = {TokenScope.READ: 0, TokenScope.RUN: 1, TokenScope.FULL: 2}


def needs_scope(scope: TokenScope) -> Callable[[Method], Method]:
    """Declare what a token needs for this method of a view."""

    def note(method: Method) -> Method:
        method.token_scope = scope  # type: ignore[attr-defined]
        return method

    return note


def scope_needed(view: object, method: str) -> TokenScope:
    """What a token needs for a request of `method` (`POST`) to this view."""
    declared = getattr(getattr(view, method.lower(), None), "token_scope", None)
    if isinstance(declared, TokenScope):
        return declared
    return TokenScope.READ if method in SAFE_METHODS else TokenScope.FULL
