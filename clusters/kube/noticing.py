"""Tells of objects whose content is not what it was, while their whole text is at hand."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, NamedTuple

from clusters.domain.objects import Manifest
from clusters.domain.observed import NO_MARKS, ObservedObject
from clusters.kube.mirror import key_of
from clusters.kube.watch import Reflector

log = logging.getLogger(__name__)


class Noticed(NamedTuple):
    """One look at an object of ours whose content differs from that of the look before, or that is new here."""

    seen: ObservedObject
    is_new: bool
    """It was not there at the look before, or that was another object of its name."""
    is_one_write: bool
    """It comes by a watch, which tells of each write; a list may stand for several."""
    manifest: Manifest
    """To be read at once: nobody keeps it."""
    before: int = 0
    """The mark of its content at the look before."""


class Noticing:
    """Decodes as `decode` does. Costs a comparison of eight bytes for each object that carries our labels."""

    def __init__(self, decode: Callable[[dict[str, Any]], Any], noticed: Callable[[Noticed], None]) -> None:
        self._decode = decode
        self._noticed = noticed
        self.reflector: Reflector[Any] | None = None

    def __call__(self, manifest: dict[str, Any]) -> Any:
        new = self._decode(manifest)
        if self.reflector is None or not isinstance(new, ObservedObject) or new.marks == NO_MARKS:
            return new
        before = self.reflector.store.get(key_of(manifest))
        same = before if before is not None and before.uid == new.uid else None
        if same is None or same.marks[8:] != new.marks[8:]:
            try:
                self._noticed(
                    Noticed(new, same is None, not self.reflector.is_listing, manifest, same.content if same else 0)
                )
            except Exception:
                log.exception("what changed of %s %s cannot be noted", new.kind, new.name)
        return new
