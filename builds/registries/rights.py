"""Who may change a registry, look into it with its credentials, and how far."""

from __future__ import annotations

from bson import ObjectId

from builds.domain.images import Image
from builds.domain.registries import is_below
from builds.registries import store
from builds.registries.errors import RegistryRefused
from builds.registries.reach import is_of_another_team
from builds.registries.store import Registry
from kubeorch.accounts.principal import Principal
from kubeorch.accounts.roles import Role
from kubeorch.accounts.scope import NotAllowed, require, require_instance_admin


def may_edit(principal: Principal, row: Registry) -> bool:
    return principal.is_admin if row["team_id"] is None else principal.may("registry.edit", row["team_id"])


def editable(principal: Principal, registry_id: object) -> Registry:
    """The registry, which the person may change. Raises NoSuchRegistry or Forbidden."""
    row = store.find(registry_id, principal)
    if row["team_id"] is None:
        require_instance_admin(principal)
    else:
        require(principal, "registry.edit", row["team_id"])
    return row


def usable(principal: Principal, registry_id: object) -> Registry:
    """The registry, which the person may look into with its credentials. Raises NoSuchRegistry or Forbidden."""
    row = store.find(registry_id, principal)
    if row["team_id"] is not None:
        require(principal, "registry.use", row["team_id"])
    elif not principal.is_admin and not any(principal.may("registry.use", team) for team in principal.team_ids):
        raise NotAllowed("registry.use", Role.EDITOR, next(iter(principal.roles.values()), None))
    return row


def check_reach(principal: Principal, row: Registry, path: str) -> None:
    """Raises RegistryRefused for a repository that is not for these credentials, or not for this person's teams."""
    if not is_below(path, row["path_prefix"]):
        raise RegistryRefused(
            f"these credentials are for what is below {row['path_prefix']}; add a registry for {path}",
            field="repository",
        )
    if not may_reach(principal, row, path):
        raise RegistryRefused(
            f"{path} is where images of other teams are; choose one of your own team", field="repository"
        )


def may_reach(principal: Principal, row: Registry, path: str) -> bool:
    """With the instance's credentials nobody looks into the images of a team of others."""
    if row["team_id"] is not None:
        return True
    image, nobody = Image(row["host"], path), ObjectId()
    teams = (team for team in principal.team_ids if principal.may("registry.use", team))
    return any(not is_of_another_team(image, team) for team in (nobody, *teams))
