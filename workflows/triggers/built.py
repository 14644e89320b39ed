"""Builds that have succeeded, told to the triggers that wait for them. Whoever builds stands above workflows."""

from __future__ import annotations

from bson import ObjectId
from pymongo.client_session import ClientSession

from kubeorch.jobs import queue

BUILT_JOB = "workflows.built"


def note_built(team_id: ObjectId, source: str, build_id: ObjectId, session: ClientSession) -> None:
    """Have the team's triggers looked at, in the transaction in which the build succeeds."""
    payload = {"team_id": str(team_id), "source": source, "build_id": str(build_id)}
    queue.enqueue(BUILT_JOB, payload, key=str(build_id), is_first=True, session=session)
