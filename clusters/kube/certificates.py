"""Until when the certificates that Secrets hold are valid. Of such a Secret nothing else is kept, above all no key."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable
from datetime import datetime

from cryptography import x509

from clusters.domain.objects import Ref
from clusters.domain.reading import mapping, text
from clusters.kube.client import KubeClient
from kubeorch.base.errors import KubeOrchError

SECRETS_MOST = 10
CERTIFICATE_MOST = 64 * 1024


def expiries(client: KubeClient, secrets: Iterable[tuple[str, str]]) -> dict[tuple[str, str], datetime]:
    """When the first certificate in each Secret of that (namespace, name) ends; without those that cannot be read."""
    found = {}
    for namespace, name in list(dict.fromkeys(secrets))[:SECRETS_MOST]:
        try:
            secret = client.get(Ref("v1", "Secret", namespace, name))
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
