"""An import laid over a workflow: what the files have changed since the last import is taken over, and what people have
changed in the workflow stays.

A merge of three sides, as git's: `base` is what the last import gave, `ours` the workflow of now, `theirs` the import.
Without an earlier import every difference is told as a conflict.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from kubeorch.base.digests import content_digest
from kubeorch.base.errors import InvalidInput
from kubeorch.base.records import replace
from kubeorch.base.yaml_writing import dump
from workflows.domain.graphs.graph import PATCH, Edge, Graph, Node
from workflows.domain.graphs.rows import content

ABSENT: Any = object()
"""Stands for a value that is not there."""
REMOVED = "removed"
KEEP_ALL = "*"
"""In place of ids: every conflict."""
GAP = 120.0
"""Between what was drawn before and what comes below it."""

Key = tuple[str, str, str]
"""Kind, name and namespace of a node; of an object as YAML also which kind of object it is."""


@dataclass(frozen=True, slots=True)
class Conflict:
    """What both have changed. The files win unless its id is among those that are kept."""

    node_id: str
    """In the workflow."""
    name: str
    kind: str
    steps: tuple[str, ...]
    ours: Any
    theirs: Any
    """ABSENT where a side does not have it."""

    @property
    def path(self) -> str:
        """`parameters.image`, `patch.spec.replicas`, `name`; REMOVED where one side has removed the node."""
        return ".".join(self.steps)

    @property
    def id(self) -> str:
        """Of the steps, since keys may have dots, too."""
        return content_digest(orjson.dumps([self.node_id, *self.steps]))


@dataclass(frozen=True, slots=True)
class Merged:
    graph: Graph
    conflicts: tuple[Conflict, ...]
    ids: Mapping[str, str]
    """Of the import's nodes that are in the graph: their ids there."""


def merge(ours: Graph, theirs: Graph, base: Graph | None, keep: Collection[str] = ()) -> Merged:
    """The workflow with the import laid over it; `keep` names conflicts in which the workflow's side stays.

    Nodes are matched by the id that the last import gave them, else by kind, name and namespace.
    """
    return _Merge(ours, theirs, base or Graph(), frozenset(keep)).merged()


def key_of(node: Node) -> Key:
    return f"{node.kind}{_object_kind(node)}", node.name, str(node.parameters.get("namespace", ""))


def _object_kind(node: Node) -> str:
    """Group and kind of an object that no kind of node is for: one name may belong to one of each."""
    if node.kind != "manifest":
        return ""
    try:
        said = node.yaml("manifest")
    except InvalidInput:
        return ""
    group = str(said.get("apiVersion", "")).rpartition("/")[0]
    return f" {group}/{said.get('kind', '')}"


