"""The objects in files of YAML and JSON: every document, and every item of a List."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Any

from clusters.domain.objects import Manifest, Ref, is_cluster_scoped
from imports.domain.problems import ImportInvalid
from imports.domain.sources import Place, SourceFile
from kubeorch.base.yaml import PlacedList, YamlInvalid, YamlTooLarge, load_documents
from workflows.domain.graphs.file import plain
from workflows.domain.graphs.limits import MAX_NODES

MAX_BYTES = 12_000_000
"""Of all files together."""
MAX_VALUES = 1_000_000
_LIST_DEPTH = 4
_KUSTOMIZE = "kustomize.config.k8s.io/"


@dataclass(frozen=True, slots=True)
class Written:
    """One object as it was written; `text` is its own where it is a document by itself."""

    ref: Ref
    manifest: Manifest = field(repr=False)
    place: Place
    text: str | None = field(repr=False)


def read_objects(files: Sequence[SourceFile], *, by_prefix: bool = False) -> list[Written]:
    """Every object, in the order of the files. With `by_prefix` one without a name is called as its generateName says.

    Raises ImportInvalid with file and line.
    """
    total = sum(len(file.content) for file in files)
    if total > MAX_BYTES:
        raise ImportInvalid(f"the files have {total:,} bytes together; at most {MAX_BYTES:,} are read at once")
    found: list[Written] = []
    seen: dict[tuple[str, ...], Place] = {}
    values = MAX_VALUES
    for file in files:
        for document in _documents(file, values):
            for manifest, own, place in _flat(document.value, document.text, Place(file.path, document.line, 1), 0):
                if by_prefix and (name := _prefix(manifest)):
                    manifest, own = {**manifest, "metadata": {**manifest["metadata"], "name": name}}, None
                one = Written(_ref(manifest, place), manifest, place, own)
                if len(found) == MAX_NODES:
                    raise ImportInvalid(f"there are more than {MAX_NODES:,} objects; bring them in parts", place)
                other = seen.setdefault(one.ref.identity, place)
                if other is not place:
                    raise ImportInvalid(
                        f"the {one.ref.kind} {one.ref.name} is already in {other}; remove one of the two", place
                    )
                found.append(one)
    return found


def _documents(file: SourceFile, values: int) -> Any:
    try:
        return load_documents(
            file.content, max_bytes=MAX_BYTES, max_nodes=values, max_documents=2 * MAX_NODES, as_kubectl=True
        )
    except YamlInvalid as error:
        place = Place(file.path, error.line, 1)
        why = error.detail.removeprefix(f"line {error.line}: ")
        if b"{{" in file.content and not isinstance(error, YamlTooLarge):
            why = f"it has template expressions ({{{{ … }}}}); bring what `helm template` prints ({why})"
        raise ImportInvalid(why, place, code=error.code) from error


def _flat(value: Any, text: str | None, place: Place, depth: int) -> Iterator[tuple[Manifest, str | None, Place]]:
    """The objects in a document, each with its text where the document is that object, and where it begins."""
    if not isinstance(value, dict) or not isinstance(value.get("apiVersion"), str) or not value.get("kind"):
        raise ImportInvalid("this is not a Kubernetes object: it needs apiVersion and kind", place)
    api_version, kind, items = value["apiVersion"], value["kind"], value.get("items")
    if not isinstance(kind, str):
        raise ImportInvalid("kind must be text, such as Deployment", place)
    if api_version.startswith(_KUSTOMIZE):
        raise ImportInvalid(f"a {kind[:60]} is built first; bring what `kubectl kustomize` prints", place)
    if not kind.endswith("List") or "items" not in value:
        yield plain(value), text, place
        return
    if depth == _LIST_DEPTH:
        raise ImportInvalid("lists in lists in lists; bring the objects themselves", place)
    if items is not None and not isinstance(items, list):
        raise ImportInvalid(f"the items of the {kind[:60]} must be a list", place)
    places = items.places if isinstance(items, PlacedList) else []
    for item, at in zip_longest(items or (), places):
        if isinstance(item, dict) and kind != "List":  # `kubectl get --raw` leaves both out
            item = {"apiVersion": api_version, "kind": kind.removesuffix("List"), **item}
        yield from _flat(item, None, Place(place.path, *at) if at else place, depth + 1)


def _prefix(manifest: Manifest) -> str:
    """The name of what only says how its names begin; "" for all others."""
    metadata = manifest.get("metadata")
    if not isinstance(metadata, dict) or metadata.get("name"):
        return ""
    begins = metadata.get("generateName")
    return begins.rstrip("-.") if isinstance(begins, str) else ""


def _ref(manifest: Manifest, place: Place) -> Ref:
    kind = manifest["kind"]
    metadata = manifest.get("metadata")
    if not isinstance(metadata, dict):
        raise ImportInvalid(f"this {kind[:60]} has no metadata; it needs a name", place)
    name, namespace = metadata.get("name"), metadata.get("namespace")
    if not isinstance(name, str) or not name:
        cure = "generateName would make a new object each time; give it a name" if "generateName" in metadata else ""
        raise ImportInvalid(f"this {kind[:60]} has no name" + (f"; {cure}" if cure else "; add metadata.name"), place)
    if namespace is not None and not isinstance(namespace, str):
        raise ImportInvalid(f"the namespace of the {kind[:60]} {name[:60]} must be text", place)
    if not isinstance(manifest.get("spec", {}), dict | None):
        raise ImportInvalid(f"the spec of the {kind[:60]} {name[:60]} must be an object", place)
    own = "" if is_cluster_scoped(manifest["apiVersion"], kind) else namespace or ""
    return Ref(manifest["apiVersion"], kind, own, name)
