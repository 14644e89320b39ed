"""The graph that an import makes: nodes with names that fit, edges, and where each node came from."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from imports.domain.sources import Place
from kubeorch.base.names import label_from
from kubeorch.base.records import draft, field
from kubeorch.base.yaml_writing import dump

_ID_LENGTH = 34
"""Characters of an id, which leaves room for a number. Source: `read_graph`, 40 at most."""


@draft
class DraftNode:
    """A node in the making: `parameters` and `patch` are filled in by whoever made it."""

    id: str
    kind: str
    name: str
    parameters: dict[str, Any] = field(default_factory=dict)
    patch: dict[str, Any] = field(default_factory=dict)
    place: Place | None = None


@draft
class DraftEdge:
    id: str
    source: str
    target: str
    relation: str
    parameters: dict[str, Any] = field(default_factory=dict)


class Draft:
    """Nodes by id and edges, in the order in which they were made."""

    def __init__(self) -> None:
        self.nodes: dict[str, DraftNode] = {}
        self.edges: list[DraftEdge] = []
        self._ids: dict[str, int] = {}
        self._names: dict[str, set[str]] = {}
        self._between: dict[tuple[str, str, str], DraftEdge] = {}

    def add(
        self,
        kind: str,
        name: str,
        *,
        wanted_id: str = "",
        parameters: Mapping[str, Any] | None = None,
        patch: Mapping[str, Any] | None = None,
        place: Place | None = None,
    ) -> DraftNode:
        """A new node. `name` stays as it is: see `free_name`. Its id is `wanted_id`, or kind and name, made unique."""
        id_ = self._free_id(label_from(wanted_id or f"{kind}-{name}"))
        node = DraftNode(id_, kind, name, dict(parameters or {}), dict(patch or {}), place)
        self.nodes[id_] = node
        return node

    def connect(
        self, source: str, target: str, relation: str, parameters: Mapping[str, Any] | None = None
    ) -> DraftEdge:
        """A new edge between two nodes, by their ids."""
        edge = DraftEdge(f"e{len(self.edges) + 1}", source, target, relation, dict(parameters or {}))
        self.edges.append(edge)
        self._between.setdefault((source, target, relation), edge)
        return edge

    def between(self, source: str, target: str, relation: str) -> DraftEdge | None:
        """The first edge of a relation from one node to another."""
        return self._between.get((source, target, relation))

    def free_name(self, among: str, wanted: str, *, max_length: int = 63, starts_with_letter: bool = False) -> str:
        """A DNS label that nobody among the same objects has, nearest to `wanted`; it is taken from now on.

        `among` tells which objects may not share a name, as `Service` or `pods`.
        """
        taken = self._names.setdefault(among, set())
        base = label_from(wanted)
        if starts_with_letter and not base[0].isalpha():
            base = f"svc-{base}"
        name = _shortened(base, max_length)
        number = 1
        while name in taken:
            number += 1
            name = f"{_shortened(base, max_length - len(str(number)) - 1)}-{number}"
        taken.add(name)
        return name

    def take_name(self, among: str, name: str) -> bool:
        """Take exactly this name, if nobody among the same objects has it."""
        taken = self._names.setdefault(among, set())
        if name in taken:
            return False
        taken.add(name)
        return True

    def _free_id(self, wanted: str) -> str:
        base = _shortened(wanted, _ID_LENGTH)
        id_ = base
        while id_ in self.nodes:
            self._ids[base] = self._ids.get(base, 1) + 1
            id_ = f"{base}-{self._ids[base]}"
        return id_

    def graph(
        self, positions: Mapping[str, tuple[float, float]], groups: Mapping[str, str] | None = None
    ) -> dict[str, Any]:
        """The raw graph, as `parse_graph` reads it, at 0, 0 without a position; `groups` are titles by id."""
        titles = groups or {}
        return {
            "nodes": [
                {
                    "id": node.id,
                    "kind": node.kind,
                    "name": node.name,
                    "position": dict(zip(("x", "y"), positions.get(node.id, (0, 0)), strict=True)),
                    "parameters": node.parameters,
                    "patch": dump(node.patch) if node.patch else None,
                    **({"group": titles[node.id]} if node.id in titles else {}),
                }
                for node in self.nodes.values()
            ],
            "edges": [
                {
                    "id": edge.id,
                    "source": edge.source,
                    "target": edge.target,
                    "relation": edge.relation,
                    "parameters": edge.parameters,
                }
                for edge in self.edges
            ],
        }


def _shortened(text: str, length: int) -> str:
    """Text that is too long keeps its beginning and gets a digest, so that two long names stay apart."""
    if len(text) <= length:
        return text
    digest = hashlib.sha256(text.encode()).hexdigest()[:6]
    return f"{text[: length - 7].rstrip('-')}-{digest}"
