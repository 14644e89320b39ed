"""The graph into which a plan takes values of the cluster, saved by the run that applies it."""

from __future__ import annotations

from pymongo.client_session import ClientSession

from kubeorch.accounts.principal import Principal
from kubeorch.base.clock import now
from workflows import store
from workflows.domain.graphs.graph import graph_to_dict
from workflows.domain.rendering.digest import content_hash
from workflows.graphs.actions import graph_of, write_graph
from workflows.graphs.checking import check_graph
from workflows.plans.starting import PlanMoved
from workflows.plans.store import Plan, graph_in
from workflows.plans.verdicts import Moved
from workflows.runs.run import Run


def save_shared(plan: Plan, run: Run, session: ClientSession) -> None:
    """Save it as who started the run. Raises PlanMoved where the graph has changed since it was planned,
    WorkflowNotFound and WorkflowArchived."""
    if "shared_from" not in plan:
        return
    workflow = store.lock(plan["workflow_id"], {"team_id": plan["team_id"]}, session)
    content = content_hash(graph_of(workflow))
    if content == plan["content_hash"]:
        return
    if content != plan["shared_from"]:
        raise PlanMoved([Moved(None, "the graph has changed, into which values of the cluster were to be taken")])
    store.require_editable(workflow)
    starter = Principal(str(run["created_by"]), "", run["created_by_name"], is_admin=False)
    checked = check_graph(graph_to_dict(graph_in(plan)))
    if write_graph(workflow, checked, principal=starter, at=now(), session=session) is None:
        raise store.WorkflowNotFound  # the transaction read this very revision
