"""What a cluster refuses without having changed anything: the object is as it was before the request."""

from __future__ import annotations

from clusters.domain.labels import ENVIRONMENT_LABEL
from clusters.domain.objects import Ref
from clusters.kube.apply import ForeignObject
from clusters.kube.client import KubeClient
from clusters.kube.errors import ApiForbidden, ApiInvalid, ApiNotFound, FieldConflict, Unauthorized, UnknownKind
from clusters.kube.immutable import ImmutableField
from kubeorch.base.errors import KubeOrchError
from workflows.environments.inventory_store import InventoryRow

REFUSED = (
    *(FieldConflict, ForeignObject, ImmutableField),
    *(ApiForbidden, ApiInvalid, ApiNotFound, Unauthorized, UnknownKind),
)
REFUSED_CODES = frozenset(error.code for error in REFUSED)


def was_never_made(
    client: KubeClient, ref: Ref, row: InventoryRow | None, error: KubeOrchError, environment_id: str
) -> bool:
    """Whether an object that was refused does not exist because of the environment, so that it owns nothing there.

    What cannot be asked counts as made.
    """
    if row is not None and row["uid"] is not None:
        return False
    if isinstance(error, ForeignObject):
        return True
    return isinstance(error, REFUSED) and is_absent(client, ref, environment_id)


def is_absent(client: KubeClient, ref: Ref, environment_id: str) -> bool:
    """Whether there is no such object of the environment; False where that cannot be asked."""
    try:
        return uid_of_ours(client, ref, environment_id) is None
    except (UnknownKind, ApiNotFound):
        return True
    except KubeOrchError:
        return False


def uid_of_ours(client: KubeClient, ref: Ref, environment_id: str) -> str | None:
    """The uid of an object that carries the environment's label; None when there is none. Raises API errors."""
    live = client.get(ref, metadata_only=True)
    labels = (live or {}).get("metadata", {}).get("labels") or {}
    if live is None or labels.get(ENVIRONMENT_LABEL) != environment_id:
        return None
    uid: str = live["metadata"]["uid"]
    return uid
