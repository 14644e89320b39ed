"""What people drop or paste on a canvas, as a graph: a workflow file, or Kubernetes objects as YAML or JSON.

The reader is the one of imports and of manifests, so a file means the same wherever it is opened.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from kubeorch.base.errors import InvalidInput
from kubeorch.base.names import label_from
from kubeorch.base.yaml import YamlDocument, load_documents
from kubeorch.base.yaml_events import YamlInvalid
from kubeorch.base.yaml_writing import dump
from workflows.domain.graphs.file import MAX_FILE_BYTES, MAX_FILE_NODES, plain, read_workflow
from workflows.domain.graphs.limits import MAX_NODES
from workflows.domain.graphs.plain_secrets import COPY, HOLDERS
from workflows.domain.kinds.catalog import Catalog
from workflows.domain.kinds.kind import Kind

_ID_LENGTH = 34
"""Characters of an id, which leaves room for a number below MAX_NODES."""
_LIST_DEPTH = 4


class NothingToDraw(InvalidInput):
    """The text can be read, and nothing in it can be drawn."""

    code = "parse.unknown"


@dataclass(frozen=True, slots=True)
class Note:
    """Something that a person should know of what was read, and the nodes it is about."""

    detail: str
    node_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Pasted:
    """A raw graph for `parse_graph`, and what to say about it."""

    graph: dict[str, Any]
    notes: tuple[Note, ...]


def read_pasted(text: str, catalog: Catalog) -> Pasted:
    """Read a workflow file, or the objects of one or more YAML documents; objects in a List count one by one.

    Each object becomes a node `manifest` with its own text. A Secret becomes a node `secret` with the names of its
    keys: values are never kept. Raises YamlInvalid, WorkflowFileInvalid or NothingToDraw.
    """
    try:
        documents = load_documents(text, max_bytes=MAX_FILE_BYTES, max_nodes=MAX_FILE_NODES, max_documents=MAX_NODES)
    except YamlInvalid as error:
        if "{{" in text:
            raise NothingToDraw(
                f"the text has template expressions ({{{{ … }}}}); paste the output of `helm template` ({error.detail})"
            ) from error
        raise
    if not documents:
        raise NothingToDraw("the text is empty; paste a workflow file or Kubernetes objects as YAML")
    first = documents[0].value
    if len(documents) == 1 and isinstance(first, dict) and "nodes" in first and "apiVersion" not in first:
        meta, graph = read_workflow(first, catalog)
        return Pasted(graph, tuple(_left_out(meta)))
    return _objects(documents, catalog)


def _left_out(meta: dict[str, Any]) -> Iterator[Note]:
    variables = (meta.get("environment") or {}).get("variables")
    if isinstance(variables, dict) and variables:
        names = ", ".join(str(name)[:60] for name in list(variables)[:10])
        yield Note(f"the file sets variables of its environment ({names}); set them in an environment of this workflow")


def _objects(documents: list[YamlDocument], catalog: Catalog) -> Pasted:
    nodes: list[dict[str, Any]] = []
    notes: list[Note] = []
    taken: dict[str, int] = {}
    for number, document in enumerate(documents, start=1):
        where = f"document {number}: " if len(documents) > 1 else ""
        for found, own_text in _flat(document.value, document.text, where, 0):
            if len(nodes) == MAX_NODES:
                raise NothingToDraw(f"the text has more than {MAX_NODES:,} objects; paste it in parts")
            node, note = _node(found, own_text, catalog, taken)
            nodes.append(node)
            if note is not None:
                notes.append(note)
    return Pasted({"nodes": nodes, "edges": []}, tuple(notes))


def _flat(value: Any, text: str | None, where: str, depth: int) -> Iterator[tuple[dict[str, Any], str | None]]:
    """The objects in a document, each with its text where the document is that object."""
    if not isinstance(value, dict) or not isinstance(value.get("apiVersion"), str) or not value.get("kind"):
        raise NothingToDraw(
            f"{where}neither a workflow file (it has `nodes`) nor a Kubernetes object (it has `apiVersion` and `kind`)"
        )
    kind, items = str(value["kind"]), value.get("items")
    if not kind.endswith("List") or "items" not in value:
        yield value, text
        return
    if depth == _LIST_DEPTH:
        raise NothingToDraw(f"{where}lists in lists in lists; paste the objects themselves")
    if not isinstance(items, list):
        if items is None:
            return
        raise NothingToDraw(f"{where}the items of the {kind[:60]} must be a list")
    for item in items:
        if isinstance(item, dict) and kind != "List":  # `kubectl get --raw` leaves both out
            item = {"apiVersion": value["apiVersion"], "kind": kind.removesuffix("List"), **item}
        yield from _flat(item, None, where, depth + 1)


def _node(
    found: dict[str, Any], text: str | None, catalog: Catalog, taken: dict[str, int]
) -> tuple[dict[str, Any], Note | None]:
    metadata = _mapping(found.get("metadata"))
    name = metadata.get("name")
    name = name if isinstance(name, str) else ""
    id_ = _free_id(label_from(f"{found['kind']}-{name}"), taken)
    for kind in catalog.kinds.values():
        asked = next((one.name for one in kind.parameters if one.type == "secret_keys"), None)
        if asked is not None and (kind.api_version, kind.kind) == (found["apiVersion"], found["kind"]):
            parameters = {asked: _keys(found), **_declared(kind, {**found, **metadata})}
            node = {"id": id_, "kind": kind.id, "name": name, "parameters": parameters}
            return node, Note("the values of this Secret were left out; they are asked for at a run", (id_,))
    free = next(kind for kind in catalog.kinds.values() if not kind.kind and kind.yaml_parameters)
    manifest = text if text is not None else dump(plain(found))
    return {"id": id_, "kind": free.id, "name": name, "parameters": {free.yaml_parameters[0]: manifest}}, None


def _keys(secret: dict[str, Any]) -> list[str]:
    return list(dict.fromkeys(key for holder in HOLDERS for key in _mapping(secret.get(holder))))


def _declared(kind: Kind, given: dict[str, Any]) -> dict[str, Any]:
    """What a Secret has beside its values; the annotation that repeats its values stays behind."""
    out = {name: plain(given[name]) for name in ("type", "immutable", "labels", "annotations") if given.get(name)}
    annotations = out.get("annotations")
    if isinstance(annotations, dict):
        out["annotations"] = {key: item for key, item in annotations.items() if key != COPY}
    return {name: value for name, value in out.items() if name in kind.parameter_names}


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _free_id(wanted: str, taken: dict[str, int]) -> str:
    """An id that no other node has: the one wanted, or with a number."""
    base = wanted[:_ID_LENGTH].rstrip("-")
    id_ = base
    while id_ in taken:
        taken[base] += 1
        id_ = f"{base}-{taken[base]}"
    taken[id_] = 1
    return id_
