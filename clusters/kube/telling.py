"""Whether errors say what is at a server's address.

Whoever may connect clusters chooses an address and a port, and the server connects to them from where it stands. If the
answer told a port that refuses from one that is silent, speaks no TLS, has another certificate or shows a page, it
would map the network for them. So it does not, unless an administrator named the network or everybody uses KubeOrch on
its own machine (clusters/addresses.py); what an API server says itself, in a Status, is always said. The cause stands
in the log.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from clusters.kube.errors import ApiAnswer, ApiNotFound, ClusterUnavailable, NotKubernetes

log = logging.getLogger(__name__)

WITHHELD = "cluster.unreachable"
UNREACHABLE = (
    "no Kubernetes API server answers at this address in a way that can be trusted; check the server's address and "
    "port, and certificate-authority-data. The exact cause is in the log of this KubeOrch; it is said here once an "
    "administrator names the network in KUBEORCH_CLUSTER_NETWORKS"
)


class Telling:
    """Of one server."""

    def __init__(self, server: str, tells_causes: Callable[[], bool]) -> None:
        self._server = server
        self._tells_causes = tells_causes
        self._logged = ""

    @contextmanager
    def of(self, path: str) -> Iterator[None]:
        """Withholds what a request to that path raises, where it is to be withheld. Families stay what they are, so
        that callers wait and try again as they would."""
        try:
            yield
        except ApiAnswer as error:
            if error.reason or self._tells_causes() or _is_missing_group(error, path):
                raise
            self._log(error.detail)
            if not isinstance(error, ClusterUnavailable):
                raise withheld(NotKubernetes()) from error
            withheld(error)
            raise

    def _log(self, cause: str) -> None:
        """Once for each cause in a row: watches try again for as long as it lasts."""
        if cause != self._logged:
            self._logged = cause
            log.warning("%s: %s", self._server, cause)


def withheld(error: ClusterUnavailable) -> ClusterUnavailable:
    """The same error, which tells nothing."""
    error.code, error.detail, error.problems = WITHHELD, UNREACHABLE, ()
    error.args = (UNREACHABLE,)
    error.status, error.retry_after_s = 0, None
    return error


def _is_missing_group(error: ApiAnswer, path: str) -> bool:
    """An API server says in plain words, not in a Status, that it has no such group of APIs."""
    return isinstance(error, ApiNotFound) and path.startswith("/apis/") and path.count("/") == 3
