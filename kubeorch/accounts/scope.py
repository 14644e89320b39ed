"""Tenant scope: every base query starts from `team_filter`, every change asks `require`.

404 for what a person may not know of, 403 for what they may not do: a document is looked up inside the person's
teams (ids of other teams are simply not there), then `require` checks the verb.
"""

from __future__ import annotations

from typing import Any

from bson import ObjectId

from kubeorch.accounts.principal import Credential, Principal
from kubeorch.accounts.roles import VERBS, Role
from kubeorch.accounts.token_scopes import TokenScope
from kubeorch.base.errors import Forbidden, InvalidInput, NotFound
from kubeorch.mongo.ids import as_object_id


class NotAllowed(Forbidden):
    """The person's role in the team does not cover the verb."""

    code = "forbidden.role"

    def __init__(self, verb: str, needed: Role, role: Role | None) -> None:
        have = f"you are {role}" if role else "you are not a member of that team"
        super().__init__(f"this needs the role {needed} in the team; {have}. Ask an administrator of the team.")
        self.verb = verb


class TokenTooNarrow(Forbidden):
    """The person may, this token may not."""

    code = "token.scope"

    def __init__(self, scope: TokenScope, needed: TokenScope) -> None:
        super().__init__(f"this token has the scope '{scope}'; use one with the scope '{needed}'")


def team_filter(principal: Principal, verb: str | None = None) -> dict[str, Any]:
    """The base of every query over documents that teams own; with `verb`, where the person's role covers it."""
    teams = list(principal.team_ids)
    if verb is not None:
        teams = [team for team in teams if (role := principal.role_in(team)) and role.covers(VERBS[verb])]
    return {"team_id": {"$in": teams}}


def require(principal: Principal, verb: str, team_id: ObjectId | str) -> None:
    """Raise Forbidden unless the person's role in the team covers `verb`."""
    needed = VERBS[verb]
    role = principal.role_in(team_id)
    if role is None or not role.covers(needed):
        raise NotAllowed(verb, needed, role)


def require_instance_admin(principal: Principal) -> None:
    """Raise Forbidden unless the person administers the instance."""
    if not principal.is_admin:
        raise Forbidden("only administrators of the instance can do this", code="forbidden.instance_admin")


def choose_team(principal: Principal, verb: str, team: object = None) -> ObjectId:
    """The team that a new thing belongs to: the one named, else the only one in which the person may do `verb`.

    Raises NotFound for a foreign team, Forbidden without the role, InvalidInput when there is a choice to make.
    """
    if team:
        team_id = as_object_id(team, what="team")
        if principal.role_in(team_id) is None:
            raise NotFound("there is no such team")
        require(principal, verb, team_id)
        return team_id
    fitting = [team_id for team_id in principal.team_ids if principal.may(verb, team_id)]
    if len(fitting) == 1:
        return fitting[0]
    if not fitting:
        needed = VERBS[verb]
        raise NotAllowed(verb, needed, next(iter(principal.roles.values()), None))
    raise InvalidInput("you are in several teams; choose one", code="team.required", field="team")


def check_scope(credential: Credential, needed: TokenScope) -> None:
    """Raise TokenTooNarrow unless the credential may be used for this."""
    if not credential.scope.covers(needed):
        raise TokenTooNarrow(credential.scope, needed)
