"""What was built of the sources that workflows draw: by name, the image that a run takes."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import cache

from bson import ObjectId

from builds.domain.states import OPEN
from builds.registries.watched import watched_image
from builds.running import choosing, image_store
from builds.running import store as build_store
from builds.running.store import Build
from builds.sources import store as source_store
from builds.sources.store import SourceRow
from kubeorch.base.clock import iso
from kubeorch.base.errors import InvalidInput
from workflows.domain.images import BuiltImage, LastBuild, NotBuilt, Wanted


def images_of(team_id: ObjectId, wanted: Mapping[str, Wanted]) -> dict[str, BuiltImage | NotBuilt]:
    """The image of each node, or why it has none and what to do. A source is asked about once."""
    sources = source_store.named(team_id, {one.source for one in wanted.values()})
    image_of = cache(lambda one: _image_of(team_id, one, sources.get(one.source)))
    return {node_id: image_of(one) for node_id, one in wanted.items()}


def last_builds_of(team_id: ObjectId, names: Collection[str]) -> dict[str, LastBuild]:
    """The newest build of each source that has one."""
    last = ((name, choosing.last_of(row["_id"])) for name, row in source_store.named(team_id, names).items())
    return {name: _last(build) for name, build in last if build is not None}


def building_of(team_id: ObjectId, names: Collection[str]) -> list[str]:
    """The sources of which a build of their own ref has not ended, in order."""
    ids = [row["_id"] for row in source_store.named(team_id, names).values()]
    found = build_store.open_builds({"source_id": {"$in": ids}, "of_source": True}) if ids else []
    return sorted({build["source_name"] for build in found})


def removed_of(team_id: ObjectId, images: Collection[str]) -> list[str]:
    """Those of the images, as repository@digest, that builds of the team made and that were removed since."""
    pairs = {image: (name, digest) for image in images for name, _, digest in (image.partition("@"),) if digest}
    removed = image_store.removed_of_team(team_id, list(pairs.values())) if pairs else set()
    return sorted(image for image, pair in pairs.items() if pair in removed)


def host_of_watched(team_id: ObjectId, image: str) -> str:
    """Of the registry that an image is in which a team wants to watch. Raises as `watched_image`."""
    return watched_image(team_id, image).host


def source_names_of(team_id: ObjectId) -> list[str]:
    """Of all sources of the team, in order."""
    return source_store.names(team_id)


def _last(build: Build) -> LastBuild:
    at = build["ended_at"] or build["started_at"] or build["created_at"]
    return LastBuild(str(build["_id"]), build["number"], build["state"], build["commit"] or "", iso(at) or "")


def _image_of(team_id: ObjectId, wanted: Wanted, source: SourceRow | None) -> BuiltImage | NotBuilt:
    name = wanted.source
    if source is None:
        return NotBuilt("source.unknown", f"the team has no source called {name}; add it, or choose another one")
    if not wanted.pin:
        build = choosing.newest_of(source)
        return _built(name, build) if build is not None else _not_yet(name, choosing.last_of(source["_id"]))
    try:
        build = choosing.pinned(team_id, name, wanted.pin)
    except InvalidInput as error:
        return NotBuilt("source.pin", f"the pinned build of {name} is not one: {error.detail}")
    if build is None:
        return NotBuilt(
            "source.pin", f"{wanted} does not exist, or did not succeed; pin another one, or clear Pinned build"
        )
    return _built(name, build)


def _built(name: str, build: Build) -> BuiltImage:
    repository, digest = build["image"], build["digest"]
    return BuiltImage(
        source=name,
        image=f"{repository}@{digest}",
        digest=digest or "",
        tag=f"{repository}:{build['tags'][0]}" if build["tags"] else "",
        build_id=str(build["_id"]),
        number=build["number"],
        commit=build["commit"] or "",
    )


def _not_yet(name: str, last: Build | None) -> NotBuilt:
    why = f"nothing was built of {name} yet; build it first"
    if last is not None:
        cure = "wait for it" if last["state"] in OPEN else "look at its log, and build it again"
        state = "is running" if last["state"] in OPEN else last["state"]
        why = f"no build of {name} has succeeded yet: build #{last['number']} {state}; {cure}"
    return NotBuilt("source.not_built", why)