@dataclass(slots=True)
class _Merge:
    ours: Graph
    theirs: Graph
    base: Graph
    keep: frozenset[str]
    conflicts: list[Conflict] = field(default_factory=list)

    def merged(self) -> Merged:
        mine = {node.id: node for node in self.ours.nodes}
        old_of = {key_of(node): node for node in self.base.nodes}
        was = self._matched(self.base.nodes)  # base node id → ours
        now = self._matched(self.theirs.nodes, {key: was[old.id] for key, old in old_of.items() if old.id in was})
        nodes = dict(mine)
        new: list[Node] = []
        ids = dict(now)
        for node in self.theirs.nodes:
            old = old_of.get(key_of(node))
            if node.id in now:
                nodes[now[node.id]] = self._node(old, mine[now[node.id]], node)
            elif old is None or self._comes_back(old, node):
                ids[node.id] = _free(node.id, {*nodes, *(one.id for one in new)})
                new.append(replace(node, id=ids[node.id]))
        there = {key_of(node) for node in self.theirs.nodes}
        for old in self.base.nodes:
            if key_of(old) not in there and old.id in was and was[old.id] in nodes and was[old.id] not in ids.values():
                self._gone(old, nodes, was[old.id])
        graph_nodes = (*nodes.values(), *_placed(new, nodes.values()))
        edges = self._edges({**was}, ids, {node.id for node in graph_nodes})
        return Merged(Graph(graph_nodes, edges), tuple(self.conflicts), ids)

    def _matched(self, nodes: Iterable[Node], known: Mapping[Key, str] | None = None) -> dict[str, str]:
        """Ids of the workflow's nodes by these nodes' ids; of the base by id first, of the import as the base was."""
        by_id = {node.id: node for node in self.ours.nodes}
        by_key = {key_of(node): node.id for node in reversed(self.ours.nodes)}
        found: dict[str, str] = {}
        taken: set[str] = set()
        later: list[Node] = []
        for node in nodes:
            same = by_id.get(node.id) if known is None else None
            mine = same.id if same is not None and same.kind == node.kind else (known or {}).get(key_of(node))
            if mine is None or mine in taken:
                later.append(node)
            else:
                found[node.id] = mine
                taken.add(mine)
        for node in later:
            mine = by_key.get(key_of(node))
            if mine is not None and mine not in taken:
                found[node.id] = mine
                taken.add(mine)
        return found

    def _node(self, old: Node | None, mine: Node, node: Node) -> Node:
        at = mine, node
        name = self._three(old.name if old else mine.name, mine.name, node.name, ("name",), at)
        parameters = self._three(
            dict(old.parameters) if old else {}, dict(mine.parameters), dict(node.parameters), ("parameters",), at
        )
        return replace(mine, name=name, parameters=parameters, patch=self._patch(old, mine, node))

    def _patch(self, old: Node | None, mine: Node, node: Node) -> Any:
        sides = (old.patch if old else None, mine.patch, node.patch)
        if sides[2] == sides[0] or sides[1] == sides[2]:
            return mine.patch
        if sides[1] == sides[0]:
            return node.patch
        before: Any
        ours: Any
        theirs: Any
        try:
            before, ours, theirs = (_read_patch(one) for one in (old, mine, node))
        except InvalidInput:
            before, ours, theirs = (ABSENT if one is None else one for one in sides)
        found = self._three(before, ours, theirs, ("patch",), (mine, node))
        if found is ABSENT or found == {}:
            return None
        if found == ours:
            return mine.patch
        return node.patch if found == theirs else dump(found)

    def _three(self, old: Any, ours: Any, theirs: Any, path: tuple[str, ...], at: tuple[Node, Node]) -> Any:
        if theirs == old or ours == theirs:
            return ours
        if ours == old:
            return theirs
        if isinstance(ours, Mapping) and isinstance(theirs, Mapping):
            before = old if isinstance(old, Mapping) else {}
            found = {}
            for key in dict.fromkeys((*ours, *theirs)):
                value = self._three(
                    before.get(key, ABSENT), ours.get(key, ABSENT), theirs.get(key, ABSENT), (*path, str(key)), at
                )
                if value is not ABSENT:
                    found[key] = value
            return found
        return ours if self._conflict(at[0], path, ours, theirs) else theirs

    def _conflict(self, mine: Node, path: tuple[str, ...], ours: Any, theirs: Any) -> bool:
        """Note one; whether the workflow's side stays."""
        found = Conflict(mine.id, mine.name, mine.kind, path, ours, theirs)
        self.conflicts.append(found)
        return KEEP_ALL in self.keep or found.id in self.keep

    def _comes_back(self, old: Node, node: Node) -> bool:
        """Whether a node that was taken out of the workflow by hand is drawn again."""
        if _content(old) == _content(node):
            return False
        return not self._conflict(node, (REMOVED,), ABSENT, node.name)

    def _gone(self, old: Node, nodes: dict[str, Node], node_id: str) -> None:
        """The files have it no more."""
        mine = nodes[node_id]
        if _content(mine) == _content(old) or not self._conflict(mine, (REMOVED,), mine.name, ABSENT):
            del nodes[node_id]

    def _edges(self, was: Mapping[str, str], ids: Mapping[str, str], there: set[str]) -> tuple[Edge, ...]:
        """Lines are the same where their ends, relation and parameters are."""
        old = {same for one in self.base.edges if (same := _line(one, was)) is not None}
        theirs = [(one, same) for one in self.theirs.edges if (same := _line(one, ids)) is not None]
        wanted = {same for _, same in theirs}
        found: list[Edge] = []
        known: set[Any] = set()
        for edge in self.ours.edges:
            same = _line(edge, {edge.source: edge.source, edge.target: edge.target})
            if {edge.source, edge.target} <= there and (same in wanted or same not in old):
                found.append(edge)
                known.add(same)
        taken = {edge.id for edge in self.ours.edges}
        for edge, same in theirs:
            if same in known or same in old or not {ids[edge.source], ids[edge.target]} <= there:
                continue  # in `old`, and not in the workflow: somebody has taken it out
            new = replace(edge, id=_free(edge.id, taken), source=ids[edge.source], target=ids[edge.target])
            taken.add(new.id)
            found.append(new)
        return tuple(found)


def _read_patch(node: Node | None) -> dict[str, Any]:
    """Raises InvalidInput."""
    return {} if node is None or node.patch is None else node.yaml(PATCH)


def _line(edge: Edge, ids: Mapping[str, str]) -> tuple[str, str, str, bytes] | None:
    if edge.source not in ids or edge.target not in ids:
        return None
    plain = replace(edge, id="", source="", target="")
    return ids[edge.source], ids[edge.target], edge.relation, content(plain)


def _content(node: Node) -> bytes:
    return content(replace(node, id=""))


def _free(wanted: str, taken: Collection[str]) -> str:
    number, found = 1, wanted
    while found in taken:
        number += 1
        found = f"{wanted}-{number}"
    return found


def _placed(new: Iterable[Node], drawn: Iterable[Node]) -> list[Node]:
    """New nodes as the import lays them out among themselves, below what is there already."""
    found, there = list(new), list(drawn)
    if not found or not there:
        return found
    down = max(node.y for node in there) + GAP - min(node.y for node in found)
    right = min(node.x for node in there) - min(node.x for node in found)
    return [replace(node, x=node.x + right, y=node.y + down) for node in found]
