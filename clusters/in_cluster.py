"""The service account of the pod in which this server runs, where it runs in a cluster.

Source: Kubernetes docs, "Accessing the Kubernetes API from a Pod": the environment names the API server; token and
certificate authority lie in a folder, where the token is replaced before it expires.
"""

from __future__ import annotations

import os
from pathlib import Path

from django.conf import settings

from clusters.domain.credentials import Credentials
from clusters.domain.ways import CredentialsInvalid, Way
from kubeorch.base.errors import Unavailable

TOKEN_MOST = 16_384
AUTHORITY_MOST = 1_000_000


class NoOwnToken(Unavailable):
    """The pod's token cannot be read any more."""

    code = "cluster.no_own_token"

    def __init__(self) -> None:
        super().__init__(
            "the service account token of this server's own pod cannot be read; run it in the cluster, with "
            "automountServiceAccountToken, or connect the cluster with credentials of its own"
        )


def is_inside() -> bool:
    """Whether this server runs in a cluster, as a service account."""
    return bool(os.environ.get("KUBERNETES_SERVICE_HOST")) and (_folder() / "token").is_file()


def own_credentials() -> Credentials:
    """Those of this server's own pod; its token is read anew for each request. Raises CredentialsInvalid."""
    if not is_inside():
        raise CredentialsInvalid("way", "this server does not run in a cluster; choose another way to connect")
    host, port = os.environ["KUBERNETES_SERVICE_HOST"], os.environ.get("KUBERNETES_SERVICE_PORT", "443")
    return Credentials(
        server=f"https://{f'[{host}]' if ':' in host else host}:{port}",
        ca_data=own_authority(),
        way=Way.IN_CLUSTER,
    )


def own_authority() -> bytes | None:
    """As it is now: the kubelet puts a new authority of the cluster beside the old one long before it counts. None
    where it cannot be read, so that what is stored goes on."""
    try:
        with (_folder() / "ca.crt").open("rb") as file:
            found = file.read(AUTHORITY_MOST)
    except OSError:
        return None
    return found if found.isascii() and found.strip() else None


def own_token() -> str:
    """As it is now: the kubelet replaces it. Raises NoOwnToken."""
    try:
        with (_folder() / "token").open(encoding="ascii") as file:
            token = file.read(TOKEN_MOST).strip()
    except (OSError, ValueError) as error:
        raise NoOwnToken from error
    if not token:
        raise NoOwnToken
    return token


def _folder() -> Path:
    return Path(settings.SERVICE_ACCOUNT)
