"""The credentials of a cluster at rest: sealed, and bound to their row and their server's address."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypedDict

from bson import ObjectId

from clusters.domain.credentials import Credentials
from kubeorch.base.seal import seal, unseal


class Sealed(TypedDict):
    """The fields of a cluster that come from its credentials."""

    server: str
    auth: str
    credentials: bytes
    sign_in_id: ObjectId | None
    credentials_id: ObjectId
    """Which credentials, whatever key they are sealed with: what was begun with others does not go on with these."""


def sealed(cluster_id: ObjectId, credentials: Credentials) -> Sealed:
    """The credentials as they are stored with the cluster of that id."""
    blob = seal(credentials.to_bytes(), aad=sealed_for(cluster_id, credentials.server))
    sign_in_id = ObjectId(credentials.sign_in) if credentials.sign_in else None
    return {
        "server": credentials.server,
        "auth": credentials.auth,
        "credentials": blob,
        "sign_in_id": sign_in_id,
        "credentials_id": ObjectId(),
    }


def opened(row: Mapping[str, Any]) -> Credentials | None:
    """The credentials of a row, None when it has none.

    Raises Unsealable when this server's key does not open them, or they were moved here from another row.
    """
    if not row.get("credentials"):
        return None
    return Credentials.from_bytes(unseal(bytes(row["credentials"]), aad=sealed_for(row["_id"], row["server"])))


def sealed_for(cluster_id: ObjectId, server: str) -> str:
    """To what the credentials are bound: the row, and the address that they are sent to."""
    return f"clusters/{cluster_id}/credentials/{server}"
