"""An object as it may be shown: the values of a Secret are not in it, whatever repeats them."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Any

from clusters.domain.objects import Manifest
from clusters.domain.reading import mapping, text
from clusters.domain.secret_copies import copies_of

HIDDEN = "(hidden)"
LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"


def is_secret(manifest: Mapping[str, Any]) -> bool:
    return manifest.get("kind") == "Secret" and manifest.get("apiVersion", "v1") == "v1"


def shown(manifest: Manifest) -> Manifest:
    """The object without the values of a Secret: `data` keeps its keys, and what repeats a value is hidden as well."""
    if not is_secret(manifest):
        return manifest
    copies = copies_of(manifest)
    metadata = dict(mapping(manifest.get("metadata")))
    for part, keys in copies.items():
        if words := mapping(metadata.get(part)):
            metadata[part] = {
                key: HIDDEN if key == LAST_APPLIED or key in keys else value for key, value in words.items()
            }
    found = {**manifest, "metadata": metadata}
    for part in ("data", "stringData"):
        if part in found:
            found[part] = dict.fromkeys(mapping(found[part]), HIDDEN)
    return found


def sizes_of(manifest: Mapping[str, Any]) -> dict[str, int]:
    """Bytes of each value of a Secret or ConfigMap, by key."""
    sizes = {key: len(_decoded(value)) for key, value in mapping(manifest.get("binaryData")).items()}
    for key, value in mapping(manifest.get("data")).items():
        sizes[key] = len(_decoded(value)) if is_secret(manifest) else len(text(value).encode())
    return sizes


def _decoded(value: Any) -> bytes:
    try:
        return base64.b64decode(text(value), validate=True)
    except (binascii.Error, ValueError):
        return text(value).encode()
