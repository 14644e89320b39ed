"""Documents of accounts as the API shows them; names and current roles are looked up by the caller."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bson import ObjectId

from kubeorch.accounts.principal import Principal
from kubeorch.accounts.roles import Role
from kubeorch.mongo.client import Document


def user_json(principal: Principal, team_names: Mapping[ObjectId, str]) -> dict[str, Any]:
    """A person with their teams, in the order of `team_names`."""
    return {
        "id": principal.user_id,
        "email": principal.email,
        "name": principal.name,
        "is_admin": principal.is_admin,
        "teams": [team_json(team_id, name, principal.role_in(team_id)) for team_id, name in team_names.items()],
    }


def team_json(team_id: ObjectId, name: str, role: Role | None) -> dict[str, Any]:
    """A team with the role of the person who asks, None without one."""
    return {"id": team_id, "name": name, "role": role}


def token_json(token: Document, *, current: bool) -> dict[str, Any]:
    """A token's row, never the token; `current` when the request came with it."""
    return {
        "id": token["_id"],
        "name": token["name"],
        "hint": token["hint"],
        "scope": token["scope"],
        "created_at": token["created_at"],
        "expires_at": token["expires_at"],
        "last_used_at": token.get("last_used_at"),
        "current": current,
    }


def invite_json(invite: Document, team_name: str) -> dict[str, Any]:
    """An invite, never its code."""
    return {
        "id": invite["_id"],
        "team": {"id": invite["team_id"], "name": team_name},
        "role": invite["role"],
        "email": invite["email"],
        "created_at": invite["created_at"],
        "expires_at": invite["expires_at"],
        "used_at": invite.get("used_at"),
    }


def account_json(person: Document) -> dict[str, Any]:
    """An account, as administrators of the instance see it."""
    return {
        "id": person["_id"],
        "email": person["email"],
        "name": person["name"],
        "is_admin": bool(person["is_admin"]),
        "disabled": not person["is_active"],
        "created_at": person["created_at"],
    }


def member_json(membership: Document, person: Document) -> dict[str, Any]:
    """A member of a team; the id is the person's."""
    return {
        "id": membership["user_id"],
        "email": person["email"],
        "name": person["name"],
        "role": membership["role"],
        "disabled": not person["is_active"],
        "joined_at": membership["created_at"],
    }
