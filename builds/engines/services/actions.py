"""What people do with BuildKit services."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

from bson import ObjectId
from pymongo.client_session import ClientSession
from pymongo.errors import DuplicateKeyError

from builds.asking import asking
from builds.domain.engines import EngineInvalid, Nature, address_of_engine, engine_of_service, server_name_of
from builds.engines.services import store
from builds.engines.services.engine import service_of
from builds.engines.services.material import Material, checked
from builds.engines.services.steps import Report
from builds.engines.services.testing import Service, try_service
from clusters import building
from kubeorch.accounts.principal import Principal
from kubeorch.accounts.scope import choose_team, require, require_instance_admin
from kubeorch.base.clock import now
from kubeorch.base.errors import Conflict, InvalidInput
from kubeorch.mongo.transaction import run_in_transaction

MATERIAL = ("ca", "certificate", "key")
PLACE = ("address", "server_name", *MATERIAL)
"""Fields whose change makes another service: it is tried anew."""
_FIELDS = {
    "tls": "ca",
    "certificate": "certificate",
    "cluster": "cluster",
    "namespace": "namespace",
    "rights": "cluster",
    "network": "cluster",
    "pod": "namespace",
}
"""Of a step that failed."""
InUse = Callable[[str, ClientSession], str]
"""What uses an engine, in words; "" for nothing."""


class EngineNameTaken(Conflict):
    code = "engine.name_taken"

    def __init__(self) -> None:
        super().__init__("there is already an engine of that name; choose another name", field="name")


class EngineChanged(Conflict):
    """Somebody else changed or removed it in between."""

    code = "engine.changed"

    def __init__(self) -> None:
        super().__init__("this engine was changed in the meantime; look at it again")


class TooManyEngines(Conflict):
    code = "engine.too_many"

    def __init__(self) -> None:
        super().__init__(f"a team may have {store.SERVICES_OF_A_TEAM} engines; remove one it no longer needs")


class EngineInUse(Conflict):
    """It is not removed from under those who build with it."""

    code = "engine.in_use"

    def __init__(self, use: str) -> None:
        super().__init__(f"{use}; choose another engine there first, or wait until they have ended")


class EngineNotWorking(InvalidInput):
    """Nothing was stored."""

    code = "engine.test_failed"

    def __init__(self, report: Report, otherwise: str = "address") -> None:
        failure = report.failure
        detail = failure.detail if failure else "the engine could not be tried"
        super().__init__(detail, field=_FIELDS.get(failure.name if failure else "", otherwise))


def team_for(principal: Principal, given: Mapping[str, Any]) -> ObjectId | None:
    """Whose a new engine is; None for the instance. Raises Forbidden and others, as `choose_team` does."""
    if given.get("instance"):
        require_instance_admin(principal)
        return None
    return choose_team(principal, "engine.edit", given.get("team"))


def try_given(principal: Principal, given: Mapping[str, Any]) -> Report:
    """Try a service that is not stored, or another form of the stored `engine`, of which is taken what is not given.
    Nothing is stored. Raises EngineInvalid."""
    if given.get("engine"):
        row = editable(principal, given["engine"])
        team_id, service = row["team_id"], _changed_service(row, given)
    else:
        team_id, service = team_for(principal, given), _service(given)
    checked(service.material, now())
    return _tried(principal, team_id, service)


def add_service(principal: Principal, team_id: ObjectId | None, given: Mapping[str, Any]) -> store.Service:
    """It is tried first, and one that does not work is not stored. The caller has got the team of `team_for`.

    Raises EngineInvalid, EngineNotWorking, EngineNameTaken or TooManyEngines.
    """
    service = _service(given)
    ours = checked(service.material, now())
    report = _working(principal, team_id, service)
    row = new_row(principal, team_id, given, report)
    row |= {
        "host": service.address.host,
        "port": service.address.port,
        "server_name": service.server_name,
        "sealed": store.sealed(row["_id"], service.material),
        "subject": ours.subject,
        "not_after": ours.not_after,
    }
    return insert(row)


def new_row(principal: Principal, team_id: ObjectId | None, given: Mapping[str, Any], report: Report) -> store.Service:
    """What every engine has; where it is comes besides."""
    at = now()
    return {
        "_id": ObjectId(),
        "team_id": team_id,
        "name": given["name"],
        "slots": given["slots"],
        "is_default": given["is_default"],
        "nature": _nature_row(report.nature),
        "state": "ok",
        "trouble": None,
        "checked_at": at,
        "created_at": at,
        "created_by": ObjectId(principal.user_id),
        "updated_at": at,
        "rev": 1,
    }


def insert(row: store.Service, hold: Callable[[ClientSession], None] = lambda session: None) -> store.Service:
    """`hold` keeps what it is in. Raises EngineNameTaken, TooManyEngines and what `hold` does."""

    def work(session: ClientSession) -> None:
        hold(session)
        if store.count_of(row["team_id"], session) >= store.SERVICES_OF_A_TEAM:
            raise TooManyEngines
        if row["is_default"]:
            store.give_up_default(row["team_id"], session, besides=row["_id"])
        store.insert(row, session)

    _named(work)
    return row


def change_service(principal: Principal, service_id: object, given: Mapping[str, Any]) -> store.Service:
    """Change some of it; another place, certificate or key is tried before it is stored.

    Raises NoSuchEngine, Forbidden, EngineInvalid, EngineNotWorking, EngineNameTaken and EngineChanged.
    """
    row = editable(principal, service_id)
    values: dict[str, Any] = {key: given[key] for key in ("name", "slots", "is_default") if key in given}
    values |= _bounds(row, given)
    if any(given.get(key) is not None for key in PLACE):
        service, at = _changed_service(row, given), now()
        ours = checked(service.material, at)
        report = _working(principal, row["team_id"], service)
        values |= {
            "host": service.address.host,
            "port": service.address.port,
            "server_name": service.server_name,
            "sealed": store.sealed(row["_id"], service.material),
            "subject": ours.subject,
            "not_after": ours.not_after,
            **_found(report),
        }
    if not values:
        return row

    def work(session: ClientSession) -> store.Service:
        if values.get("is_default"):
            store.give_up_default(row["team_id"], session, besides=row["_id"])
        changed = store.change(row["_id"], given.get("rev", row["rev"]), values, session)
        if changed is None:
            raise EngineChanged
        return changed

    changed: store.Service = _named(work)
    return changed


def try_saved(
    principal: Principal, service_id: object, try_row: Callable[[store.Service], Report]
) -> tuple[store.Service, Report]:
    """Try a stored engine, one in a cluster by `try_row`; what is found is shown to everybody from then on.

    Raises NoSuchEngine, Forbidden, Unsealable.
    """
    row = editable(principal, service_id)
    report = try_row(row) if "cluster" in row else _tried(principal, row["team_id"], service_of(row))
    return store.note_test(row, _found(report)), report


def _bounds(row: store.Service, given: Mapping[str, Any]) -> dict[str, Any]:
    """Of a build in a cluster. Raises EngineInvalid."""
    named = {key: given[key] for key in ("memory_mib", "disk_mib", "pull_secret") if key in given}
    if named and "cluster" not in row:
        raise EngineInvalid("a service by address has bounds of its own", field=next(iter(named)))
    return {f"cluster.{key}": value for key, value in named.items()}


def remove_service(principal: Principal, service_id: object, in_use: InUse) -> store.Service:
    """Forget it with what lets in. Raises NoSuchEngine, Forbidden, EngineInUse."""
    row = editable(principal, service_id)
    engine = engine_of_service(row["_id"])

    def work(session: ClientSession) -> None:
        store.hold(engine, session)
        if use := in_use(engine, session):
            raise EngineInUse(use)
        store.delete(row["_id"], session)
        if "cluster" in row:
            building.forget(row["cluster"]["cluster_id"], row["_id"], session)

    run_in_transaction(work)
    return row


def editable(principal: Principal, service_id: object) -> store.Service:
    """Raises NoSuchEngine or Forbidden."""
    row = store.find(service_id, principal)
    if row["team_id"] is None:
        require_instance_admin(principal)
    else:
        require(principal, "engine.edit", row["team_id"])
    return row


def may_edit(principal: Principal, row: store.Service) -> bool:
    return principal.is_admin if row["team_id"] is None else principal.may("engine.edit", row["team_id"])


def _service(given: Mapping[str, Any]) -> Service:
    material = Material(given["ca"], given["certificate"], given["key"])
    return Service(address_of_engine(given["address"]), server_name_of(given.get("server_name") or ""), material)


def _changed_service(row: store.Service, given: Mapping[str, Any]) -> Service:
    """Raises EngineInvalid."""
    if "cluster" in row:
        raise EngineInvalid("this engine is in a cluster, and has no address", field="address")
    before = service_of(row)
    named = {key: given[key] for key in PLACE if given.get(key) is not None}
    address = address_of_engine(named["address"]) if "address" in named else before.address
    server_name = server_name_of(named["server_name"]) if "server_name" in named else before.server_name
    kept = {key: named.get(key) or getattr(before.material, key) for key in MATERIAL}
    return Service(address, server_name, Material(**kept))


def _tried(principal: Principal, team_id: ObjectId | None, service: Service) -> Report:
    with asking(ObjectId(), team_id or ObjectId(principal.user_id)):
        return try_service(service)


def _working(principal: Principal, team_id: ObjectId | None, service: Service) -> Report:
    """Raises EngineNotWorking."""
    report = _tried(principal, team_id, service)
    if report.failure is not None:
        raise EngineNotWorking(report)
    return report


def _found(report: Report) -> dict[str, Any]:
    failure = report.failure
    trouble: store.Trouble | None = {"code": failure.code, "detail": failure.detail} if failure else None
    found: dict[str, Any] = {"state": "failed" if failure else "ok", "trouble": trouble, "checked_at": now()}
    return {**found, "nature": _nature_row(report.nature)} if report.nature.version else found


def _nature_row(nature: Nature) -> store.NatureRow:
    found: Any = {**asdict(nature), "platforms": list(nature.platforms)}
    row: store.NatureRow = found
    return row


def _named(work: Any) -> Any:
    try:
        return run_in_transaction(work)
    except DuplicateKeyError as error:
        if "team_name" in str(error):
            raise EngineNameTaken from None
        raise Conflict("another engine was made the default at this moment; try again") from error
