"""Plans as documents: a head, and documents of many objects each. No value of a Secret is in any of them.

Indexes: `plans.environment_created`, `workflow_created`, `asked_created` and `decided_created`,
`plan_objects.plan_index`; both collections forget after a week.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, NotRequired, TypedDict, cast

import orjson
from bson import Binary, ObjectId
from pymongo.client_session import ClientSession
from pymongo.collection import Collection

from clusters.domain.objects import Ref
from kubeorch.base.errors import NotFound
from kubeorch.mongo.client import Document, db
from workflows.domain.graphs.graph import Graph
from workflows.domain.run_options import RunOptions
from workflows.graphs.actions import graph_of
from workflows.runs import store as run_store
from workflows.runs.run import OtherRun
from workflows.runs.sealed import plan_of
from workflows.versions import store as version_store

KEPT = 20
"""Plans of an environment. Older ones are forgotten, but for those that an open run carries out, and of each person the
newest one, the one that waits for an approval, and the newest that was approved: nobody's plans push those out."""
AT_ONCE = 20
BODIES_FROM = 1_000_000
"""Documents with this index and above hold whole objects, before and after, which are read one at a time."""
BODIES_BYTES = 16 * 1024 * 1024
"""Of whole objects in one plan, as JSON; those beyond are not kept."""
PIECE_BYTES = 512 * 1024
"""Of the objects that are stored in one document, unless it is one alone: one write costs more than one object."""
WITHOUT_GRAPH = {"graph": 0}
Scope = Mapping[str, Any]
Body = tuple[bytes | None, bytes | None]
"""An object as JSON before and after."""


ApprovalState = Literal["approved", "refused", "withdrawn", "none"]
"""Approved and refused by another person, withdrawn by its maker; none where its maker has asked once more since."""


class Approval(TypedDict):
    """What was said of a plan; the last word counts."""

    state: ApprovalState
    by: ObjectId
    by_name: str
    at: datetime
    reason: str
    hash: str
    """Of the plan that was decided about."""
    rev: int
    """Counts decisions."""


class TakenBack(TypedDict):
    """How a run of a plan would be taken back, as the environment stood when it was planned."""

    to_run: OtherRun | None
    """By a rollback to it; None: by destroying, for nothing that succeeded is deployed."""
    partly: bool
    """A run has changed objects since and did not succeed: those go back to what `to_run` applied, too."""


class Judged(TypedDict):
    """What was found of a plan since it was made, by the watch or for whoever read it."""

    moved: list[Mapping[str, Any]]
    """`Moved.as_json`, [] while the plan is still true."""
    at: datetime
    """Since when that is what is found."""
    looked_at: NotRequired[datetime]
    """When that was found last; plans of an earlier release lack it."""
    rev: int


class Plan(TypedDict):
    """A document of `plans`. Times are UTC with milliseconds."""

    _id: ObjectId
    team_id: ObjectId
    workflow_id: ObjectId
    workflow_name: str
    environment_id: ObjectId
    environment_name: str
    cluster_id: ObjectId
    namespace: str
    version: int | None
    """Number of the version that a run of it applies; None of a saved graph that is in none yet."""
    to_run: NotRequired[OtherRun]
    """Of a rollback: the run whose objects it applies again, with its version."""
    graph: NotRequired[Binary]
    """That saved graph, packed."""
    choices: NotRequired[list[dict[str, Any]]]
    """Rows of `Choice.as_json`, with the `value` that the graph takes in, None for other choices."""
    shared_from: NotRequired[str]
    """`content_hash` of the graph into which values of the cluster were taken; the result is `graph`."""
    images: NotRequired[dict[str, dict[str, Any]]]
    """`BuiltImage.as_json` by the node that gives it: what a run of the plan takes of the sources that are drawn."""
    content_hash: str
    """Of that version or graph."""
    variables: str
    """Digest of the environment's variables."""
    secrets: str
    """Digest of when values of Secrets were stored for the environment."""
    schemas: NotRequired[list[list[str]]]
    """`[API version, digest]` of the custom kinds that are drawn; plans of an earlier release lack it."""
    taken_back: NotRequired[TakenBack]
    """Plans of an earlier release lack it."""
    surroundings: NotRequired[list[list[Any]]]
    """What else its trials rest on, as when they were made or proved again last (`plans.surroundings`)."""
    lacking: NotRequired[list[dict[str, Any]]]
    """`Lacking.as_json` of the objects that will wait for a class, if any do."""
    options: dict[str, Any]
    """RunOptions as a document; `confirm_deletions` counts the plan's deletions."""
    hash: str
    """Equal for plans that say the same of the same objects."""
    counts: dict[str, int]
    """Objects by effect."""
    deletions: NotRequired[dict[str, Any]]
    """`{count, budget, above}`; plans of an earlier release lack it."""
    asked: NotRequired[bool]
    """True while it waits for an approval: made for a protected environment by somebody who may run it, not decided
    about, and the latest of theirs there. One whose run would fail waits for nobody."""
    approval: NotRequired[Approval]
    """Where somebody has decided about it."""
    created_at: datetime
    created_by: ObjectId
    created_by_name: str
    judged: NotRequired[Judged]
    look_at: NotRequired[datetime]
    """When the watch looks at it again though nothing that it sees has moved; none once nobody needs that."""
    opened_at: NotRequired[datetime]
    """When somebody read it last, but for a minute."""


