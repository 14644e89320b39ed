"""Until when the certificates that Secrets hold are valid. Of such a Secret nothing else is kept, above all no key."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Iterable
from datetime import datetime

from cryptography import x509

from clusters.domain.objects import Ref
from clusters.domain.reading import mapping, text
from clusters.kube.allowance import Allowance
from clusters.kube.client import KubeClient
from kubeorch.base.errors import KubeOrchError

SECRETS_MOST = 10
CERTIFICATE_MOST = 64 * 1024
_NAME = re.compile(r"[a-z0-9][a-z0-9.-]{0,252}")


def expiries(
    client_in: Callable[[str], KubeClient], secrets: Iterable[tuple[str, str]], allowance: Allowance
) -> dict[tuple[str, str], datetime]:
    """When the first certificate in each Secret of that (namespace, name) ends; without those that cannot be read.

    `client_in` gives the client for a namespace; all requests share the allowance.
    """
    found = {}
    for namespace, name in list(dict.fromkeys(secrets))[:SECRETS_MOST]:
        if not _NAME.fullmatch(name):
            continue
        client = client_in(namespace)
        try:
            path = client.path_of(Ref("v1", "Secret", namespace, name))
            secret = client.request("GET", path, allowance=allowance)[1]
        except KubeOrchError:
            continue  # without the right to read Secrets nothing is said of certificates
        written = text(mapping(mapping(secret).get("data")).get("tls.crt"))
        if not written or len(written) > CERTIFICATE_MOST:
            continue
        try:
            certificate = x509.load_pem_x509_certificates(base64.b64decode(written, validate=True))[0]
        except (binascii.Error, ValueError, IndexError):
            continue  # the ingress controller says so itself
        found[namespace, name] = certificate.not_valid_after_utc
    return found
