"""What a run will apply, chosen when it is started: the saved graph, the version of a plan, or what is deployed."""

from __future__ import annotations

from dataclasses import dataclass

from bson import ObjectId
from pymongo.client_session import ClientSession

from kubeorch.accounts.principal import Principal
from kubeorch.base.errors import Conflict, InvalidInput
from workflows import store
from workflows.domain.rendering.digest import content_digest_of
from workflows.domain.run_options import RunOptions
from workflows.environments.store import Environment
from workflows.graphs.actions import graph_of
from workflows.runs.drawn import Drawn, checked
from workflows.runs.sealed import Sealed
from workflows.store import Workflow
from workflows.versions import store as version_store
from workflows.versions.actions import freeze_version


class NothingDeployed(Conflict):
    """Only what was applied can be applied again."""

    code = "run.nothing_deployed"

    def __init__(self, environment: Environment) -> None:
        super().__init__(f"nothing is deployed in “{environment['name']}”; start an ordinary run first")


class NotDeployed(InvalidInput):
    """Some of the objects that a run is limited to are no part of what is deployed."""

    code = "run.not_deployed"

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} is no part of what is deployed here; leave it out", field="only")


@dataclass(frozen=True, slots=True)
class Choice:
    version: int
    drawn: Drawn | None = None
    """None: everything is destroyed."""
    content: str = ""
    """Digest of the version's graph, as a workflow's own."""


def saved_graph(
    principal: Principal,
    workflow: Workflow,
    environment: Environment,
    run_id: ObjectId,
    sealed: Sealed | None,
    session: ClientSession,
) -> Choice:
    """The saved graph, or the version of a plan. Raises WorkflowArchived, VersionNotFound and GraphInvalid."""
    if sealed is None:
        version = freeze_version(workflow, principal=principal, session=session, run_id=run_id)
    else:
        store.require_editable(workflow)
        version = version_store.find(workflow["_id"], sealed.version, session=session)
    drawn = checked(environment, workflow["_id"], graph_of(version))
    return Choice(version["number"], drawn, content_digest_of(version))


def deployed_again(workflow: Workflow, environment: Environment, options: RunOptions, session: ClientSession) -> Choice:
    """The objects in `options.only`, as they were applied last.

    Raises WorkflowArchived, NothingDeployed, NotDeployed and GraphInvalid.
    """
    store.require_editable(workflow)
    deployed = environment["deployed"]
    if deployed is None:
        raise NothingDeployed(environment)
    version = version_store.find(workflow["_id"], deployed["version"], session=session)
    drawn = checked(environment, workflow["_id"], graph_of(version)).limited(options.only)
    there = {item.ref.identity for item in drawn.items}
    missing = next((ref for ref in options.only if ref.identity not in there), None)
    if missing is not None:
        raise NotDeployed(f"{missing.kind} {missing.name}")
    return Choice(version["number"], drawn, deployed["content"])


def all_owned(workflow: Workflow, environment: Environment) -> Choice:
    """To destroy what exists: the version it is of; the newest one where none was ever applied to its end."""
    return Choice(environment["deployed"]["version"] if environment["deployed"] else workflow["version"])
