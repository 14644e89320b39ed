"""What people do with places in clusters where images are built."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Mapping
from typing import Any

from bson import ObjectId
from pymongo.client_session import ClientSession

from builds.domain.engines import EngineInvalid, engine_of_service
from builds.engines.cluster.testing import try_place
from builds.engines.services import actions, store
from builds.engines.services.nature import nature_in
from builds.engines.services.steps import Report
from builds.engines.services.store import InCluster, Service
from clusters import building
from clusters import store as cluster_store
from clusters.connections import asking
from clusters.domain.namespaces import RESERVED_NAMESPACES
from clusters.rows import Cluster
from kubeorch.accounts.principal import Principal
from kubeorch.accounts.scope import require, require_instance_admin
from kubeorch.mongo.transaction import run_in_transaction
from workflows.environments import questions as environment_questions

TRIAL = "trial"


def try_given(principal: Principal, given: Mapping[str, Any]) -> Report:
    """Try a place that is not stored. The namespace stays where it was made. Raises EngineInvalid and others, as
    `place_for`."""
    team_id, place = place_for(principal, given)
    return _tried(place, team_id or ObjectId(principal.user_id), _name(place, principal.user_id), TRIAL)


def try_row(row: Service) -> Report:
    """Try a stored one. Raises NoSuchEngine."""
    since = time.monotonic()

    def hold(session: ClientSession) -> None:
        store.hold(engine_of_service(row["_id"]), session)
        hold_place(row["cluster"], row["_id"], session)

    try:
        run_in_transaction(hold)
    except EngineInvalid as error:  # it was stored before others were kept out
        report = Report()
        report.note("namespace", "failed", error.detail, since, error.code)
        return report
    engine, asker = str(row["_id"]), row["team_id"] or row["_id"]
    return _tried(row["cluster"], asker, _name(row["cluster"], engine), engine, nature_in(row).architecture)


def add_in_cluster(principal: Principal, given: Mapping[str, Any]) -> Service:
    """It is tried first, and one that does not work is not stored.

    Raises as `place_for`, EngineNotWorking, EngineNameTaken or TooManyEngines.
    """
    team_id, place = place_for(principal, given)
    report = try_given(principal, given)
    if report.failure is not None:
        raise actions.EngineNotWorking(report, "mode")
    row = actions.new_row(principal, team_id, given, report)
    row["cluster"] = place
    return actions.insert(row, lambda session: hold_place(place, row["_id"], session))


def hold_place(place: InCluster, engine_id: ObjectId, session: ClientSession) -> None:
    """Have nobody disconnect the cluster before this transaction has ended, and nobody else come into the namespace
    while the engine is there. Raises NoSuchCluster and EngineInvalid."""
    cluster = building.note(place["cluster_id"], engine_id, place["namespace"], session)
    require_alone(cluster, place["namespace"], session)


def require_alone(cluster: Cluster, namespace: str, session: ClientSession | None = None) -> None:
    """Raises EngineInvalid."""
    if words := _taken(cluster, namespace, session):
        raise EngineInvalid(f"{words}; choose another one", field="namespace")


def place_for(principal: Principal, given: Mapping[str, Any]) -> tuple[ObjectId | None, InCluster]:
    """Whose the engine is (None: the instance's), and where. A cluster builds for the team that owns it, or, where an
    administrator of the instance says so, for all.

    Raises NoSuchCluster, Forbidden, EngineInvalid.
    """
    cluster = cluster_store.find(given["cluster"], principal)
    if given["instance"]:
        require_instance_admin(principal)
    if cluster["team_id"] is None:
        raise EngineInvalid("the built-in cluster runs no containers; choose another one", field="cluster")
    require(principal, "engine.edit", cluster["team_id"])
    require_alone(cluster, given["namespace"])
    place: InCluster = {
        "cluster_id": cluster["_id"],
        "namespace": given["namespace"],
        "mode": given["mode"],
        "memory_mib": given["memory_mib"],
        "disk_mib": given["disk_mib"],
        "pull_secret": given["pull_secret"],
    }
    return (None if given["instance"] else cluster["team_id"]), place


def _taken(cluster: Cluster, namespace: str, session: ClientSession | None) -> str:
    """Why builds may not be in a namespace; "" where they may. Whoever may enter their pods sees what they use."""
    if namespace in RESERVED_NAMESPACES:
        return "this namespace belongs to the cluster itself"
    for share in cluster.get("shares") or ():
        if namespace in (share["namespaces"] or ()):
            return f"this namespace is shared with {share['name']}, who would see what builds use"
    if namespace in environment_questions.namespaces_on(cluster["_id"], session=session):
        return "an environment is in this namespace, and those who work on it would see what builds use"
    return ""


def _tried(place: InCluster, asker: ObjectId, name: str, engine: str, architecture: str = "") -> Report:
    with asking(place["cluster_id"], asker):
        return try_place(place, engine, name, architecture)


def _name(place: InCluster, who: str) -> str:
    """Of the Job of a trial: the next trial of the same place by the same person takes it over."""
    said = f"{place['cluster_id']}/{place['namespace']}/{place['mode']}/{who}"
    return f"build-trial-{hashlib.sha256(said.encode()).hexdigest()[:16]}"
