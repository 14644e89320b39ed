"""This process's clients of clusters, and how many people may wait for a cluster at once.

A client holds a cluster's credentials and its open connections, so there is one per cluster and process, and none of a
cluster that nobody uses.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from threading import Lock

from bson import ObjectId

from clusters import store
from clusters.addresses import tells_causes
from clusters.credentials import opened
from clusters.domain.credentials import Credentials
from clusters.domain.sharing import Acting
from clusters.domain.ways import Way
from clusters.in_cluster import own_authority, own_token
from clusters.kube.client import KubeClient
from clusters.kube.limits import LIMITS, Limits
from clusters.oidc.tokens import bearer_of
from clusters.reaching import allowed_addresses
from clusters.scope import acting_of_team
from kubeorch.accounts.scope import as_object_id
from kubeorch.base.errors import Unavailable
from kubeorch.base.places import Limit, Places

RECHECK_S = 2.0
"""How long a client is used without asking the database whether its credentials are still the cluster's."""
IDLE_S = 600.0
"""A client that nobody asked for this long is dropped: its cluster may have been deleted by another process."""
ASKING_A_CLUSTER = 6
ASKING_OF_A_TEAM = 5
ASKING_A_CLUSTER_OF_A_TEAM = 4
ASKING = 16
"""People's questions in flight: to one cluster, of one team, both, and all. One team leaves others places at a cluster
that they share, and one silent cluster leaves a team places for its others. The web server has twice as many threads,
and each question ends after Limits.question_s, so that a place is free soon."""
LOOKING_THROUGH_A_CLUSTER = 3
LOOKING_THROUGH_OF_A_TEAM = 2
LOOKING_THROUGH = 4
"""Of these, the ones that read much of a cluster into memory, as a diagnosis does."""


class NotConnected(Unavailable):
    """The cluster has no credentials yet, as a sandbox that is still starting."""

    code = "cluster.not_connected"

    def __init__(self, name: str) -> None:
        super().__init__(f"the cluster {name} is not connected yet; wait until it is ready")


class ClusterBusy(Unavailable):
    """Enough people wait for clusters already: those that are silent must not take every thread of the server."""

    code = "cluster.busy"

    def __init__(self, waiting: str) -> None:
        super().__init__(f"{waiting}; try again in a moment", retry_after_s=2.0)


@dataclass(slots=True)
class _Connection:
    """What this process has of one cluster."""

    used_at: float
    lock: Lock = field(default_factory=Lock)
    """Held while the row is read and a client is built, so that threads that ask together share both."""
    client: KubeClient | None = None
    fingerprint: bytes = b""
    """Of the sealed credentials, and of the authority of this server's own pod, that the client was built from."""
    checked_at: float = 0.0


