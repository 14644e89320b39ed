"""The removal of the older images of a source from their registry: one image after the other, by one worker or person
at a time.

Before an image goes, its builds say so, so that no run begins with it and no build is answered with it; then it is
looked once more whether anything needs it. What an index lists is left to the registry, since other indexes may list
it, too.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace

from bson import ObjectId

from builds.domain.images import Image, image_of
from builds.domain.keeping import Made
from builds.domain.registries import Provider
from builds.registries import store as registry_store
from builds.registries.access import registry_of
from builds.registries.choices import ending_at
from builds.registries.distribution import Distribution
from builds.registries.embedded import known
from builds.registries.errors import DeletesNothing, NothingThere, RegistryUnavailable
from builds.running import embedded_images, image_store
from builds.running.image_names import key_of
from builds.running.image_uses import Span
from builds.running.old_images import Old, keys_of, old_images, still_needed
from builds.sources import claim_store
from builds.sources.claim_store import RemovalRunning
from builds.sources.store import SourceRow
from kubeorch.base.clock import now
from kubeorch.base.errors import KubeOrchError

ASKED_S = 12.0
"""For all that one request removes: below what a page waits, with the connection that it may end in."""
DELETING_S = 15.0
"""For one image."""
OVERDUE_S = 60.0
"""So much longer than a removal may take the claim for it holds."""
OUT_OF_TIME = "there was no time left for it; remove the others again, or leave them to the job of each hour"


@dataclass(frozen=True, slots=True)
class Removed:
    gone: list[Made] = field(default_factory=list)
    left: list[tuple[Made, str]] = field(default_factory=list)
    """What was to go and is still there, and why."""
    deletes_nothing: bool = False


def remove_old(
    source: SourceRow, keep: int, *, seconds: float, check: Callable[[], None], told: Callable[[Made], None], by: str
) -> Removed:
    """`by` is the name of who does, which is kept with the builds. What a killed worker began is ended, or taken
    back. Raises UsesTookTooLong, RemovalRunning, and what `check` raises, which is called before each image. `told` is
    called with each that is gone."""
    until = time.monotonic() + seconds
    claim = claim_store.claim(source["_id"], seconds + OVERDUE_S)
    try:
        return _Removal(source, until, claim, check, told, by).of(keep)
    finally:
        claim_store.give_back(source["_id"], claim)


@dataclass(frozen=True, slots=True)
class _Removal:
    """With the claim for it."""

    source: SourceRow
    until: float
    claim: ObjectId
    check: Callable[[], None]
    told: Callable[[Made], None]
    by: str

    def of(self, keep: int) -> Removed:
        source_id, span = self.source["_id"], Span(self.until, since=now())
        old, removed = old_images(self.source, keep, self.until), Removed()
        begun = keys_of([one for one in image_store.with_images(source_id) if one.get("image_removed_at")])
        begun |= {key_of(one) for one in old.goes}
        self._go_on()
        # No run takes them from here on.
        image_store.note_removal(source_id, {key_of(one) for one in old.goes}, now(), self.by)
        try:
            return self._delete_all(old, span, removed)
        finally:
            if claim_store.holds(source_id, self.claim):  # or else the next removal ends it, or takes it back
                image_store.note_removal(source_id, begun - {key_of(one) for one in removed.gone}, None)

    def _delete_all(self, old: Old, span: Span, removed: Removed) -> Removed:
        for position, one in enumerate(old.goes):
            self._go_on()
            if time.monotonic() > self.until:
                removed.left.extend((other, OUT_OF_TIME) for other in old.goes[position:])
                break
            try:
                if words := still_needed(self.source, one, span):
                    removed.left.append((one, words))
                    continue
                _delete(self.source["team_id"], one, _beside(old, one), self.until, self.by)
            except DeletesNothing as error:
                removed.left.extend((other, error.detail) for other in old.goes[position:])
                return replace(removed, deletes_nothing=True)
            except KubeOrchError as error:
                removed.left.append((one, error.detail))
            else:
                image_store.note_gone(self.source["_id"], key_of(one))
                removed.gone.append(one)
                self.told(one)
        return removed

    def _go_on(self) -> None:
        """Raises RemovalRunning."""
        self.check()
        if not claim_store.holds(self.source["_id"], self.claim):
            raise RemovalRunning


def _beside(old: Old, one: Made) -> str:
    """The digest of a newer image in the same place, which stays; "" for none."""
    return next((newer.digest for newer in old.newest if newer.image == one.image), "")


def _delete(team_id: ObjectId, one: Made, beside: str, until: float, by: str) -> None:
    """What is gone already counts as removed. Raises DeletesNothing and what the registry says."""
    image = replace(image_of(one.image), digest=one.digest)
    if known.is_embedded(image):
        _delete_embedded(team_id, image, by)
        return
    row = registry_store.for_image(team_id, image)
    check = ending_at(min(until, time.monotonic() + DELETING_S), image.host)
    with registry_of(team_id, image, check=check) as registry:
        if row is not None and row["provider"] == Provider.ARTIFACT_REGISTRY.value:
            for tag in one.tags:  # it keeps what has a tag
                with suppress(NothingThere):
                    registry.delete(image.path, tag)
        try:
            registry.delete(image.path, one.digest)
        except NothingThere:
            _make_sure(registry, image, beside)


def _make_sure(registry: Distribution, image: Image, beside: str) -> None:
    """That a 404 means that it is gone: something in between may answer so, or a registry to who has no right. Raises
    RegistryUnavailable and what the registry says."""
    try:
        registry.digest_of(image.path, image.digest)
    except NothingThere:
        pass
    else:
        raise RegistryUnavailable(f"{image.host} has it, and says when it is to be deleted that it does not")
    try:
        if beside:
            registry.digest_of(image.path, beside)
            return
    except NothingThere:
        pass
    raise RegistryUnavailable(
        f"{image.host} says that it has nothing of {image.path}, not even what is newer; check its address and the "
        "rights of the account"
    )


def _delete_embedded(team_id: ObjectId, image: Image, by: str) -> None:
    """With what its index lists, since nobody else is in there. Raises ImageInUse."""
    try:
        wanted = [(image.path.removeprefix(f"{team_id}/"), image.digest)]
        removed = embedded_images.remove_images(team_id, wanted, despite_use=False, by=by)
    except embedded_images.NoSuchImage:
        return
    if removed.left:
        raise RegistryUnavailable(removed.left[0][1])
