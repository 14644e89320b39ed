"""Who may enter the embedded registry: each team, below its own id, as one that pushes or as one that only pulls.

Passwords are derived from one key (`place.key`), so that nothing has to be kept or handed on for a team; what a cluster
is given opens the images of one team, for reading.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass
from typing import Literal

Right = Literal["push", "pull"]
RIGHTS: tuple[Right, ...] = ("push", "pull")
_NAME = re.compile(r"([0-9a-f]{24})-(push|pull)\Z")


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
        """Of the registry's own words, for repositories of the team."""
        return frozenset({"pull", "push", "delete"}) if self.right == "push" else frozenset({"pull"})

    def may_touch(self, repository: str) -> bool:
        return repository.startswith(f"{self.team}/")


def password_of(key: str, entry: Entry) -> str:
    return hmac.new(key.encode(), f"registry/{entry.username}".encode(), hashlib.sha256).hexdigest()


def entry_of(key: str, username: str, password: str) -> Entry | None:
    """Whom a name and a password let in; None for nobody."""
    found = _NAME.match(username)
    if found is None:
        return None
    entry = Entry(found[1], "push" if found[2] == "push" else "pull")
    is_right = hmac.compare_digest(password_of(key, entry).encode(), password.encode(errors="replace"))
    return entry if is_right else None
