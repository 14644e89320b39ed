"""What is read outside of this process to become files: the job's side and each source's side of it."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from imports import store
from imports.domain.sources import SourceFile
from imports.intake import ContentType
from imports.store import Import, Proposal
from kubeorch.accounts.principal import Principal
from kubeorch.jobs.context import JobContext

SAY_EVERY_S = 0.5


class FetchCanceled(Exception):
    """The import was canceled or removed: nothing more is to be done for it."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """What a source was read into: `reads` says how its files are converted, `found` what a person may choose from."""

    files: Sequence[SourceFile] = field(repr=False)
    reads: ContentType | None
    facts: Mapping[str, Any]
    """Kept in clear and shown, as the commit: no secret."""
    found: Sequence[Proposal] = ()


class Fetching:
    """A fetch as its source sees it."""

    def __init__(self, row: Import, asked: Mapping[str, Any], principal: Principal, context: JobContext) -> None:
        self.row = row
        self.asked = asked
        """The source as it was given, with its credential."""
        self.principal = principal
        """Who asked for it, with the roles of this moment."""
        self._context = context
        self._said_at = 0.0

    def check(self) -> None:
        """Call it often, and before every side effect: raises FetchCanceled, LeaseLost or WorkerStopping."""
        self._context.check_lease()
        if self._context.cancel_requested:
            raise FetchCanceled

    def say(self, text: str, *, done: int | None = None, total: int | None = None) -> None:
        """Show how far it is. Cheap to call often."""
        if time.monotonic() - self._said_at < SAY_EVERY_S:
            return
        self._said_at = time.monotonic()
        if not store.set_progress(self.row["_id"], self.row["rev"], {"text": text, "done": done, "total": total}):
            raise FetchCanceled


@dataclass(frozen=True, slots=True)
class Asked:
    """A source that may be fetched: what an import of it is called, and its facts so far, which are shown."""

    name: str
    facts: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Fetcher:
    """A type of source. Both raise errors of the families of `kubeorch.base.errors`."""

    check: Callable[[Principal, Mapping[str, Any]], Asked]
    """Judge the source when it is asked for, in the request: no network."""
    fetch: Callable[[Fetching], Fetched]
    """Read it. It may be killed after any line and called again; Unavailable is tried again, other errors are final."""
