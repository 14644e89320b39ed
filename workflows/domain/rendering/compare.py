"""What changed from one graph to another, as people read it: by paths in the rendered objects."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from clusters.domain.labels import is_ours
from workflows.domain.graphs.graph import Edge, Graph, Node, edge_to_dict
from workflows.domain.kinds.catalog import Catalog
from workflows.domain.rendering.render import Rendered, preview_graph

MAX_CHANGES = 500
"""The number of changes listed for one node; one that changed more is easier to read whole."""


def compare(old: Graph, new: Graph, catalog: Catalog | None = None) -> dict[str, Any]:
    """What changed from `old` to `new`, as the API serves it: `{nodes: […], edges: […]}`.

    With a catalog, changes are paths in the rendered objects (`spec.replicas`), so a node whose object
    changed only because its neighbour was renamed is listed as well; a parameter that is not part of an
    object is listed as `parameters.…`. Without a catalog, all paths are `parameters.…`, `name` or `patch`.
    """
    return {"nodes": _node_changes(old, new, catalog), "edges": _edge_changes(old, new)}


def _node_changes(old: Graph, new: Graph, catalog: Catalog | None) -> list[dict[str, Any]]:
    before = {node.id: node for node in old.nodes}
    after = {node.id: node for node in new.nodes}
    objects_before = _objects(old, catalog)
    objects_after = _objects(new, catalog)
    out: list[dict[str, Any]] = []
    for node_id in sorted(before.keys() | after.keys()):
        one, other = before.get(node_id), after.get(node_id)
        if one is None or other is None:
            node = one or other
            assert node is not None  # noqa: S101 - the id came from one of the two
            out.append(change_of(node, "added" if one is None else "removed"))
            continue
        changes = _modified(one, other, objects_before.get(node_id), objects_after.get(node_id), catalog)
        if changes:
            out.append(change_of(other, "modified", changes[:MAX_CHANGES]))
    return out


def change_of(node: Node, change: str, changes: Sequence[dict[str, Any]] = ()) -> dict[str, Any]:
    """A node that is `added`, `removed` or `modified`."""
    return {"node_id": node.id, "name": node.name, "kind": node.kind, "change": change, "changes": list(changes)}


def _modified(
    one: Node,
    other: Node,
    objects_before: list[Rendered] | None,
    objects_after: list[Rendered] | None,
    catalog: Catalog | None,
) -> list[dict[str, Any]]:
    own = list(differences(_plain(one), _plain(other)))
    if one.kind != other.kind or not objects_before or not objects_after:
        return own
    seen = list(_object_changes(objects_before, objects_after))
    if not seen:
        return own
    kind = catalog.kinds.get(other.kind) if catalog is not None else None
    hidden = {f"parameters.{one.name}" for one in kind.parameters if one.type == "secret_keys"} if kind else set()
    return seen + [change for change in own if change["path"].partition("[")[0] in hidden]


def _plain(node: Node) -> dict[str, Any]:
    return {"kind": node.kind, "name": node.name, "parameters": node.parameters, "patch": node.patch}


def _objects(graph: Graph, catalog: Catalog | None) -> dict[str, list[Rendered]]:
    found: dict[str, list[Rendered]] = {}
    if catalog is not None:
        for one in preview_graph(graph, catalog, namespace="")[0]:
            found.setdefault(one.node_id, []).append(one)
    return found


def _object_changes(before: list[Rendered], after: list[Rendered]) -> Iterator[dict[str, Any]]:
    """Changes of the node's main object by path; of further objects with `Kind: ` before the path."""
    kinds = {one.ref.kind: one for one in before}
    for index, one in enumerate(after):
        prefix = "" if index == 0 else f"{one.ref.kind}: "
        other = kinds.pop(one.ref.kind, None)
        yield from differences(_without_ours(other.manifest) if other else None, _without_ours(one.manifest), prefix)
    for gone in kinds.values():
        yield {"path": f"{gone.ref.kind}: ", "from": gone.manifest, "to": None}


def _without_ours(value: Any) -> Any:
    """An object without the labels we set on everything, which only repeat a node's name and id."""
    if isinstance(value, dict):
        return {
            key: {name: item for name, item in part.items() if not is_ours(name)}
            if key == "labels" and isinstance(part, dict)
            else _without_ours(part)
            for key, part in value.items()
        }
    if isinstance(value, list):
        return [_without_ours(item) for item in value]
    return value


def differences(old: Any, new: Any, path: str = "") -> Iterator[dict[str, Any]]:
    """Every leaf that differs, as `{path, from, to}`; an absent one is None.

    List entries that all have a `name` are matched by it (`containers[web].image`), others by position.
    """
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        for key in [*old, *(key for key in new if key not in old)]:
            yield from differences(old.get(key), new.get(key), _joined(path, key))
    elif isinstance(old, list) and isinstance(new, list):
        named = _by_name(old), _by_name(new)
        if named[0] is not None and named[1] is not None:
            for key in [*named[0], *(key for key in named[1] if key not in named[0])]:
                yield from differences(named[0].get(key), named[1].get(key), f"{path}[{key}]")
        else:
            for index in range(max(len(old), len(new))):
                yield from differences(
                    old[index] if index < len(old) else None,
                    new[index] if index < len(new) else None,
                    f"{path}[{index}]",
                )
    elif old != new or type(old) is not type(new):
        yield {"path": path, "from": old, "to": new}


def _joined(path: str, key: str) -> str:
    if not path or path.endswith(" "):
        return f"{path}{key}"
    return f"{path}.{key}" if "." not in key and "/" not in key else f"{path}[{key}]"


def _by_name(items: list[Any]) -> dict[str, Any] | None:
    found = {item["name"]: item for item in items if isinstance(item, dict) and isinstance(item.get("name"), str)}
    return found if len(found) == len(items) else None


def _edge_changes(old: Graph, new: Graph) -> list[dict[str, Any]]:
    before = {edge.id: edge for edge in old.edges}
    after = {edge.id: edge for edge in new.edges}
    out: list[dict[str, Any]] = []
    for edge_id in sorted(before.keys() | after.keys()):
        one, other = before.get(edge_id), after.get(edge_id)
        changes = list(differences(_edge_content(one), _edge_content(other))) if one and other else []
        edge = other or one
        assert edge is not None  # noqa: S101 - the id came from one of the two
        if changes or one is None or other is None:
            out.append(
                {
                    "edge_id": edge_id,
                    "change": "added" if one is None else "removed" if other is None else "modified",
                    "source": edge.source,
                    "target": edge.target,
                    "relation": edge.relation,
                    "changes": changes,
                }
            )
    return out


def _edge_content(edge: Edge) -> dict[str, Any]:
    content = edge_to_dict(edge)
    del content["id"]
    return content
