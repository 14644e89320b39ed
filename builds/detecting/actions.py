"""Detections: begun, ended, removed. Each action is one transaction, told in the same commit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bson import ObjectId
from pymongo.client_session import ClientSession
from pymongo.errors import DuplicateKeyError

from builds.connections.actions import chosen
from builds.detecting import jobs, store
from builds.detecting.store import Detection
from builds.detecting.telling import move_detection
from builds.domain.detecting import DetectionState
from builds.domain.detection.plan import plan_of
from builds.domain.detection.titles import title_of
from builds.domain.detection.written import written
from builds.domain.repositories import repository_of
from builds.domain.sources import path_below, ref_or_none, repository_url
from builds.domain.states import Who
from kubeorch.accounts.principal import Principal
from kubeorch.accounts.scope import choose_team, require, team_filter
from kubeorch.base.clock import now
from kubeorch.base.errors import Conflict
from kubeorch.mongo.transaction import run_in_transaction

OPEN_MOST = 2
"""Of a team, that have not ended: fewer than run at once, so that no team keeps all others waiting."""


class TooManyDetections(Conflict):
    code = "detection.too_many"

    def __init__(self) -> None:
        super().__init__(f"your team is looking at {OPEN_MOST} repositories already; wait for one, or cancel one")


def start_detection(principal: Principal, given: Mapping[str, Any]) -> Detection:
    """Have a job find out what can be built of a commit.

    Raises Forbidden, NotFound, RepositoryInvalid, SourceInvalid, what a connection refuses, or TooManyDetections.
    """
    team_id = choose_team(principal, "source.edit", given.get("team"))
    repository = repository_url(given["repository"])
    row: Detection = {
        "_id": ObjectId(),
        "team_id": team_id,
        "repository": repository,
        "connection_id": chosen(principal, team_id, given.get("connection"), repository_of(repository)),
        "ref": ref_or_none(given.get("ref") or ""),
        "root": path_below(given.get("root") or "", field="root"),
        "state": DetectionState.QUEUED.value,
        "commit": None,
        "message": "",
        "found_at": "",
        "progress": None,
        "failure": None,
        "fence": 0,
        "rev": 1,
        "created_at": now(),
        "created_by": ObjectId(principal.user_id),
        "ended_at": None,
    }

    def work(session: ClientSession) -> None:
        taken = store.places_taken(team_id, session)
        free = [place for number in range(OPEN_MOST) if (place := f"{team_id}#{number}") not in taken]
        if not free:
            raise TooManyDetections
        row["place"] = free[0]
        store.insert(row, session)
        jobs.start(row, session)

    try:
        run_in_transaction(work)
    except DuplicateKeyError:
        raise TooManyDetections from None  # others have just begun
    return row


def cancel_detection(principal: Principal, detection_id: ObjectId) -> Detection:
    """End it; one that has ended stays as it is. Raises DetectionNotFound or Forbidden."""
    row = editable(principal, detection_id)
    values = {"progress": None, "ended_at": now()}
    canceled = move_detection(detection_id, DetectionState.CANCELED, Who.PERSON, values=values)
    jobs.stop(detection_id)
    return row if canceled is None else canceled


def remove_detection(principal: Principal, detection_id: ObjectId) -> Detection:
    """Forget it, and end it where it runs. What was made of it stays. Raises DetectionNotFound or Forbidden."""
    row = editable(principal, detection_id)
    run_in_transaction(lambda session: store.remove(detection_id, session))
    jobs.stop(detection_id)
    return row


def editable(principal: Principal, detection_id: ObjectId) -> Detection:
    """Raises DetectionNotFound or Forbidden."""
    row = store.find(detection_id, team_filter(principal))
    require(principal, "source.edit", row["team_id"])
    return row


def dockerfile_of(given: Mapping[str, Any]) -> tuple[str, str, int]:
    """(the Dockerfile that is written for a plan, what it makes in words, its port). Raises PlanInvalid."""
    plan = plan_of(given)
    return written(plan).dockerfile, title_of(plan), plan.port
