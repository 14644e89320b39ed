"""How old the images are that a build stands on: asked of their registries once it has ended, so that no build waits
for it."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence

from builds.domain.bases import Base
from builds.domain.images import image_of
from builds.registries.access import registry_of
from builds.registries.errors import RegistryTimeout
from builds.registries.looking import brief
from builds.running import store
from builds.running.holding import Holding
from builds.running.rows import BaseRow
from builds.running.store import Build
from kubeorch.base.errors import KubeOrchError
from kubeorch.jobs.context import JobContext

log = logging.getLogger(__name__)
ASK_S = 20.0
"""For all of a build."""


def rows_of(build: Build, bases: Sequence[Base]) -> list[BaseRow]:
    """By name, as BuildKit tells them in another order each time, with the ages that the build before has found out:
    those of a digest never change."""
    earlier = store.before(build) if bases else None
    known = {row["digest"]: row["created_at"] for row in earlier.get("bases", [])} if earlier is not None else {}
    return [
        {"image": one.name, "digest": one.image.digest, "created_at": known.get(one.image.digest)}
        for one in sorted(bases, key=lambda one: one.name)
    ]


def note_ages(holding: Holding, rows: Sequence[BaseRow]) -> None:
    """Ask for those that are not known, and keep what was said; one that nobody tells stays unknown."""
    if all(row["created_at"] is not None for row in rows):
        return
    check = _until(holding.context, time.monotonic() + ASK_S)
    found = [_with_age(holding.build, row, check) for row in rows]
    if found != list(rows):
        holding.note(bases=found)


def _with_age(build: Build, row: BaseRow, check: Callable[[], None]) -> BaseRow:
    if row["created_at"] is not None:
        return row
    image = image_of(f"{row['image']}@{row['digest']}")
    architecture = build["platform"].rpartition("/")[2]
    try:
        check()
        with registry_of(build["team_id"], image, check=check) as registry:
            said = brief(registry, image.host, image.path, image.digest, [architecture] if architecture else [])
    except KubeOrchError as error:
        log.info("the age of %s is not known: %s", row["image"], error.detail)
        return row
    return {**row, "created_at": said.created_at}


def _until(context: JobContext, end: float) -> Callable[[], None]:
    def check() -> None:
        context.check_alive()
        if time.monotonic() > end:
            raise RegistryTimeout("the registries of the base images")

    return check
