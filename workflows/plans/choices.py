"""What a person chooses for fields that others manage, as a plan has it: nothing is decided before its run begins to
apply, and then everything in the transaction that stores the run's steps. A run that never comes so far has decided
nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from bson import ObjectId
from pymongo.client_session import ClientSession

from clusters.connections import asking
from clusters.domain.objects import Identity, Ref, ref_from_json
from clusters.domain.ownership.items import MISSING
from clusters.domain.ownership.owners import owners
from clusters.domain.ownership.paths import Path, path_text, read_path
from clusters.kube.apply import is_secret
from kubeorch.accounts.principal import Principal
from kubeorch.accounts.scope import require
from kubeorch.accounts.store import principal_of_user
from kubeorch.base.clock import now
from kubeorch.base.errors import Forbidden, InvalidInput
from workflows.catalog import catalog
from workflows.domain.graphs.graph import Graph
from workflows.domain.images import Images
from workflows.domain.planning.classify import shortened
from workflows.domain.rendering.adopting import ABSENT, adopt, value_at
from workflows.domain.rendering.leaving_out import check_can_be_left_out
from workflows.domain.run_options import OneField
from workflows.environments import inventory_store, yield_store
from workflows.environments.acting import client_of
from workflows.environments.store import Environment
from workflows.runs.drawn import drawn_in
from workflows.runs.permission import require_cluster, require_full_scope
from workflows.runs.run import Run

Choosing = Literal["take", "yield", "share"]
CHOICES_MOST = 100
"""Of one plan."""


class ChoiceWrong(InvalidInput):
    """There is nothing to choose there, or not that."""

    code = "plan.choice"

    def __init__(self, detail: str) -> None:
        super().__init__(detail, field="choices")


@dataclass(frozen=True, slots=True)
class Choice:
    """`take`: the run takes the field over; `yield`: it is left to others from the run on; `share`: the value that it
    has becomes part of the graph."""

    ref: Ref
    path: Path
    choice: Choosing

    def as_json(self) -> dict[str, Any]:
        return {"ref": self.ref.as_json(), "path": path_text(self.path), "choice": self.choice}


def read_choices(given: Sequence[Mapping[str, Any]]) -> tuple[Choice, ...]:
    """From rows of `Choice.as_json`. Raises ChoiceWrong for a field named twice, PathInvalid and FieldNeeded."""
    found: dict[tuple[Identity, Path], Choice] = {}
    for row in given:
        one = Choice(ref_from_json(row["ref"]), read_path(row["path"]), row["choice"])
        if (one.ref.identity, one.path) in found:
            raise ChoiceWrong(f"{path_text(one.path)} of {one.ref.kind} {one.ref.name} is named twice")
        if one.choice == "yield":
            check_can_be_left_out(one.path)
        found[(one.ref.identity, one.path)] = one
    return tuple(found.values())


def taken(choices: Sequence[Choice]) -> tuple[OneField, ...]:
    return tuple(OneField(one.ref, path_text(one.path)) for one in choices if one.choice == "take")


def left_with(left: Mapping[Identity, tuple[Path, ...]], choices: Sequence[Choice]) -> dict[Identity, tuple[Path, ...]]:
    """What is left to others once the choices are carried out."""
    found = {identity: list(paths) for identity, paths in left.items()}
    for one in choices:
        paths = found.setdefault(one.ref.identity, [])
        if one.path in paths:
            paths.remove(one.path)
        if one.choice == "yield":
            paths.append(one.path)
    return {identity: tuple(paths) for identity, paths in found.items() if paths}


def with_shared(
    environment: Environment, graph: Graph, images: Images, choices: Sequence[Choice]
) -> tuple[Graph, dict[Choice, Any]]:
    """The graph with the values that the cluster has for what is shared, and these values, None for an absent one;
    others have to manage what is left to them.

    Only objects that the environment owns are asked for. Raises ChoiceWrong, ClusterWithdrawn, NotDrawn, CannotAdopt,
    and Unavailable when the cluster does not answer.
    """
    asked = [one for one in choices if one.choice != "take"]
    if not asked:
        return graph, {}
    rows = {one.ref: inventory_store.row_of(environment["_id"], one.ref) for one in asked}
    for one in asked:
        if rows[one.ref] is None:
            raise ChoiceWrong(
                f"the environment does not own {one.ref.kind} {one.ref.name}; leave it out of the choices"
            )
    shared: dict[Choice, Any] = {}
    require_cluster(environment["team_id"], environment["cluster_id"])
    with asking(environment["cluster_id"], environment["team_id"]):
        client = client_of(environment)
        live = {ref: client.get(ref) for ref in rows}
    for one in asked:
        found = live[one.ref]
        row = rows[one.ref]
        name = f"{path_text(one.path)} of {one.ref.kind} {one.ref.name}"
        if found is None or row is None or not any(not who.is_ours for who in owners(found).who(one.path)):
            raise ChoiceWrong(f"nobody else manages {name}; leave it out of the choices, and plan again")
        if one.choice == "yield":
            continue
        if is_secret(one.ref):
            raise ChoiceWrong(f"{name} is a value of a Secret, which no graph takes in; take it over or leave it")

        def render(changed: Graph) -> list[Any]:
            return list(drawn_in(environment, changed, images).whole)

        value = value_at(found, one.path)
        shared[one] = shortened(MISSING if value is ABSENT else value)
        graph, _ = adopt(graph, catalog().kinds, row["node_id"], one.ref, [(one.path, value)], render)
    return graph, shared


class MayNotChoose(Forbidden):
    """The run waited, and nobody is there any more who has decided."""

    code = "plan.chooser_gone"

    def __init__(self, name: str) -> None:
        super().__init__(
            f"{name}, who started the run, has no account any more, so that nothing is taken over or left to others in "
            "that name. Nothing was changed; make a new plan"
        )


def require_choosing(principal: Principal, team_id: ObjectId, choices: Sequence[Choice]) -> None:
    """Raise Forbidden unless `principal` may decide so; a token that may run may not change what is drawn or left."""
    if choices:
        require_full_scope(principal)
    if any(one.choice == "share" for one in choices):
        require(principal, "workflow.edit", team_id)
    if any(one.choice != "share" for one in choices):
        require(principal, "environment.edit", team_id)


def check_room(environment_id: ObjectId, choices: Sequence[Choice], session: ClientSession) -> None:
    """Raise TooManyYields where the run could not leave so much to others."""
    if more := sum(one.choice == "yield" for one in choices):
        yield_store.check_room(environment_id, more, session)


def carry_out(run: Run, choices: Sequence[Choice], session: ClientSession) -> None:
    """Leave to others, and take back, what was chosen so, as who started the run and still may.

    Raises MayNotChoose, Forbidden, ChoiceWrong and TooManyYields.
    """
    starter = principal_of_user(run["created_by"])
    if starter is None:
        raise MayNotChoose(run["created_by_name"])
    require_choosing(starter, run["team_id"], choices)
    environment_id = run["environment_id"]
    for one in choices:
        text = path_text(one.path)
        if one.choice != "yield":
            yield_store.remove(environment_id, one.ref, text, session)
            continue
        row = inventory_store.row_of(environment_id, one.ref, session=session)
        if row is None:
            raise ChoiceWrong(f"{one.ref.kind} {one.ref.name} is no longer the environment's; plan again")
        yield_store.add(
            {
                "_id": ObjectId(),
                "environment_id": environment_id,
                "team_id": run["team_id"],
                "node_id": row["node_id"],
                "ref": one.ref.as_json(),
                "path": text,
                "at": now(),
                "by": run["created_by"],
                "by_name": run["created_by_name"],
            },
            session,
        )
