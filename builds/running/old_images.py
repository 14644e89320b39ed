"""Images of a source beyond its newest: which of them go, what keeps the others, and their removal.

Only what a build of the source has pushed is removed, and only where nothing uses it, nobody gave it a tag of their
own, and no other source has made the same. Before an image goes, its builds say so, so that no run begins with it. What
an index lists is left to the registry, since other indexes may list it, too.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from bson import ObjectId

from builds.domain.images import Image, image_of
from builds.domain.keeping import Build, Made, made_of
from builds.domain.registries import Provider
from builds.registries import store as registry_store
from builds.registries.access import registry_of
from builds.registries.choices import ending_at
from builds.registries.distribution import Distribution
from builds.registries.embedded import known
from builds.registries.errors import DeletesNothing, NothingThere, RegistryUnavailable
from builds.running import embedded_images, image_store, image_uses
from builds.running.image_uses import Key
from builds.running.preparing import SHORT
from builds.running.store import Build as BuildRow
from builds.sources.store import SourceRow
from kubeorch.base.clock import now
from kubeorch.base.errors import KubeOrchError
from workflows.runs.history_store import builds_taken

AT_ONCE = 50
"""Images that are removed in one go."""
OTHER_TAGS_MOST = 100
"""Tags of others in a repository that are looked at; with more, everything stays."""
LOOKING_S = 12.0
"""For asking one repository for its tags."""
REMOVING_S = 60.0
_OWN_TAG = re.compile(rf"([0-9]{{1,9}})-[0-9a-f]{{{SHORT}}}")


@dataclass(frozen=True, slots=True)
class Old:
    goes: Sequence[Made]
    stays: Sequence[tuple[Made, str]]
    """With what keeps each, in words."""
    is_more: bool = False
    """Whether others are left for another time."""


@dataclass(frozen=True, slots=True)
class Removed:
    gone: Sequence[Made]
    left: Sequence[tuple[Made, str]]
    """What was to go and is still there, and why."""
    deletes_nothing: bool = False


def old_images(source: SourceRow, keep: int) -> Old:
    """Of the images of a source, those beyond the `keep` newest. Registries are asked which tags others gave them.

    Raises UsesTookTooLong. What cannot be found out of an image keeps it.
    """
    builds = image_store.with_images(source["_id"])
    old = made_of(_looked_at(one) for one in builds)[keep:]
    why = dict[Key, str]()
    for reason in (_not_ours, _elsewhere(source, old), _used(source, old, builds)):
        for one in old:
            if key_of(one) not in why and (words := reason(one)):
                why[key_of(one)] = words
    free = [one for one in old if key_of(one) not in why]
    why |= _tagged_by_others(source, free[:AT_ONCE])
    goes = [one for one in free[:AT_ONCE] if key_of(one) not in why]
    stays = [(one, why[key_of(one)]) for one in old if key_of(one) in why]
    return Old(goes, stays, is_more=len(free) > AT_ONCE)


def remove_old(source: SourceRow, keep: int, check: Callable[[], None]) -> Removed:
    """Raises UsesTookTooLong, and what `check` raises, which is called before each image. What a killed worker began is
    ended."""
    wanted = {key_of(one) for one in old_images(source, keep).goes}
    begun = {_key(one) for one in image_store.with_images(source["_id"]) if one.get("image_removed_at")}
    image_store.note_removal(source["_id"], wanted, now())  # from here on no run takes them
    gone, left = list[Made](), list[tuple[Made, str]]()
    try:
        doomed, left = _still_unused(source, wanted)
        for position, one in enumerate(doomed):
            check()
            try:
                _delete(source["team_id"], one)
            except DeletesNothing as error:
                left += [(other, error.detail) for other in doomed[position:]]
                return Removed(gone, left, deletes_nothing=True)
            except KubeOrchError as error:
                left.append((one, error.detail))
            else:
                gone.append(one)
                image_store.note_gone(source["_id"], key_of(one))
    finally:
        image_store.note_removal(source["_id"], (wanted | begun) - {key_of(one) for one in gone}, None)
    return Removed(gone, left)


def key_of(one: Made) -> Key:
    return one.image, one.digest


def _looked_at(build: BuildRow) -> Build:
    return Build(
        build["number"], build["image"], build["digest"] or "", tuple(build["tags"]), build["answered_by"] is None
    )


def _key(build: BuildRow) -> Key:
    return build["image"], build["digest"] or ""


def _still_unused(source: SourceRow, wanted: Collection[Key]) -> tuple[list[Made], list[tuple[Made, str]]]:
    """Those of the wanted ones that nothing has begun to use since they were looked at, and the others."""
    builds = image_store.of_source(source["_id"], wanted)
    made = made_of(_looked_at(one) for one in builds)
    used = _used(source, made, builds)
    elsewhere = _elsewhere(source, made)
    reasons = {key_of(one): elsewhere(one) or used(one) for one in made}
    doomed = [one for one in made if not reasons[key_of(one)]]
    return doomed, [(one, reasons[key_of(one)]) for one in made if reasons[key_of(one)]]


def _not_ours(one: Made) -> str:
    return "" if one.is_ours else "no build that is kept has pushed it"


def _elsewhere(source: SourceRow, old: Sequence[Made]) -> Callable[[Made], str]:
    found = image_store.made_elsewhere(source["_id"], [key_of(one) for one in old]) if old else set()
    return lambda one: "another source has made the same image" if key_of(one) in found else ""


def _used(source: SourceRow, old: Sequence[Made], builds: Sequence[BuildRow]) -> Callable[[Made], str]:
    """Raises UsesTookTooLong."""
    if not old:
        return lambda _: ""
    wanted = {key_of(one) for one in old}
    by_key: dict[Key, list[BuildRow]] = {}
    for build in builds:
        if (key := _key(build)) in wanted:
            by_key.setdefault(key, []).append(build)
    names = _Named(old)
    uses = {key: one[0].what for key, one in image_uses.uses_of(source["team_id"], names, by_key).items()}
    taken = builds_taken(source["team_id"])
    for key, of_key in by_key.items():
        if key not in uses and not taken.isdisjoint(str(build["_id"]) for build in of_key):
            uses[key] = "a run that is kept has taken it"
    for team_id in registry_store.teams_signing_in({image_of(one.image).host for one in old}) - {source["team_id"]}:
        for key in image_uses.uses_of(team_id, names, {}):
            uses.setdefault(key, "another team uses it")
    return lambda one: uses.get(key_of(one), "")


class _Named:
    """Images as texts name them. A registry has more names than one, so that the path and the digest count alone."""

    def __init__(self, images: Iterable[Made]) -> None:
        self._by_digest: dict[str, list[Key]] = {}
        self._by_tag: dict[tuple[str, str], Key] = {}
        self._by_path: dict[str, list[Key]] = {}
        for one in images:
            path = image_of(one.image).path
            self._by_digest.setdefault(one.digest, []).append(key_of(one))
            self._by_path.setdefault(path, []).append(key_of(one))
            self._by_tag.update({(path, tag): key_of(one) for tag in one.tags})
        paths = "|".join(re.escape(path) for path in sorted(self._by_path, key=len, reverse=True))
        self._paths = re.compile(rf"({paths})[:@]([\w.-]{{1,128}}|\$)")

    def keys_in(self, text: str) -> Iterator[Key]:
        for digest in re.findall(r"sha(?:256|512):[0-9a-f]{64,128}", text):
            yield from self._by_digest.get(digest, ())
        for path, tag in self._paths.findall(text):
            if tag == "$":  # a variable may mean each of them
                yield from self._by_path[path]
            elif (key := self._by_tag.get((path, tag))) is not None:
                yield key


def _tagged_by_others(source: SourceRow, images: Sequence[Made]) -> dict[Key, str]:
    """Those of the images that have a tag which no build of the source gave them, with which one."""
    why = dict[Key, str]()
    by_image: dict[str, list[Made]] = {}
    for one in images:
        by_image.setdefault(one.image, []).append(one)
    for text, of_image in by_image.items():
        image = image_of(text)
        try:
            with registry_of(
                source["team_id"], image, check=ending_at(time.monotonic() + LOOKING_S, image.host)
            ) as registry:
                found = _others_tags(registry, image, source, of_image)
        except NothingThere:
            found = {}  # none of it is there any more
        except KubeOrchError as error:
            found = {key_of(one): f"its tags are not known: {error.detail}" for one in of_image}
        why |= found
    return why


def _others_tags(registry: Distribution, image: Image, source: SourceRow, images: Sequence[Made]) -> Mapping[Key, str]:
    given = {tag for one in images for tag in one.tags}
    found = registry.tags(image.path)
    others = [tag for tag in found.names if tag not in given and not _is_own(tag, source)]
    if not found.is_whole or len(others) > OTHER_TAGS_MOST:
        words = "its repository has more tags of others than are looked at"
        return {key_of(one): words for one in images}
    why = dict[Key, str]()
    by_digest = {one.digest: key_of(one) for one in images}
    for tag in others:
        try:
            key = by_digest.get(registry.digest_of(image.path, tag))
        except NothingThere:
            continue  # it went meanwhile
        if key is not None:
            why.setdefault(key, f"somebody has given it the tag {tag}")
    return why


def _is_own(tag: str, source: SourceRow) -> bool:
    """Whether a build of the source has given it, be it one that is kept no more."""
    found = _OWN_TAG.fullmatch(tag)
    return found is not None and 1 <= int(found[1]) <= source["last_number"]


def _delete(team_id: ObjectId, one: Made) -> None:
    """What is gone already counts as removed. Raises DeletesNothing and what the registry says."""
    image = replace(image_of(one.image), digest=one.digest)
    if known.is_embedded(image):
        _delete_embedded(team_id, image)
        return
    row = registry_store.for_image(team_id, image)
    with registry_of(team_id, image, check=ending_at(time.monotonic() + REMOVING_S, image.host)) as registry:
        if row is not None and row["provider"] == Provider.ARTIFACT_REGISTRY.value:
            for tag in one.tags:  # it keeps what has a tag
                _gone(registry, image.path, tag)
        _gone(registry, image.path, one.digest)


def _delete_embedded(team_id: ObjectId, image: Image) -> None:
    """With what its index lists, since nobody else is in there. Raises ImageInUse."""
    try:
        wanted = [(image.path.removeprefix(f"{team_id}/"), image.digest)]
        removed = embedded_images.remove_images(team_id, wanted, despite_use=False)
    except embedded_images.NoSuchImage:
        return
    if removed.left:
        raise RegistryUnavailable(removed.left[0][1])


def _gone(registry: Distribution, path: str, reference: str) -> None:
    try:
        registry.delete(path, reference)
    except NothingThere:
        return
