"""Environments as documents, and the namespaces they claim.

Indexes: `environments.workflow_name` (unique), `cluster_namespace`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NotRequired, TypedDict, cast

import orjson
from bson import ObjectId
from pymongo import ReturnDocument
from pymongo.client_session import ClientSession
from pymongo.collection import Collection
from pymongo.errors import DuplicateKeyError

from clusters import shares as cluster_shares
from clusters import store as cluster_store
from kubeorch.base.digests import content_digest
from kubeorch.base.errors import Conflict, InvalidInput, NotFound
from kubeorch.jobs import queue
from kubeorch.mongo.client import Document, db
from workflows.environments import namespace_store as namespaces
from workflows.environments import removed_store
from workflows.store import Scope


class Deployed(TypedDict):
    """What was applied last."""

    version: int
    content: str
    """Digest of what was applied, as a workflow's own."""
    run_id: ObjectId
    at: datetime


class Quarantined(TypedDict):
    """A version that runs do not apply which nobody has started."""

    version: int
    content: NotRequired[str]
    """Digest of its graph, as a workflow's own: a version of another number may be the same."""
    images: NotRequired[str]
    """Digest of the images that were built of its sources."""
    run: dict[str, Any]
    """`{id, number}` of the run that failed with it."""
    reason: str
    at: datetime
    rolled_back: NotRequired[bool]
    """The rollback of that run has succeeded."""


class Partly(TypedDict):
    """What runs that did not succeed have changed since the environment was last as one version says."""

    run: dict[str, Any]
    """`{id, number, version, state, kind}` of the last of them that changed something."""
    objects: int
    """How many objects they changed or deleted."""


class Undeployed(TypedDict):
    """Everything that could go was deleted."""

    at: datetime
    turn: int
    """Of the run that did it."""


class MovedMeanwhile(Conflict):
    """It is in another cluster or namespace than its roles."""

    code = "environment.moved"

    def __init__(self, name: str) -> None:
        super().__init__(f"“{name}” was moved to another place meanwhile; look again")


class Narrowed(TypedDict):
    """Roles that an environment has of its own, in which it is planned and run."""

    cluster_id: ObjectId
    namespaces: list[str]
    """Where there is one; "" for the whole cluster."""
    active: bool
    """False until they are all made."""
    by_name: str
    at: datetime
    moved: NotRequired[bool]
    """The environment is in another namespace or cluster since, where it has none yet."""


ROLES_JOB = "workflows.take_roles_away"
"""Takes roles out of a cluster, or a namespace, whose environment is gone, or elsewhere."""


class Environment(TypedDict):
    """A document of `environments`."""

    _id: ObjectId
    workflow_id: ObjectId
    team_id: ObjectId
    name: str
    """Unique in its workflow."""
    cluster_id: ObjectId
    namespace: str
    variables: dict[str, dict[str, Any]]
    """`{type, value}` by name."""
    created_at: datetime
    active_run_id: ObjectId | None
    """The first run that has not ended. It is in progress, or a worker is about to take it."""
    deployed: Deployed | None
    """None before the first run has applied everything, and after everything was destroyed."""
    partly: NotRequired[Partly | None]
    """Set while a run that did not succeed was the last to write some of its objects."""
    undeployed: NotRequired[Undeployed]
    """The last time. It counts while nothing is deployed."""
    removing: NotRequired[bool]
    """Its removal was asked for, and nobody has changed it since."""
    made_namespace: NotRequired[dict[str, Any]]
    """`{cluster_id, namespace}` of the namespace that a run made for it, the last one."""
    auto_rollback: NotRequired[bool]
    """A run that fails after it has changed something is followed by a rollback."""
    quarantined: NotRequired[list[Quarantined]]
    """By version, the oldest first; see `quarantine`."""
    protected: NotRequired[bool]
    """A run needs a plan that a second person has approved."""
    self_heal: NotRequired[bool]
    """What others change of its objects is put back by itself."""
    deletion_budget: NotRequired[dict[str, int] | None]
    """`{objects, percent}` that a run may delete unasked; absent: the usual one."""
    narrowed: NotRequired[Narrowed | None]
    """Set once it has roles of its own."""
    starts: NotRequired[int]
    """Grows with every run that starts and with every release, so that two at once conflict."""


