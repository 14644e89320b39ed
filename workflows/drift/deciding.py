"""What a person decides about drift: put it right, take it into the drawing, or leave the field to others."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Collection, Sequence
from functools import partial
from typing import Any, Literal, NamedTuple

from bson import ObjectId
from pymongo.client_session import ClientSession

from clusters.domain.objects import Ref
from clusters.domain.ownership.drift import Drifted
from clusters.domain.ownership.owners import owners
from clusters.domain.ownership.paths import Path, path_text, read_path
from clusters.kube.apply import is_secret
from kubeorch.accounts.principal import Principal
from kubeorch.accounts.scope import require, team_filter
from kubeorch.base.clock import now
from kubeorch.base.errors import Conflict, InvalidInput
from kubeorch.mongo.transaction import run_in_transaction
from workflows import store as workflow_store
from workflows.catalog import catalog
from workflows.domain.graphs.graph import Graph, graph_to_dict
from workflows.domain.images import Images
from workflows.domain.rendering.adopting import ABSENT, Adopted, adopt, value_at
from workflows.domain.rendering.leaving_out import check_can_be_left_out
from workflows.domain.rendering.render import Rendered
from workflows.domain.run_options import RunOptions
from workflows.drift.looking import Looked, look
from workflows.drift.recording import forget_fields
from workflows.drift.values import digest_of
from workflows.environments import inventory_store, yield_store
from workflows.environments import secret_store as environment_secrets
from workflows.environments import store as environment_store
from workflows.environments.inventory_store import InventoryRow
from workflows.environments.store import Environment
from workflows.environments.yield_store import Yield
from workflows.graphs.actions import StaleGraph, graph_of, save_graph
from workflows.runs.actions import start_run
from workflows.runs.drawn import drawn_in, images_deployed
from workflows.runs.run import Run
from workflows.runs.secret_step import other_keys

Choice = Literal["take", "yield", "share"]
REFS_MOST = 100
"""Objects that one request reverts."""
REPLICAS: Path = ("f:spec", "f:replicas")
TRIES = 3
"""How often a value is taken into a drawing that somebody else saves meanwhile."""


class NoDrift(Conflict):
    """What a person saw is not so any more."""

    code = "drift.none"

    def __init__(self, what: str) -> None:
        super().__init__(f"{what} does not differ from what was applied any more; nothing was changed")


class SecretNotAdopted(InvalidInput):
    """No value of a Secret stands in a drawing."""

    code = "drift.secret"

    def __init__(self) -> None:
        super().__init__(
            "values of a Secret are never taken into a graph; start a run and give the value with it", field="ref"
        )


class ValueUnknown(Conflict):
    """A Secret's value that is kept nowhere, or that another one was set for since, cannot be put back."""

    code = "drift.value_unknown"

    def __init__(self, ref: Ref, keys: Collection[str]) -> None:
        super().__init__(
            f"the values of Secret {ref.name} ({', '.join(sorted(keys))}) are not kept here as they were applied, so "
            "they cannot be put back; start a run and give them with it, or store them before"
        )


class OursAlone(Conflict):
    """Nobody else has the field: an apply without it would take it away."""

    code = "drift.ours_alone"

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"nobody else manages {path_text(path)}, so leaving it out would take it away; remove it from the "
            "graph if that is what you want"
        )


class NotOwned(InvalidInput):
    """The environment owns no such object."""

    code = "drift.not_owned"

    def __init__(self, ref: Ref) -> None:
        super().__init__(f"the environment does not own {ref.kind} {ref.name}", field="ref")


class Settled(NamedTuple):
    """What a choice has led to: one of these."""

    run: Run | None = None
    """That sets the field again."""
    taken: Taken | None = None
    left: Yield | None = None


class Taken(NamedTuple):
    """What became of values that were taken into the drawing."""

    rev: int
    """Of the drawing after it."""
    changes: list[Adopted]


def revert(principal: Principal, environment_id: ObjectId, refs: Sequence[Ref]) -> Run:
    """Apply these objects again as they were applied last, and take over what others manage of them.

    Raises EnvironmentNotFound, NotOwned, ValueUnknown and what starting a run raises.
    """
    environment = environment_store.find(environment_id, team_filter(principal))
    require(principal, "run.start", environment["team_id"])
    kept = environment_secrets.clear_values(environment_id)
    moments = environment_secrets.changed_at(environment_id)
    for ref in refs:
        row = _owned(environment, ref)
        keys = () if "pulls" in row else row.get("secret_keys") or ()  # what nodes pull with is known
        node_id = row["node_id"]
        known = {key: b64encode(value).decode() for key, value in kept.get(node_id, {}).items()}
        others = other_keys(str(environment_id), node_id, known, row, moments.get(node_id))
        unknown = set(keys) - (known.keys() - others)
        if unknown:
            raise ValueUnknown(ref, unknown)
    return start_run(
        principal,
        environment["workflow_id"],
        str(environment_id),
        options=RunOptions(take_over=True, only=tuple(dict.fromkeys(refs))),
        triggered_by="drift",
    )


