"""What was changed of an object between two looks at it: which fields, by whom, and from what to what.

An object is kept without its status, without what controllers keep books in, and without anything that is secret by its
name or its form: a digest stands in its place, so that one still sees that it changed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from clusters.domain.hidden import HIDDEN, LAST_APPLIED, is_secret
from clusters.domain.hiding import Digest, Hiding
from clusters.domain.objects import Manifest
from clusters.domain.ownership.owners import Owner, Owners, owners
from clusters.domain.ownership.paths import path_text
from clusters.domain.reading import mapping
from clusters.domain.rebasing import ABSENT, Edit, edits_between

FIELDS_MOST = 40
"""Fields of one change that are named; of more the number is told."""
PATH_MOST = 500
VALUE_MOST = 300
"""Characters of a value, as JSON."""
AMONG_MOST = 12
"""Fields of a writer that are named where only its fields are known."""
_NOT_CONTENT = frozenset({"apiVersion", "kind", "metadata", "status"})
_NOT_METADATA = frozenset(
    {"managedFields", "resourceVersion", "generation", "selfLink", "uid", "creationTimestamp", "name", "namespace"}
)
_BOOKS = frozenset(
    {
        LAST_APPLIED,
        "deployment.kubernetes.io/revision",
        "control-plane.alpha.kubernetes.io/leader",
        "deprecated.daemonset.template.generation",
        "autoscaling.alpha.kubernetes.io/conditions",
        "autoscaling.alpha.kubernetes.io/current-metrics",
    }
)
"""Annotations in which controllers and kubectl keep what the rest of the object says, or what changes all the time."""
_MARK = re.compile(r"\(hidden:[0-9a-f]{0,64}\)")


@dataclass(frozen=True, slots=True)
class Look:
    """An object as it is kept between two looks."""

    content: dict[str, Any]
    writers: tuple[Owner, ...]
    """Who wrote its content, each with the time of its last write."""


@dataclass(frozen=True, slots=True)
class Field:
    path: str
    old: str | None
    """As JSON, shortened where it is long; None where there was nothing."""
    new: str | None


@dataclass(frozen=True, slots=True)
class Change:
    """What one writer changed."""

    writer: Owner | None
    """None where that is not known, as of a field that was taken away."""
    fields: tuple[Field, ...]
    left_out: int = 0
    among: tuple[str, ...] = ()
    """Of an object whose content is not watched: the fields of which the writer changed some."""


def look_at(manifest: Manifest, digest: Digest) -> Look:
    """What is kept of the object, which may be whole or metadata alone. `digest` is keyed."""
    hides = Hiding(digest, hides_all=is_secret(manifest))
    content = {name: hides.of(name, value) for name, value in manifest.items() if name not in _NOT_CONTENT}
    metadata = {}
    for name, value in mapping(manifest.get("metadata")).items():
        if name == "annotations":
            metadata[name] = hides.annotations({key: one for key, one in mapping(value).items() if key not in _BOOKS})
        elif name not in _NOT_METADATA:
            metadata[name] = hides.of(name, value)
    writers = tuple(owner for owner, _ in owners(manifest).entries if owner.subresource != "status")
    return Look({"metadata": metadata, **content}, writers)


def without_digests(look: Look) -> Look:
    """For looks of which the digests were made by different keys: what is hidden in both counts as the same."""
    return Look(orjson.loads(_MARK.sub(HIDDEN, orjson.dumps(look.content).decode())), look.writers)


def changes_between(before: Look, after: Look, manifest: Manifest, *, is_one_write: bool) -> list[Change]:
    """What was changed, by writer; nothing where only the books of controllers differ.

    `is_one_write`: nothing was written between the two looks but what is seen now.
    """
    owned = owners(manifest)
    fresh = [one for one in after.writers if one not in before.writers]
    found: dict[Owner | None, list[Edit]] = {}
    for edit in edits_between(before.content, after.content):
        found.setdefault(_writer_of(edit, owned, fresh, is_one_write=is_one_write), []).append(edit)
    changes = [
        Change(writer, tuple(map(_field, edits[:FIELDS_MOST])), max(0, len(edits) - FIELDS_MOST))
        for writer, edits in found.items()
    ]
    if _is_metadata_alone(after):
        silent = [writer for writer in fresh if writer not in found]
        changes += [Change(writer, (), among=among) for writer in silent if (among := _among(owned, writer))]
    return changes


def _writer_of(edit: Edit, owned: Owners, fresh: Sequence[Owner], *, is_one_write: bool) -> Owner | None:
    """Who removed a field is not written down anywhere: it is known only where one write was seen, and its writer."""
    if is_one_write and len(fresh) == 1:
        return fresh[0]
    if edit.after is ABSENT:
        return None
    there = [one for one in owned.who(edit.path) if one.subresource != "status"]
    among = [one for one in there if one in fresh] or there
    newest = max((one.at for one in among), default="")
    latest = [one for one in among if one.at == newest]
    return latest[0] if len(latest) == 1 else None


def _is_metadata_alone(look: Look) -> bool:
    return look.content.keys() == {"metadata"}


def _among(owned: Owners, writer: Owner) -> tuple[str, ...]:
    """The fields of a writer beside metadata and status, or what holds them where they are many."""
    owns = (path for path, who in owned.by_path().items() if writer in who)
    paths = [path for path in owns if path[0] not in ("f:metadata", "f:status")]
    texts = list(dict.fromkeys(path_text(path) for path in paths))
    if len(texts) > AMONG_MOST:
        texts = list(dict.fromkeys(path_text(path[:1]) for path in paths))
    return tuple(one[:PATH_MOST] for one in texts[:AMONG_MOST])


def _field(edit: Edit) -> Field:
    return Field(_short(path_text(edit.path), PATH_MOST), _value(edit.before), _value(edit.after))


def _value(value: Any) -> str | None:
    if value is ABSENT:
        return None
    written = _MARK.sub(HIDDEN, orjson.dumps(value).decode())
    if len(written) <= VALUE_MOST:
        return written
    start = _MARK.sub(HIDDEN, value) if isinstance(value, str) else written
    return orjson.dumps(_short(start, VALUE_MOST)).decode()


def _short(words: str, most: int) -> str:
    return words if len(words) <= most else f"{words[:most]}… ({len(words):,} characters)"
