"""As whom a team reads a repository: the only way from a connection to what git is given."""

from __future__ import annotations

from functools import partial

from bson import ObjectId

from builds import store as host_store
from builds.connections import store
from builds.connections.app_tokens import login_of
from builds.connections.errors import ConnectionElsewhere, NoDeployKey
from builds.connections.oauth.grants import forget_by_git
from builds.connections.providers.table import HOSTS
from builds.connections.store import GitConnection
from builds.domain.git_servers import GitProvider, address_of_url
from builds.domain.repositories import Repository
from builds.git.workspace import Access


def access_for(team_id: ObjectId, connection_id: ObjectId | None, repository: Repository) -> Access:
    """What git needs, with the key of the SSH server that the team has seen before.

    Raises ConnectionNotFound, ConnectionElsewhere, NoDeployKey, Unsealable, and what `login_of` raises.
    """
    if connection_id is None:
        return Access(host_key=_known(team_id, repository))
    return access_by(store.of_team(connection_id, team_id), repository)


def access_by(row: GitConnection, repository: Repository) -> Access:
    """As `access_for`, of a connection that was read already, or is not stored yet."""
    check_place(row, repository)
    if repository.scheme == "ssh":
        known, secrets = _known(row["team_id"], repository), store.secrets_of(row)
        keys = [secrets.keys[one["id"]] for one in row["keys"] if one["id"] in secrets.keys]
        if not keys:
            raise NoDeployKey
        return Access(private_key=keys[0], older_keys=tuple(keys[1:]), host_key=known)
    login = login_of(row)
    host = HOSTS.get(GitProvider(row["provider"]))
    user = host.git_user(login) if host is not None else login.username
    refused = partial(forget_by_git, row) if row.get("oauth") else None
    return Access(user if login.token else "", login.token, authority=row["ca"], refused=refused)


def check_place(row: GitConnection, repository: Repository, *, field: str = "connection") -> None:
    """Raises ConnectionElsewhere."""
    if not address_of_url(row["address"]).holds(repository):
        raise ConnectionElsewhere(row["address"], field)


def _known(team_id: ObjectId, repository: Repository) -> str:
    if repository.scheme != "ssh":
        return ""
    return host_store.known_key(team_id, repository.host, repository.port) or ""
