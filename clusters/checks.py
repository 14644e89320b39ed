"""Asking an API server whether it answers: with credentials that somebody brings, and with those that are stored."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from bson import ObjectId

from clusters import store
from clusters.addresses import AddressRefused
from clusters.connections import asking, client_for, new_client
from clusters.credentials import sealed
from clusters.domain.credentials import Credentials
from clusters.identity import check_same, uid_of
from clusters.kube.client import KubeClient
from clusters.kube.telling import WITHHELD
from kubeorch.base.clock import now
from kubeorch.base.errors import InvalidInput, KubeOrchError

EVEN_S = 0.5
"""By how much a question whose cause is withheld outlasts the longest that a question may take."""


class NotConnectable(InvalidInput):
    """The API server was asked with these credentials and did not answer as it should. Nothing was stored."""

    def __init__(self, error: KubeOrchError) -> None:
        super().__init__(f"not connected: {error.detail}", code=error.code, field="kubeconfig")


def connect(
    cluster: store.Cluster, team_id: ObjectId, credentials: Credentials, *, is_new: bool = True
) -> dict[str, Any]:
    """Ask the API server with new credentials; what is stored of a cluster that answers.

    Raises ClusterBusy, or InvalidInput (NotConnectable) or AnotherCluster, for the field `kubeconfig`, and
    AddressRefused.
    """
    with asking(cluster["_id"], team_id):
        client = new_client(credentials)
        try:
            with evenly(client):
                version = client.version(timeout_s=client.limits.question_s)
                uid = uid_of(client)
        except AddressRefused:
            raise
        except KubeOrchError as error:
            raise NotConnectable(error) from error
        finally:
            client.close()
        if not is_new:
            check_same(cluster, uid, credentials)
    return {**sealed(cluster["_id"], credentials), **_known(uid), **_answered(version)}


def asked(cluster: store.Cluster) -> dict[str, Any]:
    """Ask the API server with the credentials that are stored; the outcome, to be stored."""
    try:
        return _asked(cluster, client_for(cluster["_id"]))
    except KubeOrchError as error:
        return _failed(error)


def asked_by_a_person(cluster: store.Cluster, team_id: ObjectId) -> dict[str, Any]:
    """As `asked`, for somebody of that team who waits. Raises ClusterBusy."""
    with asking(cluster["_id"], team_id):
        try:
            client = client_for(cluster["_id"])
            with evenly(client):
                return _asked(cluster, client)
        except KubeOrchError as error:
            return _failed(error)


@contextmanager
def evenly(client: KubeClient) -> Iterator[None]:
    """Let a question whose cause is withheld take as long whatever the cause, so that the time does not tell it."""
    until = time.monotonic() + client.limits.question_s + EVEN_S
    try:
        yield
    except KubeOrchError as error:
        if error.code == WITHHELD:
            time.sleep(max(0.0, until - time.monotonic()))
        raise


def _asked(cluster: store.Cluster, client: KubeClient) -> dict[str, Any]:
    began = time.monotonic()
    found = _answered(client.version(timeout_s=client.limits.question_s))
    found["latency_ms"] = round((time.monotonic() - began) * 1000)
    if not cluster.get("uid") and not cluster["is_sandbox"]:
        found.update(_known(uid_of(client)))
    return found


def _answered(version: str) -> dict[str, Any]:
    moment = now()
    seen = {"last_checked_at": moment, "last_seen_at": moment}
    return {"state": "ready", "error": None, "version": version[: store.VERSION_MAX], **seen}


def _failed(error: KubeOrchError) -> dict[str, Any]:
    why = store.error(error.code, error.detail)
    return {"state": "failed", "error": why, "last_checked_at": now(), "latency_ms": None}


def _known(uid: str) -> dict[str, str]:
    return {"uid": uid} if uid else {}
