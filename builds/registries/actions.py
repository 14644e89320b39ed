"""What people do with registries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from bson import ObjectId
from pymongo.client_session import ClientSession
from pymongo.errors import DuplicateKeyError

from builds.asking import asking
from builds.domain.images import path_of
from builds.domain.registries import Provider
from builds.registries import store
from builds.registries.accounts import Account, AccountInvalid, PullAccount, account_of, checked, pulls_given
from builds.registries.embedded import known
from builds.registries.rights import check_reach, editable, may_edit, usable
from builds.registries.store import Registry
from builds.registries.testing import Report, try_registry
from kubeorch.accounts.principal import Principal
from kubeorch.accounts.scope import choose_team, require_instance_admin
from kubeorch.base.clock import now
from kubeorch.base.errors import Conflict, InvalidInput
from kubeorch.mongo.transaction import run_in_transaction

ACCOUNT = ("path_prefix", "plain_http", "ca", "username", "secret")
"""Fields whose change makes another account: it is tried anew."""


class NameTaken(Conflict):
    code = "registry.name_taken"

    def __init__(self) -> None:
        super().__init__("there is already a registry of that name; choose another name", field="name")


class RegistryChanged(Conflict):
    """Somebody else changed or removed it in between."""

    code = "registry.changed"

    def __init__(self) -> None:
        super().__init__("this registry was changed in the meantime; look at it again")


class TooManyRegistries(Conflict):
    code = "registry.too_many"

    def __init__(self) -> None:
        super().__init__(f"a team may have {store.REGISTRIES_OF_A_TEAM} registries; remove one it no longer needs")


class RegistryNotWorking(InvalidInput):
    """Nothing was stored."""

    code = "registry.test_failed"

    def __init__(self, report: Report, field: str) -> None:
        failure = report.failure
        super().__init__(failure.detail if failure else "the registry could not be tried", field=field)
        self.report = report


def team_for(principal: Principal, given: Mapping[str, Any]) -> ObjectId | None:
    """Whose a new registry is; None for the instance. Raises Forbidden and others, as `choose_team` does."""
    if given.get("instance"):
        require_instance_admin(principal)
        return None
    return choose_team(principal, "registry.edit", given.get("team"))


def add_registry(principal: Principal, team_id: ObjectId | None, given: Mapping[str, Any]) -> tuple[Registry, Report]:
    """`given` has name, provider, host, path_prefix, plain_http, ca, username, secret, expires_at, is_default and
    `test`: without it, the registry is not asked. The caller has got the team of `team_for`.

    Raises InvalidInput (host, names, certificates), RegistryNotWorking, NameTaken or TooManyRegistries.
    """
    account = account_given(given)
    pulls = pulls_given(given, of_instance=team_id is None)
    _check_pulls(principal, team_id, account, pulls, given)
    expires_at = _expiry(given.get("expires_at"), has_secret=bool(account.secret))
    report = _tried(principal, team_id, account, given.get("repository", "")) if given["test"] else Report()
    registry_id, moment = ObjectId(), now()
    row: Registry = {
        "_id": registry_id,
        "team_id": team_id,
        "name": given["name"],
        "provider": account.provider.value,
        "host": account.host,
        "path_prefix": account.path_prefix,
        "plain_http": account.plain_http,
        "ca": account.ca,
        "username": account.username,
        "sealed": store.sealed(registry_id, account.secret),
        "expires_at": expires_at,
        "pulls": pulls.pulls,
        "pull_username": pulls.username,
        "pull_sealed": store.pull_sealed(registry_id, pulls.secret),
        "is_default": False,
        "state": "ok" if given["test"] else "untested",
        "may_push": report.may_push,
        "trouble": None,
        "checked_at": moment if given["test"] else None,
        "created_at": moment,
        "created_by": ObjectId(principal.user_id),
        "updated_at": moment,
        "rev": 1,
    }

    def work(session: ClientSession) -> None:
        if store.count_of(team_id, session) >= store.REGISTRIES_OF_A_TEAM:
            raise TooManyRegistries
        has_default = store.has_default(team_id, account.host, account.path_prefix, session)
        if has_default and given["is_default"]:
            store.give_up_default(team_id, account.host, account.path_prefix, session, besides=registry_id)
        row["is_default"] = given["is_default"] or not has_default
        store.insert(row, session)

    _named(work)
    return row, report


def change_registry(principal: Principal, registry_id: object, given: Mapping[str, Any]) -> Registry:
    """Change some of name, path_prefix, plain_http, ca, username, secret, expires_at and is_default; another account is
    tried before it is stored, unless `test` is false. Provider and host stay: what was given for one host goes to no
    other.

    Raises NoSuchRegistry, Forbidden, RegistryNotWorking, NameTaken, RegistryChanged and InvalidInput.
    """
    row = editable(principal, registry_id)
    values: dict[str, Any] = {key: given[key] for key in ("name", "is_default") if key in given}
    before = account_of(row) if given.get("secret") is None and row["sealed"] is not None else _without_secret(row)
    after = checked(replace(before, **{key: given[key] for key in ACCOUNT if given.get(key) is not None}))
    if after.plain_http and not row["plain_http"] and before.secret and not given.get("secret"):
        raise InvalidInput("enter the password again: from now on it is sent without TLS", field="secret")
    if "expires_at" in given or "secret" in given:
        values["expires_at"] = _expiry(given.get("expires_at"), has_secret=bool(after.secret))
    if after != before or "secret" in given:
        values |= {key: getattr(after, key) for key in ACCOUNT if key != "secret"}
        values |= {"state": "untested", "may_push": None, "trouble": None, "checked_at": None}
        if given.get("secret") is not None:
            values["sealed"] = store.sealed(row["_id"], after.secret)
        if given.get("test", True):
            report = _tried(principal, row["team_id"], after, given.get("repository", ""))
            values |= {"state": "ok", "may_push": report.may_push, "checked_at": now()}
    changed = _changed_pulls(row, given)
    if changed and given.get("pull_secret"):
        own = PullAccount("own", changed["pull_username"], given["pull_secret"])
        _check_pulls(principal, row["team_id"], after, own, {"test": True, **given})
    values |= changed
    if not values:
        return row

    def work(session: ClientSession) -> Registry:
        place = (row["team_id"], row["host"], after.path_prefix)
        if values.get("is_default"):
            store.give_up_default(*place, session, besides=row["_id"])
        elif row["is_default"] and after.path_prefix != row["path_prefix"] and store.has_default(*place, session):
            values["is_default"] = False
        changed = store.change(row["_id"], row["rev"], values, session)
        if changed is None:
            raise RegistryChanged
        return changed

    return _named(work)


def _expiry(expires_at: datetime | None, *, has_secret: bool) -> datetime | None:
    """Raises AccountInvalid. What is noted of one password is not true of the next."""
    if expires_at is not None and not has_secret:
        raise AccountInvalid("expires_at", "only a password or token ends; leave this empty")
    return expires_at


def _check_pulls(
    principal: Principal, team_id: ObjectId | None, account: Account, pulls: PullAccount, given: Mapping[str, Any]
) -> None:
    """Raises RegistryNotWorking where the account that nodes have of their own does not pull."""
    if pulls.secret and given["test"]:
        own = replace(account, username=pulls.username, secret=pulls.secret)
        with asking(ObjectId(), team_id or ObjectId(principal.user_id)):
            report = try_registry(own, _repository(given.get("repository", "")), pulls_only=True)
        if report.failure:
            raise RegistryNotWorking(report, "pull_secret")


def _changed_pulls(row: Registry, given: Mapping[str, Any]) -> dict[str, Any]:
    if not given.keys() & {"pulls", "pull_username", "pull_secret"}:
        return {}
    before = {"pulls": store.pulls_of(row), "pull_username": row.get("pull_username", ""), "pull_secret": ""}
    is_kept = given.get("pull_secret") is None and row.get("pull_sealed") is not None
    after = pulls_given({**before, **given}, of_instance=row["team_id"] is None, has_secret=is_kept)
    values: dict[str, Any] = {"pulls": after.pulls, "pull_username": after.username}
    if after.pulls != "own":
        values["pull_sealed"] = None
    elif not is_kept:
        values["pull_sealed"] = store.pull_sealed(row["_id"], after.secret)
    return values


def remove_registry(principal: Principal, registry_id: object) -> Registry:
    """Forget a registry and its credentials; nothing in it is touched. Raises NoSuchRegistry and Forbidden."""
    row = editable(principal, registry_id)
    store.delete(row["_id"])
    return row


def try_given(principal: Principal, given: Mapping[str, Any]) -> Report:
    """Try an account that is not stored, or another one for the stored `registry`, of which is taken what is not given
    at all; nothing is stored."""
    if given.get("registry"):
        row = editable(principal, given["registry"])
        before = account_of(row) if given.get("secret") is None else _without_secret(row)
        named = {key: given[key] for key in ACCOUNT if given.get(key) is not None}
        if before.secret and named.get("plain_http") and not row["plain_http"]:
            raise InvalidInput("enter the password again: it would be sent without TLS", field="secret")
        team_id, account = row["team_id"], checked(replace(before, **named))
    else:
        team_id, account = team_for(principal, given), account_given(given)
    with asking(ObjectId(), team_id or ObjectId(principal.user_id)):
        return try_registry(account, _repository(given.get("repository", "")))


def try_saved(principal: Principal, registry_id: object, repository: str = "") -> tuple[Registry, Report]:
    """Try a stored registry; what is found is stored with it, but what somebody who may not change it finds of a
    repository of their choice says nothing of the registry. Raises NoSuchRegistry, Forbidden, RegistryRefused,
    Unsealable."""
    row, path = usable(principal, registry_id), _repository(repository)
    if path:
        check_reach(principal, row, path)
    with asking(row["_id"], row["team_id"] or ObjectId(principal.user_id)):
        report = try_registry(account_of(row), path)
    if path and not may_edit(principal, row):
        return row, report
    failure = report.failure
    trouble: store.Trouble | None = {"code": failure.code, "detail": failure.detail} if failure else None
    return store.note_test(row, state="failed" if failure else "ok", may_push=report.may_push, trouble=trouble), report


def account_given(given: Mapping[str, Any]) -> Account:
    """Raises InvalidInput for what no account of that provider has."""
    provider = Provider(given["provider"])
    check_not_embedded(given["host"].strip())
    place = (given["host"].strip(), given["path_prefix"], given["plain_http"])
    return checked(Account(provider, *place, given["ca"], given["username"], given["secret"]))


def check_not_embedded(host: str) -> None:
    """Raises InvalidInput for the registry that runs beside us: each team has an account there already."""
    at = known.address_known()
    if at is not None and host.lower() == at.name:
        raise InvalidInput("this is the embedded registry, which your team is in already", field="host")


def _without_secret(row: Registry) -> Account:
    return account_of({**row, "sealed": None})


def _tried(principal: Principal, team_id: ObjectId | None, account: Account, repository: str) -> Report:
    """Raises RegistryNotWorking."""
    with asking(ObjectId(), team_id or ObjectId(principal.user_id)):
        report = try_registry(account, _repository(repository))
    if failure := report.failure:
        raise RegistryNotWorking(report, {"tls": "ca", "login": "secret", "pull": "secret"}.get(failure.name, "host"))
    return report


def _repository(text: str) -> str:
    return path_of(text.strip("/"), field="repository") if text else ""


def _named(work: Any) -> Any:
    try:
        return run_in_transaction(work)
    except DuplicateKeyError as error:
        if "team_name" in str(error):
            raise NameTaken from None
        raise Conflict("another registry was made the default at this moment; try again") from error