def take_in(principal: Principal, environment_id: ObjectId, ref: Ref, paths: Sequence[str] | None = None) -> Taken:
    """Take the values that these fields have now, of all fields that have drifted without `paths`, into the drawing.

    Until the next run applies them, they count as no drift. Raises EnvironmentNotFound, Forbidden, NotOwned, NoDrift,
    SecretNotAdopted, NotDrawn, CannotAdopt, PathInvalid, WorkflowArchived, StaleGraph when the drawing is saved again
    and again meanwhile, and Unavailable.
    """
    environment = environment_store.find(environment_id, team_filter(principal))
    require(principal, "workflow.edit", environment["team_id"])
    if is_secret(ref):
        raise SecretNotAdopted
    row = _owned(environment, ref)
    found = _drifted(environment, ref)
    wanted = _chosen(found, paths)
    values = [(read_path(one.path), _live_value(found, one)) for one in wanted]
    for attempt in range(TRIES):
        workflow = workflow_store.find(environment["workflow_id"], {}, projection=workflow_store.GRAPH)
        graph = graph_of(workflow)
        changed, changes = adopt(
            graph,
            catalog().kinds,
            row["node_id"],
            ref,
            values,
            partial(_drawn, environment, images_deployed(environment, graph)),
        )
        try:
            saved = save_graph(principal, environment["workflow_id"], workflow["rev"], graph_to_dict(changed))
            break
        except StaleGraph:
            if attempt == TRIES - 1:
                raise
    paths_taken = {one.path: digest_of(one.live) for one in wanted}

    def note(session: ClientSession) -> None:
        inventory_store.note_adopted(environment_id, ref, paths_taken, session)
        forget_fields(environment_id, ref, frozenset(paths_taken), session)

    run_in_transaction(note)
    return Taken(saved.rev, changes)


def _drawn(environment: Environment, images: Images, graph: Graph) -> list[Rendered]:
    return list(drawn_in(environment, graph, images).items)


def settle(principal: Principal, environment_id: ObjectId, ref: Ref, path: str, choice: Choice) -> Settled:
    """Decide about one field that others changed, or that two overwrite each other.

    `take`: it is ours, from a run on that is started here; `share`: the value that it has is ours as well; `yield`: it
    is left to others, from the next run on, until it is taken. Raises as `revert` and `take_in`, FieldNeeded,
    TooManyYields, and OursAlone where the next run would take the field away instead.
    """
    if choice == "share":
        return Settled(taken=take_in(principal, environment_id, ref, [path]))
    environment = environment_store.find(environment_id, team_filter(principal))
    require(principal, "run.start", environment["team_id"])
    require(principal, "environment.edit", environment["team_id"])
    row, text = _owned(environment, ref), path_text(read_path(path))
    if choice == "take":

        def take(session: ClientSession) -> Run:
            yield_store.remove(environment_id, ref, text, session)
            return revert(principal, environment_id, [ref])  # where that is refused, the field stays left to others

        return Settled(run=run_in_transaction(take))
    _check_others_have_it(environment, ref, read_path(path))

    def leave(session: ClientSession) -> Yield:
        left = yield_store.add(
            {
                "_id": ObjectId(),
                "environment_id": environment_id,
                "team_id": environment["team_id"],
                "node_id": row["node_id"],
                "ref": ref.as_json(),
                "path": text,
                "at": now(),
                "by": ObjectId(principal.user_id),
                "by_name": principal.name or principal.email,
            },
            session,
        )
        forget_fields(environment_id, ref, frozenset({text}), session)
        return left

    return Settled(left=run_in_transaction(leave))


def stop_yielding(principal: Principal, environment_id: ObjectId, yield_id: ObjectId) -> None:
    """Apply the field again from the next run on; nothing happens before.

    Raises EnvironmentNotFound, Forbidden and YieldNotFound.
    """
    environment = environment_store.find(environment_id, team_filter(principal))
    require(principal, "environment.edit", environment["team_id"])
    yield_store.remove_by_id(environment_id, yield_id)


def _check_others_have_it(environment: Environment, ref: Ref, path: Path) -> None:
    """Raise OursAlone where a part of the field is ours alone, and NoDrift where the object is not there.

    Replicas are released by the apply that leaves them out, and keep their number.
    """
    check_can_be_left_out(path)
    found = look(environment, ref=ref).objects
    if not found or found[0].live is None:
        raise NoDrift(f"{ref.kind} {ref.name}")
    leaves = owners(found[0].live).by_path()
    of_field = [who for leaf, who in leaves.items() if leaf[: len(path)] == path or path[: len(leaf)] == leaf]
    if path != REPLICAS and any(all(owner.is_ours for owner in who) for who in of_field):
        raise OursAlone(path)


def _owned(environment: Environment, ref: Ref) -> InventoryRow:
    row = inventory_store.row_of(environment["_id"], ref)
    if row is None or row["state"] != "applied":
        raise NotOwned(ref)
    return row


def _drifted(environment: Environment, ref: Ref) -> Looked:
    """The object as it is now. Raises NoDrift."""
    found = look(environment, ref=ref).objects
    if not found or found[0].state != "drifted":
        raise NoDrift(f"{ref.kind} {ref.name}")
    return found[0]


def _chosen(found: Looked, paths: Sequence[str] | None) -> list[Drifted]:
    if paths is None:
        return list(found.fields)
    wanted = {path_text(read_path(path)) for path in paths}
    chosen = [one for one in found.fields if one.path in wanted]
    if missing := wanted - {one.path for one in chosen}:
        raise NoDrift(min(missing))
    return chosen


def _live_value(found: Looked, one: Drifted) -> Any:
    return value_at(found.live, read_path(one.path)) if one.live is not None else ABSENT
