"""Lists as the API server prints them for kubectl: columns and cells, of any kind.

Source: Kubernetes docs, "Kubernetes API Concepts", section "Receiving resources as Tables".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from clusters.domain.depth import cut_off
from clusters.domain.objects import Manifest
from clusters.domain.plain_text import plain
from clusters.domain.reading import integer, mapping, mappings, number, text
from clusters.kube.allowance import Allowance
from clusters.kube.client import KubeClient
from clusters.kube.decoding import event_of
from clusters.kube.errors import AnswerTooLarge, NotKubernetes
from clusters.kube.lines import LineStream

TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io"
CELL_MOST = 1_000
"""Characters of one cell; kubectl prints no longer ones either."""
COLUMNS_MOST = 50


@dataclass(frozen=True, slots=True)
class Column:
    name: str
    type: str
    """`string`, `integer`, `number`, `boolean` or `date`."""
    format: str
    """`name` marks the column with the object's name."""
    description: str
    wide: bool
    """Shown by `kubectl get -o wide` alone."""


@dataclass(frozen=True, slots=True)
class Row:
    cells: list[Any]
    object: Manifest
    """The object, or its metadata alone; without its managedFields."""


@dataclass(frozen=True, slots=True)
class TablePage:
    columns: tuple[Column, ...]
    rows: list[Row]
    token: str
    """Where the next page begins; "" after the last one."""
    remaining: int | None
    """How many objects come after this page, where the API server says so."""
    resource_version: str


def table_page(
    client: KubeClient,
    path: str,
    *,
    limit: int,
    token: str = "",
    version: str = "",
    labels: str = "",
    fields: str = "",
    whole: bool = False,
    allowance: Allowance,
) -> TablePage:
    """One page of a list; `whole` gives whole objects, which cost more than their metadata. Without a token it is the
    first page, with a `version` as it was then.

    An answer that is too large is asked for again with fewer objects. Raises Expired when the page's snapshot is gone,
    NotKubernetes for an answer that is not a table, and what the request raises.
    """
    given = {"labelSelector": labels, "fieldSelector": fields, "continue": token}
    query = {name: value for name, value in given.items() if value}
    if version and not token:
        query |= {"resourceVersion": version, "resourceVersionMatch": "Exact"}
    query["includeObject"] = "Object" if whole else "Metadata"
    while True:
        query["limit"] = str(limit)
        try:
            _, answer = client.request("GET", path, query=query, headers={"Accept": TABLE}, allowance=allowance)
        except AnswerTooLarge:
            if limit == 1:
                raise
            limit = max(1, limit // 8)
            continue
        return _page(answer)


@dataclass(frozen=True, slots=True)
class TableChange:
    """One event of a watched list."""

    gone: bool
    rows: list[Row]
    version: str
    """Where to go on after it; "" where it does not say."""


def watch_table(
    client: KubeClient,
    path: str,
    *,
    version: str,
    labels: str,
    fields: str,
    whole: bool,
    last_s: int,
    silence_s: float,
) -> LineStream:
    """What changes in a list after `version`, as lines for `table_change`; the API server ends it after `last_s`."""
    given = {"labelSelector": labels, "fieldSelector": fields, "resourceVersion": version}
    query = {name: value for name, value in given.items() if value}
    query |= {"watch": "true", "allowWatchBookmarks": "true", "timeoutSeconds": str(last_s)}
    query["includeObject"] = "Object" if whole else "Metadata"
    return client.stream(path, query=query, headers={"Accept": TABLE}, read_timeout_s=silence_s)


def table_change(line: bytes) -> TableChange:
    """Raises Expired and its like for an ERROR event, and as `event_of`."""
    kind, body = event_of(line)
    rows = mappings(body.get("rows"))
    found = [_row(row, min(COLUMNS_MOST, _width(row))) for row in rows[:1]]
    versions = [text(mapping(row.object.get("metadata")).get("resourceVersion")) for row in found]
    version = versions[0] if versions else text(mapping(body.get("metadata")).get("resourceVersion"))
    return TableChange(kind == "DELETED", [] if kind == "BOOKMARK" else found, version)


def _page(answer: Mapping[str, Any]) -> TablePage:
    if answer.get("kind") != "Table":
        raise NotKubernetes
    columns = tuple(map(_column, mappings(answer.get("columnDefinitions"))))[:COLUMNS_MOST]
    metadata = mapping(answer.get("metadata"))
    return TablePage(
        columns,
        [_row(row, len(columns)) for row in mappings(answer.get("rows"))],
        text(metadata.get("continue")),
        found if (found := number(metadata.get("remainingItemCount"))) is not None and found >= 0 else None,
        text(metadata.get("resourceVersion")),
    )


def _column(row: Mapping[str, Any]) -> Column:
    return Column(
        text(row.get("name"))[:CELL_MOST],
        text(row.get("type")) or "string",
        text(row.get("format")),
        text(row.get("description"))[:CELL_MOST],
        integer(row.get("priority")) > 0,
    )


def _width(row: Mapping[str, Any]) -> int:
    cells = row.get("cells")
    return len(cells) if isinstance(cells, list) else 0


def _row(row: Mapping[str, Any], count: int) -> Row:
    found = row.get("object")
    one: Manifest = found if isinstance(found, dict) else {}
    if isinstance(metadata := one.get("metadata"), dict):
        metadata.pop("managedFields", None)  # no list tells who manages what, and they are a third of an object
    cells = row.get("cells")
    given = [_cell(cell) for cell in cells[:count]] if isinstance(cells, list) else []
    return Row(given + [None] * (count - len(given)), one)


def _cell(value: Any) -> str | int | float | bool | None:
    if value is None or isinstance(value, (bool, int, float)):
        return value
    if isinstance(value, str):
        return plain(value[:CELL_MOST])
    cell = {"": value}
    cut_off(cell)
    return plain(str(cell[""])[:CELL_MOST])