class EnvironmentNotFound(NotFound):
    """No such environment in the caller's teams."""

    code = "environment.not_found"

    def __init__(self) -> None:
        super().__init__("there is no such environment")


class EnvironmentNameTaken(Conflict):
    """Two environments of one workflow cannot share a name."""

    code = "environment.name_taken"

    def __init__(self, name: str) -> None:
        super().__init__(f"the workflow already has an environment “{name}”; choose another name", field="name")


class EnvironmentNotChosen(InvalidInput):
    """A request that names no environment needs a workflow with exactly one."""

    code = "environment.not_chosen"

    def __init__(self, *, has_some: bool) -> None:
        cure = "has several environments; choose one" if has_some else "has no environment yet; add one"
        super().__init__(f"the workflow {cure}", field="environment")


def environments() -> Collection[Environment]:
    """The collection, for questions beside this."""
    return cast("Collection[Environment]", db().environments)


def find(environment_id: ObjectId, scope: Scope, *, session: ClientSession | None = None) -> Environment:
    """One environment. Raises EnvironmentNotFound."""
    found = environments().find_one({"_id": environment_id, **scope}, session=session)
    if found is None:
        raise EnvironmentNotFound
    return found


def find_if_there(environment_id: ObjectId, *, session: ClientSession | None = None) -> Environment | None:
    """For what happens by itself, while the environment may be removed."""
    return environments().find_one({"_id": environment_id}, session=session)


def find_named(
    workflow_id: ObjectId, given: str | None, *, lock: bool = False, session: ClientSession | None = None
) -> Environment:
    """The workflow's environment of this id or name; without one, its only environment.

    With `lock` it is written to in passing, so that two runs started at once follow one another.
    Raises EnvironmentNotFound or EnvironmentNotChosen.
    """
    query: Document = {"workflow_id": workflow_id}
    if given is None:
        rows = list(environments().find(query, {"_id": 1}, session=session).limit(2))
        if len(rows) != 1:
            raise EnvironmentNotChosen(has_some=bool(rows))
        query["_id"] = rows[0]["_id"]
    elif len(given) == 24 and ObjectId.is_valid(given):
        query["_id"] = ObjectId(given)
    else:
        query["name"] = given
    if lock:
        found = environments().find_one_and_update(
            query, {"$inc": {"starts": 1}}, return_document=ReturnDocument.AFTER, session=session
        )
    else:
        found = environments().find_one(query, session=session)
    if found is None:
        raise EnvironmentNotFound
    return found


def lock(environment_id: ObjectId, session: ClientSession) -> None:
    """Write to the environment in passing: whoever does the same conflicts with this transaction.

    Raises EnvironmentNotFound.
    """
    locked = environments().update_one({"_id": environment_id}, {"$inc": {"starts": 1}}, session=session)
    if locked.matched_count == 0:
        raise EnvironmentNotFound


def variables_digest(environment: Environment) -> str:
    """Equal for equal variables."""
    return content_digest(orjson.dumps(environment["variables"], option=orjson.OPT_SORT_KEYS))


def insert(environment: Environment, session: ClientSession) -> Environment:
    """Store a new environment and claim its namespace. Raises EnvironmentNameTaken, and as `namespaces.claim`."""
    _claim(environment, session)
    try:
        environments().insert_one(environment, session=session)
    except DuplicateKeyError as error:
        raise EnvironmentNameTaken(environment["name"]) from error
    return environment


