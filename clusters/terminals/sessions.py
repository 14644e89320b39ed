"""The shells of this process: opened, found again, counted, and ended when their person may no longer have them."""

from __future__ import annotations

import logging
import threading
import time
from functools import partial
from typing import Any

from django.db import Error as DatabaseError
from pymongo.errors import PyMongoError

from clusters import checks, store
from clusters.connections import asking, client_for
from clusters.domain.logs.containers import PodLogs, pod_logs
from clusters.domain.objects import Ref
from clusters.kube.client import KubeClient
from clusters.kube.exec import Exec
from clusters.pods import NoSuchContainer, NoSuchPod, Simulated
from clusters.scope import require_on
from clusters.terminals.session import Limits, Place, Session
from kubeorch.accounts import authentication
from kubeorch.accounts.principal import Principal
from kubeorch.base.errors import Conflict, KubeOrchError, NotFound
from kubeorch.web import auditing
from kubeorch.web.refusals import TooManyAttempts

log = logging.getLogger(__name__)

OPEN = "terminal.open"
RECHECK_S = 4.0
UNKNOWN_MOST_S = 20.0
"""So long a shell stays open while the database does not say whether its person may still have it."""
A_PERSON, A_CLUSTER, IN_ALL = 10, 40, 100
SHELL = (
    "sh",
    "-c",
    "TERM=xterm-256color; export TERM; "
    "for shell in /bin/bash /usr/bin/bash; do [ -x $shell ] && exec $shell; done; exec sh",
)
ATTACHED_TYPE = "ephemeral"


class NoSuchSession(NotFound):
    code = "terminal.not_found"

    def __init__(self) -> None:
        super().__init__("this shell is not there any more; open a new one")


class NotRunning(Conflict):
    code = "terminal.not_running"

    def __init__(self, container: str, why: str) -> None:
        super().__init__(f"the container {container} is not running{f' ({why})' if why else ''}; wait until it is")


class Sessions:
    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._lock = threading.Lock()
        self._open: dict[str, Session] = {}
        self._watching: threading.Thread | None = None

    def open(self, principal: Principal, cluster_id: object, namespace: str, pod: str, container: str) -> Session:
        """A new shell. Raises what the person is told who may not have it, and what the cluster says."""
        place, client, found = self._place(principal, cluster_id, namespace, pod, container)
        self._check_room(principal, place)
        kind = next(one.type for one in found.containers if one.name == place.container)
        process = Exec(client, namespace, pod, place.container, None if kind == ATTACHED_TYPE else SHELL)
        session = Session(process, place, principal, self._limits)
        _audit(session, "terminal.open", {})
        with self._lock:
            self._open[session.id] = session
            if self._watching is None:
                self._watching = threading.Thread(target=self._watch, name="terminals", daemon=True)
                self._watching.start()
        threading.Thread(target=partial(session.run, self._over), name="terminal", daemon=True).start()
        return session

    def find(self, principal: Principal, session_id: str) -> Session:
        """A shell that this person opened. Raises NoSuchSession, and as `open`."""
        with self._lock:
            session = self._open.get(session_id)
        if session is None or session.principal.user_id != principal.user_id:
            raise NoSuchSession
        _may(principal, session.place)
        return session

    def _place(
        self, principal: Principal, cluster_id: object, namespace: str, pod: str, container: str
    ) -> tuple[Place, KubeClient, PodLogs]:
        cluster = store.find(cluster_id, principal)
        access = require_on(principal, OPEN, cluster, namespace)
        if cluster["is_sandbox"]:
            raise Simulated
        client = client_for(cluster["_id"], access.acting)
        with asking(cluster["_id"], access.team_id), checks.evenly(client):
            object_ = client.get(Ref("v1", "Pod", namespace, pod))
        if object_ is None:
            raise NoSuchPod("Pod", pod)
        found = pod_logs(object_)
        names = [one.name for one in found.containers]
        chosen = next((one for one in found.containers if one.name == container), None)
        if not container:
            chosen = next((one for one in found.containers if one.type == "container"), None)
        if chosen is None:
            raise NoSuchContainer(container, names)
        if chosen.state != "running":
            raise NotRunning(chosen.name, chosen.reason)
        return Place(cluster["_id"], cluster["name"], access.team_id, namespace, pod, chosen.name), client, found

    def _check_room(self, principal: Principal, place: Place) -> None:
        with self._lock:
            sessions = list(self._open.values())
        own = sum(one.principal.user_id == principal.user_id for one in sessions)
        there = sum(one.place.cluster_id == place.cluster_id for one in sessions)
        if own >= A_PERSON:
            raise TooManyAttempts(f"you have {A_PERSON} shells open; close one and try again", retry_after_s=30)
        if there >= A_CLUSTER or len(sessions) >= IN_ALL:
            raise TooManyAttempts("many shells are open on this cluster; try again later", retry_after_s=60)

    def _over(self, session: Session) -> None:
        with self._lock:
            self._open.pop(session.id, None)
        seconds = f"{time.monotonic() - session.opened_at:.0f}"
        try:
            _audit(session, "terminal.close", {"reason": session.reason, "seconds": seconds})
        except PyMongoError:
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
            for session in sessions:
                self._check(session, known_at)
            known_at = {one.id: known_at[one.id] for one in sessions if one.id in known_at}

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
        except KubeOrchError:
            session.end("revoked")
        except (DatabaseError, PyMongoError):
            if now - known_at.setdefault(session.id, now) > UNKNOWN_MOST_S:
                session.end("revoked")


def _may(principal: Principal, place: Place) -> None:
    require_on(principal, OPEN, store.find(place.cluster_id, principal), place.namespace)


def _audit(session: Session, action: str, more: dict[str, Any]) -> None:
    principal, place = session.principal, session.place
    auditing.record(
        action,
        actor_id=principal.user_id,
        actor=principal.email,
        team_id=place.team_id,
        target={**place.as_target(), **more},
    )


_sessions = Sessions(Limits())


def sessions() -> Sessions:
    """Those of this process."""
    return _sessions
