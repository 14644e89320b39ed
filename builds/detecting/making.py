"""The workflow that is made of what was detected: sources, the drawing, its first environment, and the first builds.

All of it is one transaction: nothing half-made stays. The same key gives the same workflow.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from bson import ObjectId
from pymongo.client_session import ClientSession

from builds.detecting import store
from builds.detecting.actions import editable
from builds.detecting.rows import declared_of
from builds.detecting.store import Detection, Made
from builds.domain.detecting import DetectionState
from builds.domain.detection.seeds import App, drawing, free_name, node_prefix, secret_id
from builds.domain.sources import check_variable
from builds.running import dispatching
from builds.running.actions import queue_build
from builds.sources import store as source_store
from builds.sources.actions import create_source
from kubeorch.accounts.principal import Principal
from kubeorch.accounts.scope import require, team_filter
from kubeorch.base.clock import now
from kubeorch.base.errors import Conflict, InvalidInput, Problem
from kubeorch.base.names import is_dns_1035_label
from kubeorch.base.records import replace
from kubeorch.mongo.transaction import run_in_transaction
from workflows.actions import create_workflow
from workflows.domain.kinds.formats import is_host
from workflows.environments import secret_store
from workflows.graphs.checking import check_graph

HOSTS_MOST = 20
_VARIABLE = re.compile(r"variables\.([0-9]+)(.*)\Z", re.DOTALL)


class AppInvalid(InvalidInput):
    """Something about an application that is to be made cannot be accepted."""

    code = "detection.app"


class DetectionNotReady(Conflict):
    """What can be built is not known yet, or will not be."""

    code = "detection.not_ready"

    def __init__(self, row: Detection) -> None:
        said = "was canceled" if row["state"] == DetectionState.CANCELED else "could not be read"
        is_open = row["ended_at"] is None
        super().__init__(
            "this repository is still being looked at; wait for it, or cancel it"
            if is_open
            else f"this repository {said}; begin again"
        )


@dataclass(frozen=True, slots=True)
class _Wanted:
    """One application, checked, with what its source takes."""

    app: App
    source: Mapping[str, Any] | None
    """As `create_source` takes it, without its name; None for an image that is there."""
    positions: Sequence[int]
    """Where each variable of the source stands among those that were given."""
    secrets: Mapping[str, str]
    """Values of secret variables that it runs with."""


def make_workflow(principal: Principal, detection_id: ObjectId, given: Mapping[str, Any]) -> tuple[Detection, Made]:
    """Raises DetectionNotFound, Forbidden, DetectionNotReady, AppInvalid, and what sources, workflows and builds raise.

    Fields of refused values are those of `given`.
    """
    row = editable(principal, detection_id)
    team_id = row["team_id"]
    require(principal, "workflow.edit", team_id)

    if (before := store.made_of(row, given["idempotency_key"])) is not None:
        return row, before
    if row["state"] != DetectionState.SUCCEEDED:
        raise DetectionNotReady(row)
    wanted = _wanted(row, given)
    check_graph(drawing([one.app for one in wanted]))  # the catalog may have to be read: no transaction waits for that

    def work(session: ClientSession) -> Made:
        held = store.hold(detection_id, team_filter(principal), session)
        if (meanwhile := store.made_of(held, given["idempotency_key"])) is not None:
            return meanwhile
        made = _make(principal, row, given, wanted, session)
        store.note_made(detection_id, made, session)
        return made

    made = run_in_transaction(work)
    dispatching.dispatch()
    return row, made


def _make(
    principal: Principal, row: Detection, given: Mapping[str, Any], wanted: Sequence[_Wanted], session: ClientSession
) -> Made:
    source_ids: list[ObjectId] = []
    apps = []
    taken = set(source_store.names(row["team_id"]))
    for number, one in enumerate(wanted):
        app = one.app
        if one.source is not None:
            name = free_name(app.name, taken.__contains__)
            taken.add(name)
            with _field_of(f"apps.{number}", one.positions):
                made = create_source(principal, {**one.source, "name": name})
            source_ids.append(made["_id"])
            app = dataclasses.replace(app, source=name)
        apps.append(app)
    workflow = create_workflow(
        principal,
        name=given["name"],
        team=str(row["team_id"]),
        graph=drawing(apps),
        environment=given.get("environment"),
    )
    if values := _values(wanted):
        require(principal, "secret.edit", row["team_id"])
        place = workflow["environments"][0]["id"]
        secret_store.store_values(workflow["_id"], place, values, at=now(), session=session)
    builds = [queue_build(principal, source_id, session)["_id"] for source_id in source_ids] if given["build"] else []
    return {
        "key": given["idempotency_key"],
        "workflow_id": workflow["_id"],
        "name": workflow["name"],
        "source_ids": source_ids,
        "build_ids": builds,
    }


def _values(wanted: Sequence[_Wanted]) -> dict[str, Mapping[str, str]]:
    """Of secret variables, by the node that has their keys."""
    count = len(wanted)
    return {secret_id(node_prefix(at, count)): one.secrets for at, one in enumerate(wanted) if one.secrets}


def _wanted(row: Detection, given: Mapping[str, Any]) -> list[_Wanted]:
    """Raises AppInvalid."""
    proposals = {one["id"]: one for one in store.open_found(row)["proposals"]}
    names: set[str] = set()
    found = []
    for number, one in enumerate(given["apps"]):
        with _field_of(f"apps.{number}", ()):
            if one["name"] in names:
                raise AppInvalid(f"{one['name']} is there twice; give each a name of its own", field="name")
            names.add(one["name"])
            proposal = proposals.get(one["proposal"]) if one.get("proposal") else None
            if one.get("proposal") and proposal is None:
                raise AppInvalid("nothing of that name was proposed; leave it out, or begin again", field="proposal")
            found.append(_app(row, one, proposal, has_place=given.get("environment") is not None))
    return found


def _app(row: Detection, given: Mapping[str, Any], proposal: Mapping[str, Any] | None, *, has_place: bool) -> _Wanted:
    _check_app(given)
    image, variables = given.get("ready_image") or "", given.get("variables") or ()
    running = [one for one in variables if one["usage"] in ("run", "both")]
    secrets = {one["key"]: one["value"] for one in running if one.get("secret") and one.get("value")}
    if secrets and not has_place:
        raise AppInvalid(
            "values of secrets are kept for an environment; choose a cluster, or leave the values out: the first run "
            "asks for them",
            field="variables",
        )
    app = App(
        given["name"],
        source="" if image else given["name"],
        image=image,
        port=given.get("port"),
        hosts=_hosts(given),
        variables={one["key"]: one.get("value") or "" for one in running if not one.get("secret")},
        secret_keys=[one["key"] for one in running if one.get("secret")],
        declared=declared_of(proposal) if proposal is not None else None,
    )
    if image:
        return _Wanted(app, None, (), secrets)
    positions = [at for at, one in enumerate(variables) if one["usage"] != "run"]
    source = {
        "team": str(row["team_id"]),
        "repository": row["repository"],
        "connection": str(row["connection_id"]) if row["connection_id"] else None,
        "ref": row["ref"],
        "root": given.get("root") or "",
        "builder": given.get("builder") or {},
        "image": given.get("image") or "",
        "variables": [variables[at] for at in positions],
    }
    return _Wanted(app, source, positions, secrets)


def _check_app(given: Mapping[str, Any]) -> None:
    """What only several values together show. Raises AppInvalid."""
    if not is_dns_1035_label(given["name"]):
        raise AppInvalid(
            "a name is 1 to 63 small letters, digits and -, begins with a letter and ends with a letter or digit",
            field="name",
        )
    variables = given.get("variables") or ()
    seen: set[str] = set()
    for at, one in enumerate(variables):
        if one["key"] in seen:
            raise AppInvalid(f"{one['key']} is given twice", field=f"variables.{at}.key")
        seen.add(one["key"])
        if one["usage"] != "build":
            check_variable(one["key"], one.get("value") or "", field=f"variables.{at}")
    if not given.get("ready_image"):
        return
    if "builder" in given:
        raise AppInvalid("an image that is there is not built; leave out one of the two", field="ready_image")
    if any(one["usage"] != "run" for one in variables):
        raise AppInvalid("nothing is built of it, so its variables are for running alone", field="variables")


def _hosts(given: Mapping[str, Any]) -> Sequence[str]:
    hosts = list(dict.fromkeys(given.get("hosts") or ()))
    if hosts and given.get("port") is None:
        raise AppInvalid("an Ingress leads to a port; give the one that it listens on", field="port")
    for at, host in enumerate(hosts):
        if not is_host(host):
            raise AppInvalid("a host is a DNS name such as shop.example.com", field=f"hosts.{at}")
    return hosts


@contextmanager
def _field_of(prefix: str, positions: Sequence[int]) -> Iterator[None]:
    """What is refused inside stands below `prefix`, variables of a source at their places among all."""
    try:
        yield
    except InvalidInput as error:
        rows = error.problems or (Problem(error.code, error.detail),)
        error.problems = tuple(
            replace(row, field=f"{prefix}.{_placed(row.field or '', positions)}".rstrip(".")) for row in rows
        )
        raise


def _placed(field: str, positions: Sequence[int]) -> str:
    match = _VARIABLE.match(field)
    if match is None or int(match[1]) >= len(positions):
        return field
    return f"variables.{positions[int(match[1])]}{match[2]}"
