"""Nodes joined by edges: what they render is compared with the objects that were read, and the difference is a patch.

An edge that would write something else than its object says is given up. When some nodes are read in another way, only
what is near them is rendered again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from clusters.domain.objects import Manifest
from imports.domain.manifests.defaults import without_defaults
from imports.domain.manifests.nodes import Drawn, escaped
from imports.domain.manifests.patching import Patch, patch_between
from imports.domain.manifests.references import Objects
from imports.domain.manifests.relating import Related, pairs_of, related
from workflows.domain.graphs.check import check
from workflows.domain.graphs.graph import Edge, Graph, Node
from workflows.domain.graphs.order import in_order
from workflows.domain.kinds.catalog import Catalog
from workflows.domain.kinds.field_problems import FieldProblem
from workflows.domain.kinds.patches import ORDER, check_patch, merge_patch
from workflows.domain.rendering.render import preview_graph

_NAMESPACE = "default"
_DEPTH = 8
"""Levels of a patch above the lists of a container."""
_NEAR = 2
"""So many edges away a node may still change what another one renders."""


@dataclass(slots=True)
class Joined:
    """Nodes with their edges and patches, and the nodes that cannot stand so."""

    parameters: dict[str, dict[str, Any]]
    edges: list[Edge]
    patches: dict[str, Patch]
    scaled: set[str]
    unfit: dict[str, set[str]] = field(default_factory=dict)
    """By node, the parameters that a run would refuse; none where it is the node as a whole."""


class Joiner:
    """Joins one set of nodes, again and again until they stand. What names no namespace is in that of `home`."""

    def __init__(self, catalog: Catalog, home: str | None) -> None:
        self._catalog = catalog
        self._home = home or ""
        self._drawn: dict[str, Drawn] = {}
        self._related: dict[str, Related] = {}
        self._rendered: dict[str, list[Manifest]] = {}
        self._patches: dict[str, Patch] = {}

    def join(self, drawn: Sequence[Drawn], changed: Iterable[str] = ()) -> Joined:
        """The nodes as they are now; `changed` are those that have been read in another way since the last time."""
        before, first = self._related, not self._drawn
        self._drawn = {one.id: one for one in drawn}
        objects = Objects.of(drawn, self._home)
        self._related = {one.id: related(one, objects) for one in drawn}
        touched = set(self._drawn)
        if not first:
            differing = {id_ for id_, one in self._related.items() if before[id_] != one}
            touched = {*changed, *differing, *_ends(before, differing), *_ends(self._related, differing)}
        self._render(touched)
        self._give_up_edges(touched)
        edges = [edge for one in self._related.values() for edge in one.edges]
        parameters = {id_: one.parameters for id_, one in self._related.items()}
        return Joined(parameters, edges, self._patches, self._scaled(), self._unfit(touched))

    def after(self, edges: list[Edge]) -> list[Edge]:
        """An edge for each reference that no edge shows yet, unless it would close a loop."""
        objects = Objects.of(self._drawn.values(), self._home)
        joined = pairs_of(iter(edges))
        found: list[Edge] = []
        for one in self._drawn.values():
            for other in objects.references(one):
                if (one.id, other.id) not in joined:
                    joined |= {(one.id, other.id), (other.id, one.id)}
                    found.append(Edge("", one.id, other.id, "after"))
        pairs = [(edge.source, edge.target) for edge in (*edges, *found)]
        sound = set(in_order(pairs))
        return [edge for edge in found if edge.source in sound and edge.target in sound]

    def _scaled(self) -> set[str]:
        return {edge.target for one in self._related.values() for edge in one.edges if edge.relation == "scales"}

    def _near(self, ids: set[str]) -> set[str]:
        """These nodes and those that their rendering may depend on."""
        if len(ids) == len(self._drawn):
            return ids
        neighbours: dict[str, set[str]] = {}
        for one in self._related.values():
            for edge in one.edges:
                neighbours.setdefault(edge.source, set()).add(edge.target)
                neighbours.setdefault(edge.target, set()).add(edge.source)
        found = set(ids)
        for _ in range(_NEAR):
            found |= {other for id_ in found for other in neighbours.get(id_, ())}
        return found

    def _edges_among(self, ids: set[str]) -> tuple[Edge, ...]:
        own = (edge for id_ in self._drawn if id_ in ids for edge in self._related[id_].edges)
        return tuple(_numbered(edge for edge in own if edge.source in ids and edge.target in ids))

    def _render(self, ids: set[str]) -> None:
        """Render these nodes without their patches, and find the patches that give their objects."""
        near = self._near(ids)
        nodes = tuple(one.node(self._related[id_].parameters) for id_, one in self._drawn.items() if id_ in near)
        found = _rendered(nodes, self._edges_among(near), self._catalog)
        self._rendered |= {id_: found.get(id_, []) for id_ in ids}
        scaled = self._scaled()
        for id_ in ids:
            patch = _patch(self._drawn[id_], self._rendered[id_], id_ in scaled)
            if patch is None:
                self._patches.pop(id_, None)
            else:
                self._patches[id_] = patch

    def _give_up_edges(self, ids: set[str]) -> None:
        """Where a node by itself is nearer to its object than with what edges write, it goes without them."""
        doubtful = [
            self._drawn[id_]
            for id_ in self._drawn
            if id_ in ids and self._related[id_].edges and (patch := self._patches.get(id_)) and patch.content
        ]
        alone = _rendered(tuple(one.node(one.parameters) for one in doubtful), (), self._catalog)
        worse: set[str] = set()
        for one in doubtful:
            patch, own = self._patches[one.id], _patch(one, alone.get(one.id, []), is_scaled=False)
            if own is not None and patch.size() > own.size() + _order_size(patch):
                worse.add(one.id)
        if worse:
            others = _ends(self._related, worse)
            self._related |= {id_: Related(self._drawn[id_].parameters) for id_ in worse}
            self._render(worse | others)

    def _unfit(self, ids: set[str]) -> dict[str, set[str]]:
        """Typed nodes whose patch is refused or does not give the object, and those that a run would refuse."""
        found: dict[str, set[str]] = {}
        near, scaled = self._near(ids), self._scaled()
        nodes: list[Node] = []
        for id_, one in self._drawn.items():
            if id_ not in near:
                continue
            patch = self._patches.get(id_)
            content = patch.content if patch is not None else {}
            nodes.append(
                one.node(self._related[id_].parameters, (escaped(content) if one.is_marked else content) or None)
            )
            if id_ not in ids:
                continue
            problems: list[FieldProblem] = []
            if content:
                check_patch(content, one.kind.patch_refuses, "", problems)
                shown = without_defaults(merge_patch(self._rendered[id_][0], content))
                if patch_between(shown, _wished(one, is_scaled=id_ in scaled)).content:
                    found[id_] = set()
            if one.is_typed and (problems or patch is None):
                found[id_] = set()
        # a Secret cannot be anything else
        typed = {id_ for id_ in ids if self._drawn[id_].is_typed and not self._drawn[id_].secrets}
        for problem in check(Graph(tuple(nodes), self._edges_among(near)), self._catalog):
            for id_ in typed.intersection(problem.node_ids) if problem.severity == "error" else ():
                head, _, name = (problem.field or "").partition(f"nodes.{id_}.parameters.")
                found.setdefault(id_, set()).update({name.partition(".")[0]} if not head and name else ())
        return found


def _ends(related_: Mapping[str, Related], ids: Iterable[str]) -> set[str]:
    """The nodes at both ends of the edges that write into these."""
    return {end for id_ in ids for edge in related_[id_].edges for end in (edge.source, edge.target)}


def _numbered(edges: Iterable[Edge]) -> Iterator[Edge]:
    for number, edge in enumerate(edges, start=1):
        yield Edge(f"e{number}", edge.source, edge.target, edge.relation, edge.parameters)


def _rendered(nodes: tuple[Node, ...], edges: tuple[Edge, ...], catalog: Catalog) -> dict[str, list[Manifest]]:
    """The objects of each node, by its id."""
    found: dict[str, list[Manifest]] = {}
    for one in preview_graph(Graph(nodes, edges), catalog, namespace=_NAMESPACE)[0]:
        found.setdefault(one.node_id, []).append(one.manifest)
    return found


def _patch(one: Drawn, rendered: Sequence[Manifest], is_scaled: bool) -> Patch | None:
    """The patch of a typed node that gives its one object."""
    if not one.is_typed or len(rendered) != 1:
        return None
    return patch_between(without_defaults(rendered[0]), _wished(one, is_scaled=is_scaled))


def _wished(one: Drawn, *, is_scaled: bool) -> Manifest:
    """The object; without its number of replicas where an autoscaler sets it."""
    if not is_scaled:
        return one.wished
    spec = {key: value for key, value in one.wished["spec"].items() if key != "replicas"}
    return {**one.wished, "spec": spec}


def _order_size(patch: Patch) -> int:
    """What a patch says of the order of lists alone, which edges may cost."""

    def of(content: Mapping[str, Any]) -> int:
        found = 0
        for key, item in content.items():
            if key.startswith(ORDER):
                found += 1 + 2 * len(item)
            elif isinstance(item, Mapping):
                found += of(item)
        return found

    order = of(patch.content)
    return order + _DEPTH if order else 0
