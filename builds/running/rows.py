"""Parts of the documents of builds. Times are UTC with milliseconds."""

from __future__ import annotations

from datetime import datetime
from typing import NotRequired, TypedDict

from bson import ObjectId


class StageTimes(TypedDict):
    """One stage of the last attempt."""

    stage: str
    started_at: datetime
    ended_at: datetime | None


class Step(TypedDict):
    """One step of the engine, as BuildKit's vertexes; a build has `log_lines.STEPS_MOST` at most."""

    number: int
    name: str
    started_at: datetime | None
    ended_at: datetime | None
    is_cached: bool
    error: str
    why: NotRequired[str]
    """Why it was not taken from the cache, once its build has ended."""


class Reason(TypedDict):
    """Why a build failed."""

    stage: str
    code: str
    detail: str
    hint: str
    retryable: bool
    """Whether the same build may succeed when it is tried again."""
    step: NotRequired[int]


class BaseRow(TypedDict):
    """An image that another one was built on."""

    image: str
    """host/path:tag, as the Dockerfile names it."""
    digest: str
    created_at: datetime | None
    """None where its registry has not said."""


class PushRow(TypedDict):
    """What somebody says of a push: bounded, and believed by nobody. What is built is what the git server says."""

    host: str
    by: str
    ref: str
    commit: str


class CancelAsked(TypedDict):
    at: datetime
    by: ObjectId | None
    name: NotRequired[str]
    """Who that was, as they were called then."""


def rev_of_step(step: Step, attempt: int) -> int:
    """Goes up as the step goes on, and with each attempt."""
    return 8 * attempt + 1 + bool(step["ended_at"]) + 2 * bool(step["error"]) + 3 * bool(step.get("why"))
