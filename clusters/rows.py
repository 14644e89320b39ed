"""The shape of a cluster as a document, and of what it holds."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NotRequired, TypedDict

from bson import ObjectId


class ClusterError(TypedDict):
    """Why a cluster failed: a stable code, and a sentence of ERROR_DETAIL_MAX characters at most."""

    code: str
    detail: str


class Size(TypedDict):
    """What a cluster has in all; the capacity of its nodes."""

    nodes: int
    ready: int
    cpu_millicores: int
    memory_bytes: int
    pods: int


class Architecture(TypedDict):
    """How many nodes have one kind of processor, as Kubernetes calls it (`amd64`); "" where they do not say."""

    name: str
    nodes: int


class Expiry(TypedDict):
    """Something of the connection that ends by itself: `server_certificate`, `client_certificate` or `token`."""

    what: str
    at: datetime


class Share(TypedDict):
    """With whom a cluster is shared beside its own team: a team or a person."""

    id: ObjectId
    team_id: ObjectId | None
    user_id: ObjectId | None
    name: str
    """Of the team, or the person's e-mail address, as it was then."""
    role: str
    """`viewer`, `editor` or `operator`; a member of the team has no more than their role there."""
    namespaces: list[str] | None
    """None: those of the team's own environments."""
    unenforced: str
    """Why the API server does not hold it; "" where it does (clusters/sharing/enforcing.py)."""
    created_at: datetime
    created_by: str


class Building(TypedDict):
    """An engine that builds images in a namespace of the cluster, noted by whoever has the engines."""

    engine_id: ObjectId
    namespace: str


class Binding(TypedDict):
    """A RoleBinding that a share has made in a cluster."""

    share_id: ObjectId
    namespace: str
    at: datetime
    """When it may be removed; UTC."""
    tries: NotRequired[int]
    """How often that has failed."""


class Cluster(TypedDict):
    """A document of the collection. Times are UTC with milliseconds."""

    _id: ObjectId
    name: str
    """A DNS label, unique in its team."""
    team_id: ObjectId | None
    """None for the sandbox, which belongs to the instance."""
    shared: bool
    """Every team may use it."""
    is_sandbox: bool
    server: str
    """The API server's address without a slash at its end; "" before it is known."""
    auth: str
    """How it authenticates (Credentials.auth); "" without credentials."""
    sign_in_id: NotRequired[ObjectId | None]
    """The sign-in whose tokens it uses (clusters/oidc), which other clusters of the team may use, too."""
    credentials_id: NotRequired[ObjectId | None]
    """Changes whenever others are given (clusters/credentials.py)."""
    credentials: bytes | None
    """Sealed; bound to this document and to `server`. See clusters/credentials.py."""
    state: str
    """`pending`, `connecting`, `ready` or `failed`."""
    progress: dict[str, Any] | None
    """Of a sandbox that starts: `{phase, step, steps, message, detail}`."""
    error: ClusterError | None
    """While `state` is `failed`."""
    uid: NotRequired[str]
    """Which cluster it is: see clusters/identity.py. Absent, or "", before it could be read."""
    version: str
    """As the API server says it (v1.36.3); "" before it has answered."""
    last_checked_at: datetime | None
    """When the API server was last asked; written without an event when nothing else changed."""
    last_seen_at: NotRequired[datetime | None]
    """When it last answered."""
    latency_ms: NotRequired[int | None]
    """Of the last answer; None when there was none."""
    architectures: NotRequired[list[Architecture]]
    """Of the nodes that run Linux, as they were seen last."""
    size: NotRequired[Size | None]
    """None where the credentials may not see nodes."""
    expires: NotRequired[list[Expiry]]
    sized_at: NotRequired[datetime | None]
    """When `size`, `expires` and `impersonates` were last looked at."""
    impersonates: NotRequired[bool]
    """Its credentials can let the API server hold others to what was shared with them."""
    next_look_at: NotRequired[datetime]
    """Whose turn it is (clusters/monitoring)."""
    labels: NotRequired[dict[str, str]]
    is_default: NotRequired[bool]
    """The one that the pages of its team propose first."""
    prometheus: NotRequired[str]
    """Where its Prometheus server is (clusters/domain/prometheus.py); "" without one."""
    prometheus_labels: NotRequired[str]
    """By which a Prometheus server that has several clusters knows this one: cluster=east."""
    shares: NotRequired[list[Share]]
    building: NotRequired[list[Building]]
    """Where images are built (clusters/building.py)."""
    bindings_left: NotRequired[list[Binding]]
    """Of shares, to be removed: those that a share no longer has, and those that are made before their share is."""
    shares_kept_at: NotRequired[datetime]
    """When the API server's bindings were last compared with the shares."""
    created_at: datetime
    created_by_id: ObjectId | None
    updated_at: datetime
    rev: int
    """Grows by one with every event."""
