"""What is applied of a drawing where the environment leaves fields to others.

A field is left to whoever has it in one object. An object that does not exist, or is another one than we know, is
applied whole, and from then on nothing of it is left to others."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from clusters.domain.objects import Identity, Manifest
from clusters.domain.ownership.paths import Path
from kubeorch.base.records import replace
from workflows.domain.rendering.leaving_out import without
from workflows.domain.rendering.render import Rendered


def leave_out(rendered: Iterable[Rendered], paths: Mapping[Identity, tuple[Path, ...]]) -> list[Rendered]:
    """The objects without these fields. What runs store has them still, so that a field can be taken back, an earlier
    run returned to, and an object that is gone made again."""
    if not paths:
        return list(rendered)
    return [
        replace(one, manifest=without(one.manifest, paths[one.ref.identity])) if one.ref.identity in paths else one
        for one in rendered
    ]


def is_made_whole(live: Manifest | None, known_uid: str | None) -> bool:
    """Whether the object is applied with all its fields: there is none, or not the one whose fields were left to
    others. `known_uid` is what the inventory says."""
    return live is None or bool(live["metadata"].get("deletionTimestamp")) or live["metadata"]["uid"] != known_uid
