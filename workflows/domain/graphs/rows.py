"""Nodes and edges as JSON, each written once: as it is stored, and what a run reads of it."""

from __future__ import annotations

from typing import Any

import orjson

from workflows.domain.graphs.graph import LAYOUT, Edge, Node, edge_to_dict, node_to_dict


def stored(row: Node | Edge) -> bytes:
    """The stored form. Raises orjson.JSONEncodeError for what has none."""
    return row.once("$stored", _stored, row)


def content(row: Node | Edge) -> bytes:
    """What a run reads of it: equal for equal content, wherever a node stands. Raises as `stored` does."""
    return row.once("$content", _content, row)


def _stored(row: Node | Edge) -> bytes:
    return orjson.dumps(_as_dict(row))


def _content(row: Node | Edge) -> bytes:
    read = {key: value for key, value in _as_dict(row).items() if key not in LAYOUT}
    return orjson.dumps(read, option=orjson.OPT_SORT_KEYS)


def _as_dict(row: Node | Edge) -> dict[str, Any]:
    return node_to_dict(row) if isinstance(row, Node) else edge_to_dict(row)
