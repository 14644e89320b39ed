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

from imports.domain.placing import free_id, placed
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

Key = tuple[str, str, str, str]
"""Kind, name and namespace of a node, and the group and kind of its object where it is drawn as its YAML."""
Ends = tuple[str, str, str]
"""Source, target and relation of a line."""


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
    return node.kind, node.name, str(node.parameters.get("namespace", "")), _object_of(node)


def _object_of(node: Node) -> str:
    for name, value in node.parameters.items():
        if isinstance(value, Mapping) or (isinstance(value, str) and "apiVersion" in value):
            try:
                written = node.yaml(name)
            except InvalidInput:
                continue
            if "apiVersion" in written and "kind" in written:
                return f"{str(written['apiVersion']).rpartition('/')[0]}/{written['kind']}"
    return ""


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
                ids[node.id] = free_id(node.id, {*nodes, *(one.id for one in new)})
                new.append(replace(node, id=ids[node.id]))
        there = {key_of(node) for node in self.theirs.nodes}
        gone = {
            was[old.id]: old
            for old in self.base.nodes
            if key_of(old) not in there and old.id in was and was[old.id] in nodes and was[old.id] not in ids.values()
        }
        kept = self._kept(gone, nodes)
        for node_id in gone.keys() - kept:
            del nodes[node_id]
        edges = self._edges({**was}, ids, {*nodes, *(node.id for node in new)}, kept)
        graph_nodes = (*nodes.values(), *placed(new, nodes.values(), edges))
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

    def _kept(self, gone: Mapping[str, Node], nodes: Mapping[str, Node]) -> set[str]:
        """Of what the files have no more: what somebody has changed and keeps, and all that hangs on it."""
        kept = [
            node_id
            for node_id, old in gone.items()
            if _content(nodes[node_id]) != _content(old)
            and self._conflict(nodes[node_id], (REMOVED,), nodes[node_id].name, ABSENT)
        ]
        beside: dict[str, set[str]] = {}
        for edge in self.ours.edges:
            beside.setdefault(edge.source, set()).add(edge.target)
            beside.setdefault(edge.target, set()).add(edge.source)
        found = set(kept)
        for node_id in kept:  # grows while it is read
            more = (beside.get(node_id, set()) & gone.keys()) - found
            found |= more
            kept += more
        return found

    def _edges(
        self, was: Mapping[str, str], ids: Mapping[str, str], there: set[str], kept: Collection[str]
    ) -> tuple[Edge, ...]:
        """Lines are the same where their ends, relation and parameters are. Those of `kept` nodes stay."""
        old = {same for one in self.base.edges if (same := _line(one, was)) is not None}
        theirs = [(one, same) for one in self.theirs.edges if (same := _line(one, ids)) is not None]
        wanted = {same for _, same in theirs}
        found: list[Edge] = []
        known: set[Any] = set()
        for edge in self.ours.edges:
            same = _line(edge, {edge.source: edge.source, edge.target: edge.target})
            stays = same in wanted or same not in old or edge.source in kept or edge.target in kept
            if {edge.source, edge.target} <= there and stays:
                found.append(edge)
                known.add(same)
        both = self._changed_by_both(was, ids, known | old, [(one, same) for one, same in theirs if same not in old])
        found = [both[one.id][0] if one.id in both else one for one in found]
        known |= {same for _, same in both.values()}
        taken = {edge.id for edge in self.ours.edges}
        for edge, same in theirs:
            if same in known or same in old or not {ids[edge.source], ids[edge.target]} <= there:
                continue  # in `old`, and not in the workflow: somebody has taken it out
            new = replace(edge, id=free_id(edge.id, taken), source=ids[edge.source], target=ids[edge.target])
            taken.add(new.id)
            found.append(new)
        return tuple(found)

    def _changed_by_both(
        self, was: Mapping[str, str], ids: Mapping[str, str], known: set[Any], theirs: list[tuple[Edge, Any]]
    ) -> dict[str, tuple[Edge, Any]]:
        """Lines of the workflow, by id, whose parameters the files have changed, too: merged, and the files' line."""
        same = {node.id: node.id for node in self.ours.nodes}
        nodes = {node.id: node for node in self.ours.nodes}
        before = _by_ends((one, was) for one in self.base.edges)
        ours = _by_ends((one, same) for one in self.ours.edges)
        found: dict[str, tuple[Edge, Any]] = {}
        for ends, one in _by_ends((one, ids) for one, line in theirs if line not in known).items():
            old, mine = before.get(ends), ours.get(ends)
            if old is None or mine is None or one is None or mine.parameters == old.parameters:
                continue
            path = (ends[2], nodes[ends[1]].name)
            at = nodes[ends[0]], nodes[ends[0]]
            merged = self._three(dict(old.parameters), dict(mine.parameters), dict(one.parameters), path, at)
            found[mine.id] = replace(mine, parameters=merged), _line(one, ids)
        return found


def _by_ends(edges: Iterable[tuple[Edge, Mapping[str, str]]]) -> dict[Ends, Edge | None]:
    """Lines by their ends in the workflow; None where there are several between them."""
    found: dict[Ends, Edge | None] = {}
    for edge, ids in edges:
        if edge.source in ids and edge.target in ids:
            ends = ids[edge.source], ids[edge.target], edge.relation
            found[ends] = None if ends in found else edge
    return found


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
