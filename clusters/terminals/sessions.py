"""The shells of this process: opened, found again, counted, and ended when their person may no longer have them."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

from django.db import Error as DatabaseError
from pymongo.errors import PyMongoError

from clusters import checks, store
from clusters.connections import asking, client_for
from clusters.domain.logs.containers import ContainerLog, pod_logs
from clusters.domain.objects import Manifest, Ref
from clusters.kube.client import KubeClient
from clusters.kube.exec import Exec
from clusters.pods import NoSuchContainer, NoSuchPod, Simulated
from clusters.questions.tracing import Asked, environment_of
from clusters.scope import Access, OtherName, require_on, still_has
from clusters.terminals import debugging, recording, shells_store
from clusters.terminals.session import PROCESS, Limits, Place, Session
from clusters.uses import BelongingOf, require_unprotected
from kubeorch.accounts import authentication
from kubeorch.accounts.principal import Principal
from kubeorch.base.errors import Conflict, KubeOrchError, NotFound
from kubeorch.realtime.rooms import Held, Room

log = logging.getLogger(__name__)

OPEN = "terminal.open"
RECHECK_S = 3.0
UNKNOWN_MOST_S = 20.0
"""So long a shell stays open while the database does not say whether its person may still have it."""
A_PERSON, A_TEAM, A_CLUSTER, IN_ALL = 10, 20, 40, 100
"""Shells in this process, with those that are being opened."""
SHELL = (
    "sh",
    "-c",
    "TERM=xterm-256color; export TERM; "
    "for shell in /bin/bash /usr/bin/bash; do [ -x $shell ] && exec $shell; done; exec sh",
)
ATTACHED_TYPE = "ephemeral"


class NoSuchSession(NotFound):
    code = "terminal.not_found"

    def __init__(self, session_id: str = PROCESS) -> None:
        kept = session_id.partition(".")[0] == PROCESS
        why = "" if kept else ": the server that kept it was started anew, or another one answers"
        super().__init__(f"this shell is not there any more{why}; open a new one")


class NotRunning(Conflict):
    code = "terminal.not_running"

    def __init__(self, container: str, why: str) -> None:
        super().__init__(f"the container {container} is not running{f' ({why})' if why else ''}; wait until it is")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which shell somebody asks for."""

    cluster_id: object
    namespace: str
    pod: str
    container: str
    """"" is the first one."""
    debug: str = ""
    """The image of a container that is added beside that one, for the shell."""


