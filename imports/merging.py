"""An import merged into a workflow: shown first, then written as one save."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from bson import ObjectId
from pymongo.client_session import ClientSession

from imports import store
from imports.actions import Applied, check_open, converted_of
from imports.describing import outcome_of
from imports.domain.drawn import as_drawn, drawn_as
from imports.domain.merging import ABSENT, KEEP_ALL, Conflict, Merged, merge
from imports.merging_secrets import MergedSecret, merged_secrets, to_store
from imports.outcomes import Converted
from imports.refusals import ImportChanged
from imports.replaying import is_of_same_project
from imports.sourcing import Planned, make_sources, named_in, planned_sources
from imports.store import Import
from kubeorch.accounts.principal import Principal
from kubeorch.accounts.scope import require, team_filter
from kubeorch.base import errors
from kubeorch.base.clock import now
from kubeorch.mongo.transaction import run_in_transaction
from workflows import store as workflow_store
from workflows.catalog import catalog
from workflows.domain.graphs.graph import Graph, graph_from_stored, graph_to_dict
from workflows.domain.rendering.compare import compare
from workflows.environments import secret_store
from workflows.environments import store as environment_store
from workflows.graphs.actions import graph_of, write_graph
from workflows.graphs.checking import CheckedGraph, check_graph
from workflows.store import Workflow
from workflows.versions.actions import freeze_version

LOOKED_AT_MOST = 10
"""Earlier imports into the workflow, each of which may be of another project."""
SHOWN_MOST = 500
"""Conflicts that are listed."""
NAMED = 5
"""Of unknown ones."""


class OtherTeam(errors.InvalidInput):
    """What one team brought in stays with it."""

    code = "import.other_team"

    def __init__(self) -> None:
        super().__init__(
            "the workflow belongs to another team than the import; import the files there", field="workflow"
        )


class WorkflowChanged(errors.Conflict):
    """The merge was shown over another revision."""

    code = "import.workflow_changed"

    def __init__(self) -> None:
        super().__init__("the workflow was saved in the meantime; look at the merge again", field="rev")


class TooManyConflicts(errors.InvalidInput):
    """Nobody decides about what is not shown."""

    code = "import.too_many_conflicts"

    def __init__(self, count: int) -> None:
        super().__init__(
            f"{count:,} fields were changed on both sides, and {SHOWN_MOST} are shown at most; keep all of the "
            "workflow's, or import the files in parts",
            field="keep",
        )


class ConflictsUnknown(errors.InvalidInput):
    """What would be kept is not a conflict of this merge."""

    code = "import.conflict_unknown"

    def __init__(self, unknown: Collection[str], field: str) -> None:
        named = ", ".join(sorted(unknown)[:NAMED])
        more = f" and {len(unknown) - NAMED} more" if len(unknown) > NAMED else ""
        are = "is not a conflict" if len(unknown) == 1 else "are not conflicts"
        super().__init__(f"{named}{more} {are} of this merge; look at it again", field=field)


@dataclass(frozen=True, slots=True)
class MergeShown:
    workflow: Workflow
    base: Import | None
    """The last import of this project into the workflow, whose result was there before people edited it; None without
    one."""
    merged: Merged
    checked: CheckedGraph
    sources: Sequence[Planned]
    """Those whose names are in the merged graph."""
    secrets: Sequence[MergedSecret] = ()
    """Of the environment for which they are looked at."""

    def as_json(self) -> dict[str, Any]:
        """What would change; `graph` is the workflow after it."""
        kinds = {node.id: node for node in self.merged.graph.nodes}
        return {
            "workflow": {"id": str(self.workflow["_id"]), "name": self.workflow["name"]},
            "rev": self.workflow["rev"],
            "base": None if self.base is None else {"id": str(self.base["_id"]), "name": self.base["name"]},
            "before": {"nodes": self.workflow["nodes"], "edges": self.workflow["edges"]},
            "graph": {
                **graph_to_dict(self.checked.graph),
                "problems": [one.as_json() for one in self.checked.problems],
            },
            "changes": compare(graph_of(self.workflow), self.merged.graph, catalog()),
            "conflicts": [_conflict_json(one, kinds) for one in self.merged.conflicts[:SHOWN_MOST]],
            "conflict_count": len(self.merged.conflicts),
            "sources": [one.as_json() for one in self.sources],
            "secrets": [one.as_json({id_: node.name for id_, node in kinds.items()}) for one in self.secrets],
        }


def show_merge(
    principal: Principal,
    import_id: ObjectId,
    workflow_id: ObjectId,
    keep: Collection[str] = (),
    environment_id: ObjectId | None = None,
) -> MergeShown:
    """What the import would make of a workflow, and of the values of secrets of an environment; nothing is stored.

    Raises ImportNotFound, WorkflowNotFound, EnvironmentNotFound, Forbidden, OtherTeam, ImportNotReady, ImportRefused,
    and InvalidInput for a graph that cannot be saved.
    """
    row = store.find(import_id, team_filter(principal))
    workflow = workflow_store.find(workflow_id, team_filter(principal), projection=workflow_store.GRAPH)
    require(principal, "workflow.read", workflow["team_id"])
    converted = converted_of(row)
    shown = _shown(row, converted, workflow, keep)
    if environment_id is None:
        return shown
    require(principal, "secret.edit", row["team_id"])
    here = environment_store.find(environment_id, {"workflow_id": workflow_id})
    stored = secret_store.clear_values(here["_id"])
    return replace(shown, secrets=merged_secrets(converted, shown.merged.ids, stored))


def apply_merge(
    principal: Principal,
    import_id: ObjectId,
    *,
    workflow_id: ObjectId,
    rev: int,
    keep: Collection[str],
    environment_id: ObjectId | None,
    replace_secrets: Collection[str] = (),
) -> Applied:
    """Save the merge over revision `rev`, all of it or nothing. The graph before it is kept as a version.

    Values of secrets are stored for the environment where one is named: those that it does not have, and in the place
    of what it has those of `replace_secrets`.

    Raises as `show_merge`, Forbidden, ImportApplied, ImportChanged, WorkflowChanged, WorkflowArchived,
    TooManyConflicts, ConflictsUnknown, TooManyVersions and EnvironmentNotFound.
    """
    row = store.find(import_id, team_filter(principal))
    require(principal, "workflow.edit", row["team_id"])
    converted = converted_of(row)
    if environment_id is not None:
        require(principal, "secret.edit", row["team_id"])

    def work(session: ClientSession) -> Applied:
        check_open(row)
        found = workflow_store.find(
            workflow_id, team_filter(principal), projection=workflow_store.HEAD, session=session
        )
        require(principal, "workflow.edit", found["team_id"])
        head = workflow_store.lock(workflow_id, {}, session)
        workflow_store.require_editable(head)
        if head["rev"] != rev:
            raise WorkflowChanged
        shown = _shown(row, converted, head, keep)
        if len(shown.merged.conflicts) > SHOWN_MOST and KEEP_ALL not in keep:
            raise TooManyConflicts(len(shown.merged.conflicts))
        if unknown := {*keep} - {KEEP_ALL, *(one.id for one in shown.merged.conflicts)}:
            raise ConflictsUnknown(unknown, "keep")
        at = now()
        sources = make_sources(principal, row, shown.sources)
        if shown.checked.written.digest != head["digest"]:
            if head["nodes"]:
                freeze_version(head, principal=principal, session=session)
            if write_graph(head, shown.checked, principal=principal, at=at, session=session) is None:
                raise WorkflowChanged
        if environment_id is not None:
            here = environment_store.find(environment_id, {"workflow_id": workflow_id}, session=session)
            stored = secret_store.clear_values(here["_id"])
            secrets = merged_secrets(converted, shown.merged.ids, stored)
            if unknown := {*replace_secrets} - {one.id for one in secrets}:
                raise ConflictsUnknown(unknown, "replace_secrets")
            values = to_store(secrets, replace_secrets)
            if values:
                secret_store.store_values(workflow_id, here["_id"], values, at=at, session=session)
        drawn = drawn_as(graph_from_stored(converted.graph), shown.merged)
        counts = converted.applied().ledger.counts()
        change = {"workflow_id": workflow_id, "drawn_as": drawn, "counts": counts, "updated_at": at}
        after = store.change(import_id, row["rev"], change, session)
        if after is None:
            raise ImportChanged
        return Applied(after, head, sources)

    return run_in_transaction(work)


def _shown(row: Import, converted: Converted, workflow: Workflow, keep: Collection[str]) -> MergeShown:
    if workflow["team_id"] != row["team_id"]:
        raise OtherTeam
    base, before = _base(row, converted, workflow)
    planned = planned_sources(row["team_id"], converted.sources)
    merged = merge(graph_of(workflow), graph_from_stored(named_in(converted.graph, planned)), before, keep)
    nodes = {node.id: node.parameters.get("source") for node in merged.graph.nodes}
    drawn = [one for one in planned if nodes.get(merged.ids.get(one.wanted.node_id, "")) == one.name]
    return MergeShown(workflow, base, merged, check_graph(graph_to_dict(merged.graph)), drawn)


def _base(row: Import, converted: Converted, workflow: Workflow) -> tuple[Import | None, Graph | None]:
    """The last import of this project into the workflow, and what it became. Those of others say nothing of this one:
    what they drew is not gone because it is not in these files."""
    for last in store.last_into(row["team_id"], workflow["_id"], row["_id"], LOOKED_AT_MOST):
        then = outcome_of(last, store.open_given(last))
        if isinstance(then, Converted) and is_of_same_project(row, converted, last, then):
            return last, as_drawn(graph_from_stored(then.graph), last.get("drawn_as", ()), graph_of(workflow))
    return None, None


def _conflict_json(one: Conflict, nodes: Mapping[str, Any]) -> dict[str, Any]:
    node = nodes.get(one.node_id)
    return {
        "id": one.id,
        "node_id": one.node_id,
        "name": node.name if node is not None else one.name,
        "kind": one.kind,
        "path": one.path,
        "yours": None if one.ours is ABSENT else one.ours,
        "files": None if one.theirs is ABSENT else one.theirs,
    }
