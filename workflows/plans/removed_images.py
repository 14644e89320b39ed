"""Images of ours that a plan brings and that were removed from their registry: as a return to an earlier run may."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from bson import ObjectId

from clusters.domain.objects import Manifest, Ref
from clusters.domain.reading import mappings
from workflows.domain.forecast.readers import pod_of
from workflows.domain.planning.effects import Effect
from workflows.domain.rendering.render import Rendered
from workflows.images import removed_of
from workflows.plans.classes import OBJECTS_MOST, Lacking
from workflows.plans.judged import Judged

BRINGS = (Effect.CREATE, Effect.UPDATE, Effect.RECREATE)
"""What a run writes."""


def bring_removed(team_id: ObjectId, items: Iterable[Rendered], judged: Iterable[Judged]) -> tuple[Lacking, ...]:
    """The objects that a run changes and whose pods would be made of an image that is gone, by image."""
    changed = {one.planned.ref for one in judged if one.planned.effect in BRINGS}
    images = {item.ref: set(_images(item.manifest)) for item in items if item.ref in changed}
    gone = removed_of(team_id, sorted(set().union(*images.values()))) if any(images.values()) else []
    found = (
        Lacking(item.ref, item.node_id, Ref("", "Image", "", image), _why(image))
        for image in gone
        for item in items
        if image in images.get(item.ref, ())
    )
    return tuple(found)[:OBJECTS_MOST]


def _images(manifest: Manifest) -> Iterator[str]:
    pod = pod_of(manifest) or {}
    for containers in ("containers", "initContainers"):
        for one in mappings(pod.get(containers)):
            if "@sha256:" in str(one.get("image")):
                yield str(one["image"])


def _why(image: str) -> str:
    return (
        f"the image {image} was removed from its registry: pods start only on nodes that still have it. Build it "
        "again, or go to a run or build whose image is there"
    )
