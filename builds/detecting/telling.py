"""Every change of a detection, in the transaction that tells its live topic of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bson import ObjectId
from pymongo.client_session import ClientSession

from builds.detecting import store
from builds.detecting.representations import head_json
from builds.detecting.store import Detection, Progress
from builds.domain.detecting import DetectionState
from builds.domain.states import Who
from kubeorch.mongo.transaction import run_in_transaction
from kubeorch.realtime import events


def tell(row: Detection, session: ClientSession) -> None:
    events.publish(f"detection:{row['_id']}", "detection", head_json(row), rev=row["rev"], session=session)


def move_detection(
    detection_id: ObjectId,
    after: DetectionState,
    who: Who,
    *,
    fence: int | None = None,
    values: Mapping[str, Any] | None = None,
) -> Detection | None:
    """As `store.step`, told."""

    def work(session: ClientSession) -> Detection | None:
        moved = store.step(detection_id, after, who, fence=fence, values=values, session=session)
        if moved is not None:
            tell(moved, session)
        return moved

    return run_in_transaction(work)


def say_progress(detection_id: ObjectId, fence: int, progress: Progress) -> bool:
    """Whether this worker still holds it."""

    def work(session: ClientSession) -> bool:
        said = store.set_progress(detection_id, fence, progress, session)
        if said is not None:
            tell(said, session)
        return said is not None

    return run_in_transaction(work)
