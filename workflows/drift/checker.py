"""Finds out what others changed of what environments applied, from what the shared watch sees of a cluster.

The watch keeps a mark of our fields of each object (`ownership.touches`). While it is the one that our last apply left,
nobody has taken a field from us, and nothing is asked. Where it is another one, the object is read once, and again only
after somebody has written more than its status.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import NamedTuple

from bson import ObjectId
from pymongo.errors import PyMongoError

from clusters.connections import client_for
from clusters.domain.objects import Ref, ref_from_json
from clusters.domain.ownership.added import added_by_others
from clusters.domain.ownership.owners import owners
from clusters.domain.ownership.paths import read_path
from clusters.domain.ownership.touches import fingerprint_of, mark_of
from clusters.domain.reading import mapping, text
from clusters.kube.errors import ApiForbidden, ApiNotFound, NothingServed, UnknownKind
from clusters.watching.contract import NodeKey, WatchView
from kubeorch.base.backoff import Backoff
from kubeorch.base.clock import now
from kubeorch.base.errors import InvalidInput, KubeOrchError, Unavailable
from workflows.drift import store
from workflows.drift.applied import AppliedObjects, differences, is_ours
from workflows.drift.pace import AT_ONCE, Suspects
from workflows.drift.recording import Found, Said, is_applying, record
from workflows.drift.store import DriftRow
from workflows.environments import inventory_store
from workflows.environments import store as environment_store
from workflows.statuses.following import SeenNode, SeenObject
from workflows.statuses.node_status import version_number

log = logging.getLogger(__name__)

REQUEST_S = 8.0
RUN_OVER_S = 0.5
"""How long after a run was seen applying it is looked for again whether it still does."""
RETRY = Backoff(first_s=1.0, most_s=30.0)
VERSION_DIGITS = 18
"""Of a resourceVersion: what the database can hold."""
Marks = tuple[int, int, int]
GONE: Marks = (0, 0, 0)
"""Of what nothing is expected any more."""
SEEN_WITHIN = timedelta(seconds=15)
"""After an apply: what the watch has not shown by then is not there, also where it was deleted while nobody watched."""


class Place(NamedTuple):
    """An object that an environment owns."""

    environment_id: str
    ref: Ref


class DriftChecker:
    """Of one cluster: a follower of its statuses. `found(row)` is called, in its threads, with rows as they were
    written; it says in how many seconds the object is to be looked at again, if at all."""

    def __init__(self, cluster_id: ObjectId, found: Callable[[DriftRow], float | None] = lambda row: None) -> None:
        self.cluster_id = cluster_id
        self._found = found
        self._view: WatchView | None = None
        self._lock = threading.Lock()
        self._objects: dict[NodeKey, set[Place]] = {}
        """Of each node, the objects whose fields are not all as we left them."""
        self._nodes: dict[Place, NodeKey] = {}
        self._marks: dict[Place, tuple[str, Marks]] = {}
        """(uid, marks) of these as they were seen last."""
        self._judged: dict[Place, tuple[str, Marks]] = {}
        """As they were judged last."""
        self._scouts: dict[str, Place] = {}
        """Of each environment in which a run is applying, the object that looks whether it is over."""
        self._parked: dict[str, set[Place]] = {}
        """Its other objects, which wait for that."""
        self._failures: dict[Place, int] = {}
        self._suspects: Suspects[Place] = Suspects()
        self._applied = AppliedObjects()
        self._threads: list[threading.Thread] = []

    # The thread of the watch

    def begin(self, view: WatchView) -> None:
        self._view = view
        for row in store.on_cluster(self.cluster_id):
            place = Place(str(row["environment_id"]), ref_from_json(row["ref"]))
            marks = (row["marks"][0], row["marks"][1], row["marks"][2])
            self._keep(NodeKey(place.environment_id, row["node_id"]), place)
            self._judged[place] = self._marks[place] = (row["uid"], marks)
        for number in range(AT_ONCE):
            thread = threading.Thread(target=self._run, name=f"drift-{self.cluster_id}-{number}", daemon=True)
            self._threads.append(thread)
            thread.start()

    def end(self) -> None:
        self._suspects.end()

    def came_or_went(self, ref: Ref) -> None:
        """What is owned is seen with its node; of what is not, nothing drifts."""

    def see(self, nodes: Sequence[SeenNode]) -> None:
        for node in nodes:
            with self._lock:
                known = set(self._objects.get(node.key, ()))
            if not known and all(_is_as_applied(one) and not self._is_gone(one) for one in node.objects):
                continue
            owned = {Place(node.key.environment_id, one.expected.ref): one for one in node.objects}
            for place in known - owned.keys():
                self._note(node.key, place, "", GONE)
            for place, one in owned.items():
                if one.observed is not None:
                    seen = one.observed
                    if place in known or not _is_as_applied(one):
                        marks = (seen.our_fields, seen.content, one.expected.our_fields)
                        self._note(node.key, place, seen.uid, marks)
                elif one.is_observable and (place in known or self._is_gone(one)):
                    self._note(node.key, place, "", (0, 0, one.expected.our_fields))

    def _is_gone(self, one: SeenObject) -> bool:
        """Whether an object that was applied seems to be deleted, and not by its own time to live."""
        expected, view = one.expected, self._view
        if one.observed is not None or not one.is_observable or expected.state != "applied" or not expected.our_fields:
            return False
        if view is None or expected.is_completed or (expected.ended and expected.ended["uid"] == expected.uid):
            return False
        is_old = expected.applied_at is not None and now() - expected.applied_at > SEEN_WITHIN
        return is_old or view.was_deleted(expected.ref)

    def _note(self, key: NodeKey, place: Place, uid: str, marks: Marks) -> None:
        with self._lock:
            self._keep(key, place)
            self._marks[place] = (uid, marks)
            is_judged = self._judged.get(place) == (uid, marks)
        if not is_judged:
            self._suspects.add(place)

    def _keep(self, key: NodeKey, place: Place) -> None:
        """The lock is held, or nobody else is there yet."""
        self._drop(place)
        self._nodes[place] = key
        self._objects.setdefault(key, set()).add(place)

    def _drop(self, place: Place) -> None:
        key = self._nodes.pop(place, None)
        if key is not None:
            self._objects[key].discard(place)
            if not self._objects[key]:
                del self._objects[key]

    # Threads of ours

    def _run(self) -> None:
        while (place := self._suspects.take()) is not None:
            try:
                self._look(place)
                self._failures.pop(place, None)
            except Exception as error:  # the thread's outermost loop
                if isinstance(error, Unavailable | PyMongoError):
                    log.info("%s %s cannot be compared now: %s", place.ref.kind, place.ref.name, error)
                else:
                    log.exception("%s %s cannot be compared", place.ref.kind, place.ref.name)
                failures = self._failures[place] = self._failures.get(place, 0) + 1
                self._suspects.add(place, in_s=RETRY.delay_s(failures))
            finally:
                self._suspects.done(place)

    def _look(self, place: Place) -> None:
        view = self._view
        if view is None or not view.may_write():
            return  # another watcher has the cluster by now
        with self._lock:
            uid, marks = self._marks.get(place, ("", GONE))
        if self._waits_for_run(place):
            return
        found = self._compare(place, uid, marks)
        if found is None:
            self._suspects.add(place, in_s=RUN_OVER_S)
            return
        said, row = record(ObjectId(place.environment_id), place.ref, found)
        if said is Said.TOO_EARLY:
            self._suspects.add(place, in_s=RUN_OVER_S)
            return
        with self._lock:
            is_clean = bool(uid) and marks[0] == marks[2]
            if self._marks.get(place) == (uid, marks) and is_clean:
                self._forget(place)
            else:
                self._judged[place] = (uid, marks)
        again_in_s = self._found(row) if row is not None else None
        if again_in_s is not None:
            self._suspects.add(place, in_s=again_in_s)

    def _waits_for_run(self, place: Place) -> bool:
        """Whether a run is applying in the object's environment; the object is looked at once that is over."""
        with self._lock:
            scout = self._scouts.get(place.environment_id)
            if scout not in (None, place):
                self._parked.setdefault(place.environment_id, set()).add(place)
                return True
        environment = environment_store.find_if_there(ObjectId(place.environment_id))
        is_busy = environment is not None and is_applying(environment)
        with self._lock:
            if is_busy:
                self._scouts[place.environment_id] = place
                waiting = set()
            else:
                self._scouts.pop(place.environment_id, None)
                waiting = self._parked.pop(place.environment_id, set())
        if is_busy:
            self._suspects.add(place, in_s=RUN_OVER_S)
        for one in waiting:
            self._suspects.add(one)
        return is_busy

    def _forget(self, place: Place) -> None:
        """Nothing of the object differs. The lock is held."""
        self._marks.pop(place, None)
        self._judged.pop(place, None)
        self._drop(place)

    def _compare(self, place: Place, uid: str, marks: Marks) -> Found | None:
        """How the object is; None where it is too early to say. Raises Unavailable and what the database raises."""
        environment = environment_store.find_if_there(ObjectId(place.environment_id))
        row = inventory_store.row_of(ObjectId(place.environment_id), place.ref) if environment else None
        if environment is None or row is None or marks == GONE:
            return Found(marks, is_owned=False)
        applied_mark = mark_of(row["fingerprint"]) if row.get("fingerprint") else 0
        if applied_mark != marks[2]:
            return None  # what was applied last is not what this was compared with
        before = store.find(environment["_id"], place.ref)
        paths = [field["path"] for field in before["fields"]] if before else []
        if uid and marks[0] == marks[2]:
            return Found(marks, uid, ours_again=frozenset(paths))
        if not self._suspects.wait_for_request():
            return None
        client = client_for(self.cluster_id)
        try:
            path = client.path_of(place.ref)
            live = client.request("GET", path, timeout_s=REQUEST_S, name=f"{place.ref.kind} {place.ref.name}")[1]
        except (NothingServed, UnknownKind):
            return Found(marks, problem=f"the cluster has no kind {place.ref.kind} ({place.ref.api_version})")
        except ApiNotFound:
            return Found(marks, is_missing=True)
        except ApiForbidden as error:
            return Found(marks, uid, problem=f"it cannot be compared: {error.detail}")
        if not is_ours(live, row):
            return Found(marks, problem="it is gone, and an object of its name is there that belongs to somebody else")
        if not uid:
            return None  # it is there again, and the watch will show it
        read = mark_of(fingerprint_of(live))
        version = version_number(text(mapping(live.get("metadata")).get("resourceVersion"))[:VERSION_DIGITS])
        live_uid = text(mapping(live.get("metadata")).get("uid"))
        found_marks = (read, marks[1], marks[2])
        if read == marks[2]:
            return Found(found_marks, live_uid, version, ours_again=frozenset(paths))
        try:
            applied = self._applied.manifest_of(environment, row, place.ref, client)
        except InvalidInput as error:
            return Found(
                found_marks, live_uid, version, problem=f"what was applied cannot be rendered again: {error.detail}"
            )
        except Unavailable:
            raise
        except KubeOrchError as error:
            return Found(found_marks, live_uid, version, problem=f"it cannot be compared: {error.detail}")
        if applied is None:
            return Found(found_marks, live_uid, version)
        fields = differences(environment["_id"], row["node_id"], place.ref, applied.left_out, live)
        owned = owners(live)
        ours = {path for path in paths if any(one.is_ours for one in owned.who(read_path(path)))}
        return Found(
            found_marks, live_uid, version, fields, frozenset(ours), added=added_by_others(applied.whole, owned)
        )


def _is_as_applied(one: SeenObject) -> bool:
    """Whether nobody has taken a field of the object from us since our last apply, as far as that can be seen."""
    if one.observed is None or one.expected.state != "applied" or not one.expected.our_fields:
        return True
    return one.observed.our_fields == one.expected.our_fields
