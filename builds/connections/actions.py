"""What people do with git connections."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from bson import ObjectId
from pymongo.client_session import ClientSession
from pymongo.errors import DuplicateKeyError

from builds import store as host_store
from builds.asking import asking
from builds.connections import store
from builds.connections.access import check_place
from builds.connections.errors import (
    ConnectionChanged,
    ConnectionInUse,
    ConnectionNameTaken,
    ConnectionNotWorking,
    GitHostUnavailable,
    TooManyConnections,
    TooManyKeys,
)
from builds.connections.given import changed_row, new_key, new_row
from builds.connections.oauth.grants import with_tried_client
from builds.connections.store import GitConnection, Secrets
from builds.connections.talking import repository_named
from builds.connections.testing import Report, try_connection
from builds.domain.git_servers import address_of_url
from builds.domain.repositories import Repository
from kubeorch.accounts.principal import Principal
from kubeorch.accounts.scope import choose_team, require, team_filter
from kubeorch.base.clock import now
from kubeorch.base.errors import InvalidInput, NotFound
from kubeorch.mongo.ids import as_object_id
from kubeorch.mongo.transaction import run_in_transaction

Using = Callable[[ObjectId, ObjectId, ClientSession], Sequence[str]]
"""Names of the sources of a team that use a connection."""
SECRETS_GIVEN = ("username", "token", "app_id", "installation_id", "private_key", "client_id", "client_secret")
FIELD_OF_STEP = {"certificate": "ca", "sign_in": "token", "repository": "repository"}


def team_for(principal: Principal, given: Mapping[str, Any]) -> ObjectId:
    """Whose a new connection is. Raises as `choose_team`."""
    return choose_team(principal, "git.edit", given.get("team"))


def add_connection(principal: Principal, team_id: ObjectId, given: Mapping[str, Any]) -> tuple[GitConnection, Report]:
    """Tried first, unless `test` is false. The caller has got the team of `team_for`.

    Raises ConnectionInvalid, GitServerInvalid, RepositoryInvalid, ConnectionNotWorking, ConnectionNameTaken and
    TooManyConnections.
    """
    row = new_row(team_id, ObjectId(principal.user_id), given)
    report = Report()
    if given["test"]:
        # A key that was made just now is known to nobody: what it opens is tried later.
        report = _tried(row, given.get("repository") if not row["keys"] else "")
        row = {**row, **_found(report), "checked_at": now()}  # type: ignore[typeddict-item]

    def work(session: ClientSession) -> None:
        store.line_up(team_id, session)
        if store.count_of(team_id, session) >= store.CONNECTIONS_OF_A_TEAM:
            raise TooManyConnections(store.CONNECTIONS_OF_A_TEAM)
        store.insert(row, session)

    _named(work)
    return row, report


def change_connection(
    principal: Principal, connection_id: object, given: Mapping[str, Any], using: Using
) -> GitConnection:
    """Change what is named; another address or token is tried before it is stored, unless `test` is false.

    Raises ConnectionNotFound, Forbidden, ConnectionInUse (another address), ConnectionNotWorking, ConnectionNameTaken,
    ConnectionChanged, and as `add_connection`.
    """
    row = editable(principal, connection_id)
    after, is_other = changed_row(row, given)
    if is_other and given.get("test", True):
        row, after = _with_tried_client(row, after)
        after = {**after, **_found(_tried(after, given.get("repository"))), "checked_at": now()}  # type: ignore[typeddict-item]
    values = {key: value for key, value in after.items() if value != row.get(key)}
    if not values:
        return row

    def work(session: ClientSession) -> GitConnection:
        if after["address"] != row["address"] and (names := using(row["team_id"], row["_id"], session)):
            raise ConnectionInUse(names, "make another connection for the other address, and choose it there")
        changed = store.change(row, values, session=session)
        if changed is None:
            raise ConnectionChanged
        return changed

    return _named(work)


def remove_connection(
    principal: Principal,
    connection_id: object,
    using: Using,
    leave: Callable[[ObjectId, ObjectId, ClientSession], None] | None,
) -> GitConnection:
    """Forget a connection and what it opens with. Sources that use it keep it from going, unless `leave` has them go
    on without one. Raises ConnectionNotFound, Forbidden and ConnectionInUse."""
    row = editable(principal, connection_id)

    def work(session: ClientSession) -> None:
        names = using(row["team_id"], row["_id"], session)
        if names and leave is None:
            raise ConnectionInUse(names, "choose another connection there, or remove it and leave them without one")
        if names and leave is not None:
            leave(row["team_id"], row["_id"], session)
        store.delete(row, session)

    run_in_transaction(work)
    return row


def add_key(principal: Principal, connection_id: object) -> GitConnection:
    """A new deploy key, which is tried before the old one from now on; the old one serves until it is removed.

    Raises ConnectionNotFound, Forbidden, TooManyKeys, ConnectionChanged and Unsealable.
    """
    row = editable(principal, connection_id)
    if len(row["keys"]) >= store.KEYS_MOST:
        raise TooManyKeys
    keys, private = new_key()
    secrets = store.secrets_of(row)
    sealed = store.sealed(row["_id"], Secrets(secrets.token, {**secrets.keys, **private}))
    changed = store.change(row, {"keys": [*keys, *row["keys"]], "sealed": sealed})
    if changed is None:
        raise ConnectionChanged
    return changed


def remove_key(principal: Principal, connection_id: object, key_id: str) -> GitConnection:
    """Forget a deploy key. Raises ConnectionNotFound, Forbidden, NotFound, ConnectionChanged and Unsealable."""
    row = editable(principal, connection_id)
    left = [one for one in row["keys"] if one["id"] != key_id]
    if len(left) == len(row["keys"]):
        raise NotFound("this connection has no such deploy key; it may have been removed")
    secrets = store.secrets_of(row)
    private = {name: key for name, key in secrets.keys.items() if name != key_id}
    sealed = store.sealed(row["_id"], Secrets(secrets.token, private))
    changed = store.change(row, {"keys": left, "sealed": sealed})
    if changed is None:
        raise ConnectionChanged
    return changed


def forget_host_keys(principal: Principal, connection_id: object) -> GitConnection:
    """Take the next key that its SSH server shows as the right one. Raises ConnectionNotFound and Forbidden."""
    row = editable(principal, connection_id)
    host_store.forget_keys(row["team_id"], address_of_url(row["address"]).host)
    return row


def try_given(principal: Principal, given: Mapping[str, Any]) -> Report:
    """Try one that is not stored, or the stored `connection` as it would be changed; nothing is stored."""
    if given.get("connection"):
        named = {key: given[key] for key in ("address", "ca") if key in given}
        named |= {key: given[key] for key in SECRETS_GIVEN if given.get(key)}
        row, _ = changed_row(editable(principal, given["connection"]), named)
    else:
        row = new_row(team_for(principal, given), ObjectId(principal.user_id), {**given, "deploy_key": False})
    return _try(row, given.get("repository"))


def try_saved(principal: Principal, connection_id: object, repository: str) -> tuple[GitConnection, Report]:
    """Try a stored one; what is found is stored with it, but what somebody who may not change it finds of a repository
    of their choice says nothing of the connection. Raises ConnectionNotFound, Forbidden, RepositoryInvalid,
    ConnectionElsewhere and Unsealable."""
    row = usable(principal, connection_id)
    report = _try(row, repository)
    failure = report.failure
    if failure and failure.name == "repository" and not may_edit(principal, row):
        return row, report
    return store.note_test(row, _found(report)), report


def may_edit(principal: Principal, row: GitConnection) -> bool:
    return principal.may("git.edit", row["team_id"])


def editable(principal: Principal, connection_id: object) -> GitConnection:
    """The connection, which the person may change. Raises ConnectionNotFound or Forbidden."""
    row = seen(principal, connection_id)
    require(principal, "git.edit", row["team_id"])
    return row


def usable(principal: Principal, connection_id: object) -> GitConnection:
    """The connection, whose server the person may look into. Raises ConnectionNotFound or Forbidden."""
    row = seen(principal, connection_id)
    require(principal, "git.use", row["team_id"])
    return row


def seen(principal: Principal, connection_id: object) -> GitConnection:
    """Raises ConnectionNotFound."""
    return store.find(as_object_id(connection_id, what="git connection"), team_filter(principal))


def chosen(principal: Principal, team_id: ObjectId, connection: object, repository: Repository) -> ObjectId | None:
    """The connection that a thing of the team shall use for a repository; None for "" and null.

    Raises Forbidden, ConnectionNotFound and ConnectionElsewhere.
    """
    if not connection:
        return None
    require(principal, "git.use", team_id)
    row = store.of_team(as_object_id(connection, what="git connection"), team_id)
    check_place(row, repository)
    return row["_id"]


def _with_tried_client(row: GitConnection, after: GitConnection) -> tuple[GitConnection, GitConnection]:
    """Both with the tokens that the new secret of a client gets, where a sign-in goes on under another one; they are
    stored by then. Its old access token would pass any test, and the sign-in stop hours later.

    Raises ConnectionNotWorking and Unsealable.
    """
    if not after.get("grant") or store.secrets_of(after).token == store.secrets_of(row).token:
        return row, after
    with asking(row["_id"], row["team_id"]):
        try:
            found = with_tried_client(after)
        except (InvalidInput, GitHostUnavailable) as error:
            raise ConnectionNotWorking(error.detail, field="client_secret") from error
    grant, state = found.get("grant"), found.get("grant_state")
    return {**row, "grant": grant, "grant_state": state}, {**after, "grant": grant, "grant_state": state}


def _tried(row: GitConnection, repository: str | None) -> Report:
    """Raises ConnectionNotWorking."""
    report = _try(row, repository)
    if failure := report.failure:
        field = FIELD_OF_STEP.get(failure.name, "address")
        if field == "token":
            field = "private_key" if row.get("app") else "client_id" if row.get("oauth") else field
        raise ConnectionNotWorking(failure.detail, field=field)
    return report


def _try(row: GitConnection, repository: str | None) -> Report:
    named = repository_named(row, repository) if repository else None
    with asking(row["_id"], row["team_id"]):
        return try_connection(row, named)


def _found(report: Report) -> dict[str, Any]:
    """What a test says of a connection, as fields of its row."""
    failure, holder = report.failure, report.holder
    found: dict[str, Any] = {
        "state": "failed" if failure else "untested" if report.waits else "ok",
        "trouble": {"code": failure.code, "detail": failure.detail} if failure else None,
    }
    if holder is not None:
        found |= {"user": holder.user, "scopes": list(holder.scopes) if holder.scopes is not None else None}
        if holder.expires_at is not None:
            found |= {"expires_at": holder.expires_at, "expiry_is_told": True}
    return found


def _named(work: Any) -> Any:
    try:
        return run_in_transaction(work)
    except DuplicateKeyError:
        raise ConnectionNameTaken from None
