"""A kubeconfig with everything inside, so that it can be copied and works with kubectl as it is."""

from __future__ import annotations

import base64

import yaml

from clusters.sandbox.pki import Pair


def kubeconfig(server: str, authority: Pair, client: Pair, *, name: str = "sandbox") -> str:
    """YAML text: one cluster, one user by certificate, one context, all called `name`."""
    document = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [
            {
                "name": name,
                "cluster": {
                    "server": server,
                    "certificate-authority-data": _encoded(authority.certificate.read_bytes()),
                },
            }
        ],
        "users": [
            {
                "name": name,
                "user": {
                    "client-certificate-data": _encoded(client.certificate.read_bytes()),
                    "client-key-data": _encoded(client.key.read_bytes()),
                },
            }
        ],
        "contexts": [{"name": name, "context": {"cluster": name, "user": name, "namespace": "default"}}],
        "current-context": name,
    }
    return yaml.safe_dump(document, sort_keys=False)


def _encoded(data: bytes) -> str:
    return base64.b64encode(data).decode()
