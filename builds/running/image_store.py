"""Builds as those whose images are in a registry, or were. Indexes: `builds.source_number`, `digest`."""

from __future__ import annotations

from collections.abc import Collection as Many
from collections.abc import Mapping
from datetime import datetime
from typing import Any, cast

from bson import ObjectId
from pymongo.collection import Collection

from builds.domain.states import OPEN, BuildState
from builds.running.store import Build
from kubeorch.mongo.client import db

_HEAD = {"steps": 0, "variables": 0}
_REMOVED = "image_removed_at"


def with_images(source_id: ObjectId) -> list[Build]:
    """The builds of a source that have an image which is not gone, the newest first. Index: `source_number`."""
    query = {"source_id": source_id, "state": BuildState.SUCCEEDED.value, "image_is_gone": {"$ne": True}}
    return list(_builds().find({**query, "digest": {"$type": "string"}}, _HEAD).sort("number", -1))


def of_source(source_id: ObjectId, images: Many[tuple[str, str]]) -> list[Build]:
    """The builds of a source that have one of these images (repository, digest), the newest first."""
    wanted = [{"image": image, "digest": digest} for image, digest in images]
    query = {"source_id": source_id, "state": BuildState.SUCCEEDED.value}
    return list(_builds().find({**query, "$or": wanted}, _HEAD).sort("number", -1)) if wanted else []


def made_elsewhere(source_id: ObjectId, images: Many[tuple[str, str]]) -> set[tuple[str, str]]:
    """Those of these images (repository, digest) that a build of another source has, of whichever team. Index:
    `digest`."""
    query = {"digest": {"$in": [digest for _, digest in images]}, "source_id": {"$ne": source_id}}
    found = _builds().find({**query, "state": BuildState.SUCCEEDED.value}, {"image": 1, "digest": 1})
    return {(row["image"], row["digest"] or "") for row in found} & set(images)


def removed_of_team(team_id: ObjectId, images: Many[tuple[str, str]]) -> set[tuple[str, str]]:
    """Those of these images (repository, digest) that builds of the team made and that were removed since. Index:
    `digest`."""
    query = {"digest": {"$in": [digest for _, digest in images]}, "team_id": team_id}
    rows = list(_builds().find({**query, "state": BuildState.SUCCEEDED.value}, {"image": 1, "digest": 1, _REMOVED: 1}))
    there = {(row["image"], row["digest"] or "") for row in rows if row.get(_REMOVED) is None}
    return {(row["image"], row["digest"] or "") for row in rows} & set(images) - there


def is_being_made(source_id: ObjectId, image: str) -> bool:
    """Whether a build goes on that may push into this repository: one of the source, or whichever says so. Index:
    `state_queued`."""
    query = {"state": {"$in": [state.value for state in OPEN]}, "$or": [{"source_id": source_id}, {"image": image}]}
    return _builds().find_one(query, {"_id": 1}) is not None


def note_removal(source_id: ObjectId, images: Many[tuple[str, str]], at: datetime | None, by: str = "") -> None:
    """That these images (repository, digest) of a source go, and by whom; None: that they stay after all."""
    _note_of_images(source_id, images, {"image_removed_at": at, "image_removed_by": by})


def note_gone(source_id: ObjectId, image: tuple[str, str]) -> None:
    _note_of_images(source_id, [image], {"image_is_gone": True})


def note_removed_of_team(team_id: ObjectId, image: tuple[str, str], at: datetime, by: str) -> None:
    """That this image (repository, digest) is gone, of whichever source of the team, and by whom. Index: `digest`."""
    made = {"digest": image[1], "team_id": team_id, "image": image[0], "image_is_gone": {"$ne": True}}
    gone = {"image_removed_at": at, "image_removed_by": by, "image_is_gone": True}
    _builds().update_many(made, {"$set": gone, "$inc": {"rev": 1}})


def _note_of_images(source_id: ObjectId, images: Many[tuple[str, str]], values: Mapping[str, Any]) -> None:
    for image, digest in images:
        _builds().update_many(
            {"source_id": source_id, "image": image, "digest": digest, "image_is_gone": {"$ne": True}},
            {"$set": dict(values), "$inc": {"rev": 1}},
        )


def _builds() -> Collection[Build]:
    return cast("Collection[Build]", db().builds)
