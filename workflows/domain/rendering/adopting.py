"""The value that a field has in a cluster, taken into the drawing: into a parameter where its kind writes just that
field from one, else into the node's patch."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from clusters.domain.objects import Manifest, Ref
from clusters.domain.ownership.paths import Path, children, path_text
from kubeorch.base.errors import Conflict, InvalidInput
from kubeorch.base.records import replace
from kubeorch.base.yaml_writing import dump
from workflows.domain.graphs.check import check_node
from workflows.domain.graphs.graph import PATCH, Graph, Node
from workflows.domain.graphs.variables import has_marks
from workflows.domain.kinds.field_problems import FieldProblem
from workflows.domain.kinds.kind import Kind
from workflows.domain.rendering.leaving_out import without
from workflows.domain.rendering.render import Rendered

ABSENT = object()
"""Stands for a field that was taken away."""
TRIES_MOST = 300
"""Values of parameters that are tried for one field."""
DEPTH_MOST = 8

Render = Callable[[Graph], list[Rendered]]
"""The objects of a graph where it will run. Raises InvalidInput."""


class CannotAdopt(Conflict):
    """No parameter and no patch of the node gives the value."""

    code = "drift.cannot_adopt"

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"{path_text(path)} cannot be taken into the graph, since nothing in it gives that value; revert "
            "it, or leave the field to others"
        )


class NotDrawn(Conflict):
    """The object is not part of the drawing of now."""

    code = "drift.not_in_workflow"

    def __init__(self, ref: Ref) -> None:
        super().__init__(f"{ref.kind} {ref.name} is not in the graph any more; nothing can take its values in")


@dataclass(frozen=True, slots=True)
class Adopted:
    """What a field's value became part of."""

    path: str
    parameter: str | None
    """None where it is part of the patch."""


def adopt(
    graph: Graph,
    kinds: Mapping[str, Kind],
    node_id: str,
    ref: Ref,
    wanted: Sequence[tuple[Path, Any]],
    render: Render,
) -> tuple[Graph, list[Adopted]]:
    """The graph that gives these values (ABSENT: none) and nothing else anew, with what each became part of.

    Raises NotDrawn, CannotAdopt, and InvalidInput for a graph that cannot be rendered.
    """
    found: list[Adopted] = []
    for path, value in wanted:
        node = next((one for one in graph.nodes if one.id == node_id), None)
        before = _object_of(render(graph), node_id, ref)
        kind = kinds.get(node.kind) if node is not None else None
        if node is None or kind is None or before is None:
            raise NotDrawn(ref)
        target = with_value(before, path, value)
        if target == before:
            found.append(Adopted(path_text(path), None))
            continue
        near = _near(graph, node_id)
        alone = _object_of(render(near), node_id, ref)
        if alone is None:
            near, alone = graph, before
        near_target = with_value(alone, path, value)
        changed, parameter = next(
            (
                one
                for one in _candidates(node, kind, before, path, value)
                if _problems(one[0], kind) <= _problems(node, kind)
                and _gives(_with_node(near, one[0]), node_id, ref, near_target, render)
            ),
            (node, None),
        )
        graph = _with_node(graph, changed)
        if not _gives(graph, node_id, ref, target, render):
            raise CannotAdopt(path)
        found.append(Adopted(path_text(path), parameter))
    return graph, found


def value_at(content: Any, path: Path) -> Any:
    """What stands at a path; ABSENT where nothing does."""
    for depth, element in enumerate(path):
        content = next((one for name, one in children(content, path[:depth]) if name == element), ABSENT)
    return content


def with_value(manifest: Manifest, path: Path, value: Any) -> Manifest:
    """The manifest with the value at the path; maps above it are made where they are missing."""
    if value is ABSENT:
        return without(manifest, [path])
    found: Manifest = _put(manifest, path, (), value)
    return found


def _put(content: Any, path: Path, above: Path, value: Any) -> Any:
    if not path:
        return value
    element, below = path[0], path[1:]
    if element.startswith("f:"):
        base = content if isinstance(content, Mapping) else {}
        name = element[2:]
        return {**base, name: _put(base.get(name), below, (*above, element), value)}
    items = content if isinstance(content, list) else []
    names = [name for name, _ in children(items, above)]
    if element not in names:
        return [*items, _put(None, below, (*above, element), value)]
    place = names.index(element)
    return [*items[:place], _put(items[place], below, (*above, element), value), *items[place + 1 :]]


