"""What an API server answered: JSON as dicts, and refusals as errors."""

from __future__ import annotations

from collections.abc import Mapping

from clusters.domain.objects import Manifest
from clusters.domain.ownership.sound import make_sound
from clusters.kube.decoding import document
from clusters.kube.errors import NOT_KUBERNETES, ClusterUnavailable, NothingServed, NotKubernetes, error_from_status
from kubeorch.base.errors import KubeOrchError

NO_SUCH_PATH = b"404 page not found"


def parsed(data: bytes) -> Manifest:
    """The object of an answer; {} for an empty one. Raises NotKubernetes."""
    body = document(data) if data else {}
    if not isinstance(body, dict):
        raise NotKubernetes
    make_sound(body)
    return body


def refusal(status: int, data: bytes, path: str, name: str, retry_s: float | None) -> KubeOrchError:
    """The error for an answer of 300 and above. `retry_s` is what its Retry-After says."""
    try:
        body = document(data)
    except ClusterUnavailable:
        body = None
    if not isinstance(body, dict) or body.get("kind") != "Status":
        # Nothing of it is shown: it may be a page of something else inside the network. A path that an API server does
        # not know is the one answer that it gives in plain words.
        if status == 404 and data.strip() != NO_SUCH_PATH:
            return NotKubernetes()
        if status == 404:
            return NothingServed("the cluster serves nothing at this path", status=404)
        body = {"message": NOT_KUBERNETES}
    return error_from_status(
        status,
        body,
        name=name,
        secret="/secrets" in path,
        retry_after_s=retry_s,
    )


def retry_after_s(headers: Mapping[str, str]) -> float | None:
    """Seconds from Retry-After; the API server sends whole seconds, never a date."""
    value = headers.get("Retry-After")
    try:
        return float(value) if value else None
    except ValueError:
        return None