def packed(content: Any) -> Binary:
    return Binary(zlib.compress(orjson.dumps(content), 1))


def unpacked(content: bytes) -> Any:
    return orjson.loads(zlib.decompress(content))


def graph_in(plan: Plan) -> Graph:
    """The graph that is planned. Raises VersionNotFound when its version is no longer kept."""
    if plan["version"] is None:
        return graph_of(unpacked(plan["graph"]))
    return graph_of(version_store.find(plan["workflow_id"], plan["version"]))


def options_of(plan: Plan) -> RunOptions:
    """What a run of the plan is started with."""
    return RunOptions.of(plan)


def approval_of(plan: Plan) -> dict[str, Any] | None:
    """What a run of the plan keeps of its approval; None where nobody has approved it, or somebody refused it since."""
    approval = plan.get("approval")
    if approval is None or approval["state"] != "approved" or approval["hash"] != plan["hash"]:
        return None
    return {name: approval[name] for name in ("by", "by_name", "at")}


class PlannedKeys(TypedDict):
    """What a plan knows of the values that a Secret is to have."""

    left: list[str]
    """The keys without any value, neither stored nor in the cluster: these are given with the run."""
    known: dict[str, str]
    """Keyed digests of the stored values."""


class PlanObject(TypedDict):
    """One object of a plan; they are stored compressed, in pieces."""

    planned: dict[str, Any]
    """`PlannedObject.as_json`."""
    action: str
    """Of the run's step: `apply`, `delete` or `keep`; "" for the namespace that a run makes first."""
    manifest: str
    """Digest of the object as it is rendered; "" where it is not."""
    outcome: dict[str, Any]
    basis: dict[str, Any]
    predicted: dict[str, str] | None
    keys: NotRequired[PlannedKeys | None]
    """Of a Secret that takes values; plans of an earlier release lack it."""
    undo: NotRequired[dict[str, Any] | None]
    """`Undo.as_json`; None where nothing is done to it. Plans of an earlier release lack it."""


class PlanBody(TypedDict):
    """A whole object; no value of a Secret is in it."""

    ref: dict[str, str]
    before: dict[str, Any] | None
    after: dict[str, Any] | None


class PlanNotFound(NotFound):
    """No such plan in the caller's teams, or it is no longer kept."""

    code = "plan.not_found"

    def __init__(self) -> None:
        super().__init__("there is no such plan; plans are kept for a week. Make a new one")


class NotPlanned(NotFound):
    """The plan says nothing of that object."""

    code = "plan.object_not_found"

    def __init__(self, ref: Ref) -> None:
        super().__init__(f"this plan has no {ref.kind} {ref.name}; see its list of objects")


def plans() -> Collection[Document]:
    """The collection, for pages of it."""
    return db().plans


def find(plan_id: ObjectId, scope: Scope) -> Plan:
    """One plan without its objects. Raises PlanNotFound."""
    found = db().plans.find_one({"_id": plan_id, **scope})
    if found is None:
        raise PlanNotFound
    return cast("Plan", found)


