"""Reads the bus: one change stream, opened again whenever it breaks, from where it was if that is still known."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pymongo.asynchronous.change_stream import AsyncChangeStream
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import OperationFailure, PyMongoError

from kubeorch.base.backoff import Backoff
from kubeorch.mongo.client import aio_client, aio_db
from kubeorch.realtime.events import TOLD

log = logging.getLogger(__name__)

AWAIT_MS = 1000
RECONNECT = Backoff(first_s=0.1, most_s=5.0)
HISTORY_LOST = frozenset({136, 280, 286})
"""CappedPositionLost, ChangeStreamFatalError, ChangeStreamHistoryLost."""
_TOLD_PATH = f"updateDescription.updatedFields.{TOLD}"
_PIPELINE: list[dict[str, Any]] = [
    {
        "$match": {
            "$or": [
                {"ns.coll": "events", "operationType": {"$in": ["insert", "drop", "rename"]}},
                {"operationType": "update", _TOLD_PATH: {"$exists": True}},
            ]
        }
    },
    {
        "$project": {
            "operationType": 1,
            _TOLD_PATH: 1,
            **{f"fullDocument.{field}": 1 for field in ("topic", "key", "data", "rev")},
        }
    },
]


class BusReader:
    """Calls `take` for each event, and `lost` when events may have been missed. Belongs to one event loop."""

    def __init__(
        self,
        database: AsyncDatabase[dict[str, Any]] | None,
        *,
        take: Callable[[Mapping[str, Any]], None],
        lost: Callable[[], None],
    ) -> None:
        """Without a `database` it opens a client of its own."""
        self._database = database
        self._take = take
        self._lost = lost
        self.open = asyncio.Event()
        """The stream has been open: what comes after is not missed."""
        self.heard_at = time.monotonic()
        """When the stream last answered."""

    async def run(self) -> None:
        """Read until the task is cancelled.

        Whether it was is looked up as well: on Python 3.11 `asyncio.wait_for`, which the driver reads with, drops a
        cancellation that comes at the same moment as an answer.
        """
        client, database = None, self._database
        if database is None:
            client = aio_client()
            database = aio_db(client)
        token: Mapping[str, Any] | None = None
        broken = 0
        try:
            while True:
                try:
                    async with await self._watch(database, token) as stream:
                        if token is None and self.open.is_set():
                            self._lost()
                        self.open.set()
                        broken = 0
                        while stream.alive and not self._is_cancelled():
                            change = await stream.try_next()
                            self.heard_at = time.monotonic()
                            token = stream.resume_token
                            if change is None:
                                continue
                            if change["operationType"] in ("drop", "rename"):
                                break
                            for event in _events_of(change):
                                self._take_safely(event)
                    if not self._is_cancelled():
                        log.warning("the collection of events was dropped, as a restored backup does it")
                        token = None
                except OperationFailure as error:
                    log.warning("the change stream broke: %s", error)
                    if error.code in HISTORY_LOST or error.has_error_label("NonResumableChangeStreamError"):
                        token = None
                except PyMongoError as error:
                    log.warning("the change stream broke: %s", error)
                except Exception:
                    log.exception("the change stream broke")
                    token = None
                if self._is_cancelled():
                    return  # what broke was broken by the end of this very task
                broken += 1
                await asyncio.sleep(RECONNECT.delay_s(broken))
        finally:
            if client is not None:
                await client.close()

    @staticmethod
    def _is_cancelled() -> bool:
        task = asyncio.current_task()
        return task is not None and task.cancelling() > 0

    async def _watch(
        self, all_of_it: AsyncDatabase[dict[str, Any]], token: Mapping[str, Any] | None
    ) -> AsyncChangeStream[dict[str, Any]]:
        return await all_of_it.watch(_PIPELINE, resume_after=token, max_await_time_ms=AWAIT_MS)

    def _take_safely(self, event: Any) -> None:
        try:
            self._take(event)
        except (KeyError, TypeError, ValueError):
            log.exception("an event on the bus cannot be read; skipped")


def _events_of(change: Mapping[str, Any]) -> Sequence[Any]:
    """The events of an insert into `events`, or of an update that carries its own."""
    if change["operationType"] == "insert":
        return [change.get("fullDocument")]
    told: Sequence[Any] = change["updateDescription"]["updatedFields"][TOLD]
    return told