class Sessions:
    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._lock = threading.Lock()
        self._room = Room()
        self._open: dict[str, Session] = {}
        self._watching: threading.Thread | None = None

    def open(self, principal: Principal, wanted: Wanted, belonging_of: BelongingOf) -> Session:
        """A new shell. Raises what the person is told who may not have it, and what the cluster says."""
        cluster_id, namespace = wanted.cluster_id, wanted.namespace
        cluster = store.find(cluster_id, principal)
        access = require_on(principal, OPEN, cluster, namespace)
        if cluster["is_sandbox"]:
            raise Simulated
        held = self._take_place(principal, cluster, access)
        try:
            client = client_for(cluster["_id"], access.acting)
            found, live = _running(cluster, access, client, wanted)
            place = Place(cluster["_id"], cluster["name"], access, namespace, wanted.pod, found.name)
            if wanted.debug:
                _require_unprotected(principal, cluster, client, place, live, belonging_of)
                found = _debugger(principal, client, place, wanted.debug)
                place = replace(place, container=found.name)
            process = Exec(client, namespace, wanted.pod, found.name, None if found.type == ATTACHED_TYPE else SHELL)
            session = self._begun(process, place, principal, held, wanted.debug)
            if found.type == ATTACHED_TYPE:
                session.write(b"\r")  # its prompt was printed before anybody looked
            return session
        except BaseException:
            held.give_back()
            raise

    def _begun(self, process: Exec, place: Place, principal: Principal, held: Held, image: str) -> Session:
        session = Session(process, place, principal, self._limits)
        try:
            recording.note_opened(session, image)
            with self._lock:
                self._open[session.id] = session
                if self._watching is None:
                    self._watching = threading.Thread(target=self._watch, name="terminals", daemon=True)
                    self._watching.start()
            over = partial(self._over, held)
            threading.Thread(target=partial(session.run, over), name="terminal", daemon=True).start()
        except BaseException:
            with self._lock:
                self._open.pop(session.id, None)
            process.close()
            raise
        return session

    def find(self, principal: Principal, session_id: str) -> Session:
        """A shell that this person opened. Raises NoSuchSession, and as `open`."""
        with self._lock:
            session = self._open.get(session_id)
        if session is None or session.principal.user_id != principal.user_id:
            raise NoSuchSession(session_id)
        _may(principal, session.place)
        return session

    def _take_place(self, principal: Principal, cluster: store.Cluster, access: Access) -> Held:
        """Before anything is asked of the cluster, so that many at once get no more. Raises TooManyAttempts."""
        return self._room.take(
            {
                ("person", principal.user_id): (A_PERSON, f"you have {A_PERSON} shells open; close one and try again"),
                ("team", access.team_id): (A_TEAM, f"your team has {A_TEAM} shells open; close one and try again"),
                ("cluster", cluster["_id"]): (A_CLUSTER, "many shells are open on this cluster; try again later"),
                "all": (IN_ALL, "many shells are open; try again later"),
            }
        )

    def _over(self, held: Held, session: Session) -> None:
        with self._lock:
            self._open.pop(session.id, None)
        held.give_back()
        try:
            recording.note_ended(session)
        except PyMongoError:  # another process says that it was lost
            log.exception("the end of a terminal could not be recorded")

    def _watch(self) -> None:
        """Ask again and again whether each person may still have their shells."""
        known_at: dict[str, float] = {}
        while True:
            time.sleep(RECHECK_S)
            with self._lock:
                sessions = list(self._open.values())
                if not sessions:
                    self._watching = None
                    return
            self._keep(sessions)
            for session in sessions:
                self._check(session, known_at)
            known_at = {one.id: known_at[one.id] for one in sessions if one.id in known_at}

    def _keep(self, sessions: Sequence[Session]) -> None:
        try:
            shells_store.keep([session.id for session in sessions])
        except PyMongoError as error:  # they end soon, if it stays so
            log.warning("that shells are open could not be noted: %s", error)

    def _check(self, session: Session, known_at: dict[str, float]) -> None:
        now = time.monotonic()
        try:
            principal = authentication.refreshed(session.principal)
            if principal is None:
                session.end("revoked")
                return
            _may(principal, session.place)
            session.principal = principal
            known_at[session.id] = now
        except OtherName:
            session.end("changed")
        except KubeOrchError:
            session.end("revoked")
        except (DatabaseError, PyMongoError):
            if now - known_at.setdefault(session.id, now) > UNKNOWN_MOST_S:
                session.end("revoked")


def _running(
    cluster: store.Cluster, access: Access, client: KubeClient, wanted: Wanted
) -> tuple[ContainerLog, Manifest]:
    """The container that is meant, and its pod. Raises NoSuchPod, NoSuchContainer, NotRunning, and what the cluster
    says."""
    container = wanted.container
    with asking(cluster["_id"], access.team_id), checks.evenly(client):
        object_ = client.get(Ref("v1", "Pod", wanted.namespace, wanted.pod))
    if object_ is None:
        raise NoSuchPod("Pod", wanted.pod)
    found = pod_logs(object_)
    chosen = next((one for one in found.containers if one.name == container), None)
    if not container:
        chosen = next((one for one in found.containers if one.type == "container"), None)
    if chosen is None:
        raise NoSuchContainer(container, [one.name for one in found.containers])
    if chosen.state != "running":
        raise NotRunning(chosen.name, chosen.reason)
    return chosen, object_


def _require_unprotected(
    principal: Principal,
    cluster: store.Cluster,
    client: KubeClient,
    place: Place,
    pod: Manifest,
    belonging_of: BelongingOf,
) -> None:
    """Raises ProtectedObject, and what the cluster says of what is above the pod."""
    asked = Asked(cluster["_id"], client, client.allowance(client.limits.question_s))
    with asking(cluster["_id"], place.access.team_id), checks.evenly(client):
        found = environment_of(principal, Ref("v1", "Pod", place.namespace, place.pod), pod, asked, belonging_of)
    require_unprotected(found)


def _debugger(principal: Principal, client: KubeClient, place: Place, image: str) -> ContainerLog:
    """A container of its own beside the one of that place, which is in the audit from the moment that it was added."""
    group = place.access.acting.group if place.access.acting is not None else ""
    name = debugging.added(client, place.namespace, place.pod, place.container, image, group)
    recording.note_debugger(principal, replace(place, container=name), image)
    return debugging.started(client, place.namespace, place.pod, name)


def _may(principal: Principal, place: Place) -> None:
    cluster = store.find(place.cluster_id, principal)
    still_has(principal, OPEN, cluster, place.namespace, place.access)


_sessions = Sessions(Limits())


def sessions() -> Sessions:
    """Those of this process."""
    return _sessions
