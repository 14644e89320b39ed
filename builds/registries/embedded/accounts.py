"""Who may enter the embedded registry: each team, below its own id, as one that pushes, one that only
pulls, or one that removes.

Passwords are derived from one key (`place.key`), so that nothing has to be kept or handed on for a team; what a cluster
is given opens the images of one team, for reading.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, cast

Right = Literal["push", "pull", "delete"]
_ACTIONS: Mapping[Right, frozenset[str]] = {
    "push": frozenset({"pull", "push"}),
    "pull": frozenset({"pull"}),
    "delete": frozenset({"pull", "delete"}),
}
"""Of the registry's own words."""
_NAME = re.compile(r"([0-9a-f]{24})-(push|pull|delete)\Z")


@dataclass(frozen=True, slots=True)
class Entry:
    """A team with one right."""

    team: str
    right: Right

    @property
    def username(self) -> str:
        return f"{self.team}-{self.right}"

    @property
    def actions(self) -> frozenset[str]:
        """For repositories of the team."""
        return _ACTIONS[self.right]

    def may_touch(self, repository: str) -> bool:
        return repository.startswith(f"{self.team}/")


def password_of(key: str, entry: Entry) -> str:
    return hmac.new(key.encode(), f"registry/{entry.username}".encode(), hashlib.sha256).hexdigest()


def entry_of(key: str, username: str, password: str) -> Entry | None:
    """Whom a name and a password let in; None for nobody."""
    found = _NAME.match(username)
    if found is None:
        return None
    entry = Entry(found[1], cast("Right", found[2]))
    is_right = hmac.compare_digest(password_of(key, entry).encode(), password.encode(errors="replace"))
    return entry if is_right else None
