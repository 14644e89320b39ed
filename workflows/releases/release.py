"""What a run applied: its objects as they were rendered, before values of Secrets. Pure: to bytes, and back to equals.

Each manifest is kept by its digest, so that what does not change from run to run is kept once.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from clusters.domain.objects import Manifest, ref_from_json
from workflows.domain.rendering.render import Rendered
from workflows.domain.rendering.restarts import Read

_QUICK = 1
"""Of zlib: manifests are short texts, on which more effort gains little."""


@dataclass(frozen=True, slots=True)
class Release:
    version: int
    items: tuple[Rendered, ...]
    """In the order of the run; equal to what was rendered."""
    secret_keys: Mapping[str, tuple[str, ...]]
    """The keys of each Secret that takes values, by node."""


@dataclass(frozen=True, slots=True)
class Packed:
    """The objects of a release as they are stored."""

    content: bytes
    """All but the manifests."""
    manifests: Mapping[str, bytes]
    """By digest; stored `compressed`."""
    digest: str
    """Equal for releases of the same objects."""


def pack(items: Sequence[Rendered], secret_keys: Mapping[str, tuple[str, ...]]) -> Packed:
    manifests: dict[str, bytes] = {}
    rows: list[dict[str, Any]] = []
    for item in items:
        text = _json(item.manifest)
        digest = hashlib.sha256(text).hexdigest()
        manifests[digest] = text
        rows.append(
            {
                "node_id": item.node_id,
                "ref": item.ref.as_json(),
                "wave": item.wave,
                "reads": _reads_json(item.reads),
                "digested": _reads_json(item.digested),
                "manifest": digest,
                **({"waits": item.waits} if item.waits else {}),
            }
        )
    content = _json({"items": rows, "secret_keys": secret_keys})
    return Packed(compressed(content), manifests, hashlib.sha256(content).hexdigest())


def compressed(text: bytes) -> bytes:
    return zlib.compress(text, _QUICK)


def digests_in(content: bytes) -> list[str]:
    """The digests of the manifests that a release consists of."""
    return [row["manifest"] for row in _read(content)["items"]]


def unpack(version: int, content: bytes, manifests: Mapping[str, bytes]) -> Release:
    """The inverse of `pack`, from compressed manifests. Raises KeyError for one that is not among `manifests`."""
    stored = _read(content)
    items = tuple(
        Rendered(
            row["node_id"],
            ref_from_json(row["ref"]),
            _manifest(manifests[row["manifest"]]),
            row["wave"],
            _reads(row["reads"]),
            _reads(row["digested"]),
            tuple(row.get("waits", ())),
        )
        for row in stored["items"]
    )
    return Release(version, items, {node_id: tuple(keys) for node_id, keys in stored["secret_keys"].items()})


def _reads_json(reads: Sequence[Read]) -> list[Any]:
    return [[read.node_id, read.keys] for read in reads]


def _reads(rows: Sequence[Any]) -> tuple[Read, ...]:
    return tuple(Read(node_id, None if keys is None else tuple(keys)) for node_id, keys in rows)


def _json(value: Any) -> bytes:
    """Python's own, which writes integers of any size as they are."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


def _read(content: bytes) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(zlib.decompress(content))
    return read


def _manifest(content: bytes) -> Manifest:
    return _read(content)
