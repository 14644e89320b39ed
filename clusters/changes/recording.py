"""Writes down what is seen to change on the objects of a cluster's environments, beside the watch that sees it.

The watch hands over an object only where its content has another mark. A thread of its own compares it with how it was
seen last, which is in the database: nothing is asked of the API server, and nothing is kept in memory of an object that
does not change. What changed while nobody watched is found by the first look after that.
"""

from __future__ import annotations

import logging
import threading
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta

import orjson
from bson import ObjectId
from bson.errors import BSONError
from pymongo.client_session import ClientSession
from pymongo.errors import PyMongoError

from clusters.changes import store
from clusters.changes.joining import WORKS_BY_ITSELF, goes_on
from clusters.changes.pending import Pending, Waiting
from clusters.changes.room import Room, Taken
from clusters.changes.store import ChangeRow, LookRow
from clusters.domain.changes import Change, Look, changes_between, look_at, without_digests
from clusters.domain.observed import NO_MARKS, ObservedObject
from clusters.domain.ownership.known import Known, Sort, known
from clusters.domain.ownership.owners import Owner
from clusters.domain.reading import moment
from clusters.kube.noticing import Noticed
from kubeorch.base import clock, seal
from kubeorch.mongo.transaction import run_in_transaction

log = logging.getLogger(__name__)

REST_S = 0.2
"""Between two rounds of `pending.TAKEN_AT_ONCE` objects."""
RETRY_S = 2.0
"""After the database could not be written."""
TRIM_EVERY = 200
"""Changes, after which the cluster's oldest are looked for."""
UNSEEN_KEPT = timedelta(days=30)
"""Since its last change an object is remembered that is out of sight; as long as its changes are."""
CLOCKS_DIFFER = timedelta(days=1)
"""A writer's time further from now than this is not believed."""
NOBODY = Known(Sort.OTHER, "")
UNKNOWN = Owner("", "", "", "")