class Connections:
    """Clients by cluster. Safe to share among threads."""

    def __init__(self, limits: Limits = LIMITS, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._limits = limits
        self._clock = clock
        self._lock = Lock()
        self._by_cluster: dict[ObjectId, _Connection] = {}
        self._places = Places(ClusterBusy)

    def client(self, cluster_id: object) -> KubeClient:
        """The client of a cluster. New credentials, and a deletion, count after RECHECK_S at most.

        Raises NoSuchCluster, NotConnected or Unsealable. Its requests raise AddressRefused when the server's name
        resolves to an address that is not allowed by then.
        """
        key = as_object_id(cluster_id, what="cluster")
        connection = self._connection(key)
        with connection.lock:
            if connection.client is not None and self._clock() - connection.checked_at < RECHECK_S:
                return connection.client
            try:
                connection.client = self._renewed(connection, key)
            except store.NoSuchCluster:
                self.forget(key)
                raise
            connection.checked_at = self._clock()
            return connection.client

    def forget(self, cluster_id: ObjectId) -> None:
        """Have the next caller read the credentials again; requests in flight end by themselves."""
        with self._lock:
            self._by_cluster.pop(cluster_id, None)

    @contextmanager
    def asking(self, cluster_id: ObjectId, team_id: ObjectId, *, looks_through: bool = False) -> Iterator[None]:
        """Hold one of the few places for a question to a cluster by somebody of that team; of the fewer ones for a
        question that `looks_through` much of the cluster.

        Raises ClusterBusy when none is free soon. The places of a team are counted over all clusters, so that one team
        with many silent clusters leaves places to the others.
        """
        through = (
            Limit(
                ("through team", team_id), LOOKING_THROUGH_OF_A_TEAM, "people of your team are looking through clusters"
            ),
            Limit(("through", cluster_id), LOOKING_THROUGH_A_CLUSTER, "other people are looking through this cluster"),
            Limit(("through all", None), LOOKING_THROUGH, "many people are looking through clusters"),
        )
        wanted = (
            *(through if looks_through else ()),
            Limit(
                (cluster_id, team_id),
                ASKING_A_CLUSTER_OF_A_TEAM,
                "people of your team are waiting for an answer from this cluster",
            ),
            Limit(("team", team_id), ASKING_OF_A_TEAM, "people of your team are waiting for answers from clusters"),
            Limit(
                ("cluster", cluster_id), ASKING_A_CLUSTER, "other people are waiting for an answer from this cluster"
            ),
            Limit(("all", None), ASKING, "many people are waiting for answers from clusters"),
        )
        with self._places.held(wanted):
            yield

    def _connection(self, cluster_id: ObjectId) -> _Connection:
        moment = self._clock()
        with self._lock:
            connection = self._by_cluster.setdefault(cluster_id, _Connection(moment))
            connection.used_at = moment
            for idle in [key for key, held in self._by_cluster.items() if moment - held.used_at > IDLE_S]:
                del self._by_cluster[idle]
        return connection

    def _renewed(self, connection: _Connection, cluster_id: ObjectId) -> KubeClient:
        """The client there is when the credentials are the same, else a new one."""
        cluster = store.find(cluster_id)
        authority = own_authority() if cluster["auth"] == Way.IN_CLUSTER else None
        fingerprint = hashlib.sha256(bytes(cluster.get("credentials") or b"") + (authority or b"")).digest()
        if connection.client is not None and connection.fingerprint == fingerprint:
            return connection.client
        credentials = _opened(cluster)
        credentials = replace(credentials, ca_data=authority) if authority is not None else credentials
        client = self.new_client(credentials, is_sandbox=cluster["is_sandbox"])
        connection.fingerprint = fingerprint
        return client

    def new_client(self, credentials: Credentials, *, is_sandbox: bool = False) -> KubeClient:
        """A client of nobody's yet; its connections lead to allowed addresses alone. Close it.

        Raises InvalidInput for certificates and keys that cannot be used.
        """
        return KubeClient(
            credentials,
            limits=self._limits,
            addresses=partial(allowed_addresses, is_sandbox=is_sandbox),
            tells_causes=(lambda: True) if is_sandbox else tells_causes,
            bearer=renewed_token(credentials),
            refused=bearer_of(ObjectId(credentials.sign_in)).refused if credentials.sign_in else None,
        )


def renewed_token(credentials: Credentials) -> Callable[[], str] | None:
    """Gives the token of each request, for credentials whose token is renewed; None for those that hold one."""
    if credentials.sign_in:
        return bearer_of(ObjectId(credentials.sign_in))
    return own_token if credentials.way == Way.IN_CLUSTER else None


_connections = Connections()


def configure(limits: Limits) -> None:
    """Let this process's clients be of these limits from now on."""
    global _connections
    _connections = Connections(limits)


def client_for(cluster_id: object, acting: Acting | None = None) -> KubeClient:
    """As `Connections.client`, of this process; its requests are made in the name of `acting`, where one is given."""
    client = _connections.client(cluster_id)
    return client if acting is None else client.acting_as(acting)


def client_for_team(cluster_id: object, team_id: ObjectId) -> KubeClient:
    """As `client_for`, for what a team does: the API server holds it to what was shared with it, where it can."""
    return client_for(cluster_id, acting_of_team(store.find(cluster_id), team_id))


def new_client(credentials: Credentials) -> KubeClient:
    """As `Connections.new_client`, of this process."""
    return _connections.new_client(credentials)


def forget_client(cluster_id: ObjectId) -> None:
    """As `Connections.forget`, of this process."""
    _connections.forget(cluster_id)


def asking(cluster_id: ObjectId, team_id: ObjectId, *, looks_through: bool = False) -> AbstractContextManager[None]:
    """As `Connections.asking`, of this process."""
    return _connections.asking(cluster_id, team_id, looks_through=looks_through)


def credentials_of(cluster_id: object) -> Credentials:
    """The cluster's credentials, opened. Raises NoSuchCluster, NotConnected or Unsealable."""
    return _opened(store.find(cluster_id))


def _opened(cluster: store.Cluster) -> Credentials:
    credentials = opened(cluster)
    if credentials is None:
        raise NotConnected(cluster["name"])
    return credentials
