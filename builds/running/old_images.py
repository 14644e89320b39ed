"""Images of a source beyond its newest: which of them go, and what keeps the others.

Only what a build of the source has pushed goes, and only where nothing uses it, no tag of others leads to it, and no
other source has made the same. What cannot be found out of an image keeps it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from builds.domain.keeping import Build, Made, made_of
from builds.running import image_store, image_uses
from builds.running.image_names import Named, key_of
from builds.running.image_tags import tagged_by_others
from builds.running.image_uses import Key, Span
from builds.running.store import Build as BuildRow
from builds.sources.store import SourceRow
from workflows.runs.history_store import builds_taken

AT_ONCE = 50
"""Images that are removed in one go."""


@dataclass(frozen=True, slots=True)
class Old:
    goes: Sequence[Made]
    stays: Sequence[tuple[Made, str]]
    """With what keeps each, in words."""
    newest: Sequence[Made]
    is_more: bool = False
    """Whether others are left for another time."""


def old_images(source: SourceRow, keep: int, until: float) -> Old:
    """Of the images of a source, those beyond the `keep` newest. Registries are asked which tags others gave them.

    Raises UsesTookTooLong, at the latest at `until` on the steady clock.
    """
    builds = image_store.with_images(source["_id"])
    made = made_of(_looked_at(one) for one in builds)
    old = made[keep:]
    why = {key_of(one): "no build that is kept has pushed it" for one in old if not one.is_ours}
    why |= _elsewhere(source, _besides(old, why))
    why |= _used(source, _besides(old, why), builds, Span(until))
    free = _besides(old, why)
    why |= tagged_by_others(source, free[:AT_ONCE], until)
    goes = [one for one in free[:AT_ONCE] if key_of(one) not in why]
    stays = [(one, why[key_of(one)]) for one in old if key_of(one) in why]
    return Old(goes, stays, made[:keep], is_more=len(free) > AT_ONCE)


def still_needed(source: SourceRow, one: Made, span: Span) -> str:
    """What keeps an image that was found to be unused before, in words; "" for nothing. Raises UsesTookTooLong."""
    builds = image_store.of_source(source["_id"], [key_of(one)])
    if not builds or any(build.get("image_removed_at") is None for build in builds):
        return "a build has just made it, or was answered with it"
    if image_store.is_being_made(source["_id"], one.image):
        return "a build runs that may push it again"
    why = _elsewhere(source, [one]) or _used(source, [one], builds, span)
    return why.get(key_of(one), "")


def keys_of(builds: Collection[BuildRow]) -> set[Key]:
    return {_key(one) for one in builds}


def _looked_at(build: BuildRow) -> Build:
    return Build(
        build["number"], build["image"], build["digest"] or "", tuple(build["tags"]), build["answered_by"] is None
    )


def _key(build: BuildRow) -> Key:
    return build["image"], build["digest"] or ""


def _besides(images: Sequence[Made], known: Collection[Key]) -> list[Made]:
    return [one for one in images if key_of(one) not in known]


def _elsewhere(source: SourceRow, images: Sequence[Made]) -> dict[Key, str]:
    found = image_store.made_elsewhere(source["_id"], [key_of(one) for one in images]) if images else set()
    return dict.fromkeys(found, "another source has made the same image")


def _used(source: SourceRow, images: Sequence[Made], builds: Sequence[BuildRow], span: Span) -> dict[Key, str]:
    """Those that are used, with by what. Other teams are asked last, and only of what is left. Raises
    UsesTookTooLong."""
    if not images:
        return {}
    wanted = {key_of(one) for one in images}
    by_key: dict[Key, list[BuildRow]] = {}
    for build in builds:
        if (key := _key(build)) in wanted:
            by_key.setdefault(key, []).append(build)
    team_id, taken = source["team_id"], builds_taken(source["team_id"])
    found = image_uses.uses_of(team_id, Named(images), by_key, span=span)
    uses = {key: one[0].what for key, one in found.items()}
    for key, of_key in by_key.items():
        if key not in uses and not taken.isdisjoint(str(build["_id"]) for build in of_key):
            uses[key] = "a run that is kept has taken it"
    rest = _besides(images, uses)
    theirs = image_uses.used_elsewhere(team_id, Named(rest), span) if rest else set()
    return uses | dict.fromkeys(theirs, "another team uses it")
