"""The workflow file: a graph as YAML that people keep in git.

    workflow: 1
    name: shop
    environment: {name: prod, namespace: shop, variables: {…}}
    nodes:
      - {id: web, kind: deployment, name: web, position: {x: 0, y: 0}, parameters: {image: nginx:1.27}}
    edges:
      - {id: e1, source: front, target: web, relation: exposes}

Reading gives back what was written: `parse_workflow_file(workflow_file(g, meta))` is `meta` and the dict form
of `g`. A file contains no secret values and no cluster address.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kubeorch.base.errors import InvalidInput
from kubeorch.base.yaml import Written, load_as_written
from kubeorch.base.yaml_writing import dump
from workflows.domain.graphs.graph import Graph, edge_to_dict, node_to_dict
from workflows.domain.kinds.catalog import Catalog
from workflows.domain.kinds.parameters import Parameter

FORMAT = 1
_META = ("name", "description", "tags", "environment")
_KEYS = frozenset({"workflow", *_META, "nodes", "edges"})
MAX_FILE_BYTES = 12_000_000
MAX_FILE_NODES = 1_000_000


class WorkflowFileInvalid(InvalidInput):
    """The text is YAML, but not a workflow file."""

    code = "workflow_file.invalid"


def workflow_file(graph: Graph, meta: Mapping[str, Any]) -> str:
    """The file's text. `meta` may hold name, description, tags and environment."""
    document: dict[str, Any] = {"workflow": FORMAT}
    document |= {key: meta[key] for key in _META if meta.get(key) not in (None, "", [], {})}
    document["nodes"] = [_without_empty(node_to_dict(node)) for node in graph.nodes]
    document["edges"] = [_without_empty(edge_to_dict(edge)) for edge in graph.edges]
    return dump(document)


def _without_empty(row: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in row.items() if value is not None and not (key == "parameters" and not value)}


def parse_workflow_file(text: str | bytes, catalog: Catalog) -> tuple[dict[str, Any], dict[str, Any]]:
    """(meta, raw graph); `parse_graph` must check the graph.

    A number is text as it was written wherever the catalog declares text: `VERSION: 1.10` in an environment is "1.10".
    Raises YamlInvalid, or WorkflowFileInvalid with what is missing or unknown.
    """
    return read_workflow(load_as_written(text, max_bytes=MAX_FILE_BYTES, max_nodes=MAX_FILE_NODES), catalog)


def read_workflow(document: Any, catalog: Catalog) -> tuple[dict[str, Any], dict[str, Any]]:
    """As `parse_workflow_file`, of the values that `load_as_written` gives."""
    if not isinstance(document, dict) or "nodes" not in document:
        raise WorkflowFileInvalid("not a KubeOrch workflow file: it has no nodes")
    if unknown := sorted(set(document) - _KEYS):
        raise WorkflowFileInvalid(
            f"a workflow file cannot have {unknown[0][:60]!r}; its keys are {', '.join(sorted(_KEYS))}"
        )
    if document.get("workflow", FORMAT) != FORMAT:
        raise WorkflowFileInvalid(
            f"the file has the format {document['workflow']!r}; this version of KubeOrch reads format {FORMAT}"
        )
    name = document.get("name")
    if not isinstance(name, str) or not name.strip():
        raise WorkflowFileInvalid("the workflow needs a name; add `name:`", field="name")
    if not isinstance(document.get("description", ""), str):
        raise WorkflowFileInvalid("the description must be text", field="description")
    tags = document.get("tags", [])
    if not isinstance(tags, list) or not all(isinstance(tag, str) for tag in tags):
        raise WorkflowFileInvalid("tags must be a list of texts", field="tags")
    if not isinstance(document.get("environment", {}), dict):
        raise WorkflowFileInvalid("the environment must be an object with a name and a namespace", field="environment")
    meta = {key: plain(document[key]) for key in _META if key in document}
    if "variables" in document.get("environment", {}):
        meta["environment"]["variables"] = _variables(document["environment"]["variables"])
    nodes, edges = document["nodes"], document.get("edges") or []
    if not isinstance(nodes or [], list) or not isinstance(edges, list):
        raise WorkflowFileInvalid("nodes and edges must be lists")
    return meta, {
        "nodes": [_with_parameters(_as_declared(node, _of_kind(node, catalog))) for node in nodes or []],
        "edges": [_with_parameters(_as_declared(edge, _of_relation(edge, catalog))) for edge in edges],
    }


def _of_kind(row: Any, catalog: Catalog) -> tuple[Parameter, ...]:
    kind = catalog.kinds.get(str(row.get("kind"))) if isinstance(row, dict) else None
    return kind.parameters if kind is not None else ()


def _of_relation(row: Any, catalog: Catalog) -> tuple[Parameter, ...]:
    relation = catalog.relations.get(str(row.get("relation"))) if isinstance(row, dict) else None
    return relation.parameters if relation is not None else ()


def _as_declared(row: Any, declared: tuple[Parameter, ...]) -> Any:
    """A node or an edge with the numbers of its parameters as text where text is declared."""
    if not isinstance(row, dict):
        return plain(row)
    return {
        key: _fields(value, declared) if key == "parameters" and isinstance(value, dict) else plain(value)
        for key, value in row.items()
    }


def _fields(values: dict[str, Any], declared: tuple[Parameter, ...]) -> dict[str, Any]:
    by_name = {one.name: one for one in declared}
    return {name: _declared(value, by_name.get(name)) for name, value in values.items()}


def _declared(value: Any, parameter: Parameter | None) -> Any:
    if parameter is None:
        return plain(value)
    if parameter.type in ("string", "text", "quantity"):
        return _text(value)
    if parameter.type == "map" and isinstance(value, dict):
        return {key: _text(item) for key, item in value.items()}
    if parameter.type == "secret_keys" and isinstance(value, list):
        return [_text(item) for item in value]
    if parameter.type == "list" and isinstance(value, list):
        return [_declared(item, parameter.item) for item in value]
    if parameter.type == "object" and isinstance(value, dict):
        return _fields(value, parameter.fields)
    return plain(value)


def _text(value: Any) -> Any:
    return value.text if isinstance(value, Written) else plain(value)


def plain(value: Any) -> Any:
    """The value without memory of how it was written."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value.value if isinstance(value, Written) else value


def _variables(variables: Any) -> Any:
    if not isinstance(variables, dict):
        return plain(variables)
    return {
        name: {**plain(one), "value": _text(one["value"])}
        if isinstance(one, dict) and one.get("type") == "string" and "value" in one
        else plain(one)
        for name, one in variables.items()
    }


def _with_parameters(row: Any) -> Any:
    return {"parameters": {}, **row} if isinstance(row, dict) and "parameters" not in row else row
