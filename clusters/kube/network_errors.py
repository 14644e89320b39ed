"""Failures of the network, of TLS and of HTTP as errors of our families: there was no answer."""

from __future__ import annotations

import ssl
from http.client import IncompleteRead

from urllib3 import exceptions as transport

from clusters.kube.errors import ClusterTimeout, ClusterUnavailable, ClusterUntrusted, NotKubernetes
from kubeorch.base.errors import KubeOrchError

_AUTHORITY = (
    "put the cluster's own certificate authority into the kubeconfig (certificate-authority-data; "
    "kubectl config view --raw --flatten --minify includes it)"
)
_NAME = "use a server address that the certificate names, or set tls-server-name to one of its names"
_UNKNOWN = ("it is signed by an authority that is not known here", _AUTHORITY)
_CERTIFICATES = {
    9: ("it is not valid yet", "check the clocks of both machines"),
    10: ("it has expired", "renew it on the cluster"),
    18: _UNKNOWN,
    19: _UNKNOWN,
    20: _UNKNOWN,
    21: _UNKNOWN,
    62: ("it is for other names", _NAME),
    64: ("it is for other addresses", _NAME),
}
"""By OpenSSL's X509_V_ERR codes: what is wrong, and the cure."""


def network_error(error: BaseException) -> KubeOrchError:
    """The error for a failure of urllib3, TLS or the network: there was no answer."""
    cause: BaseException = error
    for _ in range(5):
        reason = getattr(cause, "reason", None)
        inner = reason if isinstance(reason, BaseException) else cause.__cause__ or cause.__context__
        if isinstance(cause, ssl.SSLError) or inner is None:
            break
        cause = inner
    if isinstance(cause, ssl.SSLCertVerificationError):
        why, cure = _CERTIFICATES.get(cause.verify_code, (cause.verify_message.rstrip("."), _AUTHORITY))
        return ClusterUntrusted(f"the cluster's certificate is not accepted: {why}; {cure}")
    if isinstance(cause, (ssl.SSLEOFError, ssl.SSLZeroReturnError, ssl.SSLSyscallError)):
        # a door in front of it that has nobody behind it just now answers so
        return ClusterUnavailable(
            "the API server closed the connection in the TLS handshake; it may be starting, or not be reachable "
            "behind what answers at this address"
        )
    if isinstance(cause, ssl.SSLError):
        return ClusterUntrusted(
            f"the TLS handshake with the API server failed: {cause.reason or cause}; "
            "check its address and our client certificate"
        )
    is_refused = isinstance(error, transport.NewConnectionError)  # which urllib3 counts among the timeouts
    if not is_refused and isinstance(
        error, (transport.ConnectTimeoutError, transport.ReadTimeoutError, transport.EmptyPoolError)
    ):
        return ClusterTimeout()
    if isinstance(cause, OSError) and cause.strerror:
        return ClusterUnavailable(f"the cluster's API server cannot be reached: {cause.strerror}")
    if isinstance(cause, (ConnectionError, IncompleteRead)) or "prematurely" in str(cause):
        return ClusterUnavailable("the connection to the cluster's API server was cut before its answer was complete")
    return NotKubernetes()  # no HTTP, or HTTP that says two things at once; its words are not repeated
