"""What is wrong now with what a workflow has in an environment, node by node, with the changes that mend it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from clusters.connections import client_for_team
from clusters.diagnosing.actions import Told, diagnose_refs
from clusters.domain.diagnosing.finding import Finding
from clusters.domain.objects import Ref, ref_from_json
from kubeorch.accounts.principal import Principal
from workflows.catalog import catalog
from workflows.diagnosis.fixes import Change, changes_of, parameter_of
from workflows.diagnosis.refused import refused
from workflows.environments import store as environment_store
from workflows.environments.inventory_store import owned_objects
from workflows.environments.store import Environment
from workflows.graphs.actions import graph_of
from workflows.runs.guests import check_namespaces
from workflows.runs.permission import require_cluster
from workflows.store import Workflow

OBJECTS_MOST = 2_000


@dataclass(frozen=True, slots=True)
class Placed:
    """A finding at the node whose object it is about."""

    finding: Finding
    node_id: str
    parameter: str | None
    """The parameter that the finding's field is written by."""
    changes: Sequence[Change]
    """Of the drawing; none where it cannot say the fix."""


@dataclass(frozen=True, slots=True)
class WorkflowDiagnosis:
    environment: Environment
    told: Told
    placed: Sequence[Placed]


def diagnose_workflow(
    principal: Principal, workflow: Workflow, environment: str | None, node_id: str | None
) -> WorkflowDiagnosis:
    """Of one environment, and of one node where it is named. `workflow` has its graph.

    Raises EnvironmentNotFound, EnvironmentNotChosen, ClusterWithdrawn, and what the cluster says.
    """
    here = environment_store.find_named(workflow["_id"], environment)
    require_cluster(here["team_id"], here["cluster_id"])
    rows = [row for row in owned_objects([here["_id"]]) if row["state"] == "applied"][:OBJECTS_MOST]
    not_made = refused(here, rows, node_id)
    nodes = {one.ref.identity: at for at, one in not_made}
    nodes |= {ref_from_json(row["ref"]).identity: row["node_id"] for row in rows}
    refs = [ref_from_json(row["ref"]) for row in rows if node_id in (None, row["node_id"])]
    check_namespaces(here, refs, client_for_team(here["cluster_id"], here["team_id"]))
    told = diagnose_refs(principal, here["cluster_id"], here["team_id"], refs)
    graph = graph_of(workflow)
    drawn = {node.id: node for node in graph.nodes}

    def placed(finding: Finding) -> Placed:
        at = nodes[finding.ref.identity]
        node = drawn.get(at)
        if node is None:
            return Placed(finding, at, None, ())
        changes = changes_of(finding.fix, node, graph, catalog(), _at(finding.fix.target)) if finding.fix else ()
        return Placed(finding, at, parameter_of(finding.field, node, catalog()), changes)

    def _at(ref: Ref | None) -> str | None:
        found = nodes.get(ref.identity) if ref else None
        return found if found in drawn else None

    findings = [*(one for _, one in not_made), *told.findings]
    return WorkflowDiagnosis(here, told, [placed(one) for one in findings])
