"""The graphs inside the documents of `workflows`, and the last few revisions of each.

A save is one write to one document, which also sets what is told of it (`kubeorch.realtime.events.told`): stored and
published at once, without a transaction.
Index: the primary key.
"""

from __future__ import annotations

import zlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any

import orjson
from bson import Binary, ObjectId
from bson.errors import InvalidDocument
from pymongo.client_session import ClientSession
from pymongo.errors import DocumentTooLarge, WriteError

from kubeorch.base.errors import InvalidInput
from kubeorch.mongo.client import Document, db
from workflows.domain.graphs.graph import Graph
from workflows.domain.graphs.written import Rows, WrittenGraph, changed_rows, written
from workflows.store import Scope, Workflow

GRAPH_BYTES_MAX = 12 * 1024 * 1024
"""A document may have 16 MB, and the fields beside the graph need room, too."""
DOCUMENT_TOO_LARGE = frozenset({10334, 17419, 17420})
"""What the server answers when an update would make a document larger than 16 MB."""
REVS_STORED = 16
"""How many past revisions are stored, to show somebody who saves too late what others changed since."""
REV_BYTES_MAX = 64 * 1024
"""Of one revision, compressed; a larger one is not stored."""


class GraphTooLarge(InvalidInput):
    """The graph would not fit in one document."""

    code = "graph.too_large"

    def __init__(self, size_bytes: int) -> None:
        size_mb, most_mb = size_bytes / 1024 / 1024, GRAPH_BYTES_MAX // 1024 // 1024
        super().__init__(f"the graph takes {size_mb:.1f} MB and {most_mb} MB are allowed; move long texts out of it")


class GraphNotStorable(InvalidInput):
    """A value that a document cannot hold, such as an integer of more than 64 bits."""

    code = "graph.not_storable"

    def __init__(self, reason: str) -> None:
        super().__init__(f"the graph holds a value that cannot be stored: {reason}")


def graph_bytes(nodes: Sequence[Document], edges: Sequence[Document]) -> bytes:
    """The `blob` of a stored graph, as `WrittenGraph` has it."""
    return orjson.dumps({"nodes": nodes, "edges": edges})


def written_graph(graph: Graph, before: WrittenGraph | None = None, changed: Collection[int] = ()) -> WrittenGraph:
    """The graph as it will be stored, as `written` says.

    Raises GraphTooLarge, or GraphNotStorable for what JSON cannot hold.
    """
    try:
        found = written(graph, before, changed)
    except orjson.JSONEncodeError as error:
        raise GraphNotStorable(str(error)) from error
    if len(found.blob) > GRAPH_BYTES_MAX:
        raise GraphTooLarge(len(found.blob))
    return found


def insert(workflow: Workflow, blob: bytes, session: ClientSession) -> None:
    """Store a new workflow; `blob` is its graph's."""
    with _storable():
        db().workflows.insert_one({**workflow, "past": _kept(workflow["rev"], blob)}, session=session)


def write(
    head: Mapping[str, Any],
    change: Mapping[str, Any],
    graph: WrittenGraph,
    *,
    before: WrittenGraph | None,
    session: ClientSession | None = None,
    scope: Scope = MappingProxyType({}),
) -> bool:
    """Write `graph` and set `change` in a workflow that is as in `head` and not archived.

    False when it is not, or is not in `scope`; nothing is written then. `before` is the graph that the head's digest
    stands for, if it is known: then only the rows that differ are written.
    """
    if head["state"] == "archived":
        return False
    exactly = {name: head[name] for name in ("_id", "rev", "event_rev", "digest", "name", "state")}
    rev = head["rev"] + 1
    fields = {
        **_rows("nodes", before.nodes if before else None, graph.nodes),
        **_rows("edges", before.edges if before else None, graph.edges),
        **{f"past.{slot}": row for slot, row in _kept(rev, graph.blob).items()},
        "node_count": len(graph.nodes),
        "digest": graph.digest,
        "rev": rev,
        "event_rev": head["event_rev"] + 1,
        **change,
    }
    with _storable():
        written = db().workflows.update_one({**scope, **exactly}, {"$set": fields}, session=session)
    return written.matched_count == 1


def _rows(name: str, before: Rows | None, after: Rows) -> Document:
    """The fields to set: the rows that changed, by their places, or all."""
    places = None if before is None else changed_rows(before, after)
    if places is None:
        return {name: [orjson.loads(row) for row in after]}
    return {f"{name}.{place}": orjson.loads(after[place]) for place in places}


def graph_at(workflow_id: ObjectId, rev: int) -> Document | None:
    """`{nodes, edges}` as they were at `rev`, if that is one of the last few revisions."""
    slot = _slot(rev)
    found = db().workflows.find_one({"_id": workflow_id, f"past.{slot}.rev": rev}, {f"past.{slot}": 1})
    if found is None:
        return None
    graph: Document = orjson.loads(zlib.decompress(found["past"][slot]["zipped"]))
    return graph


def parameters_of_nodes(team_id: ObjectId, name: str) -> Iterator[Mapping[str, Any]]:
    """The parameters of all nodes that have this one, in all the drawings of a team as they are now."""
    query = {"team_id": team_id, f"nodes.parameters.{name}": {"$exists": True}}
    for row in db().workflows.find(query, {"nodes.parameters": 1}):
        yield from (node["parameters"] for node in row["nodes"] if name in node["parameters"])


def nodes_of_team(
    team_id: ObjectId | Mapping[str, ObjectId], since: datetime | None = None
) -> Iterator[tuple[str, list[Mapping[str, Any]]]]:
    """What the nodes of every drawing of a team say, or of the teams that match, as it is now: its workflow's name,
    nodes; only of those that have changed `since`."""
    query: Document = {"team_id": team_id, **({} if since is None else {"updated_at": {"$gte": since}})}
    for row in db().workflows.find(query, {"name": 1, "nodes.parameters": 1, "nodes.patch": 1}):
        yield row["name"], row["nodes"]


def _kept(rev: int, blob: bytes) -> Document:
    """A revision in its slot of a ring: however often a workflow is saved, its past takes 1 MB at most."""
    zipped = zlib.compress(blob, 1)
    return {_slot(rev): {"rev": rev, "zipped": Binary(zipped)}} if len(zipped) <= REV_BYTES_MAX else {}


def _slot(rev: int) -> str:
    return str(rev % REVS_STORED)


class _storable:
    """Turns what BSON or the server refuses into an error for the sender."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        too_large = isinstance(error, WriteError) and error.code in DOCUMENT_TOO_LARGE
        if too_large or isinstance(error, DocumentTooLarge):
            raise GraphTooLarge(16 * 1024 * 1024) from error
        if isinstance(error, InvalidDocument | OverflowError | UnicodeEncodeError):
            raise GraphNotStorable(str(error)) from error