class ChangesSeen:
    """Of one watch of one cluster. `noticed` and `gone` are called from the threads of its informers."""

    def __init__(
        self, cluster_id: ObjectId, is_environment: Callable[[str], bool], may_write: Callable[[], bool]
    ) -> None:
        """`is_environment` says whether there is such an environment on the cluster: a label is anybody's to write."""
        self._cluster_id = cluster_id
        self._is_environment = is_environment
        self._may_write = may_write
        self._pending = Pending()
        self._known: dict[str, int] = {}
        """Marks of what was seen before this watch began, until everything is listed."""
        self._unseen: set[str] = set()
        """Of those, and of what went out of sight, what has not been seen again."""
        self._room = Room()
        """Beyond it only objects that change are looked at."""
        self._written = 0
        self._stop = threading.Event()
        self._wake = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"changes-{cluster_id}", daemon=True)

    def start(self) -> None:
        """Before the informers do. Raises what the database raises."""
        self._known = store.marks_of(self._cluster_id)
        self._unseen = set(self._known)
        self._room.count(store.taken_of(self._cluster_id))
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._wake.set()

    # Threads of the informers

    def noticed(self, one: Noticed) -> None:
        uid = one.seen.uid
        was_lost = uid in self._unseen and uid not in self._known
        self._unseen.discard(uid)
        is_first = one.is_new and uid not in self._known and not was_lost
        if one.is_new and self._known.get(uid) == one.seen.content:
            return
        if is_first and not self._room.fits(one.seen.environment_id, Taken(1)):
            return
        self._pending.add(one, is_first=is_first)
        self._wake.set()

    def gone(self, seen: ObservedObject, *, is_lost: bool = False) -> None:
        """`is_lost`: it may be there, and is out of sight. What changes meanwhile is found once it is seen again."""
        if seen.marks == NO_MARKS:
            return
        if is_lost:
            self._unseen.add(seen.uid)
            return
        self._pending.gone(seen.uid)
        self._wake.set()

    # The thread of the watch

    def listed(self, *, is_whole: bool) -> None:
        """Everything was listed, of every kind where it is the whole."""
        self._known = {}
        if is_whole:
            unseen, self._unseen = self._unseen, set()
            for uid in unseen:
                self._pending.gone(uid)
            self._wake.set()
        elif self._unseen:
            store.forget_looks(self._cluster_id, set(self._unseen), before=clock.now() - UNSEEN_KEPT)
        self._room.count(store.taken_of(self._cluster_id))

    # Its own thread

    def _run(self) -> None:
        while not self._stop.is_set():
            self._wake.wait()
            self._wake.clear()
            try:
                has_more = self._round()
            except Exception:  # the thread's outermost loop
                log.exception("what changes on cluster %s cannot be written down now", self._cluster_id)
                has_more = True
            if has_more:
                self._wake.set()
            self._stop.wait(REST_S)

    def _round(self) -> bool:
        """Write some down; whether more wait."""
        if not self._may_write():
            return self._pending.has_some
        some: list[Waiting] = []
        gone: set[str] = set()
        try:
            is_there = store.is_cluster_there(self._cluster_id)
            some, gone = self._pending.take()
            if is_there:
                self._forget(gone)
                self._compare([one for one in some if self._is_environment(one.environment_id)])
        except PyMongoError as error:
            log.warning("what changed on cluster %s cannot be written down now: %s", self._cluster_id, error)
            self._pending.give_back(some, gone)
            self._stop.wait(RETRY_S)
        return self._pending.has_some

    def _forget(self, gone: set[str]) -> None:
        for environment_id, taken in store.forget_looks(self._cluster_id, gone):
            self._room.take(environment_id, Taken(-taken.looks, -taken.size))

    def _compare(self, some: Sequence[Waiting]) -> None:
        before = store.looks_of(self._cluster_id, [one.uid for one in some])
        first: list[LookRow] = []
        for one in some:
            row = before.get(one.uid)
            if row is not None and (row["mark"] == one.mark or row["version"] > one.version > 0):
                continue
            with self._setting_aside(one.uid):
                look = look_at(one.manifest(), self._digest_at(one.uid))
                if row is None and one.is_new:
                    first.append(self._row(one, look))
                else:
                    self._write(one, look, row)
        for new in first:
            with self._setting_aside(new["_id"]):
                more = Taken(1, new["bytes"])
                if self._room.fits(new["environment_id"], more):
                    store.add_look(new)
                    self._room.take(new["environment_id"], more)

    @contextmanager
    def _setting_aside(self, what: str) -> Iterator[None]:
        """Whatever is wrong with one object holds up no other."""
        try:
            yield
        except (ValueError, TypeError, KeyError, RecursionError, BSONError):
            log.exception("what changed of object %s of cluster %s cannot be told", what, self._cluster_id)

    def _write(self, one: Waiting, look: Look, row: LookRow | None) -> None:
        if row is None:
            changes = [Change(newest, ()) for newest in _newest(look)]
        else:
            before = _look(row)
            pair = (before, look) if row.get("key") == _key() else (without_digests(before), without_digests(look))
            is_one_write = one.is_one_write and one.before == row["mark"]  # what came between may have been left out
            changes = changes_between(*pair, one.manifest(), is_one_write=is_one_write)

        new, old = self._row(one, look), row.get("bytes", 0) if row is not None else 0
        more = Taken(int(row is None), new["bytes"] - old)
        is_kept = (row is not None and more.size <= 0) or self._room.fits(one.environment_id, more)

        def work(session: ClientSession) -> bool:
            if store.state_of(new["_id"], session) != (row and (row["version"], row["mark"])):
                return False  # another watch was here meanwhile, as at a hand-over
            last = store.changes_of(self._cluster_id, one.uid, session, most=1)
            rows = [self._change(one, change, last, is_unknown=row is None) for change in changes]
            store.put_changes(rows, session)
            if is_kept:
                store.put_look(new, session)
            elif row is not None:
                store.drop_look(new["_id"], session)
            return True

        if not run_in_transaction(work):
            self._pending.give_back([one], ())
            return
        if row is not None:
            self._room.take(row.get("environment_id", ""), Taken(-1, -old))
        if is_kept:
            self._room.take(one.environment_id, Taken(1, new["bytes"]))
        so_far, self._written = self._written, self._written + len(changes)
        if so_far // TRIM_EVERY != self._written // TRIM_EVERY:
            store.trim(self._cluster_id)

    def _change(self, one: Waiting, change: Change, last: Sequence[ChangeRow], *, is_unknown: bool) -> ChangeRow:
        writer = change.writer or UNKNOWN
        what = known(writer) if change.writer else NOBODY
        said = moment(writer.at)
        at = said if said is not None and abs(said - one.seen_at) < CLOCKS_DIFFER else one.seen_at
        new: ChangeRow = {
            "_id": ObjectId(),
            "cluster_id": self._cluster_id,
            "uid": one.uid,
            "manager": writer.manager,
            "operation": writer.operation,
            "subresource": writer.subresource,
            "sort": what.sort.value,
            "name": what.name,
            "first_at": at,
            "at": at,
            "seen_at": one.seen_at,
            "times": 1,
            "fields": [{"path": field.path, "old": field.old, "new": field.new} for field in change.fields],
            "left_out": change.left_out,
            "among": list(change.among),
            "is_unknown": is_unknown,
            "bytes": 0,
        }
        newest = last[0] if last else None
        if newest is not None and goes_on(newest, new, by_itself=what.sort in WORKS_BY_ITSELF):
            olds = {field["path"]: field["old"] for field in newest["fields"]}
            new = {
                **new,
                "_id": newest["_id"],
                "first_at": newest["first_at"],
                "times": newest["times"] + 1,
                "fields": [{**field, "old": olds[field["path"]]} for field in new["fields"]],
            }
        return {**new, "bytes": len(orjson.dumps([new["fields"], new["among"]]))}

    def _row(self, one: Waiting, look: Look) -> LookRow:
        content = zlib.compress(orjson.dumps(look.content), 1)
        return {
            "_id": store.key_of(self._cluster_id, one.uid),
            "cluster_id": self._cluster_id,
            "environment_id": one.environment_id,
            "mark": one.mark,
            "version": one.version,
            "content": content,
            "bytes": len(content),
            "key": _key(),
            "writers": [[who.manager, who.operation, who.at, who.subresource] for who in look.writers],
            "seen_at": one.seen_at,
        }

    def _digest_at(self, uid: str) -> Callable[[str], str]:
        place = store.key_of(self._cluster_id, uid)
        return lambda value: seal.fingerprint(value.encode("utf-8", "surrogatepass"), aad=f"object_looks/{place}")[:16]


def _key() -> str:
    """Tells by which key digests are made."""
    return seal.fingerprint(b"", aad="object_looks")[:16]


def _look(row: LookRow) -> Look:
    return Look(orjson.loads(zlib.decompress(row["content"])), tuple(Owner(*one) for one in row["writers"]))


def _newest(look: Look) -> list[Owner | None]:
    """Who wrote last, of an object of which nothing more is known."""
    newest = max((one.at for one in look.writers), default="")
    latest: list[Owner | None] = [one for one in look.writers if one.at == newest]
    return latest if len(latest) == 1 else [None]
