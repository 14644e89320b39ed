"""What a Compose file does not say of the claims and ConfigMaps that its services mount."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from clusters.domain.labels import APP_LABEL, MANAGED_BY_LABEL, NAME_LABEL, NODE_LABEL, PREFIX
from clusters.domain.objects import Manifest

OUR_LABELS = frozenset((APP_LABEL, NAME_LABEL, MANAGED_BY_LABEL, NODE_LABEL))
Said = Any
"""_ALL, a tuple of the values that are said, or a mapping of keys to what is said of each. What is not named is not."""
_ALL = object()
_METADATA = {"name": _ALL, "namespace": _ALL, "labels": dict.fromkeys(OUR_LABELS, _ALL), "annotations": {}}
_HEAD = {"apiVersion": _ALL, "kind": _ALL, "metadata": _METADATA, "status": _ALL}
_CLAIM = {
    "resources": {"requests": {"storage": _ALL}},
    "storageClassName": _ALL,
    "accessModes": (["ReadWriteOnce"],),
    "volumeMode": ("Filesystem",),
}
_OF_KIND: Mapping[str, Said] = {
    "PersistentVolumeClaim": {**_HEAD, "spec": _CLAIM},
    "ConfigMap": {**_HEAD, "data": _ALL, "immutable": (False,)},
}


def not_said(kind: str, manifest: Manifest) -> Iterator[str]:
    """The paths of what a Compose file does not say of an object whose content it takes, as short as possible."""
    yield from _left(manifest, _OF_KIND[kind], "")


def _left(value: Any, said: Said, path: str) -> Iterator[str]:
    if said is _ALL or value in (None, {}, []):
        return
    if isinstance(said, dict) and isinstance(value, dict):
        for key, one in value.items():
            if not (path == "metadata.annotations" and key.startswith(PREFIX)):
                yield from _left(one, said.get(key, ()), f"{path}.{key}".lstrip("."))
    elif not isinstance(said, tuple) or value not in said:
        yield path