def change(before: Environment, change: Mapping[str, Any], session: ClientSession) -> Environment:
    """Set fields; a new cluster or namespace moves the claim. Raises as `insert`, or EnvironmentNotFound."""
    try:
        after = environments().find_one_and_update(
            {"_id": before["_id"]}, {"$set": dict(change)}, return_document=ReturnDocument.AFTER, session=session
        )
    except DuplicateKeyError as error:
        raise EnvironmentNameTaken(str(change.get("name"))) from error
    if after is None:
        raise EnvironmentNotFound
    if (after["cluster_id"], after["namespace"]) != (before["cluster_id"], before["namespace"]):
        _claim(after, session)
        namespaces.give_back(before["cluster_id"], before["namespace"], before["team_id"], session)
    if after["cluster_id"] != before["cluster_id"] and (narrowed := after.get("narrowed")):
        _leave_roles(after, session)
        there: Narrowed = {**narrowed, "cluster_id": after["cluster_id"], "namespaces": [], "moved": True}
        after["narrowed"] = there if narrowed["active"] else None
        environments().update_one({"_id": before["_id"]}, {"$set": {"narrowed": after["narrowed"]}}, session=session)
    elif after["namespace"] != before["namespace"] and (narrowed := after.get("narrowed")):
        left = [one for one in narrowed["namespaces"] if one == before["namespace"]]
        stay = [one for one in narrowed["namespaces"] if one != before["namespace"]]
        _leave_roles({**after, "narrowed": {**narrowed, "namespaces": left}}, session)
        after["narrowed"] = {**narrowed, "namespaces": stay, "moved": True}
        environments().update_one({"_id": before["_id"]}, {"$set": {"narrowed": after["narrowed"]}}, session=session)
    return after


def note_narrowed(here: Environment, narrowed: Narrowed | None) -> None:
    """Note its own roles, as long as it is `here`; None once they are taken away.

    Raises EnvironmentNotFound and MovedMeanwhile.
    """
    place = {name: here[name] for name in ("_id", "cluster_id", "namespace")}
    if environments().update_one(place, {"$set": {"narrowed": narrowed}}).matched_count == 0:
        raise MovedMeanwhile(here["name"]) if find_if_there(here["_id"]) else EnvironmentNotFound


def _leave_roles(environment: Environment, session: ClientSession) -> None:
    """Have its own roles taken out of the cluster that they are on."""
    if narrowed := environment.get("narrowed"):
        place = {"cluster_id": narrowed["cluster_id"], "namespaces": narrowed["namespaces"]}
        payload = {"environment_id": environment["_id"], **place}
        queue.enqueue(ROLES_JOB, payload, in_lanes=[f"cluster:{narrowed['cluster_id']}"], session=session)


def remove(environment: Environment, session: ClientSession) -> None:
    """Remove the environment with all that is kept for it and its claim. Its own roles are taken out of the cluster
    afterwards; nothing else is touched there."""
    database = db()
    environment_id = environment["_id"]
    gone = environments().find_one_and_delete({"_id": environment_id}, session=session)
    if gone is None:
        raise EnvironmentNotFound
    removed_store.note(environment_id, session)
    _leave_roles(gone, session)
    plans = [row["_id"] for row in database.plans.find({"environment_id": environment_id}, {"_id": 1}, session=session)]
    database.plan_objects.delete_many({"plan_id": {"$in": plans}}, session=session)
    for name in (
        *("secret_values", "earlier_secret_values", "inventory", "node_statuses", "plans", "yields"),
        *("drift", "drift_history"),
        *("releases", "release_manifests", "triggers"),
    ):
        database[name].delete_many({"environment_id": environment_id}, session=session)
    namespaces.give_back(environment["cluster_id"], environment["namespace"], environment["team_id"], session)


def _claim(environment: Environment, session: ClientSession) -> None:
    cluster_id, namespace, team_id = environment["cluster_id"], environment["namespace"], environment["team_id"]
    is_named = namespace in cluster_shares.named_namespaces(cluster_id, team_id)
    is_entitled = is_named or cluster_store.owner_of(cluster_id) == team_id
    namespaces.claim(cluster_id, namespace, team_id, session, is_entitled=is_entitled)
