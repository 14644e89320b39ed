"""What is applied of a drawing where the environment leaves fields to others."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from bson import ObjectId

from workflows.domain.rendering.leaving_out import without
from workflows.domain.rendering.render import Rendered
from workflows.environments.yield_store import paths_of


def leave_out(environment_id: ObjectId, rendered: Iterable[Rendered]) -> list[Rendered]:
    """The objects without the fields that the environment leaves to others. What runs store has them still, so that a
    field can be taken back, and an earlier run returned to."""
    paths = paths_of(environment_id)
    if not paths:
        return list(rendered)
    return [
        replace(one, manifest=without(one.manifest, paths[one.ref.identity])) if one.ref.identity in paths else one
        for one in rendered
    ]
