"""What is taken out of the database: a workflow, or one of its environments. Nothing here touches a cluster."""

from __future__ import annotations

from pymongo.client_session import ClientSession

from kubeorch.mongo.client import Document
from kubeorch.realtime import events
from workflows import store
from workflows.domain.rendering.data import leaves_its_data
from workflows.environments import store as environment_store
from workflows.environments.inventory import open_run, owned_objects


def remove_workflow(workflow: Document, session: ClientSession) -> None:
    """Take the workflow and everything below it out of the database, and tell those who have it open."""
    for environment in environment_store.of_workflows([workflow["_id"]], session=session):
        environment_store.remove(environment, session)
    store.remove(workflow["_id"], session)
    events.publish(f"workflow:{workflow['_id']}", "workflow", None, rev=workflow["event_rev"] + 1, session=session)


def drop_environment(environment: Document, session: ClientSession) -> None:
    """Take the environment out of the database and out of its workflow's list."""
    environment_store.remove(environment, session)
    store.note_environments(environment["workflow_id"], session)


def after_destroy(run: Document, session: ClientSession) -> bool:
    """Remove what the run was asked to remove; True when something was removed.

    Called in the transaction that ends a successful destroy run. The run's environment goes at once; the workflow
    goes once no other environment of it has an open run, or objects that a destroy run of it would still delete
    (its own destroy run failed, and can be tried again). Volumes kept by choice stay in the cluster, owned by nobody.
    """
    options = run.get("options") or {}
    if options.get("remove_environment"):
        drop_environment(environment_store.find(run["environment_id"], {}, session=session), session)
        return True
    if not options.get("remove_workflow"):
        return False
    workflow = store.find(run["workflow_id"], {}, session=session)
    others = [
        environment["_id"]
        for environment in environment_store.of_workflows([workflow["_id"]], session=session)
        if environment["_id"] != run["environment_id"]
    ]
    if any(open_run(environment_id, session) is not None for environment_id in others):
        return False
    if any(_is_destroyed(row) for row in owned_objects(others, session=session)):
        return False
    remove_workflow(workflow, session)
    return True


def _is_destroyed(row: Document) -> bool:
    """Whether a destroy run deletes the object although it keeps volumes."""
    return not row["holds_data"] or leaves_its_data(row["ref"]["kind"])
