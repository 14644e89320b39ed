"""An object as it may be shown: the values of a Secret are not in it, whatever repeats them."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Any

from clusters.domain.objects import Manifest
from clusters.domain.reading import mapping, text

HIDDEN = "(hidden)"
LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
COMPARED_MOST = 20_000
"""Pairs of a value and a text that are compared; in an object with more of them every text is hidden."""
SHORT = 6
"""Values of fewer characters are not looked for elsewhere: they stand in too much by chance."""


def is_secret(manifest: Mapping[str, Any]) -> bool:
    return manifest.get("kind") == "Secret" and manifest.get("apiVersion", "v1") == "v1"


def shown(manifest: Manifest) -> Manifest:
    """The object without the values of a Secret: `data` keeps its keys, and what repeats a value is hidden as well."""
    if not is_secret(manifest):
        return manifest
    data = mapping(manifest.get("data"))
    values = _values_of(data, mapping(manifest.get("stringData")))
    metadata = dict(mapping(manifest.get("metadata")))
    texts = sum(len(mapping(metadata.get(part))) for part in ("annotations", "labels"))
    hides_all = texts * len(values) > COMPARED_MOST
    for part in ("annotations", "labels"):
        if words := mapping(metadata.get(part)):
            metadata[part] = {
                key: HIDDEN if key == LAST_APPLIED or hides_all or _repeats(value, values) else value
                for key, value in words.items()
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


def _values_of(data: Mapping[str, Any], texts: Mapping[str, Any]) -> set[str]:
    found = {text(value) for value in (*data.values(), *texts.values())}
    found |= {_decoded(value).decode("utf-8", "replace") for value in data.values()}
    return {value for value in found if len(value) >= SHORT}


def _decoded(value: Any) -> bytes:
    try:
        return base64.b64decode(text(value), validate=True)
    except (binascii.Error, ValueError):
        return text(value).encode()


def _repeats(value: Any, values: set[str]) -> bool:
    said = text(value)
    return any(secret in said for secret in values)
