"""Who is asking: the person behind a request or a socket, with what they may do, as a value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from bson import ObjectId

from kubeorch.accounts.roles import VERBS, Role
from kubeorch.accounts.token_scopes import TokenScope


@dataclass(frozen=True, slots=True)
class Credential:
    """What the person signed in with; `key` is the token's id or the session's stored hash."""

    kind: Literal["token", "session"]
    key: str
    scope: TokenScope = TokenScope.FULL
    """What a token may be used for; a session always has all of it."""
    expires_at: datetime | None = None
    """When a token ends; None for a session, which lasts longer with each visit."""


@dataclass(frozen=True, slots=True)
class Principal:
    user_id: str
    email: str
    name: str
    is_admin: bool
    """Administrator of the instance: settings and members of every team, but no team's content by itself."""
    roles: Mapping[str, Role] = field(default_factory=dict)
    """Role by team id (24 hex)."""
    credential: Credential | None = None

    is_authenticated = True  # what the REST framework asks of `request.user`

    @property
    def team_ids(self) -> tuple[ObjectId, ...]:
        return tuple(ObjectId(team_id) for team_id in self.roles)

    def role_in(self, team_id: ObjectId | str) -> Role | None:
        return self.roles.get(str(team_id))

    def may(self, verb: str, team_id: ObjectId | str) -> bool:
        """Whether the role in that team covers the verb. See `scope.require` for the raising form."""
        role = self.role_in(team_id)
        return role is not None and role.covers(VERBS[verb])

    @property
    def pk(self) -> str:
        return self.user_id