def objects_of(plan_id: ObjectId) -> list[PlanObject]:
    """The objects of a plan in the order of its run."""
    rows = db().plan_objects.find({"plan_id": plan_id, "index": {"$lt": BODIES_FROM}}).sort("index", 1)
    found: list[PlanObject] = []
    for row in rows:
        content = unpacked(row["content"])
        found += content if isinstance(content, list) else [content]  # earlier releases stored each by itself
    return found


def body_of(plan_id: ObjectId, ref: Ref) -> PlanBody | None:
    """The whole object as it was and would be; None where the plan does not change it, or it is not kept."""
    wanted = ref.as_json()
    for row in db().plan_objects.find({"plan_id": plan_id, "index": {"$gte": BODIES_FROM}}).sort("index", 1):
        for one in unpacked(row["content"]):
            if one["ref"] == wanted:
                return cast("PlanBody", one)
    return None


def would_fail(objects: Sequence[PlanObject]) -> list[str]:
    """The objects at which a run of the plan would fail: others have fields of them, or the cluster refuses them."""
    failing = [one["planned"]["ref"] for one in objects if one["planned"]["error"] is not None]
    return [f"{ref['kind']} {ref['name']}" for ref in failing]


def insert(
    plan: Plan, objects: Sequence[PlanObject], bodies: Iterable[tuple[Ref, Body]], session: ClientSession
) -> None:
    """Store a plan with its objects, some of them whole, and forget the environment's oldest ones; it takes the place
    of an earlier one of the same person that waits for an approval there."""
    if plan.get("asked"):
        theirs = {"environment_id": plan["environment_id"], "created_by": plan["created_by"], "asked": True}
        db().plans.update_many(theirs, {"$unset": {"asked": ""}}, session=session)
    db().plans.insert_one(cast("Document", {**plan, "look_at": plan["created_at"]}), session=session)
    pieces = [
        *enumerate(_pieces(map(orjson.dumps, objects))),
        *enumerate(_pieces(_within(bodies)), start=BODIES_FROM),
    ]
    rows: list[Document] = [
        {"plan_id": plan["_id"], "index": index, "created_at": plan["created_at"], "content": Binary(content)}
        for index, content in pieces
    ]
    for start in range(0, len(rows), AT_ONCE):
        db().plan_objects.insert_many(rows[start : start + AT_ONCE], session=session)
    fields = {"created_by": 1, "asked": 1, "approval": 1, "hash": 1}
    old = db().plans.find({"environment_id": plan["environment_id"]}, fields, session=session)
    in_use = {plan_of(run) for run in run_store.waiting_in(plan["environment_id"], session)}
    beyond = [one for one in _beyond(cast("Iterable[Plan]", old.sort("created_at", -1))) if one not in in_use]
    if beyond:
        db().plans.delete_many({"_id": {"$in": beyond}}, session=session)
        db().plan_objects.delete_many({"plan_id": {"$in": beyond}}, session=session)


def _beyond(newest_first: Iterable[Plan]) -> list[ObjectId]:
    """Which of an environment's plans are forgotten."""
    found: list[ObjectId] = []
    people, approved = set[ObjectId](), set[ObjectId]()
    for number, plan in enumerate(newest_first):
        maker = plan["created_by"]
        is_kept = number < KEPT or maker not in people or plan.get("asked")
        people.add(maker)
        if approval_of(plan) is not None:
            is_kept = is_kept or maker not in approved
            approved.add(maker)
        if not is_kept:
            found.append(plan["_id"])
    return found


def _within(bodies: Iterable[tuple[Ref, Body]]) -> Iterator[bytes]:
    """Those that are kept, each as the JSON of a PlanBody."""
    left = BODIES_BYTES
    for ref, sides in bodies:
        before, after = (b"null" if one is None else one for one in sides)
        left -= len(before) + len(after)
        if left < 0:
            return
        yield b'{"ref":%b,"before":%b,"after":%b}' % (orjson.dumps(ref.as_json()), before, after)


def _pieces(texts: Iterable[bytes]) -> Iterator[bytes]:
    """JSON values as arrays, several in each piece."""
    piece: list[bytes] = []
    size = 0
    for text in texts:
        if piece and size + len(text) > PIECE_BYTES:
            yield zlib.compress(b"[%b]" % b",".join(piece), 1)
            piece, size = [], 0
        piece.append(text)
        size += len(text)
    if piece:
        yield zlib.compress(b"[%b]" % b",".join(piece), 1)
