"""An import whose workflow runs, beside what its Compose files promise: item by item, with the line of each."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

from bson import ObjectId

from clusters import store as cluster_store
from clusters.pods import Simulated
from clusters.questions.asking import ask
from clusters.terminals.sessions import OPEN
from imports import store
from imports.actions import converted_of
from imports.comparing.asking import Asked, Containers
from imports.converting import project_of
from imports.describing import source_of
from imports.domain.ledger import Entry, Outcome
from imports.domain.problems import ImportInvalid
from imports.domain.promises import Judged, Promise, judge, promises_of
from imports.domain.sources import Place
from imports.outcomes import Converted
from imports.store import Import
from kubeorch.accounts.principal import Principal
from kubeorch.accounts.scope import require, team_filter
from kubeorch.base.errors import Conflict
from workflows.environments import store as environments
from workflows.environments.store import Environment, EnvironmentNotFound

TOTAL_S = 25.0
"""For all of it; a person waits. What was not asked until then is said to be unknown."""
AT_ONCE = 4
ITEMS_MOST = 5000
"""That are compared."""


class NothingToCompare(Conflict):
    code = "import.not_comparable"

    def __init__(self, why: str) -> None:
        super().__init__(f"{why}: only what Compose files became, and runs, can be compared with them")


@dataclass(frozen=True, slots=True)
class Comparison:
    environment: Environment
    items: Sequence[Judged]
    left_off: int
    """Promises that were not compared, since there are more than ITEMS_MOST."""


def compare(principal: Principal, import_id: ObjectId, environment_id: ObjectId) -> Comparison:
    """Ask the containers of the workflow that the import became. Commands run in them, which change nothing.

    Raises ImportNotFound, EnvironmentNotFound, NothingToCompare, Simulated, what `questions.asking.ask` raises where
    the person may open no shell there, and what the cluster answers.
    """
    row = store.find(import_id, team_filter(principal))
    require(principal, OPEN, row["team_id"])
    environment = environments.find(environment_id, {"team_id": row["team_id"]})
    if row["workflow_id"] is None or environment["workflow_id"] != row["workflow_id"]:
        raise EnvironmentNotFound
    promises, asked, converted = _promises(row)
    until = time.monotonic() + TOTAL_S
    cluster, namespace = environment["cluster_id"], environment["namespace"]
    if cluster_store.find(cluster, principal)["is_sandbox"]:
        raise Simulated
    with (
        ask(principal, cluster, OPEN, namespace, looks_through=True) as question,
        ThreadPoolExecutor(AT_ONCE, thread_name_prefix="compare") as pool,
    ):
        containers = Containers(question.client, pool, namespace, str(environment_id), until)
        seen = containers.look(asked)
    whys = _whys(converted)
    items = [_explained(judge(one, seen), whys) for one in promises[:ITEMS_MOST]]
    return Comparison(environment, items, max(0, len(promises) - ITEMS_MOST))


def _promises(row: Import) -> tuple[list[Promise], list[Asked], Converted]:
    if row["reads"] != "compose":
        raise NothingToCompare("no Compose file was imported")
    converted = converted_of(row)
    source = source_of(row, store.open_given(row), store.open_files(row))
    try:
        project, files = project_of(source)
    except ImportInvalid as error:
        raise NothingToCompare(error.detail) from error
    promises = promises_of(project, files)
    drawn: dict[str, str | None] = {one: mine for one, mine in row.get("drawn_as", ()) if one is not None}
    names: dict[str, str] = {node["id"]: node["name"] for node in converted.graph["nodes"]}
    by_service: dict[str, list[Promise]] = {}
    for one in promises[:ITEMS_MOST]:
        by_service.setdefault(one.service, []).append(one)
    services = [(one.name, one.node_id) for one in converted.services if one.node_id is not None]
    sharing = Counter(node_id for _, node_id in services)
    asked = [
        Asked(
            name,
            drawn.get(node_id, node_id) or "",
            names.get(node_id, name),
            sharing[node_id] == 1,
            by_service.get(name, ()),
        )
        for name, node_id in services
    ]
    return promises, asked, converted


def _whys(converted: Converted) -> Mapping[Place, str]:
    """What the ledger says of keys that were not converted as they are."""
    entries: Sequence[Entry] = converted.ledger.entries
    return {one.place: one.why for one in entries if one.place and one.outcome is not Outcome.CONVERTED and one.why}


def _explained(judged: Judged, whys: Mapping[Place, str]) -> Judged:
    place = judged.promise.place
    why = whys.get(place, "") if place is not None and judged.verdict != "kept" else ""
    return replace(judged, reason=f"{judged.reason}; {why}") if why else judged
