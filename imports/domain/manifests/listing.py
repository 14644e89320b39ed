"""The objects of a namespace as one file that we write ourselves: a List in JSON, so that each object has its line."""

from __future__ import annotations

from collections.abc import Sequence

import orjson

from clusters.domain.objects import Manifest, Ref, is_cluster_scoped
from imports.domain.manifests.objects import Written
from imports.domain.sources import Place, SourceFile

_ITEM = b"\n    {\n"
"""How an item of the List begins: no text of JSON has a line end in it, and nothing else stands at that depth."""


def written(objects: Sequence[Manifest]) -> bytes:
    """The file."""
    return orjson.dumps({"apiVersion": "v1", "kind": "List", "items": list(objects)}, option=orjson.OPT_INDENT_2)


def read_listing(file: SourceFile) -> list[Written]:
    """What `written` wrote, each object with its place."""
    items = orjson.loads(file.content)["items"]
    found: list[Written] = []
    at = line = 0
    for item in items:
        start = file.content.index(_ITEM, at)
        line += file.content.count(b"\n", at, start + 1)
        at = start + 1
        metadata = item["metadata"]
        namespace = "" if is_cluster_scoped(item["apiVersion"], item["kind"]) else metadata.get("namespace", "")
        ref = Ref(item["apiVersion"], item["kind"], namespace, metadata["name"])
        found.append(Written(ref, item, Place(file.path, line + 1, 5), None))
    return found
