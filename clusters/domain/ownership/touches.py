"""By what is told that others have changed a field of ours: digests that a watch can keep for every object.

Source: Kubernetes docs, "Server-Side Apply", section "Field management".
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import orjson

from clusters.domain.managers import OUR_MANAGERS
from clusters.domain.reading import mapping, mappings, text
from kubeorch.base.digests import content_digest

BITS = 63
"""Of a mark: what fits into a number of the database."""
_MOVING = ("managedFields", "resourceVersion")


def fingerprint_of(live: Mapping[str, Any]) -> str:
    """Changes whenever a field that we applied may have changed, and not with status or others' fields.

    The API server takes a field out of our managed set as soon as somebody else changes its value, and stamps our
    entry when we do. So with an equal fingerprint, applying the same manifest again would change nothing.
    """
    ours = [
        (entry.get("manager"), entry.get("apiVersion"), entry.get("time"), entry.get("fieldsV1"))
        for entry in mappings(mapping(live.get("metadata")).get("managedFields"))
        if entry.get("operation") == "Apply" and text(entry.get("manager")) in OUR_MANAGERS
    ]
    ours.sort(key=lambda entry: str(entry[0]))
    return content_digest(_written(ours))


def mark_of(fingerprint: str) -> int:
    """A fingerprint in 8 bytes, which is what a watch keeps of each object."""
    return int(fingerprint[:16], 16) >> (64 - BITS)


def content_mark(manifest: Mapping[str, Any]) -> int:
    """Changes whenever somebody writes anything but the status.

    An object that has no status is written for no other reason, so its resourceVersion says it; of kinds that are
    watched as metadata alone nothing else is known.
    """
    metadata = mapping(manifest.get("metadata"))
    version = text(metadata.get("resourceVersion")).encode(errors="replace")
    if "status" not in manifest:
        content = version
    else:
        managed = [row for row in mappings(metadata.get("managedFields")) if row.get("subresource") != "status"]
        head = {name: value for name, value in metadata.items() if name not in _MOVING}
        rest = {name: value for name, value in manifest.items() if name not in ("metadata", "status")}
        content = _written([head, managed, rest], otherwise=version)
    return int.from_bytes(hashlib.blake2b(content, digest_size=8).digest(), "big") >> (64 - BITS)


def _written(content: object, otherwise: bytes = b"") -> bytes:
    """As JSON; `otherwise` for what is nested deeper than JSON is written, as no API type is."""
    try:
        return orjson.dumps(content, option=orjson.OPT_SORT_KEYS)
    except orjson.JSONEncodeError:
        return otherwise
