"""Who may enter the embedded registry: each team, below its own id, as one that pushes, one that only
pulls, or one that removes; and a person of the team, who pulls for some days.

Passwords are derived from one key (`place.key`), so that nothing has to be kept or handed on for a team; what a cluster
is given opens the images of one team, for reading. With the next generation of a team all its passwords are others.
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
_TEAM = re.compile(r"([0-9a-f]{24})-(push|pull|delete)\Z")
_PERSON = re.compile(r"([0-9a-f]{24})-pull-([0-9a-f]{24})-([1-9][0-9]{9})\Z")


@dataclass(frozen=True, slots=True)
class Entry:
    """A team with one right."""

    team: str
    right: Right
    person: str = ""
    """Who pulls in the name of the team; "" for the team itself."""
    until_s: int = 0
    """Seconds since 1970 until which a person has it."""

    @property
    def username(self) -> str:
        name = f"{self.team}-{self.right}"
        return f"{name}-{self.person}-{self.until_s}" if self.person else name

    @property
    def login(self) -> str:
        """What a person's right to pull for the team is kept under."""
        return f"{self.team}/{self.person}"

    @property
    def actions(self) -> frozenset[str]:
        """For repositories of the team."""
        return _ACTIONS[self.right]

    def may_touch(self, repository: str) -> bool:
        return repository.startswith(f"{self.team}/")


def password_of(key: str, entry: Entry, generation: int = 0) -> str:
    """`generation` counts how often the team was given new passwords."""
    text = f"registry/{entry.username}" + (f"/{generation}" if generation else "")
    return hmac.new(key.encode(), text.encode(), hashlib.sha256).hexdigest()


def entry_named(username: str) -> Entry | None:
    """Whom a name stands for; None for a name that nobody has."""
    if found := _TEAM.match(username):
        return Entry(found[1], cast("Right", found[2]))
    if found := _PERSON.match(username):
        return Entry(found[1], "pull", found[2], int(found[3]))
    return None


@dataclass(frozen=True, slots=True)
class Given:
    """What was given to teams and people, as far as it still lets somebody in."""

    generations: Mapping[str, int]
    """How often each team was given new passwords."""
    logins: Mapping[str, int]
    """By `Entry.login`, until when a person may pull for a team."""


def entry_of(key: str, username: str, password: str, given: Given, *, at_s: float) -> Entry | None:
    """Whom a name and a password let in at that moment; None for nobody."""
    entry = entry_named(username)
    if entry is None or (entry.person and not at_s < entry.until_s <= given.logins.get(entry.login, 0)):
        return None
    wanted = password_of(key, entry, given.generations.get(entry.team, 0))
    return entry if hmac.compare_digest(wanted.encode(), password.encode(errors="replace")) else None
