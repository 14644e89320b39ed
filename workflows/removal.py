"""What is taken out of the database: a workflow, or one of its environments. Nothing here touches a cluster."""

from __future__ import annotations

from bson import ObjectId
from pymongo.client_session import ClientSession

from kubeorch.realtime import events
from workflows import store
from workflows.domain.run_options import Removable
from workflows.environments import questions as environment_questions
from workflows.environments import store as environment_store
from workflows.environments.inventory_store import owned_objects
from workflows.environments.owned import kept_on_destroy
from workflows.environments.store import Environment
from workflows.store import Workflow


def remove_workflow(workflow: Workflow, session: ClientSession) -> None:
    """Take the workflow and everything below it out of the database, and say so to its team and who has it open."""
    for environment in environment_questions.of_workflows([workflow["_id"]], session=session):
        environment_store.remove(environment, session)
    store.remove(workflow["_id"], session)
    rev = workflow["event_rev"] + 1
    events.publish_many(
        [
            events.Event(f"workflow:{workflow['_id']}", "workflow", None, rev),
            events.Event(f"team:{workflow['team_id']}", f"workflow:{workflow['_id']}", None, rev),
        ],
        session=session,
    )


def drop_environment(environment: Environment, session: ClientSession) -> None:
    """Take the environment out of the database and out of its workflow's list."""
    environment_store.remove(environment, session)
    store.note_environments(environment["workflow_id"], session)


def after_destroy(environment_id: ObjectId, remove: Removable | None, session: ClientSession) -> bool:
    """Remove what the environment's destroy run was asked to remove; True when something was removed.

    Called in the transaction that ends the run. What somebody has gone on with stays: an environment that was changed
    or has another run by now, a workflow that was unarchived. A workflow goes once no environment of it has an open
    run, and no other one has objects that a destroy run would still delete (its own destroy run failed, and can be
    tried again). Volumes kept by choice stay in the cluster, owned by nobody.
    """
    if remove is None:
        return False
    environment = environment_store.find(environment_id, {}, session=session)
    if remove == "environment":
        if not environment.get("removing") or environment["active_run_id"] is not None:
            return False
        drop_environment(environment, session)
        return True
    workflow = store.find(environment["workflow_id"], {}, session=session)
    every = environment_questions.of_workflows([workflow["_id"]], session=session)
    is_to_go = workflow["state"] == "archived" and workflow.get("removing")
    if not is_to_go or any(one["active_run_id"] is not None for one in every):
        return False
    for other in every:
        if other["_id"] == environment_id:
            continue
        left = owned_objects([other["_id"]], session=session)
        if len(left) > len(kept_on_destroy(left)):
            return False
    remove_workflow(workflow, session)
    return True