def _candidates(node: Node, kind: Kind, before: Manifest, path: Path, value: Any) -> Iterator[tuple[Node, str | None]]:
    """Nodes that may give the value: one changed parameter each, and the patch at the end."""
    ours = value_at(before, path)
    tried = 0
    for name in (one.name for one in kind.parameters if one.type != "yaml"):
        given = node.parameters.get(name, ABSENT)
        for other in (*_replaced(given, ours, value, 0), value):
            tried += 1
            if tried > TRIES_MOST:
                break
            parameters = {key: one for key, one in node.parameters.items() if key != name}
            if other is not ABSENT:
                parameters[name] = other
            yield replace(node, parameters=parameters), name
    patch = merged(node.yaml(PATCH) if node.patch is not None else {}, patch_of(before, path, value))
    yield replace(node, patch=dump(patch)), None


def _replaced(given: Any, ours: Any, value: Any, depth: int) -> Iterator[Any]:
    """The parameter's value with one part of it, which may be where the field comes from, replaced or taken out."""
    if given is ABSENT or depth > DEPTH_MOST:
        return
    is_source = _is_same(given, ours) or (isinstance(given, str) and has_marks(given))
    if is_source and not (depth == 0 and value is ABSENT):
        yield value
    rows = given.items() if isinstance(given, Mapping) else enumerate(given) if isinstance(given, list) else ()
    for place, below in list(rows):
        for other in _replaced(below, ours, value, depth + 1):
            if isinstance(given, Mapping):
                rest = {key: one for key, one in given.items() if key != place}
                yield rest if other is ABSENT else {**given, place: other}
            else:
                yield [*given[:place], *([] if other is ABSENT else [other]), *given[place + 1 :]]
        if value is ABSENT and isinstance(given, list):
            yield [*given[:place], *given[place + 1 :]]


def _is_same(given: Any, ours: Any) -> bool:
    return given == ours or (not isinstance(given, Mapping | list) and ours is not ABSENT and str(given) == str(ours))


def patch_of(before: Manifest, path: Path, value: Any) -> dict[str, Any]:
    """The merge patch that gives the value: a list is given whole, since a merge patch cannot say less of one."""
    depth = next((number for number, element in enumerate(path) if not element.startswith("f:")), len(path))
    after: Any = None if value is ABSENT else value
    if depth < len(path):
        after = value_at(with_value(before, path, value), path[:depth])
    for element in reversed(path[:depth]):
        after = {element[2:]: after}
    found: dict[str, Any] = after
    return found


def merged(patch: Any, other: Any) -> Any:
    """Two merge patches as one: `other` after `patch`. A null stays, since it takes something away."""
    if not isinstance(patch, Mapping) or not isinstance(other, Mapping):
        return other
    return {**patch, **{key: merged(patch.get(key), value) for key, value in other.items()}}


def _near(graph: Graph, node_id: str) -> Graph:
    """The node with all that is connected to it: what gives its object."""
    edges = tuple(edge for edge in graph.edges if node_id in (edge.source, edge.target))
    ids = {node_id, *(edge.source for edge in edges), *(edge.target for edge in edges)}
    return Graph(tuple(node for node in graph.nodes if node.id in ids), edges)


def _with_node(graph: Graph, changed: Node) -> Graph:
    return Graph(tuple(changed if node.id == changed.id else node for node in graph.nodes), graph.edges)


def _problems(node: Node, kind: Kind) -> set[tuple[str, str]]:
    """What is wrong about the node by itself."""
    found: list[FieldProblem] = []
    check_node(node, kind, frozenset(), found)
    return {(one.code, one.path) for one in found}


def _gives(graph: Graph, node_id: str, ref: Ref, target: Manifest, render: Render) -> bool:
    try:
        return _object_of(render(graph), node_id, ref) == target
    except InvalidInput:
        return False


def _object_of(rendered: Sequence[Rendered], node_id: str, ref: Ref) -> Manifest | None:
    for one in rendered:
        if one.node_id == node_id and one.ref.identity == ref.identity:
            return one.manifest
    return None
