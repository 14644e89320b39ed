"""What people and processes ask a cluster itself: whether it answers, as what, and with which namespaces."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from clusters import checks, store
from clusters.connecting.giving import credentials_given, field_of, said_of
from clusters.connecting.testing import Report, try_connection
from clusters.connections import asking, client_for
from clusters.kube.errors import ApiForbidden
from clusters.monitoring.looking import looked_at
from clusters.monitoring.noting import note_look
from clusters.questions.named import NamespacesUnlistable, known_namespaces
from clusters.scope import accesses, name_of, namespaces_of, require_on, require_owned
from kubeorch.accounts.principal import Principal
from kubeorch.accounts.scope import choose_team


def try_credentials(principal: Principal, given: Mapping[str, Any]) -> tuple[str, Report]:
    """Try credentials for a new cluster, or for the `cluster` that they are to replace those of; the server's address,
    and what was found. Nothing is stored but a sign-in, for an hour."""
    if given["cluster"]:
        cluster = store.find(given["cluster"], principal)
        team_id = require_owned(principal, "cluster.edit", cluster)
    else:
        cluster, team_id = None, choose_team(principal, "cluster.connect", given["team"])
    with said_of(field_of(given)):
        credentials = credentials_given(principal, team_id, given)
        return credentials.server, try_connection(credentials, team_id, principal, cluster)


def try_cluster(principal: Principal, cluster_id: object) -> store.Cluster:
    """Ask the API server now, for a person; `state`, `error` and `last_checked_at` are the outcome, for everybody.

    Raises NoSuchCluster, Forbidden, or ClusterBusy.
    """
    cluster = store.find(cluster_id, principal)
    team_id = require_on(principal, "cluster.test", cluster).team_id
    found = checks.asked_by_a_person(cluster, team_id)
    return note_look(cluster, found, by=name_of(principal))


def refresh_cluster(principal: Principal, cluster_id: object) -> store.Cluster:
    """As `try_cluster`, with everything that is looked at only now and then: nodes, capacity, what expires, rights."""
    cluster = store.find(cluster_id, principal)
    team_id = require_on(principal, "cluster.test", cluster).team_id
    with asking(cluster["_id"], team_id):
        found = looked_at({**cluster, "sized_at": None})
    return note_look(cluster, found, by=name_of(principal))


def test_cluster(cluster_id: object) -> store.Cluster:
    """Ask the API server for its version, and store the outcome as the cluster's state.

    The page hears of it only when something visible changed.
    """
    cluster = store.find(cluster_id)
    return note_look(cluster, checks.asked(cluster))


def list_namespaces(principal: Principal, cluster_id: object) -> list[str]:
    """Names of the cluster's namespaces that the person may see, sorted; where they may not be listed, those that are
    known otherwise.

    Raises NoSuchCluster, Forbidden, ClusterBusy, and what the cluster says.
    """
    cluster = store.find(cluster_id, principal)
    team_id = require_on(principal, "cluster.read", cluster).team_id
    seen = namespaces_of(principal, cluster)
    client = client_for(cluster["_id"])
    with asking(cluster["_id"], team_id), checks.evenly(client):
        try:
            items, _ = client.list("v1", "Namespace", metadata_only=True, timeout_s=client.limits.question_s)
            names = [item["metadata"]["name"] for item in items]
        except ApiForbidden:
            teams = [way.team_id for way in accesses(principal, cluster)]
            names = list(seen) if seen is not None else known_namespaces(cluster, client, teams)
            if not names and seen is None:
                raise NamespacesUnlistable from None
    return sorted(name for name in names if seen is None or name in seen)
